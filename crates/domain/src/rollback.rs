//! Taking a release back: facts in, ordered compensation or a halt for a human out, with the reasons. Pure.

mod home;
mod left;
mod schema;
mod service;
mod undo;

use jiff::Timestamp;

pub(crate) use left::left;
pub use schema::{SchemaReturn, schema_return};

use crate::decide::{Back, Decision, run_job};
use crate::journal::{Act, Cause, Finding, Job, Outcome, Side, Stuck};
use crate::observation::{JobState, Observation};
use crate::plan::Plan;
use crate::ports::PortFailure;
use crate::progress::Progress;
use crate::verdict::Witness;

/// What to do next on the way back.
#[must_use]
pub fn decide(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    back: &Back,
) -> Decision {
    match back {
        Back::Halt(stuck) => Decision::Finish(stuck_outcome(plan, progress, stuck.clone())),
        Back::Frontend => frontend(plan, progress, seen, now),
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
        Back::Services(names) => service::return_all(plan, progress, seen, now, names),
        Back::Done => Decision::Finish(done(plan, progress)),
    }
}

fn frontend(plan: &Plan, progress: &Progress, seen: &Observation, now: Timestamp) -> Decision {
    use crate::decide::Trouble;
    crate::decide::frontend_side(plan, progress, seen, now, Side::Old).unwrap_or_else(|trouble| {
        let because = match trouble {
            Trouble::Act(act, failure) => Stuck::ActFailed { act, failure },
            Trouble::Slow => Stuck::Frontend {
                why: "the CDN's invalidation does not end".to_owned(),
            },
            Trouble::Wrong(Witness { kind, testimony }) => Stuck::Frontend {
                why: Witness { kind, testimony }.to_string(),
            },
        };
        Decision::Finish(stuck_outcome(plan, progress, because))
    })
}

fn done(plan: &Plan, progress: &Progress) -> Outcome {
    let cause = cause(progress);
    if let Some((service, why)) = progress.cannot_return().iter().next() {
        let because = Stuck::Service {
            service: service.clone(),
            why: why.clone(),
        };
        return stuck_outcome(plan, progress, because);
    }
    if !progress.left_alone().is_empty() {
        let services = progress.left_alone().keys().cloned().collect();
        return stuck_outcome(plan, progress, Stuck::Superseded { services });
    }
    Outcome::RolledBack {
        cause,
        proofs: progress.proofs(Side::Old),
    }
}

fn cause(progress: &Progress) -> Cause {
    match progress.turned_back() {
        Some((cause, _)) => cause.clone(),
        None => unreachable!("a rollback follows from a finding that names its cause"),
    }
}

fn stuck_outcome(plan: &Plan, progress: &Progress, because: Stuck) -> Outcome {
    Outcome::Stuck {
        cause: cause(progress),
        because,
        left: left(plan, progress),
    }
}

/// How the database came out of a migration, for people.
#[must_use]
pub fn schema_words(progress: &Progress) -> Option<String> {
    let up = progress.job_end(Job::Up)?;
    let down = progress
        .job_end(Job::Down)
        .is_some_and(|end| end.state == JobState::Exited(0));
    Some(match (&up.state, down) {
        (_, true) => "the schema is back on its previous revision".to_owned(),
        (JobState::Exited(0), false) => "the schema is on its new revision".to_owned(),
        (JobState::NeverStarted(_), false) => "the schema is as it was".to_owned(),
        (
            JobState::Exited(_) | JobState::Killed(_) | JobState::Vanished | JobState::Running,
            false,
        ) => "the migration did not end well; the database's revision decides".to_owned(),
    })
}
