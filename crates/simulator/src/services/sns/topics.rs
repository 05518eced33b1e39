//! Topics: made, described, changed, deleted.

use std::collections::BTreeMap;

use serde_json::json;

use super::find::{invalid, required, topic, topic_mut, with_next};
use super::state::Topic;
use crate::wire::{Form, Xml, page};
use crate::{ApiError, World};

/// Attributes that can be set [MODEL].
const SETTABLE: [&str; 27] = [
    "ApplicationFailureFeedbackRoleArn",
    "ApplicationSuccessFeedbackRoleArn",
    "ApplicationSuccessFeedbackSampleRate",
    "ArchivePolicy",
    "ContentBasedDeduplication",
    "DataProtectionPolicy",
    "DeliveryPolicy",
    "DisplayName",
    "FifoThroughputScope",
    "FifoTopic",
    "FirehoseFailureFeedbackRoleArn",
    "FirehoseSuccessFeedbackRoleArn",
    "FirehoseSuccessFeedbackSampleRate",
    "HTTPFailureFeedbackRoleArn",
    "HTTPSuccessFeedbackRoleArn",
    "HTTPSuccessFeedbackSampleRate",
    "KmsMasterKeyId",
    "LambdaFailureFeedbackRoleArn",
    "LambdaSuccessFeedbackRoleArn",
    "LambdaSuccessFeedbackSampleRate",
    "Policy",
    "SQSFailureFeedbackRoleArn",
    "SQSSuccessFeedbackRoleArn",
    "SQSSuccessFeedbackSampleRate",
    "SignatureVersion",
    "TracingConfig",
    "EffectiveDeliveryPolicy",
];

/// A topic that is there is answered, unless it differs in what is given [MODEL].
pub(super) fn create(world: &mut World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["Name", "Attributes", "Tags", "DataProtectionPolicy"])?;
    let name = required(form, "Name")?;
    let attributes = attributes_of(form)?;
    let is_fifo = attributes
        .get("FifoTopic")
        .is_some_and(|text| text == "true");
    if !is_name(name, is_fifo) {
        return Err(invalid("Invalid parameter: Topic Name"));
    }
    let (arn, tags) = (arn_of(world, name), form.tags("Tags"));
    if let Some(known) = world.sns.topics.get(&arn) {
        let differs = |(name, value): (&String, &String)| known.attributes.get(name) != Some(value);
        if attributes.iter().any(differs) {
            return Err(invalid(
                "Invalid parameter: Attributes Reason: Topic already exists with different attributes",
            ));
        }
        if !tags.is_empty() && tags != known.tags {
            return Err(invalid(
                "Invalid parameter: Tags Reason: Topic already exists with different tags",
            ));
        }
        return Ok(Xml::new().text("TopicArn", arn));
    }
    let made = Topic {
        attributes,
        tags,
        unsubscribed: 0,
    };
    world.sns.topics.insert(arn.clone(), made);
    Ok(Xml::new().text("TopicArn", arn))
}

fn attributes_of(form: &Form) -> Result<BTreeMap<String, String>, ApiError> {
    let mut attributes = BTreeMap::new();
    for (name, value) in form.entries("Attributes") {
        settable(name)?;
        attributes.insert(name.to_owned(), value.to_owned());
    }
    if let Some(policy) = form.text("DataProtectionPolicy") {
        attributes.insert("DataProtectionPolicy".to_owned(), policy.to_owned());
    }
    Ok(attributes)
}

fn settable(name: &str) -> Result<(), ApiError> {
    match SETTABLE.contains(&name) {
        true => Ok(()),
        false => Err(invalid("Invalid parameter: AttributeName")),
    }
}

/// Letters, digits, hyphens and underscores; a FIFO topic's name ends with `.fifo` [MODEL].
fn is_name(name: &str, is_fifo: bool) -> bool {
    let bare = match (name.strip_suffix(".fifo"), is_fifo) {
        (Some(bare), true) => bare,
        (None, false) => name,
        (Some(_), false) | (None, true) => return false,
    };
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (1..=256).contains(&name.len()) && !bare.is_empty() && bare.bytes().all(is_allowed)
}

fn arn_of(world: &World, name: &str) -> String {
    format!("arn:aws:sns:{}:{}:{name}", world.region, world.account)
}

/// With its subscriptions; one that is not there is no error [MODEL].
pub(super) fn delete(world: &mut World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["TopicArn"])?;
    let arn = required(form, "TopicArn")?;
    world.sns.topics.remove(arn);
    world
        .sns
        .subscriptions
        .retain(|_, subscription| subscription.topic_arn != arn);
    Ok(Xml::new())
}

pub(super) fn list(world: &World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["NextToken"])?;
    let arns: Vec<&String> = world.sns.topics.keys().collect();
    let (arns, next) = page(&arns, None, form.text("NextToken"), 100)?;
    let topics = arns.into_iter().map(|arn| Xml::new().text("TopicArn", arn));
    Ok(with_next(Xml::new().members("Topics", topics), next))
}

pub(super) fn attributes(world: &World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["TopicArn"])?;
    let arn = required(form, "TopicArn")?;
    let topic = topic(world, arn)?;
    let of_topic = || world.sns.of_topic(arn);
    let pending = of_topic().filter(|(_, one)| one.token.is_some()).count();
    let confirmed = of_topic().count() - pending;
    let mut all = BTreeMap::from([
        ("TopicArn", arn.to_owned()),
        ("Owner", world.account.clone()),
        ("DisplayName", String::new()),
        ("Policy", usual_policy(world, arn)),
        ("EffectiveDeliveryPolicy", usual_delivery()),
        ("SubscriptionsPending", pending.to_string()),
        ("SubscriptionsConfirmed", confirmed.to_string()),
        ("SubscriptionsDeleted", topic.unsubscribed.to_string()),
    ]);
    for (name, value) in &topic.attributes {
        all.insert(name, value.clone());
    }
    Ok(Xml::new().entries("Attributes", all))
}

/// What a topic has until it is given another: everybody of the account may use it [DOC].
fn usual_policy(world: &World, arn: &str) -> String {
    let actions = [
        "GetTopicAttributes",
        "SetTopicAttributes",
        "AddPermission",
        "RemovePermission",
        "DeleteTopic",
        "Subscribe",
        "ListSubscriptionsByTopic",
        "Publish",
    ];
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": actions.map(|action| format!("SNS:{action}")),
            "Resource": arn,
            "Condition": { "StringEquals": { "AWS:SourceOwner": world.account } },
        }],
    })
    .to_string()
}

fn usual_delivery() -> String {
    json!({ "http": {
        "defaultHealthyRetryPolicy": {
            "minDelayTarget": 20, "maxDelayTarget": 20, "numRetries": 3, "numMaxDelayRetries": 0,
            "numNoDelayRetries": 0, "numMinDelayRetries": 0, "backoffFunction": "linear",
        },
        "disableSubscriptionOverrides": false,
        "defaultRequestPolicy": { "headerContentType": "text/plain; charset=UTF-8" },
    } })
    .to_string()
}

pub(super) fn set_attribute(world: &mut World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["TopicArn", "AttributeName", "AttributeValue"])?;
    let topic = topic_mut(world, required(form, "TopicArn")?)?;
    let name = required(form, "AttributeName")?;
    settable(name)?;
    if name == "FifoTopic" {
        return Err(invalid("Invalid parameter: AttributeName"));
    }
    match form.text("AttributeValue").unwrap_or_default() {
        "" => topic.attributes.remove(name),
        value => topic.attributes.insert(name.to_owned(), value.to_owned()),
    };
    Ok(Xml::new())
}
