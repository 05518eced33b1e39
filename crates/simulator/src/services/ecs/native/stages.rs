//! From stage to stage (B8 [DOC]): a stage ends when its hooks have succeeded and its own work is done.

use super::run::{Run, Way};
use super::strategy::{HookTarget, LifecycleStage};
use crate::base::agenda::ServiceKey;
use crate::base::timings::{RECONCILE_LIMIT_MS, STAGE, TRAFFIC_SHIFT};
use crate::services::ecs::{Cause, begin_rollback};
use crate::{Millis, World};

/// Each stage, and each step of a shift, takes at most 24 h; pauses have a time of their own (B8 [DOC]).
const STAGE_LIMIT_MS: Millis = 24 * 3_600_000;
/// A whole deployment takes at most 30 days (B8 [DOC]).
const WHOLE_LIMIT_MS: Millis = 30 * 24 * 3_600_000;

/// One look at a native deployment: keep its tasks, then go on as far as nothing has to be waited for.
pub(crate) fn pass(world: &mut World, key: &ServiceKey) {
    world.trip_if_due(key);
    world.replace_unhealthy(key);
    world.keep_native(key);
    for _ in LifecycleStage::ALL {
        let moved = go_on(world, key);
        world.keep_native(key);
        if !moved {
            break;
        }
    }
}

/// When a stage, or the whole of it, has taken too long.
pub(super) fn limits(run: &Run) -> Vec<Millis> {
    // Once blue has begun to stop there is no way back any more [INF].
    if run.way != Way::Forward || run.stage == Some(LifecycleStage::CleanUp) {
        return Vec::new();
    }
    let whole_ms = run.begun_ms + WHOLE_LIMIT_MS;
    // A pause has a limit of its own, also when its stage ends with it.
    let mut hooks = run.hooks.iter();
    let pauses =
        hooks.any(|hook| Some(hook.stage) == run.stage && hook.target == HookTarget::Pause);
    // Its own time is configured, and may be a day.
    let bakes = run.stage == Some(LifecycleStage::BakeTime)
        || run.stage == Some(LifecycleStage::ProductionTrafficShift) && run.shifted;
    let limit_ms = match run.stage {
        Some(LifecycleStage::ReconcileService) => RECONCILE_LIMIT_MS,
        _ => STAGE_LIMIT_MS,
    };
    let stage_ms = (!pauses && !bakes).then_some(run.since_ms + limit_ms);
    stage_ms.into_iter().chain([whole_ms]).collect()
}

/// Takes one step if there is one to take. `true`: look again.
fn go_on(world: &mut World, key: &ServiceKey) -> bool {
    let Some(run) = world.run(key).filter(|run| run.way != Way::Over) else {
        return false;
    };
    let Some(stage) = run.stage else {
        return open(world, key);
    };
    world.hear_hooks(key);
    let Some(run) = world.run(key) else {
        return false;
    };
    if run.way == Way::Forward
        && let Some(why) = cannot_go_on(run, stage, world.now_ms)
    {
        return fail(world, key, &why);
    }
    let hooked = run.open_hooks().next().is_some();
    if !world.work(key, stage) || hooked {
        return false;
    }
    leave(world, key, stage)
}

/// The first look: are the listener rules as they must be?
fn open(world: &mut World, key: &ServiceKey) -> bool {
    let routes = match world.routes(key) {
        Ok(routes) => routes,
        Err(why) => return turn(world, key, why),
    };
    let Some(service) = world.ecs.service(key) else {
        return false;
    };
    let Some(run) = service.native() else {
        return false;
    };
    let first = if run.others(service).next().is_some() {
        LifecycleStage::ReconcileService
    } else {
        LifecycleStage::PreScaleUp
    };
    let green: Vec<_> = routes.iter().map(|route| route.green.clone()).collect();
    let target = run.target.clone();
    if let Some(service) = world.ecs.service_mut(key) {
        if let Some(deployment) = service.deployment_mut(&target) {
            deployment.groups.clone_from(&green);
        }
        if let Some(revision) = service.revisions.get_mut(&target) {
            revision.groups = green;
        }
    }
    if let Some(run) = world.run_mut(key) {
        run.routes = routes;
    }
    world.enter_stage(key, first);
    true
}

/// What follows `Service deployment rolled back because`, if the stage cannot end well any more.
fn cannot_go_on(run: &Run, stage: LifecycleStage, now_ms: Millis) -> Option<String> {
    let judged = run.hooks.iter().find_map(|hook| hook.verdict.clone());
    let late = limits(run).into_iter().any(|limit_ms| limit_ms <= now_ms);
    // No text is known [INF].
    judged.or_else(|| late.then(|| format!("the {} lifecycle stage timed out.", stage.text())))
}

fn fail(world: &mut World, key: &ServiceKey, why: &str) -> bool {
    turn(
        world,
        key,
        format!("Service deployment rolled back because {why}"),
    )
}

fn turn(world: &mut World, key: &ServiceKey, why: String) -> bool {
    if let Some(run) = world.run_mut(key) {
        run.failure = Some(why);
    }
    begin_rollback(world, key, Cause::Lifecycle);
    true
}

/// A stage is over: what comes next?
fn leave(world: &mut World, key: &ServiceKey, stage: LifecycleStage) -> bool {
    let Some(run) = world.run_mut(key) else {
        return false;
    };
    let next = match (run.way, stage) {
        (Way::Over, _) => return false,
        (_, LifecycleStage::CleanUp) => {
            run.way = Way::Over;
            world.complete_now(key);
            return false;
        }
        (Way::Back, LifecycleStage::ProductionTrafficShift)
            if run.reached >= Some(LifecycleStage::TestTrafficShift) =>
        {
            Some(LifecycleStage::TestTrafficShift)
        }
        (Way::Back, _) => Some(LifecycleStage::CleanUp),
        (Way::Forward, LifecycleStage::ProductionTrafficShift) if !run.is_last_step() => {
            run.step += 1;
            Some(LifecycleStage::PreProductionTrafficShift)
        }
        (Way::Forward, _) => stage.next(),
    };
    let Some(next) = next else { return false };
    world.enter_stage(key, next);
    true
}

impl World {
    /// A stage begins, and with it its hooks.
    pub(super) fn enter_stage(&mut self, key: &ServiceKey, stage: LifecycleStage) {
        let now_ms = self.now_ms;
        let shifts = matches!(
            stage,
            LifecycleStage::TestTrafficShift | LifecycleStage::ProductionTrafficShift
        );
        let knob = if shifts { TRAFFIC_SHIFT } else { STAGE };
        let takes_ms = knob.draw(self.weather, &mut self.random);
        let Some(run) = self.run_mut(key) else { return };
        run.stage = Some(stage);
        if run.way == Way::Forward {
            run.reached = run.reached.max(Some(stage));
        }
        run.since_ms = now_ms;
        run.shifted = false;
        run.ready_ms = match stage {
            LifecycleStage::BakeTime => Some(now_ms + Millis::from(run.bake_minutes) * 60_000),
            // They are ready when their tasks are.
            LifecycleStage::ReconcileService
            | LifecycleStage::ScaleUp
            | LifecycleStage::CleanUp => None,
            LifecycleStage::PreScaleUp
            | LifecycleStage::PostScaleUp
            | LifecycleStage::TestTrafficShift
            | LifecycleStage::PostTestTrafficShift
            | LifecycleStage::PreProductionTrafficShift
            | LifecycleStage::ProductionTrafficShift
            | LifecycleStage::PostProductionTrafficShift => Some(now_ms + takes_ms),
        };
        if let Some(record) = self
            .ecs
            .service_mut(key)
            .and_then(|service| service.current_record_mut())
        {
            record.updated_ms = now_ms;
        }
        self.begin_hooks(key, stage);
    }
}
