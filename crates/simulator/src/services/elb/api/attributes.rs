//! The attributes of load balancers, listeners and target groups, read and changed.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::{invalid, no_balancer, no_group, no_listeners};
use super::read;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::elb::attributes::{Wrong, check_balancer, check_group, check_listener};
use crate::services::elb::{BalancerKind, Elb};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Input {
    load_balancer_arn: Option<String>,
    listener_arn: Option<String>,
    target_group_arn: Option<String>,
    #[serde(default)]
    attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Attribute {
    key: Option<String>,
    value: Option<String>,
}

pub(super) fn of_balancer(here: &Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let arn = given(input.load_balancer_arn)?;
    let found = here
        .own
        .balancer_by_arn(&arn)
        .ok_or_else(|| no_balancer(&arn))?;
    Ok(told(&found.attributes))
}

pub(super) fn of_listener(here: &Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let arn = given(input.listener_arn)?;
    let found = here.own.listener(&arn).ok_or_else(no_listeners)?;
    Ok(told(&found.attributes))
}

pub(super) fn of_group(here: &Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let arn = given(input.target_group_arn)?;
    let found = here.own.group_by_arn(&arn).ok_or_else(|| no_group(&arn))?;
    Ok(told(&found.attributes))
}

pub(super) fn modify_balancer(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let arn = given(input.load_balancer_arn)?;
    let found = here
        .own
        .balancer_by_arn_mut(&arn)
        .ok_or_else(|| no_balancer(&arn))?;
    let check = |key: &str, value: &str| check_balancer(found.kind, key, value);
    let changes = changes("Load balancer", &input.attributes, check)?;
    found.attributes.extend(changes);
    Ok(told(&found.attributes))
}

pub(super) fn modify_listener(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let arn = given(input.listener_arn)?;
    let protocol = here.own.listener(&arn).ok_or_else(no_listeners)?.protocol;
    let check = |key: &str, value: &str| check_listener(protocol, key, value);
    let changes = changes("Listener", &input.attributes, check)?;
    let found = here.own.listener_mut(&arn).ok_or_else(no_listeners)?;
    found.attributes.extend(changes);
    Ok(told(&found.attributes))
}

pub(super) fn modify_group(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let arn = given(input.target_group_arn)?;
    let found = here
        .own
        .group_by_arn_mut(&arn)
        .ok_or_else(|| no_group(&arn))?;
    let (protocol, kind) = (found.protocol, found.kind());
    for attribute in &input.attributes {
        is_stickiness(attribute, protocol.name(), kind)?;
    }
    let check = |key: &str, value: &str| check_group(kind, key, value);
    let changes = changes("Target group", &input.attributes, check)?;
    found.attributes.extend(changes);
    Ok(told(&found.attributes))
}

/// A type of stickiness is refused in words of its own: one that this protocol does not have (ansible/ansible#67993 [OBS]), and one that
/// does not exist, as which those of Gateway Load Balancers count here (the list moto's `test_target_group_attributes_stickiness` [CODE]).
/// Groups that speak TLS have none (Edit target group attributes, sticky sessions [DOC]).
fn is_stickiness(
    attribute: &Attribute,
    protocol: &str,
    kind: BalancerKind,
) -> Result<(), ApiError> {
    const TYPES: [&str; 3] = ["app_cookie", "lb_cookie", "source_ip"];
    let is_enabled = attribute.key.as_deref() == Some("stickiness.enabled")
        && attribute.value.as_deref() == Some("true");
    if is_enabled && protocol == "TLS" {
        return Err(ApiError::client(
            "InvalidConfigurationRequest",
            "You cannot enable stickiness on target groups with the TLS protocol",
        ));
    }
    if attribute.key.as_deref() != Some("stickiness.type") {
        return Ok(());
    }
    let value = attribute.value.as_deref().unwrap_or_default();
    if !TYPES.contains(&value) {
        return Err(invalid(format!(
            "'Stickiness type' must be one of [{}]",
            TYPES.join(", ")
        )));
    }
    match check_group(kind, "stickiness.type", value) {
        Ok(()) => Ok(()),
        Err(_) => Err(ApiError::client(
            "InvalidConfigurationRequest",
            format!(
                "Stickiness type '{value}' is not supported for target groups with the {protocol} protocol"
            ),
        )),
    }
}

fn given(arn: Option<String>) -> Result<String, ApiError> {
    arn.ok_or_else(|| invalid("An ARN must be specified"))
}

/// All of them or none.
fn changes(
    what: &str,
    input: &[Attribute],
    check: impl Fn(&str, &str) -> Result<(), Wrong>,
) -> Result<Vec<(String, String)>, ApiError> {
    let one = |attribute: &Attribute| {
        let key = attribute.key.clone().unwrap_or_default();
        let value = attribute.value.clone().unwrap_or_default();
        match check(&key, &value) {
            Ok(()) => Ok((key, value)),
            Err(Wrong::Key) => Err(invalid(format!(
                "{what} attribute key '{key}' is not recognized"
            ))),
            Err(Wrong::Value) => Err(ApiError::client(
                "InvalidConfigurationRequest",
                format!("{what} attribute value '{value}' is not valid for key '{key}'"),
            )),
        }
    };
    input.iter().map(one).collect()
}

fn told(attributes: &BTreeMap<String, String>) -> Value {
    let told = attributes
        .iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }));
    json!({ "Attributes": told.collect::<Vec<_>>() })
}
