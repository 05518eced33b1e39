//! DescribeImages and ListImages.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{ImageId, image_id, named, repository};
use super::image::{Image, Storage};
use super::{manifest, scan};
use crate::base::here::Here;
use crate::services::ecr::Ecr;
use crate::wire::{page, seconds, with_token};
use crate::{ApiError, Millis};

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
pub(super) fn describe_images(
    here: &Here<'_, Ecr>,
    request: &DescribeImages,
) -> Result<Value, ApiError> {
    let name = &request.repository_name;
    let repository = repository(here, name)?;
    let mut found: Vec<Image> = match &request.image_ids {
        Some(ids) => ids
            .iter()
            .map(|id| named(here, name, repository, id).cloned())
            .collect::<Result<_, _>>()?,
        None => repository
            .images
            .iter()
            .filter(|image| passes(request.filter.as_ref(), image, here.now_ms))
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
        .map(|image| image_detail(here, name, image))
        .collect();
    Ok(with_token(
        json!({ "imageDetails": details }),
        "nextToken",
        next,
    ))
}

fn image_detail(here: &Here<'_, Ecr>, name: &str, image: &Image) -> Value {
    let size = image
        .manifest
        .as_ref()
        .map_or(48_000_000, |pushed| pushed.size_bytes);
    let mut detail = json!({
        "registryId": here.account,
        "repositoryName": name,
        "imageDigest": image.digest,
        "imageSizeInBytes": size,
        "imagePushedAt": seconds(image.pushed_at_ms),
        "imageManifestMediaType": manifest::media_type(image),
        "imageStatus": image.status(here.now_ms),
    });
    if let Some(artifact) = manifest::artifact_media_type(image) {
        detail["artifactMediaType"] = json!(artifact);
    }
    if !image.tags.is_empty() {
        detail["imageTags"] = json!(image.tags);
    }
    // The summary of findings is no longer filled (ecs-semantics I [MODEL]): there is a call of its own for them.
    if let Some(status) = scan::status(here, name, image) {
        detail["imageScanStatus"] = status;
    }
    match image.storage {
        Storage::Active => {}
        Storage::Archived { at_ms } => detail["lastArchivedAt"] = seconds(at_ms),
        Storage::Activating { until_ms } => {
            if until_ms <= here.now_ms {
                detail["lastActivatedAt"] = seconds(until_ms);
            }
        }
    }
    detail
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Filter {
    tag_status: Option<TagStatus>,
    image_status: Option<ImageStatus>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum TagStatus {
    Tagged,
    Untagged,
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ImageStatus {
    Active,
    Archived,
    Activating,
    Any,
}

/// "If not specified, only images with ACTIVE status are returned" [MODEL].
fn passes(filter: Option<&Filter>, image: &Image, now_ms: Millis) -> bool {
    let tagged = match filter.and_then(|filter| filter.tag_status) {
        Some(TagStatus::Tagged) => !image.tags.is_empty(),
        Some(TagStatus::Untagged) => image.tags.is_empty(),
        Some(TagStatus::Any) | None => true,
    };
    let status = image.status(now_ms);
    let wanted = match filter.and_then(|filter| filter.image_status) {
        Some(ImageStatus::Active) | None => "ACTIVE",
        Some(ImageStatus::Archived) => "ARCHIVED",
        Some(ImageStatus::Activating) => "ACTIVATING",
        Some(ImageStatus::Any) => status,
    };
    tagged && status == wanted
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

pub(super) fn list_images(here: &Here<'_, Ecr>, request: &ListImages) -> Result<Value, ApiError> {
    let repository = repository(here, &request.repository_name)?;
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
        .filter(|image| passes(request.filter.as_ref(), image, here.now_ms));
    let all: Vec<Value> = images.flat_map(ids).collect();
    let (ids, next) = page(
        &all,
        request.max_results,
        request.next_token.as_deref(),
        100,
    )?;
    Ok(with_token(json!({ "imageIds": ids }), "nextToken", next))
}
