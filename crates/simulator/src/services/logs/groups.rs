//! Log groups: made, kept for a time, protected, deleted.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{group_missing, group_mut, invalid, name_of_arn};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::logs::Logs;
use crate::wire::Tags;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateLogGroup {
    log_group_name: String,
    #[serde(default)]
    tags: Tags,
    kms_key_id: Option<String>,
    log_group_class: Option<LogGroupClass>,
    deletion_protection_enabled: Option<bool>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum LogGroupClass {
    Standard,
    InfrequentAccess,
    Delivery,
    Essentials,
}

impl LogGroupClass {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::InfrequentAccess => "INFREQUENT_ACCESS",
            Self::Delivery => "DELIVERY",
            Self::Essentials => "ESSENTIALS",
        }
    }
}

pub(super) fn create(
    here: &mut Here<'_, Logs>,
    request: CreateLogGroup,
) -> Result<Value, ApiError> {
    let name = request.log_group_name;
    if !here.own.add_group(&name, here.now_ms) {
        return Err(ApiError::client(
            "ResourceAlreadyExistsException",
            "The specified log group already exists",
        ));
    }
    let group = group_mut(here, &name)?;
    group.tags = request.tags;
    group.kms_key_id = request.kms_key_id;
    group.class = request.log_group_class.map(|class| class.name().to_owned());
    group.is_protected = request.deletion_protection_enabled == Some(true);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OneGroup {
    pub(super) log_group_name: String,
}

/// With all its streams and filters.
pub(super) fn delete(here: &mut Here<'_, Logs>, request: &OneGroup) -> Result<Value, ApiError> {
    let name = &request.log_group_name;
    if group_mut(here, name)?.is_protected {
        return Err(ApiError::client(
            "ValidationException",
            "The log group can't be deleted while deletion protection is enabled.",
        ));
    }
    here.own.groups.remove(name);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PutLogGroupDeletionProtection {
    log_group_identifier: String,
    deletion_protection_enabled: bool,
}

pub(super) fn put_protection(
    here: &mut Here<'_, Logs>,
    request: &PutLogGroupDeletionProtection,
) -> Result<Value, ApiError> {
    let group = group_mut(here, name_of_arn(&request.log_group_identifier))?;
    group.is_protected = request.deletion_protection_enabled;
    Ok(json!({}))
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
    here: &mut Here<'_, Logs>,
    request: &PutRetentionPolicy,
) -> Result<Value, ApiError> {
    let days = request.retention_in_days;
    if !RETENTIONS.contains(&days) {
        return Err(invalid(
            "1 validation error detected: retentionInDays is not one of the allowed values",
        ));
    }
    group_mut(here, &request.log_group_name)?.retention_days = Some(days);
    Ok(json!({}))
}

pub(super) fn delete_retention_policy(
    here: &mut Here<'_, Logs>,
    request: &OneGroup,
) -> Result<Value, ApiError> {
    group_mut(here, &request.log_group_name)?.retention_days = None;
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AssociateKmsKey {
    log_group_name: Option<String>,
    kms_key_id: String,
    resource_identifier: Option<String>,
}

/// Kept, never used.
pub(super) fn associate_key(
    here: &mut Here<'_, Logs>,
    request: AssociateKmsKey,
) -> Result<Value, ApiError> {
    let arn = request.resource_identifier.as_deref().map(name_of_arn);
    let name = request.log_group_name.as_deref().or(arn);
    let name = name.ok_or_else(group_missing)?.to_owned();
    group_mut(here, &name)?.kms_key_id = Some(request.kms_key_id);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DisassociateKmsKey {
    log_group_name: Option<String>,
    resource_identifier: Option<String>,
}

pub(super) fn disassociate_key(
    here: &mut Here<'_, Logs>,
    request: &DisassociateKmsKey,
) -> Result<Value, ApiError> {
    let arn = request.resource_identifier.as_deref().map(name_of_arn);
    let name = request.log_group_name.as_deref().or(arn);
    group_mut(here, name.ok_or_else(group_missing)?)?.kms_key_id = None;
    Ok(json!({}))
}
