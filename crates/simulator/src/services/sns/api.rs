//! SNS's API: which operation is served where.

use serde_json::Value;

use super::{publish, subscribe, subscriptions, tags, topics};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::sns::Sns;
use crate::wire::input;

/// Serves one operation.
pub(crate) fn call(
    here: &mut Here<'_, Sns>,
    operation: &str,
    body: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "CreateTopic" => topics::create(here, input(body)?),
        "DeleteTopic" => topics::delete(here, input(body)?),
        "ListTopics" => topics::list(here, input(body)?),
        "GetTopicAttributes" => topics::attributes(here, input(body)?),
        "SetTopicAttributes" => topics::set_attribute(here, input(body)?),
        "Subscribe" => subscribe::subscribe(here, input(body)?),
        "ConfirmSubscription" => subscribe::confirm(here, input(body)?),
        "Unsubscribe" => subscribe::unsubscribe(here, input(body)?),
        "ListSubscriptions" => subscriptions::list(here, input(body)?),
        "ListSubscriptionsByTopic" => subscriptions::list_by_topic(here, input(body)?),
        "GetSubscriptionAttributes" => subscriptions::attributes(here, input(body)?),
        "SetSubscriptionAttributes" => subscriptions::set_attribute(here, input(body)?),
        "Publish" => publish::publish(here, input(body)?),
        "PublishBatch" => publish::publish_batch(here, input(body)?),
        "TagResource" => tags::tag(here, input(body)?),
        "UntagResource" => tags::untag(here, input(body)?),
        "ListTagsForResource" => tags::list(here, input(body)?),
        _ => Err(not_implemented(&format!("sns.{operation}"))),
    }
}
