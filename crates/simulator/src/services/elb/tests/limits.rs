//! What the values of a rule's conditions may be (RuleCondition and its configs [DOC]), and of a group's stickiness and checks.

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{call, ok, world};

fn long() -> String {
    "x".repeat(129)
}

#[rstest]
#[case(json!({ "Field": "host-header", "Values": [long()] }), "The 'host-header' value is too long; the limit is '128'")]
#[case(json!({ "Field": "host-header", "HostHeaderConfig": { "Values": [long()] } }), "The 'host-header' value is too long; the limit is '128'")]
#[case(json!({ "Field": "path-pattern", "Values": ["a", "b"] }), "The 'path-pattern' field contains too many values; the limit is '1'")]
#[case(json!({ "Field": "path-pattern", "PathPatternConfig": { "Values": [long()] } }), "The 'path-pattern' value is too long; the limit is '128'")]
#[case(json!({ "Field": "http-header", "HttpHeaderConfig": { "HttpHeaderName": "x".repeat(41), "Values": ["a"] } }), "The 'HttpHeaderName' value is too long; the limit is '40'")]
#[case(json!({ "Field": "http-header", "HttpHeaderConfig": { "HttpHeaderName": "x", "Values": [long()] } }), "The 'http-header' value is too long; the limit is '128'")]
#[case(json!({ "Field": "http-request-method", "HttpRequestMethodConfig": { "Values": ["get"] } }), "The 'http-request-method' value is invalid; the allowed characters are A-Z, hyphen and underscore")]
#[case(json!({ "Field": "http-request-method", "HttpRequestMethodConfig": { "Values": ["X".repeat(41)] } }), "The 'http-request-method' value is too long; the limit is '40'")]
#[case(json!({ "Field": "query-string", "QueryStringConfig": { "Values": [{ "Key": long(), "Value": "a" }] } }), "The 'Key' value is too long; the limit is '128'")]
#[case(json!({ "Field": "query-string", "QueryStringConfig": { "Values": [{ "Key": "a" }] } }), "A 'Value' must be specified in 'QueryStringKeyValuePair'")]
#[case(json!({ "Field": "host-header", "Values": [] }), "A condition value must be specified")]
#[case(json!({ "Field": "source-ip" }), "A 'SourceIpConfig' must be specified with 'source-ip'")]
#[case(json!({ "Field": "source-ip", "SourceIpConfig": { "Values": [] } }), "A 'source-ip' value must be specified")]
#[case(json!({ "Field": "http-request-method" }), "A 'HttpRequestMethodConfig' must be specified with 'http-request-method'")]
fn of_a_condition(#[case] condition: Value, #[case] words: &str) {
    let mut world = world();
    let described = ok(&mut world, "DescribeLoadBalancers", json!({}));
    let balancer = described["LoadBalancers"][0]["LoadBalancerArn"].clone();
    let listeners = ok(
        &mut world,
        "DescribeListeners",
        json!({ "LoadBalancerArn": balancer }),
    );
    let groups = ok(&mut world, "DescribeTargetGroups", json!({}));
    let input = json!({
        "ListenerArn": listeners["Listeners"][0]["ListenerArn"],
        "Priority": "77",
        "Conditions": [condition],
        "Actions": [{ "Type": "forward", "TargetGroupArn": groups["TargetGroups"][0]["TargetGroupArn"] }],
    });
    let refused = call(&mut world, "CreateRule", input).expect_err("refused");
    assert_eq!(
        (refused.code, &*refused.message),
        ("ValidationError", words)
    );
}

#[rstest]
#[case(
    "nobodys",
    "'Stickiness type' must be one of [app_cookie, lb_cookie, source_ip]"
)]
#[case(
    "source_ip_dest_ip_proto",
    "'Stickiness type' must be one of [app_cookie, lb_cookie, source_ip]"
)]
#[case(
    "source_ip",
    "Stickiness type 'source_ip' is not supported for target groups with the HTTP protocol"
)]
fn of_stickiness(#[case] kind: &str, #[case] words: &str) {
    let mut world = world();
    let groups = ok(&mut world, "DescribeTargetGroups", json!({}));
    let input = json!({
        "TargetGroupArn": groups["TargetGroups"][0]["TargetGroupArn"],
        "Attributes": [{ "Key": "stickiness.type", "Value": kind }],
    });
    let refused = call(&mut world, "ModifyTargetGroupAttributes", input).expect_err("refused");
    assert_eq!(refused.message, words);
}

#[rstest]
#[case("TCP", "10", None)]
#[case(
    "TCP",
    "11",
    Some("Health check timeout '11' must be smaller than or equal to the interval '10'")
)]
#[case(
    "HTTP",
    "10",
    Some("Health check timeout '10' must be smaller than the interval '10'")
)]
fn of_a_health_check(#[case] protocol: &str, #[case] timeout: &str, #[case] words: Option<&str>) {
    let mut world = world();
    let input = json!({
        "Name": "checked", "Protocol": protocol, "Port": "80", "VpcId": "vpc-1",
        "HealthCheckIntervalSeconds": "10", "HealthCheckTimeoutSeconds": timeout,
    });
    let refused = call(&mut world, "CreateTargetGroup", input).err();
    assert_eq!(refused.as_ref().map(|it| &*it.message), words);
}

#[test]
fn of_a_group_that_speaks_tls() {
    let mut world = world();
    let input = json!({ "Name": "secret", "Protocol": "TLS", "Port": "443", "VpcId": "vpc-1" });
    let group = ok(&mut world, "CreateTargetGroup", input);
    let input = json!({
        "TargetGroupArn": group["TargetGroups"][0]["TargetGroupArn"],
        "Attributes": [{ "Key": "stickiness.enabled", "Value": "true" }],
    });
    let refused = call(&mut world, "ModifyTargetGroupAttributes", input).expect_err("refused");
    assert_eq!(
        refused.message,
        "You cannot enable stickiness on target groups with the TLS protocol"
    );
}
