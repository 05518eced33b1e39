//! What each stage does by itself, apart from its hooks (B8 [DOC]).

use super::run::Way;
use super::strategy::{LifecycleStage, Percent};
use crate::base::agenda::ServiceKey;
use crate::base::timings::{CLEAN_UP, Knob, SCALED_UP, STAGE};
use crate::services::ecs::TaskStatus;
use crate::{Millis, World};

impl World {
    /// Does the work of the stage that is due now. `true`: it is done.
    pub(super) fn work(&mut self, key: &ServiceKey, stage: LifecycleStage) -> bool {
        match stage {
            LifecycleStage::PreScaleUp
            | LifecycleStage::PostScaleUp
            | LifecycleStage::PostTestTrafficShift
            | LifecycleStage::PreProductionTrafficShift
            | LifecycleStage::PostProductionTrafficShift
            | LifecycleStage::BakeTime => self.is_ready(key),
            LifecycleStage::ReconcileService => self.reconcile(key),
            // Green comes to 100 % before it gets any traffic, also with CANARY (B8 [DOC]).
            LifecycleStage::ScaleUp => {
                let scaled = self.green_is_up(key);
                self.lasts(key, scaled, SCALED_UP)
            }
            LifecycleStage::TestTrafficShift => {
                let percent = match self.run(key).map(|run| run.way) {
                    Some(Way::Forward) => Percent::ALL,
                    Some(Way::Back | Way::Over) | None => Percent::NONE,
                };
                let shifts = self.is_ready(key) && self.shifts_once(key);
                if shifts {
                    self.shift_test(key, percent);
                }
                self.run(key).is_some_and(|run| run.shifted)
            }
            LifecycleStage::ProductionTrafficShift => self.shift_step(key),
            LifecycleStage::CleanUp => {
                let gone = self.is_gone(key);
                self.lasts(key, gone, CLEAN_UP)
            }
        }
    }

    /// One step of production traffic and its bake; on the way back, all of it at once.
    fn shift_step(&mut self, key: &ServiceKey) -> bool {
        if !self.is_ready(key) {
            return false;
        }
        let now_ms = self.now_ms;
        let first = self.shifts_once(key);
        let Some(run) = self.run_mut(key) else {
            return false;
        };
        let forward = run.way == Way::Forward;
        let step = run.step();
        if first {
            let bake_ms = if forward { step.bake_ms() } else { 0 };
            // Until then the stage stays what it is [INF].
            run.ready_ms = Some(now_ms + bake_ms);
            let percent = if forward { step.percent } else { Percent::NONE };
            self.shift_production(key, percent);
        }
        self.is_ready(key)
    }

    /// Back to one revision: all traffic to the source, everything else stops (B8 [DOC], how it does so [INF]).
    fn reconcile(&mut self, key: &ServiceKey) -> bool {
        let Some(service) = self.ecs.service(key) else {
            return false;
        };
        let Some(run) = service.native() else {
            return false;
        };
        let others: Vec<String> = run.others(service).map(str::to_owned).collect();
        let first_deployment = run.source.is_none();
        if self.source_carries(key) && self.shifts_once(key) && !first_deployment {
            self.shift_production(key, Percent::NONE);
            self.shift_test(key, Percent::NONE);
        }
        let gone = others.iter().all(|digits| self.has_left(key, digits));
        if gone && let Some(service) = self.ecs.service_mut(key) {
            service
                .deployments
                .retain(|deployment| !others.contains(&deployment.digits));
        }
        self.lasts(key, gone, STAGE)
    }

    fn is_ready(&self, key: &ServiceKey) -> bool {
        self.run(key)
            .and_then(|run| run.ready_ms)
            .is_some_and(|ready_ms| ready_ms <= self.now_ms)
    }

    /// `true` the first time in a stage.
    fn shifts_once(&mut self, key: &ServiceKey) -> bool {
        self.run_mut(key)
            .is_some_and(|run| !std::mem::replace(&mut run.shifted, true))
    }

    /// What holds has to hold for a moment: a crash loop must not be caught between two crashes.
    fn lasts(&mut self, key: &ServiceKey, holds: bool, knob: Knob) -> bool {
        let lasts_ms: Millis = knob.draw(self.weather, &mut self.random);
        let now_ms = self.now_ms;
        let Some(run) = self.run_mut(key) else {
            return false;
        };
        if !holds {
            run.ready_ms = None;
            return false;
        }
        *run.ready_ms.get_or_insert(now_ms + lasts_ms) <= now_ms
    }

    fn green_is_up(&self, key: &ServiceKey) -> bool {
        let Some(service) = self.ecs.service(key) else {
            return false;
        };
        let green = service.native().map(|run| run.target.as_str());
        green.is_some_and(|digits| self.healthy_of(key, digits) >= service.wanted())
    }

    /// Only the revision that stays has tasks that could serve or hold a target.
    fn is_gone(&self, key: &ServiceKey) -> bool {
        let Some(service) = self.ecs.service(key) else {
            return false;
        };
        let Some(run) = service.native() else {
            return false;
        };
        let stays = match run.way {
            Way::Forward => Some(&run.target),
            Way::Back | Way::Over => run.source.as_ref(),
        };
        let mut losers = service
            .deployments
            .iter()
            .map(|deployment| &deployment.digits)
            .filter(|digits| Some(*digits) != stays);
        losers.all(|digits| self.has_left(key, digits))
    }

    fn has_left(&self, key: &ServiceKey, digits: &str) -> bool {
        let Some(service) = self.ecs.service(key) else {
            return true;
        };
        self.ecs
            .tasks_of(service)
            .filter(|task| task.deployment() == Some(digits))
            .all(|task| task.status >= TaskStatus::Deprovisioning)
    }
}
