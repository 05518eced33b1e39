//! What can be made, changed and removed, and what follows.

use serde_json::{Value, json};

use super::stage::{arn, call, ok, register, state, world};
use crate::World;
use crate::services::elb::TargetState;

fn group(name: &str) -> Value {
    json!({ "Name": name, "Protocol": "HTTP", "Port": "8000", "VpcId": "vpc-1", "TargetType": "ip" })
}

#[test]
fn a_target_group_has_aws_defaults_and_is_made_once() {
    let mut world = world();
    let made = ok(&mut world, "CreateTargetGroup", group("api"));
    let found = &made["TargetGroups"][0];
    for (member, expected) in [
        ("HealthCheckIntervalSeconds", json!(30)),
        ("HealthCheckTimeoutSeconds", json!(6)),
        ("HealthyThresholdCount", json!(5)),
        ("UnhealthyThresholdCount", json!(2)),
        ("HealthCheckPath", json!("/")),
        ("HealthCheckPort", json!("traffic-port")),
        ("Matcher", json!({ "HttpCode": "200" })),
        ("ProtocolVersion", json!("HTTP1")),
    ] {
        assert_eq!(found[member], expected, "{member}");
    }
    assert_eq!(
        ok(&mut world, "CreateTargetGroup", group("api")),
        made,
        "the same request twice"
    );
    let attributes = ok(
        &mut world,
        "DescribeTargetGroupAttributes",
        json!({ "TargetGroupArn": found["TargetGroupArn"] }),
    );
    let delay = json!({ "Key": "deregistration_delay.timeout_seconds", "Value": "300" });
    assert!(
        attributes["Attributes"]
            .as_array()
            .unwrap()
            .contains(&delay)
    );
    let https = json!({ "Name": "tls", "Protocol": "HTTPS", "Port": 443, "VpcId": "vpc-1" });
    let made = ok(&mut world, "CreateTargetGroup", https);
    assert_eq!(made["TargetGroups"][0]["HealthCheckTimeoutSeconds"], 10);
    assert_eq!(made["TargetGroups"][0]["TargetType"], "instance");
}

#[test]
fn whoever_loses_its_listener_is_unused_and_can_go() {
    let mut world = world();
    register(&mut world, "blue", 1);
    let balancer = world.elb.balancers[0].arn.clone();
    let listener = world.elb.balancers[0].listeners[0].arn.clone();
    let blue = world.elb.groups["blue"].arn.clone();
    let told = ok(
        &mut world,
        "DescribeTargetGroups",
        json!({ "LoadBalancerArn": balancer }),
    );
    assert_eq!(told["TargetGroups"].as_array().unwrap().len(), 1);
    ok(
        &mut world,
        "DeleteListener",
        json!({ "ListenerArn": listener }),
    );
    assert_eq!(state(&world, "blue", 1), TargetState::Unused);
    ok(
        &mut world,
        "DeleteTargetGroup",
        json!({ "TargetGroupArn": blue }),
    );
    ok(
        &mut world,
        "DeleteTargetGroup",
        json!({ "TargetGroupArn": blue }),
    );
    ok(
        &mut world,
        "DeleteLoadBalancer",
        json!({ "LoadBalancerArn": balancer }),
    );
    ok(
        &mut world,
        "DeleteLoadBalancer",
        json!({ "LoadBalancerArn": balancer }),
    );
    assert!(world.elb.balancers.is_empty());
}

#[test]
fn a_rule_changes_only_in_what_is_named() {
    let mut world = world();
    let rule = world.elb.balancers[0].listeners[0].rules[0].arn.clone();
    let [blue, green] = ["blue", "green"].map(|name| world.elb.groups[name].arn.clone());
    let forward = json!([{ "Type": "forward", "ForwardConfig": {
        "TargetGroups": [{ "TargetGroupArn": blue, "Weight": "9" }, { "TargetGroupArn": green, "Weight": "1" }],
        "TargetGroupStickinessConfig": { "Enabled": "true", "DurationSeconds": "60" } } }]);
    let told = ok(
        &mut world,
        "ModifyRule",
        json!({ "RuleArn": rule, "Actions": forward }),
    );
    let told = &told["Rules"][0];
    assert_eq!(told["Conditions"][0]["Values"], json!(["/web/*"]));
    assert_eq!(
        told["Actions"][0]["TargetGroupArn"],
        Value::Null,
        "only one group is told at the top"
    );
    assert_eq!(
        told["Actions"][0]["ForwardConfig"]["TargetGroups"][1]["Weight"],
        1
    );
    let conditions = json!([{ "Field": "host-header", "Values": ["a.example.com"] }]);
    let told = ok(
        &mut world,
        "ModifyRule",
        json!({ "RuleArn": rule, "Conditions": conditions }),
    );
    assert_eq!(
        told["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"][0]["Weight"],
        9
    );
    assert!(world.elb.in_use("green"));
}

#[test]
fn a_listener_changes_its_protocol_with_its_certificate() {
    let mut world = world();
    let listener = world.elb.balancers[0].listeners[0].arn.clone();
    let change = |world: &mut World, what: Value| {
        let mut input = what;
        input["ListenerArn"] = json!(listener);
        call(world, "ModifyListener", input).map(|it| it["Listeners"][0].clone())
    };
    let http = change(&mut world, json!({ "Protocol": "HTTP", "Port": "80" })).unwrap();
    assert_eq!(
        (&http["SslPolicy"], &http["Certificates"]),
        (&Value::Null, &Value::Null)
    );
    let error = change(&mut world, json!({ "Protocol": "HTTPS" })).unwrap_err();
    assert_eq!(
        error.message,
        "A certificate must be specified for HTTPS listeners"
    );
    let certificate = |number: u32| json!([{ "CertificateArn": format!("arn:aws:acm:sa-east-1:1:certificate/{number}") }]);
    let https = change(
        &mut world,
        json!({ "Protocol": "HTTPS", "Certificates": certificate(1) }),
    )
    .unwrap();
    assert_eq!(https["SslPolicy"], "ELBSecurityPolicy-2016-08");
    let more = json!({ "ListenerArn": listener, "Certificates": certificate(2) });
    ok(&mut world, "AddListenerCertificates", more.clone());
    let told = ok(
        &mut world,
        "DescribeListenerCertificates",
        json!({ "ListenerArn": listener }),
    );
    let default: Vec<bool> = told["Certificates"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it["IsDefault"].as_bool())
        .collect();
    assert_eq!(default, [true, false]);
    ok(&mut world, "RemoveListenerCertificates", more);
    let same = json!({ "ListenerArn": listener, "Certificates": certificate(1) });
    ok(&mut world, "AddListenerCertificates", same.clone());
    assert_eq!(world.elb.listener(&listener).unwrap().certificates.len(), 2);
    ok(&mut world, "RemoveListenerCertificates", same.clone());
    assert_eq!(
        call(&mut world, "RemoveListenerCertificates", same)
            .unwrap_err()
            .code,
        "OperationNotPermitted"
    );
}

#[test]
fn attributes_settings_and_tags_are_kept() {
    let mut world = world();
    let balancer = world.elb.balancers[0].arn.clone();
    let change = json!({ "LoadBalancerArn": balancer, "Attributes": [{ "Key": "idle_timeout.timeout_seconds", "Value": "30" }] });
    let told = ok(&mut world, "ModifyLoadBalancerAttributes", change);
    let set = json!({ "Key": "idle_timeout.timeout_seconds", "Value": "30" });
    assert!(told["Attributes"].as_array().unwrap().contains(&set));
    ok(
        &mut world,
        "SetSecurityGroups",
        json!({ "LoadBalancerArn": balancer, "SecurityGroups": ["sg-9"] }),
    );
    ok(
        &mut world,
        "SetSubnets",
        json!({ "LoadBalancerArn": balancer, "Subnets": ["subnet-8", "subnet-9"] }),
    );
    ok(
        &mut world,
        "SetIpAddressType",
        json!({ "LoadBalancerArn": balancer, "IpAddressType": "dualstack" }),
    );
    let told = ok(
        &mut world,
        "DescribeLoadBalancers",
        json!({ "Names": ["front"] }),
    );
    let told = &told["LoadBalancers"][0];
    assert_eq!(
        (&told["SecurityGroups"], &told["IpAddressType"]),
        (&json!(["sg-9"]), &json!("dualstack"))
    );
    assert_eq!(told["AvailabilityZones"][1]["SubnetId"], "subnet-9");
    let rule = world.elb.balancers[0].listeners[0].rules[0].arn.clone();
    let both = json!([balancer, rule]);
    ok(
        &mut world,
        "AddTags",
        json!({ "ResourceArns": both, "Tags": [{ "Key": "team", "Value": "cats" }, { "Key": "empty" }] }),
    );
    ok(
        &mut world,
        "RemoveTags",
        json!({ "ResourceArns": [balancer], "TagKeys": ["empty"] }),
    );
    let told = ok(&mut world, "DescribeTags", json!({ "ResourceArns": both }));
    assert_eq!(
        told["TagDescriptions"][0]["Tags"],
        json!([{ "Key": "team", "Value": "cats" }])
    );
    assert_eq!(
        told["TagDescriptions"][1]["Tags"][0],
        json!({ "Key": "empty", "Value": "" })
    );
    let _ = arn(&told, "/TagDescriptions/1/ResourceArn");
}
