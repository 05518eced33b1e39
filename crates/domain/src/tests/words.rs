//! Decisions in one line.

use std::error::Error as _;

use jiff::Timestamp;

use crate::decide::Decision;
use crate::journal::{Cause, Finding, Grounds, Outcome, Side};

pub(super) fn words(decision: &Decision, now: Timestamp) -> String {
    match decision {
        Decision::Act(acts) => {
            let acts: Vec<String> = acts.iter().map(ToString::to_string).collect();
            format!("act: {}", acts.join(", "))
        }
        Decision::Find(findings) => {
            let findings: Vec<String> = findings.iter().map(finding).collect();
            format!("find: {}", findings.join(", "))
        }
        Decision::Wait(until, reason) => {
            let seconds = until.duration_since(now).as_secs();
            format!("wait {seconds}s: {reason}")
        }
        Decision::Leave(away) => {
            let failure = away.source().map(ToString::to_string).unwrap_or_default();
            format!("leave: {away}: {failure}")
        }
        Decision::Finish(outcome) => format!("finish: {}", ending(outcome)),
    }
}

pub(super) fn ending(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Live { proofs, unproven } => {
            let unproven: Vec<&str> = unproven.iter().map(|name| name.as_str()).collect();
            format!(
                "live, {} proofs, unproven [{}]",
                proofs.len(),
                unproven.join(", ")
            )
        }
        Outcome::RolledBack { cause, proofs, .. } => {
            format!("rolled back, {} proofs: {cause}", proofs.len())
        }
        Outcome::Stuck { because, .. } => format!("stuck: {because}"),
    }
}

fn of(side: Side) -> &'static str {
    match side {
        Side::New => "new",
        Side::Old => "old",
    }
}

fn finding(finding: &Finding) -> String {
    match finding {
        Finding::Adopted {
            service,
            side,
            rollout,
        } => format!("adopted {service} {} {rollout}", of(*side)),
        Finding::NoEffect { act } => format!("no effect: {act}"),
        Finding::RolloutEnded { service, side } => format!("ended {service} {}", of(*side)),
        Finding::Serves { side, proof } => format!(
            "{} {} serves {}",
            of(*side),
            proof.component,
            proof.witnesses.len()
        ),
        Finding::Held { service, stage, .. } => format!("held {service} {stage}"),
        Finding::WentOn { service } => format!("went on {service}"),
        Finding::CheckFailed { name, seen } => format!("check {name} failed: {seen}"),
        Finding::ChecksPassed => "checks passed".to_owned(),
        Finding::Anchored { anchor } => format!("anchored: {}", anchor.name),
        Finding::AnchorsStay { failure } => format!("anchors stay: {failure}"),
        Finding::JobEnded { job, state, .. } => format!("{job}: {state:?}"),
        Finding::Invalidated { frontend, side } if frontend.is_usual() => {
            format!("invalidated {}", of(*side))
        }
        Finding::Invalidated { frontend, side } => {
            format!("{frontend} invalidated {}", of(*side))
        }
        Finding::Proven { side, proof } => format!("{} {proof}", of(*side)),
        Finding::Retired { service } => format!("retired {service}"),
        Finding::BakeBegan => "bake began".to_owned(),
        Finding::BakeEnded => "bake ended".to_owned(),
        Finding::TurnedBack { cause } => format!("back: {}", cause_words(cause)),
        Finding::CannotReturn {
            service,
            why,
            grounds,
        } => format!("cannot return {service}: {why}{}", grounds_words(grounds)),
        Finding::FrontendStays { frontend, obstacle } => format!("{frontend} stays: {obstacle}"),
        Finding::ScheduleStays { job, obstacle } => format!("{job} stays: {obstacle}"),
        Finding::Undone => "undone".to_owned(),
        Finding::Unproven { component, witness } => format!("unproven {component}: {witness}"),
        Finding::LeftAlone { service, runs } => format!("left alone {service}: {runs}"),
    }
}

fn cause_words(cause: &Cause) -> String {
    let log = match cause {
        Cause::MigrationFailed { log, .. } => log.iter().map(|line| format!("; {line}")).collect(),
        _ => String::new(),
    };
    let grounds = cause.grounds().map(grounds_words).unwrap_or_default();
    format!("{cause}{grounds}{log}")
}

fn grounds_words(grounds: &Grounds) -> String {
    let tasks = grounds.tasks.iter().take(1);
    let tasks = tasks.map(|task| format!("task {}: {}", task.task.short(), task.end));
    let alike = (grounds.alike > 1).then(|| format!("{} tasks ended like this", grounds.alike));
    let said = grounds.said.iter().cloned();
    let log = grounds.log.iter().map(|line| format!("log: {line}"));
    let all = said.chain(tasks).chain(alike).chain(log);
    all.map(|words| format!("; {words}")).collect()
}
