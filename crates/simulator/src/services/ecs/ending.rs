//! A task's way from RUNNING to STOPPED, by itself or because it was told to, and what it leaves as evidence (C).

use super::targets::{deregister, remove_targets};
use super::task::StopCode;
use super::{StartFailure, Taken, TaskStatus};
use crate::base::agenda::{Due, TaskSerial};
use crate::base::timings::{DEPROVISION, FORGET_TASK_MS, TERMINATE};
use crate::services::elb::TargetGroup;
use crate::world::containers::Ended;
use crate::{Millis, World};

/// How often it is asked whether the last request has been answered.
const LOOK_AGAIN_MS: Millis = 500;

/// (C [DOC])
const OUT_OF_MEMORY: &str = "OutOfMemoryError: Container killed due to memory usage";

/// The main process ends by itself: EssentialContainerExited.
pub(crate) fn exited(world: &mut World, serial: TaskSerial) {
    let now_ms = world.now_ms;
    let Some(task) = world.ecs.task_mut(serial) else {
        return;
    };
    if task.exit_ms != Some(now_ms) || task.status != TaskStatus::Running {
        return;
    }
    if let Some(taken) = task.behaviour.taken {
        return take_away(world, serial, taken);
    }
    world.migrate(serial);
    let Some(task) = world.ecs.task_mut(serial) else {
        return;
    };
    let (code, out_of_memory) = task
        .behaviour
        .exit
        .map_or((0, false), |exit| (exit.code, exit.out_of_memory));
    let app = task.app().map(|container| container.name.clone());
    let ended = task.behaviour.ended_by.clone().or(app).unwrap_or_default();
    for container in &mut task.containers {
        let is_it = container.name == ended;
        // The others are stopped with it: SIGTERM, and they go quietly.
        let own = if is_it { code } else { 0 };
        container.exit_code = Some(container.code_at(now_ms).unwrap_or(own));
        if is_it && out_of_memory {
            container.reason = Some(OUT_OF_MEMORY.to_owned());
        }
    }
    world.write_last_words(serial);
    essential_exited(world, serial);
}

fn essential_exited(world: &mut World, serial: TaskSerial) {
    let now_ms = world.now_ms;
    let Some(task) = world.ecs.task_mut(serial) else {
        return;
    };
    task.told_to_stop = true;
    task.stop_code = Some(StopCode::EssentialContainerExited);
    task.stopped_reason = Some("Essential container in task exited".to_owned());
    task.times.stopping = Some(now_ms);
    task.times.execution_stopped = Some(now_ms);
    deregister(world, serial);
    world.enter(serial, TaskStatus::Deprovisioning, DEPROVISION);
    world.service_task_exited(serial);
}

/// The containers of a task that ran for real have ended, and nobody had told them to.
pub(crate) fn ended_by_itself(world: &mut World, serial: TaskSerial, ended: &Ended) {
    note(world, serial, ended);
    essential_exited(world, serial);
}

/// The containers of a task that ran for real have ended because they were told to.
pub(crate) fn stopped_by_signal(world: &mut World, serial: TaskSerial, ended: &Ended) {
    note(world, serial, ended);
    let now_ms = world.now_ms;
    if let Some(task) = world.ecs.task_mut(serial) {
        task.times.execution_stopped = Some(now_ms);
        world.enter(serial, TaskStatus::Deprovisioning, DEPROVISION);
    }
}

/// Exit codes and reasons, each container its own.
fn note(world: &mut World, serial: TaskSerial, ended: &Ended) {
    let Some(task) = world.ecs.task_mut(serial) else {
        return;
    };
    for container in &mut task.containers {
        let Some(exit) = ended.get(&container.name) else {
            continue;
        };
        container.exit_code = exit.code;
        container.reason = match exit.out_of_memory {
            true => Some(OUT_OF_MEMORY.to_owned()),
            false => exit.reason.clone(),
        };
    }
}

/// AWS ends a task: it is stopped like any other, and nobody counts it as a failure (C).
fn take_away(world: &mut World, serial: TaskSerial, taken: Taken) {
    let (code, reason) = match taken {
        Taken::Spot => (
            StopCode::SpotInterruption,
            "Your Spot Task was interrupted.",
        ),
        Taken::Maintenance => (
            StopCode::ServiceSchedulerInitiated,
            "ECS is performing maintenance on the underlying infrastructure hosting the task",
        ),
    };
    let owner = world.ecs.task(serial).and_then(|task| task.service());
    let owner = owner.map(|(key, digits)| (key.clone(), digits.to_owned()));
    if let Some((key, _)) = &owner {
        world.excuse_floor(key);
    }
    world.stop_task(serial, code, reason.to_owned());
    if let Some((key, digits)) = owner {
        world.owe(&key, &digits);
        world.watch_floor(&key);
        world.request_next_pass(&key);
    }
}

/// DEACTIVATING: first its targets drain, then they are removed and the process is told to end.
pub(super) fn leave_targets(world: &mut World, serial: TaskSerial) {
    let Some(task) = world.ecs.task(serial) else {
        return;
    };
    let draining = task.registered.iter().any(|group| {
        world
            .elb
            .target(group, serial)
            .is_some_and(|target| target.state != crate::services::elb::TargetState::Draining)
    });
    let slowly = world.drains_slowly(serial);
    if draining {
        let mut drain_ms = deregister(world, serial);
        if slowly {
            drain_ms = world.longest_drain_ms(serial);
        }
        world.enter_for(serial, TaskStatus::Deactivating, drain_ms);
        return;
    }
    if world.is_answering(serial) {
        return world.step_again(serial, LOOK_AGAIN_MS);
    }
    remove_targets(world, serial);
    if world.containers.run_for_real() {
        // It takes as long as they take, and not longer than their stopTimeout.
        if let Some(task) = world.ecs.task_mut(serial) {
            task.status = TaskStatus::Stopping;
        }
        world.tell_task(serial);
        return world.order_stop(serial);
    }
    let usual_ms = TERMINATE.draw(world.weather, &mut world.random);
    let (takes_ms, limit_ms) = world.ends_in(serial);
    let terminate_ms = takes_ms.unwrap_or(usual_ms).min(limit_ms);
    world.enter_for(serial, TaskStatus::Stopping, terminate_ms);
}

/// SIGTERM worked: the containers exit with 0; a one-off that does not listen to it exits with 143.
pub(super) fn terminate(world: &mut World, serial: TaskSerial) {
    let now_ms = world.now_ms;
    let (takes_ms, limit_ms) = world.ends_in(serial);
    let killed = takes_ms.is_some_and(|takes_ms| takes_ms > limit_ms);
    let Some(task) = world.ecs.task_mut(serial) else {
        return;
    };
    let app = task.app().map(|app| app.name.clone());
    let code = match (task.behaviour.taken, task.service()) {
        (Some(Taken::Maintenance), _) => 137,
        (_, Some(_)) => 0,
        (_, None) => 143,
    };
    for container in &mut task.containers {
        // SIGKILL for whoever has not ended when its stopTimeout is over (C [DOC]).
        let is_killed = killed && app.as_ref() == Some(&container.name);
        let code = if is_killed { 137 } else { code };
        container.exit_code = Some(container.code_at(now_ms).unwrap_or(code));
    }
    task.times.execution_stopped = Some(now_ms);
    world.enter(serial, TaskStatus::Deprovisioning, DEPROVISION);
}

impl World {
    /// How long the program of a task takes to end when it is told to, if that is known, and how long it may.
    fn ends_in(&self, serial: TaskSerial) -> (Option<Millis>, Millis) {
        let Some(task) = self.ecs.task(serial) else {
            return (None, 0);
        };
        let service = task.service().and_then(|(key, _)| self.ecs.service(key));
        let slow = service.is_some_and(|service| self.faults.drains_slowly(&service.name));
        let own = self.program(task).and_then(|program| program.stop_ms);
        let own = if slow { Some(Millis::MAX) } else { own };
        let limit_ms = task.app().map_or(30_000, |app| app.stop_timeout_ms);
        (own, limit_ms)
    }
}

impl World {
    /// Whether a fault makes the tasks of its service leave as slowly as they may; it has struck then.
    fn drains_slowly(&mut self, serial: TaskSerial) -> bool {
        let owner = self.ecs.task(serial).and_then(|task| task.service());
        let service = owner.and_then(|(key, _)| self.ecs.service(key));
        let name = service.map(|service| service.name.clone());
        name.is_some_and(|name| self.faults.strike_drain(&name))
    }

    /// The longest deregistration delay of its target groups.
    fn longest_drain_ms(&self, serial: TaskSerial) -> Millis {
        let groups = self.ecs.task(serial).map(|task| task.registered.clone());
        let groups = groups.unwrap_or_default();
        let delays = groups.iter().filter_map(|group| self.elb.groups.get(group));
        let delays = delays.map(TargetGroup::deregistration_delay_ms);
        delays.max().unwrap_or(0)
    }
}

/// TaskFailedToStart: no container ever ran, so there is no exit code (C).
pub(crate) fn fail_to_start(world: &mut World, serial: TaskSerial, failure: StartFailure) {
    let now_ms = world.now_ms;
    let Some(task) = world.ecs.task_mut(serial) else {
        return;
    };
    let at = match &failure {
        StartFailure::Dependency(name, _) => name.clone(),
        _ => task.app().map(|app| app.name.clone()).unwrap_or_default(),
    };
    let is_dependency = matches!(failure, StartFailure::Dependency(..));
    let reason = start_failure_text(failure, &task.definition);
    task.told_to_stop = true;
    task.stop_code = Some(StopCode::TaskFailedToStart);
    task.stopped_reason = Some(reason.clone());
    task.times.stopping = Some(now_ms);
    task.times.execution_stopped = Some(now_ms);
    for container in &mut task.containers {
        if is_dependency {
            // "Containers that are forcefully stopped are marked with exitCode 143" (aws/amazon-ecs-agent#3218 [OBS]).
            container.exit_code = Some(container.code_at(now_ms).unwrap_or(143));
        }
        if container.name == at {
            container.reason = Some(reason.clone());
        }
    }
    stopped(world, serial);
    world.service_task_never_ran(serial, reason);
}

/// The texts of C [OBS].
pub(crate) fn start_failure_text(
    failure: StartFailure,
    definition: &super::TaskDefinition,
) -> String {
    let image = definition
        .app()
        .map_or("", |container| container.image.as_str());
    match failure {
        StartFailure::ImageMissing => format!(
            "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref {image}: {image}: not found"
        ),
        StartFailure::WrongArchitecture => format!(
            "CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not contain descriptor \
             matching platform '{}'",
            definition.platform
        ),
        StartFailure::SecretDenied => "ResourceInitializationError: unable to pull secrets or registry auth: execution resource \
             retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch \
             secret: AccessDeniedException"
            .to_owned(),
        StartFailure::SecretMissing => "ResourceInitializationError: unable to pull secrets or registry auth: execution resource \
             retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch \
             secret: ResourceNotFoundException: Secrets Manager can't find the specified secret."
            .to_owned(),
        StartFailure::SecretUnavailable(words)
        | StartFailure::Runtime(words)
        | StartFailure::Dependency(_, words) => words,
        StartFailure::LogDriver => "ResourceInitializationError: failed to initialize logging driver: failed to create \
             Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist."
            .to_owned(),
        StartFailure::NoCapacity | StartFailure::Throttled => {
            "Capacity is unavailable at this time. Please try again later or in a different availability zone".to_owned()
        }
        StartFailure::TaskLimit => {
            "You've reached the limit on the number of tasks you can run concurrently".to_owned()
        }
        StartFailure::VcpuLimit => {
            "You’ve reached the limit on the number of vCPUs you can run concurrently".to_owned()
        }
        StartFailure::InternalError => "Internal error.".to_owned(),
    }
}

/// STOPPED; forgotten an hour later.
pub(super) fn stopped(world: &mut World, serial: TaskSerial) {
    let now_ms = world.now_ms;
    remove_targets(world, serial);
    let Some(task) = world.ecs.task_mut(serial) else {
        return;
    };
    task.status = TaskStatus::Stopped;
    task.step_ms = None;
    task.times.stopped = Some(now_ms);
    let key = task.service().map(|(key, _)| key.clone());
    world.remember_what_struck(serial);
    world.tell_task(serial);
    world
        .agenda
        .add(now_ms + FORGET_TASK_MS, Due::Forget(serial));
    if let Some(key) = key {
        world.request_next_pass(&key);
    }
}
