//! A deployment fails: by the breaker, by an alarm, or because StopServiceDeployment asked (B4 [OBS]).

use super::service_event::Happening;
use super::{RecordStatus, Rollout, native};
use crate::World;
use crate::base::agenda::ServiceKey;

/// Why the PRIMARY deployment is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Breaker,
    Alarm,
    Requested,
    /// A stage of a native deployment; it has its own words (`native::story`).
    Lifecycle,
}

impl Cause {
    /// `rollback.reason` and `statusReason` of the service deployment. Only the breaker's text is known [OBS]; the others [INF].
    fn record_reason(self) -> &'static str {
        match self {
            Self::Breaker => {
                "Service deployment rolled back because the circuit breaker threshold was exceeded."
            }
            Self::Alarm => "Service deployment rolled back because of alarm(s) detected.",
            Self::Requested => "Service deployment rolled back because of a user request.",
            Self::Lifecycle => "Service deployment rolled back.",
        }
    }

    /// What follows `deployment failed: ` (A8).
    fn event_text(self) -> &'static str {
        match self {
            Self::Breaker => "tasks failed to start.",
            Self::Alarm => "alarm detected.",
            Self::Requested => "rollback requested.",
            Self::Lifecycle => "service deployment rolled back.",
        }
    }

    /// `rolloutStateReason` of the failed deployment. The alarm's is not captured anywhere (A7 [gap]).
    fn failed_reason(self) -> &'static str {
        match self {
            Self::Breaker => "ECS deployment circuit breaker: tasks failed to start.",
            Self::Alarm => "ECS deployment failed: alarm detected.",
            Self::Requested => "ECS deployment failed: rollback requested.",
            // No text is known [INF].
            Self::Lifecycle => "ECS deployment failed.",
        }
    }

    /// `rolloutStateReason` of the deployment that is restored.
    fn restored_reason(self, id: &str) -> String {
        match self {
            Self::Breaker => {
                format!("ECS deployment circuit breaker: rolling back to deploymentId {id}.")
            }
            Self::Alarm | Self::Requested | Self::Lifecycle => {
                format!("ECS deployment rolling back to deploymentId {id}.")
            }
        }
    }
}

/// Fails the PRIMARY deployment and, if it may, restores the most recent COMPLETED one under its old id (B4). False where it is too
/// late, or there is no such service.
pub(crate) fn begin_rollback(world: &mut World, key: &ServiceKey, cause: Cause) -> bool {
    if native::too_late(world, key) {
        return false;
    }
    let Some(service) = world.ecs.service_mut(key) else {
        return false;
    };
    // Each mechanism's own flag decides (B7 [DOC]).
    let wants_rollback = match cause {
        Cause::Breaker => service.breaker.rollback,
        Cause::Alarm => service.alarms.rollback || !service.alarms.enable,
        Cause::Requested | Cause::Lifecycle => true,
    };
    let candidate = service
        .deployments
        .iter()
        .skip(1)
        .position(|older| older.rollout == Rollout::Completed);
    fail_primary(world, key, cause);
    match candidate {
        Some(older) if wants_rollback => restore(world, key, older + 1, cause),
        None if wants_rollback => no_candidate(world, key),
        Some(_) | None => stop_record_of_primary(world, key),
    }
    native::turn_back(world, key);
    world.request_next_pass(key);
    true
}

fn fail_primary(world: &mut World, key: &ServiceKey, cause: Cause) {
    let now_ms = world.now_ms;
    let told = native::story(world, key, cause);
    let Some(service) = world.ecs.service_mut(key) else {
        return;
    };
    service.unsteady = true;
    let Some(primary) = service.primary_mut() else {
        return;
    };
    primary.rollout = Rollout::Failed;
    primary.reason = cause.failed_reason().to_owned();
    primary.updated_ms = now_ms;
    primary.trip_ms = None;
    primary.finish_ms = None;
    let (digits, failures) = (primary.digits.clone(), primary.failures);
    if let Some(record) = service.current_record_mut() {
        record.turn(RecordStatus::InProgress, now_ms);
        record.failures = failures;
        record.breaker_tripped = cause == Cause::Breaker;
    }
    world.announce(
        key,
        Happening::DeploymentFailed {
            digits,
            cause: told.unwrap_or_else(|| cause.event_text().to_owned()),
        },
    );
}

/// The restored deployment keeps its id; its createdAt becomes now (B4 [OBS, one sample]).
fn restore(world: &mut World, key: &ServiceKey, place: usize, cause: Cause) {
    let now_ms = world.now_ms;
    let told = native::story(world, key, cause);
    let Some(service) = world.ecs.service_mut(key) else {
        return;
    };
    let Some(record_id) = service.primary().map(|primary| primary.record.clone()) else {
        return;
    };
    let mut restored = service.deployments.remove(place);
    let digits = restored.digits.clone();
    let runs = world
        .ecs
        .service(key)
        .is_some_and(|service| world.ecs.counts(service, Some(&digits)).0 > 0);
    restored.was_running = runs;
    restored.rollout = Rollout::InProgress;
    restored.reason = cause.restored_reason(&restored.id());
    restored.created_ms = now_ms;
    restored.updated_ms = now_ms;
    restored.failures = 0;
    restored.owed = 0;
    restored.back_off = super::deployment::BackOff::default();
    restored.finish_ms = None;
    restored.bake_until_ms = None;
    restored.stopped_old_ms = None;
    restored.rolling_back = true;
    restored.record = record_id;
    let Some(service) = world.ecs.service_mut(key) else {
        return;
    };
    service.definition = restored.definition.clone();
    if let Some(revision) = service.revisions.get(&digits).cloned() {
        // The whole service revision comes back, not only its task definition [DOC].
        service.settings.extend(revision.settings);
        service.load_balancers = revision.load_balancers;
        service.strategy = revision.strategy;
    }
    service.deployments.insert(0, restored);
    if let Some(record) = service.current_record_mut()
        && record.turn(RecordStatus::RollbackInProgress, now_ms)
    {
        let reason = told.unwrap_or_else(|| cause.record_reason().to_owned());
        record.reason = Some(reason.clone());
        record.rollback = Some(super::record::Rollback {
            reason,
            started_ms: now_ms,
            target: digits.clone(),
        });
    }
    world.announce_later(key, 1, Happening::RollingBack { digits });
}

/// Nothing to go back to: the record hides the real cause (B4 [OBS]); its status is [INF].
fn no_candidate(world: &mut World, key: &ServiceKey) {
    let now_ms = world.now_ms;
    let Some(service) = world.ecs.service_mut(key) else {
        return;
    };
    if let Some(record) = service.current_record_mut() {
        record.turn(RecordStatus::RollbackInProgress, now_ms);
        if record.turn(RecordStatus::RollbackFailed, now_ms) {
            record.reason = Some("No rollback candidate was found to run the rollback.".to_owned());
        }
    }
}

/// The breaker without rollback: STOP_REQUESTED, then STOPPED (B4 [DOC]).
fn stop_record_of_primary(world: &mut World, key: &ServiceKey) {
    let Some(id) = world
        .ecs
        .service(key)
        .and_then(|service| service.primary())
        .map(|primary| primary.record.clone())
    else {
        return;
    };
    world.stop_record(key, &id);
}
