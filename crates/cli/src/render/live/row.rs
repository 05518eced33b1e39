//! One row of the live view: which part of the release, where it stands, in which word and colour.

use anstyle::{AnsiColor, Style};
use backstay_domain::journal::Side;
use backstay_domain::plan::{Change, FrontendChange, Plan};
use backstay_domain::scheduled::JobChange;
use backstay_domain::verdict::{Component, Proof};

use crate::render::words::score;

/// A row.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) part: Part,
    pub(super) name: String,
    pub(super) note: String,
    pub(super) state: State,
}

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Component(Component),
    Checks,
}

/// Where a component stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    Waiting,
    Unchanged,
    Working(&'static str),
    RollingOut(Option<(u32, u32)>),
    Proving,
    Proven(String),
    Failed,
    Returning,
    Back(String),
    Alone,
}

/// The rows of a plan, in the order in which they are reached.
pub(super) fn rows(plan: &Plan) -> Vec<Row> {
    let row = |part: Part, name: &str, note: String, state: State| Row {
        part,
        name: name.to_owned(),
        note,
        state,
    };
    let waiting = |changes: bool| {
        if changes {
            State::Waiting
        } else {
            State::Unchanged
        }
    };
    let mut rows = Vec::new();
    if plan.migration.is_some() {
        let part = Part::Component(Component::Migration);
        let state = waiting(plan.migrates().is_some());
        rows.push(row(part, "migration", String::new(), state));
    }
    let waves = (1..)
        .zip(&plan.waves)
        .flat_map(|(wave, names)| names.iter().map(move |name| (name, format!("wave {wave}"))));
    let retired = plan.retired().map(|name| (name, "leaves".to_owned()));
    for (name, note) in waves.chain(retired) {
        let change = plan.services.get(name).map(|service| service.change);
        let state = waiting(change != Some(Change::Unchanged));
        let part = Part::Component(Component::Service(name.clone()));
        rows.push(row(part, name.as_str(), note, state));
    }
    if !plan.checks.is_empty() {
        rows.push(row(Part::Checks, "checks", String::new(), State::Waiting));
    }
    for (name, job) in plan.jobs.iter().filter(|(_, job)| job.trigger.is_some()) {
        let part = Part::Component(Component::Job(name.clone()));
        let state = waiting(job.change != JobChange::Unchanged);
        rows.push(row(part, name.as_str(), "job".to_owned(), state));
    }
    for (name, frontend) in &plan.frontends {
        let part = Part::Component(Component::Frontend(name.clone()));
        let state = waiting(frontend.change != FrontendChange::Unchanged);
        rows.push(row(part, name.as_str(), String::new(), state));
    }
    rows
}

/// A component of which every witness was heard.
pub(super) fn proven(side: Side, proof: &Proof) -> State {
    match side {
        Side::New => State::Proven(score(proof)),
        Side::Old => State::Back(format!("back, {}", score(proof))),
    }
}

impl State {
    pub(super) fn words(&self) -> String {
        match self {
            Self::Waiting => "waiting".to_owned(),
            Self::Unchanged => "unchanged".to_owned(),
            Self::Working(word) => (*word).to_owned(),
            Self::RollingOut(None) => "rolling out".to_owned(),
            Self::RollingOut(Some((running, desired))) => {
                format!("rolling out {running}/{desired}")
            }
            Self::Proving => "proving".to_owned(),
            Self::Proven(words) | Self::Back(words) => words.clone(),
            Self::Failed => "failed".to_owned(),
            Self::Returning => "returning".to_owned(),
            Self::Alone => "left alone".to_owned(),
        }
    }

    pub(super) fn style(&self) -> Style {
        match self {
            Self::Waiting | Self::Unchanged => Style::new().dimmed(),
            Self::Working(_) | Self::RollingOut(_) | Self::Proving => AnsiColor::Cyan.on_default(),
            Self::Proven(_) => AnsiColor::Green.on_default(),
            Self::Failed | Self::Alone => AnsiColor::Red.on_default().bold(),
            Self::Returning | Self::Back(_) => AnsiColor::Yellow.on_default(),
        }
    }
}
