//! SNS's API: which operation is served where.

use super::{publish, subscribe, subscriptions, tags, topics};
use crate::base::not_implemented;
use crate::wire::{Form, Xml};
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
