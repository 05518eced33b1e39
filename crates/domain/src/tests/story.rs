//! A deployment brought to a certain point, and what a look at the world would show there if all goes well.

use std::time::Duration;

use jiff::Timestamp;

use super::words::words;
use super::world::{app, definition_ref, name, rollout, start, survey, try_plan};
use crate::TaskId;
use crate::anchor::Anchored;
use crate::decide::{Phase, acts_of, decide, is_to_be_read, next_job, phase};
use crate::journal::{Act, Cause, Event, Finding, Gave, Job, Record, Side};
use crate::observation::{
    Evidence, JobState, Observation, Reading, RolloutStatus, Seen, ServiceView, StopCause,
    StoppedTask, TaskEnd,
};
use crate::plan::{Plan, What};
use crate::ports::{Effect, FailureKind, PortFailure, Published};
use crate::progress::{Progress, after};
use crate::schema::Revision;
use crate::verdict::{Component, Proof, Witness, WitnessKind};

#[derive(Clone)]
pub(super) struct Story {
    pub(super) plan: Plan,
    pub(super) progress: Progress,
    pub(super) now: Timestamp,
    pub(super) records: Vec<Record>,
}

pub(super) fn failure(kind: FailureKind, effect: Effect) -> PortFailure {
    PortFailure {
        kind,
        effect,
        operation: "call".to_owned(),
        message: kind.to_string(),
    }
}

/// The look did not succeed.
pub(super) fn unseen<T>() -> Seen<T> {
    Seen::Unseen(failure(FailureKind::Throttled, Effect::None))
}

pub(super) fn roll_out(service: &str, side: Side) -> Act {
    let service = name(service);
    Act::RollOut { service, side }
}

pub(super) fn stopped(rollout_of: Option<&str>, cause: StopCause) -> StoppedTask {
    StoppedTask {
        task: TaskId::parse("task/0123456789").unwrap(),
        definition: definition_ref("auth:2"),
        rollout: rollout_of.map(rollout),
        started_at: None,
        stopped_at: None,
        cause,
        end: TaskEnd::saying("it stopped"),
    }
}

pub(super) fn evidence(stopped: Vec<StoppedTask>) -> Evidence {
    Evidence {
        stopped,
        ..Evidence::default()
    }
}

impl Story {
    pub(super) fn of(plan: Plan) -> Self {
        let started = Event::Started {
            plan: Box::new(plan.clone()),
            by: None,
            operator: crate::operator::Operator::default(),
            why: crate::operator::Why::default(),
        };
        let story = Self {
            plan,
            progress: Progress::default(),
            now: start(),
            records: vec![],
        };
        story.then(started)
    }

    pub(super) fn then(mut self, event: Event) -> Self {
        let record = Record {
            sequence: self.progress.next_sequence(),
            at: self.now,
            deployment: self.plan.deployment.clone(),
            event,
        };
        self.progress = self.progress.apply(&record).unwrap();
        self.records.push(record);
        self
    }

    pub(super) fn later(mut self, seconds: u64) -> Self {
        self.now = after(self.now, Duration::from_secs(seconds));
        self
    }

    pub(super) fn intend(self, act: Act) -> Self {
        self.then(Event::Intended { act })
    }

    pub(super) fn done(self, act: Act) -> Self {
        let gave = gave(&act);
        let act_again = act.clone();
        self.intend(act).then(Event::Done {
            act: act_again,
            gave,
        })
    }

    pub(super) fn failed(self, act: Act, kind: FailureKind, effect: Effect) -> Self {
        let failure = failure(kind, effect);
        self.intend(act.clone())
            .then(Event::Failed { act, failure })
    }

    pub(super) fn find(self, finding: Finding) -> Self {
        self.then(Event::Found { finding })
    }

    pub(super) fn job(self, job: Job, state: JobState, log: &[&str]) -> Self {
        let log = log.iter().map(|line| (*line).to_owned()).collect();
        let asks = crate::decide::data_check(&self.plan, Job::Check(0)).is_some();
        let good = job == Job::Up && state == JobState::Exited(0) && !asks;
        let ended = self
            .done(Act::StartJob { job })
            .find(ended(job, state, log));
        if good {
            return ended.proven(Component::Migration, Side::New);
        }
        ended
    }

    pub(super) fn anchored(self) -> Self {
        let anchor = anchored("backstay-d-1", self.now);
        self.done(Act::Anchor).find(Finding::Anchored { anchor })
    }

    pub(super) fn prepared(self) -> Self {
        let plan = self.plan.clone();
        plan.steps()
            .iter()
            .filter(|step| step.is_taken() && step.what != What::Record)
            .flat_map(|step| acts_of(&plan, &step.what))
            .fold(self, Self::done)
    }

    pub(super) fn migrated(self) -> Self {
        self.prepared().job(Job::Up, JobState::Exited(0), &[])
    }

    /// Everything before the services is done.
    pub(super) fn ready(self) -> Self {
        match phase(&self.plan, &self.progress) {
            Phase::Step(What::Anchor) => self.anchored().ready(),
            Phase::Step(What::Register(_) | What::Assets) => self.prepared().ready(),
            Phase::Step(What::Migrate) => {
                let job = next_job(&self.plan, &self.progress);
                let revision = match job {
                    Job::RevisionAfter => "r2 (head)",
                    Job::RevisionBefore | Job::Up | Job::Down | Job::Check(_) => "r1",
                };
                self.job(job, JobState::Exited(0), &[revision]).ready()
            }
            // Most stories are not about when that is read.
            _ => self.reread(),
        }
    }

    /// The revision after the migration is read, if that is open.
    pub(super) fn reread(self) -> Self {
        match is_to_be_read(&self.plan, &self.progress) {
            true => self.job(Job::RevisionAfter, JobState::Exited(0), &["r2 (head)"]),
            false => self,
        }
    }

    pub(super) fn begun(self, service: &str) -> Self {
        self.done(roll_out(service, Side::New))
    }

    pub(super) fn ended(self, service: &str) -> Self {
        let service_name = name(service);
        self.begun(service).find(Finding::RolloutEnded {
            service: service_name,
            side: Side::New,
        })
    }

    pub(super) fn proven(self, component: Component, side: Side) -> Self {
        let witnesses = vec![Witness::confirms(WitnessKind::Tasks, "2/2")];
        self.find(Finding::Proven {
            side,
            proof: Proof {
                component,
                witnesses,
            },
        })
    }

    pub(super) fn live(self, service: &str) -> Self {
        self.ended(service)
            .proven(Component::Service(name(service)), Side::New)
    }

    pub(super) fn home(self, service: &str) -> Self {
        self.proven(Component::Service(name(service)), Side::Old)
    }

    pub(super) fn cannot_return(self, service: &str) -> Self {
        self.find(Finding::CannotReturn {
            service: name(service),
            why: "it does not".to_owned(),
            grounds: crate::journal::Grounds::default(),
        })
    }

    /// Its rollout back has ended.
    pub(super) fn put_back(self, service: &str) -> Self {
        let service = name(service);
        self.find(Finding::RolloutEnded {
            service,
            side: Side::Old,
        })
    }

    /// All services of both waves are proven.
    pub(super) fn all_live(self) -> Self {
        super::world::SERVICES
            .into_iter()
            .fold(self.ready(), Self::live)
    }

    pub(super) fn turned_back(self) -> Self {
        self.find(Finding::TurnedBack {
            cause: Cause::CheckFailed {
                name: "login".to_owned(),
                seen: "500".to_owned(),
            },
        })
    }

    pub(super) fn decide(&self, seen: &Observation) -> String {
        words(
            &decide(&self.plan, &self.progress, seen, self.now),
            self.now,
        )
    }
}

/// What a call that succeeds gives.
pub(super) fn gave(act: &Act) -> Gave {
    match act {
        Act::Register { component } => Gave::Definition(definition_ref(&format!("{component}:2"))),
        Act::Anchor => Gave::Anchor("backstay-d-1".to_owned()),
        Act::ForgetAnchors => Gave::Forgot(vec![]),
        Act::PublishAssets { .. } => Gave::Published(Published::default()),
        Act::StartJob { job } => Gave::Task(TaskId::parse(format!("task/{job:?}")).unwrap()),
        Act::RollOut { service, side } => Gave::Rollout(rollout(&match side {
            Side::New => format!("{service}-2"),
            Side::Old => format!("{service}-3"),
        })),
        Act::Invalidate { .. } => Gave::Invalidation("I1".to_owned()),
        Act::StopJob { .. }
        | Act::GoOn { .. }
        | Act::TurnBack { .. }
        | Act::Schedule { .. }
        | Act::Point { .. }
        | Act::RecordRelease => Gave::Nothing,
    }
}

/// An anchor that is there.
pub(super) fn anchored(name: &str, holds: Timestamp) -> Anchored {
    Anchored {
        name: name.to_owned(),
        what: "RDS snapshot of shop".to_owned(),
        holds,
        restore: vec![format!("restore {name}")],
    }
}

/// The end of a job, with the revision that it printed.
pub(super) fn ended(job: Job, state: JobState, log: Vec<String>) -> Finding {
    let reading =
        (job.reads() && state == JobState::Exited(0)).then(|| match Revision::read(&log) {
            Ok(revision) => Reading::Revision(revision),
            Err(unclear) => Reading::Unreadable(unclear.to_string()),
        });
    Finding::JobEnded {
        job,
        state,
        log,
        reading,
    }
}

/// One situation of a table.
pub(super) struct Row {
    pub(super) situation: &'static str,
    pub(super) found: String,
    pub(super) expected: &'static str,
}

pub(super) fn row(
    situation: &'static str,
    story: &Story,
    edit: impl Fn(&mut Observation),
    expected: &'static str,
) -> Row {
    let mut seen = story.look();
    edit(&mut seen);
    let found = story.decide(&seen);
    Row {
        situation,
        found,
        expected,
    }
}

/// Every row that differs, at once.
pub(super) fn check(rows: Vec<Row>) {
    let wrong: Vec<String> = rows
        .iter()
        .filter(|row| row.found != row.expected)
        .map(|row| {
            let Row {
                situation,
                found,
                expected,
            } = row;
            format!("{situation}\n  expected: {expected}\n  found:    {found}")
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Nothing is changed in what is seen.
pub(super) fn well(_: &mut Observation) {}

/// A release that `proxy` is no part of: all else of it is live.
pub(super) fn without_proxy() -> Story {
    let mut new = app();
    new.services.remove(&name("proxy"));
    let plan = try_plan(&new, &survey(&app())).unwrap();
    Story::of(plan).ready().live("auth").live("catalog")
}

/// Changes how one service looks.
pub(super) fn service(
    of: &'static str,
    edit: impl Fn(&mut ServiceView),
) -> impl Fn(&mut Observation) {
    move |seen| match &mut seen.services {
        Seen::Known(all) => edit(all.get_mut(&name(of)).unwrap()),
        Seen::Unseen(_) => panic!("services are seen"),
    }
}

/// Changes where its followed rollout stands.
pub(super) fn followed(of: &'static str, status: RolloutStatus) -> impl Fn(&mut Observation) {
    service(of, move |view| {
        view.followed.as_mut().unwrap().status = status.clone();
    })
}
