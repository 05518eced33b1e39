//! A task's way from PROVISIONING to RUNNING in time, and the clock of all its steps (C [DOC]). `ending` is the way down.

use super::cluster::CapacityProvider;
use super::course::course;
use super::ending::{fail_to_start, leave_targets, stopped, terminate};
use super::targets::register_targets;
use super::{Digests, StartFailure, Taken, TaskStatus};
use crate::base::agenda::{Due, TaskSerial};
use crate::base::timings::{
    ACTIVATING, COUNTS_AFTER_RUNNING_MS, Knob, PENDING, PULL_FAILURE, SECRET_FAILURE,
};
use crate::{Millis, World};

/// A task takes its next step, if it is still the one that was planned.
pub(crate) fn step(world: &mut World, serial: TaskSerial) {
    let now_ms = world.now_ms;
    let Some(task) = world.ecs.task_mut(serial) else {
        return;
    };
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
    let Some(task) = world.ecs.tasks.remove(&serial) else {
        return;
    };
    let Some((key, _)) = task.service() else {
        return;
    };
    if let Some(service) = world.ecs.service_mut(key) {
        service.tasks.retain(|known| *known != serial);
    }
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
        let Some(task) = self.ecs.task_mut(serial) else {
            return;
        };
        task.status = status;
        task.step_ms = Some(at_ms);
        self.agenda.add(at_ms, Due::Step(serial));
        self.tell_task(serial);
    }

    /// The task stays in its state for so long more, which nobody is told.
    pub(crate) fn step_again(&mut self, serial: TaskSerial, stay_ms: Millis) {
        let at_ms = self.now_ms + stay_ms.max(1);
        if let Some(task) = self.ecs.task_mut(serial) {
            task.step_ms = Some(at_ms);
            self.agenda.add(at_ms, Due::Step(serial));
        }
    }
}

/// Images are pulled and secrets fetched: it is decided here whether the task will run.
fn activate(world: &mut World, serial: TaskSerial) {
    let now_ms = world.now_ms;
    let pulled = world.pull(serial);
    let Some(task) = world.ecs.task_mut(serial) else {
        return;
    };
    let so_far_ms = now_ms - task.times.created;
    let after_start = |world: &mut World, knob: Knob| {
        knob.draw(world.weather, &mut world.random)
            .saturating_sub(so_far_ms)
    };
    match pulled {
        Ok(digests) => {
            task.times.pull_started = Some(now_ms);
            for container in &mut task.containers {
                container.digest = digests.get(&container.name).cloned();
            }
            let knob_ms = ACTIVATING.draw(world.weather, &mut world.random);
            let order_ms = start_in_order(world, serial, now_ms + knob_ms);
            world.enter_for(serial, TaskStatus::Activating, knob_ms + order_ms);
        }
        Err(failure) => {
            let knob = match failure {
                StartFailure::SecretDenied
                | StartFailure::SecretMissing
                | StartFailure::SecretUnavailable(_)
                | StartFailure::LogDriver => SECRET_FAILURE,
                StartFailure::ImageMissing
                | StartFailure::WrongArchitecture
                | StartFailure::NoCapacity
                | StartFailure::TaskLimit
                | StartFailure::VcpuLimit
                | StartFailure::InternalError
                | StartFailure::Runtime(_)
                | StartFailure::Dependency(..)
                | StartFailure::Throttled => PULL_FAILURE,
            };
            task.behaviour.failure = Some(failure);
            let stay_ms = after_start(world, knob);
            world.enter_for(serial, TaskStatus::Activating, stay_ms);
        }
    }
}

/// Containers start as `dependsOn` has it, from `from_ms` on; answers how long it takes. Those that run for real wait for each other
/// for real.
pub(crate) fn start_in_order(world: &mut World, serial: TaskSerial, from_ms: Millis) -> Millis {
    if world.containers.run_for_real() {
        return 0;
    }
    let Some(task) = world.ecs.task_mut(serial) else {
        return 0;
    };
    let (ended, takes_ms) = match course(&task.definition) {
        Ok(course) => (course.ended, course.running_ms),
        Err(never) => {
            let failure = StartFailure::Dependency(never.container, never.reason);
            task.behaviour.failure = Some(failure);
            (never.ended, never.after_ms)
        }
    };
    let mut told = Vec::new();
    for container in &mut task.containers {
        let Some(end) = ended.get(&container.name) else {
            continue;
        };
        let at_ms = from_ms + end.after_ms;
        container.ends = Some((at_ms, end.code));
        let lines = end.lines.iter().cloned();
        told.extend(lines.map(|line| (container.name.clone(), at_ms, line)));
    }
    for (container, at_ms, line) in told {
        world.write_line_of(serial, &container, at_ms, line);
    }
    takes_ms
}

fn finish_activating(world: &mut World, serial: TaskSerial) {
    let Some(task) = world.ecs.task(serial) else {
        return;
    };
    match task.behaviour.failure.clone() {
        // It is RUNNING when its containers are.
        None if world.containers.run_for_real() => world.order_start(serial),
        None => run(world, serial),
        Some(failure) => fail_to_start(world, serial, failure),
    }
}

/// RUNNING: registered with its target groups, its health in the making, its end perhaps planned.
pub(crate) fn run(world: &mut World, serial: TaskSerial) {
    let now_ms = world.now_ms;
    let for_real = world.containers.run_for_real();
    let Some(task) = world.ecs.task_mut(serial) else {
        return;
    };
    task.status = TaskStatus::Running;
    task.times.pull_stopped = Some(now_ms);
    task.times.started = Some(now_ms);
    // Only Spot tasks are interrupted.
    let spared = task.behaviour.taken == Some(Taken::Spot)
        && task.provider != Some(CapacityProvider::FargateSpot);
    // What runs for real ends when it ends, or when AWS takes it away.
    let planned = !for_real || task.behaviour.taken.is_some();
    let exit = task.behaviour.exit.filter(|_| planned && !spared);
    if let Some(exit) = exit {
        let exit_ms = now_ms + exit.after_ms.max(1);
        task.exit_ms = Some(exit_ms);
        world.agenda.add(exit_ms, Due::Exit(serial));
    }
    world.tell_task(serial);
    if !for_real {
        world.write_first_words(serial);
    }
    let Some((key, digits)) = world
        .ecs
        .task(serial)
        .and_then(|task| task.service())
        .map(|(key, digits)| (key.clone(), digits.to_owned()))
    else {
        return;
    };
    register_targets(world, serial);
    if !for_real {
        world.plan_container_turn(serial);
    }
    world
        .agenda
        .add(now_ms + COUNTS_AFTER_RUNNING_MS, Due::Counts(serial));
    let digests = world.ecs.task(serial).map(|task| {
        task.containers
            .iter()
            .filter_map(|container| Some((container.name.clone(), container.digest.clone()?)))
            .collect()
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
