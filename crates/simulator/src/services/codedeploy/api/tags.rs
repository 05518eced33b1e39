//! Tags of applications and deployment groups.

use serde::Deserialize;
use serde_json::{Value, json};

use super::refusals::{self, refuse};
use crate::base::arn::regional_arn;
use crate::{ApiError, World};

/// Capitals, unlike the tags of ECS [MODEL].
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct TagResource {
    resource_arn: Option<String>,
    tags: Vec<Tag>,
}

pub(super) fn tag(world: &mut World, request: TagResource) -> Result<Value, ApiError> {
    let arn = known(world, request.resource_arn.as_deref())?.to_owned();
    if request.tags.is_empty() {
        return Err(refuse("TagRequiredException", "A tag was not specified"));
    }
    world.add_codedeploy_tags(arn, request.tags);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct UntagResource {
    resource_arn: Option<String>,
    tag_keys: Vec<String>,
}

pub(super) fn untag(world: &mut World, request: &UntagResource) -> Result<Value, ApiError> {
    let arn = known(world, request.resource_arn.as_deref())?;
    if let Some(tags) = world.codedeploy.tags.get_mut(arn) {
        tags.retain(|key, _| !request.tag_keys.contains(key));
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListTags {
    resource_arn: Option<String>,
    next_token: Option<String>,
}

/// All on one page.
pub(super) fn list(world: &World, request: &ListTags) -> Result<Value, ApiError> {
    let arn = known(world, request.resource_arn.as_deref()).map_err(|error| match error.code {
        // Not among the exceptions of this operation [MODEL].
        "ApplicationDoesNotExistException" | "DeploymentGroupDoesNotExistException" => {
            refuse("InvalidArnException", error.message)
        }
        _ => error,
    })?;
    if request.next_token.is_some() {
        return Err(refuse("InvalidArnException", "there is no next page"));
    }
    let tags = world.codedeploy.tags.get(arn);
    let tags = tags
        .into_iter()
        .flatten()
        .map(|(key, value)| json!({ "Key": key, "Value": value }));
    Ok(json!({ "Tags": tags.collect::<Vec<Value>>() }))
}

/// `…:application:NAME` or `…:deploymentgroup:APPLICATION/GROUP`, of something that exists.
fn known<'a>(world: &World, arn: Option<&'a str>) -> Result<&'a str, ApiError> {
    let Some(arn) = arn.filter(|arn| !arn.is_empty()) else {
        return Err(refuse("ResourceArnRequiredException", "The ARN is missing"));
    };
    let own = world.codedeploy_arn("");
    let Some(resource) = arn.strip_prefix(&own) else {
        return Err(refuse(
            "InvalidArnException",
            format!("{arn} is not a valid ARN"),
        ));
    };
    if let Some(name) = resource.strip_prefix("application:") {
        return refusals::application(world, Some(name)).map(|_| arn);
    }
    let group = resource.strip_prefix("deploymentgroup:");
    let Some((name, group)) = group.and_then(|group| group.split_once('/')) else {
        return Err(refuse(
            "ArnNotSupportedException",
            format!("{arn} is not supported"),
        ));
    };
    let (_, application) = refusals::application(world, Some(name))?;
    refusals::group(application, Some(group)).map(|_| arn)
}

impl World {
    pub(super) fn codedeploy_arn(&self, resource: &str) -> String {
        regional_arn("codedeploy", &self.region, &self.account, resource)
    }

    pub(super) fn add_codedeploy_tags(&mut self, arn: String, tags: Vec<Tag>) {
        let held = self.codedeploy.tags.entry(arn).or_default();
        held.extend(tags.into_iter().map(|tag| (tag.key, tag.value)));
    }
}
