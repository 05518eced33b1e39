//! Rules whose target is another bus.

use serde_json::{Value, json};

use super::{NEW_YEAR_MS, done, world};
use crate::World;
use crate::front::{Service, ask};
use crate::services::events::Detail;

fn rule(world: &mut World, bus: &str, target: &str) {
    let pattern = json!({ "source": ["aws.cats"] }).to_string();
    done(
        world,
        "PutRule",
        &json!({ "Name": "on", "EventBusName": bus, "EventPattern": pattern }),
    );
    let mut given = json!({ "Id": "t", "Arn": target });
    if target.contains("event-bus") {
        given["RoleArn"] = json!("arn:aws:iam::123456789012:role/events");
    }
    let mut targets = vec![given];
    let known = done(
        world,
        "ListTargetsByRule",
        &json!({ "Rule": "on", "EventBusName": bus }),
    );
    targets.extend(known["Targets"].as_array().cloned().unwrap_or_default());
    for (place, target) in targets.iter_mut().enumerate() {
        target["Id"] = json!(place.to_string());
    }
    done(
        world,
        "PutTargets",
        &json!({ "Rule": "on", "EventBusName": bus, "Targets": targets }),
    );
}

fn received(world: &mut World, queue: &str) -> Vec<Value> {
    let url = format!("https://sqs.eu-west-1.amazonaws.com/123456789012/{queue}");
    let input = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10 });
    let answer = ask(world, Service::Sqs, "ReceiveMessage", &input).unwrap();
    let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
    let bodies = messages.iter().map(|it| it["Body"].as_str().unwrap());
    bodies
        .map(|body| serde_json::from_str(body).unwrap())
        .collect()
}

/// From the default bus to a second one, and from there to nobody's but its own targets.
#[test]
fn an_event_goes_on_to_another_bus_as_it_is_and_to_no_third() {
    let mut world = world();
    for bus in ["second", "third"] {
        done(&mut world, "CreateEventBus", &json!({ "Name": bus }));
        let queue = json!({ "QueueName": bus });
        ask(&mut world, Service::Sqs, "CreateQueue", &queue).unwrap();
    }
    let bus = |name: &str| format!("arn:aws:events:eu-west-1:123456789012:event-bus/{name}");
    let queue = |name: &str| format!("arn:aws:sqs:eu-west-1:123456789012:{name}");
    rule(&mut world, "default", &bus("second"));
    rule(&mut world, "second", &queue("second"));
    rule(&mut world, "second", &bus("third"));
    rule(&mut world, "third", &queue("third"));
    // What clients cannot say is said by a service, and goes on all the same.
    world.tell(
        "aws.cats",
        "Purr",
        vec!["arn:aws:cats:::tom".to_owned()],
        Detail::of(&json!({ "name": "tom" })),
    );
    world.advance(NEW_YEAR_MS + 10_000);
    let got = received(&mut world, "second");
    assert_eq!(got.len(), 1);
    for (member, expected) in [
        ("source", json!("aws.cats")),
        ("detail-type", json!("Purr")),
        ("time", json!("2026-01-01T00:00:00Z")),
        ("resources", json!(["arn:aws:cats:::tom"])),
        ("detail", json!({ "name": "tom" })),
    ] {
        assert_eq!(got[0][member], expected, "{member}");
    }
    assert!(received(&mut world, "third").is_empty());
}
