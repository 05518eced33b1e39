//! Applications: names that hold deployment groups.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::refusals::{self, refuse};
use super::tags::Tag;
use crate::services::codedeploy::state::Application;
use crate::wire::instant;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateApplication {
    application_name: Option<String>,
    compute_platform: Option<String>,
    tags: Option<Vec<Tag>>,
}

/// Of compute platform ECS; without one AWS means Server, which the simulator does not know.
pub(super) fn create(world: &mut World, request: CreateApplication) -> Result<Value, ApiError> {
    let name = refusals::application_name(request.application_name.as_deref())?.to_owned();
    refusals::short(&name, "InvalidApplicationNameException")?;
    if request.compute_platform.as_deref() != Some("ECS") {
        let platform = request.compute_platform.as_deref().unwrap_or("Server");
        return Err(refuse(
            "InvalidComputePlatformException",
            format!("the simulator does not know the compute platform {platform}, only ECS"),
        ));
    }
    if world.codedeploy.applications.contains_key(&name) {
        return Err(refuse(
            "ApplicationAlreadyExistsException",
            format!("Application already exists : {name}"),
        ));
    }
    let id = world.draw_uuid();
    let application = Application {
        id: id.clone(),
        created_ms: world.now_ms,
        groups: BTreeMap::new(),
    };
    if let Some(tags) = request.tags {
        let arn = world.codedeploy_arn(&format!("application:{name}"));
        world.add_codedeploy_tags(arn, tags);
    }
    world.codedeploy.applications.insert(name, application);
    Ok(json!({ "applicationId": id }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Named {
    application_name: Option<String>,
}

pub(super) fn get(world: &World, request: &Named) -> Result<Value, ApiError> {
    let (name, application) = refusals::application(world, request.application_name.as_deref())?;
    Ok(json!({ "application": application_json(&name, application) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BatchGet {
    application_names: Vec<String>,
}

/// At most 100; one that is missing fails the call [MODEL].
pub(super) fn batch_get(world: &World, request: &BatchGet) -> Result<Value, ApiError> {
    refusals::batch(&request.application_names, 100)?;
    let one = |name: &String| {
        let (name, application) = refusals::application(world, Some(name))?;
        Ok(application_json(&name, application))
    };
    let found: Result<Vec<Value>, ApiError> = request.application_names.iter().map(one).collect();
    Ok(json!({ "applicationsInfo": found? }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct List {
    next_token: Option<String>,
}

pub(super) fn list(world: &World, request: &List) -> Result<Value, ApiError> {
    let names: Vec<String> = world.codedeploy.applications.keys().cloned().collect();
    let (names, next) = refusals::page(&names, request.next_token.as_deref())?;
    Ok(json!({ "applications": names, "nextToken": next }))
}

/// With its groups. An unknown one is no error: the model has none for it [MODEL].
pub(super) fn delete(world: &mut World, request: &Named) -> Result<Value, ApiError> {
    let name = refusals::application_name(request.application_name.as_deref())?;
    world.codedeploy.applications.remove(name);
    Ok(json!({}))
}

fn application_json(name: &str, application: &Application) -> Value {
    json!({
        "applicationId": application.id,
        "applicationName": name,
        "createTime": instant(application.created_ms),
        "linkedToGitHub": false,
        "computePlatform": "ECS",
    })
}
