//! What LocalStack's recorded answers and moto's `aws_verified` tests say of SQS.

use serde_json::{Value, json};

use super::{done, pass_seconds, queue, refused, world};

#[test]
fn a_batch_without_entries_or_too_long_is_refused_whole() {
    let mut world = world();
    let url = queue(&mut world, "jobs", json!({}));
    for (operation, kind) in [
        ("SendMessageBatch", "SendMessageBatchRequestEntry"),
        ("DeleteMessageBatch", "DeleteMessageBatchRequestEntry"),
        (
            "ChangeMessageVisibilityBatch",
            "ChangeMessageVisibilityBatchRequestEntry",
        ),
    ] {
        assert_eq!(
            refused(
                &mut world,
                operation,
                json!({ "QueueUrl": url, "Entries": [] })
            ),
            format!(
                "AWS.SimpleQueueService.EmptyBatchRequest: There should be at least one {kind} in the request."
            )
        );
    }
    let entries = json!([{ "Id": "a", "MessageBody": "b".repeat(1_048_577) }]);
    assert_eq!(
        refused(
            &mut world,
            "SendMessageBatch",
            json!({ "QueueUrl": url, "Entries": entries })
        ),
        "AWS.SimpleQueueService.BatchRequestTooLong: Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes."
    );
}

#[test]
fn a_batch_for_an_ordered_queue_says_its_groups() {
    let mut world = world();
    let url = queue(&mut world, "jobs.fifo", json!({ "FifoQueue": "true" }));
    let entries = |entry: Value| json!({ "QueueUrl": url, "Entries": [entry] });
    assert_eq!(
        refused(
            &mut world,
            "SendMessageBatch",
            entries(json!({ "Id": "1", "MessageBody": "a" }))
        ),
        "InvalidParameterValue: The request must contain the parameter MessageGroupId."
    );
    assert!(
        refused(
            &mut world,
            "SendMessageBatch",
            entries(json!({ "Id": "1", "MessageBody": "a", "MessageGroupId": "g" }))
        )
        .starts_with(
            "InvalidParameterValue: The queue should either have ContentBasedDeduplication enabled"
        )
    );
}

#[test]
fn an_expired_receipt_deletes_nothing_of_an_ordered_queue() {
    let mut world = world();
    let set = json!({ "FifoQueue": "true", "VisibilityTimeout": "1", "ContentBasedDeduplication": "true" });
    let url = queue(&mut world, "jobs.fifo", set);
    done(
        &mut world,
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "a", "MessageGroupId": "g" }),
    );
    let got = done(&mut world, "ReceiveMessage", json!({ "QueueUrl": url }));
    pass_seconds(&mut world, 2);
    let receipt = &got["Messages"][0]["ReceiptHandle"];
    let refusal = refused(
        &mut world,
        "DeleteMessage",
        json!({ "QueueUrl": url, "ReceiptHandle": receipt }),
    );
    assert!(
        refusal.ends_with("Reason: The receipt handle has expired."),
        "{refusal}"
    );
}

#[test]
fn a_queue_has_one_kind_of_encryption() {
    let mut world = world();
    let url = queue(
        &mut world,
        "jobs",
        json!({ "KmsMasterKeyId": "alias/key", "KmsDataKeyReusePeriodSeconds": "6000" }),
    );
    let set = |attributes: Value| json!({ "QueueUrl": url, "Attributes": attributes });
    let both = json!({ "KmsMasterKeyId": "alias/key", "SqsManagedSseEnabled": "true" });
    assert!(
        refused(&mut world, "SetQueueAttributes", set(both))
            .starts_with("InvalidAttributeName: You can use one type of server-side encryption (SSE) at one time.")
    );
    done(
        &mut world,
        "SetQueueAttributes",
        set(json!({ "SqsManagedSseEnabled": "true" })),
    );
    let asked = json!({ "QueueUrl": url, "AttributeNames": ["KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled"] });
    let told = done(&mut world, "GetQueueAttributes", asked.clone());
    assert_eq!(
        told["Attributes"],
        json!({ "SqsManagedSseEnabled": "true" })
    );
    let back = set(json!({ "KmsMasterKeyId": "alias/key" }));
    done(&mut world, "SetQueueAttributes", back);
    let told = done(&mut world, "GetQueueAttributes", asked);
    assert_eq!(
        told["Attributes"],
        json!({ "KmsMasterKeyId": "alias/key", "KmsDataKeyReusePeriodSeconds": "300", "SqsManagedSseEnabled": "false" })
    );
}

#[test]
fn a_dead_letter_queue_is_named_by_an_arn() {
    let mut world = world();
    let policy = r#"{"deadLetterTargetArn": "dummy", "maxReceiveCount": 42}"#;
    let made = json!({ "QueueName": "jobs", "Attributes": { "RedrivePolicy": policy } });
    assert_eq!(
        refused(&mut world, "CreateQueue", made),
        format!(
            "InvalidParameterValue: Value {policy} for parameter RedrivePolicy is invalid. Reason: Invalid value for deadLetterTargetArn."
        )
    );
}

#[test]
fn a_star_asks_for_all_attributes() {
    let mut world = world();
    let url = queue(&mut world, "jobs", json!({}));
    let attributes = json!({ "Hello": { "DataType": "String", "StringValue": "There" } });
    done(
        &mut world,
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "a", "MessageAttributes": attributes }),
    );
    let asked = json!({ "QueueUrl": url, "MessageAttributeNames": ["*"] });
    let got = done(&mut world, "ReceiveMessage", asked);
    assert_eq!(got["Messages"][0]["MessageAttributes"], attributes);
}

/// Which: message attributes, TagQueue [DOC]; the words moto's `sqs` [CODE].
#[test]
fn attributes_and_tags_have_their_limits() {
    let mut world = world();
    let url = queue(&mut world, "jobs", json!({}));
    for (attributes, words) in [
        (
            json!({ "ö": { "DataType": "String", "StringValue": "x" } }),
            "The message attribute name 'ö' is invalid.",
        ),
        (
            json!({ "a": { "DataType": "Text", "StringValue": "x" } }),
            "The message attribute 'a' has an invalid message attribute type",
        ),
    ] {
        let input = json!({ "QueueUrl": url, "MessageBody": "x", "MessageAttributes": attributes });
        let refusal = refused(&mut world, "SendMessage", input);
        assert!(
            refusal.starts_with(&format!("InvalidParameterValue: {words}")),
            "{refusal}"
        );
    }
    let kind = json!({ "a": { "DataType": "Number.java.lang.Long", "StringValue": "1" } });
    done(
        &mut world,
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "x", "MessageAttributes": kind }),
    );
    let tags: serde_json::Map<String, Value> =
        (0..51).map(|it| (format!("k{it}"), json!("v"))).collect();
    let refusal = refused(
        &mut world,
        "TagQueue",
        json!({ "QueueUrl": url, "Tags": tags }),
    );
    assert_eq!(
        refusal,
        "InvalidParameterValue: Too many tags added for queue jobs."
    );
    let refusal = refused(
        &mut world,
        "UntagQueue",
        json!({ "QueueUrl": url, "TagKeys": [] }),
    );
    assert_eq!(
        refusal,
        "InvalidParameterValue: Tag keys must be between 1 and 128 characters in length."
    );
}

/// `test_fifo_receive_message_group_id_ordering`, and what is visible again.
#[test]
fn a_group_comes_after_the_others_once_it_was_received_from() {
    let mut world = world();
    let set = json!({ "FifoQueue": "True", "ContentBasedDeduplication": "true" });
    let url = queue(&mut world, "jobs.fifo", set);
    for (group, body) in [("1", "a"), ("2", "b"), ("1", "c")] {
        let input = json!({ "QueueUrl": url, "MessageBody": body, "MessageGroupId": group });
        done(&mut world, "SendMessage", input);
    }
    let mut bodies = |most: u8| {
        let input = json!({ "QueueUrl": url, "MaxNumberOfMessages": most, "VisibilityTimeout": 0 });
        let got = done(&mut world, "ReceiveMessage", input);
        let all = got["Messages"].as_array().cloned().unwrap_or_default();
        let bodies: Vec<String> = all
            .iter()
            .map(|it| it["Body"].as_str().unwrap_or_default().to_owned())
            .collect();
        bodies.concat()
    };
    assert_eq!([bodies(10), bodies(1), bodies(1)], ["acb", "a", "b"]);
}

#[test]
fn an_earlier_receipt_does_as_well() {
    let mut world = world();
    let url = queue(&mut world, "jobs", json!({}));
    done(
        &mut world,
        "SendMessage",
        json!({ "QueueUrl": url, "MessageBody": "a" }),
    );
    let input = json!({ "QueueUrl": url, "VisibilityTimeout": 0 });
    let first = done(&mut world, "ReceiveMessage", input.clone());
    done(&mut world, "ReceiveMessage", input.clone());
    let receipt = &first["Messages"][0]["ReceiptHandle"];
    let deleted = json!({ "QueueUrl": url, "ReceiptHandle": receipt });
    done(&mut world, "DeleteMessage", deleted);
    assert_eq!(done(&mut world, "ReceiveMessage", input), json!({}));
}

#[test]
fn what_a_queue_or_a_message_cannot_have() {
    let mut world = world();
    for (name, words) in [
        ("FifoQueue", "Unknown Attribute FifoQueue."),
        (
            "FifoThroughputLimit",
            "You can specify the FifoThroughputLimit only when FifoQueue is set to true.",
        ),
    ] {
        let value = if name == "FifoQueue" {
            "false"
        } else {
            "perQueue"
        };
        let made = json!({ "QueueName": "jobs", "Attributes": { name: value } });
        assert_eq!(
            refused(&mut world, "CreateQueue", made),
            format!("InvalidAttributeName: {words}")
        );
    }
    let url = queue(&mut world, "jobs.fifo", json!({ "FifoQueue": "true" }));
    let long = "a".repeat(129);
    let input = json!({ "QueueUrl": url, "MessageBody": "x", "MessageGroupId": long });
    assert!(
        refused(&mut world, "SendMessage", input)
            .ends_with("MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.")
    );
    let url = queue(&mut world, "jobs", json!({}));
    let empty = json!({ "a": { "DataType": "String", "StringValue": "" } });
    let input = json!({ "QueueUrl": url, "MessageBody": "x", "MessageAttributes": empty });
    assert_eq!(
        refused(&mut world, "SendMessage", input),
        "InvalidParameterValue: Message (user) attribute 'a' must contain a non-empty value of type 'String'."
    );
}
