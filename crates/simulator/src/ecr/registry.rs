//! What belongs to the registry as a whole: its login, its replication (never any), its scanning.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::mutability::wildcard;
use crate::wire::seconds;
use crate::{ApiError, World};

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

pub(super) fn scanning_configuration(world: &World) -> Result<Value, ApiError> {
    Ok(json!({ "registryId": world.account, "scanningConfiguration": world.ecr.scanning }))
}

pub(super) fn put_scanning(
    world: &mut World,
    request: RegistryScanning,
) -> Result<Value, ApiError> {
    world.ecr.scanning = request;
    Ok(json!({ "registryScanningConfiguration": world.ecr.scanning }))
}

/// Replication is not modelled: there are no rules.
pub(super) fn describe(world: &World) -> Result<Value, ApiError> {
    Ok(json!({ "registryId": world.account, "replicationConfiguration": { "rules": [] } }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetAuthorizationToken {
    registry_ids: Option<Vec<String>>,
}

/// "The authorization token is valid for 12 hours" [MODEL].
pub(super) fn authorization_token(
    world: &World,
    request: &GetAuthorizationToken,
) -> Result<Value, ApiError> {
    let own = vec![world.account.clone()];
    let registries = request.registry_ids.as_ref().unwrap_or(&own);
    let data: Vec<Value> = registries
        .iter()
        .map(|account| {
            json!({
                "authorizationToken": STANDARD.encode("AWS:simulated"),
                "expiresAt": seconds(world.now_ms + 12 * 3_600_000),
                "proxyEndpoint": format!("https://{account}.dkr.ecr.{}.amazonaws.com", world.region),
            })
        })
        .collect();
    Ok(json!({ "authorizationData": data }))
}
