//! Back to blue: the weights return, hooks of the shifts run again, green goes (B8 [DOC]).

use super::run::Way;
use super::strategy::LifecycleStage;
use crate::World;
use crate::base::agenda::ServiceKey;
use crate::services::ecs::{Cause, RecordStatus};

/// Once blue has begun to stop, nothing turns a deployment back: a stop request loses the race (B6; the moment [INF]).
pub(crate) fn too_late(world: &World, key: &ServiceKey) -> bool {
    world.run(key).is_some_and(|run| {
        run.way == Way::Back
            || run.way == Way::Forward && run.stage == Some(LifecycleStage::CleanUp)
    })
}

/// `rollback.reason`, `statusReason` and event of a deployment that a stage ended; `None`: the cause has texts of its own.
pub(crate) fn story(world: &World, key: &ServiceKey, cause: Cause) -> Option<String> {
    if cause != Cause::Lifecycle {
        return None;
    }
    world.run(key)?.failure.clone()
}

/// The deployment has failed: the native part of what follows.
pub(crate) fn turn_back(world: &mut World, key: &ServiceKey) {
    let Some(service) = world.ecs.service_mut(key) else {
        return;
    };
    let restored = service
        .current_record_mut()
        .is_some_and(|record| record.status == RecordStatus::RollbackInProgress);
    let Some(run) = service.native_mut() else {
        return;
    };
    if run.way != Way::Forward {
        return;
    }
    if !run.strategy.kind.is_native() {
        run.way = Way::Over;
        return world.drop_hooks(key);
    }
    let reached = run.reached;
    let unfinished = run.inherits && reached <= Some(LifecycleStage::ReconcileService);
    run.way = if restored { Way::Back } else { Way::Over };
    world.drop_hooks(key);
    if !restored {
        return;
    }
    if unfinished && let Ok(routes) = world.routes(key) {
        // It had not yet looked at the rules.
        if let Some(run) = world.run_mut(key).filter(|run| run.routes.is_empty()) {
            run.routes = routes;
        }
    }
    // Only what has begun to shift is shifted back [INF], and what an unfinished deployment before this one has shifted.
    let first = if unfinished || reached >= Some(LifecycleStage::ProductionTrafficShift) {
        LifecycleStage::ProductionTrafficShift
    } else if reached >= Some(LifecycleStage::TestTrafficShift) {
        LifecycleStage::TestTrafficShift
    } else {
        LifecycleStage::CleanUp
    };
    world.enter_stage(key, first);
}
