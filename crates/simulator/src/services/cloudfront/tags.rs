//! TagResource, UntagResource and ListTagsForResource.

use serde_json::{Value, json};

use super::CloudFront;
use super::find::{distribution_arn, entries, missing, text};
use crate::ApiError;
use crate::base::here::Here;

pub(super) fn tag(here: &mut Here<'_, CloudFront>, input: &Value) -> Result<Value, ApiError> {
    let arn = there(here, input)?;
    here.own.tag(arn, pairs(&input["Tags"]));
    Ok(json!({}))
}

pub(super) fn untag(here: &mut Here<'_, CloudFront>, input: &Value) -> Result<Value, ApiError> {
    let arn = there(here, input)?;
    let gone = entries(&input["TagKeys"]);
    if let Some(tags) = here.own.tags.get_mut(arn) {
        tags.retain(|(key, _)| !gone.iter().any(|it| it.as_str() == Some(key)));
    }
    Ok(json!({}))
}

pub(super) fn list(here: &mut Here<'_, CloudFront>, input: &Value) -> Result<Value, ApiError> {
    let arn = there(here, input)?;
    let tags = here.own.tags.get(arn).into_iter().flatten();
    let tags = tags.map(|(key, value)| json!({ "Key": key, "Value": value }));
    Ok(json!({ "Tags": { "Items": tags.collect::<Vec<_>>() } }))
}

/// Keys and values of `{ Items }`.
pub(super) fn pairs(tags: &Value) -> Vec<(String, String)> {
    let pair = |tag: &Value| (text(tag, "Key").to_owned(), text(tag, "Value").to_owned());
    entries(tags).iter().map(pair).collect()
}

/// The ARN of something that is there.
fn there<'a>(here: &Here<'_, CloudFront>, input: &'a Value) -> Result<&'a str, ApiError> {
    let arn = text(input, "Resource");
    let mut distributions = here.own.distributions.keys();
    let known = distributions.any(|id| distribution_arn(here, id) == arn);
    if known || here.own.tags.contains_key(arn) {
        return Ok(arn);
    }
    Err(missing(
        "NoSuchResource",
        "The specified resource does not exist.",
    ))
}
