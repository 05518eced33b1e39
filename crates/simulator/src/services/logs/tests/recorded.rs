//! What LocalStack's answers, recorded on AWS in February 2026 (`tests/aws/services/logs`), say of CloudWatch Logs.

use serde_json::json;

use super::{ask, refusal, world};

/// `test_describe_log_groups_with_pattern`.
#[test]
fn a_group_that_is_looked_for_by_a_part_of_its_name_is_told_shorter() {
    let mut world = world();
    let by = |name: &str| json!({ name: "g" });
    for (name, told) in [("logGroupNamePrefix", true), ("logGroupNamePattern", false)] {
        let found = ask(&mut world, "DescribeLogGroups", by(name));
        let group = &found["logGroups"][0];
        for member in ["storedBytes", "deletionProtectionEnabled"] {
            assert_eq!(group.get(member).is_some(), told, "{name} {member}");
        }
    }
}

/// `test_put_subscription_filter_errors`, `TestMetricFilters`.
#[test]
fn filters_say_whether_they_see_transformed_logs_and_where_they_may_lead() {
    let mut world = world();
    let transformation = json!([{ "metricName": "m", "metricNamespace": "n", "metricValue": "1" }]);
    let filter = json!({ "logGroupName": "g", "filterName": "f", "filterPattern": "x", "metricTransformations": transformation });
    ask(&mut world, "PutMetricFilter", filter);
    let found = ask(
        &mut world,
        "DescribeMetricFilters",
        json!({ "logGroupName": "g" }),
    );
    assert_eq!(found["metricFilters"][0]["applyOnTransformedLogs"], false);
    for (arn, code) in [
        (
            "arn:aws:kinesis:sa-east-1:123456789012:stream/s",
            "InvalidParameterException",
        ),
        (
            "arn:aws:lambda:sa-east-1:210987654321:function:f",
            "AccessDeniedException",
        ),
    ] {
        let filter = json!({ "logGroupName": "g", "filterName": "f", "filterPattern": "", "destinationArn": arn });
        assert_eq!(
            refusal(&mut world, "PutSubscriptionFilter", filter).code,
            code,
            "{arn}"
        );
    }
}
