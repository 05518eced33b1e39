//! What is pushed about an image: signatures, attestations. ListImageReferrers, and what the referrers of Docker's protocol are.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::repository;
use super::image::Image;
use super::manifest::{self, Parsed};
use super::state::Repository;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::ecr::Ecr;
use crate::wire::{page, with_token};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListImageReferrers {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    subject_id: Subject,
    filter: Option<Filter>,
    next_token: Option<String>,
    max_results: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Subject {
    image_digest: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Filter {
    artifact_types: Option<Vec<String>>,
    artifact_status: Option<Status>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Status {
    Active,
    Archived,
    Activating,
    Any,
}

/// "If no filter is specified, only artifacts with ACTIVE status are returned" [MODEL].
pub(super) fn list(here: &Here<'_, Ecr>, request: &ListImageReferrers) -> Result<Value, ApiError> {
    let own = repository(here, &request.repository_name)?;
    let filter = request.filter.as_ref();
    let types = filter.and_then(|filter| filter.artifact_types.as_ref());
    let wanted = match filter.and_then(|filter| filter.artifact_status) {
        Some(Status::Active) | None => Some("ACTIVE"),
        Some(Status::Archived) => Some("ARCHIVED"),
        Some(Status::Activating) => Some("ACTIVATING"),
        Some(Status::Any) => None,
    };
    let found = of(own, &request.subject_id.image_digest).filter_map(|image| {
        let status = image.status(here.now_ms);
        let mut described = descriptor(image);
        let kind = described["artifactType"].as_str().unwrap_or_default();
        let of_type = types.is_none_or(|types| types.iter().any(|one| one == kind));
        described["artifactStatus"] = json!(status);
        (of_type && wanted.is_none_or(|wanted| wanted == status)).then_some(described)
    });
    let all: Vec<Value> = found.collect();
    let (listed, next) = page(&all, request.max_results, request.next_token.as_deref(), 50)?;
    Ok(with_token(
        json!({ "referrers": listed }),
        "nextToken",
        next,
    ))
}

/// The images whose manifests name this digest as their subject.
pub(super) fn of<'a>(
    repository: &'a Repository,
    subject: &'a str,
) -> impl Iterator<Item = &'a Image> {
    let about = move |image: &&Image| {
        let pushed = image.manifest.as_ref();
        pushed.is_some_and(|pushed| Parsed::read(&pushed.text).subject.as_deref() == Some(subject))
    };
    repository.images.iter().filter(about)
}

/// How a list of referrers describes one ([SPEC], OCI distribution 1.1, "Listing Referrers").
pub(super) fn descriptor(image: &Image) -> Value {
    let text = manifest::text(image);
    let parsed = Parsed::read(&text);
    let mut described = json!({
        "mediaType": manifest::media_type(image),
        "digest": image.digest,
        "size": text.len(),
    });
    if let Some(kind) = parsed.artifact_type.or(parsed.configuration_type) {
        described["artifactType"] = json!(kind);
    }
    if let Some(annotations) = parsed.annotations {
        described["annotations"] = annotations;
    }
    described
}
