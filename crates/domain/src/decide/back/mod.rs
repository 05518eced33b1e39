//! Taking a release back: undo first, prove afterwards. Facts in, ordered compensation or a halt for a human out. Pure.

mod frontend;
mod home;
mod left;
mod prove;
mod schema;
mod service;
mod undo;

use jiff::Timestamp;

pub(crate) use left::left;
pub(crate) use prove::open;
pub use schema::{SchemaReturn, schema_return};

use super::Decision;
use super::arriving::arriving;
use super::migrate::run_job;
use super::rereading::is_to_be_read;
use super::schedules;
use crate::journal::{Act, Cause, Finding, Job, Outcome, Side, Stuck};
use crate::observation::{JobState, Observation};
use crate::plan::Plan;
use crate::ports::PortFailure;
use crate::progress::Progress;
use crate::verdict::Component;
use crate::{JobName, ServiceName};

/// The first incomplete part of the way back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Back {
    /// A human is needed before anything is taken back: a last look, and the end.
    Halt(Stuck),
    /// The frontends' mutable files, and their CDNs.
    Frontend,
    /// What starts these jobs.
    Schedules(Vec<JobName>),
    /// A task on the database.
    Schema(Job),
    /// These services, of one wave: touched, and not put back yet.
    Services(Vec<ServiceName>),
    /// Everything that was touched is put back: say so.
    Undone,
    /// Everything is proven at once, with one deadline.
    Prove,
    /// Nothing is left to do: a last look, and the end.
    Done,
}

/// The order: pointer, what starts jobs, schema where it must, touched services in reverse waves, each waiting only until it serves again;
/// then all proofs together. What was never touched delays nothing, and trouble with one part does not keep the others.
pub(super) fn back(plan: &Plan, progress: &Progress) -> Back {
    let schema = match schema_return(plan, progress) {
        SchemaReturn::Stays => None,
        SchemaReturn::Needs(job) => Some(job),
        SchemaReturn::Halt(stuck) => return Back::Halt(stuck),
    };
    if frontend::is_open(plan, progress) {
        return Back::Frontend;
    }
    let jobs = schedules::open_on_the_way_back(plan, progress);
    if !jobs.is_empty() {
        return Back::Schedules(jobs);
    }
    if let Some(job) = schema {
        return Back::Schema(job);
    }
    let retired: Vec<ServiceName> = plan.retired().cloned().collect();
    for wave in plan.waves.iter().chain([&retired]).rev() {
        let open: Vec<ServiceName> = wave
            .iter()
            .filter(|name| was_touched(progress, name) && !is_put_back(progress, name))
            .cloned()
            .collect();
        if !open.is_empty() {
            return Back::Services(open);
        }
    }
    match (prove::open(plan, progress).is_empty(), progress.undone()) {
        (false, None) => Back::Undone,
        (false, Some(_)) => Back::Prove,
        // What changes nothing is read beside the proofs, and ends before the deployment does.
        (true, _) if is_to_be_read(plan, progress) => Back::Schema(Job::RevisionAfter),
        (true, _) => Back::Done,
    }
}

/// Whether this deployment may have changed it.
pub(super) fn was_touched(progress: &Progress, name: &ServiceName) -> bool {
    progress.may_have_done(&Act::RollOut {
        service: name.clone(),
        side: Side::New,
    })
}

/// Its rollout back has ended, or serves already, or cannot be had.
fn is_put_back(progress: &Progress, name: &ServiceName) -> bool {
    progress.rollout_ended(name, Side::Old).is_some()
        || progress.serves_since(name, Side::Old).is_some()
        || progress.proven(Side::Old, &Component::Service(name.clone()))
        || is_given_up(progress, name)
}

pub(super) fn is_given_up(progress: &Progress, name: &ServiceName) -> bool {
    progress.cannot_return().contains_key(name) || progress.left_alone().contains_key(name)
}

/// What to do next on the way back.
pub(super) fn decide(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    back: &Back,
) -> Decision {
    let is_end = matches!(back, Back::Halt(_) | Back::Done);
    if let Some(wait) = arriving(plan, progress, now).filter(|_| is_end) {
        return wait;
    }
    match back {
        Back::Halt(stuck) => stuck_now(plan, progress, seen, stuck.clone()),
        Back::Frontend => frontend::undo(plan, progress, seen, now),
        Back::Schedules(jobs) => schedules::put_back(plan, progress, seen, now, jobs),
        Back::Schema(job) => {
            let act_failed = |(act, failure): (Act, PortFailure)| {
                // An attempt whose reply was lost may have started it, whatever the last one says.
                let state = match progress.may_have_done(&act) {
                    true => JobState::Running,
                    false => JobState::NeverStarted(format!("{act}: {failure}")),
                };
                Decision::Find(vec![Finding::JobEnded {
                    job: *job,
                    state,
                    log: vec![],
                    reading: None,
                }])
            };
            run_job(plan, progress, seen, now, *job).unwrap_or_else(act_failed)
        }
        Back::Services(names) => service::put_back(plan, progress, seen, now, names),
        Back::Undone => Decision::Find(vec![Finding::Undone]),
        Back::Prove => prove::prove(plan, progress, seen, now),
        Back::Done => done(plan, progress, seen),
    }
}

fn done(plan: &Plan, progress: &Progress, seen: &Observation) -> Decision {
    match in_the_way(progress) {
        Some(stuck) => stuck_now(plan, progress, seen, stuck),
        None => Decision::finish(Outcome::RolledBack {
            cause: cause(progress),
            proofs: progress.proofs(Side::Old),
            schema: left::schema(plan, progress),
        }),
    }
}

/// The worst of what stands in the way; the rest shows in what is left.
fn in_the_way(progress: &Progress) -> Option<Stuck> {
    if let Some((service, why)) = progress.cannot_return().iter().next() {
        let (service, why) = (service.clone(), why.clone());
        return Some(Stuck::Service { service, why });
    }
    if let Some((frontend, obstacle)) = progress.frontends_stay().iter().next() {
        let (frontend, why) = (frontend.clone(), obstacle.to_string());
        return Some(Stuck::Frontend { frontend, why });
    }
    if let Some((job, obstacle)) = progress.schedules_stay().iter().next() {
        let (job, why) = (job.clone(), obstacle.to_string());
        return Some(Stuck::Schedule { job, why });
    }
    if !progress.left_alone().is_empty() {
        let services = progress.left_alone().keys().cloned().collect();
        return Some(Stuck::Superseded { services });
    }
    let (component, witness) = progress.unproven().iter().next()?;
    Some(Stuck::Unproven {
        component: component.clone(),
        witness: witness.clone(),
    })
}

fn cause(progress: &Progress) -> Cause {
    match progress.turned_back() {
        Some((cause, _)) => cause.clone(),
        None => unreachable!("a way back follows from a finding that names its cause"),
    }
}

fn stuck_now(plan: &Plan, progress: &Progress, seen: &Observation, because: Stuck) -> Decision {
    Decision::finish(Outcome::Stuck {
        cause: cause(progress),
        because,
        left: left(plan, progress, seen),
    })
}
