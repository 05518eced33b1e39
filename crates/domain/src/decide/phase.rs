//! Where a deployment stands: the first step of its plan that is not done, or a part of the way back.

use super::back::{Back, back};
use super::data;
use super::serving::lets_others_begin;
use crate::ServiceName;
use crate::app::Compatibility;
use crate::journal::{Act, Job, Side};
use crate::observation::JobState;
use crate::plan::{Change, Plan, Step, What};
use crate::progress::Progress;
use crate::verdict::Component;

/// Where a deployment stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// At this step.
    Step(What),
    /// Nothing is left to do.
    Live,
    /// On the way back.
    Back(Back),
}

/// Where the deployment stands.
#[must_use]
pub fn phase(plan: &Plan, progress: &Progress) -> Phase {
    if progress.turned_back().is_some() {
        return Phase::Back(back(plan, progress));
    }
    let open = |step: &&Step| step.is_taken() && !is_done(plan, progress, &step.what);
    match plan.steps().iter().find(open) {
        Some(step) => Phase::Step(step.what.clone()),
        None => Phase::Live,
    }
}

fn is_done(plan: &Plan, progress: &Progress, what: &What) -> bool {
    let proven = |component: &Component| progress.proven(Side::New, component);
    match what {
        What::Anchor => progress.anchored().is_some(),
        What::ForgetAnchors => progress.done(&Act::ForgetAnchors) || progress.anchors_stay(),
        What::Register(_) | What::Assets => {
            let acts = acts_of(plan, what);
            acts.iter().all(|act| progress.done(act))
        }
        What::Migrate => is_migrated(plan, progress),
        What::Services(wave) => wave.iter().all(|name| {
            let service = plan.services.get(name);
            proven(&Component::Service(name.clone()))
                || nothing_to_prove(plan, progress, name)
                || service.is_some_and(|service| lets_others_begin(progress, service))
        }),
        What::Checks => progress.checks_passed(),
        What::Schedules(jobs) => {
            let mut jobs = jobs.iter();
            jobs.all(|name| proven(&Component::Job(name.clone())))
        }
        What::Frontend => {
            let mut frontends = plan.frontends.keys();
            frontends.all(|name| proven(&Component::Frontend(name.clone())))
        }
        What::Retire(leaving) => leaving.iter().all(|name| progress.retired(name)),
        What::Bake => progress.bake_ended(),
        What::Record => progress.done(&Act::RecordRelease),
    }
}

/// What a step does that users cannot notice: acts that may be repeated, and are done all at once.
pub(crate) fn acts_of(plan: &Plan, what: &What) -> Vec<Act> {
    match what {
        What::Register(components) => components
            .iter()
            .cloned()
            .map(|component| Act::Register { component })
            .collect(),
        What::Assets => plan
            .uploads()
            .map(|(name, _)| Act::PublishAssets {
                frontend: name.clone(),
            })
            .collect(),
        What::Record => vec![Act::RecordRelease],
        What::Anchor
        | What::ForgetAnchors
        | What::Migrate
        | What::Services(_)
        | What::Checks
        | What::Schedules(_)
        | What::Frontend
        | What::Retire(_)
        | What::Bake => Vec::new(),
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

/// The next task on the database: down; or up, after the revision was read where a way down may need it, or where there may be
/// nothing to do; or the revision again; or a question to the data.
pub(crate) fn next_job(plan: &Plan, progress: &Progress) -> Job {
    if plan.migrates_down().is_some() {
        return Job::Down;
    }
    let Some(migration) = plan.migrates() else {
        return Job::Up;
    };
    let open = |job: Job| progress.job_end(job).is_none();
    let reads = migration.current_command.is_some();
    let breaking = migration.compatibility == Compatibility::Breaking;
    if reads && (breaking || data::may_be_at_head(migration)) && open(Job::RevisionBefore) {
        return Job::RevisionBefore;
    }
    let proven = progress.proven(Side::New, &Component::Migration);
    let up = progress.job_end(Job::Up).map(|end| &end.state);
    match (proven, up) {
        (true, _) => Job::RevisionAfter,
        // The data is asked on a schema of which it is known where it is.
        (false, Some(JobState::Exited(0))) if !migration.checks.is_empty() => {
            let read = (reads && open(Job::RevisionAfter)).then_some(Job::RevisionAfter);
            read.or_else(|| data::open(plan, progress))
                .unwrap_or(Job::Up)
        }
        (false, _) => Job::Up,
    }
}

/// The revision after a migration is asked for wherever that is possible, so that later plans know whether anything changed: now, unless
/// nothing here goes by it.
fn is_migrated(plan: &Plan, progress: &Progress) -> bool {
    let proven = progress.proven(Side::New, &Component::Migration);
    let asks = plan
        .migrates()
        .is_some_and(|migration| migration.current_command.is_some());
    let read = !asks || progress.job_end(Job::RevisionAfter).is_some();
    proven && (read || plan.reads_while_watching() || data::is_at_head(plan, progress))
}
