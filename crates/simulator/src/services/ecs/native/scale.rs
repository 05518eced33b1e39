//! Tasks of a native deployment: each revision has all desired tasks, or none, as its stage says (B8 [DOC]).

use super::run::Way;
use super::strategy::LifecycleStage;
use crate::World;
use crate::base::agenda::ServiceKey;
use crate::services::ecs::service_event::Happening;
use crate::services::ecs::{Digests, Rollout};

/// How many tasks a revision is to have.
enum Wanted {
    /// All of them.
    Desired,
    /// Those it has, and no new ones.
    Kept,
    Gone,
}

impl World {
    /// Starts what is missing and stops what is too many, revision by revision.
    pub(super) fn keep_native(&mut self, key: &ServiceKey) {
        let Some(service) = self.ecs.service(key) else {
            return;
        };
        let digits: Vec<String> = service
            .deployments
            .iter()
            .map(|deployment| deployment.digits.clone())
            .collect();
        for digits in digits {
            match self.wanted(key, &digits) {
                Wanted::Desired => self.keep_desired(key, &digits),
                Wanted::Kept => {}
                Wanted::Gone => self.stop_revision(key, &digits, 0),
            }
        }
    }

    fn wanted(&self, key: &ServiceKey, digits: &str) -> Wanted {
        let Some(run) = self.run(key) else {
            return Wanted::Kept;
        };
        let green = run.target == digits;
        let blue = run.source.as_deref() == Some(digits);
        let cleans = run.stage == Some(LifecycleStage::CleanUp) && self.winner_holds(key);
        match (run.way, green, blue) {
            (Way::Over, ..) => Wanted::Kept,
            (Way::Forward, true, _) if run.stage < Some(LifecycleStage::ScaleUp) => Wanted::Gone,
            (Way::Forward, true, _) => Wanted::Desired,
            (Way::Forward, _, true) if cleans => Wanted::Gone,
            (Way::Back, true, _) if cleans => Wanted::Gone,
            (Way::Back, true, _) => Wanted::Kept,
            (_, _, true) => Wanted::Desired,
            // What an unfinished deployment left goes when it has no traffic any more.
            (Way::Forward, false, false)
                if run.shifted || run.stage > Some(LifecycleStage::ReconcileService) =>
            {
                Wanted::Gone
            }
            (Way::Back, false, false) if cleans => Wanted::Gone,
            (_, false, false) => Wanted::Kept,
        }
    }

    /// Blue can take all of the traffic; where there is none, nothing has to be taken.
    pub(super) fn source_carries(&self, key: &ServiceKey) -> bool {
        let Some(service) = self.ecs.service(key) else {
            return false;
        };
        let source = service.native().and_then(|run| run.source.as_deref());
        source.is_none_or(|digits| self.healthy_of(key, digits) >= service.wanted())
    }

    /// The revision that stays has enough healthy tasks by itself: minimumHealthyPercent holds here, too [INF].
    fn winner_holds(&self, key: &ServiceKey) -> bool {
        let Some(service) = self.ecs.service(key) else {
            return false;
        };
        let Some(run) = service.native() else {
            return false;
        };
        let winner = match run.way {
            Way::Forward => Some(run.target.as_str()),
            Way::Back | Way::Over => run.source.as_deref(),
        };
        winner.is_none_or(|digits| self.healthy_of(key, digits) >= service.lower())
    }

    pub(super) fn healthy_of(&self, key: &ServiceKey, digits: &str) -> usize {
        self.ecs.service(key).map_or(0, |service| {
            let tasks = self.ecs.tasks_of(service);
            let healthy = tasks.filter(|task| task.healthy && task.deployment() == Some(digits));
            healthy.count()
        })
    }

    fn keep_desired(&mut self, key: &ServiceKey, digits: &str) {
        let live = self.live_of(key, digits).len();
        let now_ms = self.now_ms;
        let Some(service) = self.ecs.service_mut(key) else {
            return;
        };
        let wanted = service.wanted();
        let Some(deployment) = service.deployment_mut(digits) else {
            return;
        };
        // Whatever it was owed is counted here.
        deployment.owed = 0;
        let may_start =
            deployment.rollout != Rollout::Failed && deployment.back_off.until_ms <= now_ms;
        let mut missing = wanted.saturating_sub(live);
        if matches!(deployment.digests, Digests::Pending { .. }) {
            // The first task resolves the digests; the others wait for it (A10).
            missing = missing.min(1_usize.saturating_sub(live));
        }
        if live > wanted {
            self.stop_revision(key, digits, wanted);
        } else if may_start && missing > 0 {
            let tasks = self.start_tasks(key, digits, missing);
            if !tasks.is_empty() {
                self.announce(key, Happening::Started { tasks, replaced: 0 });
            }
        }
    }

    /// Stops all but `keep` tasks of a revision; those that are not healthy first, then the youngest.
    fn stop_revision(&mut self, key: &ServiceKey, digits: &str, keep: usize) {
        let mut tasks = self.live_of(key, digits);
        let count = tasks.len().saturating_sub(keep);
        tasks.reverse();
        tasks.sort_by_key(|task| task.healthy);
        tasks.truncate(count);
        self.stop_unprotected(key, tasks.into_iter());
    }
}
