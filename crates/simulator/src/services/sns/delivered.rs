//! What of a message comes to the queues that have subscribed, and in which shape.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::publish::shown;
use super::state::{Published, Subscription, ToQueue};
use crate::base::arn::dns_suffix;
use crate::base::here::Here;
use crate::base::ruler::{Dialect, Pattern};
use crate::services::sns::Sns;
use crate::wire::iso8601;

/// What the queues that have subscribed get: the message within a notification, or as it is ([DOC] RawMessageDelivery).
pub(super) fn to_queues(
    here: &Here<'_, Sns>,
    published: &Published,
    group: Option<&str>,
    attributes: &Map<String, Value>,
) -> Vec<ToQueue> {
    let subscriptions = here.own.of_topic(&published.topic_arn);
    let queues = subscriptions.filter(|(_, it)| it.protocol == "sqs" && it.token.is_none());
    let sent = queues
        .filter(|(_, subscription)| wants(subscription, &published.message, attributes))
        .map(|(arn, subscription)| {
            let raw = subscription.attributes.get("RawMessageDelivery");
            let (body, raw_attributes) = if raw.is_some_and(|raw| raw == "true") {
                (published.message.clone(), attributes.clone())
            } else {
                let notification = notification(here, published, arn, attributes);
                (notification.to_string(), Map::new())
            };
            ToQueue {
                queue: subscription.endpoint.clone(),
                dead_letters: dead_letters(subscription),
                body,
                group: group.map(str::to_owned),
                deduplication_id: published.deduplication_id.clone(),
                attributes: raw_attributes,
            }
        });
    sent.collect()
}

/// Where messages go that the queue does not take: the RedrivePolicy's queue [DOC].
fn dead_letters(subscription: &Subscription) -> Option<String> {
    let policy = subscription.attributes.get("RedrivePolicy")?;
    let policy: Value = serde_json::from_str(policy).ok()?;
    policy["deadLetterTargetArn"].as_str().map(str::to_owned)
}

/// By the message's attributes, unless its body is the scope ([DOC] FilterPolicyScope); an empty policy filters nothing.
fn wants(subscription: &Subscription, message: &str, attributes: &Map<String, Value>) -> bool {
    let set = |name: &str| subscription.attributes.get(name).map(String::as_str);
    let Some(policy) = set("FilterPolicy").filter(|policy| policy.trim() != "{}") else {
        return true;
    };
    let mut about = match set("FilterPolicyScope") {
        Some("MessageBody") => serde_json::from_str(message).unwrap_or_default(),
        _ => attributes
            .iter()
            .map(|(name, it)| (name.clone(), plain(it)))
            .collect(),
    };
    let policy = serde_json::from_str(policy).map_or_else(
        |_| policy.to_owned(),
        |mut policy: Value| {
            rounded(&mut policy);
            policy.to_string()
        },
    );
    rounded(&mut about);
    // What is no object passes none.
    about.is_object() && Pattern::read(&policy, Dialect::Topic).is_ok_and(|it| it.matches(&about))
}

/// Numbers have five digits after the point (Subscription filter policy constraints [DOC]); the others are cut off [INF].
fn rounded(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            // As decimal text: 0.29 is a little less in binary.
            let exact = number.as_f64().unwrap_or_default().to_string();
            let end = exact.find('.').map_or(exact.len(), |point| point + 6);
            let short = exact.get(..end).unwrap_or(&exact).parse();
            if let Some(short) = short.ok().and_then(serde_json::Number::from_f64) {
                *number = short;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(rounded),
        Value::Object(members) => members.values_mut().for_each(rounded),
        _ => {}
    }
}

/// The value of an attribute: a text, a number or an array; binary ones are not looked at [DOC].
fn plain(attribute: &Value) -> Value {
    let text = attribute["StringValue"].as_str();
    match (attribute["DataType"].as_str(), text) {
        (Some(kind), Some(text)) if kind == "String.Array" || kind.starts_with("Number") => {
            serde_json::from_str(text).unwrap_or_default()
        }
        (_, Some(text)) => json!(text),
        (_, None) => Value::Null,
    }
}

/// The file that a certificate would be in.
const CERTIFICATE: &str = "SimpleNotificationService-00000000000000000000000000000000.pem";

/// Its shape [DOC]; nobody has signed it: what stands there has the form of a signature. Topics that keep an order number their messages
/// and sign none (LocalStack's `test_message_to_fifo_sqs`, recorded on AWS [OBS]).
fn notification(
    here: &Here<'_, Sns>,
    published: &Published,
    subscription: &str,
    attributes: &Map<String, Value>,
) -> Value {
    let host = format!("https://sns.{}.{}", here.region, dns_suffix(here.region));
    let mut notification = json!({
        "Type": "Notification",
        "MessageId": published.message_id,
        "TopicArn": published.topic_arn,
        "Message": published.message,
        "Timestamp": iso8601(published.at_ms),
        "UnsubscribeURL": format!("{host}/?Action=Unsubscribe&SubscriptionArn={subscription}"),
    });
    match published.sequence_number {
        Some(_) => notification["SequenceNumber"] = json!(shown(published.sequence_number)),
        None => {
            notification["SignatureVersion"] = json!("1");
            notification["Signature"] = json!(unsigned(&published.message_id));
            notification["SigningCertURL"] = json!(format!("{host}/{CERTIFICATE}"));
        }
    }
    if let Some(subject) = &published.subject {
        notification["Subject"] = json!(subject);
    }
    for (name, attribute) in attributes {
        let value = attribute
            .get("StringValue")
            .or_else(|| attribute.get("BinaryValue"));
        notification["MessageAttributes"][name] =
            json!({ "Type": attribute["DataType"], "Value": value });
    }
    notification
}

/// As long as a signature, and none.
fn unsigned(message_id: &str) -> String {
    let mut bytes = message_id.as_bytes().to_vec();
    bytes.resize(256, 0);
    STANDARD.encode(bytes)
}
