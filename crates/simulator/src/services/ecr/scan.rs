//! Image scanning: when an image is scanned, and what the scan says. What is found is scripted from outside.

mod findings;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(super) use findings::describe_findings;
pub use findings::{FindingSeverity, ImageFinding};

use super::find::{ImageId, image_id, named, repository, repository_mut};
use super::image::Image;
use super::registry::ScanType;
use crate::base::here::Here;
use crate::base::timings::IMAGE_SCAN;
use crate::services::ecr::Ecr;
use crate::{ApiError, Millis};

/// A basic scan of an image "can only be started once per 24 hours" [MODEL].
const SCAN_AGAIN_MS: Millis = 86_400_000;

/// What a scan of one image ends with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageScan {
    /// Where it ends; COMPLETE in basic scanning and ACTIVE in enhanced scanning unless it is given.
    #[serde(default)]
    pub status: Option<ScanStatus>,
    /// What is found.
    #[serde(default)]
    pub findings: Vec<ImageFinding>,
}

/// ScanStatus \[MODEL\].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names are AWS's own")]
pub enum ScanStatus {
    InProgress,
    Complete,
    Failed,
    UnsupportedImage,
    Active,
    Pending,
    ScanEligibilityExpired,
    FindingsUnavailable,
    LimitExceeded,
    ImageArchived,
    ImageSizeExceeded,
}

/// One scan of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Scan {
    asked_ms: Millis,
    done_ms: Millis,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ScanningConfiguration {
    #[serde(default)]
    pub(super) scan_on_push: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PutImageScanningConfiguration {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    image_scanning_configuration: ScanningConfiguration,
}

pub(super) fn put_configuration(
    here: &mut Here<'_, Ecr>,
    request: &PutImageScanningConfiguration,
) -> Result<Value, ApiError> {
    let scan_on_push = request.image_scanning_configuration.scan_on_push;
    repository_mut(here, &request.repository_name)?.scan_on_push = scan_on_push;
    Ok(json!({
        "registryId": here.account,
        "repositoryName": request.repository_name,
        "imageScanningConfiguration": { "scanOnPush": scan_on_push },
    }))
}

/// The scan that a push starts, if it starts one. Enhanced scanning knows the registry's rules only [DOC].
pub(super) fn of_pushed(here: &mut Here<'_, Ecr>, repository: &str) -> Option<Scan> {
    let by_itself = here
        .own
        .own(repository)
        .is_some_and(|repository| repository.scan_on_push);
    let by_rule = here.own.scanning.scans_pushed(repository);
    let starts = match here.own.scanning.scan_type {
        ScanType::Basic => by_rule || by_itself,
        ScanType::Enhanced => by_rule,
    };
    starts.then(|| begin(here))
}

/// An image that a pipeline has pushed is scanned by the same rules.
pub(crate) fn scan_pushed(here: &mut Here<'_, Ecr>, repository: &str, tags: &[String]) {
    let scan = of_pushed(here, repository);
    let Some(own) = here.own.own_mut(repository) else {
        return;
    };
    let image = own
        .images
        .iter_mut()
        .find(|image| tags.iter().any(|tag| image.has_tag(tag)));
    if let Some(image) = image {
        image.scan = image.scan.or(scan);
    }
}

fn begin(here: &mut Here<'_, Ecr>) -> Scan {
    Scan {
        asked_ms: here.now_ms,
        done_ms: here.now_ms + IMAGE_SCAN.draw(here.weather, here.random),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct StartImageScan {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    image_id: ImageId,
}

pub(super) fn start(here: &mut Here<'_, Ecr>, request: &StartImageScan) -> Result<Value, ApiError> {
    let name = &request.repository_name;
    let image = named(here, name, repository(here, name)?, &request.image_id)?;
    let digest = image.digest.clone();
    if !image.is_pullable(here.now_ms) {
        return Err(ApiError::client(
            "ImageArchivedException",
            "The specified image is archived and cannot be scanned.",
        ));
    }
    if here.own.scanning.scan_type == ScanType::Enhanced {
        return Err(ApiError::client(
            "ValidationException",
            "This feature is disabled",
        ));
    }
    let recently = |scan: Scan| here.now_ms < scan.asked_ms + SCAN_AGAIN_MS;
    if image.scan.is_some_and(recently) {
        return Err(ApiError::client(
            "LimitExceededException",
            "The scan quota per image has been exceeded. Wait and try again.",
        ));
    }
    let scan = begin(here);
    for image in &mut repository_mut(here, name)?.images {
        if image.digest == digest {
            image.scan = Some(scan);
        }
    }
    Ok(json!({
        "registryId": here.account,
        "repositoryName": name,
        "imageId": image_id(Some(&digest), request.image_id.image_tag.as_deref()),
        "imageScanStatus": { "status": ScanStatus::InProgress },
    }))
}

/// imageScanStatus; `None` until a scan exists.
pub(super) fn status(here: &Here<'_, Ecr>, repository: &str, image: &Image) -> Option<Value> {
    let status = reached(here, repository, image)?;
    let description = match status {
        ScanStatus::Complete => "The scan was completed successfully.",
        ScanStatus::Active => "Continuous scan is selected for image.",
        ScanStatus::UnsupportedImage => {
            "UnsupportedImageError: The operating system and/or package manager are not supported."
        }
        ScanStatus::InProgress
        | ScanStatus::Failed
        | ScanStatus::Pending
        | ScanStatus::ScanEligibilityExpired
        | ScanStatus::FindingsUnavailable
        | ScanStatus::LimitExceeded
        | ScanStatus::ImageArchived
        | ScanStatus::ImageSizeExceeded => return Some(json!({ "status": status })),
    };
    Some(json!({ "status": status, "description": description }))
}

/// Enhanced scanning never says COMPLETE (ecs-semantics I [MODEL]).
fn reached(here: &Here<'_, Ecr>, repository: &str, image: &Image) -> Option<ScanStatus> {
    let scan = image.scan?;
    if !image.is_pullable(here.now_ms) {
        return Some(ScanStatus::ImageArchived);
    }
    let enhanced = here.own.scanning.scan_type == ScanType::Enhanced;
    if here.now_ms < scan.done_ms {
        return Some(match enhanced {
            true => ScanStatus::Pending,
            false => ScanStatus::InProgress,
        });
    }
    let scripted = scripted(here, repository, image).and_then(|scan| scan.status);
    Some(scripted.unwrap_or(match enhanced {
        true => ScanStatus::Active,
        false => ScanStatus::Complete,
    }))
}

fn scripted<'a>(here: &'a Here<'_, Ecr>, repository: &str, image: &Image) -> Option<&'a ImageScan> {
    let key = format!("{repository}@{}", image.digest);
    here.own.scripted_scans.get(&key)
}

impl Ecr {
    /// Scripts what scans of the image with this tag find, from the next look on; false when there is no such image.
    pub(crate) fn script_scan(&mut self, repository: &str, tag: &str, scan: ImageScan) -> bool {
        let image = self
            .own(repository)
            .and_then(|own| own.find(Some(tag), None));
        let Some(digest) = image.map(|image| image.digest.clone()) else {
            return false;
        };
        let key = format!("{repository}@{digest}");
        self.scripted_scans.insert(key, scan);
        true
    }
}
