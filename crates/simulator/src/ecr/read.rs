//! BatchGetImage: manifests, with the missing ones listed.

use serde::Deserialize;
use serde_json::{Value, json};

use super::api::{ImageId, find, image_id, image_json, repository};
use crate::{ApiError, World};

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

/// Missing ids come back in `failures[]` (ecs-semantics I [MODEL]).
pub(super) fn batch_get_image(world: &World, request: &BatchGetImage) -> Result<Value, ApiError> {
    let name = &request.repository_name;
    let repository = repository(world, name)?;
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for id in &request.image_ids {
        match find(repository, id) {
            Some(image) => images.push(image_json(world, name, image, id.image_tag.as_deref())),
            None => failures.push(json!({
                "imageId": image_id(id.image_digest.as_deref(), id.image_tag.as_deref()),
                "failureCode": "ImageNotFound",
                "failureReason": "Requested image not found",
            })),
        }
    }
    Ok(json!({ "images": images, "failures": failures }))
}
