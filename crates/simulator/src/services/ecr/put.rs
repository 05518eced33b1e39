//! PutImage: a tag on a known manifest, or a new image.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{image_json, invalid, repository, repository_mut};
use super::image::{Image, PushedManifest, Storage, sha256};
use super::manifest::{self, Parsed};
use super::scan;
use super::state::Repository;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::ecr::Ecr;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PutImage {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    image_manifest: String,
    image_manifest_media_type: Option<String>,
    image_tag: Option<String>,
    image_digest: Option<String>,
}

impl PutImage {
    /// The same request as a client of Docker's protocol makes it.
    pub(super) fn of_docker(repository: &str, text: &str, media_type: &str) -> Self {
        Self {
            _registry_id: None,
            repository_name: repository.to_owned(),
            image_manifest: text.to_owned(),
            image_manifest_media_type: Some(media_type.to_owned()),
            image_tag: None,
            image_digest: None,
        }
    }

    pub(super) fn tagged(self, tag: &str) -> Self {
        Self {
            image_tag: Some(tag.to_owned()),
            ..self
        }
    }
}

/// Puts a tag on an image whose manifest is known, or adds a new image. The tag leaves the image that had it.
pub(super) fn put_image(here: &mut Here<'_, Ecr>, request: PutImage) -> Result<Value, ApiError> {
    let name = request.repository_name.clone();
    let own = repository(here, &name)?;
    let known = own
        .images
        .iter()
        .find(|image| manifest::text(image) == request.image_manifest);
    let is_new = known.is_none();
    let mut image = match known {
        Some(known) => known.clone(),
        None => pushed(here, own, &request)?,
    };
    if request
        .image_digest
        .is_some_and(|digest| digest != image.digest)
    {
        return Err(ApiError::client(
            "ImageDigestDoesNotMatchException",
            "The specified image digest does not match the digest that Amazon ECR calculated for the image.",
        ));
    }
    let tag = request.image_tag.as_deref();
    if !is_new && tag.is_none_or(|tag| image.has_tag(tag)) {
        let tag = tag.unwrap_or("null");
        let message = format!(
            "Image with digest '{}' and tag '{tag}' already exists in the repository with name '{name}' in registry with id '{}'",
            image.digest, here.account
        );
        return Err(ApiError::client("ImageAlreadyExistsException", message));
    }
    if let Some(tag) = tag {
        may_move(own, &name, tag)?;
        image.tags.push(tag.to_owned());
    }
    if is_new {
        image.scan = scan::of_pushed(here, &name);
    }
    repository_mut(here, &name)?.push(image.clone());
    Ok(json!({ "image": image_json(here, &name, &image, request.image_tag.as_deref()) }))
}

/// ImageTagAlreadyExistsException ([MODEL]; the text [OBS], aws/containers-roadmap 862).
fn may_move(repository: &Repository, name: &str, tag: &str) -> Result<(), ApiError> {
    if repository.tag_rule.is_fixed(tag) && repository.find(Some(tag), None).is_some() {
        return Err(ApiError::client(
            "ImageTagAlreadyExistsException",
            format!(
                "The image tag '{tag}' already exists in the '{name}' repository and cannot be overwritten because the \
                 repository is immutable."
            ),
        ));
    }
    Ok(())
}

/// A new image: everything its manifest names must be there ([MODEL], the two exceptions). An index has the schema revision of its
/// first image.
fn pushed(
    here: &Here<'_, Ecr>,
    repository: &Repository,
    request: &PutImage,
) -> Result<Image, ApiError> {
    let parsed = Parsed::read(&request.image_manifest);
    if parsed.layers.is_empty() && parsed.children.is_empty() {
        return Err(invalid(
            "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'",
        ));
    }
    let is_there = |digest: &String| {
        repository.find(None, Some(digest)).is_some() || repository.is_child(digest)
    };
    if !parsed.children.iter().all(is_there) {
        return Err(ApiError::client(
            "ReferencedImagesNotFoundException",
            "The manifest list is referencing an image that does not exist",
        ));
    }
    if !repository.layers.have(&parsed.layers) {
        return Err(ApiError::client(
            "LayersNotFoundException",
            "The specified layers could not be found, or the specified layer is not valid for this repository.",
        ));
    }
    let configuration = parsed.layers.first();
    let schema_head = match configuration {
        Some(digest) => repository.layers.schema_head(digest),
        None => parsed.children.iter().find_map(|digest| {
            let child = repository.find(None, Some(digest))?;
            child.schema_head.clone()
        }),
    };
    let platforms = match configuration {
        Some(configuration) => vec![repository.layers.platform(configuration)],
        None => parsed.platforms,
    };
    // "If the image is a manifest list, this will be the max size of all manifests in the list" [MODEL].
    let children = parsed.children.iter();
    let child_sizes = children.filter_map(|digest| {
        let child = repository.find(None, Some(digest))?;
        Some(child.manifest.as_ref()?.size_bytes)
    });
    let own_bytes = repository.layers.size(&parsed.layers);
    let size_bytes = own_bytes.max(child_sizes.max().unwrap_or_default());
    let media_type = request.image_manifest_media_type.clone();
    Ok(Image {
        digest: sha256(request.image_manifest.as_bytes()),
        tags: Vec::new(),
        platforms,
        schema_head,
        pushed_at_ms: here.now_ms,
        manifest: Some(PushedManifest {
            text: request.image_manifest.clone(),
            media_type: media_type
                .or(parsed.media_type)
                .unwrap_or_else(|| manifest::MANIFEST.to_owned()),
            size_bytes,
        }),
        storage: Storage::Active,
        scan: None,
    })
}
