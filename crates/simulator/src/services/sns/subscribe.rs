//! Subscribe, ConfirmSubscription, Unsubscribe.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{invalid, is_arn, not_found, subscription_mut, topic};
use super::publish::is_phone_number;
use super::state::{Published, Subscription};
use super::subscription_attributes::{Asked, checked};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::sns::Sns;

/// Who answers at another end has to confirm that it wants to [DOC].
fn needs_confirmation(protocol: &str) -> Result<bool, ApiError> {
    match protocol {
        "http" | "https" | "email" | "email-json" => Ok(true),
        "sqs" | "lambda" | "firehose" | "application" | "sms" => Ok(false),
        other => Err(invalid(format!(
            "Invalid parameter: Amazon SNS does not support this protocol string: {other}"
        ))),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Subscribe {
    topic_arn: String,
    protocol: String,
    endpoint: Option<String>,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    return_subscription_arn: bool,
}

/// The same endpoint twice is the same subscription [DOC].
pub(super) fn subscribe(here: &mut Here<'_, Sns>, request: Subscribe) -> Result<Value, ApiError> {
    let (topic_arn, protocol) = (request.topic_arn, request.protocol);
    topic(here, &topic_arn)?;
    let waits = needs_confirmation(&protocol)?;
    let missing = || invalid("Invalid parameter: Endpoint");
    let endpoint = request.endpoint.ok_or_else(missing)?;
    if protocol == "sqs" {
        is_subscribable_queue(&endpoint, &topic_arn)?;
    }
    if protocol == "sms" && !is_phone_number(&endpoint) {
        // LocalStack's `test_publish_wrong_phone_format`, recorded on AWS [OBS].
        return Err(invalid(format!("Invalid SMS endpoint: {endpoint}")));
    }
    let attributes = checked(request.attributes, None, &endpoint, Asked::Subscribe)?;
    let known = here
        .own
        .of_topic(&topic_arn)
        .find(|(_, one)| one.protocol == protocol && one.endpoint == endpoint)
        .map(|(arn, one)| {
            (
                arn.clone(),
                is_same(&one.attributes, &attributes),
                one.token.is_some(),
            )
        });
    let (arn, waits) = match known {
        Some((arn, true, waits)) => (arn, waits),
        Some((_, false, _)) => {
            return Err(invalid(
                "Invalid parameter: Attributes Reason: Subscription already exists with different attributes",
            ));
        }
        None => {
            let arn = format!("{topic_arn}:{}", here.random.uuid());
            let token = waits.then(|| here.random.hex());
            if let Some(token) = &token {
                ask_to_confirm(here, &topic_arn, token);
            }
            let made = Subscription {
                topic_arn,
                protocol,
                endpoint,
                attributes,
                token,
            };
            here.own.subscriptions.insert(arn.clone(), made);
            (arn, waits)
        }
    };
    let shown = if !waits || request.return_subscription_arn {
        arn.as_str()
    } else {
        "pending confirmation"
    };
    Ok(json!({ "SubscriptionArn": shown }))
}

/// What is not said again stays, and what is usual need not be said (LocalStack's `test_subscribe_idempotency`, recorded on AWS [OBS]).
fn is_same(known: &BTreeMap<String, String>, again: &BTreeMap<String, String>) -> bool {
    again.iter().all(|(name, value)| {
        let usual = match name.as_str() {
            "RawMessageDelivery" => "false",
            "FilterPolicyScope" => "MessageAttributes",
            _ => "",
        };
        known.get(name).map_or(usual, String::as_str) == value
    })
}

/// A queue is named by its ARN, whether it is there or not; one that keeps its order takes from such a topic only (moto's
/// `test_subscribe_unknown_sqs_queue`, `test_publish_from_standard_sns_to_fifo_sqs`, aws_verified [OBS]).
fn is_subscribable_queue(endpoint: &str, topic_arn: &str) -> Result<(), ApiError> {
    let parts: Vec<&str> = endpoint.split(':').collect();
    if !matches!(parts.as_slice(), ["arn", _, "sqs", _, _, _]) {
        return Err(invalid("Invalid parameter: SQS endpoint ARN"));
    }
    if !topic_arn.ends_with(".fifo") && endpoint.ends_with(".fifo") {
        return Err(invalid(
            "Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics",
        ));
    }
    Ok(())
}

/// The endpoint is sent a token, which is found among what was published.
fn ask_to_confirm(here: &mut Here<'_, Sns>, topic_arn: &str, token: &str) {
    let published = Published {
        at_ms: here.now_ms,
        topic_arn: topic_arn.to_owned(),
        message_id: here.random.uuid(),
        subject: Some("SubscriptionConfirmation".to_owned()),
        message: token.to_owned(),
        deduplication_id: None,
        sequence_number: None,
    };
    here.own.remember(published);
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Confirm {
    topic_arn: String,
    token: String,
    /// Accepted: whoever unsubscribes is never asked who they are.
    #[serde(rename = "AuthenticateOnUnsubscribe")]
    _authenticate: Option<String>,
}

pub(super) fn confirm(here: &mut Here<'_, Sns>, request: Confirm) -> Result<Value, ApiError> {
    // A token of another shape is told apart (LocalStack's `test_sns_confirm_subscription_wrong_token`, recorded on AWS [OBS]).
    let is_digits = request.token.bytes().all(|it| it.is_ascii_hexdigit());
    let waiting = here
        .own
        .of_topic(&request.topic_arn)
        .find(|(_, one)| one.token.as_ref() == Some(&request.token))
        .map(|(arn, _)| arn.clone());
    let arn = waiting.ok_or_else(|| {
        invalid(match is_digits {
            true => "Invalid parameter: Token",
            false => "Invalid token",
        })
    })?;
    subscription_mut(here, &arn)?.token = None;
    Ok(json!({ "SubscriptionArn": arn }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Unsubscribe {
    subscription_arn: String,
}

/// One that is not there is no error; one that waits for its confirmation cannot go [DOC].
pub(super) fn unsubscribe(
    here: &mut Here<'_, Sns>,
    request: Unsubscribe,
) -> Result<Value, ApiError> {
    let arn = request.subscription_arn;
    is_arn(here, "SubscriptionArn", &arn)?;
    // A topic's ARN has six elements, its subscriptions' a seventh (LocalStack's `test_unsubscribe_wrong_arn_format`, recorded on AWS [OBS]).
    if arn.split(':').count() == 6 {
        return Err(invalid("Invalid parameter: SubscriptionId"));
    }
    if let Some(gone) = here.own.subscriptions.remove(&arn) {
        let topic = here.own.topics.get_mut(&gone.topic_arn);
        let topic = topic.ok_or_else(|| not_found("Topic does not exist"))?;
        topic.unsubscribed += 1;
    }
    Ok(json!({}))
}
