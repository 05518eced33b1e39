//! What queues keep and refuse: order, batches, attributes, names.

use serde_json::json;

use super::{bodies, done, pass_seconds, queue, receive, refused, world};
use crate::world::small_account;

#[test]
fn a_fifo_queue_keeps_the_order_of_a_group_and_takes_a_message_once() {
    let mut world = world();
    let url = queue(
        &mut world,
        "jobs.fifo",
        json!({ "FifoQueue": "true", "ContentBasedDeduplication": "true" }),
    );
    let mut ids = Vec::new();
    for (group, body) in [("a", "1"), ("b", "2"), ("a", "3"), ("a", "1")] {
        let sent = done(
            &mut world,
            "SendMessage",
            json!({ "QueueUrl": url, "MessageBody": body, "MessageGroupId": group }),
        );
        ids.push(sent["SequenceNumber"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids[0], ids[3]);
    assert!(ids[0] < ids[1] && ids[1] < ids[2]);
    let one = done(&mut world, "ReceiveMessage", json!({ "QueueUrl": url }));
    assert_eq!(one["Messages"][0]["Body"], "1");
    // What is behind it waits for it.
    assert_eq!(bodies(&mut world, &url), ["2"]);
    done(
        &mut world,
        "DeleteMessage",
        json!({ "QueueUrl": url, "ReceiptHandle": one["Messages"][0]["ReceiptHandle"] }),
    );
    assert_eq!(bodies(&mut world, &url), ["3"]);
    assert!(
        refused(
            &mut world,
            "SendMessage",
            json!({ "QueueUrl": url, "MessageBody": "x" })
        )
        .starts_with("MissingParameter: ")
    );
}

#[test]
fn batches_fail_entry_by_entry() {
    let mut world = world();
    let url = queue(&mut world, "jobs", json!({ "MaximumMessageSize": "1024" }));
    let entries = json!([{ "Id": "a", "MessageBody": "short" }, { "Id": "b", "MessageBody": "x".repeat(1_025) }]);
    let sent = done(
        &mut world,
        "SendMessageBatch",
        json!({ "QueueUrl": url, "Entries": entries }),
    );
    assert_eq!(sent["Successful"][0]["Id"], "a");
    assert_eq!(sent["Failed"][0]["Code"], "InvalidParameterValue");
    let received = receive(&mut world, &url);
    let entries = json!([{ "Id": "a", "ReceiptHandle": received[0].1 }, { "Id": "b", "ReceiptHandle": "nonsense" }]);
    let deleted = done(
        &mut world,
        "DeleteMessageBatch",
        json!({ "QueueUrl": url, "Entries": entries }),
    );
    assert_eq!(deleted["Successful"], json!([{ "Id": "a" }]));
    assert_eq!(deleted["Failed"][0]["Code"], "ReceiptHandleIsInvalid");
    for (entries, code) in [
        (json!([]), "EmptyBatchRequest"),
        (
            json!([{ "Id": "a", "MessageBody": "x" }, { "Id": "a", "MessageBody": "x" }]),
            "BatchEntryIdsNotDistinct",
        ),
        (
            json!([{ "Id": "a b", "MessageBody": "x" }]),
            "InvalidBatchEntryId",
        ),
        (
            json!(vec![json!({ "Id": "a", "MessageBody": "x" }); 11]),
            "TooManyEntriesInBatchRequest",
        ),
    ] {
        let told = refused(
            &mut world,
            "SendMessageBatch",
            json!({ "QueueUrl": url, "Entries": entries }),
        );
        assert!(
            told.starts_with(&format!("AWS.SimpleQueueService.{code}: ")),
            "{told}"
        );
    }
}

#[test]
fn attributes_are_kept_digested_and_given_to_who_asks() {
    let mut world = world();
    let url = queue(&mut world, "jobs", json!({}));
    let attributes = json!({ "kind": { "DataType": "String", "StringValue": "cat" }, "size": { "DataType": "Binary", "BinaryValue": "AQI=" } });
    let sent = done(
        &mut world,
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "x", "MessageAttributes": attributes }),
    );
    let input = json!({ "QueueUrl": url, "MessageAttributeNames": ["All"], "MessageSystemAttributeNames": ["SentTimestamp"], "VisibilityTimeout": 0 });
    let message = done(&mut world, "ReceiveMessage", input)["Messages"][0].clone();
    assert_eq!(message["MessageAttributes"], attributes);
    assert_eq!(
        message["MD5OfMessageAttributes"],
        sent["MD5OfMessageAttributes"]
    );
    assert_eq!(
        message["Attributes"],
        json!({ "SentTimestamp": small_account::START_MS.to_string() })
    );
    let some =
        json!({ "QueueUrl": url, "MessageAttributeNames": ["ki.*"], "VisibilityTimeout": 0 });
    let some = done(&mut world, "ReceiveMessage", some)["Messages"][0].clone();
    assert_eq!(
        some["MessageAttributes"],
        json!({ "kind": attributes["kind"] })
    );
    let none = done(&mut world, "ReceiveMessage", json!({ "QueueUrl": url }));
    assert_eq!(none["Messages"][0].get("MessageAttributes"), None);
}

#[test]
fn queues_are_made_once_found_changed_and_deleted() {
    let mut world = world();
    let url = queue(&mut world, "jobs", json!({ "DelaySeconds": "5" }));
    assert_eq!(
        queue(&mut world, "jobs", json!({ "DelaySeconds": "5" })),
        url
    );
    let differs = json!({ "QueueName": "jobs", "Attributes": { "DelaySeconds": "6" } });
    assert!(refused(&mut world, "CreateQueue", differs).starts_with("QueueAlreadyExists: "));
    done(
        &mut world,
        "TagQueue",
        json!({ "QueueUrl": url, "Tags": { "a": "1", "b": "2" } }),
    );
    done(
        &mut world,
        "UntagQueue",
        json!({ "QueueUrl": url, "TagKeys": ["a"] }),
    );
    assert_eq!(
        done(&mut world, "ListQueueTags", json!({ "QueueUrl": url }))["Tags"],
        json!({ "b": "2" })
    );
    done(
        &mut world,
        "SetQueueAttributes",
        json!({ "QueueUrl": url, "Attributes": { "DelaySeconds": "", "VisibilityTimeout": "60" } }),
    );
    let told = done(
        &mut world,
        "GetQueueAttributes",
        json!({ "QueueUrl": url, "AttributeNames": ["All"] }),
    );
    let told = &told["Attributes"];
    assert_eq!(
        (&told["DelaySeconds"], &told["VisibilityTimeout"]),
        (&json!("0"), &json!("60"))
    );
    assert_eq!(told["QueueArn"], "arn:aws:sqs:eu-west-1:123456789012:jobs");
    for (attributes, code) in [
        (json!({ "Colour": "red" }), "InvalidAttributeName"),
        (
            json!({ "VisibilityTimeout": "43201" }),
            "InvalidAttributeValue",
        ),
        (json!({ "RedrivePolicy": "{}" }), "InvalidAttributeValue"),
        (json!({ "FifoQueue": "true" }), "InvalidAttributeName"),
    ] {
        let told = refused(
            &mut world,
            "SetQueueAttributes",
            json!({ "QueueUrl": url, "Attributes": attributes }),
        );
        assert!(told.starts_with(code), "{told}");
    }
    queue(&mut world, "other", json!({}));
    let page = done(&mut world, "ListQueues", json!({ "MaxResults": 1 }));
    assert_eq!(page["QueueUrls"], json!([url]));
    let rest = done(
        &mut world,
        "ListQueues",
        json!({ "MaxResults": 1, "NextToken": page["NextToken"] }),
    );
    assert_eq!(rest["QueueUrls"].as_array().unwrap().len(), 1);
    done(&mut world, "DeleteQueue", json!({ "QueueUrl": url }));
    let gone = "AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist.";
    assert_eq!(
        refused(&mut world, "GetQueueUrl", json!({ "QueueName": "jobs" })),
        gone
    );
    assert_eq!(
        refused(
            &mut world,
            "SendMessage",
            json!({ "QueueUrl": url, "MessageBody": "x" })
        ),
        gone
    );
    assert!(
        refused(&mut world, "CreateQueue", json!({ "QueueName": "jobs" }))
            .contains("QueueDeletedRecently")
    );
    pass_seconds(&mut world, 60);
    queue(&mut world, "jobs", json!({}));
    for name in ["a b", "", "jobs.fifo"] {
        assert!(
            refused(&mut world, "CreateQueue", json!({ "QueueName": name }))
                .starts_with("InvalidParameterValue: "),
            "{name}"
        );
    }
}
