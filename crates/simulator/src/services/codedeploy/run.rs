//! A deployment on its way: when CodeDeploy looks, whether the present stage is over, and which one follows (E).

use super::begin::begin;
use super::deployment::{Creator, Deployment, Stage, Status};
use super::end::{self, Failure};
use super::group::Ready;
use super::lifecycle::{EventName, EventStatus};
use super::{alarms, hooks, install, told, traffic};
use crate::base::agenda::{Due, ServiceKey};
use crate::base::timings::{CODEDEPLOY_POLL, CODEDEPLOY_QUEUE, CODEDEPLOY_REROUTE};
use crate::{Millis, PauseAction, PauseAnswer, World};

/// What a look at the present stage finds.
pub(super) enum Look {
    Done,
    Waits,
    Broken(Failure),
}

/// CodeDeploy looks at a deployment, if this is the look that was planned.
pub(crate) fn step(world: &mut World, id: &str) {
    let now_ms = world.now_ms;
    let Some(deployment) = world.codedeploy.deployment_mut(id) else {
        return;
    };
    if deployment.next_ms != Some(now_ms) {
        return;
    }
    deployment.next_ms = None;
    if let Some(failure) = alarms::active(world, id) {
        return end::fail(world, id, failure);
    }
    loop {
        let outcome = match look(world, id) {
            Look::Done => advance(world, id),
            Look::Waits => return plan(world, id),
            Look::Broken(failure) => Err(failure),
        };
        if let Err(failure) = outcome {
            return end::fail(world, id, failure);
        }
    }
}

impl World {
    fn pause_answer(&self, key: &ServiceKey) -> Option<PauseAnswer> {
        self.apps.get(key).and_then(|app| app.pause)
    }

    /// Something happened to a deployment from outside: CodeDeploy looks at once.
    pub(super) fn look_soon(&mut self, id: &str) {
        let at_ms = self.now_ms + 1;
        if let Some(deployment) = self.codedeploy.deployment_mut(id) {
            deployment.next_ms = Some(at_ms);
            self.agenda.add(at_ms, Due::CodeDeploy(id.into()));
        }
    }
}

fn look(world: &mut World, id: &str) -> Look {
    let Some(deployment) = world.codedeploy.deployment(id) else {
        return Look::Waits;
    };
    let due = deployment
        .due_ms
        .is_some_and(|due_ms| due_ms <= world.now_ms);
    let done_if = |done| if done { Look::Done } else { Look::Waits };
    let told = deployment.told_to_continue;
    match deployment.stage {
        Stage::Created | Stage::Queued => done_if(due),
        Stage::Event(_) => look_at_event(world, id, due),
        Stage::Ready if due && !told => match answer(world, deployment) {
            Some(PauseAction::Continue) => Look::Done,
            Some(PauseAction::Rollback) => Look::Broken(Failure::by_hand(Some(true))),
            None => Look::Broken(Failure::not_continued(&deployment.group)),
        },
        Stage::Ready => done_if(told),
        Stage::TerminationWait => done_if(due || told),
        Stage::Over => Look::Waits,
    }
}

/// What somebody says to one that waits, if they do in time: where a world has somebody for that.
fn answer(world: &World, deployment: &Deployment) -> Option<PauseAction> {
    let Ready::Stop { wait_minutes } = deployment.group.ready else {
        return None;
    };
    let answer = world.pause_answer(&deployment.group.key())?;
    (answer.after_ms <= Millis::from(wait_minutes) * 60_000).then_some(answer.action)
}

fn look_at_event(world: &mut World, id: &str, due: bool) -> Look {
    let Some(deployment) = world.codedeploy.deployment(id) else {
        return Look::Waits;
    };
    let instant = if due { Look::Done } else { Look::Waits };
    match (deployment.creator, deployment.event()) {
        (_, None) => Look::Waits,
        (Creator::Rollback, Some(_)) | (_, Some(EventName::AllowTestTraffic)) => instant,
        (Creator::User, Some(EventName::Install)) => install::look(world, id, due),
        (Creator::User, Some(EventName::AllowTraffic)) => traffic::look(world, id, due),
        (
            Creator::User,
            Some(
                EventName::BeforeInstall
                | EventName::AfterInstall
                | EventName::AfterAllowTestTraffic
                | EventName::BeforeAllowTraffic
                | EventName::AfterAllowTraffic,
            ),
        ) => hooks::look(world, id, due),
    }
}

/// The present stage is over.
fn advance(world: &mut World, id: &str) -> Result<(), Failure> {
    let Some(deployment) = world.codedeploy.deployment(id) else {
        return Ok(());
    };
    match deployment.stage {
        Stage::Created => {
            let queue_ms = CODEDEPLOY_QUEUE.draw(world.weather, &mut world.random);
            enter(
                world,
                id,
                Stage::Queued,
                Some(Status::Queued),
                Some(queue_ms),
            );
            Ok(())
        }
        Stage::Queued => {
            begin(world, id)?;
            enter_event(world, id, 0)
        }
        Stage::Event(index) => {
            finish_event(world, id, index);
            after_event(world, id, index + 1)
        }
        Stage::Ready => {
            let next = deployment
                .target
                .events
                .iter()
                .position(|event| event.status == EventStatus::Pending);
            enter_event(world, id, next.unwrap_or(usize::MAX))
        }
        Stage::TerminationWait => {
            end::succeed(world, id);
            Ok(())
        }
        Stage::Over => Ok(()),
    }
}

fn after_event(world: &mut World, id: &str, next: usize) -> Result<(), Failure> {
    let Some(deployment) = world.codedeploy.deployment(id) else {
        return Ok(());
    };
    let by_user = deployment.creator == Creator::User;
    let upcoming = deployment.target.events.get(next).map(|event| event.name);
    match (upcoming, deployment.group.ready) {
        (Some(EventName::BeforeAllowTraffic), Ready::Stop { wait_minutes }) if by_user => {
            let limit_ms = Millis::from(wait_minutes) * 60_000;
            let answered_ms = world.pause_answer(&deployment.group.key());
            let wait_ms = answered_ms.map_or(limit_ms, |it| it.after_ms.min(limit_ms));
            enter(world, id, Stage::Ready, Some(Status::Ready), Some(wait_ms));
            told::tell(world, id);
            Ok(())
        }
        (Some(_), _) => enter_event(world, id, next),
        (None, _) if by_user => {
            let wait_ms = deployment.group.termination_wait_ms();
            enter(world, id, Stage::TerminationWait, None, Some(wait_ms));
            Ok(())
        }
        (None, _) => {
            end::succeed(world, id);
            Ok(())
        }
    }
}

/// The deployment is in this stage now, for so long at most.
fn enter(
    world: &mut World,
    id: &str,
    stage: Stage,
    status: Option<Status>,
    lasts_ms: Option<Millis>,
) {
    let now_ms = world.now_ms;
    if let Some(deployment) = world.codedeploy.deployment_mut(id) {
        deployment.stage = stage;
        deployment.status = status.unwrap_or(deployment.status);
        deployment.due_ms = lasts_ms.map(|lasts_ms| now_ms + lasts_ms);
        deployment.told_to_continue = false;
        deployment.target.updated_ms = now_ms;
    }
}

fn enter_event(world: &mut World, id: &str, index: usize) -> Result<(), Failure> {
    enter(
        world,
        id,
        Stage::Event(index),
        Some(Status::InProgress),
        None,
    );
    let now_ms = world.now_ms;
    let Some(deployment) = world.codedeploy.deployment_mut(id) else {
        return Ok(());
    };
    deployment.hook_answer = None;
    let creator = deployment.creator;
    let Some(event) = deployment.target.events.get_mut(index) else {
        return Ok(());
    };
    event.status = EventStatus::InProgress;
    event.started_ms = Some(now_ms);
    let lasts_ms = match (creator, event.name) {
        (Creator::Rollback, EventName::AllowTraffic) => traffic::give_back(world, id),
        (Creator::Rollback, _) => hooks::nothing(world),
        (Creator::User, EventName::Install) => install::begin(world, id)?,
        (Creator::User, EventName::AllowTestTraffic) => {
            traffic::test(world, id);
            CODEDEPLOY_REROUTE.draw(world.weather, &mut world.random)
        }
        (Creator::User, EventName::AllowTraffic) => traffic::begin(world, id),
        (
            Creator::User,
            EventName::BeforeInstall
            | EventName::AfterInstall
            | EventName::AfterAllowTestTraffic
            | EventName::BeforeAllowTraffic
            | EventName::AfterAllowTraffic,
        ) => hooks::begin(world, id),
    };
    if let Some(deployment) = world.codedeploy.deployment_mut(id) {
        deployment.due_ms = Some(now_ms + lasts_ms);
    }
    Ok(())
}

fn finish_event(world: &mut World, id: &str, index: usize) {
    let now_ms = world.now_ms;
    let Some(deployment) = world.codedeploy.deployment_mut(id) else {
        return;
    };
    deployment.target.updated_ms = now_ms;
    if let Some(event) = deployment.target.events.get_mut(index) {
        event.status = EventStatus::Succeeded;
        event.ended_ms = Some(now_ms);
    }
}

/// When to look again: when the stage is due, or earlier where something has to be watched.
fn plan(world: &mut World, id: &str) {
    let poll_ms = CODEDEPLOY_POLL.draw(world.weather, &mut world.random);
    let now_ms = world.now_ms;
    let Some(deployment) = world.codedeploy.deployment_mut(id) else {
        return;
    };
    if deployment.status.is_terminal() {
        return;
    }
    let polled = is_watched(deployment).then_some(now_ms + poll_ms);
    let Some(at_ms) = polled.into_iter().chain(deployment.due_ms).min() else {
        return;
    };
    let at_ms = at_ms.max(now_ms + 1);
    deployment.next_ms = Some(at_ms);
    world.agenda.add(at_ms, Due::CodeDeploy(id.into()));
}

fn is_watched(deployment: &Deployment) -> bool {
    let by_user = deployment.creator == Creator::User;
    let moving = matches!(
        deployment.event(),
        Some(EventName::Install | EventName::AllowTraffic)
    );
    by_user && (deployment.alarms.enabled || moving)
}
