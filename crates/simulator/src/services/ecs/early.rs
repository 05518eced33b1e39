//! Early success criteria of a rolling deployment (A6 [DOC]): when it is called SUCCESSFUL before all of it is done.

use serde::{Deserialize, Serialize};

use super::scheduler::View;
use super::{Deployment, Rollout, Service};
use crate::World;
use crate::base::agenda::ServiceKey;

/// `earlySuccessCriteria` of a service, while it is enabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EarlySuccess {
    /// healthyPercent.
    pub(crate) percent: u32,
    pub(crate) cleanup: Cleanup,
}

/// `sourceServiceRevisionCleanup`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Cleanup {
    /// Healthy enough, bake, clean the source, SUCCESSFUL.
    Blocking,
    /// Healthy enough, bake, SUCCESSFUL, clean the source.
    Deferred,
}

/// Task counts of a revision: requested, running, pending.
pub(crate) type Counts = (usize, usize, usize);

impl Cleanup {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Blocking => "BLOCKING",
            Self::Deferred => "DEFERRED",
        }
    }
}

impl EarlySuccess {
    /// `ceil(desiredCount * healthyPercent / 100)`, at least one task.
    pub(super) fn needed(self, desired: usize) -> usize {
        let percent = usize::try_from(self.percent).unwrap_or(100);
        (desired * percent).div_ceil(100).max(1)
    }
}

/// What a service's deployment still lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Tasks, health, or the end of old tasks.
    Underway,
    /// Healthy enough for early success; it bakes first, and old tasks may have to go.
    Early,
    /// All of it is there.
    Done,
}

impl World {
    /// How far the PRIMARY deployment is.
    pub(super) fn progress(&self, key: &ServiceKey, view: &View) -> Progress {
        if is_all_done(view) {
            return Progress::Done;
        }
        let service = self.ecs.service(key);
        let Some((primary, early)) =
            service.and_then(|service| Some((service.primary()?, service.early?)))
        else {
            return Progress::Underway;
        };
        let enough = view.primary_healthy() >= early.needed(view.desired);
        if !enough || !may_succeed_early(primary) {
            return Progress::Underway;
        }
        let baked = primary
            .bake_until_ms
            .is_some_and(|until_ms| until_ms <= self.now_ms);
        let clean = view.old().next().is_none();
        match early.cleanup {
            Cleanup::Deferred => Progress::Done,
            Cleanup::Blocking if baked && clean => Progress::Done,
            Cleanup::Blocking => Progress::Early,
        }
    }

    /// Healthy enough for early success: the bake begins before old tasks are stopped for it.
    pub(super) fn begin_early_bake(&mut self, key: &ServiceKey) {
        let early = self
            .ecs
            .service(key)
            .is_some_and(|service| service.early.is_some());
        let Some(view) = self.view(key).filter(|_| early) else {
            return;
        };
        if self.progress(key, &view) == Progress::Underway {
            return;
        }
        let bake_ms = self.bake_ms(key);
        let until_ms = self.now_ms + bake_ms;
        let primary = self
            .ecs
            .service_mut(key)
            .and_then(|service| service.primary_mut());
        let Some(primary) = primary.filter(|primary| primary.bake_until_ms.is_none()) else {
            return;
        };
        primary.bake_until_ms = Some(until_ms);
        self.request_pass(key, until_ms);
    }

    /// Healthy enough, old tasks stay until the bake is over, or until it is SUCCESSFUL if the cleanup is deferred.
    pub(super) fn holds_source(&self, key: &ServiceKey, view: &View) -> bool {
        let Some(service) = self.ecs.service(key) else {
            return false;
        };
        let bakes = service.primary().is_some_and(|primary| {
            may_succeed_early(primary)
                && primary
                    .bake_until_ms
                    .is_some_and(|until_ms| self.now_ms < until_ms)
        });
        service.early.is_some()
            && (bakes || service.defers_cleanup())
            && self.progress(key, view) != Progress::Underway
    }

    /// The counts of a deployment that succeeded early are those of this moment, for ever.
    pub(super) fn freeze_counts(&mut self, key: &ServiceKey) {
        let Some(service) = self.ecs.service(key) else {
            return;
        };
        let Some(primary) = service.primary() else {
            return;
        };
        let Some(record) = service
            .records
            .iter()
            .find(|record| record.id == primary.record)
        else {
            return;
        };
        let digits = record.sources.iter().chain([&record.target]);
        let counts: Vec<(String, Counts)> = digits
            .map(|digits| (digits.clone(), self.ecs.revision_counts(service, digits)))
            .collect();
        if let Some(record) = self
            .ecs
            .service_mut(key)
            .and_then(|service| service.current_record_mut())
        {
            record.frozen = counts.into_iter().collect();
        }
    }
}

impl Service {
    /// A deployment that succeeds early does not wait for the source to be cleaned.
    pub(super) fn defers_cleanup(&self) -> bool {
        self.early
            .is_some_and(|early| early.cleanup == Cleanup::Deferred)
            && self.primary().is_some_and(may_succeed_early)
    }
}

/// A rollback has to be complete [INF].
fn may_succeed_early(primary: &Deployment) -> bool {
    primary.rollout == Rollout::InProgress && !primary.rolling_back
}

/// No old tasks, and all desired ones healthy (A6 [DOC]).
fn is_all_done(view: &View) -> bool {
    view.old().next().is_none()
        && view.primary().count() == view.desired
        && view.primary_healthy() == view.desired
}

#[cfg(test)]
mod tests {
    use super::{Cleanup, EarlySuccess};

    #[test]
    fn how_many_are_enough() {
        for (percent, desired, expected) in [
            (90, 100, 90),
            (50, 3, 2),
            (0, 10, 1),
            (100, 7, 7),
            (1, 1, 1),
            (34, 3, 2),
        ] {
            let early = EarlySuccess {
                percent,
                cleanup: Cleanup::Blocking,
            };
            assert_eq!(early.needed(desired), expected, "{percent}% of {desired}");
        }
    }
}
