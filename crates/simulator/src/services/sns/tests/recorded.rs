//! What LocalStack's answers, recorded on AWS (`localstack-core` 4.0.0, `tests/aws/services/sns`), say of SNS.

use rstest::rstest;

use super::{TOPIC, ask, world};
use crate::front::{Service, ask_form};

const QUEUE: &str = "arn:aws:sqs:sa-east-1:123456789012:jobs";

#[rstest]
#[case::no_arn(
    "GetTopicAttributes",
    "TopicArn=topic",
    "InvalidParameter: Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1"
)]
#[case::another_region(
    "Publish",
    "TopicArn=arn:aws:sns:us-east-1:123456789012:alarms&Message=x",
    "InvalidParameter: Invalid parameter: TopicArn"
)]
#[case::protocol(
    "Subscribe",
    "TopicArn={t}&Protocol=carrier&Endpoint=pigeon",
    "InvalidParameter: Invalid parameter: Amazon SNS does not support this protocol string: carrier"
)]
#[case::phone(
    "Subscribe",
    "TopicArn={t}&Protocol=sms&Endpoint=NAA%2B1555",
    "InvalidParameter: Invalid SMS endpoint: NAA+1555"
)]
#[case::number(
    "Publish",
    "PhoneNumber=%2B1a234&Message=x",
    "InvalidParameter: Invalid parameter: PhoneNumber Reason: +1a234 is not valid to publish to"
)]
#[case::endpoint(
    "Publish",
    "TargetArn=arn:aws:sns:sa-east-1:123456789012:endpoint/APNS/a/b&Message=x",
    "InvalidParameter: Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified"
)]
#[case::deduplicated(
    "Publish",
    "TopicArn={t}&Message=x&MessageDeduplicationId=a",
    "InvalidParameter: Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type"
)]
#[case::token(
    "ConfirmSubscription",
    "TopicArn={t}&Token=random",
    "InvalidParameter: Invalid token"
)]
#[case::no_such_token(
    "ConfirmSubscription",
    "TopicArn={t}&Token=51b2ff",
    "InvalidParameter: Invalid parameter: Token"
)]
#[case::no_subscription(
    "Unsubscribe",
    "SubscriptionArn={t}",
    "InvalidParameter: Invalid parameter: SubscriptionId"
)]
#[case::short_arn(
    "Unsubscribe",
    "SubscriptionArn=arn:aws:sns:sa-east-1:random",
    "InvalidParameter: Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 5"
)]
#[case::raw(
    "Subscribe",
    "TopicArn={t}&Protocol=sqs&Endpoint={q}&Attributes.entry.1.key=RawMessageDelivery&Attributes.entry.1.value=maybe",
    "InvalidParameter: Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value [maybe]. Must be true or false."
)]
#[case::redrive(
    "Subscribe",
    "TopicArn={t}&Protocol=sqs&Endpoint={q}&Attributes.entry.1.key=RedrivePolicy&Attributes.entry.1.value=%7B%22deadLetterTargetArn%22%3A%22x%22%7D",
    "InvalidParameter: Invalid parameter: Attributes Reason: RedrivePolicy: deadLetterTargetArn is an invalid arn"
)]
#[case::policy(
    "Subscribe",
    "TopicArn={t}&Protocol=sqs&Endpoint={q}&Attributes.entry.1.key=FilterPolicy&Attributes.entry.1.value=%7B%22key%22:%5B%7B%22suffix%22:100%7D%5D%7D",
    "InvalidParameter: Invalid parameter: Attributes Reason: FilterPolicy: suffix match pattern must be a string\n at [Source: (String)\"{\"key\":[{\"suffix\":100}]}\"; line: 1, column: 22]"
)]
#[case::nested(
    "Subscribe",
    "TopicArn={t}&Protocol=sqs&Endpoint={q}&Attributes.entry.1.key=FilterPolicy&Attributes.entry.1.value=%7B%22a%22:%7B%22b%22:%5B1%5D%7D%7D",
    "InvalidParameter: Invalid parameter: Attributes Reason: Filter policy scope MessageAttributes does not support nested filter policy"
)]
#[case::attribute_name(
    "Publish",
    "TopicArn={t}&Message=x&MessageAttributes.entry.1.Name=a%5Eb&MessageAttributes.entry.1.Value.DataType=String&MessageAttributes.entry.1.Value.StringValue=1",
    "ParameterValueInvalid: Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots."
)]
#[case::attribute_type(
    "Publish",
    "TopicArn={t}&Message=x&MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.DataType=String.&MessageAttributes.entry.1.Value.StringValue=1",
    "ParameterValueInvalid: The message attribute 'a' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."
)]
#[case::attribute_field(
    "Publish",
    "TopicArn={t}&Message=x&MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.DataType=Binary&MessageAttributes.entry.1.Value.StringValue=1",
    "ParameterValueInvalid: The message attribute 'a' with type 'Binary' must use field 'Binary'."
)]
#[case::tag_twice(
    "TagResource",
    "ResourceArn={t}&Tags.member.1.Key=a&Tags.member.1.Value=1&Tags.member.2.Key=a&Tags.member.2.Value=2",
    "InvalidParameter: Invalid parameter: Duplicated keys are not allowed."
)]
fn is_refused(#[case] operation: &str, #[case] form: &str, #[case] expected: &str) {
    let mut world = world();
    let form = form.replace("{t}", TOPIC).replace("{q}", QUEUE);
    let refused = ask_form(&mut world, Service::Sns, operation, &form).expect_err("refused");
    assert_eq!(format!("{}: {}", refused.code, refused.message), expected);
}

#[test]
fn what_is_said_again_may_say_less() {
    let mut world = world();
    let raw = "&Attributes.entry.1.key=RawMessageDelivery&Attributes.entry.1.value=true";
    let form = format!("TopicArn={TOPIC}&Protocol=sqs&Endpoint={QUEUE}");
    let first = ask(&mut world, "Subscribe", &format!("{form}{raw}"));
    assert_eq!(ask(&mut world, "Subscribe", &form), first);
    assert!(ask(&mut world, "CreateTopic", "Name=alarms").contains(TOPIC));
}

#[test]
fn a_batch_is_as_long_as_a_message() {
    let mut world = world();
    let half = "a".repeat(131_073);
    let entry = |number: u8| {
        format!(
            "&PublishBatchRequestEntries.member.{number}.Id={number}&PublishBatchRequestEntries.member.{number}.Message={half}"
        )
    };
    let form = format!("TopicArn={TOPIC}{}{}", entry(1), entry(2));
    let refused = ask_form(&mut world, Service::Sns, "PublishBatch", &form).expect_err("refused");
    assert_eq!(refused.code, "BatchRequestTooLong");
}
