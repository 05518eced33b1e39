//! SNS's API: which operation is served where.

use serde_json::Value;

use super::{publish, subscribe, subscriptions, tags, topics};
use crate::base::not_implemented;
use crate::wire::input;
use crate::{ApiError, World};

/// Serves one operation.
pub(crate) fn call(world: &mut World, operation: &str, body: &Value) -> Result<Value, ApiError> {
    match operation {
        "CreateTopic" => topics::create(world, input(body)?),
        "DeleteTopic" => topics::delete(world, input(body)?),
        "ListTopics" => topics::list(world, input(body)?),
        "GetTopicAttributes" => topics::attributes(world, input(body)?),
        "SetTopicAttributes" => topics::set_attribute(world, input(body)?),
        "Subscribe" => subscribe::subscribe(world, input(body)?),
        "ConfirmSubscription" => subscribe::confirm(world, input(body)?),
        "Unsubscribe" => subscribe::unsubscribe(world, input(body)?),
        "ListSubscriptions" => subscriptions::list(world, input(body)?),
        "ListSubscriptionsByTopic" => subscriptions::list_by_topic(world, input(body)?),
        "GetSubscriptionAttributes" => subscriptions::attributes(world, input(body)?),
        "SetSubscriptionAttributes" => subscriptions::set_attribute(world, input(body)?),
        "Publish" => publish::publish(world, input(body)?),
        "PublishBatch" => publish::publish_batch(world, input(body)?),
        "TagResource" => tags::tag(world, input(body)?),
        "UntagResource" => tags::untag(world, input(body)?),
        "ListTagsForResource" => tags::list(world, input(body)?),
        _ => Err(not_implemented(&format!("sns.{operation}"))),
    }
}
