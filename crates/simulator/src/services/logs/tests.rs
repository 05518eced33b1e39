//! Logs in virtual time: batches, retention, filters, tags.

mod recorded;

use serde_json::{Value, json};

use crate::front::{self, Service};
use crate::{ApiError, Weather, World};

const NOW_MS: u64 = 1_767_225_600_000;
const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;

fn world() -> World {
    let mut world = World::new("123456789012", "sa-east-1", 7, Weather::Calm, NOW_MS);
    ask(
        &mut world,
        "CreateLogGroup",
        json!({ "logGroupName": "g", "tags": { "a": "b" } }),
    );
    let stream = json!({ "logGroupName": "g", "logStreamName": "s" });
    ask(&mut world, "CreateLogStream", stream);
    world
}

#[track_caller]
fn ask(world: &mut World, operation: &str, input: Value) -> Value {
    front::ask(world, Service::Logs, operation, &input)
        .unwrap_or_else(|error| panic!("{operation} {input}: {error}"))
}

#[track_caller]
fn refusal(world: &mut World, operation: &str, input: Value) -> ApiError {
    front::ask(world, Service::Logs, operation, &input).expect_err("refused")
}

fn batch(times: &[u64]) -> Value {
    let events: Vec<Value> = times
        .iter()
        .map(|at| json!({ "timestamp": at, "message": format!("at {at}") }))
        .collect();
    json!({ "logGroupName": "g", "logStreamName": "s", "logEvents": events })
}

fn count(world: &mut World) -> usize {
    let read = json!({ "logGroupName": "g", "logStreamName": "s", "startFromHead": true });
    let events = ask(world, "GetLogEvents", read);
    events["events"].as_array().map_or(0, Vec::len)
}

#[test]
fn a_batch_is_taken_without_what_is_too_old_or_too_new() {
    let mut world = world();
    let put = ask(
        &mut world,
        "PutLogEvents",
        batch(&[NOW_MS - 1, NOW_MS, NOW_MS + 2 * HOUR_MS + 1]),
    );
    assert_eq!(
        put["rejectedLogEventsInfo"],
        json!({ "tooNewLogEventStartIndex": 2 })
    );
    assert_eq!(count(&mut world), 0, "not ingested yet");
    world.advance(NOW_MS + 1_000);
    assert_eq!(count(&mut world), 2);
    let old = NOW_MS - 15 * DAY_MS;
    let put = ask(&mut world, "PutLogEvents", batch(&[old, old + 1]));
    assert_eq!(
        put["rejectedLogEventsInfo"],
        json!({ "tooOldLogEventEndIndex": 2 })
    );
}

#[test]
fn impossible_batches_are_refused_whole() {
    let mut world = world();
    let mut large = batch(&[NOW_MS]);
    large["logEvents"][0]["message"] = json!("x".repeat(1_048_576));
    for (input, words) in [
        (batch(&[]), "length greater than or equal to 1"),
        (batch(&[NOW_MS, NOW_MS - 1]), "chronological order"),
        (batch(&[NOW_MS - 25 * HOUR_MS, NOW_MS]), "24 hours"),
        (large, "Upload too large"),
    ] {
        let error = refusal(&mut world, "PutLogEvents", input);
        assert_eq!(error.code, "InvalidParameterException");
        assert!(error.message.contains(words), "{error}");
    }
    for (group, stream) in [("nobody", "s"), ("g", "nobody")] {
        let mut input = batch(&[NOW_MS]);
        input["logGroupName"] = json!(group);
        input["logStreamName"] = json!(stream);
        assert_eq!(
            refusal(&mut world, "PutLogEvents", input).code,
            "ResourceNotFoundException"
        );
    }
}

#[test]
fn events_expire_with_the_retention_and_their_stream_stays() {
    let mut world = world();
    ask(&mut world, "PutLogEvents", batch(&[NOW_MS]));
    world.advance(NOW_MS + 2 * DAY_MS);
    assert_eq!(count(&mut world), 1);
    let keep = json!({ "logGroupName": "g", "retentionInDays": 1 });
    ask(&mut world, "PutRetentionPolicy", keep);
    assert_eq!(count(&mut world), 0);
    let put = ask(&mut world, "PutLogEvents", batch(&[NOW_MS]));
    assert_eq!(
        put["rejectedLogEventsInfo"],
        json!({ "expiredLogEventEndIndex": 1 })
    );
    ask(
        &mut world,
        "DeleteRetentionPolicy",
        json!({ "logGroupName": "g" }),
    );
    assert_eq!(count(&mut world), 1);
}

#[test]
fn groups_are_found_by_prefix_and_by_part() {
    let mut world = world();
    for name in ["/ecs/api", "/ecs/web", "/rds/api"] {
        ask(
            &mut world,
            "CreateLogGroup",
            json!({ "logGroupName": name }),
        );
    }
    for (input, expected) in [
        (
            json!({ "logGroupNamePrefix": "/ecs" }),
            &["/ecs/api", "/ecs/web"][..],
        ),
        (
            json!({ "logGroupNamePattern": "api" }),
            &["/ecs/api", "/rds/api"],
        ),
        (json!({ "logGroupNamePattern": "API" }), &[]),
        (json!({ "limit": 1 }), &["/ecs/api"]),
    ] {
        let described = ask(&mut world, "DescribeLogGroups", input.clone());
        let names: Vec<&str> = described["logGroups"]
            .as_array()
            .expect("groups")
            .iter()
            .filter_map(|group| group["logGroupName"].as_str())
            .collect();
        assert_eq!(names, expected, "{input}");
    }
    let both = json!({ "logGroupNamePrefix": "a", "logGroupNamePattern": "b" });
    assert_eq!(
        refusal(&mut world, "DescribeLogGroups", both).code,
        "InvalidParameterException"
    );
}

#[test]
fn a_protected_group_stays() {
    let mut world = world();
    let protect = |on: bool| json!({ "logGroupIdentifier": "g", "deletionProtectionEnabled": on });
    ask(&mut world, "PutLogGroupDeletionProtection", protect(true));
    refusal(&mut world, "DeleteLogGroup", json!({ "logGroupName": "g" }));
    ask(&mut world, "PutLogGroupDeletionProtection", protect(false));
    ask(&mut world, "DeleteLogGroup", json!({ "logGroupName": "g" }));
    let gone = refusal(&mut world, "DeleteLogGroup", json!({ "logGroupName": "g" }));
    assert_eq!(gone.code, "ResourceNotFoundException");
}

#[test]
fn filters_are_kept_and_two_subscriptions_are_the_most() {
    let mut world = world();
    let subscribe = |name: &str| {
        json!({ "logGroupName": "g", "filterName": name, "filterPattern": "",
        "destinationArn": "arn:aws:lambda:sa-east-1:123456789012:function:f" })
    };
    for name in ["one", "two", "two"] {
        ask(&mut world, "PutSubscriptionFilter", subscribe(name));
    }
    let third = refusal(&mut world, "PutSubscriptionFilter", subscribe("three"));
    assert_eq!(third.code, "LimitExceededException");
    let metric = json!({ "logGroupName": "g", "filterName": "errors", "filterPattern": "ERROR", "metricTransformations": [
        { "metricName": "Errors", "metricNamespace": "App", "metricValue": "1" }] });
    ask(&mut world, "PutMetricFilter", metric);
    let found = ask(
        &mut world,
        "DescribeMetricFilters",
        json!({ "metricName": "Errors", "metricNamespace": "App" }),
    );
    assert_eq!(found["metricFilters"][0]["filterName"], "errors");
    let groups = ask(&mut world, "DescribeLogGroups", json!({}));
    assert_eq!(groups["logGroups"][0]["metricFilterCount"], 1);
    let one = json!({ "logGroupName": "g", "filterName": "errors" });
    ask(&mut world, "DeleteMetricFilter", one.clone());
    assert_eq!(
        refusal(&mut world, "DeleteMetricFilter", one).code,
        "ResourceNotFoundException"
    );
}

#[test]
fn tags_by_name_and_by_arn_are_the_same() {
    let mut world = world();
    let arn = "arn:aws:logs:sa-east-1:123456789012:log-group:g";
    ask(
        &mut world,
        "TagResource",
        json!({ "resourceArn": arn, "tags": { "c": "d" } }),
    );
    ask(
        &mut world,
        "UntagLogGroup",
        json!({ "logGroupName": "g", "tags": ["a"] }),
    );
    let by_arn = ask(
        &mut world,
        "ListTagsForResource",
        json!({ "resourceArn": arn }),
    );
    assert_eq!(by_arn, json!({ "tags": { "c": "d" } }));
    assert_eq!(
        ask(
            &mut world,
            "ListTagsLogGroup",
            json!({ "logGroupName": "g" })
        ),
        by_arn
    );
}

#[test]
fn a_live_tail_is_refused() {
    assert_eq!(
        refusal(&mut world(), "StartLiveTail", json!({})).status,
        501
    );
}
