//! Patterns in rows; rules and deliveries as a client sees them.

mod buses;
mod starts;

use serde_json::{Value, json};

use super::Detail;
use crate::front::{Service, ask};
use crate::{ApiError, Weather, World};

/// 2026-01-01T00:00:00Z.
const NEW_YEAR_MS: u64 = 1_767_225_600_000;

fn world() -> World {
    World::new("123456789012", "eu-west-1", 1, Weather::Calm, NEW_YEAR_MS)
}

#[track_caller]
fn done(world: &mut World, operation: &str, body: &Value) -> Value {
    ask(world, Service::Events, operation, body).unwrap()
}

fn refused(world: &mut World, operation: &str, body: &Value) -> ApiError {
    ask(world, Service::Events, operation, body).unwrap_err()
}

#[test]
fn an_event_reaches_the_targets_of_matching_rules() {
    let mut world = world();
    world.logs.add_group("/events", NEW_YEAR_MS);
    for (rule, pattern) in [("ecs", "aws.ecs"), ("other", "aws.ec2"), ("off", "aws.ecs")] {
        let pattern = json!({ "source": [pattern] }).to_string();
        done(
            &mut world,
            "PutRule",
            &json!({ "Name": rule, "EventPattern": pattern }),
        );
        let targets = json!([
            { "Id": "log", "Arn": "arn:aws:logs:eu-west-1:123456789012:log-group:/events:*" },
            { "Id": "fn", "Arn": "arn:aws:lambda:eu-west-1:123456789012:function:f", "InputPath": "$.detail" },
            {
                "Id": "queue",
                "Arn": "arn:aws:sqs:eu-west-1:123456789012:q",
                "InputTransformer": {
                    "InputPathsMap": { "name": "$.detail.name", "n": "$.detail.list[1]" },
                    "InputTemplate": "{\"text\": \"<name> by <aws.events.rule-name>\", \"n\": <n>, \"s\": <name>}",
                },
            },
        ]);
        done(
            &mut world,
            "PutTargets",
            &json!({ "Rule": rule, "Targets": targets }),
        );
    }
    done(&mut world, "DisableRule", &json!({ "Name": "off" }));
    let detail = json!({ "name": "a \"b\"", "list": [1, 2] });
    world.tell(
        "aws.ecs",
        "ECS Task State Change",
        vec!["arn:x".to_owned()],
        Detail::of(&detail),
    );
    let messages: Vec<Value> = world
        .events
        .delivered
        .iter()
        .map(|delivery| serde_json::from_str(&delivery.message).unwrap())
        .collect();
    assert_eq!(messages.len(), 3);
    assert_eq!(messages[0]["time"], "2026-01-01T00:00:00Z");
    assert_eq!(messages[0]["detail-type"], "ECS Task State Change");
    assert_eq!(messages[0]["account"], "123456789012");
    assert_eq!(messages[1], detail);
    assert_eq!(
        messages[2],
        json!({ "text": "a \"b\" by ecs", "n": 2, "s": "a \"b\"" })
    );
    world.advance(NEW_YEAR_MS + 10_000);
    let body = json!({ "logGroupName": "/events" });
    let read = ask(&mut world, Service::Logs, "FilterLogEvents", &body).unwrap();
    let line = read["events"][0]["message"].as_str().unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["detail"], detail);
    assert_eq!(read["events"].as_array().map(Vec::len), Some(1));
}

#[test]
fn entries_of_put_events_fail_by_themselves() {
    let mut world = world();
    let detail = json!({ "a": 1 }).to_string();
    let entries = json!([
        { "Source": "app", "DetailType": "t", "Detail": detail },
        { "Source": "aws.ecs", "DetailType": "t", "Detail": detail },
        { "Source": "app", "DetailType": "t", "Detail": "[" },
        { "DetailType": "t", "Detail": detail },
    ]);
    let answer = done(&mut world, "PutEvents", &json!({ "Entries": entries }));
    assert_eq!(answer["FailedEntryCount"], 3);
    let codes: Vec<Option<&str>> = answer["Entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["ErrorCode"].as_str())
        .collect();
    assert_eq!(
        codes,
        [
            None,
            Some("NotAuthorizedForSource"),
            Some("MalformedDetail"),
            Some("InvalidArgument")
        ]
    );
    assert_eq!(world.events.told.len(), 1);
    let lost =
        json!([{ "Source": "app", "DetailType": "t", "Detail": detail, "EventBusName": "nobody" }]);
    let taken = done(&mut world, "PutEvents", &json!({ "Entries": lost }));
    assert_eq!(taken["FailedEntryCount"], 0);
    assert_eq!(world.events.told.len(), 1);
    let large = json!({ "a": "x".repeat(1 << 20) }).to_string();
    let entries = json!([{ "Source": "app", "DetailType": "t", "Detail": large }]);
    let error = refused(&mut world, "PutEvents", &json!({ "Entries": entries }));
    assert_eq!(
        error.message,
        "Total size of the entries in the request is over the limit."
    );
    let many = vec![json!({}); 11];
    let error = refused(&mut world, "PutEvents", &json!({ "Entries": many }));
    assert_eq!(error.code, "ValidationException");
}

#[test]
fn rules_and_buses_are_kept_apart_and_refused_where_aws_does() {
    let mut world = world();
    let pattern = json!({ "source": ["app"] }).to_string();
    let on = |bus: &str| json!({ "Name": "r", "EventPattern": pattern, "EventBusName": bus });
    let error = refused(&mut world, "PutRule", &on("own"));
    assert_eq!(error.message, "Event bus own does not exist.");
    done(&mut world, "CreateEventBus", &json!({ "Name": "own" }));
    let answer = done(&mut world, "PutRule", &on("own"));
    assert_eq!(
        answer["RuleArn"],
        "arn:aws:events:eu-west-1:123456789012:rule/own/r"
    );
    let error = refused(&mut world, "DescribeRule", &json!({ "Name": "r" }));
    assert_eq!(error.message, "Rule r does not exist on EventBus default.");
    let target = json!([{ "Id": "1", "Arn": "arn:aws:sqs:eu-west-1:123456789012:q" }]);
    let own = |mut body: Value| {
        body["EventBusName"] = json!("own");
        body
    };
    done(
        &mut world,
        "PutTargets",
        &own(json!({ "Rule": "r", "Targets": target })),
    );
    let error = refused(&mut world, "DeleteRule", &own(json!({ "Name": "r" })));
    assert_eq!(error.message, "Rule can't be deleted since it has targets.");
    let names = own(json!({ "TargetArn": "arn:aws:sqs:eu-west-1:123456789012:q" }));
    let names = done(&mut world, "ListRuleNamesByTarget", &names);
    assert_eq!(names["RuleNames"], json!(["r"]));
    let error = refused(&mut world, "DeleteEventBus", &json!({ "Name": "own" }));
    assert_eq!(error.code, "ValidationException");
    let answer = done(
        &mut world,
        "RemoveTargets",
        &own(json!({ "Rule": "r", "Ids": ["1", "2"] })),
    );
    assert_eq!(answer["FailedEntryCount"], 1);
    done(&mut world, "DeleteRule", &own(json!({ "Name": "r" })));
    done(&mut world, "DeleteEventBus", &json!({ "Name": "own" }));
    let buses = done(&mut world, "ListEventBuses", &json!({}));
    assert_eq!(buses["EventBuses"].as_array().map(Vec::len), Some(1));
    for (member, most, said) in [
        ("Name", 64, "name"),
        ("Description", 512, "description"),
        ("RoleArn", 1_600, "roleArn"),
    ] {
        let mut body = json!({ "Name": "r", "EventPattern": pattern });
        body[member] = json!("r".repeat(most));
        done(&mut world, "PutRule", &body);
        body[member] = json!("r".repeat(most + 1));
        let error = refused(&mut world, "PutRule", &body);
        let expected = format!(
            "at '{said}' failed to satisfy constraint: Member must have length less than or equal to {most}"
        );
        assert!(error.message.ends_with(&expected), "{}", error.message);
    }
    let error = refused(&mut world, "PutRule", &json!({ "Name": "r" }));
    assert_eq!(
        error.message,
        "Parameter(s) EventPattern or ScheduleExpression must be specified."
    );
}

#[test]
fn what_the_model_asks_for_and_aws_does_not() {
    let mut world = world();
    let rule =
        json!({ "Name": "r", "EventPattern": "{\"source\": [\"a\"]}", "ScheduleExpression": "" });
    done(&mut world, "PutRule", &rule);
    let described = done(&mut world, "DescribeRule", &json!({ "Name": "r" }));
    assert_eq!(described.get("ScheduleExpression"), None);
    let event = json!({ "id": "1", "account": "1", "source": "a", "time": "2026-01-01T00:00:00Z", "region": "eu-west-1",
        "detail-type": "t", "detail": {} });
    let test = |event: &Value| json!({ "EventPattern": "{\"source\": [\"a\"]}", "Event": event.to_string() });
    let tested = done(&mut world, "TestEventPattern", &test(&event));
    assert_eq!(tested, json!({ "Result": true }));
    let clock = json!({ "Name": "c", "EventPattern": "", "ScheduleExpression": "rate(1 minute)" });
    done(&mut world, "PutRule", &clock);
    let described = done(&mut world, "DescribeRule", &json!({ "Name": "c" }));
    assert_eq!(described.get("EventPattern"), None);
    let nothing = json!({ "Name": "s", "EventPattern": "", "ScheduleExpression": "" });
    assert_eq!(
        refused(&mut world, "PutRule", &nothing).code,
        "ValidationException"
    );
}
