//! Queues that other services fill, dead letter queues that are not there, and what a topic hands on.

use serde_json::{Value, json};

use super::{bodies, done, pass_seconds, queue, refused, send, world};
use crate::World;
use crate::front::Service;
use crate::world::small_account;

/// Nobody looks into it.
#[test]
fn a_queue_that_is_filled_from_inside_expires() {
    let mut world = world();
    queue(&mut world, "log", json!({ "MessageRetentionPeriod": "60" }));
    let arn = "arn:aws:sqs:eu-west-1:123456789012:log";
    for _ in 0..10 {
        assert!(world.send_to_queue(arn, "x", None));
        pass_seconds(&mut world, 30);
    }
    assert_eq!(world.sqs.queues["log"].messages.len(), 2);
}

fn policy(queue: &str) -> String {
    json!({ "deadLetterTargetArn": format!("arn:aws:sqs:eu-west-1:123456789012:{queue}"), "maxReceiveCount": 1 }).to_string()
}

#[test]
fn a_dead_letter_queue_has_to_be_there() {
    let mut world = world();
    queue(&mut world, "dead.fifo", json!({ "FifoQueue": "true" }));
    let url = queue(&mut world, "jobs", json!({}));
    for (target, reason) in [
        ("none", "Dead letter target does not exist."),
        (
            "dead.fifo",
            "Dead-letter queue must be same type of queue as the source..",
        ),
    ] {
        let attributes = json!({ "RedrivePolicy": policy(target) });
        let words = format!(
            "InvalidParameterValue: Value {} for parameter RedrivePolicy is invalid. Reason: {reason}",
            policy(target)
        );
        let change = json!({ "QueueUrl": url, "Attributes": attributes });
        assert_eq!(refused(&mut world, "SetQueueAttributes", change), words);
        let create = json!({ "QueueName": "other", "Attributes": attributes });
        assert_eq!(refused(&mut world, "CreateQueue", create), words);
    }
    let elsewhere = json!({ "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:jobs", "maxReceiveCount": 1 });
    let create =
        json!({ "QueueName": "other", "Attributes": { "RedrivePolicy": elsewhere.to_string() } });
    assert!(refused(&mut world, "CreateQueue", create).contains("does not exist"));
}

#[test]
fn messages_stay_where_the_dead_letter_queue_is_gone() {
    let mut world = world();
    let dead = queue(&mut world, "dead", json!({}));
    let url = queue(
        &mut world,
        "jobs",
        json!({ "VisibilityTimeout": "1", "RedrivePolicy": policy("dead") }),
    );
    send(&mut world, &url, "poison");
    assert_eq!(bodies(&mut world, &url), ["poison"]);
    done(&mut world, "DeleteQueue", json!({ "QueueUrl": dead }));
    for _ in 0..3 {
        pass_seconds(&mut world, 1);
        assert_eq!(bodies(&mut world, &url), ["poison"]);
    }
}

/// DeduplicationScope: the same id in another group is another message.
#[test]
fn messages_are_deduplicated_by_queue_or_by_group() {
    for (scope, limit, expected) in [
        ("queue", "perQueue", 1),
        ("messageGroup", "perMessageGroupId", 2),
    ] {
        let mut world = world();
        let url = queue(
            &mut world,
            "jobs.fifo",
            json!({ "FifoQueue": "true", "DeduplicationScope": scope, "FifoThroughputLimit": limit }),
        );
        for group in ["a", "b", "a"] {
            let input = json!({ "QueueUrl": url, "MessageBody": "x", "MessageGroupId": group, "MessageDeduplicationId": "one" });
            done(&mut world, "SendMessage", input);
        }
        assert_eq!(bodies(&mut world, &url).len(), expected, "{scope}");
    }
}

fn of_topics(world: &mut World, operation: &str, input: Value) -> Value {
    small_account::done(world, Service::Sns, operation, &input)
}

/// What a subscription wants: by the attributes of a message, or by its body.
#[test]
fn a_topic_hands_on_what_the_filter_policy_lets() {
    let mut world = world();
    let topic = of_topics(&mut world, "CreateTopic", json!({ "Name": "news" }))["TopicArn"].clone();
    let price = json!({ "store": ["cats"], "price": [{ "numeric": [">", 10] }] }).to_string();
    for (name, attributes) in [
        ("all", json!({})),
        ("some", json!({ "FilterPolicy": price })),
        (
            "bodies",
            json!({ "FilterPolicyScope": "MessageBody", "FilterPolicy": "{\"detail\":{\"kind\":[{\"prefix\":\"to\"}]}}" }),
        ),
    ] {
        let mut attributes = attributes;
        attributes["RawMessageDelivery"] = json!("true");
        queue(&mut world, name, json!({}));
        let endpoint = format!("arn:aws:sqs:eu-west-1:123456789012:{name}");
        let input = json!({ "TopicArn": topic, "Protocol": "sqs", "Endpoint": endpoint, "Attributes": attributes });
        of_topics(&mut world, "Subscribe", input);
    }
    for (message, store, cost) in [
        ("cheap", "cats", "9"),
        ("dear", "cats", "11"),
        ("dogs", "dogs", "11"),
        ("{\"detail\":{\"kind\":\"tom\"}}", "dogs", "1"),
    ] {
        let attributes = json!({ "store": { "DataType": "String", "StringValue": store }, "price": { "DataType": "Number", "StringValue": cost } });
        let input =
            json!({ "TopicArn": topic, "Message": message, "MessageAttributes": attributes });
        of_topics(&mut world, "Publish", input);
    }
    let plain = json!({ "TopicArn": topic, "Message": "plain" });
    of_topics(&mut world, "Publish", plain);
    let url = |name: &str| format!("https://sqs.eu-west-1.amazonaws.com/123456789012/{name}");
    assert_eq!(bodies(&mut world, &url("all")).len(), 5);
    assert_eq!(bodies(&mut world, &url("some")), ["dear"]);
    assert_eq!(
        bodies(&mut world, &url("bodies")),
        ["{\"detail\":{\"kind\":\"tom\"}}"]
    );
    let input = json!({ "TopicArn": topic, "Protocol": "sqs", "Endpoint": "arn:aws:sqs:eu-west-1:123456789012:x", "Attributes": { "FilterPolicy": "[]" } });
    let told = small_account::refused(&mut world, Service::Sns, "Subscribe", &input);
    assert!(told.contains("Filter is not an object"), "{told}");
}

/// Neither the topic nor the queue deduplicates by content: the id of the message does.
#[test]
fn a_fifo_topic_hands_its_deduplication_id_on() {
    let mut world = world();
    let fifo = json!({ "Name": "news.fifo", "Attributes": { "FifoTopic": "true" } });
    let topic = of_topics(&mut world, "CreateTopic", fifo)["TopicArn"].clone();
    let url = queue(&mut world, "jobs.fifo", json!({ "FifoQueue": "true" }));
    let input = json!({ "TopicArn": topic, "Protocol": "sqs", "Endpoint": "arn:aws:sqs:eu-west-1:123456789012:jobs.fifo" });
    of_topics(&mut world, "Subscribe", input);
    let input = json!({ "TopicArn": topic, "Message": "x", "MessageGroupId": "g", "MessageDeduplicationId": "one" });
    of_topics(&mut world, "Publish", input);
    let input = json!({ "QueueUrl": url, "AttributeNames": ["All"] });
    let received = done(&mut world, "ReceiveMessage", input);
    let attributes = &received["Messages"][0]["Attributes"];
    assert_eq!(attributes["MessageDeduplicationId"], "one");
    assert_eq!(attributes["MessageGroupId"], "g");
}
