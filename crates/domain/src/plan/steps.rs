//! The order of a deployment: the only place that has it. `plan` prints it, `phase` is the first step that is not done,
//! `watch` looks for what that step needs.

use serde::{Deserialize, Serialize};

use super::{Change, Direction, MigrationChange, Plan};
use crate::verdict::Component;
use crate::{JobName, ServiceName};

/// One entry of a plan, in the order in which it is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What is done.
    pub what: What,
    /// Why it is not taken; none when it is.
    #[serde(default)]
    pub skipped: Option<Skipped>,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// What the database can be brought back to is made.
    Anchor,
    /// Task definitions are registered: of these.
    Register(Vec<Component>),
    /// The frontends' files are uploaded; visitors notice nothing.
    Assets,
    /// The database is migrated, up or down.
    Migrate,
    /// These services are rolled out and proven, all at once.
    Services(Vec<ServiceName>),
    /// Smoke checks are asked.
    Checks,
    /// What starts these scheduled jobs starts their revisions of the release, and that is proven.
    Schedules(Vec<JobName>),
    /// Visitors get the release's frontends, all at once, and each is proven.
    Frontend,
    /// These services leave: they are scaled to zero.
    Retire(Vec<ServiceName>),
    /// The release is watched, then every service is proven once more.
    Bake,
    /// The release is recorded as the one to return to.
    Record,
    /// Earlier anchors are removed that are older than they are kept.
    ForgetAnchors,
}

/// Why a step is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Skipped {
    /// See the message.
    #[error("nothing is new: every task definition is registered")]
    NothingToRegister,
    /// See the message.
    #[error("the files are there already")]
    NothingToUpload,
    /// See the message.
    #[error("this very migration ran already")]
    Migrated,
    /// See the message.
    #[error("the release runs on the schema as it is")]
    SchemaStays,
    /// See the message.
    #[error("none is configured")]
    NoChecks,
}

impl Step {
    /// Whether it is taken.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        self.skipped.is_none()
    }
}

/// The steps of a plan, from its parts.
pub(super) fn steps(plan: &Plan) -> Vec<Step> {
    let anchor = plan.anchors().map(|_| taken(What::Anchor));
    let mut steps: Vec<Step> = anchor.into_iter().chain([register(plan)]).collect();
    steps.extend(assets(plan));
    // Backward the pointer goes first: visitors' pages never are newer than the services behind them (trap 37).
    let pointers = (!plan.frontends.is_empty()).then(|| taken(What::Frontend));
    let (first, last) = match plan.direction {
        Direction::Backward => (pointers, None),
        Direction::Forward => (None, pointers),
    };
    steps.extend(first);
    // A job of a later release does not start on the schema of an earlier one, nor before its release is proven.
    let jobs = schedules(plan);
    let (jobs_first, jobs_last) = match plan.direction {
        Direction::Backward => (jobs, None),
        Direction::Forward => (None, jobs),
    };
    steps.extend(jobs_first);
    steps.extend(migrate(plan));
    steps.extend(
        plan.waves
            .iter()
            .cloned()
            .map(|wave| taken(What::Services(wave))),
    );
    let none = plan.checks.is_empty();
    steps.push(Step {
        what: What::Checks,
        skipped: none.then_some(Skipped::NoChecks),
    });
    steps.extend(jobs_last);
    steps.extend(last);
    let leaving: Vec<ServiceName> = plan.retired().cloned().collect();
    if !leaving.is_empty() {
        steps.push(taken(What::Retire(leaving)));
    }
    steps.extend([taken(What::Bake), taken(What::Record)]);
    steps.extend(plan.outlives().map(|_| taken(What::ForgetAnchors)));
    steps
}

fn taken(what: What) -> Step {
    Step {
        what,
        skipped: None,
    }
}

fn register(plan: &Plan) -> Step {
    let migration = plan.migrates().is_some() || plan.migrates_down().is_some();
    let services = plan.services.iter().filter_map(|(name, service)| {
        let new = match service.change {
            Change::Update | Change::Start => true,
            Change::Unchanged | Change::Retire => false,
        };
        new.then(|| Component::Service(name.clone()))
    });
    let jobs = plan.jobs.iter().filter(|(_, job)| job.registers());
    let jobs = jobs.map(|(name, _)| Component::Job(name.clone()));
    let components: Vec<Component> = migration
        .then_some(Component::Migration)
        .into_iter()
        .chain(services)
        .chain(jobs)
        .collect();
    Step {
        skipped: components.is_empty().then_some(Skipped::NothingToRegister),
        what: What::Register(components),
    }
}

fn assets(plan: &Plan) -> Option<Step> {
    let idle = plan.uploads().next().is_none();
    let what = What::Assets;
    let skipped = idle.then_some(Skipped::NothingToUpload);
    (!plan.frontends.is_empty()).then_some(Step { what, skipped })
}

fn migrate(plan: &Plan) -> Option<Step> {
    let skipped = match (&plan.migration.as_ref()?.change, plan.direction) {
        (MigrationChange::Run | MigrationChange::Down(_), _) => None,
        (MigrationChange::Unchanged, Direction::Forward) => Some(Skipped::Migrated),
        (MigrationChange::Unchanged, Direction::Backward) => Some(Skipped::SchemaStays),
    };
    let what = What::Migrate;
    Some(Step { what, skipped })
}

/// The jobs that somebody starts; those that only people start have nothing to be moved.
fn schedules(plan: &Plan) -> Option<Step> {
    let jobs = plan.jobs.iter().filter(|(_, job)| job.trigger.is_some());
    let jobs: Vec<JobName> = jobs.map(|(name, _)| name.clone()).collect();
    (!jobs.is_empty()).then(|| taken(What::Schedules(jobs)))
}
