//! How a deployment ends: well, badly, and with another deployment that takes it back (E [OBS]).

use super::config::{ALL_AT_ONCE, Routing};
use super::deployment::{
    Creator, Deployment, DeploymentError, ErrorCode, RollbackInfo, Stage, Status,
};
use super::group::{AlarmSettings, Group, Ready, RollbackEvent};
use super::lifecycle::{EventStatus, events};
use super::told;
use crate::World;
use crate::base::agenda::Due;
use crate::base::timings::CODEDEPLOY_START;

/// Why a deployment ends before its time.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    status: Status,
    code: ErrorCode,
    message: String,
    event: RollbackEvent,
    /// What the caller of StopDeployment wants; otherwise the configuration decides.
    rolls_back: Option<bool>,
}

impl Failure {
    pub(super) fn failed(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            status: Status::Failed,
            code,
            message: message.into(),
            event: RollbackEvent::Failure,
            rolls_back: None,
        }
    }

    pub(super) fn stopped(code: ErrorCode, message: String, event: RollbackEvent) -> Self {
        Self {
            status: Status::Stopped,
            code,
            message,
            event,
            rolls_back: None,
        }
    }

    /// StopDeployment; the text is [INF].
    pub(super) fn by_hand(rolls_back: Option<bool>) -> Self {
        Self {
            rolls_back,
            ..Self::stopped(
                ErrorCode::ManualStop,
                "The deployment was stopped manually.".to_owned(),
                RollbackEvent::StopOnRequest,
            )
        }
    }

    /// Nobody called ContinueDeployment in time: Stopped [MODEL, DeploymentReadyOption.waitTimeInMinutes].
    pub(super) fn not_continued(group: &Group) -> Self {
        let minutes = match group.ready {
            Ready::Continue => 0,
            Ready::Stop { wait_minutes } => wait_minutes,
        };
        Self {
            event: RollbackEvent::Failure,
            ..Self::stopped(
                ErrorCode::Timeout,
                format!(
                    "The deployment timed out while waiting for a notification to continue. This time out period is {minutes} minutes."
                ),
                RollbackEvent::Failure,
            )
        }
    }
}

/// The original task set goes, and with that the deployment has succeeded; it does not wait for its last task [OBS].
pub(super) fn succeed(world: &mut World, id: &str) {
    let now_ms = world.now_ms;
    let Some(deployment) = world.codedeploy.deployment_mut(id) else {
        return;
    };
    deployment.status = Status::Succeeded;
    deployment.completed_ms = Some(now_ms);
    deployment.target.updated_ms = now_ms;
    rest(deployment);
    let key = deployment.group.key();
    let blue = deployment.target.blue.clone();
    let blue = blue.filter(|_| deployment.creator == Creator::User);
    told::tell(world, id);
    if let Some(blue) = blue {
        world.drain_task_set(&key, &blue.digits);
    }
}

/// The present event has failed, later ones are skipped [OBS]; if that is configured, another deployment takes it back.
pub(super) fn fail(world: &mut World, id: &str, failure: Failure) {
    let now_ms = world.now_ms;
    let Some(deployment) = world.codedeploy.deployment_mut(id) else {
        return;
    };
    for event in &mut deployment.target.events {
        match event.status {
            EventStatus::InProgress => {
                event.status = EventStatus::Failed;
                event.ended_ms = Some(now_ms);
            }
            EventStatus::Pending => event.status = EventStatus::Skipped,
            EventStatus::Succeeded | EventStatus::Failed | EventStatus::Skipped => {}
        }
    }
    deployment.status = failure.status;
    deployment.completed_ms = Some(now_ms);
    deployment.target.updated_ms = now_ms;
    deployment.error = Some(DeploymentError {
        code: failure.code,
        message: failure.message,
    });
    rest(deployment);
    let wanted = failure
        .rolls_back
        .unwrap_or_else(|| deployment.rollback.covers(failure.event));
    // Before there is a replacement "a rollback is not possible" (E [DOC], BeforeInstall).
    let possible = deployment.creator == Creator::User && deployment.target.green.is_some();
    told::tell(world, id);
    if wanted && possible {
        roll_back(world, id);
    }
}

fn rest(deployment: &mut Deployment) {
    deployment.stage = Stage::Over;
    deployment.due_ms = None;
    deployment.next_ms = None;
}

/// A deployment of its own, always all at once, by `codeDeployRollback` [OBS].
fn roll_back(world: &mut World, id: &str) {
    let now_ms = world.now_ms;
    let new_id = world.draw_deployment_id();
    let start_ms = now_ms + CODEDEPLOY_START.draw(world.weather, &mut world.random);
    let Some(failed) = world.codedeploy.deployment_mut(id) else {
        return;
    };
    failed.rollback_info = Some(RollbackInfo::By(new_id.clone()));
    let failed = failed.clone();
    let last = world
        .codedeploy
        .last_successful(&failed.application, &failed.group_name);
    let mut target = failed.target.clone();
    target.events = events(failed.group.pair.test.is_some());
    target.updated_ms = now_ms;
    let rollback = Deployment {
        id: new_id.clone(),
        config: ALL_AT_ONCE.to_owned(),
        routing: Routing::AllAtOnce,
        revision: last.and_then(|last| last.revision.clone()),
        previous_revision: failed.revision.clone(),
        app_spec: last.and_then(|last| last.app_spec.clone()),
        description: None,
        creator: Creator::Rollback,
        status: Status::Created,
        created_ms: now_ms,
        started_ms: None,
        completed_ms: None,
        error: None,
        alarms: AlarmSettings::default(),
        overrides_alarms: false,
        rollback_info: Some(RollbackInfo::Of(failed.id.clone())),
        target,
        stage: Stage::Created,
        due_ms: Some(start_ms),
        next_ms: Some(start_ms),
        told_to_continue: false,
        hook_answer: None,
        ..failed
    };
    world.codedeploy.add(rollback);
    world
        .agenda
        .add(start_ms, Due::CodeDeploy(new_id.as_str().into()));
}

impl World {
    /// `d-` and nine characters [OBS].
    pub(super) fn draw_deployment_id(&mut self) -> String {
        const CHARACTERS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let mut id = "d-".to_owned();
        for _ in 0..9 {
            let index = usize::try_from(self.random.between(0, 35)).unwrap_or(0);
            id.extend(CHARACTERS.get(index).copied().map(char::from));
        }
        id
    }
}
