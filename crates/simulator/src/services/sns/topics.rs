//! Topics: made, described, changed, deleted.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{invalid, topic, topic_mut};
use super::state::Topic;
use crate::ApiError;
use crate::base::arn::regional_arn;
use crate::base::here::Here;
use crate::services::sns::Sns;
use crate::wire::{TagEntry, page, tags_of};

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

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Create {
    name: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    tags: Option<Vec<TagEntry>>,
    data_protection_policy: Option<String>,
}

/// A topic that is there is answered, unless it differs in what is given [MODEL].
pub(super) fn create(here: &mut Here<'_, Sns>, request: Create) -> Result<Value, ApiError> {
    let name = request.name;
    let attributes = settable_all(request.attributes, request.data_protection_policy)?;
    let is_fifo = attributes
        .get("FifoTopic")
        .is_some_and(|text| text == "true");
    if !is_name(&name, is_fifo) {
        return Err(invalid("Invalid parameter: Topic Name"));
    }
    let (arn, tags) = (arn_of(here, &name), tags_of(request.tags));
    if let Some(known) = here.own.topics.get(&arn) {
        let differs = |(name, value): (&String, &String)| known.attributes.get(name) != Some(value);
        if attributes.iter().any(differs) {
            return Err(invalid(
                "Invalid parameter: Attributes Reason: Topic already exists with different attributes",
            ));
        }
        // Some of its tags are enough (LocalStack's `test_create_duplicate_topic_check_idempotency`, recorded on AWS [OBS]).
        let other = |(key, value): (&String, &String)| known.tags.get(key) != Some(value);
        if tags.iter().any(other) {
            return Err(invalid(
                "Invalid parameter: Tags Reason: Topic already exists with different tags",
            ));
        }
        return Ok(json!({ "TopicArn": arn }));
    }
    let made = Topic {
        attributes,
        tags,
        unsubscribed: 0,
    };
    here.own.topics.insert(arn.clone(), made);
    Ok(json!({ "TopicArn": arn }))
}

fn settable_all(
    mut attributes: BTreeMap<String, String>,
    data_protection: Option<String>,
) -> Result<BTreeMap<String, String>, ApiError> {
    attributes.keys().try_for_each(|name| settable(name))?;
    if let Some(policy) = data_protection {
        attributes.insert("DataProtectionPolicy".to_owned(), policy);
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

fn arn_of(here: &Here<'_, Sns>, name: &str) -> String {
    regional_arn("sns", here.region, here.account, name)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ByArn {
    topic_arn: String,
}

/// With its subscriptions; one that is not there is no error [MODEL].
pub(super) fn delete(here: &mut Here<'_, Sns>, request: ByArn) -> Result<Value, ApiError> {
    let arn = request.topic_arn;
    here.own.topics.remove(&arn);
    here.own
        .subscriptions
        .retain(|_, subscription| subscription.topic_arn != arn);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct List {
    next_token: Option<String>,
}

pub(super) fn list(here: &Here<'_, Sns>, request: List) -> Result<Value, ApiError> {
    let arns: Vec<&String> = here.own.topics.keys().collect();
    let (arns, next) = page(&arns, None, request.next_token.as_deref(), 100)?;
    let topics = arns.into_iter().map(|arn| json!({ "TopicArn": arn }));
    Ok(json!({ "Topics": topics.collect::<Vec<_>>(), "NextToken": next }))
}

pub(super) fn attributes(here: &Here<'_, Sns>, request: ByArn) -> Result<Value, ApiError> {
    let arn = request.topic_arn.as_str();
    let topic = topic(here, arn)?;
    let of_topic = || here.own.of_topic(arn);
    let pending = of_topic().filter(|(_, one)| one.token.is_some()).count();
    let confirmed = of_topic().count() - pending;
    let mut all = BTreeMap::from([
        ("TopicArn", arn.to_owned()),
        ("Owner", here.account.to_owned()),
        ("DisplayName", String::new()),
        ("Policy", usual_policy(here, arn)),
        ("EffectiveDeliveryPolicy", usual_delivery()),
        ("SubscriptionsPending", pending.to_string()),
        ("SubscriptionsConfirmed", confirmed.to_string()),
        ("SubscriptionsDeleted", topic.unsubscribed.to_string()),
    ]);
    if topic
        .attributes
        .get("FifoTopic")
        .is_some_and(|it| it == "true")
    {
        // "By default, ContentBasedDeduplication is set to false" (CreateTopic [DOC]).
        all.insert("ContentBasedDeduplication", "false".to_owned());
    }
    for (name, value) in &topic.attributes {
        all.insert(name, value.clone());
    }
    Ok(json!({ "Attributes": all }))
}

/// What a topic has until it is given another: everybody of the account may use it [DOC].
fn usual_policy(here: &Here<'_, Sns>, arn: &str) -> String {
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
            "Condition": { "StringEquals": { "AWS:SourceOwner": here.account } },
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

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct SetAttribute {
    topic_arn: String,
    attribute_name: String,
    #[serde(default)]
    attribute_value: String,
}

pub(super) fn set_attribute(
    here: &mut Here<'_, Sns>,
    request: SetAttribute,
) -> Result<Value, ApiError> {
    let topic = topic_mut(here, &request.topic_arn)?;
    let name = request.attribute_name;
    settable(&name)?;
    if name == "FifoTopic" {
        return Err(invalid("Invalid parameter: AttributeName"));
    }
    match request.attribute_value.as_str() {
        "" => topic.attributes.remove(&name),
        value => topic.attributes.insert(name, value.to_owned()),
    };
    Ok(json!({}))
}
