//! Services that leave are scaled to zero, after everything else is live.

use jiff::Timestamp;

use super::Decision;
use super::look::milliseconds;
use super::serving::{beside, incomplete};
use crate::ServiceName;
use crate::journal::{Act, Cause, Finding, Grounds, Side};
use crate::observation::Observation;
use crate::plan::{Plan, ServicePlan};
use crate::progress::{Progress, Standing, after};
use crate::reason::Reason;

pub(super) fn retire(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    leaving: &[ServiceName],
) -> Decision {
    if let Some(decision) = beside(plan, progress, seen, now, &[]) {
        return decision;
    }
    // What leaves may be needed by what drains, or bakes as the way back, until that is gone.
    let incomplete = incomplete(plan, progress);
    if !incomplete.is_empty() {
        let services = incomplete;
        return Decision::poll(plan, now, Reason::RollingOut { services });
    }
    let (mut acts, mut findings, mut open) = (Vec::new(), Vec::new(), Vec::new());
    let mut later: Option<(Timestamp, Reason)> = None;
    let open_still = leaving.iter().filter(|name| !progress.retired(name));
    for service in open_still.filter_map(|name| plan.services.get(name)) {
        let name = &service.locator.name;
        let act = Act::RollOut {
            service: name.clone(),
            side: Side::New,
        };
        // Scaling to zero twice is scaling to zero once.
        match progress.standing_repeatable(&act, now) {
            Standing::Ready | Standing::InDoubt(_) => acts.push(act),
            Standing::GaveUp(failure) => {
                let failure = failure.clone();
                return Decision::turn_back(Cause::ActFailed { act, failure });
            }
            Standing::Later(until, failure) => {
                let failure = failure.clone();
                later = Some((until, Reason::Again { act, failure }));
            }
            Standing::Done(..) if is_gone(seen, name) => findings.push(Finding::Retired {
                service: name.clone(),
            }),
            Standing::Done(since, _) if now > after(since, service.timeout) => {
                return Decision::turn_back(still_there(service));
            }
            Standing::Done(..) => open.push(name.clone()),
        }
    }
    match (acts.is_empty(), findings.is_empty(), later) {
        (false, _, _) => Decision::Act(acts),
        (true, false, _) => Decision::Find(findings),
        (true, true, Some((until, reason))) => {
            Decision::Wait(until.min(after(now, plan.policy.poll)), reason)
        }
        (true, true, None) => Decision::poll(plan, now, Reason::Retiring { services: open }),
    }
}

fn is_gone(seen: &Observation, name: &ServiceName) -> bool {
    let view = seen.services.known().and_then(|all| all.get(name));
    view.is_some_and(|view| view.desired == 0 && view.running + view.pending == 0)
}

fn still_there(service: &ServicePlan) -> Cause {
    Cause::TimedOut {
        what: format!("scaling {} to zero", service.locator.name),
        limit_ms: milliseconds(service.timeout),
        grounds: Grounds::default(),
    }
}
