//! What belongs to the registry as a whole: its replication (never any), its scanning, its settings.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::find::invalid;
use super::mutability::wildcard;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::ecr::Ecr;

/// The registry's scanning configuration [MODEL]. Basic scanning without rules leaves it to each repository.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RegistryScanning {
    #[serde(default)]
    pub(super) scan_type: ScanType,
    #[serde(default)]
    rules: Vec<ScanRule>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum ScanType {
    #[default]
    Basic,
    Enhanced,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ScanRule {
    scan_frequency: ScanFrequency,
    repository_filters: Vec<RepositoryFilter>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ScanFrequency {
    ScanOnPush,
    ContinuousScan,
    Manual,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RepositoryFilter {
    filter: String,
    filter_type: FilterType,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum FilterType {
    Wildcard,
}

impl RegistryScanning {
    /// Whether a rule has the images of this repository scanned when they are pushed.
    pub(super) fn scans_pushed(&self, repository: &str) -> bool {
        let automatic = self
            .rules
            .iter()
            .filter(|rule| rule.scan_frequency != ScanFrequency::Manual);
        automatic
            .flat_map(|rule| &rule.repository_filters)
            .any(|filter| matches(&filter.filter, repository))
    }
}

/// A filter without a wildcard matches every name that contains it ([DOC], image scanning filters).
fn matches(filter: &str, repository: &str) -> bool {
    match filter.contains('*') {
        true => wildcard(filter, repository),
        false => repository.contains(filter),
    }
}

pub(super) fn scanning_configuration(here: &Here<'_, Ecr>) -> Result<Value, ApiError> {
    Ok(json!({ "registryId": here.account, "scanningConfiguration": here.own.scanning }))
}

pub(super) fn put_scanning(
    here: &mut Here<'_, Ecr>,
    request: RegistryScanning,
) -> Result<Value, ApiError> {
    here.own.scanning = request;
    Ok(json!({ "registryScanningConfiguration": here.own.scanning }))
}

/// Replication is not modelled: there are no rules.
pub(super) fn describe(here: &Here<'_, Ecr>) -> Result<Value, ApiError> {
    Ok(json!({ "registryId": here.account, "replicationConfiguration": { "rules": [] } }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PutAccountSetting {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetAccountSetting {
    name: String,
}

/// Each setting with its values, the one before anybody sets it first ([MODEL]; which one is first [DOC]).
const SETTINGS: [(&str, &[&str]); 3] = [
    (BLOB_MOUNTING, &["DISABLED", "ENABLED"]),
    ("BASIC_SCAN_TYPE_VERSION", &["AWS_NATIVE"]),
    ("REGISTRY_POLICY_SCOPE", &["V2"]),
];

/// Whether a layer of one repository can be mounted into another.
const BLOB_MOUNTING: &str = "BLOB_MOUNTING";

pub(super) fn put_setting(
    here: &mut Here<'_, Ecr>,
    request: PutAccountSetting,
) -> Result<Value, ApiError> {
    let values = values(&request.name)?;
    if !values.contains(&request.value.as_str()) {
        return Err(invalid(format!(
            "Invalid parameter at 'value' failed to satisfy constraint: 'Member must satisfy enum value set: [{}]'",
            values.join(", ")
        )));
    }
    let PutAccountSetting { name, value } = request;
    let answer = json!({ "name": name, "value": value });
    here.own.settings.insert(name, value);
    Ok(answer)
}

pub(super) fn setting(
    here: &Here<'_, Ecr>,
    request: &GetAccountSetting,
) -> Result<Value, ApiError> {
    let first = values(&request.name)?.first().copied().unwrap_or_default();
    let set = here.own.settings.get(&request.name);
    let value = set.map_or(first, String::as_str);
    Ok(json!({ "name": request.name, "value": value }))
}

fn values(name: &str) -> Result<&'static [&'static str], ApiError> {
    let known = SETTINGS.iter().find(|(known, _)| *known == name);
    known.map(|(_, values)| *values).ok_or_else(|| {
        invalid(format!(
            "Invalid parameter at 'name' failed to satisfy constraint: 'Invalid account setting name': {name}"
        ))
    })
}

/// "Amazon ECR attempts mounting only when" it is enabled ([DOC], blob mounting).
pub(super) fn mounts(here: &Here<'_, Ecr>) -> bool {
    here.own
        .settings
        .get(BLOB_MOUNTING)
        .is_some_and(|value| value == "ENABLED")
}
