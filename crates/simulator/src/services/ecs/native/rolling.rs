//! Lifecycle hooks of rolling deployments. AWS documents hooks by stages, and does not say what ROLLING makes of them; inferred [INF]:
//! RECONCILE_SERVICE and PRE_SCALE_UP hold the first new task, POST_SCALE_UP holds the end; the stages of traffic never come.

use super::run::{Run, Way};
use super::strategy::LifecycleStage;
use crate::World;
use crate::base::agenda::ServiceKey;
use crate::services::ecs::{Cause, Rollout, Service, begin_rollback};

/// What the hooks of a rolling deployment hold back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    Nothing,
    /// No task is started or stopped for it yet.
    Start,
    /// It is not complete yet.
    End,
}

/// A rolling deployment has just been made: one with hooks has stages, too.
pub(super) fn begin(world: &mut World, key: &ServiceKey) {
    let now_ms = world.now_ms;
    let Some(service) = world.ecs.service_mut(key) else {
        return;
    };
    if service.traffic.hooks.is_empty() {
        return;
    }
    let Some(target) = service.primary().map(|primary| primary.digits.clone()) else {
        return;
    };
    let run = Run::new(service, target, None, now_ms);
    let first = match service.deployments.len() {
        0..=2 => LifecycleStage::PreScaleUp,
        // More than one that is ACTIVE besides it (B8 [DOC]).
        _ => LifecycleStage::ReconcileService,
    };
    if let Some(record) = service.current_record_mut() {
        record.native = Some(Box::new(run));
    }
    world.enter_stage(key, first);
}

/// The rolling deployment that has stages and is on its way.
fn under_way(service: &Service) -> Option<&Run> {
    let run = service.native()?;
    (run.way == Way::Forward && !run.strategy.kind.is_native()).then_some(run)
}

/// One look at the hooks, before tasks are started and stopped.
pub(crate) fn look(world: &mut World, key: &ServiceKey) -> Holds {
    if world.ecs.service(key).and_then(under_way).is_none() {
        return Holds::Nothing;
    }
    world.hear_hooks(key);
    let Some(service) = world.ecs.service(key) else {
        return Holds::Nothing;
    };
    let Some(run) = under_way(service) else {
        return Holds::Nothing;
    };
    if let Some(why) = run.hooks.iter().find_map(|hook| hook.verdict.clone()) {
        if let Some(run) = world.run_mut(key) {
            run.failure = Some(format!("Service deployment rolled back because {why}"));
        }
        begin_rollback(world, key, Cause::Lifecycle);
        return Holds::Nothing;
    }
    let is_open = run.open_hooks().next().is_some();
    let goes_on = service
        .primary()
        .is_some_and(|primary| primary.rollout == Rollout::InProgress);
    let stage = run.stage;
    if !goes_on {
        if let Some(run) = world.run_mut(key) {
            run.way = Way::Over;
        }
        return Holds::Nothing;
    }
    match stage {
        Some(LifecycleStage::ReconcileService | LifecycleStage::PreScaleUp) if is_open => {
            Holds::Start
        }
        Some(LifecycleStage::ReconcileService) => {
            world.enter_stage(key, LifecycleStage::PreScaleUp);
            look(world, key)
        }
        Some(LifecycleStage::PreScaleUp) => {
            world.enter_stage(key, LifecycleStage::ScaleUp);
            Holds::Nothing
        }
        Some(LifecycleStage::ScaleUp) if is_up(world, key) => {
            world.enter_stage(key, LifecycleStage::PostScaleUp);
            look(world, key)
        }
        Some(LifecycleStage::PostScaleUp) if is_open => Holds::End,
        _ => Holds::Nothing,
    }
}

/// All new tasks are there and healthy.
fn is_up(world: &World, key: &ServiceKey) -> bool {
    let view = world.view(key);
    view.is_some_and(|view| view.primary_healthy() >= view.desired)
}
