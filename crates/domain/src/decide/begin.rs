//! Starting a service's rollout, once; after a lost reply looking first.

use std::time::Duration;

use jiff::Timestamp;

use super::follow::overdue;
use super::wave::{Step, turned};
use crate::journal::{Act, Cause, Finding, Side};
use crate::observation::{Observation, ServiceView};
use crate::plan::{Plan, ServicePlan};
use crate::progress::{Progress, Standing, after};
use crate::reason::Reason;
use crate::verdict::Component;

/// How long after a lost reply the old state must be seen before it counts as "no effect": reads may be stale.
pub(crate) const STALE_WITHIN: Duration = Duration::from_secs(15);

pub(super) fn begin(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    service: &ServicePlan,
) -> Step {
    let name = service.locator.name.clone();
    let act = Act::RollOut {
        service: name.clone(),
        side: Side::New,
    };
    match progress.standing(&act, now) {
        Standing::Ready => Step::Act(act),
        Standing::Later(until, failure) => {
            let failure = failure.clone();
            Step::Later(until, Reason::Again { act, failure })
        }
        Standing::GaveUp(failure) => {
            let failure = failure.clone();
            Step::Find(vec![turned(Cause::ActFailed { act, failure })])
        }
        Standing::Done(..) => Step::Wait(Reason::RollingOut {
            services: vec![name],
        }),
        Standing::InDoubt(since) => {
            let view = seen.services.known().and_then(|all| all.get(&name));
            match view {
                Some(view) => look(plan, progress, view, now, service, act, since),
                None => overdue(
                    service,
                    now,
                    since,
                    &["the cloud does not show it".to_owned()],
                )
                .unwrap_or(Step::Wait(Reason::Looking { act })),
            }
        }
    }
}

/// The reply was lost: what the service runs tells whether the rollout began.
fn look(
    plan: &Plan,
    progress: &Progress,
    view: &ServiceView,
    now: Timestamp,
    service: &ServicePlan,
    act: Act,
    since: Timestamp,
) -> Step {
    let name = service.locator.name.clone();
    let before = &service.before;
    let ours = progress.definition(&Component::Service(name.clone()));
    // Starting what it ran before changes its number of tasks and makes no new rollout.
    let wanted = service.target.as_ref().and_then(|target| target.desired);
    let started = wanted.is_some_and(|wanted| view.desired == wanted);
    if Some(&view.primary_definition) == ours && (view.primary != before.rollout || started) {
        return Step::Find(vec![Finding::Adopted {
            service: name,
            side: Side::New,
            rollout: view.primary.clone(),
        }]);
    }
    if view.primary != before.rollout {
        return Step::Find(vec![turned(Cause::Superseded {
            service: name,
            runs: view.primary_definition.clone(),
        })]);
    }
    if now > after(since, STALE_WITHIN) {
        Step::Find(vec![Finding::NoEffect { act }])
    } else {
        Step::Later(after(now, plan.policy.poll), Reason::Looking { act })
    }
}
