//! DescribeImageScanFindings, and what one finding is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Scan, ScanStatus, reached, scripted, status};
use crate::ApiError;
use crate::base::arn::regional_arn;
use crate::base::here::Here;
use crate::services::ecr::Ecr;
use crate::services::ecr::find::{ImageId, image_id, named, repository};
use crate::services::ecr::image::Image;
use crate::services::ecr::registry::ScanType;
use crate::wire::{page, seconds};

/// One vulnerability of one package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageFinding {
    /// For example `CVE-2026-1234`.
    pub name: String,
    /// How bad it is.
    pub severity: FindingSeverity,
    /// The package's name.
    pub package: String,
    /// The package's version.
    pub version: String,
    /// The version that has it no longer, if there is one.
    #[serde(default)]
    pub fixed_in: Option<String>,
}

/// FindingSeverity \[MODEL\].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names are AWS's own")]
pub enum FindingSeverity {
    Informational,
    Low,
    Medium,
    High,
    Critical,
    Undefined,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::services::ecr) struct DescribeImageScanFindings {
    #[serde(rename = "registryId")]
    _registry_id: Option<String>,
    repository_name: String,
    image_id: ImageId,
    next_token: Option<String>,
    max_results: Option<usize>,
}

pub(in crate::services::ecr) fn describe_findings(
    here: &Here<'_, Ecr>,
    request: &DescribeImageScanFindings,
) -> Result<Value, ApiError> {
    let name = &request.repository_name;
    let image = named(here, name, repository(here, name)?, &request.image_id)?;
    let (Some(scan), Some(status), Some(reached)) = (
        image.scan,
        status(here, name, image),
        reached(here, name, image),
    ) else {
        return Err(scan_missing(here, name, image, &request.image_id));
    };
    let mut answer = json!({
        "registryId": here.account,
        "repositoryName": name,
        "imageId": image_id(Some(&image.digest), request.image_id.image_tag.as_deref()),
        "imageScanStatus": status,
    });
    let has_findings = match reached {
        ScanStatus::Complete | ScanStatus::Active => true,
        ScanStatus::InProgress
        | ScanStatus::Failed
        | ScanStatus::UnsupportedImage
        | ScanStatus::Pending
        | ScanStatus::ScanEligibilityExpired
        | ScanStatus::FindingsUnavailable
        | ScanStatus::LimitExceeded
        | ScanStatus::ImageArchived
        | ScanStatus::ImageSizeExceeded => false,
    };
    if has_findings {
        let all = scripted(here, name, image).map_or(&[][..], |scan| &scan.findings);
        let (listed, next) = page(all, request.max_results, request.next_token.as_deref(), 100)?;
        answer["imageScanFindings"] = findings_json(here, name, image, scan, all, &listed);
        if let Some(next) = next {
            answer["nextToken"] = json!(next);
        }
    }
    Ok(answer)
}

/// The counts are of all findings, the list is of one page.
fn findings_json(
    here: &Here<'_, Ecr>,
    name: &str,
    image: &Image,
    scan: Scan,
    all: &[ImageFinding],
    listed: &[ImageFinding],
) -> Value {
    let mut counts: BTreeMap<FindingSeverity, u64> = BTreeMap::new();
    for finding in all {
        *counts.entry(finding.severity).or_default() += 1;
    }
    let mut described = json!({
        "imageScanCompletedAt": seconds(scan.done_ms),
        "vulnerabilitySourceUpdatedAt": seconds(scan.asked_ms),
        "findingSeverityCounts": counts,
    });
    match here.own.scanning.scan_type {
        ScanType::Basic => {
            described["findings"] = listed.iter().map(basic).collect();
        }
        ScanType::Enhanced => {
            let enhanced = |finding: &ImageFinding| enhanced(here, name, image, scan, finding);
            described["enhancedFindings"] = listed.iter().map(enhanced).collect();
        }
    }
    described
}

fn basic(finding: &ImageFinding) -> Value {
    json!({
        "name": finding.name,
        "uri": format!("https://nvd.nist.gov/vuln/detail/{}", finding.name),
        "severity": finding.severity,
        "attributes": [
            { "key": "package_name", "value": finding.package },
            { "key": "package_version", "value": finding.version },
        ],
    })
}

fn enhanced(
    here: &Here<'_, Ecr>,
    name: &str,
    image: &Image,
    scan: Scan,
    finding: &ImageFinding,
) -> Value {
    let (account, region) = (here.account, here.region);
    let mut package = json!({ "name": finding.package, "version": finding.version });
    if let Some(fixed_in) = &finding.fixed_in {
        package["fixedInVersion"] = json!(fixed_in);
    }
    json!({
        "awsAccountId": account,
        "findingArn": regional_arn("inspector2", region, account, format_args!("finding/{}", finding.name)),
        "firstObservedAt": seconds(scan.done_ms),
        "lastObservedAt": seconds(scan.done_ms),
        "severity": finding.severity,
        "status": "ACTIVE",
        "title": format!("{} - {}", finding.name, finding.package),
        "type": "PACKAGE_VULNERABILITY",
        "fixAvailable": if finding.fixed_in.is_some() { "YES" } else { "NO" },
        "packageVulnerabilityDetails": {
            "vulnerabilityId": finding.name,
            "vulnerablePackages": [package],
        },
        "resources": [{
            "id": regional_arn("ecr", region, account, format_args!("repository/{name}/{}", image.digest)),
            "type": "AWS_ECR_CONTAINER_IMAGE",
        }],
    })
}

/// Until a scan exists (ecs-semantics I [MODEL]).
fn scan_missing(here: &Here<'_, Ecr>, name: &str, image: &Image, id: &ImageId) -> ApiError {
    let digest = &image.digest;
    let tag = id.image_tag.as_deref().unwrap_or("null");
    ApiError::client(
        "ScanNotFoundException",
        format!(
            "Image scan does not exist for the image with '{{imageDigest:'{digest}', imageTag:'{tag}'}}' in the repository \
             with name '{name}' in the registry with id '{}'",
            here.account
        ),
    )
}
