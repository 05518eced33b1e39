//! Queues as a client sees them, in virtual time; and what other services send to them.

mod kept;
mod recorded;
mod redriven;

use serde_json::{Value, json};

use super::waits_ms;
use crate::front::Service;
use crate::world::small_account::{self, pass_minutes, small_account};
use crate::{Weather, World};

fn world() -> World {
    World::new(
        "123456789012",
        "eu-west-1",
        7,
        Weather::Calm,
        small_account::START_MS,
    )
}

#[track_caller]
fn done(world: &mut World, operation: &str, input: Value) -> Value {
    small_account::done(world, Service::Sqs, operation, &input)
}

#[track_caller]
fn refused(world: &mut World, operation: &str, input: Value) -> String {
    small_account::refused(world, Service::Sqs, operation, &input)
}

fn queue(world: &mut World, name: &str, attributes: Value) -> String {
    let made = done(
        world,
        "CreateQueue",
        json!({ "QueueName": name, "Attributes": attributes }),
    );
    made["QueueUrl"].as_str().unwrap().to_owned()
}

fn send(world: &mut World, url: &str, body: &str) {
    done(
        world,
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": body }),
    );
}

/// Bodies and receipts of what is received.
fn receive(world: &mut World, url: &str) -> Vec<(String, String)> {
    let answer = done(
        world,
        "ReceiveMessage",
        json!({ "QueueUrl": url, "MaxNumberOfMessages": 10 }),
    );
    let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
    let text = |message: &Value, name: &str| message[name].as_str().unwrap().to_owned();
    messages
        .iter()
        .map(|it| (text(it, "Body"), text(it, "ReceiptHandle")))
        .collect()
}

fn bodies(world: &mut World, url: &str) -> Vec<String> {
    receive(world, url)
        .into_iter()
        .map(|(body, _)| body)
        .collect()
}

fn pass_seconds(world: &mut World, seconds: u64) {
    world.advance(world.now_ms() + seconds * 1_000);
}

#[test]
fn a_message_is_hidden_until_its_timeout_and_gone_when_it_is_deleted() {
    let mut world = world();
    let url = queue(&mut world, "jobs", json!({ "VisibilityTimeout": "40" }));
    assert_eq!(url, "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs");
    let sent = done(
        &mut world,
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "This is a test message" }),
    );
    // The documentation's own example.
    assert_eq!(sent["MD5OfMessageBody"], "fafb00f5732ab283681e124bf8747ed1");
    send(&mut world, &url, "two");
    let first = receive(&mut world, &url);
    assert_eq!(first.len(), 2);
    assert!(bodies(&mut world, &url).is_empty());
    done(
        &mut world,
        "DeleteMessage",
        json!({ "QueueUrl": url, "ReceiptHandle": first[0].1 }),
    );
    done(
        &mut world,
        "ChangeMessageVisibility",
        json!({ "QueueUrl": url, "ReceiptHandle": first[1].1, "VisibilityTimeout": 100 }),
    );
    pass_seconds(&mut world, 99);
    assert!(bodies(&mut world, &url).is_empty());
    let counts = done(
        &mut world,
        "GetQueueAttributes",
        json!({ "QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] }),
    );
    assert_eq!(
        counts["Attributes"],
        json!({ "ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "1" })
    );
    pass_seconds(&mut world, 1);
    assert_eq!(bodies(&mut world, &url), ["two"]);
    done(&mut world, "PurgeQueue", json!({ "QueueUrl": url }));
    pass_seconds(&mut world, 59);
    assert!(bodies(&mut world, &url).is_empty());
    assert!(
        refused(&mut world, "PurgeQueue", json!({ "QueueUrl": url }))
            .contains("PurgeQueueInProgress")
    );
}

#[test]
fn messages_are_delayed_and_expire() {
    let mut world = world();
    let url = queue(
        &mut world,
        "late",
        json!({ "DelaySeconds": "10", "MessageRetentionPeriod": "60" }),
    );
    send(&mut world, &url, "usual");
    done(
        &mut world,
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "at once", "DelaySeconds": 0 }),
    );
    assert_eq!(bodies(&mut world, &url), ["at once"]);
    pass_seconds(&mut world, 10);
    assert_eq!(bodies(&mut world, &url), ["usual"]);
    pass_seconds(&mut world, 50);
    assert!(bodies(&mut world, &url).is_empty());
}

/// Whoever waits is answered when a message becomes visible, or at the end.
#[test]
fn a_long_poll_waits() {
    let mut world = world();
    let url = queue(
        &mut world,
        "poll",
        json!({ "ReceiveMessageWaitTimeSeconds": "20" }),
    );
    let waits = |world: &World, input: Value| waits_ms(&world.sqs, world.now_ms(), &input);
    assert_eq!(waits(&world, json!({ "QueueUrl": url })), Some(20_000));
    assert_eq!(
        waits(&world, json!({ "QueueUrl": url, "WaitTimeSeconds": 0 })),
        None
    );
    done(
        &mut world,
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "x", "DelaySeconds": 5 }),
    );
    assert_eq!(waits(&world, json!({ "QueueUrl": url })), Some(5_000));
    assert_eq!(
        waits(&world, json!({ "QueueUrl": url, "WaitTimeSeconds": 3 })),
        Some(3_000)
    );
    pass_seconds(&mut world, 5);
    assert_eq!(waits(&world, json!({ "QueueUrl": url })), None);
}

#[test]
fn what_is_received_too_often_goes_to_the_dead_letter_queue() {
    let mut world = world();
    let dead = queue(&mut world, "dead", json!({}));
    let policy = json!({ "deadLetterTargetArn": "arn:aws:sqs:eu-west-1:123456789012:dead", "maxReceiveCount": 2 });
    let url = queue(
        &mut world,
        "jobs",
        json!({ "VisibilityTimeout": "1", "RedrivePolicy": policy.to_string() }),
    );
    send(&mut world, &url, "poison");
    for _ in 0..2 {
        assert_eq!(bodies(&mut world, &url), ["poison"]);
        pass_seconds(&mut world, 1);
    }
    assert!(bodies(&mut world, &url).is_empty());
    let input = json!({ "QueueUrl": dead, "AttributeNames": ["All"] });
    let moved = done(&mut world, "ReceiveMessage", input);
    let attributes = &moved["Messages"][0]["Attributes"];
    assert_eq!(
        attributes["DeadLetterQueueSourceArn"],
        "arn:aws:sqs:eu-west-1:123456789012:jobs"
    );
    assert_eq!(attributes["ApproximateReceiveCount"], "3");
    let sources = done(
        &mut world,
        "ListDeadLetterSourceQueues",
        json!({ "QueueUrl": dead }),
    );
    assert_eq!(sources["queueUrls"], json!([url]));
}

/// A queue as the target of a rule, of a schedule and of a topic.
#[test]
fn other_services_send_to_queues() {
    let mut world = small_account();
    let url = queue(&mut world, "jobs", json!({}));
    let arn = "arn:aws:sqs:eu-west-1:123456789012:jobs";
    let rule = json!({ "Name": "often", "ScheduleExpression": "rate(5 minutes)" });
    small_account::done(&mut world, Service::Events, "PutRule", &rule);
    let targets =
        json!({ "Rule": "often", "Targets": [{ "Id": "q", "Arn": arn, "Input": "\"by rule\"" }] });
    small_account::done(&mut world, Service::Events, "PutTargets", &targets);
    let schedule = json!({ "Name": "once", "ScheduleExpression": "at(2026-01-01T00:02:00)", "FlexibleTimeWindow": { "Mode": "OFF" },
        "Target": { "Arn": arn, "RoleArn": "arn:aws:iam::123456789012:role/scheduler", "Input": "by schedule" } });
    small_account::done(&mut world, Service::Scheduler, "CreateSchedule", &schedule);
    let topic = small_account::done(
        &mut world,
        Service::Sns,
        "CreateTopic",
        &json!({ "Name": "news" }),
    );
    let topic = topic["TopicArn"].clone();
    for raw in ["false", "true"] {
        let name = format!("of-topic-{raw}");
        queue(&mut world, &name, json!({}));
        let subscribe = json!({ "TopicArn": topic, "Protocol": "sqs", "Endpoint": format!("arn:aws:sqs:eu-west-1:123456789012:{name}"),
            "Attributes": { "RawMessageDelivery": raw } });
        small_account::done(&mut world, Service::Sns, "Subscribe", &subscribe);
    }
    small_account::done(
        &mut world,
        Service::Sns,
        "Publish",
        &json!({ "TopicArn": topic, "Message": "by topic", "Subject": "hello" }),
    );
    pass_minutes(&mut world, 6);
    assert_eq!(bodies(&mut world, &url), ["by schedule", "\"by rule\""]);
    let address = |name: &str| format!("https://sqs.eu-west-1.amazonaws.com/123456789012/{name}");
    assert_eq!(bodies(&mut world, &address("of-topic-true")), ["by topic"]);
    let envelope: Value =
        serde_json::from_str(&bodies(&mut world, &address("of-topic-false"))[0]).unwrap();
    assert_eq!(envelope["Type"], "Notification");
    assert_eq!(
        (
            &envelope["Message"],
            &envelope["Subject"],
            &envelope["TopicArn"]
        ),
        (&json!("by topic"), &json!("hello"), &topic)
    );
}
