//! What was found out, in words.

use backstay_domain::anchor::Anchored;
use backstay_domain::journal::{Cause, Finding, Grounds, Job, Side};
use backstay_domain::observation::{JobState, Reading};
use backstay_domain::plan::Plan;
use backstay_domain::schema::Revision;
use backstay_domain::verdict::Proof;

use super::{Entry, Kind, job_words, score, witnesses};
use crate::render::clean::clean;
use crate::render::time::moment;

/// A finding in words.
pub(super) fn found(finding: &Finding, plan: Option<&Plan>) -> Entry {
    let find = |text: String| Entry::new(Kind::Find, text);
    match finding {
        Finding::Adopted { service, .. } => {
            find(format!("the rollout of {service} is there after all"))
        }
        Finding::NoEffect { act } => find(format!("{act}: it had no effect")),
        Finding::RolloutEnded { service, side } => find(match side {
            Side::New => format!("{service} rolled out"),
            Side::Old => format!("{service} rolled back"),
        }),
        Finding::Serves { side, proof } => find(serves(*side, proof)),
        Finding::Held { service, stage, .. } => {
            find(format!("{service} waits at {stage} for somebody"))
        }
        Finding::WentOn { service } => find(format!("{service} goes on")),
        Finding::CheckFailed { name, seen } if name.starts_with("probe of ") => {
            find(format!("{name} failed: {seen}"))
        }
        Finding::CheckFailed { name, seen } => find(format!("check `{name}` failed: {seen}")),
        Finding::Anchored { anchor } => find(anchor_words(anchor)),
        Finding::AnchorsStay { failure } => find(format!(
            "earlier anchors stay, for the next deployment to remove: {failure}"
        )),
        Finding::ChecksPassed => find("all checks passed".to_owned()),
        Finding::JobEnded {
            job,
            state,
            log,
            reading,
        } => job_ended((*job, plan), state, log, reading.as_ref()),
        Finding::Invalidated { frontend, side } => {
            let files = match side {
                Side::New => "the CDN forgot the old files",
                Side::Old => "the CDN forgot the new files",
            };
            find(match frontend.is_usual() {
                true => files.to_owned(),
                false => format!("{files} of {frontend}"),
            })
        }
        Finding::Proven { side, proof } => find(proven(*side, proof)),
        Finding::Retired { service } => find(format!("{service} has no task any more")),
        Finding::BakeBegan => find("the watch over the new release begins".to_owned()),
        Finding::BakeEnded => find("the watch is over".to_owned()),
        Finding::TurnedBack { cause } => {
            let (text, details) = cause_words(cause);
            Entry::new(Kind::Back, text).with(&details)
        }
        Finding::CannotReturn {
            service,
            why,
            grounds,
        } => Entry::new(Kind::Back, format!("{service} cannot return: {why}"))
            .with(&grounds_words(grounds)),
        Finding::FrontendStays { frontend, obstacle } => Entry::new(
            Kind::Back,
            format!("{} stays as it is: {obstacle}", frontend.said()),
        ),
        Finding::ScheduleStays { job, obstacle } => Entry::new(
            Kind::Back,
            format!("{job} may go on starting the new revision: {obstacle}"),
        ),
        Finding::Undone => find("everything is put back; now it is proven".to_owned()),
        Finding::Unproven { component, witness } => Entry::new(
            Kind::Back,
            format!("{component} is back, but not proven: {witness}"),
        ),
        Finding::LeftAlone { service, runs } => Entry::new(
            Kind::Back,
            format!(
                "{service} runs somebody else's {}; it is left alone",
                runs.short()
            ),
        ),
    }
}

/// `auth-service serves: tasks, targets, probe`.
fn serves(side: Side, proof: &Proof) -> String {
    let (component, by) = (&proof.component, witnesses(proof));
    match side {
        Side::New => format!("{component} serves: {by}"),
        Side::Old => format!("{component} serves the old release again: {by}"),
    }
}

fn proven(side: Side, proof: &Proof) -> String {
    let (component, score) = (&proof.component, score(proof));
    match side {
        Side::New => format!("{component} {score}: {}", witnesses(proof)),
        Side::Old => {
            format!(
                "{component} {score} on the old release: {}",
                witnesses(proof)
            )
        }
    }
}

/// What the database can be brought back to.
pub(in crate::render) fn anchor_words(anchor: &Anchored) -> String {
    format!(
        "{} {} is there: what the database was at {}",
        anchor.what,
        anchor.name,
        moment(anchor.holds)
    )
}

fn job_ended(
    (job, plan): (Job, Option<&Plan>),
    state: &JobState,
    log: &[String],
    reading: Option<&Reading>,
) -> Entry {
    let name = job_words(job, plan);
    let last = &log[log.len().saturating_sub(3)..];
    let end = match (state, job) {
        (JobState::Exited(0), Job::RevisionBefore | Job::RevisionAfter) => {
            let revision = match reading {
                Some(Reading::Revision(revision)) => revision.to_string(),
                Some(Reading::Unreadable(why)) => why.clone(),
                // A journal of an earlier version.
                None => match Revision::read(log) {
                    Ok(revision) if revision.name().is_some() => revision.to_string(),
                    Ok(_) => "nothing was reported".to_owned(),
                    Err(unclear) => unclear.to_string(),
                },
            };
            return Entry::new(Kind::Find, format!("{name}: {revision}"));
        }
        (JobState::Exited(0), Job::Up | Job::Down | Job::Check(_)) => {
            return Entry::new(Kind::Find, format!("{name}: exit code 0"));
        }
        (JobState::Exited(code), _) => format!("exit code {code}"),
        (JobState::NeverStarted(why), _) => format!("its container never started: {why}"),
        (JobState::Killed(why), _) => why.clone(),
        (JobState::Vanished, _) => "its task vanished; how it ended is unknown".to_owned(),
        (JobState::Running, _) => "it is still running".to_owned(),
    };
    Entry::new(Kind::Find, format!("{name}: {end}")).with(last)
}

/// A cause in one sentence, and the lines of evidence below it.
#[must_use]
pub fn cause_words(cause: &Cause) -> (String, Vec<String>) {
    let lines = match (cause.grounds(), cause) {
        (Some(grounds), _) => grounds_words(grounds),
        (None, Cause::MigrationFailed { log, .. }) => log.clone(),
        (None, _) => Vec::new(),
    };
    (clean(&cause.to_string()), lines)
}

/// What speaks for a cause, a line each.
fn grounds_words(grounds: &Grounds) -> Vec<String> {
    let said = grounds.said.iter().cloned();
    let task = grounds
        .tasks
        .iter()
        .take(1)
        .map(|task| format!("task {}: {}", task.task.short(), task.end));
    let alike = (grounds.alike > 1).then(|| format!("{} tasks ended like this", grounds.alike));
    let unhealthy = grounds
        .unhealthy
        .iter()
        .map(|task| format!("task {}: {}", task.task.short(), task.detail));
    let log = grounds
        .log
        .iter()
        .map(|line| format!("log: {}", line.trim()));
    said.chain(task)
        .chain(alike)
        .chain(unhealthy)
        .chain(log)
        .collect()
}
