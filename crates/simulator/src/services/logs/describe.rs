//! DescribeLogGroups.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{arn_of, invalid, name_of_arn};
use super::groups::LogGroupClass;
use super::state::Group;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::logs::Logs;
use crate::wire::{page, with_token};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeLogGroups {
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    log_group_identifiers: Option<Vec<String>>,
    log_group_class: Option<LogGroupClass>,
    limit: Option<usize>,
    next_token: Option<String>,
    #[serde(rename = "accountIdentifiers")]
    _account_identifiers: Option<Vec<String>>,
    #[serde(rename = "includeLinkedAccounts")]
    _include_linked_accounts: Option<bool>,
}

/// By name, as prefix or as part of it, never both [MODEL].
pub(super) fn describe(
    here: &Here<'_, Logs>,
    request: &DescribeLogGroups,
) -> Result<Value, ApiError> {
    if request.log_group_name_prefix.is_some() && request.log_group_name_pattern.is_some() {
        return Err(invalid(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let limit = request.limit.unwrap_or(50);
    let groups = here.own.groups.iter();
    let all: Vec<Value> = groups
        .filter(|(name, group)| request.asks_for(name, group))
        .map(|(name, group)| request.told(group_json(here, name, group)))
        .collect();
    let (groups, next) = page(&all, Some(limit), request.next_token.as_deref(), 50)?;
    Ok(with_token(
        json!({ "logGroups": groups }),
        "nextToken",
        next,
    ))
}

impl DescribeLogGroups {
    /// Groups that were looked for by a part of their names are told without size and protection (LocalStack's
    /// `test_describe_log_groups_with_pattern`, recorded on AWS on 03-02-2026 [OBS]).
    fn told(&self, mut group: Value) -> Value {
        if let (Some(_), Some(members)) = (&self.log_group_name_pattern, group.as_object_mut()) {
            members.remove("storedBytes");
            members.remove("deletionProtectionEnabled");
        }
        group
    }

    fn asks_for(&self, name: &str, group: &Group) -> bool {
        let prefix = self.log_group_name_prefix.as_deref().unwrap_or_default();
        let part = self.log_group_name_pattern.as_deref().unwrap_or_default();
        let named = self.log_group_identifiers.as_ref();
        let class = self.log_group_class.map(LogGroupClass::name);
        let own_class = group.class.as_deref().unwrap_or("STANDARD");
        name.starts_with(prefix)
            && name.contains(part)
            && named.is_none_or(|ids| ids.iter().any(|id| name_of_arn(id) == name))
            && class.is_none_or(|class| class == own_class)
    }
}

fn group_json(here: &Here<'_, Logs>, name: &str, group: &Group) -> Value {
    let arn = arn_of(here, name);
    let mut described = json!({
        "logGroupName": name,
        "creationTime": group.created_at_ms,
        "metricFilterCount": group.metric_filters.len(),
        "arn": format!("{arn}:*"),
        "logGroupArn": arn,
        "storedBytes": 0,
        "logGroupClass": group.class.as_deref().unwrap_or("STANDARD"),
        "deletionProtectionEnabled": group.is_protected,
    });
    if let Some(days) = group.retention_days {
        described["retentionInDays"] = json!(days);
    }
    if let Some(key) = &group.kms_key_id {
        described["kmsKeyId"] = json!(key);
    }
    described
}
