//! BatchGetImage: manifests, with the missing ones listed.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{ImageId, find, image_id, image_json, invalid, repository};
use super::state::Repository;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::ecr::Ecr;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BatchGetImage {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    image_ids: Vec<ImageId>,
    #[serde(rename = "acceptedMediaTypes")]
    _accepted_media_types: Option<Vec<String>>,
}

/// Missing ids come back in `failures[]`; at most 100 are asked for (ecs-semantics I [MODEL]).
pub(super) fn batch_get_image(
    here: &Here<'_, Ecr>,
    request: &BatchGetImage,
) -> Result<Value, ApiError> {
    let name = &request.repository_name;
    within_limits(&request.image_ids)?;
    let repository = repository(here, name)?;
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for id in &request.image_ids {
        let mut fail = |failure| failures.push(failed(id, failure));
        match find(repository, id) {
            Some(image) if image.is_pullable(here.now_ms) => {
                images.push(image_json(here, name, image, id.image_tag.as_deref()));
            }
            Some(_) => fail(Failure::Inaccessible),
            None => fail(missing(repository, id)),
        }
    }
    Ok(json!({ "images": images, "failures": failures }))
}

pub(super) fn within_limits(ids: &[ImageId]) -> Result<(), ApiError> {
    if ids.is_empty() || ids.len() > 100 {
        return Err(invalid(
            "Invalid parameter at 'imageIds' failed to satisfy constraint: 'Member must have length between 1 and 100'",
        ));
    }
    Ok(())
}

/// ImageFailureCode, as far as it can happen here.
#[derive(Clone, Copy, Debug)]
pub(super) enum Failure {
    NotFound,
    NoDigestAndNoTag,
    TagIsElsewhere,
    /// It is archived.
    Inaccessible,
    ReferencedByManifestList,
}

/// Why an id names no image.
pub(super) fn missing(repository: &Repository, id: &ImageId) -> Failure {
    match (id.image_digest.as_deref(), id.image_tag.as_deref()) {
        (None, None) => Failure::NoDigestAndNoTag,
        (Some(digest), Some(_)) if repository.find(None, Some(digest)).is_some() => {
            Failure::TagIsElsewhere
        }
        _ => Failure::NotFound,
    }
}

/// The words are those of real answers where known [MEM].
pub(super) fn failed(id: &ImageId, failure: Failure) -> Value {
    let (code, reason) = match failure {
        Failure::NotFound => ("ImageNotFound", "Requested image not found"),
        Failure::NoDigestAndNoTag => (
            "MissingDigestAndTag",
            "Invalid request parameters: both tag and digest cannot be null",
        ),
        Failure::TagIsElsewhere => (
            "ImageTagDoesNotMatchDigest",
            "Requested image tag does not match the digest",
        ),
        Failure::Inaccessible => ("ImageInaccessible", "Requested image is archived"),
        Failure::ReferencedByManifestList => (
            "ImageReferencedByManifestList",
            "Requested image referenced by manifest list",
        ),
    };
    json!({
        "imageId": image_id(id.image_digest.as_deref(), id.image_tag.as_deref()),
        "failureCode": code,
        "failureReason": reason,
    })
}
