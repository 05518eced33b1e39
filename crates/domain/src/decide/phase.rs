//! Where a deployment stands in the order of `design.md`: the first part of it that is not complete.

use crate::ServiceName;
use crate::app::Compatibility;
use crate::journal::{Act, Job, Side, Stuck};
use crate::plan::{Change, Direction, MigrationPlan, Plan};
use crate::progress::Progress;
use crate::rollback::{SchemaReturn, schema_return};
use crate::verdict::Component;

/// The first incomplete part of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Register task definitions, publish assets.
    Prepare,
    /// A task on the database.
    Migrate(Job),
    /// Services of this wave.
    Wave(usize),
    /// Smoke checks.
    Checks,
    /// The frontend's pointer, the CDN, the edge.
    Frontend,
    /// Services that leave.
    Retire,
    /// Watch, then prove everything once more.
    Bake,
    /// The ledger.
    Record,
    /// Nothing is left to do.
    Live,
    /// On the way back.
    Back(Back),
}

/// The first incomplete part of a rollback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Back {
    /// A human is needed before anything is taken back.
    Halt(Stuck),
    /// The frontend's pointer, the CDN, the edge.
    Frontend,
    /// A task on the database.
    Schema(Job),
    /// These services, of one wave.
    Services(Vec<ServiceName>),
    /// Nothing is left to do.
    Done,
}

/// Where the deployment stands.
#[must_use]
pub fn phase(plan: &Plan, progress: &Progress) -> Phase {
    if progress.turned_back().is_some() {
        return Phase::Back(back(plan, progress));
    }
    if !preparations(plan).iter().all(|act| progress.done(act)) {
        return Phase::Prepare;
    }
    let pointed = plan.frontend.is_none() || progress.proven(Side::New, &Component::Frontend);
    if plan.direction == Direction::Backward && !pointed {
        return Phase::Frontend;
    }
    if let Some(job) = forward_job(plan, progress) {
        return Phase::Migrate(job);
    }
    let settled = |name: &ServiceName| {
        progress.proven(Side::New, &Component::Service(name.clone()))
            || nothing_to_prove(plan, progress, name)
    };
    if let Some(wave) = plan.waves.iter().position(|wave| !wave.iter().all(settled)) {
        return Phase::Wave(wave);
    }
    if !plan.checks.is_empty() && !progress.checks_passed() {
        return Phase::Checks;
    }
    if !pointed {
        return Phase::Frontend;
    }
    if !plan.retired().all(|name| progress.retired(name)) {
        return Phase::Retire;
    }
    match (progress.bake_ended(), progress.done(&Act::RecordRelease)) {
        (false, _) => Phase::Bake,
        (true, false) => Phase::Record,
        (true, true) => Phase::Live,
    }
}

/// A service that keeps zero desired tasks is rolled out but has nothing to prove (trap 10).
pub(super) fn nothing_to_prove(plan: &Plan, progress: &Progress, name: &ServiceName) -> bool {
    plan.services
        .get(name)
        .is_some_and(|service| match service.change {
            Change::Unchanged => service.before.desired == 0,
            Change::Update => {
                service.before.desired == 0 && progress.rollout_ended(name, Side::New).is_some()
            }
            Change::Start | Change::Retire => false,
        })
}

/// What is done before anything that users could notice.
pub(crate) fn preparations(plan: &Plan) -> Vec<Act> {
    let mut acts = Vec::new();
    if plan.migrates().is_some() || plan.migrates_down().is_some() {
        acts.push(Act::Register {
            component: Component::Migration,
        });
    }
    for (name, service) in &plan.services {
        match service.change {
            Change::Update | Change::Start => {
                acts.push(Act::Register {
                    component: Component::Service(name.clone()),
                });
            }
            Change::Unchanged | Change::Retire => {}
        }
    }
    if plan.uploads().is_some() {
        acts.push(Act::PublishAssets);
    }
    acts
}

fn forward_job(plan: &Plan, progress: &Progress) -> Option<Job> {
    if plan.migrates_down().is_some() {
        let ended = progress.proven(Side::New, &Component::Migration);
        return (!ended).then_some(Job::Down);
    }
    next_job(plan.migrates()?, progress)
}

/// The revision before is read only where a way down may need it.
fn next_job(migration: &MigrationPlan, progress: &Progress) -> Option<Job> {
    let reads =
        migration.compatibility == Compatibility::Breaking && migration.current_command.is_some();
    if reads && progress.job_end(Job::RevisionBefore).is_none() {
        return Some(Job::RevisionBefore);
    }
    let ended = progress.proven(Side::New, &Component::Migration);
    (!ended).then_some(Job::Up)
}

/// The rollback's order: pointer, schema where it must, services in reverse waves.
fn back(plan: &Plan, progress: &Progress) -> Back {
    let schema = match schema_return(plan, progress) {
        SchemaReturn::Stays => None,
        SchemaReturn::Needs(job) => Some(job),
        SchemaReturn::Halt(stuck) => return Back::Halt(stuck),
    };
    let pointed = progress.may_have_done(&Act::Point { side: Side::New });
    if pointed && !progress.proven(Side::Old, &Component::Frontend) {
        return Back::Frontend;
    }
    if let Some(job) = schema {
        return Back::Schema(job);
    }
    let retired: Vec<ServiceName> = plan.retired().cloned().collect();
    let waves = plan.waves.iter().chain(std::iter::once(&retired)).rev();
    for wave in waves {
        let open: Vec<ServiceName> = wave
            .iter()
            .filter(|name| !returned(plan, progress, name))
            .cloned()
            .collect();
        if !open.is_empty() {
            return Back::Services(open);
        }
    }
    let published = plan
        .frontend
        .as_ref()
        .is_some_and(|frontend| !frontend.before.is_empty());
    if published && !progress.proven(Side::Old, &Component::Frontend) {
        return Back::Frontend;
    }
    Back::Done
}

fn returned(plan: &Plan, progress: &Progress, name: &ServiceName) -> bool {
    let untouched = !progress.may_have_done(&Act::RollOut {
        service: name.clone(),
        side: Side::New,
    });
    let never_ran = plan
        .services
        .get(name)
        .is_some_and(|s| s.before.returns_to() == 0);
    progress.proven(Side::Old, &Component::Service(name.clone()))
        || progress.cannot_return().contains_key(name)
        || progress.left_alone().contains_key(name)
        || (never_ran && (untouched || progress.rollout_ended(name, Side::Old).is_some()))
}
