//! What is refused, with which code and which words.

use serde_json::{Value, json};

use super::stage::{call, ok, world};

/// Operation, input and the refusal, where `{balancer}`, `{listener}`, `{rule}`, `{default}`, `{blue}` and `{green}` stand for ARNs.
const ROWS: [(&str, &str, &str); 33] = [
    (
        "CreateTargetGroup",
        r#"{"Name":"blue","Protocol":"HTTP","Port":1,"VpcId":"vpc-1"}"#,
        "DuplicateTargetGroupName: A target group with the same name 'blue' exists, but with different settings",
    ),
    (
        "CreateTargetGroup",
        r#"{"Name":"-x","Protocol":"HTTP","Port":1,"VpcId":"vpc-1"}"#,
        "ValidationError: Target group name '-x' cannot begin or end with '-'",
    ),
    (
        "CreateTargetGroup",
        r#"{"Name":"a123456789012345678901234567890123","Protocol":"HTTP","Port":1,"VpcId":"vpc-1"}"#,
        "ValidationError: Target group name 'a123456789012345678901234567890123' cannot be longer than '32' characters",
    ),
    (
        "CreateTargetGroup",
        r#"{"Name":"x","Protocol":"HTTP","Port":1,"VpcId":"vpc-1","HealthCheckIntervalSeconds":"5"}"#,
        "ValidationError: Health check timeout '6' must be smaller than the interval '5'",
    ),
    (
        "CreateTargetGroup",
        r#"{"Name":"x","Protocol":"HTTP","Port":1,"VpcId":"vpc-1","HealthyThresholdCount":"1"}"#,
        "ValidationError: 1 validation error detected: Value '1' at 'healthyThresholdCount' failed to satisfy constraint: Member must have value greater than or equal to 2",
    ),
    (
        "CreateTargetGroup",
        r#"{"Name":"x","Protocol":"HTTP","Port":1,"VpcId":"vpc-1","Matcher":{"HttpCode":"500"}}"#,
        "ValidationError: Health check matcher '500' must be within '200-499'",
    ),
    (
        "CreateTargetGroup",
        r#"{"Name":"x","Protocol":"GENEVE","Port":1,"VpcId":"vpc-1"}"#,
        "NotImplemented: the simulator does not implement elbv2 target groups that speak GENEVE",
    ),
    (
        "CreateTargetGroup",
        r#"{"Name":"x","Colour":"red"}"#,
        "ValidationError: A protocol must be specified",
    ),
    (
        "DeleteTargetGroup",
        r#"{"TargetGroupArn":"{blue}"}"#,
        "ResourceInUse: Target group '{blue}' is currently in use by a listener or a rule",
    ),
    (
        "ModifyTargetGroup",
        r#"{"TargetGroupArn":"arn:x"}"#,
        "TargetGroupNotFound: Target group 'arn:x' not found",
    ),
    (
        "ModifyTargetGroupAttributes",
        r#"{"TargetGroupArn":"{blue}","Attributes":[{"Key":"no.such","Value":"1"}]}"#,
        "ValidationError: Target group attribute key 'no.such' is not recognized",
    ),
    (
        "DescribeTargetGroups",
        r#"{"Names":["nobody"]}"#,
        "TargetGroupNotFound: One or more target groups not found",
    ),
    (
        "RegisterTargets",
        r#"{"TargetGroupArn":"{blue}","Targets":[{"Id":"i-1234"}]}"#,
        "ValidationError: The IP address 'i-1234' is not a valid IPv4 address",
    ),
    (
        "RegisterTargets",
        r#"{"TargetGroupArn":"{blue}","Targets":[{"Id":"8.8.8.8"}]}"#,
        "InvalidTarget: The IP address '8.8.8.8' must be within the VPC",
    ),
    (
        "CreateLoadBalancer",
        r#"{"Name":"made","Subnets":["subnet-1"]}"#,
        "ValidationError: At least two subnets in two different Availability Zones must be specified",
    ),
    (
        "CreateLoadBalancer",
        r#"{"Name":"front","Subnets":["subnet-1","subnet-2"]}"#,
        "DuplicateLoadBalancerName: A load balancer with the same name 'front' exists, but with different settings",
    ),
    (
        "CreateLoadBalancer",
        r#"{"Name":"made","Type":"gateway","Subnets":["subnet-1","subnet-2"]}"#,
        "NotImplemented: the simulator does not implement elbv2 load balancers of type gateway",
    ),
    (
        "DescribeLoadBalancers",
        r#"{"Names":["nobody"]}"#,
        "LoadBalancerNotFound: One or more load balancers not found",
    ),
    (
        "CreateListener",
        r#"{"LoadBalancerArn":"{balancer}","Protocol":"HTTP","Port":443,"DefaultActions":[{"Type":"forward","TargetGroupArn":"{blue}"}]}"#,
        "DuplicateListener: A listener already exists on this port for this load balancer '{balancer}'",
    ),
    (
        "CreateListener",
        r#"{"LoadBalancerArn":"{balancer}","Protocol":"HTTPS","Port":8443,"DefaultActions":[{"Type":"forward","TargetGroupArn":"{blue}"}]}"#,
        "ValidationError: A certificate must be specified for HTTPS listeners",
    ),
    (
        "CreateListener",
        r#"{"LoadBalancerArn":"{balancer}","Protocol":"HTTP","Port":81,"DefaultActions":[{"Type":"forward","TargetGroupArn":"arn:x"}]}"#,
        "TargetGroupNotFound: Target group 'arn:x' not found",
    ),
    (
        "CreateListener",
        r#"{"LoadBalancerArn":"{balancer}","Protocol":"HTTP","Port":81,"DefaultActions":[{"Type":"redirect","RedirectConfig":{"StatusCode":"HTTP_301"}}]}"#,
        "InvalidLoadBalancerAction: The redirect configuration is not valid because it creates a loop.",
    ),
    (
        "ModifyListener",
        r#"{"ListenerArn":"{listener}","SslPolicy":"mine"}"#,
        "SSLPolicyNotFound: SSL policy 'mine' not found",
    ),
    (
        "DescribeListeners",
        r#"{"ListenerArns":["arn:x"]}"#,
        "ListenerNotFound: One or more listeners not found",
    ),
    (
        "CreateRule",
        r#"{"ListenerArn":"{listener}","Priority":"1","Conditions":[{"Field":"path-pattern","Values":["/"]}],"Actions":[{"Type":"forward","TargetGroupArn":"{blue}"}]}"#,
        "PriorityInUse: Priority '1' is currently in use",
    ),
    (
        "CreateRule",
        r#"{"ListenerArn":"{listener}","Priority":"2","Conditions":[{"Field":"colour","Values":["/"]}],"Actions":[]}"#,
        "ValidationError: Condition field 'colour' must be one of",
    ),
    (
        "CreateRule",
        r#"{"ListenerArn":"{listener}","Priority":"2","Conditions":[{"Field":"path-pattern","PathPatternConfig":{"Values":["1","2","3","4","5","6"]}}],"Actions":[]}"#,
        "ValidationError: The number of condition values ('6') must not exceed the limit of '5'",
    ),
    (
        "CreateRule",
        r#"{"ListenerArn":"{listener}","Priority":"0","Conditions":[],"Actions":[]}"#,
        "ValidationError: 1 validation error detected: Value '0' at 'priority'",
    ),
    (
        "ModifyRule",
        r#"{"RuleArn":"{rule}","Actions":[{"Type":"forward","ForwardConfig":{"TargetGroups":[{"TargetGroupArn":"{blue}","Weight":"1000"}]}}]}"#,
        "ValidationError: Weight must be between 0 and 999",
    ),
    (
        "ModifyRule",
        r#"{"RuleArn":"{default}","Conditions":[{"Field":"path-pattern","Values":["/"]}]}"#,
        "OperationNotPermitted: Conditions cannot be specified for default rule '{default}'",
    ),
    (
        "DeleteRule",
        r#"{"RuleArn":"{default}"}"#,
        "OperationNotPermitted: Default rule '{default}' cannot be deleted",
    ),
    (
        "SetRulePriorities",
        r#"{"RulePriorities":[{"RuleArn":"{rule}","Priority":"7"},{"RuleArn":"{rule}","Priority":"7"}]}"#,
        "ValidationError: Priority '7' was provided multiple times",
    ),
    (
        "DescribeTags",
        r#"{"ResourceArns":["arn:aws:elasticloadbalancing:r:1:targetgroup/x/1"]}"#,
        "TargetGroupNotFound: Target group 'arn:aws:elasticloadbalancing:r:1:targetgroup/x/1' not found",
    ),
];

#[test]
fn refusals() {
    let mut world = world();
    let balancer = world.elb.balancers[0].clone();
    let arns = [
        ("{balancer}", balancer.arn.clone()),
        ("{listener}", balancer.listeners[0].arn.clone()),
        ("{default}", balancer.listeners[0].default_rule_arn.clone()),
        ("{rule}", balancer.listeners[0].rules[0].arn.clone()),
        ("{blue}", world.elb.groups["blue"].arn.clone()),
        ("{green}", world.elb.groups["green"].arn.clone()),
    ];
    let filled = |text: &str| {
        arns.iter()
            .fold(text.to_owned(), |text, (name, arn)| text.replace(name, arn))
    };
    for (operation, input, expected) in ROWS {
        let input: Value = serde_json::from_str(&filled(input)).expect("JSON");
        let before = serde_json::to_string(&world.elb).expect("JSON");
        let found = call(&mut world, operation, input.clone()).map_err(|error| error.to_string());
        let expected = filled(expected);
        assert!(
            found
                .as_ref()
                .is_err_and(|error| error.starts_with(&expected)),
            "{operation} {input}\nexpected {expected}\nfound {found:?}"
        );
        assert_eq!(
            serde_json::to_string(&world.elb).expect("JSON"),
            before,
            "{operation} {input} changed something"
        );
    }
}

#[test]
fn a_target_group_belongs_to_one_load_balancer_and_protection_protects() {
    let mut world = world();
    let blue = world.elb.groups["blue"].arn.clone();
    let made = ok(
        &mut world,
        "CreateLoadBalancer",
        json!({ "Name": "made", "Subnets": ["subnet-1", "subnet-2"] }),
    );
    let made = made["LoadBalancers"][0]["LoadBalancerArn"].clone();
    let listener = json!({ "LoadBalancerArn": made, "Protocol": "HTTP", "Port": 80, "DefaultActions": [{ "Type": "forward", "TargetGroupArn": blue }] });
    let error = call(&mut world, "CreateListener", listener)
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        format!(
            "TargetGroupAssociationLimit: The following target groups cannot be associated with more than one load balancer: {blue}"
        )
    );
    let protect = |on: &str| json!({ "LoadBalancerArn": made, "Attributes": [{ "Key": "deletion_protection.enabled", "Value": on }] });
    ok(&mut world, "ModifyLoadBalancerAttributes", protect("true"));
    let error = call(
        &mut world,
        "DeleteLoadBalancer",
        json!({ "LoadBalancerArn": made }),
    )
    .unwrap_err();
    assert_eq!(error.code, "OperationNotPermitted");
    assert!(
        error
            .message
            .ends_with("cannot be deleted because deletion protection is enabled")
    );
    ok(&mut world, "ModifyLoadBalancerAttributes", protect("false"));
    ok(
        &mut world,
        "DeleteLoadBalancer",
        json!({ "LoadBalancerArn": made }),
    );
}

#[test]
fn a_target_group_has_a_thousand_targets() {
    let mut world = world();
    let blue = world.elb.groups["blue"].arn.clone();
    let register = |from: u32, to: u32| {
        let targets: Vec<Value> = (from..to)
            .map(|it| json!({ "Id": format!("10.1.{}.{}", it / 250, it % 250) }))
            .collect();
        json!({ "TargetGroupArn": blue, "Targets": targets })
    };
    ok(&mut world, "RegisterTargets", register(0, 1_000));
    ok(&mut world, "RegisterTargets", register(990, 1_000));
    let error = call(&mut world, "RegisterTargets", register(1_000, 1_001)).unwrap_err();
    assert_eq!(error.code, "TooManyTargets");
}
