//! CreateDeployment.

use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::group_input::{AlarmConfiguration, AutoRollbackConfiguration};
use super::refusals::{self, refuse};
use crate::base::agenda::Due;
use crate::base::timings::CODEDEPLOY_START;
use crate::services::codedeploy::app_spec;
use crate::services::codedeploy::deployment::{Creator, Deployment, Stage, Status, Target};
use crate::services::codedeploy::lifecycle::events;
use crate::services::ecs::last_part;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateDeployment {
    application_name: Option<String>,
    deployment_group_name: Option<String>,
    revision: Option<Revision>,
    deployment_config_name: Option<String>,
    description: Option<String>,
    auto_rollback_configuration: Option<AutoRollbackConfiguration>,
    override_alarm_configuration: Option<AlarmConfiguration>,
    /// Of instances; accepted for ECS and without effect [MODEL].
    #[serde(rename = "ignoreApplicationStopFailures")]
    _ignore_application_stop_failures: Option<bool>,
    #[serde(rename = "updateOutdatedInstancesOnly")]
    _update_outdated_instances_only: Option<bool>,
    #[serde(rename = "fileExistsBehavior")]
    _file_exists_behavior: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Revision {
    revision_type: Option<String>,
    app_spec_content: Option<AppSpecContent>,
    /// An S3 object; not known here.
    #[serde(rename = "s3Location")]
    _s3_location: Option<Value>,
    #[serde(rename = "gitHubLocation")]
    _git_hub_location: Option<Value>,
    #[serde(rename = "string")]
    _string: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AppSpecContent {
    content: Option<String>,
    sha256: Option<String>,
}

/// One at a time in a group (E [OBS]).
pub(super) fn create(world: &mut World, request: CreateDeployment) -> Result<Value, ApiError> {
    let (application_name, application) =
        refusals::application(world, request.application_name.as_deref())?;
    let (group_name, group) =
        refusals::group(application, request.deployment_group_name.as_deref())?;
    let group = group.clone();
    let (content, digest) = content_of(request.revision)?;
    let spec =
        app_spec::parse(&content).map_err(|reason| refuse("InvalidRevisionException", reason))?;
    let config = request
        .deployment_config_name
        .unwrap_or_else(|| group.config.clone());
    let routing = world
        .codedeploy
        .routing(&config)
        .ok_or_else(|| refusals::config_missing(&config))?;
    let rollback = match request.auto_rollback_configuration {
        Some(rollback) => rollback.settings()?,
        None => group.rollback.clone(),
    };
    let overrides_alarms = request.override_alarm_configuration.is_some();
    let alarms = match request.override_alarm_configuration {
        Some(alarms) => alarms.settings()?,
        None => group.alarms.clone(),
    };
    if let Some(active) = world.codedeploy.active(&application_name, &group_name) {
        return Err(refuse(
            "DeploymentLimitExceededException",
            format!(
                "The Deployment Group '{group_name}' already has an active Deployment '{}'",
                active.id
            ),
        ));
    }
    let last = world
        .codedeploy
        .last_successful(&application_name, &group_name);
    let previous_revision = last.and_then(|last| last.revision.clone());
    let id = world.draw_deployment_id();
    let start_ms = world.now_ms + CODEDEPLOY_START.draw(world.weather, &mut world.random);
    let service = last_part(&group.service).to_owned();
    let target = Target {
        blue: None,
        green: None,
        events: events(group.pair.test.is_some()),
        updated_ms: world.now_ms,
        shifted: 0,
        desired: 0,
        rescaled_ms: None,
    };
    world.codedeploy.add(Deployment {
        id: id.clone(),
        application: application_name,
        group_name,
        group,
        config,
        routing,
        revision: Some(json!({
            "revisionType": "AppSpecContent",
            "appSpecContent": { "content": content, "sha256": digest },
        })),
        previous_revision,
        app_spec: Some(spec),
        description: request.description,
        creator: Creator::User,
        status: Status::Created,
        created_ms: world.now_ms,
        started_ms: None,
        completed_ms: None,
        error: None,
        rollback,
        alarms,
        overrides_alarms,
        rollback_info: None,
        target,
        stage: Stage::Created,
        due_ms: Some(start_ms),
        next_ms: Some(start_ms),
        told_to_continue: false,
        hook_answer: None,
    });
    world
        .agenda
        .add(start_ms, Due::CodeDeploy(id.as_str().into()));
    world.deployment_created(&service);
    Ok(json!({ "deploymentId": id }))
}

/// The AppSpec and its SHA-256; one that was given must be right [INF].
fn content_of(revision: Option<Revision>) -> Result<(String, String), ApiError> {
    let Some(revision) = revision else {
        return Err(refuse(
            "RevisionRequiredException",
            "The revision is missing",
        ));
    };
    let wrong = |message: String| refuse("InvalidRevisionException", message);
    match revision.revision_type.as_deref() {
        Some("AppSpecContent") => {}
        kind => {
            let kind = kind.unwrap_or("none");
            return Err(wrong(format!(
                "the simulator does not know the revision type {kind}, only AppSpecContent"
            )));
        }
    }
    let given = revision.app_spec_content;
    let Some((content, sha256)) = given.and_then(|given| Some((given.content?, given.sha256)))
    else {
        return Err(wrong("appSpecContent.content is missing".to_owned()));
    };
    let digest = Sha256::digest(content.as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    match sha256 {
        Some(sha256) if !sha256.eq_ignore_ascii_case(&digest) => Err(wrong(format!(
            "the SHA-256 of the content is {digest}, not {sha256}"
        ))),
        Some(_) | None => Ok((content, digest)),
    }
}
