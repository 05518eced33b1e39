//! Faults that are put into the core on purpose, around what it decides, looks at and writes. Each is of a kind that deployers
//! have: whoever explores must find every one of them.

use std::borrow::Cow;

use backstay_domain::decide::{Decision, decide};
use backstay_domain::journal::{Act, Cause, Finding, Job, Left, Outcome, Remains, Runs, Side};
use backstay_domain::observation::{JobState, Observation, PrimaryState, RolloutStatus, Seen};
use backstay_domain::plan::{Plan, What};
use backstay_domain::progress::{Progress, after};
use backstay_domain::reason::Reason;
use backstay_domain::verdict::{Component, Proof, Witness, WitnessKind};
use backstay_domain::watch::{Watch, watch};
use backstay_domain::{DeploymentId, FrontendName};
use jiff::Timestamp;

use crate::fixed;

/// A fault in the core.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seed {
    /// None: the core as it is.
    #[default]
    None,
    /// On the way back a call whose answer was lost had no effect, since one look shows none.
    NoEffectAtOnce,
    /// Every grace period is over before it began.
    Impatient,
    /// The newest rollout is taken for ours, and what runs for what it brought.
    JudgesLatest,
    /// On the way back nobody waits for the migration's end.
    ForgetsUp,
    /// The frontend is proven before the CDN forgot anything.
    ForgetsTheCdn,
    /// On the way back the schema stays where it is.
    ForgetsDown,
    /// Services first, then the schema.
    CodeFirst,
    /// A migration whose answer was lost is started again with another token.
    AnotherToken,
    /// What is left behind is what was there before.
    TrustsTheJournal,
    /// What takes too long is waited for.
    NoDeadline,
    /// Nobody keeps the schema record.
    NoRecord,
    /// Nobody looks whether another migration runs.
    NotAlone,
}

/// All of them.
pub const SEEDS: [Seed; 12] = [
    Seed::NoEffectAtOnce,
    Seed::Impatient,
    Seed::JudgesLatest,
    Seed::ForgetsUp,
    Seed::ForgetsTheCdn,
    Seed::ForgetsDown,
    Seed::CodeFirst,
    Seed::AnotherToken,
    Seed::TrustsTheJournal,
    Seed::NoDeadline,
    Seed::NoRecord,
    Seed::NotAlone,
];

/// Seconds that an impatient core is ahead of time.
const AHEAD: u64 = 200;

impl Seed {
    /// What the core decides with this fault.
    #[must_use]
    pub fn decide(
        self,
        plan: &Plan,
        progress: &Progress,
        seen: &Observation,
        now: Timestamp,
    ) -> Decision {
        let plan = match self {
            Self::CodeFirst => Cow::Owned(code_first(plan)),
            _ => Cow::Borrowed(plan),
        };
        let (plan, back) = (&*plan, progress.turned_back().is_some());
        let later = after(now, std::time::Duration::from_secs(AHEAD));
        let seen = match self {
            Self::JudgesLatest => Cow::Owned(latest(plan, progress, seen)),
            _ => Cow::Borrowed(seen),
        };
        let seen = &*seen;
        let decision = match self {
            Self::Impatient if back => decide(plan, progress, seen, later),
            _ => decide(plan, progress, seen, now),
        };
        match (self, decision) {
            (Self::NoEffectAtOnce, Decision::Wait(_, Reason::Looking { act })) if back => {
                Decision::Find(vec![Finding::NoEffect { act }])
            }
            (Self::ForgetsUp, Decision::Wait(_, Reason::JobRuns { job: Job::Up })) if back => {
                ended(Job::Up, JobState::NeverStarted("nobody looked".to_owned()))
            }
            (Self::ForgetsTheCdn, Decision::Act(acts))
                if acts.contains(&Act::Invalidate {
                    frontend: FrontendName::default(),
                    side: Side::New,
                }) =>
            {
                let side = Side::New;
                let frontend = FrontendName::default();
                let proof = proof(Component::Frontend(frontend.clone()));
                Decision::Find(vec![
                    Finding::Invalidated { frontend, side },
                    Finding::Proven { side, proof },
                ])
            }
            (Self::ForgetsDown, Decision::Act(acts))
                if acts.contains(&Act::StartJob { job: Job::Down }) =>
            {
                ended(Job::Down, JobState::Exited(0))
            }
            (Self::TrustsTheJournal, Decision::Finish(mut outcome)) => {
                trust(&mut outcome);
                Decision::Finish(outcome)
            }
            (Self::NoDeadline, Decision::Find(findings)) if times_out(&findings) => {
                let services = plan.services.keys().cloned().collect();
                Decision::poll(plan, now, Reason::RollingOut { services })
            }
            (_, decision) => decision,
        }
    }

    /// What it looks at.
    #[must_use]
    pub fn watch(self, plan: &Plan, progress: &Progress, now: Timestamp) -> Watch {
        match self {
            Self::CodeFirst => watch(&code_first(plan), progress, now),
            _ => watch(plan, progress, now),
        }
    }

    /// What it takes for seen.
    #[must_use]
    pub fn seen(self, mut seen: Observation) -> Observation {
        if self == Self::NotAlone {
            seen.migrating = seen.migrating.map(|_| Seen::Known(Vec::new()));
        }
        seen
    }

    /// Whether it asks which migrations run, before it plans.
    #[must_use]
    pub fn asks_who_runs(self) -> bool {
        self != Self::NotAlone
    }

    /// Whether it keeps the schema record.
    #[must_use]
    pub fn keeps_the_record(self) -> bool {
        self != Self::NoRecord
    }

    /// The plan by which it performs an act.
    #[must_use]
    pub fn performs<'p>(self, plan: &'p Plan, progress: &Progress, act: &Act) -> Cow<'p, Plan> {
        let again = progress.tried(act).is_some_and(|(tried, _)| tried > 1);
        match (self, act) {
            (Self::AnotherToken, Act::StartJob { .. }) if again => {
                let mut other = plan.clone();
                other.deployment = fixed(DeploymentId::parse(format!("{}again", plan.deployment)));
                Cow::Owned(other)
            }
            (_, _) => Cow::Borrowed(plan),
        }
    }
}

fn code_first(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    let mut steps = plan.steps().into_owned();
    if let Some(at) = steps.iter().position(|step| step.what == What::Migrate) {
        let migrate = steps.remove(at);
        let services = |what: &What| matches!(what, What::Services(_));
        let last = steps
            .iter()
            .rposition(|step| services(&step.what))
            .unwrap_or(at);
        steps.insert(last + 1, migrate);
    }
    plan.steps = steps;
    plan
}

/// The newest rollouts are taken for ours.
fn latest(plan: &Plan, progress: &Progress, seen: &Observation) -> Observation {
    let mut seen = seen.clone();
    for (name, service) in &plan.services {
        let ours = progress.definition(&Component::Service(name.clone()));
        let (Some((rollout, _)), Some(ours)) = (progress.rollout(name, Side::New), ours) else {
            continue;
        };
        if let Seen::Known(views) = &mut seen.services
            && let Some(view) = views.get_mut(name)
        {
            (view.primary, view.primary_definition) = (rollout.clone(), ours.clone());
            if let Some(followed) = &mut view.followed {
                followed.status = match view.primary_state {
                    PrimaryState::Completed => RolloutStatus::Succeeded,
                    PrimaryState::InProgress | PrimaryState::Failed => RolloutStatus::InProgress,
                };
            }
        }
        let image = service
            .target
            .as_ref()
            .map(|target| target.image.digest.clone());
        if let Some(Seen::Known(tasks)) = seen.tasks.get_mut(name) {
            for task in &mut tasks.tasks {
                task.definition = ours.clone();
                task.digests = image.iter().cloned().collect();
            }
        }
    }
    seen
}

fn proof(component: Component) -> Proof {
    Proof {
        component,
        witnesses: vec![Witness::confirms(WitnessKind::Rollout, "it looks stable")],
    }
}

fn ended(job: Job, state: JobState) -> Decision {
    Decision::Find(vec![Finding::JobEnded {
        job,
        state,
        log: Vec::new(),
        reading: None,
    }])
}

fn times_out(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| {
        matches!(
            finding,
            Finding::TurnedBack {
                cause: Cause::TimedOut { .. }
            }
        )
    })
}

fn trust(outcome: &mut Outcome) {
    let Outcome::Stuck { left, .. } = outcome else {
        return;
    };
    for left in left {
        if let Left::Fact(fact) = left
            && let Remains::Service { runs, rollout, .. } = &mut fact.remains
        {
            (*runs, *rollout) = (Runs::Old(None), PrimaryState::Completed);
        }
    }
}
