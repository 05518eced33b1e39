//! Subscriptions: listed, described, changed.

use std::collections::BTreeMap;

use super::find::{invalid, required, subscription_mut, topic, with_next};
use super::state::Subscription;
use crate::wire::{Form, Xml, page};
use crate::{ApiError, World};

/// So many parts has a subscription's ARN at least.
pub(super) const REMOVABLE: usize = 6;

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

/// Refuses attributes that no subscription has.
pub(super) fn checked(pairs: Vec<(&str, &str)>) -> Result<BTreeMap<String, String>, ApiError> {
    if pairs.iter().any(|(name, _)| !SETTABLE.contains(name)) {
        return Err(invalid("Invalid parameter: AttributeName"));
    }
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Ok(pairs.into_iter().map(owned).collect())
}

pub(super) fn list(world: &World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["NextToken"])?;
    listed(world, form, world.sns.subscriptions.iter().collect())
}

pub(super) fn list_by_topic(world: &World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["TopicArn", "NextToken"])?;
    let arn = required(form, "TopicArn")?;
    topic(world, arn)?;
    listed(world, form, world.sns.of_topic(arn).collect())
}

fn listed(world: &World, form: &Form, all: Vec<(&String, &Subscription)>) -> Result<Xml, ApiError> {
    let (some, next) = page(&all, None, form.text("NextToken"), 100)?;
    let described = some.into_iter().map(|(arn, subscription)| {
        let shown = match subscription.token {
            Some(_) => "PendingConfirmation",
            None => arn.as_str(),
        };
        Xml::new()
            .text("SubscriptionArn", shown)
            .text("Owner", &world.account)
            .text("Protocol", &subscription.protocol)
            .text("Endpoint", &subscription.endpoint)
            .text("TopicArn", &subscription.topic_arn)
    });
    Ok(with_next(
        Xml::new().members("Subscriptions", described),
        next,
    ))
}

pub(super) fn attributes(world: &mut World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["SubscriptionArn"])?;
    let arn = required(form, "SubscriptionArn")?;
    let account = world.account.clone();
    let subscription = subscription_mut(world, arn)?;
    let waits = subscription.token.is_some();
    let mut all = BTreeMap::from([
        ("SubscriptionArn", arn.to_owned()),
        ("TopicArn", subscription.topic_arn.clone()),
        ("Owner", account.clone()),
        ("Protocol", subscription.protocol.clone()),
        ("Endpoint", subscription.endpoint.clone()),
        ("PendingConfirmation", waits.to_string()),
        ("ConfirmationWasAuthenticated", (!waits).to_string()),
        ("RawMessageDelivery", "false".to_owned()),
        (
            "SubscriptionPrincipal",
            format!("arn:aws:iam::{account}:role/deployer"),
        ),
    ]);
    for (name, value) in &subscription.attributes {
        all.insert(name, value.clone());
    }
    if all.contains_key("FilterPolicy") {
        all.entry("FilterPolicyScope")
            .or_insert_with(|| "MessageAttributes".to_owned());
    }
    Ok(Xml::new().entries("Attributes", all))
}

pub(super) fn set_attribute(world: &mut World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["SubscriptionArn", "AttributeName", "AttributeValue"])?;
    let subscription = subscription_mut(world, required(form, "SubscriptionArn")?)?;
    let name = required(form, "AttributeName")?;
    let value = form.text("AttributeValue").unwrap_or_default();
    let attributes = checked(vec![(name, value)])?;
    match value {
        "" => {
            subscription.attributes.remove(name);
        }
        _ => subscription.attributes.extend(attributes),
    }
    Ok(Xml::new())
}
