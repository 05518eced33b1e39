//! CloudWatch Logs' API: which operation is served where.

use serde_json::Value;

use super::{describe, filters, groups, read, streams, tags, write};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::logs::Logs;
use crate::wire::input;

/// Serves one CloudWatch Logs operation.
pub(crate) fn call(
    here: &mut Here<'_, Logs>,
    operation: &str,
    body: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "CreateLogGroup" => groups::create(here, input(body)?),
        "DeleteLogGroup" => groups::delete(here, &input(body)?),
        "PutRetentionPolicy" => groups::put_retention_policy(here, &input(body)?),
        "DeleteRetentionPolicy" => groups::delete_retention_policy(here, &input(body)?),
        "PutLogGroupDeletionProtection" => groups::put_protection(here, &input(body)?),
        "AssociateKmsKey" => groups::associate_key(here, input(body)?),
        "DisassociateKmsKey" => groups::disassociate_key(here, &input(body)?),
        "DescribeLogGroups" => describe::describe(here, &input(body)?),
        "CreateLogStream" => streams::create(here, &input(body)?),
        "DeleteLogStream" => streams::delete(here, &input(body)?),
        "DescribeLogStreams" => streams::describe(here, &input(body)?),
        "PutLogEvents" => write::put_log_events(here, input(body)?),
        "GetLogEvents" => read::get_log_events(here, &input(body)?),
        "FilterLogEvents" => read::filter_log_events(here, &input(body)?),
        "PutSubscriptionFilter" => filters::put_subscription(here, input(body)?),
        "DescribeSubscriptionFilters" => filters::subscriptions(here, &input(body)?),
        "DeleteSubscriptionFilter" => filters::delete_subscription(here, &input(body)?),
        "PutMetricFilter" => filters::put_metric(here, input(body)?),
        "DescribeMetricFilters" => filters::metrics(here, &input(body)?),
        "DeleteMetricFilter" => filters::delete_metric(here, &input(body)?),
        "TagLogGroup" => tags::tag_group(here, input(body)?),
        "UntagLogGroup" => tags::untag_group(here, &input(body)?),
        "ListTagsLogGroup" => tags::list_of_group(here, &input(body)?),
        "TagResource" => tags::tag(here, input(body)?),
        "UntagResource" => tags::untag(here, &input(body)?),
        "ListTagsForResource" => tags::list(here, &input(body)?),
        _ => Err(not_implemented(&format!("logs.{operation}"))),
    }
}
