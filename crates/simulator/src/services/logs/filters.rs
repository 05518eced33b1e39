//! Subscription and metric filters: kept and described; nothing is sent and nothing is counted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::find::{group, group_mut, invalid};
use super::state::Group;
use crate::base::here::Here;
use crate::services::logs::Logs;
use crate::wire::{page, with_token};
use crate::{ApiError, Millis};

/// As it is put, and as it is described.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SubscriptionFilter {
    log_group_name: String,
    filter_name: String,
    filter_pattern: String,
    destination_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_arn: Option<String>,
    #[serde(default = "by_log_stream")]
    distribution: Distribution,
    #[serde(skip_serializing_if = "Option::is_none")]
    apply_on_transformed_logs: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_selection_criteria: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emit_system_fields: Option<Vec<String>>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Distribution {
    Random,
    ByLogStream,
}

fn by_log_stream() -> Distribution {
    Distribution::ByLogStream
}

/// At most two per group [DOC].
pub(super) fn put_subscription(
    here: &mut Here<'_, Logs>,
    request: SubscriptionFilter,
) -> Result<Value, ApiError> {
    let now_ms = here.now_ms;
    is_destination(here, &request)?;
    let filters = &mut group_mut(here, &request.log_group_name)?.subscription_filters;
    put(filters, 2, &request.filter_name, json!(request), now_ms)
}

/// A stream needs a role, and a function is of this account (LocalStack's `test_put_subscription_filter_errors`, recorded on AWS on
/// 06-02-2026 [OBS]).
fn is_destination(here: &Here<'_, Logs>, request: &SubscriptionFilter) -> Result<(), ApiError> {
    let parts: Vec<&str> = request.destination_arn.split(':').collect();
    match (parts.get(2), parts.get(4)) {
        (Some(vendor @ (&"kinesis" | &"firehose")), _) if request.role_arn.is_none() => {
            Err(invalid(format!(
                "destinationArn for vendor {vendor} cannot be used without roleArn"
            )))
        }
        (Some(&"lambda"), Some(account)) if *account != here.account => Err(ApiError::client(
            "AccessDeniedException",
            "Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross account \
             lambda triggers.",
        )),
        _ => Ok(()),
    }
}

/// As it is put, and as it is described.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MetricFilter {
    log_group_name: String,
    filter_name: String,
    filter_pattern: String,
    metric_transformations: Vec<MetricTransformation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    apply_on_transformed_logs: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_selection_criteria: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emit_system_field_dimensions: Option<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MetricTransformation {
    metric_name: String,
    metric_namespace: String,
    metric_value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
}

/// At most 100 per group [DOC].
pub(super) fn put_metric(
    here: &mut Here<'_, Logs>,
    request: MetricFilter,
) -> Result<Value, ApiError> {
    let now_ms = here.now_ms;
    let filters = &mut group_mut(here, &request.log_group_name)?.metric_filters;
    put(filters, 100, &request.filter_name, json!(request), now_ms)
}

fn put(
    filters: &mut BTreeMap<String, Value>,
    most: usize,
    name: &str,
    mut filter: Value,
    now_ms: Millis,
) -> Result<Value, ApiError> {
    if filters.len() >= most && !filters.contains_key(name) {
        return Err(ApiError::client(
            "LimitExceededException",
            "Resource limit exceeded.",
        ));
    }
    // Told also where it was not given (LocalStack's `TestMetricFilters`, recorded on AWS on 05-02-2026 [OBS]).
    if filter["applyOnTransformedLogs"].is_null() {
        filter["applyOnTransformedLogs"] = json!(false);
    }
    filter["creationTime"] = json!(now_ms);
    filters.insert(name.to_owned(), filter);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeFilters {
    log_group_name: Option<String>,
    filter_name_prefix: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
    metric_name: Option<String>,
    metric_namespace: Option<String>,
}

pub(super) fn subscriptions(
    here: &Here<'_, Logs>,
    request: &DescribeFilters,
) -> Result<Value, ApiError> {
    let group = group(here, request.log_group_name.as_deref(), None)?;
    let all: Vec<&Value> = group.subscription_filters.values().collect();
    request.answer("subscriptionFilters", all)
}

/// Of one group, or of all.
pub(super) fn metrics(here: &Here<'_, Logs>, request: &DescribeFilters) -> Result<Value, ApiError> {
    let groups: Vec<&Group> = match request.log_group_name.as_deref() {
        Some(name) => vec![group(here, Some(name), None)?],
        None => here.own.groups.values().collect(),
    };
    let filters = groups
        .into_iter()
        .flat_map(|group| group.metric_filters.values());
    let has = |filter: &Value, name: &str, wanted: &Option<String>| {
        let transformed = filter["metricTransformations"].as_array();
        wanted.as_ref().is_none_or(|wanted| {
            let mut all = transformed.into_iter().flatten();
            all.any(|one| one[name] == wanted.as_str())
        })
    };
    let asked = filters.filter(|filter| {
        has(filter, "metricName", &request.metric_name)
            && has(filter, "metricNamespace", &request.metric_namespace)
    });
    request.answer("metricFilters", asked.collect())
}

impl DescribeFilters {
    fn answer(&self, name: &str, filters: Vec<&Value>) -> Result<Value, ApiError> {
        let prefix = self.filter_name_prefix.as_deref().unwrap_or_default();
        let starts = |filter: &&Value| {
            let name = filter["filterName"].as_str();
            name.is_some_and(|name| name.starts_with(prefix))
        };
        let named: Vec<&Value> = filters.into_iter().filter(starts).collect();
        let (listed, next) = page(&named, self.limit, self.next_token.as_deref(), 50)?;
        Ok(with_token(json!({ name: listed }), "nextToken", next))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OneFilter {
    log_group_name: String,
    filter_name: String,
}

pub(super) fn delete_subscription(
    here: &mut Here<'_, Logs>,
    request: &OneFilter,
) -> Result<Value, ApiError> {
    let group = group_mut(here, &request.log_group_name)?;
    let deleted = group.subscription_filters.remove(&request.filter_name);
    deleted.map(|_| json!({})).ok_or_else(|| {
        ApiError::client(
            "ResourceNotFoundException",
            "The specified subscription filter does not exist.",
        )
    })
}

pub(super) fn delete_metric(
    here: &mut Here<'_, Logs>,
    request: &OneFilter,
) -> Result<Value, ApiError> {
    let group = group_mut(here, &request.log_group_name)?;
    let deleted = group.metric_filters.remove(&request.filter_name);
    deleted.map(|_| json!({})).ok_or_else(|| {
        ApiError::client(
            "ResourceNotFoundException",
            "The specified metric filter does not exist.",
        )
    })
}
