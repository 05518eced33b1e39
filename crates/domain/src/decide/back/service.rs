//! Putting back what a deployment touched, whatever state it, ECS or somebody else left it in: each service only to the end
//! of its rollout. Whether that is enough is proven afterwards.

use std::time::Duration;

use jiff::Timestamp;

use super::home::returning;
use super::undo::{roll_back, undo};
use crate::DefinitionRef;
use crate::ServiceName;
use crate::decide::Decision;
use crate::decide::look::{Blind, IN_DOUBT, overdue, view_of};
use crate::decide::step::{Step, merge};
use crate::journal::{Act, Finding, Grounds, Side};
use crate::observation::{Observation, ServiceView};
use crate::plan::{Change, Plan, ServicePlan};
use crate::ports::FailureKind;
use crate::progress::{Progress, Standing, after};
use crate::reason::Reason;
use crate::verdict::Component;

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

/// One step for every service of a wave that was touched and is not back yet.
pub(super) fn put_back(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    names: &[ServiceName],
) -> Decision {
    let services = names.iter().filter_map(|name| plan.services.get(name));
    let steps = services.map(|service| match view_of(seen, &service.locator.name) {
        Ok(view) => put_one_back(&Facts {
            plan,
            progress,
            seen,
            now,
            service,
            view,
        }),
        Err(blind) => blindly(plan, progress, now, service, blind),
    });
    merge(plan, now, steps)
}

/// A service that cannot be seen is waited for; then, or when looking is not allowed at all, it is rolled back all the
/// same, once: a look is worth less than the way back.
fn blindly(
    plan: &Plan,
    progress: &Progress,
    now: Timestamp,
    service: &ServicePlan,
    blind: Blind<'_>,
) -> Step {
    let name = &service.locator.name;
    let act = Act::RollOut {
        service: name.clone(),
        side: Side::Old,
    };
    let late = is_late(progress, now, service, service.limit(None));
    match progress.standing_repeatable(&act, now) {
        Standing::Ready if late || blind.is_for_good() => Step::Act(act),
        Standing::Later(until, failure) => {
            let failure = failure.clone();
            Step::Wait(until, Reason::Again { act, failure })
        }
        Standing::GaveUp(failure) => cannot_return(service, failure.to_string()),
        Standing::Done(..) if late || blind.is_for_good() => cannot_return(
            service,
            format!("it was rolled back, but cannot be seen: {}", blind.words()),
        ),
        Standing::Ready | Standing::Done(..) | Standing::InDoubt(_) => blind.wait(plan, now, name),
    }
}

impl Blind<'_> {
    /// Whether looking again cannot help.
    fn is_for_good(self) -> bool {
        match self {
            Self::Unseen(failure) => failure.kind == FailureKind::Denied,
            Self::Absent => false,
        }
    }
}

/// One step of one service that was touched and is not back yet.
pub(super) fn put_one_back(facts: &Facts<'_>) -> Step {
    let (progress, name) = (facts.progress, &facts.service.locator.name);
    if let Some((rollout, since)) = progress.rollout(name, Side::Old) {
        return returning(facts, rollout, since);
    }
    let act = Act::RollOut {
        service: name.clone(),
        side: Side::New,
    };
    match progress.rollout(name, Side::New) {
        None => in_doubt(facts, act),
        Some((_, since)) => undo(facts, since),
    }
}

/// The reply to our UpdateService was lost: look what it did. Until it can have arrived it is neither there nor not there.
fn in_doubt(facts: &Facts<'_>, act: Act) -> Step {
    let (service, view, now) = (facts.service, facts.view, facts.now);
    let name = service.locator.name.clone();
    let ours = facts.ours() == Some(&view.primary_definition);
    let home = view.primary_definition == service.before.definition;
    let arrives = facts
        .progress
        .on_its_way(&act)
        .map(|since| after(since, IN_DOUBT));
    let may_arrive = arrives.is_some_and(|arrives| now <= arrives);
    let looking = || Step::poll(facts.plan, now, Reason::Looking { act: act.clone() });
    let resized = match service.change {
        Change::Start => service.target.as_ref().and_then(|target| target.desired),
        Change::Retire => Some(0),
        Change::Update | Change::Unchanged => None,
    };
    if let Some(wanted) = resized.filter(|_| ours || home) {
        // Its number of tasks was sent as well, which no rollout shows. The way back names the number again.
        return match may_arrive && view.desired != wanted {
            true => looking(),
            false => roll_back(facts),
        };
    }
    if view.primary == service.before.rollout {
        return match may_arrive {
            true => looking(),
            false => Step::found(Finding::NoEffect { act }),
        };
    }
    if ours {
        return Step::found(Finding::Adopted {
            service: name,
            side: Side::New,
            rollout: view.primary.clone(),
        });
    }
    match home {
        // It came and went, or somebody put the old one back: what may still arrive would come after that.
        true if may_arrive => looking(),
        true => Step::found(Finding::RolloutEnded {
            service: name,
            side: Side::Old,
        }),
        // What somebody else rolled out would be overwritten by what still arrives.
        false if may_arrive => looking(),
        false => left_alone(facts),
    }
}

/// Somebody else's rollout is not taken back.
pub(super) fn left_alone(facts: &Facts<'_>) -> Step {
    Step::found(Finding::LeftAlone {
        service: facts.service.locator.name.clone(),
        runs: facts.view.primary_definition.clone(),
    })
}

/// The service cannot return in time, or at all.
pub(super) fn cannot_return(service: &ServicePlan, why: impl Into<String>) -> Step {
    cannot_return_for(service, why, Grounds::default())
}

/// The same, with what speaks for it.
pub(super) fn cannot_return_for(
    service: &ServicePlan,
    why: impl Into<String>,
    grounds: Grounds,
) -> Step {
    Step::found(Finding::CannotReturn {
        service: service.locator.name.clone(),
        why: why.into(),
        grounds,
    })
}

fn is_late(progress: &Progress, now: Timestamp, service: &ServicePlan, limit: Duration) -> bool {
    let began = progress.rollout(&service.locator.name, Side::Old);
    let since = began.map(|(_, at)| at).or(progress.moved_at());
    since.is_some_and(|since| overdue(now, since, limit))
}

impl Facts<'_> {
    /// The definition that this deployment registered for the service.
    pub(super) fn ours(&self) -> Option<&DefinitionRef> {
        let component = Component::Service(self.service.locator.name.clone());
        self.progress.definition(&component)
    }

    /// Goes on waiting for the service's return, but not for ever.
    pub(super) fn wait(&self, last: &str) -> Step {
        let shift = self.view.followed.as_ref();
        let limit = self
            .service
            .limit(shift.and_then(|followed| followed.shift.as_ref()));
        if is_late(self.progress, self.now, self.service, limit) {
            let limit = limit.as_secs();
            let why = format!("it took longer than {limit} s; {last}");
            return cannot_return(self.service, why);
        }
        let services = vec![self.service.locator.name.clone()];
        Step::poll(self.plan, self.now, Reason::Returning { services })
    }
}
