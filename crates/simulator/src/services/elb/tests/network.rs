//! Network load balancers: what they are made of, whom they take for healthy, and what becomes of a connection.

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{START_MS, arn, call, ok, told, world};
use crate::base::visit::Visit;
use crate::services::elb::Answers;
use crate::{Millis, World};

const ACTIVE_MS: Millis = START_MS + 180_000;

struct Stage {
    world: World,
    balancer: String,
    name: String,
}

/// One subnet; active three minutes later at the latest.
fn stage() -> Stage {
    let mut world = world();
    let input = json!({ "Name": "wire", "Type": "network", "Scheme": "internal", "SubnetMappings": [
        { "SubnetId": "subnet-1", "PrivateIPv4Address": "10.0.0.9" }] });
    let made = ok(&mut world, "CreateLoadBalancer", input);
    Stage {
        balancer: arn(&made, "/LoadBalancers/0/LoadBalancerArn"),
        name: arn(&made, "/LoadBalancers/0/DNSName"),
        world,
    }
}

impl Stage {
    fn group(&mut self, name: &str, settings: Value) -> Value {
        let mut input =
            json!({ "Name": name, "Port": "5432", "VpcId": "vpc-1", "TargetType": "ip" });
        for (key, value) in settings.as_object().expect("settings") {
            input[key] = value.clone();
        }
        ok(&mut self.world, "CreateTargetGroup", input)["TargetGroups"][0].clone()
    }

    fn listener(&self, group: &Value, protocol: &str) -> Value {
        json!({
            "LoadBalancerArn": self.balancer, "Protocol": protocol, "Port": "443",
            "DefaultActions": [{ "Type": "forward", "TargetGroupArn": group["TargetGroupArn"] }],
        })
    }

    /// A group behind a TCP listener.
    fn served(&mut self, settings: Value) -> Value {
        let group = self.group("db", settings);
        let listener = self.listener(&group, "TCP");
        ok(&mut self.world, "CreateListener", listener)["Listeners"][0].clone()
    }

    fn register(&mut self, answers: Answers) {
        self.world
            .register_target(&"db".into(), 7, "10.0.0.7", 5432, answers);
    }
}

fn texts(of: &Value, names: &[&str]) -> Vec<String> {
    let text = |name: &&str| match &of[*name] {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    names.iter().map(text).collect()
}

#[test]
fn its_name_has_the_id_of_its_arn_and_a_subnet_may_have_an_address() {
    let mut stage = stage();
    let id = stage.balancer.rsplit('/').next().unwrap();
    assert_eq!(stage.name, format!("wire-{id}.elb.sa-east-1.amazonaws.com"));
    assert!(stage.balancer.contains(":loadbalancer/net/wire/"));
    let told = ok(
        &mut stage.world,
        "DescribeLoadBalancers",
        json!({ "Names": ["wire"] }),
    );
    let told = &told["LoadBalancers"][0];
    assert_eq!(told["Type"], "network");
    let zone = &told["AvailabilityZones"][0]["LoadBalancerAddresses"];
    assert_eq!(zone[0]["PrivateIPv4Address"], "10.0.0.9");
    // It has no security group, and never gets one.
    assert_eq!(told["SecurityGroups"].as_array().map(Vec::len), Some(0));
    let arn = stage.balancer.clone();
    let given = json!({ "LoadBalancerArn": arn, "SecurityGroups": ["sg-1"] });
    let refused = call(&mut stage.world, "SetSecurityGroups", given).unwrap_err();
    assert_eq!(refused.code, "InvalidConfigurationRequest");
    let told = ok(
        &mut stage.world,
        "DescribeLoadBalancerAttributes",
        json!({ "LoadBalancerArn": arn }),
    );
    let cross = told["Attributes"].as_array().unwrap().iter();
    let mut cross = cross.filter(|it| it["Key"] == "load_balancing.cross_zone.enabled");
    assert_eq!(cross.next().unwrap()["Value"], "false");
}

#[rstest]
#[case(json!({ "Protocol": "TCP" }), "TCP 10 - -")]
#[case(json!({ "Protocol": "TLS" }), "TCP 10 - -")]
#[case(json!({ "Protocol": "UDP" }), "TCP 10 - -")]
#[case(json!({ "Protocol": "TCP", "HealthCheckProtocol": "HTTP" }), r#"HTTP 6 / {"HttpCode":"200-399"}"#)]
#[case(json!({ "Protocol": "TCP", "HealthCheckProtocol": "HTTPS", "HealthCheckPath": "/up" }), r#"HTTPS 10 /up {"HttpCode":"200-399"}"#)]
fn checks_are_connections_unless_it_is_said(#[case] settings: Value, #[case] expected: &str) {
    let group = stage().group("db", settings);
    let names = [
        "HealthCheckProtocol",
        "HealthCheckTimeoutSeconds",
        "HealthCheckPath",
        "Matcher",
    ];
    assert_eq!(texts(&group, &names).join(" "), expected);
    assert_eq!(texts(&group, &["ProtocolVersion"]), ["-"]);
}

#[rstest]
#[case("HTTP", json!({ "Protocol": "TCP" }), "ValidationError: Listener protocol 'HTTP' must be one of 'TLS, TCP, TCP_UDP, UDP'")]
#[case("TCP", json!({ "Protocol": "HTTP" }), "IncompatibleProtocols: The listener and its associated target group '{group}' have incompatible protocols")]
#[case("TCP", json!({ "Protocol": "UDP" }), "IncompatibleProtocols: The listener and its associated target group '{group}' have incompatible protocols")]
#[case("TLS", json!({ "Protocol": "TCP" }), "ValidationError: A certificate must be specified for TLS listeners")]
fn what_cannot_be_carried_is_refused(
    #[case] protocol: &str,
    #[case] settings: Value,
    #[case] expected: &str,
) {
    let mut stage = stage();
    let group = stage.group("db", settings);
    let listener = stage.listener(&group, protocol);
    let refused = call(&mut stage.world, "CreateListener", listener).unwrap_err();
    let expected = expected.replace("{group}", group["TargetGroupArn"].as_str().unwrap());
    assert_eq!(refused.to_string(), expected);
}

#[test]
fn groups_check_what_their_checks_can_be() {
    for (settings, expected) in [
        (
            json!({ "Protocol": "HTTP", "HealthCheckProtocol": "TCP" }),
            "Health check protocol 'TCP' is not supported for target groups with protocol 'HTTP'",
        ),
        (
            json!({ "Protocol": "TCP", "HealthCheckProtocol": "TLS" }),
            "Health check protocol 'TLS' is not supported for target groups with protocol 'TCP'",
        ),
        (
            json!({ "Protocol": "TCP", "HealthCheckPath": "/up" }),
            "Health check path is not supported for health checks with protocol 'TCP'",
        ),
        (
            json!({ "Protocol": "TCP", "ProtocolVersion": "HTTP2" }),
            "Protocol version 'HTTP2' is not supported for target groups with protocol 'TCP'",
        ),
    ] {
        let mut input =
            json!({ "Name": "db", "Port": "5432", "VpcId": "vpc-1", "TargetType": "ip" });
        for (key, value) in settings.as_object().unwrap() {
            input[key] = value.clone();
        }
        let refused = call(&mut stage().world, "CreateTargetGroup", input).unwrap_err();
        assert_eq!(refused.message, expected);
    }
}

#[test]
fn it_has_no_rules_and_only_forwards() {
    let mut stage = stage();
    let listener = stage.served(json!({ "Protocol": "TCP" }));
    let rule = json!({
        "ListenerArn": listener["ListenerArn"], "Priority": "1",
        "Conditions": [{ "Field": "path-pattern", "Values": ["/*"] }],
        "Actions": listener["DefaultActions"],
    });
    let refused = call(&mut stage.world, "CreateRule", rule).unwrap_err();
    assert_eq!(refused.code, "OperationNotPermitted");
    let fixed = json!({ "ListenerArn": listener["ListenerArn"], "DefaultActions": [
        { "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "404" } }] });
    let refused = call(&mut stage.world, "ModifyListener", fixed).unwrap_err();
    assert_eq!(refused.code, "InvalidLoadBalancerAction");
}

/// An app that answers every request with 503 takes connections: only a check that asks something hears it.
#[rstest]
#[case::a_connection(json!({ "Protocol": "TCP" }), "10.0.0.7 healthy -")]
#[case::a_request(json!({ "Protocol": "TCP", "HealthCheckProtocol": "HTTP" }), "10.0.0.7 unhealthy Target.FailedHealthChecks")]
fn whom_it_takes_for_healthy(#[case] settings: Value, #[case] expected: &str) {
    let mut stage = stage();
    stage.served(settings);
    stage.register(Answers {
        ready_ms: Some(0),
        bad_from_ms: Some(0),
        status: 200,
    });
    stage.world.advance(START_MS + 120_000);
    assert_eq!(told(&mut stage.world, "db", &["10.0.0.7"]), [expected]);
}

#[test]
fn nobody_listens_is_one_reason_too() {
    let mut stage = stage();
    stage.served(json!({ "Protocol": "TCP" }));
    stage.register(Answers::NEVER);
    stage.world.advance(START_MS + 120_000);
    let told = told(&mut stage.world, "db", &["10.0.0.7"]);
    assert_eq!(told, ["10.0.0.7 unhealthy Target.FailedHealthChecks"]);
}

#[test]
fn a_connection_that_comes_to_nobody_is_no_answer_and_no_request() {
    let mut stage = stage();
    stage.served(json!({ "Protocol": "TCP" }));
    stage.world.advance(ACTIVE_MS);
    let visit = Visit::get(&stage.name, "/");
    let reply = stage.world.answer_viewer(&visit).expect("its host");
    let why = (
        "x-backstay-fetch-error".to_owned(),
        "connection-refused".to_owned(),
    );
    assert_eq!((reply.status, reply.headers), (502, vec![why]));
    let asked = json!({ "MetricName": "RequestCount" });
    let metrics = crate::front::ask(
        &mut stage.world,
        crate::front::Service::CloudWatch,
        "ListMetrics",
        &asked,
    );
    let metrics = metrics.expect("metrics");
    assert_eq!(metrics["Metrics"].as_array().map(Vec::len), Some(0));
}

#[test]
fn its_hosts_are_counted_in_its_own_namespace() {
    let mut stage = stage();
    let listener = stage.served(json!({ "Protocol": "TCP" }));
    stage.register(Answers {
        ready_ms: Some(0),
        bad_from_ms: None,
        status: 200,
    });
    stage.world.advance(ACTIVE_MS);
    let asked = json!({ "Namespace": "AWS/NetworkELB" });
    let metrics = crate::front::ask(
        &mut stage.world,
        crate::front::Service::CloudWatch,
        "ListMetrics",
        &asked,
    );
    let metrics = metrics.expect("metrics");
    let names: Vec<&str> = metrics["Metrics"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|metric| metric["MetricName"].as_str())
        .collect();
    assert_eq!(names, ["HealthyHostCount", "UnHealthyHostCount"]);
    assert!(
        listener["ListenerArn"]
            .as_str()
            .unwrap()
            .contains(":listener/net/wire/")
    );
}
