//! One-off tasks on the database: started once, looked up when in doubt, judged by exit code and revision.

use jiff::Timestamp;

use super::Decision;
use crate::IdempotencyKey;
use crate::definition::substitute;
use crate::journal::{Act, Cause, Finding, Job, Side};
use crate::observation::{JobState, Observation, Seen};
use crate::plan::{Plan, WayBack};
use crate::ports::JobRequest;
use crate::progress::{Progress, Standing, after};
use crate::reason::Reason;
use crate::verdict::{Component, Proof, Witness, WitnessKind};

/// How long a started task may stay invisible: DescribeTasks may lag behind RunTask.
const VISIBLE_WITHIN: std::time::Duration = std::time::Duration::from_secs(120);

pub(super) fn decide(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    job: Job,
) -> Decision {
    match (job, progress.job_end(job)) {
        (Job::Up | Job::Down, Some(end)) if end.state == JobState::Exited(0) => {
            return Decision::Find(vec![migrated()]);
        }
        (Job::Up | Job::Down, Some(end)) => {
            return Decision::turn_back(failed(&end.state, &end.log));
        }
        (Job::Up, None) => {
            if let Some(cause) = no_way_back(plan, progress) {
                return Decision::turn_back(cause);
            }
        }
        (Job::RevisionBefore | Job::RevisionAfter, _) | (Job::Down, None) => {}
    }
    match run_job(plan, progress, seen, now, job) {
        Ok(decision) => decision,
        Err((act, failure)) => Decision::turn_back(Cause::ActFailed { act, failure }),
    }
}

/// The plan promises a way down, which needs the revision to return to: without it nothing is begun.
fn no_way_back(plan: &Plan, progress: &Progress) -> Option<Cause> {
    let begun = progress.may_have_done(&Act::StartJob { job: Job::Up });
    let end = progress.job_end(Job::RevisionBefore)?;
    if begun || plan.way_back != WayBack::WithSchemaDown || end.state == JobState::Exited(0) {
        return None;
    }
    match failed(&end.state, &end.log) {
        Cause::MigrationFailed { why, log } => Some(Cause::MigrationFailed {
            why: format!("not begun, the schema's revision could not be read: {why}"),
            log,
        }),
        other => Some(other),
    }
}

/// Starts the job, waits for it and finds its end.
///
/// # Errors
/// The act that will not succeed, and why.
pub(crate) fn run_job(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    job: Job,
) -> Result<Decision, (Act, crate::ports::PortFailure)> {
    let act = Act::StartJob { job };
    let since = match progress.standing_repeatable(&act, now) {
        // Starting with the same token finds the task that was started already: this is the look-up.
        Standing::Ready | Standing::InDoubt(_) => return Ok(Decision::Act(vec![act])),
        Standing::Later(until, failure) => {
            return Ok(Decision::Wait(
                until,
                Reason::Again {
                    act: act.clone(),
                    failure: failure.clone(),
                },
            ));
        }
        Standing::GaveUp(failure) => return Err((act.clone(), failure.clone())),
        Standing::Done(since, _) => since,
    };
    let timeout = plan
        .migration
        .as_ref()
        .map_or(VISIBLE_WITHIN, |m| m.timeout);
    let view = match &seen.job {
        None => return Ok(Decision::Wait(now, Reason::FirstLook)),
        Some(Seen::Unseen(failure)) if now > after(since, timeout + VISIBLE_WITHIN) => {
            let log = vec![format!("it could not be seen any more: {failure}")];
            let state = JobState::Running;
            return Ok(Decision::Find(vec![Finding::JobEnded { job, state, log }]));
        }
        Some(Seen::Unseen(failure)) => {
            let reason = Reason::Unseen {
                what: job.to_string(),
                failure: failure.clone(),
            };
            return Ok(Decision::poll(plan, now, reason));
        }
        Some(Seen::Known(view)) => view,
    };
    let ended = |state, log| Decision::Find(vec![Finding::JobEnded { job, state, log }]);
    Ok(match &view.state {
        JobState::Running if now > after(since, timeout) => ended(
            JobState::Running,
            vec![format!(
                "it still runs after {} s; it was left running",
                timeout.as_secs()
            )],
        ),
        JobState::Running => Decision::poll(plan, now, Reason::JobRuns { job }),
        JobState::Vanished if now <= after(since, VISIBLE_WITHIN) => {
            Decision::poll(plan, now, Reason::JobNotVisible)
        }
        JobState::Vanished
        | JobState::Exited(_)
        | JobState::NeverStarted(_)
        | JobState::Killed(_) => ended(view.state.clone(), view.log.clone()),
    })
}

/// Its exit code is the migration's witness.
fn migrated() -> Finding {
    Finding::Proven {
        side: Side::New,
        proof: Proof {
            component: Component::Migration,
            witnesses: vec![Witness::confirms(WitnessKind::ExitCode, "exit code 0")],
        },
    }
}

fn failed(state: &JobState, log: &[String]) -> Cause {
    let why = match state {
        JobState::Exited(code) => format!("exit code {code}"),
        JobState::NeverStarted(reason) => format!("its container never started: {reason}"),
        JobState::Killed(reason) => reason.clone(),
        JobState::Vanished => "its task vanished; how it ended is unknown".to_owned(),
        JobState::Running => "its end was not seen, it may be running still".to_owned(),
    };
    let log = log.iter().rev().take(3).rev().cloned().collect();
    Cause::MigrationFailed { why, log }
}

/// The task that a job is, once the migration's task definition is registered.
#[must_use]
pub fn job_request(plan: &Plan, progress: &Progress, job: Job) -> Option<JobRequest> {
    let migration = plan.migration.as_ref()?;
    let definition = progress.definition(&Component::Migration)?.clone();
    let (name, command) = match job {
        Job::RevisionBefore => ("before", migration.current_command.clone()?),
        Job::Up => ("up", migration.command.clone()),
        Job::RevisionAfter => ("after", migration.current_command.clone()?),
        Job::Down => {
            let target = match plan.migrates_down() {
                Some((_, revision)) => revision.to_owned(),
                None => revision(progress, Job::RevisionBefore)?,
            };
            let fill = |part: &String| {
                substitute(part, &|name| (name == "revision").then(|| target.clone()))
            };
            (
                "down",
                migration.down_command.as_ref()?.iter().map(fill).collect(),
            )
        }
    };
    Some(JobRequest {
        cluster: migration.cluster.clone(),
        definition,
        container: migration.container.clone(),
        command,
        network: migration.network.clone(),
        key: IdempotencyKey::parse(format!("{}-{name}", plan.deployment)).ok()?,
        started_by: plan.deployment.to_string(),
    })
}

/// The revision that a job reported: the first word of its log's last line.
#[must_use]
pub fn revision(progress: &Progress, job: Job) -> Option<String> {
    let end = progress.job_end(job)?;
    match end.state {
        JobState::Exited(0) => {
            let last = end.log.iter().rev().find(|line| !line.trim().is_empty())?;
            last.split_whitespace().next().map(str::to_owned)
        }
        JobState::Exited(_)
        | JobState::Running
        | JobState::NeverStarted(_)
        | JobState::Killed(_)
        | JobState::Vanished => None,
    }
}
