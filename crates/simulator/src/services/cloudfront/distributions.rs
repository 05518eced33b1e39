//! CreateDistribution, GetDistribution(Config), UpdateDistribution, DeleteDistribution, ListDistributions.

use bytes::Bytes;
use http::{Request, Response};

use super::check::check;
use super::describe::{distribution_arn, distribution_summary, distribution_xml};
use super::distribution_shape::DISTRIBUTION;
use super::finish::finished;
use super::reply::{document, empty, if_match, located, parameter, tagged};
use super::shape::{Kind, must, normal};
use super::state::{Distribution, id_text};
use super::tags::{TAGS, pairs};
use super::tree::Element;
use crate::ApiError;
use crate::base::here::Here;
use crate::base::timings::DISTRIBUTION_DEPLOYMENT;
use crate::services::cloudfront::CloudFront;
use crate::wire::{Xml, page};

/// 201 with the new distribution, which is deployed later.
pub(super) fn create(
    here: &mut Here<'_, CloudFront>,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    let (config, tags) = configured(request)?;
    check(here, &config, None)?;
    let change = here.own.next_change();
    let text = id_text(&format!("{}/{change}", here.account));
    let id = format!("E{text}");
    let distribution = Distribution {
        domain: format!("d{}.cloudfront.net", text.to_lowercase()),
        ..Distribution::new(&id, here.now_ms)
    };
    here.own.distributions.insert(id.clone(), distribution);
    let arn = distribution_arn(&here.account, &id);
    here.own.tag(&arn, tags);
    set(here, &id, config, change);
    let reply = described(here, &id, 201)?;
    Ok(located(reply, &format!("distribution/{id}")))
}

pub(super) fn get(here: &Here<'_, CloudFront>, id: &str) -> Result<Response<Bytes>, ApiError> {
    described(here, id, 200)
}

pub(super) fn get_config(
    here: &Here<'_, CloudFront>,
    id: &str,
) -> Result<Response<Bytes>, ApiError> {
    let distribution = distribution(here, id)?;
    let config = distribution.config(&here.region);
    let reply = document(200, "DistributionConfig", &config.inner());
    Ok(tagged(reply, &distribution.etag()))
}

/// The whole configuration is replaced; its caller reference stays.
pub(super) fn update(
    here: &mut Here<'_, CloudFront>,
    id: &str,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    let old = distribution(here, id)?;
    if_match(request, &old.etag())?;
    let (config, _) = configured(request)?;
    let reference = old
        .config(&here.region)
        .text_of("CallerReference")
        .to_owned();
    if config.text_of("CallerReference") != reference {
        let message = "The caller reference of a distribution cannot be changed.";
        return Err(ApiError::client("IllegalUpdate", message));
    }
    check(here, &config, Some(id))?;
    let change = here.own.next_change();
    set(here, id, config, change);
    described(here, id, 200)
}

/// Only what is disabled, everywhere, can be deleted [DOC].
pub(super) fn delete(
    here: &mut Here<'_, CloudFront>,
    id: &str,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    let old = distribution(here, id)?;
    if_match(request, &old.etag())?;
    let enabled = old.config(&here.region).text_of("Enabled") == "true";
    if enabled || !old.is_deployed() {
        let message = "The distribution you are trying to delete has not been disabled.";
        return Err(ApiError {
            code: "DistributionNotDisabled",
            message: message.to_owned(),
            status: 409,
        });
    }
    here.own.distributions.remove(id);
    let arn = distribution_arn(&here.account, id);
    here.own.tags.remove(&arn);
    Ok(empty(204))
}

pub(super) fn list(
    here: &Here<'_, CloudFront>,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, ApiError> {
    let all: Vec<&Distribution> = here.own.distributions.values().collect();
    let size = parameter(request, "MaxItems").and_then(|size| size.parse().ok());
    let marker = parameter(request, "Marker").filter(|marker| !marker.is_empty());
    let (items, next) = page(&all, size, marker.as_deref(), 100)?;
    let summaries = items.iter().map(|it| distribution_summary(it, here));
    let truncated = next.is_some();
    let xml = Xml::new()
        .text("Marker", marker.unwrap_or_default())
        .maybe("NextMarker", next)
        .text("MaxItems", size.unwrap_or(100))
        .text("IsTruncated", truncated)
        .text("Quantity", items.len())
        .list("Items", "DistributionSummary", summaries);
    Ok(document(200, "DistributionList", &xml))
}

pub(super) fn distribution<'a>(
    here: &'a Here<'_, CloudFront>,
    id: &str,
) -> Result<&'a Distribution, ApiError> {
    let found = here.own.distributions.get(id);
    found.ok_or_else(no_distribution)
}

pub(super) fn no_distribution() -> ApiError {
    ApiError {
        code: "NoSuchDistribution",
        message: "The specified distribution does not exist.".to_owned(),
        status: 404,
    }
}

/// The configuration that a request brings, and its tags.
fn configured(request: &Request<Bytes>) -> Result<(Element, Vec<(String, String)>), ApiError> {
    let mut root = Element::parse(request.body())?;
    let mut tags = Vec::new();
    if root.name == "DistributionConfigWithTags" {
        let both = [
            must("DistributionConfig", Kind::Of(DISTRIBUTION)),
            must("Tags", Kind::Of(TAGS)),
        ];
        let whole = normal(root, &both)?;
        tags = whole.child("Tags").map(pairs).unwrap_or_default();
        root = whole
            .child("DistributionConfig")
            .cloned()
            .unwrap_or_default();
    }
    let config = normal(root, DISTRIBUTION)?;
    Ok((normal(finished(config), DISTRIBUTION)?, tags))
}

/// What was set is at the edge only after a while [INF].
fn set(here: &mut Here<'_, CloudFront>, id: &str, config: Element, change: u64) {
    let takes_ms = DISTRIBUTION_DEPLOYMENT.draw(here.weather, here.random);
    if let Some(distribution) = here.own.distributions.get_mut(id) {
        distribution.config = Some(config);
        distribution.change = change;
        distribution.modified_ms = here.now_ms;
        distribution.deployed_ms = here.now_ms + takes_ms;
        distribution.deployed = Some(false);
    }
}

fn described(
    here: &Here<'_, CloudFront>,
    id: &str,
    status: u16,
) -> Result<Response<Bytes>, ApiError> {
    let distribution = distribution(here, id)?;
    let body = distribution_xml(distribution, here);
    let reply = document(status, "Distribution", &body);
    Ok(tagged(reply, &distribution.etag()))
}
