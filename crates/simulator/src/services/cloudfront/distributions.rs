//! CreateDistribution, GetDistribution(Config), UpdateDistribution, DeleteDistribution, ListDistributions.

use serde_json::{Value, json};

use super::CloudFront;
use super::check::check;
use super::describe::{described, summary};
use super::find::{
    Told, conflict, distribution, distribution_arn, if_match, is_true, location, paged, text,
};
use super::finish::kept;
use super::state::{Distribution, id_text};
use super::tags::pairs;
use crate::ApiError;
use crate::base::here::Here;
use crate::base::timings::DISTRIBUTION_DEPLOYMENT;

pub(super) fn create(here: &mut Here<'_, CloudFront>, input: &Value) -> Result<Value, ApiError> {
    made(here, &input["DistributionConfig"], Vec::new())
}

pub(super) fn create_with_tags(
    here: &mut Here<'_, CloudFront>,
    input: &Value,
) -> Result<Value, ApiError> {
    let both = &input["DistributionConfigWithTags"];
    made(here, &both["DistributionConfig"], pairs(&both["Tags"]))
}

/// The new distribution, which is deployed later.
fn made(
    here: &mut Here<'_, CloudFront>,
    config: &Value,
    tags: Vec<(String, String)>,
) -> Result<Value, ApiError> {
    let config = kept(config)?;
    check(here, &config, None)?;
    let change = here.own.next_change();
    let text = id_text(&format!("{}/{change}", here.account));
    let id = format!("E{text}");
    let distribution = Distribution {
        domain: format!("d{}.cloudfront.net", text.to_lowercase()),
        ..Distribution::new(&id, here.now_ms)
    };
    here.own.distributions.insert(id.clone(), distribution);
    let arn = distribution_arn(here, &id);
    here.own.tag(&arn, tags);
    set(here, &id, config, change);
    let mut answer = answer(here, &id)?;
    answer["Location"] = json!(location(&format!("distribution/{id}")));
    Ok(answer)
}

pub(super) fn get(here: &mut Here<'_, CloudFront>, input: &Value) -> Result<Value, ApiError> {
    answer(here, text(input, "Id"))
}

pub(super) fn get_config(
    here: &mut Here<'_, CloudFront>,
    input: &Value,
) -> Result<Value, ApiError> {
    let distribution = distribution(here, text(input, "Id"))?;
    let config = distribution.config(here.region);
    Ok(json!({ "DistributionConfig": *config, "ETag": distribution.etag() }))
}

/// The whole configuration is replaced; its caller reference stays.
pub(super) fn update(here: &mut Here<'_, CloudFront>, input: &Value) -> Result<Value, ApiError> {
    let id = text(input, "Id");
    let old = distribution(here, id)?;
    if_match(input, &old.etag())?;
    let config = kept(&input["DistributionConfig"])?;
    let known = old.config(here.region);
    if text(&config, "CallerReference") != text(&known, "CallerReference") {
        let message = "The caller reference of a distribution cannot be changed.";
        return Err(ApiError::client("IllegalUpdate", message));
    }
    check(here, &config, Some(id))?;
    let change = here.own.next_change();
    set(here, id, config, change);
    answer(here, id)
}

/// Only what is disabled, everywhere, can be deleted [DOC].
pub(super) fn delete(here: &mut Here<'_, CloudFront>, input: &Value) -> Result<Value, ApiError> {
    let id = text(input, "Id");
    if text(input, "IfMatch").is_empty() {
        if_match(input, "")?;
    }
    let old = distribution(here, id)?;
    if_match(input, &old.etag())?;
    if is_true(&old.config(here.region), "Enabled") || !old.is_deployed() {
        let message = "The distribution you are trying to delete has not been disabled.";
        return Err(conflict("DistributionNotDisabled", message));
    }
    here.own.distributions.remove(id);
    let arn = distribution_arn(here, id);
    here.own.tags.remove(&arn);
    Ok(json!({}))
}

pub(super) fn list(here: &mut Here<'_, CloudFront>, input: &Value) -> Result<Value, ApiError> {
    let all: Vec<&Distribution> = here.own.distributions.values().collect();
    let page = paged(input, &all)?;
    let summaries = page.items.iter().map(|it| summary(it, here)).collect();
    Ok(json!({ "DistributionList": page.list(summaries, Told::Whole) }))
}

/// What was set is at the edge only after a while [INF].
fn set(here: &mut Here<'_, CloudFront>, id: &str, config: Value, change: u64) {
    let takes_ms = DISTRIBUTION_DEPLOYMENT.draw(here.weather, here.random);
    if let Some(distribution) = here.own.distributions.get_mut(id) {
        distribution.config = Some(config);
        distribution.change = change;
        distribution.modified_ms = here.now_ms;
        distribution.deployed_ms = here.now_ms + takes_ms;
        distribution.deployed = Some(false);
    }
}

fn answer(here: &Here<'_, CloudFront>, id: &str) -> Result<Value, ApiError> {
    let distribution = distribution(here, id)?;
    Ok(json!({ "Distribution": described(distribution, here), "ETag": distribution.etag() }))
}
