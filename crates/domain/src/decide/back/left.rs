//! What a human finds: one fact for each component, from the look that was just taken.

use std::collections::BTreeMap;

use crate::JobName;
use crate::decide::frontend::Of;
use crate::decide::look::view_of;
use crate::decide::{job_starts, pointers};
use crate::journal::{Act, Job, Left, LeftBehind, Published, Remains, Runs, SchemaLeft, Side};
use crate::observation::{JobState, Observation, Seen, ServiceView};
use crate::plan::{FrontendChange, FrontendPlan, Plan, ServicePlan};
use crate::progress::Progress;
use crate::scheduled::JobPlan;
use crate::verdict::Component;

pub(crate) fn left(plan: &Plan, progress: &Progress, seen: &Observation) -> Vec<Left> {
    let services = plan.services.iter().map(|(name, service)| {
        let remains = match view_of(seen, name) {
            Ok(view) => Remains::Service {
                runs: runs(plan, progress, service, view),
                rollout: view.primary_state,
                running: view.running,
                desired: view.desired,
            },
            Err(blind) => Remains::NotSeen { why: blind.words() },
        };
        fact(Component::Service(name.clone()), remains, seen)
    });
    let frontends = plan.frontends.iter();
    let frontends = frontends
        .filter(|(_, one)| one.change == FrontendChange::Publish || !one.before.is_empty())
        .map(|of| {
            let remains = frontend_remains(plan, progress, of, seen);
            fact(Component::Frontend(of.0.clone()), remains, seen)
        });
    // Where the migration may have run, a human may want the database back: with what, and what that loses.
    let migrated = progress.may_have_done(&Act::StartJob { job: Job::Up });
    let anchor = progress.anchored().filter(|_| migrated).map(|anchor| {
        let remains = Remains::Anchor(anchor.clone());
        fact(Component::Migration, remains, seen)
    });
    let jobs = plan.jobs.iter().filter_map(|(name, job)| {
        let remains = job_remains(plan, progress, (name, job), seen)?;
        Some(fact(Component::Job(name.clone()), remains, seen))
    });
    let schema = schema(plan, progress).map(|schema| {
        let remains = Remains::Schema(schema);
        fact(Component::Migration, remains, seen)
    });
    services
        .chain(frontends)
        .chain(jobs)
        .chain(schema)
        .chain(anchor)
        .map(Left::Fact)
        .collect()
}

fn fact(component: Component, remains: Remains, seen: &Observation) -> LeftBehind {
    let looked_at = match &remains {
        Remains::Service { .. } | Remains::Frontend { .. } | Remains::Schedule { .. } => true,
        Remains::Schema(_) | Remains::Anchor(_) | Remains::NotSeen { .. } => false,
    };
    LeftBehind {
        component,
        remains,
        seen: looked_at.then_some(seen.at),
    }
}

fn runs(plan: &Plan, progress: &Progress, service: &ServicePlan, view: &ServiceView) -> Runs {
    let component = Component::Service(service.locator.name.clone());
    if view.primary_definition == service.before.definition {
        // It ran what the recorded release says only where somebody knows what it answers.
        let recorded = service.before.version.as_ref().and(plan.before.as_ref());
        Runs::Old(recorded.map(|before| before.version.clone()))
    } else if progress.definition(&component) == Some(&view.primary_definition) {
        Runs::New(plan.release.version.clone())
    } else {
        Runs::Other(view.primary_definition.clone())
    }
}

/// What a job's trigger starts, where this deployment may have moved it.
fn job_remains(
    plan: &Plan,
    progress: &Progress,
    (name, job): (&JobName, &JobPlan),
    seen: &Observation,
) -> Option<Remains> {
    let moved = Act::Schedule {
        job: name.clone(),
        side: Side::New,
    };
    if !progress.may_have_done(&moved) {
        return None;
    }
    let not_seen = |why: String| Some(Remains::NotSeen { why });
    let found = match seen.schedules.get(name) {
        Some(Seen::Known(found)) => found.starts.as_ref(),
        Some(Seen::Unseen(failure)) => return not_seen(failure.to_string()),
        None => return not_seen("nobody looked".to_owned()),
    };
    let Some(found) = found else {
        return not_seen("it is not there any more".to_owned());
    };
    let is = |side| job_starts(progress, (name, job), side) == Some(&found.definition);
    let starts = match (is(Side::Old), is(Side::New)) {
        (true, _) => Runs::Old(plan.before.as_ref().map(|before| before.version.clone())),
        (false, true) => Runs::New(plan.release.version.clone()),
        (false, false) => Runs::Other(found.definition.clone()),
    };
    let but = progress.schedules_stay().get(name).cloned();
    Some(Remains::Schedule { starts, but })
}

fn frontend_remains(
    plan: &Plan,
    progress: &Progress,
    (name, frontend): Of<'_>,
    seen: &Observation,
) -> Remains {
    let live = match seen.pointers.get(name) {
        Some(Seen::Known(live)) => live,
        Some(Seen::Unseen(failure)) => {
            let why = failure.to_string();
            return Remains::NotSeen { why };
        }
        None => {
            let why = "nobody looked".to_owned();
            return Remains::NotSeen { why };
        }
    };
    let published = if is_live(frontend, live, Side::Old) {
        Published::Old(frontend.published.clone())
    } else if is_live(frontend, live, Side::New) {
        Published::New(plan.release.version.clone())
    } else {
        Published::Mixed
    };
    let but = progress.frontends_stay().get(name).cloned();
    Remains::Frontend { published, but }
}

fn is_live(frontend: &FrontendPlan, live: &BTreeMap<String, String>, side: Side) -> bool {
    pointers(frontend, side)
        .iter()
        .all(|(path, to)| live.get(path) == to.as_ref().map(|to| &to.sha256))
}

/// What the ends of the migrations tell of the schema; nobody reads the database for it.
pub(super) fn schema(plan: &Plan, progress: &Progress) -> Option<SchemaLeft> {
    let ended = |job| progress.job_end(job).map(|end| &end.state);
    let began = |job| progress.may_have_done(&Act::StartJob { job });
    if plan.migrates().is_none() && plan.migrates_down().is_none() {
        return None;
    }
    if began(Job::Down) {
        return Some(match ended(Job::Down) {
            Some(JobState::Exited(0)) => SchemaLeft::Previous,
            Some(JobState::NeverStarted(_)) if plan.migrates_down().is_some() => {
                SchemaLeft::AsItWas
            }
            Some(JobState::NeverStarted(_)) => up(ended(Job::Up)),
            Some(JobState::Running) | None => SchemaLeft::Running,
            Some(JobState::Exited(_) | JobState::Killed(_) | JobState::Vanished) => {
                SchemaLeft::Unknown
            }
        });
    }
    match began(Job::Up) {
        true => Some(up(ended(Job::Up))),
        false => Some(SchemaLeft::AsItWas),
    }
}

fn up(ended: Option<&JobState>) -> SchemaLeft {
    match ended {
        Some(JobState::Exited(0)) => SchemaLeft::New,
        Some(JobState::NeverStarted(_)) => SchemaLeft::AsItWas,
        Some(JobState::Running) | None => SchemaLeft::Running,
        Some(JobState::Exited(_) | JobState::Killed(_) | JobState::Vanished) => SchemaLeft::Unknown,
    }
}
