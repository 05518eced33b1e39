//! One-off tasks on the database: started once, looked up when in doubt, judged by exit code and revision.

use jiff::Timestamp;

use super::Decision;
use super::data;
use super::request::named;
use super::telling::telling;
use crate::app::Compatibility;
use crate::journal::{Act, Cause, Finding, Job, Side};
use crate::observation::{JobState, JobView, Observation, Reading, Seen};
use crate::plan::{MigrationPlan, Plan, WayBack};
use crate::ports::{Effect, FailureKind, PortFailure};
use crate::progress::{Progress, Standing, after};
use crate::reason::Reason;
use crate::schema::Revision;
use crate::verdict::{Component, Proof, Witness, WitnessKind};

/// How long a started task may stay invisible: DescribeTasks may lag behind RunTask.
const VISIBLE_WITHIN: std::time::Duration = std::time::Duration::from_secs(120);

/// How long a task that was asked to stop may take: containers get at most two minutes.
const STOPS_WITHIN: std::time::Duration = std::time::Duration::from_secs(180);

/// How long starting with the same token surely finds the task that was started: the cloud remembers it for about a day.
const TOKEN_LIVES: std::time::Duration = std::time::Duration::from_secs(20 * 3600);

pub(super) fn decide(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    job: Job,
) -> Decision {
    match (job, progress.job_end(job)) {
        (Job::Up | Job::Down, Some(end)) if end.state == JobState::Exited(0) => {
            let found = data::failed(plan, progress).map(Decision::turn_back);
            return found.unwrap_or_else(|| Decision::Find(vec![migrated(plan)]));
        }
        (Job::Up | Job::Down, Some(end)) => {
            return Decision::turn_back(failed(&end.state, &end.log));
        }
        (Job::Up, None) => {
            if data::is_at_head(plan, progress) {
                return Decision::Find(vec![at_head(progress)]);
            }
            if let Some(cause) = not_begun(plan, progress) {
                return Decision::turn_back(cause);
            }
        }
        (Job::Check(_), _) => {
            if let Some(cause) = data::failed(plan, progress) {
                return Decision::turn_back(cause);
            }
        }
        (Job::RevisionBefore | Job::RevisionAfter, _) | (Job::Down, None) => {}
    }
    match run_job(plan, progress, seen, now, job) {
        Ok(decision) => decision,
        // The migration is done: that nobody can tell whether it changed anything does not speak against the release.
        Err((act, failure)) if job == Job::RevisionAfter => {
            let why = format!("{act}: {failure}");
            let state = JobState::NeverStarted(why);
            Decision::Find(vec![ended(job, state, vec![], None)])
        }
        Err((act, failure)) => Decision::turn_back(Cause::ActFailed { act, failure }),
    }
}

/// A migration that the code running now cannot live with begins only when the revision is known: without it nobody could
/// return, nor tell how far it got.
fn not_begun(plan: &Plan, progress: &Progress) -> Option<Cause> {
    let migration = plan.migrates()?;
    let begun = progress.may_have_done(&Act::StartJob { job: Job::Up });
    let end = progress.job_end(Job::RevisionBefore)?;
    if begun {
        return None;
    }
    if let Some(why) = data::is_elsewhere_without_anchor(plan, progress) {
        let log = telling(&end.log);
        return Some(Cause::MigrationFailed { why, log });
    }
    if migration.compatibility == Compatibility::Compatible {
        return None;
    }
    let (why, log) = match (&end.state, &end.reading) {
        (JobState::Exited(0), Some(Reading::Revision(revision)))
            if *revision == Revision::empty() && was_not_empty(migration) =>
        {
            let was = migration.known_revision.as_ref();
            let was = was.map(ToString::to_string).unwrap_or_default();
            (
                format!("it says that the database is empty, which was on {was}"),
                end.log.clone(),
            )
        }
        (JobState::Exited(0), Some(Reading::Revision(revision))) => {
            let nameless = named(migration, revision).is_none();
            if !nameless || plan.way_back != WayBack::WithSchemaDown {
                return None;
            }
            let why = "the database is empty, and `empty_revision` does not say what `down_command` calls that";
            (why.to_owned(), Vec::new())
        }
        (JobState::Exited(0), Some(Reading::Unreadable(why))) => (why.clone(), end.log.clone()),
        // A journal of an earlier version.
        (JobState::Exited(0), None) => match reading(progress, Job::RevisionBefore) {
            Some(_) => return None,
            None => ("nothing was reported".to_owned(), end.log.clone()),
        },
        (state, _) => (how(state), end.log.clone()),
    };
    Some(Cause::MigrationFailed {
        why: format!("not begun, the schema's revision could not be read: {why}"),
        log: telling(&log),
    })
}

/// A log that is late looks like that of an empty database.
fn was_not_empty(migration: &MigrationPlan) -> bool {
    let known = migration.known_revision.as_ref();
    known.is_some_and(|revision| revision.name().is_some())
}

/// Whether to look, before the job is started, which tasks of the migration's family run.
pub(crate) fn asks_who_runs(progress: &Progress, now: Timestamp, job: Job) -> bool {
    let act = Act::StartJob { job };
    let known = progress.task(job).is_some();
    job.changes() && !known && (!progress.may_have_done(&act) || forgotten(progress, now, job))
}

/// Whether the cloud may have forgotten the token of a start whose answer is not known.
fn forgotten(progress: &Progress, now: Timestamp, job: Job) -> bool {
    let lost = progress.may_have_done(&Act::StartJob { job }) && progress.task(job).is_none();
    let intended = progress.job_intended(job);
    job.changes() && lost && intended.is_some_and(|at| now > after(at, TOKEN_LIVES))
}

/// Nothing else of the migration's family may run when it is started; one whose answer was lost long ago is looked for, and
/// never started again.
fn alone(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    job: Job,
) -> Result<Option<Decision>, (Act, PortFailure)> {
    if !asks_who_runs(progress, now, job) {
        return Ok(None);
    }
    let act = Act::StartJob { job };
    let limit = time_limit(plan, job);
    let since = progress.moved_at().unwrap_or(now);
    let running = match &seen.migrating {
        None => return Ok(Some(Decision::Wait(now, Reason::FirstLook))),
        Some(Seen::Unseen(failure)) if now > after(since, limit) => {
            return Err((act, failure.clone()));
        }
        Some(Seen::Unseen(failure)) => {
            let what = "the migrations that run".to_owned();
            let failure = failure.clone();
            return Ok(Some(Decision::poll(
                plan,
                now,
                Reason::Unseen { what, failure },
            )));
        }
        Some(Seen::Known(running)) => running,
    };
    let lost = forgotten(progress, now, job);
    match running.first() {
        None if lost => {
            let log = vec![
                "the answer to its start was lost long ago: it is not started again".to_owned(),
            ];
            Ok(Some(Decision::Find(vec![ended(
                job,
                JobState::Vanished,
                log,
                None,
            )])))
        }
        None => Ok(None),
        Some(other) if now > after(since, limit) && !lost => {
            let failure = PortFailure {
                kind: FailureKind::Conflict,
                effect: Effect::None,
                operation: "not begun".to_owned(),
                message: format!("another migration is still running: {other}"),
            };
            Err((act, failure))
        }
        Some(other) => {
            let other = other.to_string();
            Ok(Some(Decision::poll(
                plan,
                now,
                Reason::OtherMigration { other },
            )))
        }
    }
}

/// Starts the job, waits for it, stops it when it takes too long, and finds its end.
///
/// # Errors
/// The act that will not succeed, and why.
pub(crate) fn run_job(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    job: Job,
) -> Result<Decision, (Act, PortFailure)> {
    if let Some(decision) = alone(plan, progress, seen, now, job)? {
        return Ok(decision);
    }
    let act = Act::StartJob { job };
    let since = match progress.standing_repeatable(&act, now) {
        // Starting with the same token finds the task that was started already: this is the look-up.
        Standing::Ready | Standing::InDoubt(_) => return Ok(Decision::Act(vec![act])),
        Standing::Later(until, failure) => return Ok(again(until, &act, failure)),
        Standing::GaveUp(failure) => return Err((act.clone(), failure.clone())),
        Standing::Done(since, _) => since,
    };
    let timeout = time_limit(plan, job);
    let find = |state, log, reading| Decision::Find(vec![ended(job, state, log, reading)]);
    let view = match &seen.job {
        None => return Ok(Decision::Wait(now, Reason::FirstLook)),
        Some(Seen::Unseen(failure)) if now > after(since, timeout + VISIBLE_WITHIN) => {
            let log = vec![format!("it could not be seen any more: {failure}")];
            return Ok(find(JobState::Running, log, None));
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
    Ok(match &view.state {
        JobState::Running if now > after(since, timeout) => stop(plan, progress, now, job),
        JobState::Running => Decision::poll(plan, now, runs(plan, job)),
        JobState::Vanished if now <= after(since, VISIBLE_WITHIN) => {
            Decision::poll(plan, now, Reason::JobNotVisible)
        }
        JobState::Vanished
        | JobState::Exited(_)
        | JobState::NeverStarted(_)
        | JobState::Killed(_) => find(view.state.clone(), view.log.clone(), read(job, view)),
    })
}

/// A task that takes too long is stopped: nothing is decided while it may still change the schema.
fn stop(plan: &Plan, progress: &Progress, now: Timestamp, job: Job) -> Decision {
    let act = Act::StopJob { job };
    let left = |why: String| Decision::Find(vec![ended(job, JobState::Running, vec![why], None)]);
    match progress.standing_repeatable(&act, now) {
        Standing::Ready | Standing::InDoubt(_) => Decision::Act(vec![act]),
        Standing::Later(until, failure) => again(until, &act, failure),
        Standing::GaveUp(failure) => left(format!("it could not be stopped: {failure}")),
        Standing::Done(since, _) if now <= after(since, STOPS_WITHIN) => {
            Decision::poll(plan, now, Reason::JobStops { job })
        }
        Standing::Done(..) => left("it was asked to stop, and did not".to_owned()),
    }
}

fn again(until: Timestamp, act: &Act, failure: &PortFailure) -> Decision {
    let reason = Reason::Again {
        act: act.clone(),
        failure: failure.clone(),
    };
    Decision::Wait(until, reason)
}

fn ended(job: Job, state: JobState, log: Vec<String>, reading: Option<Reading>) -> Finding {
    Finding::JobEnded {
        job,
        state,
        log,
        reading,
    }
}

/// The revision that a task printed that was to print one.
fn read(job: Job, view: &JobView) -> Option<Reading> {
    match (job, &view.state, &view.unread) {
        (Job::Up | Job::Down | Job::Check(_), _, _) => None,
        (_, JobState::Exited(0), Some(why)) => Some(Reading::Unreadable(format!(
            "its log could not be read: {why}"
        ))),
        (_, JobState::Exited(0), None) => Some(match Revision::read(&view.log) {
            Ok(revision) => Reading::Revision(revision),
            Err(unclear) => Reading::Unreadable(unclear.to_string()),
        }),
        (
            Job::RevisionBefore | Job::RevisionAfter,
            JobState::Exited(_)
            | JobState::Running
            | JobState::NeverStarted(_)
            | JobState::Killed(_)
            | JobState::Vanished,
            _,
        ) => None,
    }
}

/// Its exit code is the migration's witness, and what its data was asked.
fn migrated(plan: &Plan) -> Finding {
    let exited = Witness::confirms(WitnessKind::ExitCode, "exit code 0");
    proven([exited].into_iter().chain(data::witnesses(plan)).collect())
}

/// There was nothing to migrate: the database says so.
fn at_head(progress: &Progress) -> Finding {
    let on = reading(progress, Job::RevisionBefore).unwrap_or_else(Revision::empty);
    let seen = format!("on {on} already, nothing to migrate");
    proven(vec![Witness::confirms(WitnessKind::Revision, seen)])
}

fn proven(witnesses: Vec<Witness>) -> Finding {
    let component = Component::Migration;
    Finding::Proven {
        side: Side::New,
        proof: Proof {
            component,
            witnesses,
        },
    }
}

/// How long a job may take.
#[must_use]
pub(crate) fn time_limit(plan: &Plan, job: Job) -> std::time::Duration {
    let own = data::data_check(plan, job).map(|check| check.timeout);
    let migration = || plan.migration.as_ref().map(|migration| migration.timeout);
    own.or_else(migration).unwrap_or(VISIBLE_WITHIN)
}

fn runs(plan: &Plan, job: Job) -> Reason {
    match data::data_check(plan, job) {
        Some(check) => Reason::DataChecked {
            name: check.name.clone(),
        },
        None => Reason::JobRuns { job },
    }
}

fn failed(state: &JobState, log: &[String]) -> Cause {
    Cause::MigrationFailed {
        why: how(state),
        log: telling(log),
    }
}

pub(super) fn how(state: &JobState) -> String {
    match state {
        JobState::Exited(code) => format!("exit code {code}"),
        JobState::NeverStarted(reason) => format!("its container never started: {reason}"),
        JobState::Killed(reason) => reason.clone(),
        JobState::Vanished => "its task vanished; how it ended is unknown".to_owned(),
        JobState::Running => "its end was not seen, it may be running still".to_owned(),
    }
}

/// The revision that a job reported.
#[must_use]
pub fn reading(progress: &Progress, job: Job) -> Option<Revision> {
    let end = progress.job_end(job)?;
    match (&end.state, &end.reading) {
        (JobState::Exited(0), Some(Reading::Revision(revision))) => Some(revision.clone()),
        // A journal of an earlier version does not tell an empty log from one that could not be read.
        (JobState::Exited(0), None) => Revision::read(&end.log)
            .ok()
            .filter(|revision| revision.name().is_some()),
        (_, _) => None,
    }
}
