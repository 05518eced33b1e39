//! Tags of scalable targets: nothing else of Application Auto Scaling has any.

use serde::Deserialize;
use serde_json::{Value, json};

use super::state::{AutoScaling, Target};
use crate::ApiError;
use crate::base::here::Here;
use crate::wire::Tags;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TagResource {
    #[serde(rename = "ResourceARN")]
    arn: String,
    #[serde(rename = "Tags")]
    tags: Tags,
}

pub(super) fn tag(
    here: &mut Here<'_, AutoScaling>,
    request: TagResource,
) -> Result<Value, ApiError> {
    let target = tagged(here, &request.arn)?;
    let mut tags = target.tags.clone();
    tags.extend(request.tags);
    if tags.len() > 50 {
        return Err(ApiError::client(
            "TooManyTagsException",
            "The number of tags exceeds the limit of 50.",
        ));
    }
    target.tags = tags;
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UntagResource {
    #[serde(rename = "ResourceARN")]
    arn: String,
    #[serde(rename = "TagKeys")]
    keys: Vec<String>,
}

pub(super) fn untag(
    here: &mut Here<'_, AutoScaling>,
    request: &UntagResource,
) -> Result<Value, ApiError> {
    let target = tagged(here, &request.arn)?;
    target.tags.retain(|key, _| !request.keys.contains(key));
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListTagsForResource {
    #[serde(rename = "ResourceARN")]
    arn: String,
}

pub(super) fn list(
    here: &mut Here<'_, AutoScaling>,
    request: &ListTagsForResource,
) -> Result<Value, ApiError> {
    Ok(json!({ "Tags": tagged(here, &request.arn)?.tags }))
}

fn tagged<'a>(here: &'a mut Here<'_, AutoScaling>, arn: &str) -> Result<&'a mut Target, ApiError> {
    let mut targets = here.own.targets.values_mut();
    targets.find(|target| target.arn == arn).ok_or_else(|| {
        ApiError::client(
            "ResourceNotFoundException",
            format!("Specified resource {arn} doesn't exist"),
        )
    })
}
