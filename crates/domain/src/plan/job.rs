//! What happens to scheduled jobs.

use std::collections::BTreeMap;

use super::{Refusal, Warning};
use crate::JobName;
use crate::definition::Definition;
use crate::release::Release;
use crate::scheduled::{JobChange, JobPlan, JobRelease, LiveJob};
use crate::survey::Survey;

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
        let live = survey.jobs.get(name);
        if let (Some(trigger), None) = (&wanted.trigger, live) {
            found.refusals.push(Refusal::ScheduleMissing {
                job: name.clone(),
                trigger: trigger.clone(),
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
    JobPlan {
        change,
        cluster: wanted.cluster.clone(),
        trigger: wanted.trigger.clone(),
        definition: wanted.definition.clone(),
        image: wanted.image.clone(),
        version: wanted.version.clone(),
        before: live.map(|live| live.starts.clone()),
        document: live.and_then(|live| {
            let document = live.document.as_ref()?;
            Some(survey.registered.sent(&live.starts.definition, document))
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

fn is_registered(definition: &Definition, survey: &Survey) -> bool {
    let known = survey.registered.revisions([definition]);
    known
        .of(definition)
        .any(|revision| survey.startable.contains(revision))
}

fn warnings(name: &JobName, plan: &JobPlan, live: Option<&LiveJob>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let Some(live) = live.filter(|_| plan.change != JobChange::Unchanged) else {
        return warnings;
    };
    if !live.running.is_empty() {
        warnings.push(Warning::JobRuns(name.clone(), live.running.clone()));
    }
    if !live.starts.definition.names_a_revision() {
        let before = live.starts.definition.clone();
        warnings.push(Warning::ScheduleUnpinned(name.clone(), before));
    }
    warnings
}

/// Jobs that leave with this release: what starts them is the infrastructure's, and goes on.
fn left<'s>(release: &'s Release, survey: &'s Survey) -> impl Iterator<Item = Warning> {
    let recorded = survey.recorded.iter().flat_map(|recorded| &recorded.jobs);
    let left = recorded.filter(|(name, job)| {
        job.trigger.is_some()
            && !release.jobs.contains_key(*name)
            && survey.jobs.contains_key(*name)
    });
    left.filter_map(|(name, job)| Some(Warning::ScheduleLeft(name.clone(), job.trigger.clone()?)))
}
