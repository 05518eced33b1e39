//! Attributes of subscriptions, as Subscribe and SetSubscriptionAttributes take and refuse them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::find::invalid;
use crate::ApiError;
use crate::base::ruler::{Dialect, Pattern};

/// Attributes that can be set [MODEL].
const SETTABLE: [&str; 7] = [
    "DeliveryPolicy",
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
    "ReplayPolicy",
    "SubscriptionRoleArn",
];
/// A filter policy has so many names at its top, and asks for so many values in all ([DOC] filter policy constraints).
const MOST_NAMES: usize = 5;
const MOST_COMBINATIONS: usize = 150;

/// Which operation is refused: Subscribe names its parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Subscribe,
    Set,
}

impl Asked {
    fn refused(self, why: impl std::fmt::Display) -> ApiError {
        invalid(match self {
            Self::Subscribe => format!("Invalid parameter: Attributes Reason: {why}"),
            Self::Set => format!("Invalid parameter: {why}"),
        })
    }
}

/// Attributes as they are kept; what is empty is not. The words are LocalStack's `test_validate_set_sub_attributes`,
/// `test_create_subscriptions_with_attributes` and `test_validate_policy*`, recorded on AWS [OBS].
pub(super) fn checked(
    given: BTreeMap<String, String>,
    scope: Option<&str>,
    endpoint: &str,
    asked: Asked,
) -> Result<BTreeMap<String, String>, ApiError> {
    if given.keys().any(|name| !SETTABLE.contains(&name.as_str())) {
        return Err(invalid("Invalid parameter: AttributeName"));
    }
    let scope = given.get("FilterPolicyScope").map(String::as_str).or(scope);
    let scope = scope.unwrap_or("MessageAttributes").to_owned();
    let mut kept = BTreeMap::new();
    for (name, value) in given {
        let value = match name.as_str() {
            "RawMessageDelivery" => flag(value, asked)?,
            "FilterPolicyScope" => one_of_scopes(value, asked)?,
            "FilterPolicy" => {
                if !["", "{}"].contains(&value.trim()) {
                    is_policy(&value, &scope, asked)?;
                }
                value
            }
            "RedrivePolicy" => {
                if !value.trim().is_empty() {
                    is_redrive(&value, endpoint, asked)?;
                }
                value
            }
            _ => value,
        };
        if !value.is_empty() {
            kept.insert(name, value);
        }
    }
    Ok(kept)
}

fn flag(value: String, asked: Asked) -> Result<String, ApiError> {
    let lower = value.to_lowercase();
    match lower.as_str() {
        "true" | "false" => Ok(lower),
        _ => Err(asked.refused(format_args!(
            "RawMessageDelivery: Invalid value [{value}]. Must be true or false."
        ))),
    }
}

fn one_of_scopes(value: String, asked: Asked) -> Result<String, ApiError> {
    match value.as_str() {
        "MessageAttributes" | "MessageBody" => Ok(value),
        _ => Err(asked.refused(format_args!(
            "FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or MessageAttributes"
        ))),
    }
}

fn is_policy(policy: &str, scope: &str, asked: Asked) -> Result<(), ApiError> {
    let pattern = Pattern::read(policy, Dialect::Topic).map_err(|flaw| {
        let json = match flaw.is_json() {
            true => "",
            false => "failed to parse JSON. ",
        };
        asked.refused(format_args!("FilterPolicy: {json}{}", flaw.told(policy)))
    })?;
    if scope == "MessageAttributes" && pattern.is_nested() {
        return Err(asked.refused(
            "Filter policy scope MessageAttributes does not support nested filter policy",
        ));
    }
    if pattern.tops().len() > MOST_NAMES {
        return Err(asked.refused(format_args!(
            "FilterPolicy: Filter policy can not have more than {MOST_NAMES} keys"
        )));
    }
    match pattern.combinations() > MOST_COMBINATIONS {
        true => Err(asked.refused("FilterPolicy: Filter policy is too complex")),
        false => Ok(()),
    }
}

fn is_redrive(policy: &str, endpoint: &str, asked: Asked) -> Result<(), ApiError> {
    let read: Value = serde_json::from_str(policy)
        .map_err(|_| asked.refused("RedrivePolicy: failed to parse JSON."))?;
    let queue = read["deadLetterTargetArn"].as_str().unwrap_or_default();
    let parts: Vec<&str> = queue.split(':').collect();
    if !matches!(parts.as_slice(), ["arn", _, "sqs", _, _, _]) {
        return Err(asked.refused("RedrivePolicy: deadLetterTargetArn is an invalid arn"));
    }
    if endpoint.ends_with(".fifo") && !queue.ends_with(".fifo") {
        return Err(asked.refused(
            "RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.",
        ));
    }
    Ok(())
}
