//! One native deployment on its way, as data, and the times at which it wants to be looked at.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::strategy::{Kind, LifecycleStage, Percent, Shift, Strategy};
use super::{HookRun, stages};
use crate::base::agenda::ServiceKey;
use crate::services::ecs::{Service, ServiceLoadBalancer, ServiceStatus};
use crate::{Millis, World};

/// What a service deployment record knows of a native deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// What was configured when it began.
    pub(crate) strategy: Strategy,
    pub(crate) bake_minutes: u32,
    /// A rollback gives the service back those it had before.
    pub(crate) balancers: Vec<ServiceLoadBalancer>,
    pub(crate) way: Way,
    /// Green: digits of the target service revision.
    pub(crate) target: String,
    /// Blue: digits of the revision that had the traffic; a first deployment has none.
    pub(crate) source: Option<String>,
    /// One per load balancer; empty until the listener rules have been looked at.
    pub(crate) routes: Vec<Route>,
    /// The rules are as an unfinished deployment left them: its blue stays blue.
    pub(crate) inherits: bool,
    pub(crate) stage: Option<LifecycleStage>,
    /// The latest stage on the way forward.
    pub(crate) reached: Option<LifecycleStage>,
    /// Which step of production traffic is next or under way.
    pub(crate) step: usize,
    pub(crate) begun_ms: Millis,
    /// When the stage began.
    pub(crate) since_ms: Millis,
    /// When the stage's own work is due.
    pub(crate) ready_ms: Option<Millis>,
    /// The traffic of this stage has been shifted.
    pub(crate) shifted: bool,
    /// Green's share of the production traffic.
    pub(crate) production: Percent,
    /// Green's share of the test traffic.
    pub(crate) test: Percent,
    /// Every hook that ever began, in that order.
    pub(crate) hooks: Vec<HookRun>,
    /// Why it goes back, when a stage is the cause.
    pub(crate) failure: Option<String>,
}

/// Where a native deployment goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Way {
    /// To green.
    Forward,
    /// To blue.
    Back,
    /// Nowhere any more.
    Over,
}

/// The two target groups of one load balancer, by name, and the rules between them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Route {
    pub(crate) blue: Arc<str>,
    pub(crate) green: Arc<str>,
    pub(crate) production_rule: String,
    pub(crate) test_rule: Option<String>,
}

impl Run {
    /// A deployment of the service as it is configured now.
    pub(crate) fn new(
        service: &Service,
        target: String,
        source: Option<String>,
        now_ms: Millis,
    ) -> Self {
        Self {
            strategy: service.traffic.clone(),
            bake_minutes: service.bake_minutes.unwrap_or(0),
            balancers: service.load_balancers.clone(),
            way: Way::Forward,
            target,
            source,
            routes: Vec::new(),
            inherits: false,
            stage: None,
            reached: None,
            step: 0,
            begun_ms: now_ms,
            since_ms: now_ms,
            ready_ms: None,
            shifted: false,
            production: Percent::NONE,
            test: Percent::NONE,
            hooks: Vec::new(),
            failure: None,
        }
    }

    /// A first deployment takes nothing from anyone: one step [INF].
    pub(super) fn steps(&self) -> Vec<Shift> {
        match self.source {
            Some(_) => self.strategy.kind.steps(),
            None => Kind::BlueGreen.steps(),
        }
    }

    /// The step of production traffic that is next or under way.
    pub(super) fn step(&self) -> Shift {
        let all = Shift {
            percent: Percent::ALL,
            bake_minutes: 0,
        };
        self.steps().get(self.step).copied().unwrap_or(all)
    }

    pub(super) fn is_last_step(&self) -> bool {
        self.step + 1 >= self.steps().len()
    }

    /// Test and production traffic of a service revision, in percent (B6 [MODEL]).
    pub(crate) fn traffic(&self, digits: &str) -> (Percent, Percent) {
        let tested = self.routes.iter().any(|route| route.test_rule.is_some());
        if digits == self.target {
            return (self.test, self.production);
        }
        if Some(digits) != self.source.as_deref() {
            return (Percent::NONE, Percent::NONE);
        }
        let test = if tested && self.reached >= Some(LifecycleStage::TestTrafficShift) {
            self.test.rest()
        } else {
            Percent::NONE
        };
        (test, self.production.rest())
    }

    /// Deployments that are neither blue nor green: an unfinished one left them (B8: RECONCILE_SERVICE).
    pub(super) fn others<'a>(&'a self, service: &'a Service) -> impl Iterator<Item = &'a str> {
        let digits = service
            .deployments
            .iter()
            .map(|deployment| deployment.digits.as_str());
        digits.filter(|digits| *digits != self.target && Some(*digits) != self.source.as_deref())
    }

    /// The hooks of the stage that is under way.
    pub(super) fn open_hooks(&self) -> impl Iterator<Item = &HookRun> {
        self.hooks.iter().filter(|hook| hook.status.is_open())
    }
}

/// Whether the service's running deployment is a native one: then the rolling scheduler keeps its hands off.
pub(crate) fn governs(service: &Service) -> bool {
    service.status == ServiceStatus::Active
        && service
            .native()
            .is_some_and(|run| run.way != Way::Over && run.strategy.kind.is_native())
}

/// When a native deployment has to be looked at again.
pub(crate) fn wakes(service: &Service) -> Vec<Millis> {
    let is_active = service.status == ServiceStatus::Active;
    let Some(run) = service
        .native()
        .filter(|run| is_active && run.way != Way::Over)
    else {
        return Vec::new();
    };
    let mut wakes: Vec<Millis> = Vec::new();
    if governs(service) {
        wakes.extend(run.ready_ms);
        wakes.extend(stages::limits(run));
    }
    for hook in run.open_hooks() {
        wakes.push(hook.expires_ms);
        wakes.extend(hook.due_ms);
    }
    wakes
}

impl Service {
    /// The native deployment that the PRIMARY deployment's record tells of.
    pub(crate) fn native(&self) -> Option<&Run> {
        let id = &self.primary()?.record;
        let record = self.records.iter().rev().find(|record| record.id == *id)?;
        record.native.as_deref()
    }

    pub(super) fn native_mut(&mut self) -> Option<&mut Run> {
        self.current_record_mut()?.native.as_deref_mut()
    }
}

impl World {
    pub(super) fn run(&self, key: &ServiceKey) -> Option<&Run> {
        self.ecs.service(key)?.native()
    }

    pub(super) fn run_mut(&mut self, key: &ServiceKey) -> Option<&mut Run> {
        self.ecs.service_mut(key)?.native_mut()
    }
}
