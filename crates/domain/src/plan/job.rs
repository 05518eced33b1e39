//! What happens to scheduled jobs.

use std::collections::{BTreeMap, BTreeSet};

use super::{Refusal, Warning};
use crate::definition::Definition;
use crate::release::Release;
use crate::scheduled::{JobChange, JobPlan, JobRelease, LiveJob, Started, Trigger};
use crate::survey::{Activity, Survey};
use crate::{DefinitionRef, JobName};

/// The plans of a release's jobs, and what is to be said of them.
pub(super) struct Jobs {
    pub(super) jobs: BTreeMap<JobName, JobPlan>,
    pub(super) warnings: Vec<Warning>,
    pub(super) refusals: Vec<Refusal>,
}

/// Plans what becomes of every job of `release`.
pub(super) fn jobs(release: &Release, survey: &Survey) -> Jobs {
    let mut found = Jobs {
        jobs: BTreeMap::new(),
        warnings: left(release, survey).collect(),
        refusals: Vec::new(),
    };
    for (name, wanted) in &release.jobs {
        // What a job was started by that nothing starts any more, is no matter of its own.
        let live = survey.jobs.get(name).filter(|_| wanted.trigger.is_some());
        if let (Some(trigger), None) = (&wanted.trigger, live) {
            let (job, trigger) = (name.clone(), trigger.clone());
            found.refusals.push(match survey.jobs_unseen.get(name) {
                Some(failure) => Refusal::ScheduleUnseen {
                    job,
                    trigger,
                    failure: failure.clone(),
                },
                None => Refusal::ScheduleMissing { job, trigger },
            });
            continue;
        }
        let plan = plan(wanted, live, survey);
        found.warnings.extend(warnings(name, &plan, live));
        found.jobs.insert(name.clone(), plan);
    }
    found
}

fn plan(wanted: &JobRelease, live: Option<&LiveJob>, survey: &Survey) -> JobPlan {
    let change = match live {
        Some(live) if runs(wanted, live, survey) => JobChange::Unchanged,
        Some(_) => JobChange::Update,
        None if is_registered(&wanted.definition, survey) => JobChange::Unchanged,
        None => JobChange::Register,
    };
    let unpinned = live.map(|live| &live.starts.definition);
    JobPlan {
        change,
        cluster: wanted.cluster.clone(),
        trigger: wanted.trigger.clone(),
        definition: wanted.definition.clone(),
        image: wanted.image.clone(),
        version: wanted.version.clone(),
        before: live.map(|live| Started {
            definition: live
                .means
                .as_ref()
                .unwrap_or(&live.starts.definition)
                .clone(),
            state: live.starts.state,
        }),
        unpinned: unpinned.filter(|it| !it.names_a_revision()).cloned(),
        document: live.and_then(|live| {
            let document = live.document.as_ref()?;
            let means = live.means.as_ref().unwrap_or(&live.starts.definition);
            Some(survey.registered.sent(means, document))
        }),
    }
}

/// Whether a trigger starts what is wanted already, by its revision: one that names a family only starts something else tomorrow.
fn runs(wanted: &JobRelease, live: &LiveJob, survey: &Survey) -> bool {
    let Some(document) = &live.document else {
        return false;
    };
    let revision = &live.starts.definition;
    let standing = survey
        .registered
        .standing(revision, document, &wanted.definition);
    standing.same && revision.names_a_revision()
}

/// Whether people could start it already. What a settled service runs is not asked for, and can be started.
fn is_registered(definition: &Definition, survey: &Survey) -> bool {
    let services = survey.services.values();
    let settled = services.filter(|live| live.activity == Activity::Settled);
    let runs: BTreeSet<&DefinitionRef> = settled.map(|live| &live.definition).collect();
    let known = survey.registered.revisions([definition]);
    known
        .of(definition)
        .any(|revision| survey.startable.contains(revision) || runs.contains(revision))
}

fn warnings(name: &JobName, plan: &JobPlan, live: Option<&LiveJob>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let Some(live) = live.filter(|_| plan.change != JobChange::Unchanged) else {
        return warnings;
    };
    if !live.running.is_empty() {
        warnings.push(Warning::JobRuns(name.clone(), live.running.clone()));
    }
    if let Some(family) = &plan.unpinned {
        warnings.push(Warning::ScheduleUnpinned(name.clone(), family.clone()));
    }
    warnings
}

/// Triggers of the recorded release that no job of this one has: they are the infrastructure's, and go on starting what they start.
fn left<'s>(release: &'s Release, survey: &'s Survey) -> impl Iterator<Item = Warning> {
    let kept = release.jobs.values().filter_map(|job| job.trigger.as_ref());
    let kept: BTreeSet<&Trigger> = kept.collect();
    let recorded = survey.recorded.iter().flat_map(|recorded| &recorded.jobs);
    recorded.filter_map(move |(name, job)| {
        let trigger = job
            .trigger
            .as_ref()
            .filter(|trigger| !kept.contains(trigger))?;
        // Of one that is gone nothing is to be said; one that was exchanged is not looked at.
        let is_there = release.jobs.contains_key(name) || survey.jobs.contains_key(name);
        is_there.then(|| Warning::ScheduleLeft(name.clone(), trigger.clone()))
    })
}
