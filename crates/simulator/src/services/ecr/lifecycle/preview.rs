//! StartLifecyclePolicyPreview and its results.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::missing;
use super::policy::{ActionKind, Marked, Policy};
use crate::base::here::Here;
use crate::base::timings::LIFECYCLE_PREVIEW;
use crate::services::ecr::Ecr;
use crate::services::ecr::find::{ImageId, repository, repository_mut};
use crate::services::ecr::list::TagStatus;
use crate::wire::{page, seconds};
use crate::{ApiError, Millis};

/// The latest preview of a repository.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::services::ecr) struct Preview {
    text: String,
    done_ms: Millis,
    marked: Vec<Marked>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::services::ecr) struct StartLifecyclePolicyPreview {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    lifecycle_policy_text: Option<String>,
}

/// Without a text, the repository's own policy is played.
pub(in crate::services::ecr) fn start_preview(
    here: &mut Here<'_, Ecr>,
    request: StartLifecyclePolicyPreview,
) -> Result<Value, ApiError> {
    let (name, now_ms) = (request.repository_name, here.now_ms);
    let own = repository(here, &name)?;
    if own
        .preview
        .as_ref()
        .is_some_and(|preview| now_ms < preview.done_ms)
    {
        return Err(ApiError::client(
            "LifecyclePolicyPreviewInProgressException",
            format!(
                "The lifecycle policy preview for repository with name '{name}' in registry with id '{}' is in progress",
                here.account
            ),
        ));
    }
    let kept = own
        .lifecycle
        .as_ref()
        .map(|lifecycle| lifecycle.text.clone());
    let text = request.lifecycle_policy_text.or(kept);
    let text = text.ok_or_else(|| missing(here, &name))?;
    let marked = Policy::parse(&text)?.marks(&own.images, now_ms);
    let answer = json!({
        "registryId": here.account,
        "repositoryName": name,
        "lifecyclePolicyText": text,
        "status": "IN_PROGRESS",
    });
    let done_ms = now_ms + LIFECYCLE_PREVIEW.draw(here.weather, here.random);
    repository_mut(here, &name)?.preview = Some(Preview {
        text,
        done_ms,
        marked,
    });
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::services::ecr) struct GetLifecyclePolicyPreview {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    image_ids: Option<Vec<ImageId>>,
    next_token: Option<String>,
    max_results: Option<usize>,
    filter: Option<PreviewFilter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PreviewFilter {
    tag_status: Option<TagStatus>,
}

pub(in crate::services::ecr) fn get_preview(
    here: &Here<'_, Ecr>,
    request: &GetLifecyclePolicyPreview,
) -> Result<Value, ApiError> {
    let name = &request.repository_name;
    let preview = repository(here, name)?.preview.as_ref().ok_or_else(|| {
        ApiError::client(
            "LifecyclePolicyPreviewNotFoundException",
            format!(
                "Lifecycle policy preview does not exist for the repository with name '{name}' in the registry with id '{}'",
                here.account
            ),
        )
    })?;
    let mut answer = json!({
        "registryId": here.account,
        "repositoryName": name,
        "lifecyclePolicyText": preview.text,
        "status": "IN_PROGRESS",
    });
    if here.now_ms < preview.done_ms {
        return Ok(answer);
    }
    let results = results(here, request, preview);
    let (listed, next) = page(
        &results,
        request.max_results,
        request.next_token.as_deref(),
        100,
    )?;
    let expiring = preview
        .marked
        .iter()
        .filter(|mark| mark.action == ActionKind::Expire)
        .count();
    answer["status"] = json!("COMPLETE");
    answer["previewResults"] = json!(listed);
    answer["summary"] = json!({ "expiringImageTotalCount": expiring });
    if let Some(next) = next {
        answer["nextToken"] = json!(next);
    }
    Ok(answer)
}

fn results(
    here: &Here<'_, Ecr>,
    request: &GetLifecyclePolicyPreview,
    preview: &Preview,
) -> Vec<Value> {
    let Some(own) = here.own.own(&request.repository_name) else {
        return Vec::new();
    };
    let status = request.filter.as_ref().and_then(|filter| filter.tag_status);
    let marks = preview.marked.iter().filter_map(|mark| {
        let image = own.find(None, Some(&mark.digest))?;
        let asked = request.image_ids.as_ref().is_none_or(|ids| {
            ids.iter().any(|id| {
                id.image_digest.as_deref() == Some(mark.digest.as_str())
                    || id
                        .image_tag
                        .as_deref()
                        .is_some_and(|tag| image.has_tag(tag))
            })
        });
        let passes = match status {
            Some(TagStatus::Tagged) => !image.tags.is_empty(),
            Some(TagStatus::Untagged) => image.tags.is_empty(),
            Some(TagStatus::Any) | None => true,
        };
        let action = match mark.action {
            ActionKind::Expire => json!({ "type": "EXPIRE" }),
            ActionKind::Transition => {
                json!({ "type": "TRANSITION", "targetStorageClass": "ARCHIVE" })
            }
        };
        (asked && passes).then(|| {
            json!({
                "imageTags": image.tags,
                "imageDigest": image.digest,
                "imagePushedAt": seconds(image.pushed_at_ms),
                "action": action,
                "appliedRulePriority": mark.priority,
            })
        })
    });
    marks.collect()
}
