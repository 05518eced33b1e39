//! One event in one sentence, with its kind and its details. Every view of a record that people read is made of these.

mod found;

use std::collections::BTreeMap;

use anstyle::{AnsiColor, Style};
use backstay_domain::app::OnInterrupt;
use backstay_domain::decide::data_check;
use backstay_domain::journal::{Act, Event, Gave, Job, Record};
use backstay_domain::plan::Plan;
use backstay_domain::ports::{Effect, PortFailure, Published};
use backstay_domain::release::Release;
use backstay_domain::verdict::{Proof, Testimony};

use found::found;

pub use found::cause_words;

use super::clean::clean;
use super::{outcome, time};

/// What kind of thing happened: the second column of a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The deployment began.
    Plan,
    /// An act is about to be done.
    Act,
    /// An act is done.
    Done,
    /// An act failed.
    Fail,
    /// The engine waits.
    Wait,
    /// Something was found out.
    Find,
    /// The deployment turns back.
    Back,
    /// It ended.
    End,
    /// Something happened to the deployment itself: a signal, another process.
    Note,
}

impl Kind {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Act => "act",
            Self::Done => "done",
            Self::Fail => "fail",
            Self::Wait => "wait",
            Self::Find => "find",
            Self::Back => "back",
            Self::End => "end",
            Self::Note => "note",
        }
    }

    /// Its colour where colours are shown.
    #[must_use]
    pub fn style(self) -> Style {
        match self {
            Self::Plan | Self::End | Self::Note => Style::new().bold(),
            Self::Act => AnsiColor::Cyan.on_default(),
            Self::Done | Self::Find => AnsiColor::Green.on_default(),
            Self::Fail => AnsiColor::Red.on_default(),
            Self::Wait => Style::new().dimmed(),
            Self::Back => AnsiColor::Red.on_default().bold(),
        }
    }
}

/// One event in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its kind.
    pub kind: Kind,
    /// The sentence.
    pub text: String,
    /// Lines below it.
    pub details: Vec<String>,
}

impl Entry {
    pub(super) fn new(kind: Kind, text: impl AsRef<str>) -> Self {
        let (text, details) = (clean(text.as_ref()), Vec::new());
        Self {
            kind,
            text,
            details,
        }
    }

    fn with(mut self, details: &[String]) -> Self {
        self.details = details.iter().map(|line| clean(line)).collect();
        self
    }
}

/// A record in words. `plan` is the deployment's, where it is known: it lends the versions to the last sentence.
#[must_use]
pub fn entry(record: &Record, plan: Option<&Plan>) -> Entry {
    match &record.event {
        Event::Started { plan, .. } => Entry::new(Kind::Plan, started(plan)),
        Event::Intended { act } => Entry::new(Kind::Act, act_words(act, plan)),
        Event::Done { act, gave } => Entry::new(Kind::Done, done(act, gave, plan)),
        Event::Failed { act, failure } => Entry::new(
            Kind::Fail,
            format!("{}: {}", act_words(act, plan), failed(failure)),
        ),
        Event::Waiting { reason } => Entry::new(Kind::Wait, reason.to_string()),
        Event::Found { finding } => found(finding, plan),
        Event::Finished { outcome } => {
            let (text, details) = outcome::last_words(plan, outcome);
            Entry::new(Kind::End, text).with(&details)
        }
        Event::Resumed { operator, .. } => {
            Entry::new(Kind::Note, format!("{operator} goes on with it"))
        }
        Event::Interrupted { signal, then } => {
            Entry::new(Kind::Note, format!("{signal}: {}", interrupted(*then)))
        }
        Event::Unlocked { operator, reason } => {
            let why = reason.as_ref().map(|why| format!(": {why}"));
            let text = format!("{operator} took its lease away{}", why.unwrap_or_default());
            Entry::new(Kind::Note, text)
        }
        Event::Abandoned { operator } => Entry::new(
            Kind::Note,
            format!("never begun; {operator} has its lease now"),
        ),
    }
}

fn interrupted(then: OnInterrupt) -> &'static str {
    match then {
        OnInterrupt::RollBack => {
            "what is in flight is finished; rolling back (again: leave at once)"
        }
        OnInterrupt::Leave => "what is in flight is finished; `backstay resume` goes on from here",
    }
}

fn started(plan: &Plan) -> String {
    let mut parts = Vec::new();
    if plan.migrates().is_some() {
        parts.push("migration".to_owned());
    }
    let services: usize = plan.waves.iter().map(Vec::len).sum();
    parts.push(format!(
        "{} in {}",
        counted(services, "service"),
        counted(plan.waves.len(), "wave")
    ));
    let jobs = plan.jobs.values().filter(|job| job.trigger.is_some());
    match jobs.count() {
        0 => {}
        jobs => parts.push(counted(jobs, "scheduled job")),
    }
    parts.extend(plan.frontends.keys().map(ToString::to_string));
    let retired = plan.retired().count();
    if retired > 0 {
        parts.push(format!("{} retired", counted(retired, "service")));
    }
    format!("{}: {}", versions(plan), parts.join(", "))
}

/// `a1b2c3d → 2f9c1e7`.
#[must_use]
pub fn versions(plan: &Plan) -> String {
    let before = plan
        .before
        .as_ref()
        .map_or("nothing recorded", |before| before.version.as_str());
    format!("{before} → {}", plan.release.version)
}

/// The parts of a release that have another version than it: `auth, catalog on a1b2c3d`.
#[must_use]
pub fn mixed_words(release: &Release) -> Option<String> {
    let mut by_version: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, version) in release.mixed() {
        by_version.entry(version.as_str()).or_default().push(name);
    }
    let each = by_version.iter();
    let each: Vec<String> = each
        .map(|(version, names)| format!("{} on {version}", names.join(", ")))
        .collect();
    (!each.is_empty()).then(|| each.join("; "))
}

/// Up to four names, or how many there are.
#[must_use]
pub fn joined(names: &[String], what: &str) -> String {
    match names.len() {
        0..=4 => names.join(", "),
        many => counted(many, what),
    }
}

/// `1 service`, `2 services`.
#[must_use]
pub fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        many => format!("{many} {what}s"),
    }
}

/// What an act gave, where people can use it. Handles of rollouts, tasks and invalidations differ from run to run and say
/// nothing.
fn done(act: &Act, gave: &Gave, plan: Option<&Plan>) -> String {
    match gave {
        Gave::Definition(definition) => {
            let known = plan.is_some_and(|plan| plan.revisions.knows(definition));
            let known = if known { ", there already" } else { "" };
            format!("{act}: {}{known}", definition.short())
        }
        Gave::Published(published) => format!("{act}: {}", uploaded(published)),
        Gave::Unkept(failures) => format!(
            "{act}; its images have no tag of their own, and the registry's rules may expire them: {}",
            failures.join("; ")
        ),
        Gave::Forgot(gone) if gone.is_empty() => format!("{act}: none is old enough"),
        Gave::Forgot(gone) => format!("{act}: {}", joined(gone, "anchor")),
        Gave::Anchor(name) => format!("{act}: {name}"),
        Gave::Nothing | Gave::Rollout(_) | Gave::Task(_) | Gave::Invalidation(_) => {
            act_words(act, plan)
        }
    }
}

/// An act by the names that people gave.
pub(super) fn act_words(act: &Act, plan: Option<&Plan>) -> String {
    match act {
        Act::StartJob { job } => job_words(*job, plan),
        Act::StopJob { job } => format!("stop the task: {}", job_words(*job, plan)),
        act => act.to_string(),
    }
}

/// A one-off task by the name that people gave.
pub(super) fn job_words(job: Job, plan: Option<&Plan>) -> String {
    match plan.and_then(|plan| data_check(plan, job)) {
        Some(check) => format!("data check `{}`", check.name),
        None => job.to_string(),
    }
}

fn uploaded(published: &Published) -> String {
    let Published {
        uploaded,
        present,
        bytes,
        corrected,
    } = *published;
    let (files, bytes) = (counted(count(uploaded), "file"), time::size(bytes));
    let done = match (uploaded, present) {
        (0, present) => format!("nothing to upload, {present} there already"),
        (_, 0) => format!("{files} uploaded ({bytes})"),
        (_, present) => format!("{files} uploaded ({bytes}), {present} there already"),
    };
    match corrected {
        0 => done,
        corrected => format!(
            "{done}, the headers of {} put right",
            counted(count(corrected), "file")
        ),
    }
}

fn count(of: u32) -> usize {
    usize::try_from(of).unwrap_or(usize::MAX)
}

/// `ecs.UpdateService: Rate exceeded (throttled)`, and what is not known about its effect.
#[must_use]
pub fn failed(failure: &PortFailure) -> String {
    let effect = match failure.effect {
        Effect::None => "",
        Effect::Applied => "; it took effect all the same",
        Effect::Unknown => "; whether it took effect is not known",
    };
    format!("{failure} ({}{effect})", failure.kind)
}

/// `proven 4/4`.
#[must_use]
pub fn score(proof: &Proof) -> String {
    format!("proven {}/{}", proof.confirmed(), proof.witnesses.len())
}

/// The witnesses that confirm, by name, then the first that does not, with its words. What a confirming witness said is left
/// to the journal: it names handles.
#[must_use]
pub fn witnesses(proof: &Proof) -> String {
    let confirming: Vec<String> = proof
        .witnesses
        .iter()
        .filter(|witness| matches!(witness.testimony, Testimony::Confirms(_)))
        .map(|witness| witness.kind.to_string())
        .collect();
    match proof.missing() {
        None => confirming.join(", "),
        Some(missing) if confirming.is_empty() => format!("missing {missing}"),
        Some(missing) => format!("{}; missing {missing}", confirming.join(", ")),
    }
}
