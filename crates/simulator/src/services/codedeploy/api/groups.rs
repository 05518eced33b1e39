//! Deployment groups.

use serde::Deserialize;
use serde_json::{Value, json};

use super::group_input::GroupInput;
use super::group_json::group_json;
use super::refusals::{self, refuse};
use crate::base::agenda::ServiceKey;
use crate::services::codedeploy::config::ALL_AT_ONCE;
use crate::services::codedeploy::group::{Group, Ready};
use crate::services::codedeploy::traffic;
use crate::services::ecs::{Controller, ServiceStatus, last_part};
use crate::{ApiError, World};

/// The production listener is rewritten to both target groups at once, the second at weight 0 [OBS].
pub(super) fn create(world: &mut World, input: GroupInput) -> Result<Value, ApiError> {
    let (application_name, application) =
        refusals::application(world, input.application_name.as_deref())?;
    let name = refusals::group_name(input.deployment_group_name.as_deref())?.to_owned();
    refusals::short(&name, "InvalidDeploymentGroupNameException")?;
    if application.groups.contains_key(&name) {
        return Err(refuse(
            "DeploymentGroupAlreadyExistsException",
            format!("Deployment group already exists : {name}"),
        ));
    }
    let Some(role) = input.service_role_arn.clone() else {
        return Err(refuse("RoleRequiredException", "The role ARN is missing"));
    };
    let Some(service) = input.service()? else {
        return Err(refuse(
            "InvalidECSServiceException",
            "A deployment group must have one ECS service",
        ));
    };
    let Some(pair) = input.pair()? else {
        return Err(refuse(
            "InvalidLoadBalancerInfoException",
            "The load balancer info must have a target group pair",
        ));
    };
    if input.blue_green_deployment_configuration.is_none() {
        return Err(refuse(
            "InvalidBlueGreenDeploymentConfigurationException",
            "blueGreenDeploymentConfiguration is missing",
        ));
    }
    let group = Group {
        id: String::new(),
        config: ALL_AT_ONCE.to_owned(),
        role,
        cluster: service.cluster_name.clone(),
        service: service.service_name.clone(),
        pair,
        ready: Ready::Continue,
        termination_wait_minutes: 0,
        rollback: crate::services::codedeploy::group::AutoRollback::default(),
        alarms: crate::services::codedeploy::group::AlarmSettings::default(),
        echoed: Vec::new(),
    };
    check_service(world, &group.key(), None)?;
    let tags = input.tags.clone();
    let mut group = changed(world, group, input)?;
    group.id = world.draw_uuid();
    let id = group.id.clone();
    attach(world, &group);
    if let Some(application) = world.codedeploy.applications.get_mut(&application_name) {
        application.groups.insert(name.clone(), group);
    }
    if let Some(tags) = tags {
        let arn = world.codedeploy_arn(&format!("deploymentgroup:{application_name}/{name}"));
        world.add_codedeploy_tags(arn, tags);
    }
    Ok(json!({ "deploymentGroupId": id }))
}

/// What is given replaces what is there. A deployment that runs keeps what it began with [INF].
pub(super) fn update(world: &mut World, input: GroupInput) -> Result<Value, ApiError> {
    let (application_name, application) =
        refusals::application(world, input.application_name.as_deref())?;
    let (name, group) =
        refusals::group(application, input.current_deployment_group_name.as_deref())?;
    let mut group = group.clone();
    let new_name = input
        .new_deployment_group_name
        .clone()
        .unwrap_or_else(|| name.clone());
    if new_name != name && application.groups.contains_key(&new_name) {
        return Err(refuse(
            "DeploymentGroupAlreadyExistsException",
            format!("Deployment group already exists : {new_name}"),
        ));
    }
    if let Some(service) = input.service()? {
        group.cluster = service.cluster_name.clone();
        group.service = service.service_name.clone();
        check_service(world, &group.key(), Some(&group.id))?;
    }
    let group = changed(world, group, input)?;
    attach(world, &group);
    if let Some(application) = world.codedeploy.applications.get_mut(&application_name) {
        application.groups.remove(&name);
        application.groups.insert(new_name.clone(), group);
    }
    for deployment in &mut world.codedeploy.deployments {
        if deployment.application == application_name && deployment.group_name == name {
            deployment.group_name.clone_from(&new_name);
        }
    }
    Ok(json!({ "hooksNotCleanedUp": [] }))
}

/// A group with what a request says.
fn changed(world: &World, mut group: Group, input: GroupInput) -> Result<Group, ApiError> {
    input.check_style()?;
    if let Some(name) = &input.deployment_config_name {
        world
            .codedeploy
            .routing(name)
            .ok_or_else(|| refusals::config_missing(name))?;
        group.config.clone_from(name);
    }
    if let Some(role) = &input.service_role_arn {
        group.role.clone_from(role);
    }
    if let Some(pair) = input.pair()? {
        group.pair = pair;
    }
    let echoed: Vec<_> = input.echoed().collect();
    group
        .echoed
        .retain(|(name, _)| echoed.iter().all(|(new, _)| new != name));
    group.echoed.extend(echoed);
    if let Some(settings) = input.blue_green_deployment_configuration {
        (group.ready, group.termination_wait_minutes) = settings.settings()?;
    }
    if let Some(rollback) = input.auto_rollback_configuration {
        group.rollback = rollback.settings()?;
    }
    if let Some(alarms) = input.alarm_configuration {
        group.alarms = alarms.settings()?;
    }
    Ok(group)
}

/// It must exist, be CodeDeploy's, and belong to no other group [MODEL; the controller's text is MEM].
fn check_service(world: &World, key: &ServiceKey, own_id: Option<&str>) -> Result<(), ApiError> {
    let service = world
        .ecs
        .service(key)
        .filter(|service| service.status == ServiceStatus::Active);
    match service.map(|service| service.controller) {
        Some(Controller::CodeDeploy) => {}
        Some(Controller::Ecs) => {
            return Err(refuse(
                "InvalidECSServiceException",
                "Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller.",
            ));
        }
        None => {
            let name = last_part(&key.0);
            return Err(refuse(
                "InvalidECSServiceException",
                format!("The ECS service {name} does not exist or is not active."),
            ));
        }
    }
    let groups = world
        .codedeploy
        .applications
        .values()
        .flat_map(|application| application.groups.values());
    let taken = groups
        .into_iter()
        .any(|group| group.key() == *key && Some(group.id.as_str()) != own_id);
    if taken {
        return Err(refuse(
            "ECSServiceMappingLimitExceededException",
            "The Amazon ECS service is associated with more than one deployment groups. An Amazon ECS service can be associated with \
             only one deployment group.",
        ));
    }
    Ok(())
}

/// Both groups are named by the production listener from now on; who serves keeps serving.
fn attach(world: &mut World, group: &Group) {
    let Some(primary) = world.primary_set(&group.key()) else {
        return;
    };
    let behind = traffic::is_behind(world, &group.pair.production, &primary.target_group);
    let busy = world
        .codedeploy
        .deployments
        .iter()
        .any(|deployment| deployment.group.id == group.id && !deployment.status.is_terminal());
    if behind && !busy && group.pair.other(&primary.target_group).is_some() {
        traffic::weigh(world, &group.pair, &primary.target_group, 100);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Named {
    application_name: Option<String>,
    deployment_group_name: Option<String>,
}

pub(super) fn get(world: &World, request: &Named) -> Result<Value, ApiError> {
    let (application_name, application) =
        refusals::application(world, request.application_name.as_deref())?;
    let (name, group) = refusals::group(application, request.deployment_group_name.as_deref())?;
    Ok(json!({ "deploymentGroupInfo": group_json(world, &application_name, &name, group) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct BatchGet {
    application_name: Option<String>,
    deployment_group_names: Vec<String>,
}

/// Groups that do not exist are told in `errorMessage` [MODEL].
pub(super) fn batch_get(world: &World, request: &BatchGet) -> Result<Value, ApiError> {
    let (application_name, application) =
        refusals::application(world, request.application_name.as_deref())?;
    refusals::batch(&request.deployment_group_names, 100)?;
    let (mut found, mut missing) = (Vec::new(), None);
    for name in &request.deployment_group_names {
        match refusals::group(application, Some(name)) {
            Ok((name, group)) => found.push(group_json(world, &application_name, &name, group)),
            Err(error) => missing = Some(error.message),
        }
    }
    Ok(json!({ "deploymentGroupsInfo": found, "errorMessage": missing }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct List {
    application_name: Option<String>,
    next_token: Option<String>,
}

pub(super) fn list(world: &World, request: &List) -> Result<Value, ApiError> {
    let (name, application) = refusals::application(world, request.application_name.as_deref())?;
    let names: Vec<String> = application.groups.keys().cloned().collect();
    let (names, next) = refusals::page(&names, request.next_token.as_deref())?;
    Ok(json!({ "applicationName": name, "deploymentGroups": names, "nextToken": next }))
}

/// An unknown one is no error: the model has none for it [MODEL].
pub(super) fn delete(world: &mut World, request: &Named) -> Result<Value, ApiError> {
    let application = refusals::application_name(request.application_name.as_deref())?;
    let name = refusals::group_name(request.deployment_group_name.as_deref())?;
    if let Some(application) = world.codedeploy.applications.get_mut(application) {
        application.groups.remove(name);
    }
    Ok(json!({ "hooksNotCleanedUp": [] }))
}
