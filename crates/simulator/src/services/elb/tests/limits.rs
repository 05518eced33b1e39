//! What the values of a rule's conditions may be (RuleCondition and its configs [DOC]), and of a group's stickiness.

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
