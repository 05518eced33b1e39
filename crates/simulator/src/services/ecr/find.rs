//! What the operations share: how their subjects are found, and the errors they have in common.

use serde::Deserialize;
use serde_json::{Value, json};

use super::image::Image;
use super::manifest;
use super::state::Repository;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::ecr::Ecr;

/// The input of operations on a whole repository.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OneRepository {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    pub(super) repository_name: String,
}

/// The input of operations on one image.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ImageId {
    pub(super) image_digest: Option<String>,
    pub(super) image_tag: Option<String>,
}

/// Both given must name the same image.
pub(super) fn find<'a>(repository: &'a Repository, id: &ImageId) -> Option<&'a Image> {
    let image = repository.find(id.image_tag.as_deref(), id.image_digest.as_deref())?;
    let tag_agrees = id.image_tag.as_deref().is_none_or(|tag| image.has_tag(tag));
    tag_agrees.then_some(image)
}

/// As [`find`]; ImageNotFoundException otherwise.
pub(super) fn named<'a>(
    here: &Here<'_, Ecr>,
    name: &str,
    repository: &'a Repository,
    id: &ImageId,
) -> Result<&'a Image, ApiError> {
    find(repository, id).ok_or_else(|| {
        let digest = id.image_digest.as_deref().unwrap_or("null");
        let tag = id.image_tag.as_deref().unwrap_or("null");
        ApiError::client(
            "ImageNotFoundException",
            format!(
                "The image with imageId {{imageDigest:'{digest}', imageTag:'{tag}'}} does not exist within the repository \
                 with name '{name}' in the registry with id '{}'",
                here.account
            ),
        )
    })
}

pub(super) fn image_json(
    here: &Here<'_, Ecr>,
    name: &str,
    image: &Image,
    tag: Option<&str>,
) -> Value {
    json!({
        "registryId": here.account,
        "repositoryName": name,
        "imageId": image_id(Some(&image.digest), tag),
        "imageManifest": manifest::text(image),
        "imageManifestMediaType": manifest::media_type(image),
    })
}

pub(super) fn image_id(digest: Option<&str>, tag: Option<&str>) -> Value {
    let fields = [("imageDigest", digest), ("imageTag", tag)];
    fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), json!(value?))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

pub(super) fn repository<'a>(
    here: &'a Here<'_, Ecr>,
    name: &str,
) -> Result<&'a Repository, ApiError> {
    let missing = || repository_missing(name, here.account);
    here.own.own(name).ok_or_else(missing)
}

pub(super) fn repository_mut<'a>(
    here: &'a mut Here<'_, Ecr>,
    name: &str,
) -> Result<&'a mut Repository, ApiError> {
    let account = &here.account;
    here.own
        .own_mut(name)
        .ok_or_else(|| repository_missing(name, account))
}

fn repository_missing(name: &str, account: &str) -> ApiError {
    ApiError::client(
        "RepositoryNotFoundException",
        format!(
            "The repository with name '{name}' does not exist in the registry with id '{account}'"
        ),
    )
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterException", message)
}
