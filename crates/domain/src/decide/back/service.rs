//! Bringing services back to what they ran before, whatever state the deployment, ECS or somebody else left them in.

use jiff::Timestamp;

use super::home::{returning, settle_home};
use super::undo::{roll_back, undo};
use crate::decide::{Decision, STALE_WITHIN};
use crate::journal::{Act, Finding, Side};
use crate::observation::{Observation, Seen, ServiceView};
use crate::plan::{Change, Plan, ServicePlan};
use crate::progress::{Progress, Standing, after};
use crate::reason::Reason;
use crate::verdict::Component;
use crate::{DefinitionRef, ServiceName};

/// What to do or find now about one service, or until when to wait.
pub(super) enum Step {
    Act(Act),
    Find(Finding),
    Wait(Timestamp, Reason),
}

/// All that is known about one service that has to return.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) plan: &'a Plan,
    pub(super) progress: &'a Progress,
    pub(super) seen: &'a Observation,
    pub(super) now: Timestamp,
    pub(super) service: &'a ServicePlan,
    pub(super) view: &'a ServiceView,
}

/// One step for every service of a wave that is not back yet.
pub(super) fn return_all(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    names: &[ServiceName],
) -> Decision {
    let (mut acts, mut findings, mut waits) = (Vec::new(), Vec::new(), Vec::new());
    for service in names.iter().filter_map(|name| plan.services.get(name)) {
        match return_one(plan, progress, seen, now, service) {
            Step::Act(act) => acts.push(act),
            Step::Find(finding) => findings.push(finding),
            Step::Wait(until, reason) => waits.push((until, reason)),
        }
    }
    if !findings.is_empty() {
        return Decision::Find(findings);
    }
    if !acts.is_empty() {
        return Decision::Act(acts);
    }
    let until = waits.iter().map(|(until, _)| *until).min().unwrap_or(now);
    let special = waits
        .into_iter()
        .map(|(_, reason)| reason)
        .find(|r| !matches!(r, Reason::Returning { .. }));
    let services = names.to_vec();
    Decision::Wait(until, special.unwrap_or(Reason::Returning { services }))
}

fn return_one(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    service: &ServicePlan,
) -> Step {
    let name = &service.locator.name;
    let view = match &seen.services {
        Seen::Known(all) => match all.get(name) {
            Some(view) => view,
            None => {
                return overdue(progress, now, service, "the cloud does not show it")
                    .unwrap_or(Step::Wait(now, Reason::FirstLook));
            }
        },
        Seen::Unseen(failure) => {
            let what = name.to_string();
            let reason = Reason::Unseen {
                what,
                failure: failure.clone(),
            };
            return overdue(progress, now, service, &failure.to_string())
                .unwrap_or(Step::Wait(after(now, plan.policy.poll), reason));
        }
    };
    let facts = Facts {
        plan,
        progress,
        seen,
        now,
        service,
        view,
    };
    if let Some((rollout, since)) = progress.rollout(name, Side::Old) {
        return returning(&facts, rollout, since);
    }
    let act = Act::RollOut {
        service: name.clone(),
        side: Side::New,
    };
    match progress.rollout(name, Side::New) {
        None if !progress.may_have_done(&act) => settle_home(&facts),
        None => in_doubt(&facts, act),
        Some((_, since)) => undo(&facts, since),
    }
}

/// The reply to our UpdateService was lost: look what it did.
fn in_doubt(facts: &Facts<'_>, act: Act) -> Step {
    let (service, view) = (facts.service, facts.view);
    let name = service.locator.name.clone();
    let ours = facts.ours() == Some(&view.primary_definition);
    let home = view.primary_definition == service.before.definition;
    match service.change {
        // Its number of tasks was sent as well, which no rollout shows. The way back names the number again.
        Change::Start | Change::Retire if ours || home => return roll_back(facts),
        Change::Start | Change::Retire | Change::Update | Change::Unchanged => {}
    }
    if view.primary == service.before.rollout {
        return match facts.progress.standing(&act, facts.now) {
            Standing::InDoubt(since) if facts.now <= after(since, STALE_WITHIN) => {
                Step::Wait(facts.next_poll(), Reason::Looking { act })
            }
            Standing::InDoubt(_)
            | Standing::Ready
            | Standing::Later(..)
            | Standing::Done(..)
            | Standing::GaveUp(_) => Step::Find(Finding::NoEffect { act }),
        };
    }
    if ours {
        return Step::Find(Finding::Adopted {
            service: name,
            side: Side::New,
            rollout: view.primary.clone(),
        });
    }
    if home {
        return settle_home(facts);
    }
    left_alone(facts)
}

/// Somebody else's rollout is not taken back.
pub(super) fn left_alone(facts: &Facts<'_>) -> Step {
    Step::Find(Finding::LeftAlone {
        service: facts.service.locator.name.clone(),
        runs: facts.view.primary_definition.clone(),
    })
}

/// The service cannot return in time, or at all.
pub(super) fn cannot_return(service: &ServicePlan, why: impl Into<String>) -> Step {
    Step::Find(Finding::CannotReturn {
        service: service.locator.name.clone(),
        why: why.into(),
    })
}

fn overdue(progress: &Progress, now: Timestamp, service: &ServicePlan, last: &str) -> Option<Step> {
    let began = progress.rollout(&service.locator.name, Side::Old);
    let since = began.map(|(_, at)| at).or(progress.moved_at())?;
    let limit = service.timeout;
    (now > after(since, limit)).then(|| {
        let why = format!("it took longer than {} s; {last}", limit.as_secs());
        cannot_return(service, why)
    })
}

impl Facts<'_> {
    /// The definition that this deployment registered for the service.
    pub(super) fn ours(&self) -> Option<&DefinitionRef> {
        let component = Component::Service(self.service.locator.name.clone());
        self.progress.definition(&component)
    }

    pub(super) fn next_poll(&self) -> Timestamp {
        after(self.now, self.plan.policy.poll)
    }

    /// Goes on waiting for the service's return, but not for ever.
    pub(super) fn wait(&self, last: &str) -> Step {
        let services = vec![self.service.locator.name.clone()];
        self.wait_because(last, Reason::Returning { services })
    }

    /// The same, for a more telling reason.
    pub(super) fn wait_because(&self, last: &str, reason: Reason) -> Step {
        overdue(self.progress, self.now, self.service, last)
            .unwrap_or(Step::Wait(self.next_poll(), reason))
    }
}
