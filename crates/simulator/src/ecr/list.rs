//! DescribeImages and ListImages.

use serde::Deserialize;
use serde_json::{Value, json};

use super::api::{Filter, ImageId, find, image_id, passes, repository};
use super::image::Image;
use super::manifest;
use super::store::Repository;
use crate::wire::{page, seconds};
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeImages {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    image_ids: Option<Vec<ImageId>>,
    max_results: Option<usize>,
    next_token: Option<String>,
    filter: Option<Filter>,
}

/// One missing id fails the whole call (ecs-semantics I [MODEL]).
pub(super) fn describe_images(world: &World, request: &DescribeImages) -> Result<Value, ApiError> {
    let name = &request.repository_name;
    let repository = repository(world, name)?;
    let mut found: Vec<Image> = match &request.image_ids {
        Some(ids) => ids
            .iter()
            .map(|id| named(world, name, repository, id).cloned())
            .collect::<Result<_, _>>()?,
        None => repository
            .images
            .iter()
            .filter(|image| passes(request.filter.as_ref(), image))
            .cloned()
            .collect(),
    };
    if request.image_ids.is_none() {
        // AWS promises no order; by digest, nobody mistakes it for push order.
        found.sort_by(|one, other| one.digest.cmp(&other.digest));
    }
    let (images, next) = page(
        &found,
        request.max_results,
        request.next_token.as_deref(),
        100,
    )?;
    let details: Vec<Value> = images
        .iter()
        .map(|image| image_detail(world, name, image))
        .collect();
    Ok(json!({ "imageDetails": details, "nextToken": next }))
}

fn named<'a>(
    world: &World,
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
                world.account
            ),
        )
    })
}

fn image_detail(world: &World, name: &str, image: &Image) -> Value {
    let mut detail = json!({
        "registryId": world.account,
        "repositoryName": name,
        "imageDigest": image.digest,
        "imageSizeInBytes": 48_000_000,
        "imagePushedAt": seconds(image.pushed_at_ms),
        "imageManifestMediaType": manifest::INDEX,
    });
    if !image.tags.is_empty() {
        detail["imageTags"] = json!(image.tags);
    }
    detail
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListImages {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    next_token: Option<String>,
    max_results: Option<usize>,
    filter: Option<Filter>,
}

pub(super) fn list_images(world: &World, request: &ListImages) -> Result<Value, ApiError> {
    let repository = repository(world, &request.repository_name)?;
    let ids = |image: &Image| -> Vec<Value> {
        match image.tags.as_slice() {
            [] => vec![image_id(Some(&image.digest), None)],
            tags => tags
                .iter()
                .map(|tag| image_id(Some(&image.digest), Some(tag)))
                .collect(),
        }
    };
    let images = repository
        .images
        .iter()
        .filter(|image| passes(request.filter.as_ref(), image));
    let all: Vec<Value> = images.flat_map(ids).collect();
    let (ids, next) = page(
        &all,
        request.max_results,
        request.next_token.as_deref(),
        100,
    )?;
    Ok(json!({ "imageIds": ids, "nextToken": next }))
}
