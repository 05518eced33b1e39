//! CreateRepository and DeleteRepository.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{invalid, repository};
use super::mutability::{ExclusionFilter, Mutability, TagRule};
use super::repositories::repository_json;
use super::scan::ScanningConfiguration;
use super::state::Repository;
use super::tags::limited;
use crate::ApiError;
use crate::base::arn::regional_arn;
use crate::base::here::Here;
use crate::services::ecr::Ecr;
use crate::wire::{TagEntry, tags_of};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateRepository {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    tags: Option<Vec<TagEntry>>,
    image_tag_mutability: Option<Mutability>,
    image_tag_mutability_exclusion_filters: Option<Vec<ExclusionFilter>>,
    image_scanning_configuration: Option<ScanningConfiguration>,
    encryption_configuration: Option<Encryption>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Encryption {
    encryption_type: String,
    kms_key: Option<String>,
}

pub(super) fn create(
    here: &mut Here<'_, Ecr>,
    request: CreateRepository,
) -> Result<Value, ApiError> {
    let name = request.repository_name;
    if !is_name(&name) {
        return Err(invalid(format!(
            "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression \
             '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*'': {name}"
        )));
    }
    if here.own.own(&name).is_some() {
        return Err(ApiError::client(
            "RepositoryAlreadyExistsException",
            format!(
                "The repository with name '{name}' already exists in the registry with id '{}'",
                here.account
            ),
        ));
    }
    let made = Repository {
        created_at_ms: here.now_ms,
        tag_rule: TagRule::new(
            request.image_tag_mutability,
            request.image_tag_mutability_exclusion_filters,
        )?,
        scan_on_push: request
            .image_scanning_configuration
            .is_some_and(|configuration| configuration.scan_on_push),
        encryption: request
            .encryption_configuration
            .map(|encryption| encryption_json(here, encryption)),
        tags: limited(tags_of(request.tags))?,
        ..Repository::default()
    };
    let described = repository_json(here, &name, &made);
    here.own.add_own(&name, made);
    Ok(json!({ "repository": described }))
}

/// The pattern of [MODEL]: segments of lower-case letters and digits, joined by single separators.
pub(crate) fn is_name(name: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let is_segment = |segment: &str| {
        segment
            .replace("__", ".")
            .split(['.', '_', '-'])
            .all(|part| is_part(part) || segment.contains("--") && part.is_empty())
            && segment.bytes().next().is_some_and(|byte| byte != b'-')
            && !segment.ends_with('-')
    };
    (2..=256).contains(&name.len()) && name.split('/').all(is_segment)
}

/// Without a key, AWS's own one (KMS encryption is not played).
fn encryption_json(here: &Here<'_, Ecr>, encryption: Encryption) -> Value {
    let mut described = json!({ "encryptionType": encryption.encryption_type });
    if described["encryptionType"] != "AES256" {
        let own = || regional_arn("kms", here.region, here.account, "alias/aws/ecr");
        described["kmsKey"] = json!(encryption.kms_key.unwrap_or_else(own));
    }
    described
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DeleteRepository {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    force: Option<bool>,
}

/// "If the repository isn't empty when you delete it, you must set force" [MODEL].
pub(super) fn delete(
    here: &mut Here<'_, Ecr>,
    request: &DeleteRepository,
) -> Result<Value, ApiError> {
    let name = &request.repository_name;
    let doomed = repository(here, name)?;
    if !doomed.images.is_empty() && request.force != Some(true) {
        return Err(ApiError::client(
            "RepositoryNotEmptyException",
            format!(
                "The repository with name '{name}' in registry with id '{}' cannot be deleted because it still contains images",
                here.account
            ),
        ));
    }
    let described = repository_json(here, name, doomed);
    here.own.remove_own(name);
    Ok(json!({ "repository": described }))
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names_of_repositories() {
        for (name, expected) in [
            ("auth", true),
            ("cat-house/auth", true),
            ("a.b/c__d/e--f", true),
            ("a", false),
            ("Auth", false),
            ("/auth", false),
            ("auth/", false),
            ("-auth", false),
            ("auth..x", false),
        ] {
            assert_eq!(is_name(name), expected, "{name}");
        }
    }
}
