//! SNS's API: the dispatcher and what its operations share.

use super::state::{Subscription, Topic};
use super::{publish, subscribe, subscriptions, tags, topics};
use crate::wire::{Form, Xml, not_implemented};
use crate::{ApiError, World};

/// Serves one operation.
pub(crate) fn call(world: &mut World, operation: &str, form: &Form) -> Result<Xml, ApiError> {
    match operation {
        "CreateTopic" => topics::create(world, form),
        "DeleteTopic" => topics::delete(world, form),
        "ListTopics" => topics::list(world, form),
        "GetTopicAttributes" => topics::attributes(world, form),
        "SetTopicAttributes" => topics::set_attribute(world, form),
        "Subscribe" => subscribe::subscribe(world, form),
        "ConfirmSubscription" => subscribe::confirm(world, form),
        "Unsubscribe" => subscribe::unsubscribe(world, form),
        "ListSubscriptions" => subscriptions::list(world, form),
        "ListSubscriptionsByTopic" => subscriptions::list_by_topic(world, form),
        "GetSubscriptionAttributes" => subscriptions::attributes(world, form),
        "SetSubscriptionAttributes" => subscriptions::set_attribute(world, form),
        "Publish" => publish::publish(world, form),
        "PublishBatch" => publish::publish_batch(world, form),
        "TagResource" => tags::tag(world, form),
        "UntagResource" => tags::untag(world, form),
        "ListTagsForResource" => tags::list(world, form),
        _ => Err(not_implemented(&format!("sns.{operation}"))),
    }
}

pub(super) fn required<'a>(form: &'a Form, name: &str) -> Result<&'a str, ApiError> {
    let missing = || invalid(format!("Invalid parameter: {name}"));
    form.text(name).ok_or_else(missing)
}

pub(super) fn topic<'a>(world: &'a World, arn: &str) -> Result<&'a Topic, ApiError> {
    let missing = || not_found("Topic does not exist");
    world.sns.topics.get(arn).ok_or_else(missing)
}

pub(super) fn topic_mut<'a>(world: &'a mut World, arn: &str) -> Result<&'a mut Topic, ApiError> {
    let missing = || not_found("Topic does not exist");
    world.sns.topics.get_mut(arn).ok_or_else(missing)
}

pub(super) fn subscription_mut<'a>(
    world: &'a mut World,
    arn: &str,
) -> Result<&'a mut Subscription, ApiError> {
    let missing = || not_found("Subscription does not exist");
    world.sns.subscriptions.get_mut(arn).ok_or_else(missing)
}

/// NotFoundException is `NotFound` on the wire, with HTTP 404 [MODEL].
pub(super) fn not_found(message: &str) -> ApiError {
    ApiError {
        code: "NotFound",
        message: message.to_owned(),
        status: 404,
    }
}

/// InvalidParameterException is `InvalidParameter` on the wire [MODEL].
pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameter", message)
}

/// A list's token, where there is more.
pub(super) fn with_next(xml: Xml, next: Option<String>) -> Xml {
    xml.maybe("NextToken", next)
}
