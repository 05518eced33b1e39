//! DescribeSecret and ListSecrets: everything but values.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::find::{OneSecret, existing, named};
use super::state::Secret;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::secretsmanager::SecretsManager;
use crate::wire::{page, seconds, tag_list, with_token};

pub(super) fn describe(
    here: &Here<'_, SecretsManager>,
    request: &OneSecret,
) -> Result<Value, ApiError> {
    let secret = existing(here, &request.secret_id)?;
    let mut described = described(secret);
    // Not told while there is no version, nor is an empty description (LocalStack's `test_secret_tags`,
    // `test_create_secret_version_from_empty_secret`, recorded on AWS [OBS]).
    let stages = stages(secret);
    if stages != json!({}) {
        described["VersionIdsToStages"] = stages;
    }
    Ok(described)
}

fn described(secret: &Secret) -> Value {
    let mut described = named(secret);
    let dates = [
        ("CreatedDate", Some(secret.created_ms)),
        ("LastChangedDate", Some(secret.changed_ms)),
        ("LastAccessedDate", secret.accessed_ms),
        (
            "DeletedDate",
            secret.deletion.map(|deletion| deletion.asked_ms),
        ),
    ];
    for (name, at_ms) in dates {
        if let Some(at_ms) = at_ms {
            described[name] = seconds(at_ms);
        }
    }
    let texts = [
        ("Description", &secret.description),
        ("KmsKeyId", &secret.kms_key_id),
    ];
    for (name, text) in texts {
        if let Some(text) = text.as_ref().filter(|text| !text.is_empty()) {
            described[name] = json!(text);
        }
    }
    // Whose tags were taken away again has an empty list of them (`test_secret_tags`, recorded on AWS [OBS]).
    if !secret.tags.is_empty() || secret.was_tagged {
        described["Tags"] = tag_list(&secret.tags);
    }
    described
}

/// Versions that have a label.
fn stages(secret: &Secret) -> Value {
    let versions = secret.versions.iter();
    let labelled = versions.filter(|(_, version)| !version.stages.is_empty());
    labelled
        .map(|(id, version)| (id.clone(), json!(version.stages)))
        .collect::<Map<_, _>>()
        .into()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListSecrets {
    include_planned_deletion: Option<bool>,
    max_results: Option<usize>,
    next_token: Option<String>,
    filters: Option<Vec<Filter>>,
    sort_order: Option<SortOrder>,
    sort_by: Option<SortBy>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SortOrder {
    Asc,
    Desc,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SortBy {
    CreatedDate,
    LastAccessedDate,
    LastChangedDate,
    Name,
}

/// Oldest first unless it is asked otherwise (moto's `test_with_filter_with_value_with_multiple_words`, run on AWS [OBS]).
pub(super) fn list(
    here: &Here<'_, SecretsManager>,
    request: &ListSecrets,
) -> Result<Value, ApiError> {
    let filters = request.filters.as_deref().unwrap_or_default();
    let planned = request.include_planned_deletion == Some(true);
    let mut secrets: Vec<&Secret> = here
        .own
        .secrets
        .values()
        .filter(|secret| (planned || secret.deletion.is_none()) && passes(filters, secret))
        .collect();
    match request.sort_by {
        None | Some(SortBy::CreatedDate) => secrets.sort_by_key(|secret| secret.created_ms),
        Some(SortBy::LastAccessedDate) => secrets.sort_by_key(|secret| secret.accessed_ms),
        Some(SortBy::LastChangedDate) => secrets.sort_by_key(|secret| secret.changed_ms),
        Some(SortBy::Name) => {}
    }
    if request.sort_order == Some(SortOrder::Desc) {
        secrets.reverse();
    }
    let listed: Vec<Value> = secrets
        .into_iter()
        .map(|secret| {
            let mut listed = described(secret);
            listed["SecretVersionsToStages"] = stages(secret);
            listed
        })
        .collect();
    let (listed, next) = page(
        &listed,
        request.max_results,
        request.next_token.as_deref(),
        100,
    )?;
    Ok(with_token(
        json!({ "SecretList": listed }),
        "NextToken",
        next,
    ))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Filter {
    key: FilterKey,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FilterKey {
    Description,
    Name,
    TagKey,
    TagValue,
    PrimaryRegion,
    OwningService,
    All,
}

/// All filters, and of each filter any value; `!` turns a value round [MODEL].
pub(super) fn passes(filters: &[Filter], secret: &Secret) -> bool {
    filters.iter().all(|filter| {
        let mut values = filter.values.iter();
        values.any(|value| match value.strip_prefix('!') {
            Some(value) => !matches(filter.key, value, secret),
            None => matches(filter.key, value, secret),
        })
    })
}

fn matches(key: FilterKey, value: &str, secret: &Secret) -> bool {
    let description = secret.description.as_deref().unwrap_or_default();
    let mut tags = secret.tags.iter();
    match key {
        // Every word of it begins some word (the same test and `test_with_duplicate_filter_keys` [OBS]).
        FilterKey::Description => {
            let description = description.to_lowercase();
            value.to_lowercase().split_whitespace().all(|wanted| {
                let mut words = description.split_whitespace();
                words.any(|word| word.starts_with(wanted))
            })
        }
        FilterKey::Name => secret.name.starts_with(value),
        FilterKey::TagKey => tags.any(|(key, _)| key.starts_with(value)),
        FilterKey::TagValue => tags.any(|(_, tag)| tag.starts_with(value)),
        // Nothing here is replicated or managed by another service.
        FilterKey::PrimaryRegion | FilterKey::OwningService => false,
        FilterKey::All => {
            let pairs = tags.map(|(key, tag)| format!("{key} {tag}"));
            let text = format!(
                "{} {description} {}",
                secret.name,
                pairs.collect::<Vec<_>>().join(" ")
            );
            let text = text.to_lowercase();
            let mut words = value.split_whitespace();
            words.any(|word| text.contains(&word.to_lowercase()))
        }
    }
}
