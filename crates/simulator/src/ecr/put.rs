//! PutImage: a tag on a known manifest, or a new image.

use serde::Deserialize;
use serde_json::{Value, json};

use super::api::{image_json, repository};
use super::image::{Image, sha256};
use super::manifest;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PutImage {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    image_manifest: String,
    #[serde(rename = "imageManifestMediaType")]
    _image_manifest_media_type: Option<String>,
    image_tag: Option<String>,
    #[serde(rename = "imageDigest")]
    _image_digest: Option<String>,
}

/// Puts a tag on an image whose manifest is known, or adds a new image. The tag leaves the image that had it.
pub(super) fn put_image(world: &mut World, request: PutImage) -> Result<Value, ApiError> {
    let (name, now_ms) = (request.repository_name, world.now_ms);
    let known = repository(world, &name)?
        .images
        .iter()
        .find(|image| manifest::index(image) == request.image_manifest);
    let mut image = known.cloned().unwrap_or_else(|| Image {
        digest: sha256(request.image_manifest.as_bytes()),
        tags: Vec::new(),
        platforms: manifest::platforms(&request.image_manifest),
        schema_head: None,
        pushed_at_ms: now_ms,
    });
    if let Some(tag) = &request.image_tag {
        if image.has_tag(tag) {
            let message = format!(
                "Image with digest '{}' and tag '{tag}' already exists in the repository with name '{name}'",
                image.digest
            );
            return Err(ApiError::client("ImageAlreadyExistsException", message));
        }
        image.tags.push(tag.clone());
    }
    if let Some(repository) = world.ecr.own_mut(&name) {
        repository.push(image.clone());
    }
    Ok(json!({ "image": image_json(world, &name, &image, request.image_tag.as_deref()) }))
}
