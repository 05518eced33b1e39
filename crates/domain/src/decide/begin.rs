//! Starting a service's rollout, once; after a lost reply looking first.

use super::look::{IN_DOUBT, milliseconds, overdue, view_of};
use super::step::Step;
use super::wave::Forward;
use crate::journal::{Act, Cause, Finding, Grounds, Side};
use crate::observation::ServiceView;
use crate::progress::{Standing, after};
use crate::reason::Reason;
use crate::traffic::Shift;
use crate::verdict::Component;

pub(super) fn begin(facts: &Forward<'_>) -> Step {
    let (service, now) = (facts.service, facts.now);
    let name = service.locator.name.clone();
    let act = Act::RollOut {
        service: name.clone(),
        side: Side::New,
    };
    match facts.progress.standing(&act, now) {
        Standing::Ready => Step::Act(act),
        Standing::Later(until, failure) => {
            let failure = failure.clone();
            Step::Wait(until, Reason::Again { act, failure })
        }
        Standing::GaveUp(failure) => {
            let failure = failure.clone();
            Step::turn_back(Cause::ActFailed { act, failure })
        }
        Standing::Done(..) => facts.rolling_out(),
        Standing::InDoubt(since) => match view_of(facts.seen, &name) {
            Ok(view) => look(facts, view, act, since),
            Err(blind) if overdue(now, since, service.limit(None)) => {
                Step::turn_back(facts.timed_out(None, Grounds::said([blind.words()])))
            }
            Err(_) => Step::poll(facts.plan, now, Reason::Looking { act }),
        },
    }
}

/// The reply was lost: what the service runs tells whether the rollout began.
fn look(facts: &Forward<'_>, view: &ServiceView, act: Act, since: jiff::Timestamp) -> Step {
    let (service, now) = (facts.service, facts.now);
    let name = service.locator.name.clone();
    let before = &service.before;
    let ours = facts.progress.definition(&Component::Service(name.clone()));
    // Starting what it ran before changes its number of tasks and makes no new rollout.
    let wanted = service.target.as_ref().and_then(|target| target.desired);
    let started = wanted.is_some_and(|wanted| view.desired == wanted);
    if Some(&view.primary_definition) == ours && (view.primary != before.rollout || started) {
        return Step::found(Finding::Adopted {
            service: name,
            side: Side::New,
            rollout: view.primary.clone(),
        });
    }
    if view.primary != before.rollout {
        return Step::turn_back(Cause::Superseded {
            service: name,
            runs: view.primary_definition.clone(),
        });
    }
    if now > after(since, IN_DOUBT) {
        Step::found(Finding::NoEffect { act })
    } else {
        Step::poll(facts.plan, now, Reason::Looking { act })
    }
}

impl Forward<'_> {
    /// The rollout takes longer than the plan allows.
    pub(super) fn timed_out(&self, shift: Option<&Shift>, grounds: Grounds) -> Cause {
        Cause::TimedOut {
            what: format!("the rollout of {}", self.service.locator.name),
            limit_ms: milliseconds(self.service.limit(shift)),
            grounds,
        }
    }
}
