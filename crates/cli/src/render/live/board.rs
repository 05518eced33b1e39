//! What the live view shows: a row per component with a word for where it stands. A fold over records and looks; no terminal.

use std::collections::BTreeMap;

use anstyle::Style;
use backstay_domain::journal::{Act, Cause, Event, Finding, Job, Record, Side};
use backstay_domain::observation::{JobState, Observation};
use backstay_domain::plan::Plan;
use backstay_domain::verdict::Component;
use backstay_domain::{FrontendName, ServiceName};

use super::row::{Part, Row, State, proven, rows};
use crate::render::words::{Kind, entry};

/// All rows and the last thing that happened.
#[derive(Clone, Debug, Default)]
pub struct Board {
    rows: Vec<Row>,
    last: String,
}

impl Board {
    /// The board at the beginning.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self {
            rows: rows(plan),
            last: String::new(),
        }
    }

    /// A record happened.
    pub fn apply(&mut self, record: &Record) {
        let words = entry(record, None);
        if words.kind != Kind::Plan {
            self.last = words.text;
        }
        match &record.event {
            Event::Started { plan, .. } => self.rows = rows(plan),
            Event::Intended { act } => self.intend(act),
            Event::Done { act, .. } => self.done(act),
            Event::Failed { .. }
            | Event::Waiting { .. }
            | Event::Finished { .. }
            | Event::Resumed { .. }
            | Event::Interrupted { .. }
            | Event::Unlocked { .. }
            | Event::Abandoned { .. } => {}
            Event::Found { finding } => self.find(finding),
        }
    }

    /// The environment was looked at.
    pub fn observe(&mut self, observation: &Observation) {
        let empty = BTreeMap::new();
        let services = observation.services.known().unwrap_or(&empty);
        for (name, view) in services {
            let running = view.followed.as_ref().map_or(view.running, |f| f.running);
            if let Some(state @ State::RollingOut(_)) = self.service(name) {
                *state = State::RollingOut(Some((running, view.desired)));
            }
        }
    }

    /// The last thing that happened.
    #[must_use]
    pub fn last(&self) -> &str {
        &self.last
    }

    /// The rows as plain text.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.render(|_| Style::new())
    }

    /// The rows with the state's words in colour.
    #[must_use]
    pub fn painted(&self) -> Vec<String> {
        self.render(State::style)
    }

    fn render(&self, style: impl Fn(&State) -> Style) -> Vec<String> {
        let width = |of: fn(&Row) -> usize| self.rows.iter().map(of).max().unwrap_or(0);
        let (names, notes) = (width(|row| row.name.len()), width(|row| row.note.len()));
        self.rows
            .iter()
            .map(|row| {
                let (style, words) = (style(&row.state), row.state.words());
                let (name, note) = (&row.name, &row.note);
                format!("{name:<names$}  {note:<notes$}  {style}{words}{style:#}")
            })
            .collect()
    }

    fn intend(&mut self, act: &Act) {
        match act {
            Act::Register { .. }
            | Act::StopJob { .. }
            | Act::RecordRelease
            | Act::ForgetAnchors => {}
            Act::Anchor => self.set(&Component::Migration, State::Working("anchoring")),
            Act::PublishAssets { frontend } => self.site(frontend, State::Working("uploading")),
            Act::StartJob { job } => {
                let word = match job {
                    Job::RevisionBefore | Job::RevisionAfter => "reading the revision",
                    Job::Up => "migrating",
                    Job::Down => "migrating down",
                    Job::Check(_) => "asking the data",
                };
                self.set(&Component::Migration, State::Working(word));
            }
            Act::RollOut { service, side } => {
                let state = match side {
                    Side::New => State::RollingOut(None),
                    Side::Old => State::Returning,
                };
                self.set(&Component::Service(service.clone()), state);
            }
            Act::TurnBack { service } | Act::GoOn { service, .. } => {
                self.set(&Component::Service(service.clone()), State::Returning);
            }
            Act::Schedule { job, side } => {
                let state = match side {
                    Side::New => State::Working("switching"),
                    Side::Old => State::Returning,
                };
                self.set(&Component::Job(job.clone()), state);
            }
            Act::Point { frontend, side } | Act::Invalidate { frontend, side } => {
                let state = match side {
                    Side::New => State::Working("switching"),
                    Side::Old => State::Returning,
                };
                self.site(frontend, state);
            }
        }
    }

    fn site(&mut self, frontend: &FrontendName, state: State) {
        self.set(&Component::Frontend(frontend.clone()), state);
    }

    fn done(&mut self, act: &Act) {
        match act {
            Act::PublishAssets { frontend } => self.site(frontend, State::Working("uploaded")),
            Act::Anchor
            | Act::ForgetAnchors
            | Act::Register { .. }
            | Act::StartJob { .. }
            | Act::StopJob { .. }
            | Act::RollOut { .. }
            | Act::TurnBack { .. }
            | Act::GoOn { .. }
            | Act::Schedule { .. }
            | Act::Point { .. }
            | Act::Invalidate { .. }
            | Act::RecordRelease => {}
        }
    }

    fn find(&mut self, finding: &Finding) {
        match finding {
            Finding::RolloutEnded { service, side } => {
                let state = match side {
                    Side::New => State::Proving,
                    Side::Old => State::Back("back".to_owned()),
                };
                self.set(&Component::Service(service.clone()), state);
            }
            Finding::Serves { side, proof } => {
                let state = match side {
                    Side::New => State::Working("serving"),
                    Side::Old => State::Back("serving again".to_owned()),
                };
                self.set(&proof.component, state);
            }
            Finding::Held { service, .. } => {
                let service = Component::Service(service.clone());
                self.set(&service, State::Working("waits for somebody"));
            }
            Finding::WentOn { service } => {
                let service = Component::Service(service.clone());
                self.set(&service, State::Working("goes on"));
            }
            Finding::Proven { side, proof } => self.set(&proof.component, proven(*side, proof)),
            Finding::JobEnded { job, state, .. } => self.job_ended(*job, state),
            Finding::Invalidated {
                frontend,
                side: Side::New,
            } => self.site(frontend, State::Proving),
            Finding::Retired { service } => self.set(
                &Component::Service(service.clone()),
                State::Working("retired"),
            ),
            Finding::ChecksPassed => self.set_checks(State::Proven("passed".to_owned())),
            Finding::CheckFailed { name, .. } if !name.starts_with("probe of ") => {
                self.set_checks(State::Working("trying again"));
            }
            Finding::TurnedBack { cause } => self.turned_back(cause),
            Finding::CannotReturn { service, .. } => {
                self.set(&Component::Service(service.clone()), State::Failed);
            }
            Finding::LeftAlone { service, .. } => {
                self.set(&Component::Service(service.clone()), State::Alone);
            }
            Finding::ScheduleStays { job, .. } => {
                self.set(&Component::Job(job.clone()), State::Failed);
            }
            Finding::FrontendStays { frontend, .. } => self.site(frontend, State::Failed),
            Finding::Unproven { component, .. } => self.set(component, State::Failed),
            Finding::Anchored { .. } => {
                self.set(&Component::Migration, State::Working("anchored"));
            }
            Finding::Undone
            | Finding::AnchorsStay { .. }
            | Finding::Adopted { .. }
            | Finding::NoEffect { .. }
            | Finding::CheckFailed { .. }
            | Finding::Invalidated {
                side: Side::Old, ..
            }
            | Finding::BakeBegan
            | Finding::BakeEnded => {}
        }
    }

    fn job_ended(&mut self, job: Job, end: &JobState) {
        let state = match (job, end) {
            (Job::Up, JobState::Exited(0)) => State::Working("migrated"),
            (Job::Down, JobState::Exited(0)) => State::Back("back".to_owned()),
            (Job::Up | Job::Down, _) => State::Failed,
            (Job::Check(_), JobState::Exited(0))
            | (Job::RevisionBefore | Job::RevisionAfter, _) => return,
            (Job::Check(_), _) => State::Failed,
        };
        self.set(&Component::Migration, state);
    }

    fn turned_back(&mut self, cause: &Cause) {
        match (cause, cause.blames()) {
            (Cause::CheckFailed { .. }, _) => self.set_checks(State::Failed),
            (_, Some(failed)) => self.set(&failed, State::Failed),
            (_, None) => {}
        }
    }

    fn set(&mut self, component: &Component, state: State) {
        self.set_part(&Part::Component(component.clone()), state);
    }

    fn set_checks(&mut self, state: State) {
        self.set_part(&Part::Checks, state);
    }

    fn set_part(&mut self, part: &Part, state: State) {
        if let Some(row) = self.rows.iter_mut().find(|row| row.part == *part) {
            row.state = state;
        }
    }

    fn service(&mut self, name: &ServiceName) -> Option<&mut State> {
        let part = Part::Component(Component::Service(name.clone()));
        let row = self.rows.iter_mut().find(|row| row.part == part)?;
        Some(&mut row.state)
    }
}
