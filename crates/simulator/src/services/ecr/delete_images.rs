//! BatchDeleteImage: a tag leaves its image, the last tag and a digest take the image with them.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{ImageId, find, image_id, repository, repository_mut};
use super::read::{Failure, failed, missing, within_limits};
use super::state::Repository;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::ecr::Ecr;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BatchDeleteImage {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    image_ids: Vec<ImageId>,
}

/// "When you remove the last tag from an image, the image is deleted" [MODEL].
pub(super) fn batch_delete_image(
    here: &mut Here<'_, Ecr>,
    request: &BatchDeleteImage,
) -> Result<Value, ApiError> {
    repository(here, &request.repository_name)?;
    within_limits(&request.image_ids)?;
    let repository = repository_mut(here, &request.repository_name)?;
    let (mut deleted, mut failures) = (Vec::new(), Vec::new());
    for id in &request.image_ids {
        match delete(repository, id) {
            Ok(ids) => deleted.extend(ids),
            Err(failure) => failures.push(failed(id, failure)),
        }
    }
    Ok(json!({ "imageIds": deleted, "failures": failures }))
}

/// What is gone, as the answer lists it: every tag with its digest.
pub(super) fn delete(repository: &mut Repository, id: &ImageId) -> Result<Vec<Value>, Failure> {
    let Some(image) = find(repository, id) else {
        return Err(missing(repository, id));
    };
    let (digest, tags) = (image.digest.clone(), image.tags.clone());
    let by_tag = id.image_tag.as_deref().filter(|_| tags.len() > 1);
    if let (Some(tag), None) = (by_tag, &id.image_digest) {
        for image in &mut repository.images {
            image.tags.retain(|own| own != tag);
        }
        return Ok(vec![image_id(Some(&digest), Some(tag))]);
    }
    if repository.is_child(&digest) {
        return Err(Failure::ReferencedByManifestList);
    }
    repository.images.retain(|image| image.digest != digest);
    Ok(match tags.as_slice() {
        [] => vec![image_id(Some(&digest), None)],
        tags => tags
            .iter()
            .map(|tag| image_id(Some(&digest), Some(tag)))
            .collect(),
    })
}
