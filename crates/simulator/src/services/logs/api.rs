//! CloudWatch Logs' API: which operation is served where.

use serde_json::Value;

use super::{describe, filters, groups, read, streams, tags, write};
use crate::base::not_implemented;
use crate::wire::input;
use crate::{ApiError, World};

/// Serves one CloudWatch Logs operation.
pub(crate) fn call(world: &mut World, operation: &str, body: &Value) -> Result<Value, ApiError> {
    match operation {
        "CreateLogGroup" => groups::create(world, input(body)?),
        "DeleteLogGroup" => groups::delete(world, &input(body)?),
        "PutRetentionPolicy" => groups::put_retention_policy(world, &input(body)?),
        "DeleteRetentionPolicy" => groups::delete_retention_policy(world, &input(body)?),
        "PutLogGroupDeletionProtection" => groups::put_protection(world, &input(body)?),
        "AssociateKmsKey" => groups::associate_key(world, input(body)?),
        "DisassociateKmsKey" => groups::disassociate_key(world, &input(body)?),
        "DescribeLogGroups" => describe::describe(world, &input(body)?),
        "CreateLogStream" => streams::create(world, &input(body)?),
        "DeleteLogStream" => streams::delete(world, &input(body)?),
        "DescribeLogStreams" => streams::describe(world, &input(body)?),
        "PutLogEvents" => write::put_log_events(world, input(body)?),
        "GetLogEvents" => read::get_log_events(world, &input(body)?),
        "FilterLogEvents" => read::filter_log_events(world, &input(body)?),
        "PutSubscriptionFilter" => filters::put_subscription(world, input(body)?),
        "DescribeSubscriptionFilters" => filters::subscriptions(world, &input(body)?),
        "DeleteSubscriptionFilter" => filters::delete_subscription(world, &input(body)?),
        "PutMetricFilter" => filters::put_metric(world, input(body)?),
        "DescribeMetricFilters" => filters::metrics(world, &input(body)?),
        "DeleteMetricFilter" => filters::delete_metric(world, &input(body)?),
        "TagLogGroup" => tags::tag_group(world, input(body)?),
        "UntagLogGroup" => tags::untag_group(world, &input(body)?),
        "ListTagsLogGroup" => tags::list_of_group(world, &input(body)?),
        "TagResource" => tags::tag(world, input(body)?),
        "UntagResource" => tags::untag(world, &input(body)?),
        "ListTagsForResource" => tags::list(world, &input(body)?),
        _ => Err(not_implemented(&format!("logs.{operation}"))),
    }
}
