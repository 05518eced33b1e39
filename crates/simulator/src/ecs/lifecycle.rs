//! A task's way through its states in time (C [DOC]): PROVISIONING, PENDING, ACTIVATING, RUNNING, DEACTIVATING, STOPPING,
//! DEPROVISIONING, STOPPED.

use std::sync::Arc;

use super::event::Happening;
use super::task::StopCode;
use super::{Digests, StartFailure, TaskStatus};
use crate::agenda::{Event, TaskSerial};
use crate::timings::{
    ACTIVATING, COUNTS_AFTER_RUNNING_MS, DEPROVISION, FORGET_TASK_MS, Knob, PENDING, PULL_FAILURE, SECRET_FAILURE,
    TERMINATE,
};
use crate::{Millis, World};

/// A task takes its next step, if it is still the one that was planned.
pub(crate) fn step(world: &mut World, serial: TaskSerial) {
    let now_ms = world.now_ms;
    let Some(task) = world.ecs.task_mut(serial) else { return };
    if task.step_ms != Some(now_ms) {
        return;
    }
    task.step_ms = None;
    match task.status {
        TaskStatus::Provisioning => world.enter(serial, TaskStatus::Pending, PENDING),
        TaskStatus::Pending => activate(world, serial),
        TaskStatus::Activating => finish_activating(world, serial),
        TaskStatus::Running => {}
        TaskStatus::Deactivating => leave_targets(world, serial),
        TaskStatus::Stopping => terminate(world, serial),
        TaskStatus::Deprovisioning => stopped(world, serial),
        TaskStatus::Stopped => {}
    }
}

/// A stopped task is no longer describable.
pub(crate) fn forget(world: &mut World, serial: TaskSerial) {
    let Some(task) = world.ecs.tasks.remove(&serial) else { return };
    let Some((key, _)) = task.service() else { return };
    if let Some(service) = world.ecs.service_mut(key) {
        service.tasks.retain(|known| *known != serial);
    }
}

/// The main process ends by itself: EssentialContainerExited.
pub(crate) fn exited(world: &mut World, serial: TaskSerial) {
    let now_ms = world.now_ms;
    let Some(task) = world.ecs.task_mut(serial) else { return };
    if task.exit_ms != Some(now_ms) || task.status != TaskStatus::Running {
        return;
    }
    let (code, out_of_memory) =
        task.behaviour.exit.map_or((0, false), |exit| (exit.code, exit.out_of_memory));
    let essential = task.definition.essential().map(|container| container.name.clone()).unwrap_or_default();
    for container in &mut task.containers {
        let is_it = container.name == essential;
        // The others are stopped with it: SIGTERM, and they go quietly.
        container.exit_code = Some(if is_it { code } else { 0 });
        if is_it && out_of_memory {
            container.reason = Some("OutOfMemoryError: Container killed due to memory usage".to_owned());
        }
    }
    task.told_to_stop = true;
    task.stop_code = Some(StopCode::EssentialContainerExited);
    task.stopped_reason = Some("Essential container in task exited".to_owned());
    task.times.stopping = Some(now_ms);
    task.times.execution_stopped = Some(now_ms);
    world.write_last_words(serial);
    deregister(world, serial);
    world.enter(serial, TaskStatus::Deprovisioning, DEPROVISION);
    world.service_task_exited(serial);
}

impl World {
    /// The task is in this state now and leaves it when the knob says.
    pub(crate) fn enter(&mut self, serial: TaskSerial, status: TaskStatus, knob: Knob) {
        let stay_ms = knob.draw(self.weather, &mut self.random);
        self.enter_for(serial, status, stay_ms);
    }

    /// The task is in this state now and leaves it after so long.
    pub(crate) fn enter_for(&mut self, serial: TaskSerial, status: TaskStatus, stay_ms: Millis) {
        let at_ms = self.now_ms + stay_ms.max(1);
        let Some(task) = self.ecs.task_mut(serial) else { return };
        task.status = status;
        task.step_ms = Some(at_ms);
        self.agenda.add(at_ms, Event::Step(serial));
    }
}

/// Images are pulled and secrets fetched: it is decided here whether the task will run.
fn activate(world: &mut World, serial: TaskSerial) {
    let now_ms = world.now_ms;
    let pulled = world.pull(serial);
    let Some(task) = world.ecs.task_mut(serial) else { return };
    let so_far_ms = now_ms - task.times.created;
    let after_start = |world: &mut World, knob: Knob| knob.draw(world.weather, &mut world.random).saturating_sub(so_far_ms);
    match pulled {
        Ok(digests) => {
            task.times.pull_started = Some(now_ms);
            for container in &mut task.containers {
                container.digest = digests.get(&container.name).cloned();
            }
            world.enter(serial, TaskStatus::Activating, ACTIVATING);
        }
        Err(failure) => {
            task.behaviour.failure = Some(failure);
            let knob = if failure == StartFailure::SecretDenied { SECRET_FAILURE } else { PULL_FAILURE };
            let stay_ms = after_start(world, knob);
            world.enter_for(serial, TaskStatus::Activating, stay_ms);
        }
    }
}

fn finish_activating(world: &mut World, serial: TaskSerial) {
    let Some(task) = world.ecs.task(serial) else { return };
    match task.behaviour.failure {
        None => run(world, serial),
        Some(failure) => fail_to_start(world, serial, failure),
    }
}

/// RUNNING: registered with its target groups, its health in the making, its end perhaps planned.
fn run(world: &mut World, serial: TaskSerial) {
    let now_ms = world.now_ms;
    let Some(task) = world.ecs.task_mut(serial) else { return };
    task.status = TaskStatus::Running;
    task.times.pull_stopped = Some(now_ms);
    task.times.started = Some(now_ms);
    let exit = task.behaviour.exit;
    if let Some(exit) = exit {
        let exit_ms = now_ms + exit.after_ms.max(1);
        task.exit_ms = Some(exit_ms);
        world.agenda.add(exit_ms, Event::Exit(serial));
    }
    world.write_first_words(serial);
    let Some((key, digits)) = world.ecs.task(serial).and_then(|task| task.service()).map(|(key, digits)| (key.clone(), digits.to_owned()))
    else {
        return;
    };
    register_targets(world, serial);
    world.plan_container_turn(serial);
    world.agenda.add(now_ms + COUNTS_AFTER_RUNNING_MS, Event::Counts(serial));
    let digests = world.ecs.task(serial).map(|task| {
        task.containers.iter().filter_map(|container| Some((container.name.clone(), container.digest.clone()?))).collect()
    });
    if let Some(service) = world.ecs.service_mut(&key) {
        service.events.resolve();
        if let Some(deployment) = service.deployment_mut(&digits) {
            deployment.was_running = true;
            deployment.back_off = super::deployment::BackOff::default();
            if let (Digests::Pending { .. }, Some(digests)) = (&deployment.digests, digests) {
                deployment.digests = Digests::Known(digests);
            }
        }
    }
    world.reconsider_health(serial);
}

/// Registers a task with the target groups of its service.
pub(crate) fn register_targets(world: &mut World, serial: TaskSerial) {
    let Some(task) = world.ecs.task_mut(serial) else { return };
    let (ip, answers) = (task.ip.clone(), task.answers());
    let Some(key) = task.service().map(|(key, _)| key.clone()) else { return };
    let balancers = world.ecs.service(&key).map(|service| service.load_balancers.clone()).unwrap_or_default();
    for balancer in balancers {
        world.register_target(&balancer.group, serial, &ip, balancer.container_port, answers);
        if let Some(task) = world.ecs.task_mut(serial) {
            task.registered.push(Arc::clone(&balancer.group));
        }
        world.announce(&key, Happening::Registered { count: 1, group_arn: balancer.group_arn });
    }
}

/// Its targets drain; answers how long.
fn deregister(world: &mut World, serial: TaskSerial) -> Millis {
    let Some(task) = world.ecs.task(serial) else { return 0 };
    let groups = task.registered.clone();
    let Some((key, digits)) = task.service().map(|(key, digits)| (key.clone(), digits.to_owned())) else { return 0 };
    let mut drain_ms = 0;
    for group in &groups {
        drain_ms = drain_ms.max(world.drain_target(group, serial));
        let group_arn = world.elb.groups.get(group).map(|group| group.arn.clone()).unwrap_or_default();
        world.announce(&key, Happening::Deregistered { count: 1, group_arn });
    }
    if !groups.is_empty() {
        world.announce(&key, Happening::Draining { count: 1, digits });
    }
    drain_ms
}

/// DEACTIVATING: first its targets drain, then they are removed and the process is told to end.
fn leave_targets(world: &mut World, serial: TaskSerial) {
    let Some(task) = world.ecs.task(serial) else { return };
    let draining = task.registered.iter().any(|group| {
        world.elb.target(group, serial).is_some_and(|target| target.state != crate::elb::TargetState::Draining)
    });
    if draining {
        let drain_ms = deregister(world, serial);
        world.enter_for(serial, TaskStatus::Deactivating, drain_ms);
        return;
    }
    remove_targets(world, serial);
    let limit_ms = world
        .ecs
        .task(serial)
        .and_then(|task| task.definition.essential())
        .map_or(30_000, |container| container.stop_timeout_ms);
    let terminate_ms = TERMINATE.draw(world.weather, &mut world.random).min(limit_ms);
    world.enter_for(serial, TaskStatus::Stopping, terminate_ms);
}

fn remove_targets(world: &mut World, serial: TaskSerial) {
    let Some(task) = world.ecs.task_mut(serial) else { return };
    let groups = std::mem::take(&mut task.registered);
    for group in &groups {
        world.remove_target(group, serial);
    }
}

/// SIGTERM worked: the containers exit with 0; a one-off that does not listen to it exits with 143.
fn terminate(world: &mut World, serial: TaskSerial) {
    let now_ms = world.now_ms;
    let Some(task) = world.ecs.task_mut(serial) else { return };
    let code = if task.service().is_some() { 0 } else { 143 };
    for container in &mut task.containers {
        container.exit_code = Some(code);
    }
    task.times.execution_stopped = Some(now_ms);
    world.enter(serial, TaskStatus::Deprovisioning, DEPROVISION);
}

/// TaskFailedToStart: no container ever ran, so there is no exit code (C).
fn fail_to_start(world: &mut World, serial: TaskSerial, failure: StartFailure) {
    let now_ms = world.now_ms;
    let Some(task) = world.ecs.task_mut(serial) else { return };
    let reason = start_failure_text(failure, &task.definition);
    task.told_to_stop = true;
    task.stop_code = Some(StopCode::TaskFailedToStart);
    task.stopped_reason = Some(reason.clone());
    task.times.stopping = Some(now_ms);
    task.times.execution_stopped = Some(now_ms);
    if let Some(container) = task.containers.first_mut() {
        container.reason = Some(reason.clone());
    }
    stopped(world, serial);
    world.service_task_never_ran(serial, reason);
}

/// The texts of C [OBS].
pub(crate) fn start_failure_text(failure: StartFailure, definition: &super::TaskDefinition) -> String {
    let image = definition.essential().map_or("", |container| container.image.as_str());
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
        StartFailure::NoCapacity => {
            "Capacity is unavailable at this time. Please try again later or in a different availability zone".to_owned()
        }
    }
}

fn stopped(world: &mut World, serial: TaskSerial) {
    let now_ms = world.now_ms;
    remove_targets(world, serial);
    let Some(task) = world.ecs.task_mut(serial) else { return };
    task.status = TaskStatus::Stopped;
    task.step_ms = None;
    task.times.stopped = Some(now_ms);
    let key = task.service().map(|(key, _)| key.clone());
    world.agenda.add(now_ms + FORGET_TASK_MS, Event::Forget(serial));
    if let Some(key) = key {
        world.request_next_pass(&key);
    }
}
