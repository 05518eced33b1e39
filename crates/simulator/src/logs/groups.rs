//! Log groups and the list of their streams.

use serde::Deserialize;
use serde_json::{Value, json};

use super::api::{group, group_missing, horizon_ms, invalid};
use crate::wire::page;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateLogGroup {
    log_group_name: String,
    #[serde(rename = "tags")]
    _tags: Option<Value>,
}

pub(super) fn create(world: &mut World, request: &CreateLogGroup) -> Result<Value, ApiError> {
    if world.logs.add_group(&request.log_group_name, world.now_ms) {
        return Ok(json!({}));
    }
    Err(ApiError::client(
        "ResourceAlreadyExistsException",
        "The specified log group already exists",
    ))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PutRetentionPolicy {
    log_group_name: String,
    retention_in_days: u32,
}

/// The values AWS accepts [MODEL].
const RETENTIONS: [u32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

pub(super) fn put_retention_policy(
    world: &mut World,
    request: &PutRetentionPolicy,
) -> Result<Value, ApiError> {
    let days = request.retention_in_days;
    if !RETENTIONS.contains(&days) {
        return Err(invalid(
            "1 validation error detected: retentionInDays is not one of the allowed values",
        ));
    }
    let group = world
        .logs
        .groups
        .get_mut(&request.log_group_name)
        .ok_or_else(group_missing)?;
    group.retention_days = Some(days);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeLogGroups {
    log_group_name_prefix: Option<String>,
    limit: Option<usize>,
    next_token: Option<String>,
}

pub(super) fn describe(world: &World, request: &DescribeLogGroups) -> Result<Value, ApiError> {
    let prefix = request.log_group_name_prefix.as_deref().unwrap_or_default();
    let arn = |name: &str| {
        format!(
            "arn:aws:logs:{}:{}:log-group:{name}",
            world.region, world.account
        )
    };
    let groups = world
        .logs
        .groups
        .iter()
        .filter(|(name, _)| name.starts_with(prefix))
        .map(|(name, group)| {
            let mut described = json!({
                "logGroupName": name,
                "creationTime": group.created_at_ms,
                "metricFilterCount": 0,
                "arn": format!("{}:*", arn(name)),
                "logGroupArn": arn(name),
                "storedBytes": 0,
                "logGroupClass": "STANDARD",
            });
            if let Some(days) = group.retention_days {
                described["retentionInDays"] = json!(days);
            }
            described
        });
    let all: Vec<Value> = groups.collect();
    let (groups, next) = page(&all, request.limit, request.next_token.as_deref(), 50)?;
    Ok(json!({ "logGroups": groups, "nextToken": next }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeLogStreams {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<String>,
    descending: Option<bool>,
    limit: Option<usize>,
    next_token: Option<String>,
}

pub(super) fn describe_streams(
    world: &World,
    request: &DescribeLogStreams,
) -> Result<Value, ApiError> {
    let group = group(
        world,
        request.log_group_name.as_deref(),
        request.log_group_identifier.as_deref(),
    )?;
    let by_time = request.order_by.as_deref() == Some("LastEventTime");
    if by_time && request.log_stream_name_prefix.is_some() {
        return Err(invalid(
            "Cannot order by LastEventTime with a logStreamNamePrefix.",
        ));
    }
    let prefix = request
        .log_stream_name_prefix
        .as_deref()
        .unwrap_or_default();
    let horizon_ms = horizon_ms(world);
    let mut streams: Vec<(u64, Value)> = Vec::new();
    for name in group.streams.keys().filter(|name| name.starts_with(prefix)) {
        let Some([first, .., last] | [first @ last]) = group.visible(name, horizon_ms) else {
            continue;
        };
        streams.push((
            last.at_ms,
            json!({
                "logStreamName": name,
                "creationTime": first.at_ms,
                "firstEventTimestamp": first.at_ms,
                "lastEventTimestamp": last.at_ms,
                "lastIngestionTime": last.at_ms,
                "uploadSequenceToken": "simulated",
            }),
        ));
    }
    if by_time {
        streams.sort_by_key(|(last_ms, _)| *last_ms);
    }
    if request.descending == Some(true) {
        streams.reverse();
    }
    let all: Vec<Value> = streams.into_iter().map(|(_, stream)| stream).collect();
    let (streams, next) = page(&all, request.limit, request.next_token.as_deref(), 50)?;
    Ok(json!({ "logStreams": streams, "nextToken": next }))
}
