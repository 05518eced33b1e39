//! Every step of a deployment with nothing left to choose; refusing is a value with a reason.

mod assemble;
mod database;
mod earlier;
mod frontend;
mod hints;
mod job;
mod migration;
mod refusal;
mod service;
mod steps;
mod warning;
mod way_back;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use assemble::plan;
pub use earlier::{Earlier, plan_back, returned_to};
pub use frontend::{
    Forget, FrontendChange, FrontendPlan, LARGEST_FILE_BYTES, Settled, doubts as frontend_doubts,
    of_another,
};
pub use migration::SchemaRisk;
pub use refusal::{Refusal, Refusals};
pub use service::drifted;
pub(crate) use service::{Terms, USUAL_TIMEOUT, service_before, service_plan};
pub use steps::{Skipped, Step, What};
pub use warning::Warning;
pub use way_back::WayBack;

use crate::act::Side;
use crate::anchor::Anchor;
use crate::app::{
    Awaited, Capacity, Check, Compatibility, DataCheck, Policy, ServiceLocator, TaskNetwork,
    WayDown,
};
use crate::definition::Definition;
use crate::ports::Renewal;
use crate::registered::Revisions;
use crate::release::{Origin, Release, ResolvedImage};
use crate::scheduled::{JobChange, JobPlan};
use crate::schema::{Applied, Revision, Undone};
use crate::survey::{Balanced, Breaker, History, Judges};
use crate::traffic::{Shift, Strategy};
use crate::verdict::Component;
use crate::{
    DefinitionRef, DeploymentId, FrontendName, JobName, ReleaseId, RolloutHandle, ServiceName,
    Version,
};

/// A whole deployment, decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The deployment this is the plan of.
    pub deployment: DeploymentId,
    /// Where it goes.
    pub release: Release,
    /// Whether that is a new release or an earlier one.
    #[serde(default)]
    pub direction: Direction,
    /// The release that was proven here before, as recorded.
    pub before: Option<Before>,
    /// Every service of either release.
    pub services: BTreeMap<ServiceName, ServicePlan>,
    /// What is known of the revisions of its task definitions, so that none is registered twice.
    #[serde(default)]
    pub revisions: Revisions,
    /// Those of them that tasks could be started from when it was planned.
    #[serde(default)]
    pub startable: BTreeSet<DefinitionRef>,
    /// The order of the services that run in the new release.
    pub waves: Vec<Vec<ServiceName>>,
    /// What happens to the database.
    pub migration: Option<MigrationPlan>,
    /// What happens to the frontends.
    #[serde(flatten, with = "crate::frontends::written")]
    pub frontends: BTreeMap<FrontendName, FrontendPlan>,
    /// What happens to the scheduled jobs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub jobs: BTreeMap<JobName, JobPlan>,
    /// Smoke checks after the services are proven.
    pub checks: Vec<Check>,
    /// What the environment allows.
    pub policy: Policy,
    /// How far it can be taken back.
    pub way_back: WayBack,
    /// What people should know before they say yes.
    pub warnings: Vec<Warning>,
    /// Everything that is done, in its order; empty in journals of before it was kept: see [`Plan::steps`].
    #[serde(default)]
    pub steps: Vec<Step>,
}

/// Whether a deployment goes to a new release or to an earlier one: that decides its order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Schema up, services, then the frontend's pointer.
    #[default]
    Forward,
    /// The frontend's pointer, schema down where it must, then services in reverse: visitors' pages never are newer than
    /// the services behind them (trap 37).
    Backward,
}

/// The recorded release before this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// Its id.
    pub id: ReleaseId,
    /// Its version.
    pub version: Version,
    /// Whether anybody assembled it.
    #[serde(default, skip_serializing_if = "Origin::is_assembled")]
    pub origin: Origin,
}

/// What happens to one service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServicePlan {
    /// How the cloud finds it.
    pub locator: ServiceLocator,
    /// The change.
    pub change: Change,
    /// What it will run; nothing when it is retired.
    pub target: Option<ServiceTarget>,
    /// What it runs now: where a rollback returns to.
    pub before: ServiceBefore,
    /// How long its rollout may take.
    pub timeout: Duration,
    /// A request that the new version must answer.
    pub probe: Option<Check>,
    /// What those that depend on it wait for.
    #[serde(default)]
    pub awaited: Awaited,
}

/// The change to one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Nothing: it already runs this definition.
    Unchanged,
    /// A rolling deployment.
    Update,
    /// It has no tasks yet and is started.
    Start,
    /// It is not part of the release and is scaled to zero.
    Retire,
}

/// What a service will run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceTarget {
    /// Its task definition.
    pub definition: Definition,
    /// Its image.
    pub image: ResolvedImage,
    /// The desired count to set, only when it is started from zero.
    pub desired: Option<u32>,
    /// Whether it is rolled out even if it runs that very definition: that rollout failed.
    #[serde(default)]
    pub renewal: Renewal,
    /// The version that its tasks answer, where it is not the release's: an earlier release's service may come from one
    /// that is earlier still.
    #[serde(default)]
    pub version: Option<Version>,
}

/// What a service runs now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceBefore {
    /// Its task definition revision.
    pub definition: DefinitionRef,
    /// What was sent for that revision; where nobody knows, what was read, without what the cloud added.
    pub document: Definition,
    /// The version that its tasks answer, where it is known.
    #[serde(default)]
    pub version: Option<Version>,
    /// Its newest rollout.
    pub rollout: RolloutHandle,
    /// Desired number of tasks.
    pub desired: u32,
    /// Whether a rollout of it ever completed.
    pub history: History,
    /// The cloud's own failure detector.
    pub breaker: Breaker,
    /// Whether a load balancer checks its tasks; journals of before that was kept say so of every service.
    #[serde(default)]
    pub balanced: Balanced,
    /// Who else judges its rollouts.
    #[serde(default)]
    pub judges: Judges,
    /// How its traffic moves to a new rollout.
    #[serde(default)]
    pub strategy: Strategy,
}

/// What happens to the database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MigrationPlan {
    /// Whether it runs.
    pub change: MigrationChange,
    /// The cluster its task runs on.
    pub cluster: String,
    /// Its task definition.
    pub definition: Definition,
    /// Its image.
    pub image: ResolvedImage,
    /// The container whose exit code decides.
    pub container: String,
    /// Up.
    pub command: Vec<String>,
    /// Reports the present revision.
    pub current_command: Option<Vec<String>>,
    /// Down.
    pub down_command: Option<Vec<String>>,
    /// What `down_command` calls the empty database.
    #[serde(default)]
    pub empty_revision: Option<String>,
    /// The revision that the database was on when it was last known.
    #[serde(default)]
    pub known_revision: Option<Revision>,
    /// The revisions that it applies, in order, where their files were read and the database's revision is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies: Option<Vec<Applied>>,
    /// The first migration up that going down undoes, where it is another deployment's.
    #[serde(default)]
    pub undoes: Option<Undone>,
    /// The release whose migration keeps the code that is recorded as live from running on the schema as it is: once anything
    /// of it is changed, it cannot be returned to.
    #[serde(default)]
    pub undeclared: Option<Version>,
    /// Whether the code that runs now runs on the new schema: as declared, unless the schema is ahead of that code already.
    pub compatibility: Compatibility,
    /// Whether it can be undone.
    pub way_down: WayDown,
    /// How long it may take.
    pub timeout: Duration,
    /// Its task's network.
    pub network: TaskNetwork,
    /// On what its task runs.
    #[serde(default)]
    pub capacity: Capacity,
    /// Whether a human answers for code on a schema that it is not declared for.
    #[serde(default)]
    pub schema_risk: SchemaRisk,
    /// What the database can be brought back to, made before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Anchor>,
    /// What the data is asked after it, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<DataCheck>,
    /// The last revision of its files, where they were read and there is one: a database that is on it has nothing to migrate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Revision>,
}

/// Whether a migration runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MigrationChange {
    /// It runs.
    Run,
    /// The schema is what this very migration made of it, or the release runs on the schema as it is.
    Unchanged,
    /// It is taken back, to this revision.
    Down(Revision),
}

impl ServiceBefore {
    /// How many tasks a rollback leaves: a service that never completed a rollout has nothing to return to but zero
    /// tasks (trap 8).
    #[must_use]
    pub fn returns_to(&self) -> u32 {
        match self.history {
            History::Completed => self.desired,
            History::Never => 0,
        }
    }
}

impl ServicePlan {
    /// The version that its tasks answer when it is on this release.
    #[must_use]
    pub fn answers<'p>(&'p self, release: &'p Release) -> &'p Version {
        let target = self.target.as_ref();
        let earlier = target.and_then(|target| target.version.as_ref());
        earlier.unwrap_or(&release.version)
    }

    /// Whether nobody looks at its tasks on one side: neither a load balancer nor a health check of a container. The cloud calls
    /// such a task healthy when it has run for 40 s, whatever it does then.
    #[must_use]
    pub fn is_unchecked(&self, side: Side) -> bool {
        self.before.balanced == Balanced::No && !self.definition(side).has_health_check()
    }

    /// What its tasks are made of on one side.
    #[must_use]
    pub fn definition(&self, side: Side) -> &Definition {
        let target = self.target.as_ref().filter(|_| side == Side::New);
        target.map_or(&self.before.document, |target| &target.definition)
    }

    /// How long its rollout may take that stands there: what is configured to bake, bakes once its tasks get requests. Where nobody sees
    /// how far it is, it may bake.
    #[must_use]
    pub fn limit(&self, shift: Option<&Shift>) -> Duration {
        match shift {
            Some(shift) if !shift.has_begun() => self.timeout,
            Some(_) | None => self.timeout + self.before.strategy.bakes(),
        }
    }

    /// Whether a rollback scales it to zero: this deployment started it, or no rollout of it ever completed. There is
    /// nothing to prove then but that its tasks are gone.
    #[must_use]
    pub fn returns_to_zero(&self) -> bool {
        self.change == Change::Start || self.before.history == History::Never
    }
}

impl Plan {
    /// Everything that is done, in its order. Made once, with the plan.
    #[must_use]
    pub fn steps(&self) -> Cow<'_, [Step]> {
        match self.steps.as_slice() {
            [] => Cow::Owned(steps::steps(self)),
            made => Cow::Borrowed(made),
        }
    }

    /// With its order made.
    pub(crate) fn ordered(mut self) -> Self {
        self.steps = steps::steps(&self);
        self
    }

    /// The recorded revision that is used again for a definition, rather than registering one.
    #[must_use]
    pub fn reuses(&self, definition: &Definition) -> Option<&DefinitionRef> {
        let mut known = self.revisions.of(definition);
        known.find(|revision| self.startable.contains(*revision))
    }

    /// The task definition that a component runs in the release.
    #[must_use]
    pub fn definition_of(&self, component: &Component) -> Option<&Definition> {
        match component {
            Component::Migration => self.migration.as_ref().map(|m| &m.definition),
            Component::Service(name) => {
                let target = self.services.get(name)?.target.as_ref();
                target.map(|target| &target.definition)
            }
            Component::Job(name) => self.jobs.get(name).map(|job| &job.definition),
            Component::Frontend(_) => None,
        }
    }

    /// Whether there is nothing to do. A return is something even where nothing differs: the release that only added files is
    /// live no more, and has to be recorded so.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let before = self.before.as_ref();
        let leaves = before.is_some_and(|before| before.id != self.release.id);
        let returns = leaves && self.direction == Direction::Backward;
        !returns && self.changes_nothing()
    }

    fn changes_nothing(&self) -> bool {
        let migration = self.migration.as_ref();
        let mut frontends = self.frontends.values();
        let mut services = self.services.values();
        services.all(|one| one.change == Change::Unchanged)
            && migration.is_none_or(|one| one.change == MigrationChange::Unchanged)
            && frontends.all(|one| one.change == FrontendChange::Unchanged)
            && self
                .jobs
                .values()
                .all(|job| job.change == JobChange::Unchanged)
    }

    /// Everything that witnesses speak of.
    #[must_use]
    pub fn parts(&self) -> BTreeSet<Component> {
        let services = self.services.keys().cloned().map(Component::Service);
        let frontends = self.frontends.keys().cloned().map(Component::Frontend);
        let jobs = self.jobs.keys().cloned().map(Component::Job);
        services.chain(frontends).chain(jobs).collect()
    }

    /// The services that leave with this release.
    pub fn retired(&self) -> impl Iterator<Item = &ServiceName> {
        self.services
            .iter()
            .filter(|(_, service)| service.change == Change::Retire)
            .map(|(name, _)| name)
    }
}
