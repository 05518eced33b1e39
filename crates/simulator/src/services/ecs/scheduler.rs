//! The service scheduler: one pass over one service (A4). It is asked to look; it never ticks.

use super::service_event::Happening;
use super::{Controller, RecordStatus, Rollout, ServiceStatus, TaskStatus, native};
use crate::base::agenda::{Due, ServiceKey, TaskSerial};
use crate::base::timings::{EVENT_WINDOW_MS, NEXT_PASS};
use crate::{Millis, World};

/// One look at a service: what the present state asks for, in the documented order: replace, stop, start, complete.
pub(crate) fn pass(world: &mut World, key: &ServiceKey) {
    let now_ms = world.now_ms;
    let Some(service) = world.ecs.service_mut(key) else {
        return;
    };
    if service.pass_ms != Some(now_ms) {
        return;
    }
    service.pass_ms = None;
    let controller = service.controller;
    if let Some(record) = service.current_record_mut()
        && record.status == RecordStatus::Pending
    {
        record.turn(RecordStatus::InProgress, now_ms);
    }
    let by_stages = native::governs(service);
    match controller {
        Controller::Ecs if by_stages => native::pass(world, key),
        Controller::Ecs => roll(world, key),
        Controller::CodeDeploy => world.keep_task_sets(key),
    }
    world.watch_floor(key);
    plan_wake(world, key);
}

/// Controller ECS, strategy ROLLING, or no deployment at all.
fn roll(world: &mut World, key: &ServiceKey) {
    let holds = native::look(world, key);
    world.trip_if_due(key);
    world.replace_unhealthy(key);
    if holds != native::Holds::Start {
        world.begin_early_bake(key);
        world.stop_spare(key);
        world.start_missing(key);
    } else {
        // Nothing of the new revision; what serves and is lost is replaced.
        world.start_owed(key);
    }
    world.drop_superseded(key);
    if holds == native::Holds::Nothing {
        world.complete_if_done(key);
    }
    tell_if_stuck(world, key);
}

/// The steady state is told again every 6 h (A6 [DOC]).
pub(crate) fn steady_again(world: &mut World, key: &ServiceKey) {
    let now_ms = world.now_ms;
    let Some(service) = world.ecs.service_mut(key) else {
        return;
    };
    let due = service
        .steady_ms
        .is_some_and(|steady_ms| steady_ms + EVENT_WINDOW_MS == now_ms);
    if due && !service.unsteady && service.status == ServiceStatus::Active {
        world.steady(key);
    }
}

/// A live task as the scheduler sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) serial: TaskSerial,
    /// Of the PRIMARY deployment.
    pub(super) primary: bool,
    /// Of a deployment that was COMPLETED once: the source of the deployment that runs.
    pub(super) source: bool,
    pub(super) healthy: bool,
    pub(super) running: bool,
    /// Neither scaling in nor a deployment may stop it.
    pub(super) protected: bool,
}

/// What a pass works with.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) desired: usize,
    pub(super) lower: usize,
    pub(super) upper: usize,
    /// Tasks with desiredStatus RUNNING, oldest first.
    pub(super) live: Vec<Seen>,
}

impl View {
    pub(super) fn healthy(&self) -> usize {
        self.live.iter().filter(|task| task.healthy).count()
    }

    pub(super) fn primary(&self) -> impl Iterator<Item = &Seen> {
        self.live.iter().filter(|task| task.primary)
    }

    pub(super) fn old(&self) -> impl Iterator<Item = &Seen> {
        self.live.iter().filter(|task| !task.primary)
    }

    pub(super) fn primary_healthy(&self) -> usize {
        self.primary().filter(|task| task.healthy).count()
    }

    /// How many tasks may be started without crossing the upper bound.
    pub(super) fn room(&self) -> usize {
        self.upper.saturating_sub(self.live.len())
    }
}

impl World {
    /// The live tasks of one deployment, oldest first, for schedulers that take each deployment by itself.
    pub(super) fn live_of(&self, key: &ServiceKey, digits: &str) -> Vec<Seen> {
        let Some(service) = self.ecs.service(key) else {
            return Vec::new();
        };
        let primary = service.primary().map(|primary| primary.digits.as_str());
        let live = self
            .ecs
            .tasks_of(service)
            .filter(|task| task.is_live() && task.deployment() == Some(digits));
        live.map(|task| Seen {
            serial: task.serial,
            primary: primary == Some(digits),
            source: false,
            healthy: task.healthy,
            running: task.status == TaskStatus::Running,
            protected: task.is_protected(self.now_ms),
        })
        .collect()
    }

    pub(super) fn view(&self, key: &ServiceKey) -> Option<View> {
        let service = self.ecs.service(key)?;
        let primary = service.primary().map(|primary| primary.digits.as_str());
        let live = self
            .ecs
            .tasks_of(service)
            .filter(|task| task.is_live())
            .map(|task| {
                let digits = task.deployment();
                let deployment = digits.and_then(|digits| service.deployment(digits));
                Seen {
                    serial: task.serial,
                    primary: digits == primary,
                    source: deployment
                        .is_some_and(|deployment| deployment.rollout == Rollout::Completed),
                    healthy: task.healthy,
                    running: task.status == TaskStatus::Running,
                    protected: service.status == ServiceStatus::Active
                        && task.is_protected(self.now_ms),
                }
            });
        let desired = if service.status == ServiceStatus::Active {
            service.wanted()
        } else {
            0
        };
        Some(View {
            desired,
            lower: service.lower(),
            // Blue and green have their bounds each [INF].
            upper: service.upper() * if native::governs(service) { 2 } else { 1 },
            live: live.collect(),
        })
    }

    /// The scheduler looks at the service at this time, or earlier if it already means to.
    pub(crate) fn request_pass(&mut self, key: &ServiceKey, at_ms: Millis) {
        let at_ms = at_ms.max(self.now_ms + 1);
        let Some(service) = self.ecs.service_mut(key) else {
            return;
        };
        if service.pass_ms.is_none_or(|planned_ms| at_ms < planned_ms) {
            service.pass_ms = Some(at_ms);
            self.agenda.add(at_ms, Due::Pass(key.clone()));
        }
    }

    /// Something changed: the scheduler looks soon.
    pub(crate) fn request_next_pass(&mut self, key: &ServiceKey) {
        let lag_ms = NEXT_PASS.draw(self.weather, &mut self.random);
        self.request_pass(key, self.now_ms + lag_ms);
    }
}

/// `lower == desired == upper`: nothing may stop and nothing may start, for ever (A2 [DOC]).
fn tell_if_stuck(world: &mut World, key: &ServiceKey) {
    let Some(view) = world.view(key) else { return };
    let Some(primary) = world.ecs.service(key).and_then(|service| service.primary()) else {
        return;
    };
    let wants = primary.rollout == Rollout::InProgress && view.primary().count() < view.desired;
    let nothing_moves = view.live.iter().all(|task| task.healthy)
        && view.healthy() <= view.lower
        && view.room() == 0;
    if wants && nothing_moves && view.old().next().is_some() {
        world.announce(key, Happening::Stuck);
    }
}

/// The scheduler looks again when the next thing that only waits for time is due.
fn plan_wake(world: &mut World, key: &ServiceKey) {
    let now_ms = world.now_ms;
    let Some(service) = world.ecs.service(key) else {
        return;
    };
    let mut wakes: Vec<Millis> = Vec::new();
    for deployment in &service.deployments {
        wakes.push(deployment.back_off.until_ms);
        wakes.extend(deployment.trip_ms);
        wakes.extend(deployment.finish_ms);
        wakes.extend(deployment.bake_until_ms);
    }
    wakes.extend(native::wakes(service));
    let protections = world
        .ecs
        .tasks_of(service)
        .filter(|task| task.is_live())
        .filter_map(|task| task.protected_until_ms);
    wakes.extend(protections);
    if service.grace_ms > 0 {
        let started = world
            .ecs
            .tasks_of(service)
            .filter(|task| task.is_live())
            .filter_map(|task| task.times.started);
        wakes.extend(started.map(|started_ms| started_ms + service.grace_ms));
    }
    if let Some(wake_ms) = wakes.into_iter().filter(|wake_ms| *wake_ms > now_ms).min() {
        world.request_pass(key, wake_ms);
    }
}
