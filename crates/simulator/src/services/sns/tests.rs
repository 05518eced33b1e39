//! Topics, subscriptions and messages.

mod recorded;

use rstest::rstest;

use crate::front::{Service, ask_form};
use crate::{Weather, World};

const TOPIC: &str = "arn:aws:sns:sa-east-1:123456789012:alarms";

fn world() -> World {
    let mut world = World::new(
        "123456789012",
        "sa-east-1",
        7,
        Weather::Calm,
        1_767_225_600_000,
    );
    ask(
        &mut world,
        "CreateTopic",
        "Name=alarms&Tags.member.1.Key=a&Tags.member.1.Value=b",
    );
    world
}

/// The answer's XML.
#[track_caller]
fn ask(world: &mut World, operation: &str, form: &str) -> String {
    ask_form(world, Service::Sns, operation, form)
        .unwrap_or_else(|error| panic!("{operation} {form}: {error}"))
}

#[track_caller]
fn refusal(world: &mut World, operation: &str, form: &str) -> &'static str {
    ask_form(world, Service::Sns, operation, form)
        .expect_err("refused")
        .code
}

#[test]
fn a_topic_is_made_once_and_answered_again_if_it_is_the_same() {
    let mut world = world();
    for same in [
        "Name=alarms",
        "Name=alarms&Tags.member.1.Key=a&Tags.member.1.Value=b",
    ] {
        assert!(ask(&mut world, "CreateTopic", same).contains(TOPIC));
    }
    for other in [
        "Name=alarms&Tags.member.1.Key=a&Tags.member.1.Value=c",
        "Name=alarms&Attributes.entry.1.key=DisplayName&Attributes.entry.1.value=x",
        "Name=alarms.fifo",
        "Name=a b",
        "Name=b&Attributes.entry.1.key=Colour&Attributes.entry.1.value=red",
    ] {
        assert_eq!(
            refusal(&mut world, "CreateTopic", other),
            "InvalidParameter",
            "{other}"
        );
    }
}

#[test]
fn attributes_are_set_and_counted() {
    let mut world = world();
    let topic = format!("TopicArn={TOPIC}");
    let set = format!("{topic}&AttributeName=DisplayName&AttributeValue=Alarms");
    ask(&mut world, "SetTopicAttributes", &set);
    for (protocol, endpoint) in [
        ("sqs", "arn:aws:sqs:sa-east-1:123456789012:q"),
        ("email", "a@b.c"),
    ] {
        let subscribe = format!("{topic}&Protocol={protocol}&Endpoint={endpoint}");
        ask(&mut world, "Subscribe", &subscribe);
    }
    let attributes = ask(&mut world, "GetTopicAttributes", &topic);
    for (name, value) in [
        ("DisplayName", "Alarms"),
        ("SubscriptionsPending", "1"),
        ("SubscriptionsConfirmed", "1"),
        ("Owner", "123456789012"),
    ] {
        let entry = format!("<entry><key>{name}</key><value>{value}</value></entry>");
        assert!(attributes.contains(&entry), "{attributes}");
    }
}

#[test]
fn an_endpoint_confirms_with_the_token_it_was_sent() {
    let mut world = world();
    let subscribe = format!("TopicArn={TOPIC}&Protocol=https&Endpoint=https://a.b/c");
    assert!(ask(&mut world, "Subscribe", &subscribe).contains("pending confirmation"));
    let token = world
        .sns
        .published()
        .last()
        .expect("a token")
        .message
        .clone();
    let confirm = |token: &str| format!("TopicArn={TOPIC}&Token={token}");
    assert_eq!(
        refusal(&mut world, "ConfirmSubscription", &confirm("guess")),
        "InvalidParameter"
    );
    ask(&mut world, "ConfirmSubscription", &confirm(&token));
    let again = ask(&mut world, "Subscribe", &subscribe);
    assert!(again.contains(&format!("{TOPIC}:")), "{again}");
    let listed = ask(
        &mut world,
        "ListSubscriptionsByTopic",
        &format!("TopicArn={TOPIC}"),
    );
    assert_eq!(listed.matches("<member>").count(), 1);
}

#[test]
fn a_deleted_topic_takes_its_subscriptions_and_is_no_error_twice() {
    let mut world = world();
    let subscribe = format!("TopicArn={TOPIC}&Protocol=sqs&Endpoint=arn:aws:sqs:sa-east-1:1:q");
    ask(&mut world, "Subscribe", &subscribe);
    for _ in 0..2 {
        ask(&mut world, "DeleteTopic", &format!("TopicArn={TOPIC}"));
    }
    assert!(!ask(&mut world, "ListSubscriptions", "").contains("<member>"));
    assert_eq!(
        refusal(
            &mut world,
            "Publish",
            &format!("TopicArn={TOPIC}&Message=x")
        ),
        "NotFound"
    );
}

#[test]
fn other_services_publish_to_topics_that_are_there() {
    let mut world = world();
    assert!(world.publish(TOPIC, "ALARM", "it burns"));
    assert!(!world.publish("arn:aws:sns:sa-east-1:123456789012:nobody", "ALARM", "x"));
    for number in 0..1_200 {
        ask(
            &mut world,
            "Publish",
            &format!("TopicArn={TOPIC}&Message={number}"),
        );
    }
    let kept: Vec<&str> = world
        .sns
        .published()
        .map(|one| one.message.as_str())
        .collect();
    assert_eq!((kept.len(), kept[0], kept[999]), (1_000, "200", "1199"));
}

#[test]
fn a_fifo_topic_takes_a_message_once_in_five_minutes() {
    let mut world = world();
    ask(
        &mut world,
        "CreateTopic",
        "Name=q.fifo&Attributes.entry.1.key=FifoTopic&Attributes.entry.1.value=true",
    );
    let arn = "arn:aws:sns:sa-east-1:123456789012:q.fifo";
    let send = format!("TopicArn={arn}&Message=x&MessageGroupId=g&MessageDeduplicationId=one");
    let first = ask(&mut world, "Publish", &send);
    assert_eq!(ask(&mut world, "Publish", &send), first);
    let now_ms = world.now_ms;
    world.advance(now_ms + 300_000);
    assert_ne!(ask(&mut world, "Publish", &send), first);
    let no_group = format!("TopicArn={arn}&Message=x");
    assert_eq!(
        refusal(&mut world, "Publish", &no_group),
        "InvalidParameter"
    );
}

#[test]
fn a_batch_fails_entry_by_entry() {
    let mut world = world();
    let entry = |index: u32, id: &str, message: &str| {
        format!(
            "&PublishBatchRequestEntries.member.{index}.Id={id}&PublishBatchRequestEntries.member.{index}.Message={message}"
        )
    };
    let batch = |entries: &[String]| format!("TopicArn={TOPIC}{}", entries.concat());
    let mixed = batch(&[entry(1, "a", "x"), entry(2, "b", "")]);
    let answer = ask(&mut world, "PublishBatch", &mixed);
    assert!(
        answer.contains("<Successful><member><Id>a</Id>"),
        "{answer}"
    );
    assert!(answer.contains("<Failed><member><Id>b</Id>"), "{answer}");
    let twice = batch(&[entry(1, "a", "x"), entry(2, "a", "y")]);
    assert_eq!(
        refusal(&mut world, "PublishBatch", &twice),
        "BatchEntryIdsNotDistinct"
    );
    assert_eq!(
        refusal(&mut world, "PublishBatch", &batch(&[])),
        "EmptyBatchRequest"
    );
}

const QUEUE: &str = "arn:aws:sqs:sa-east-1:123456789012:jobs";

#[test]
fn a_queue_is_subscribed_by_its_arn_and_an_ordered_one_to_its_like() {
    let mut world = world();
    ask(
        &mut world,
        "Subscribe",
        &format!("TopicArn={TOPIC}&Protocol=sqs&Endpoint={QUEUE}"),
    );
    for (endpoint, words) in [
        ("jobs", "Invalid parameter: SQS endpoint ARN"),
        (
            "http://127.0.0.1/123456789012/jobs",
            "Invalid parameter: SQS endpoint ARN",
        ),
        (
            "arn:aws:sqs:sa-east-1:123456789012:jobs.fifo",
            "Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
        ),
    ] {
        let form = format!("TopicArn={TOPIC}&Protocol=sqs&Endpoint={endpoint}");
        let refused = ask_form(&mut world, Service::Sns, "Subscribe", &form).expect_err("refused");
        assert_eq!(
            (refused.code, &*refused.message),
            ("InvalidParameter", words)
        );
    }
}

#[test]
fn a_message_is_refused_in_the_words_of_sns() {
    let mut world = world();
    ask(
        &mut world,
        "CreateTopic",
        "Name=jobs.fifo&Attributes.entry.1.key=FifoTopic&Attributes.entry.1.value=true",
    );
    let long = "x".repeat(101);
    for (form, words) in [
        (
            format!("TopicArn={TOPIC}&Message=m&Subject={long}"),
            "Invalid parameter: Subject",
        ),
        (
            format!("TopicArn={TOPIC}&Message=m&MessageDeduplicationId=1"),
            "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
        ),
        (
            format!("TopicArn={TOPIC}&Message=m&MessageStructure=json"),
            "Invalid parameter: Message Structure - JSON message body failed to parse",
        ),
        (
            format!("TopicArn={TOPIC}&Message={{}}&MessageStructure=json"),
            "Invalid parameter: Message Structure - No default entry in JSON message body",
        ),
        (
            format!(
                "TopicArn={TOPIC}&Message={{\"default\":1,\"sqs\":\"q\"}}&MessageStructure=json"
            ),
            "Invalid parameter: Message Structure - No default entry in JSON message body",
        ),
    ] {
        let refused = ask_form(&mut world, Service::Sns, "Publish", &form).expect_err("refused");
        assert_eq!(refused.message, words);
    }
    // A hundred characters, whatever their bytes.
    let wide = format!("TopicArn={TOPIC}&Message=m&Subject={}", "ä".repeat(100));
    ask(&mut world, "Publish", &wide);
    let batch = "TopicArn=arn:aws:sns:sa-east-1:123456789012:jobs.fifo&PublishBatchRequestEntries.member.1.Id=a\
                 &PublishBatchRequestEntries.member.1.Message=m";
    let refused = ask_form(&mut world, Service::Sns, "PublishBatch", batch).expect_err("refused");
    assert_eq!(
        refused.message,
        "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"
    );
}

#[rstest]
#[case::cut("100.123456789", ["100.1234567", "100.1233"])]
#[case::of_a_decimal_text("0.29", ["0.29", "0.28999"])]
fn a_queue_gets_the_text_of_its_protocol_and_numbers_have_five_digits(
    #[case] wanted: &str,
    #[case] prices: [&str; 2],
) {
    let mut world = world();
    ask_form(&mut world, Service::Sqs, "CreateQueue", "QueueName=jobs").expect("a queue");
    let policy = format!(
        "Attributes.entry.1.key=FilterPolicy&Attributes.entry.1.value=%7B%22price%22%3A%5B{wanted}%5D%7D"
    );
    ask(
        &mut world,
        "Subscribe",
        &format!("TopicArn={TOPIC}&Protocol=sqs&Endpoint={QUEUE}&{policy}"),
    );
    for price in prices {
        let attribute = format!(
            "MessageAttributes.entry.1.Name=price&MessageAttributes.entry.1.Value.DataType=Number\
             &MessageAttributes.entry.1.Value.StringValue={price}"
        );
        let text =
            "Message=%7B%22default%22%3A%22d%22%2C%22sqs%22%3A%22q%22%7D&MessageStructure=json";
        ask(
            &mut world,
            "Publish",
            &format!("TopicArn={TOPIC}&{text}&{attribute}"),
        );
    }
    let got = ask_form(
        &mut world,
        Service::Sqs,
        "ReceiveMessage",
        "QueueUrl=http://x/123456789012/jobs&MaxNumberOfMessages=10",
    )
    .expect("messages");
    assert!(got.contains("&quot;Message&quot;:&quot;q&quot;"), "{got}");
    assert_eq!(got.matches("<ReceiptHandle>").count(), 1, "{got}");
}
