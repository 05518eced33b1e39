//! A service on its way back, or back already: its rollout's end, then the witnesses.

use jiff::Timestamp;

use super::service::{Facts, Step, cannot_return, left_alone};
use crate::RolloutHandle;
use crate::decide::{STALE_WITHIN, Suspicion, service_proof, suspicion};
use crate::journal::{Finding, Side};
use crate::observation::{PrimaryState, Seen};
use crate::progress::after;
use crate::reason::Reason;

/// Our way back goes on since `since`.
pub(super) fn returning(facts: &Facts<'_>, rollout: &RolloutHandle, since: Timestamp) -> Step {
    let (service, view) = (facts.service, facts.view);
    let stale = facts.now <= after(since, STALE_WITHIN);
    if service.returns_to_zero() {
        // A look from before our rollouts shows no tasks either.
        if stale && &view.primary != rollout {
            return facts.wait("its rollout is not visible yet");
        }
        return if view.desired == 0 && view.running + view.pending == 0 {
            Step::Find(Finding::RolloutEnded {
                service: service.locator.name.clone(),
                side: Side::Old,
            })
        } else {
            facts.wait("its last tasks do not stop")
        };
    }
    if view.primary_definition != service.before.definition {
        return if stale {
            facts.wait("it is not visible yet")
        } else if facts.ours() == Some(&view.primary_definition) {
            // The new release completed before: that is where ECS returns to when the old one fails.
            let why = "ECS returned it to the new release by itself";
            let said = view.messages.first();
            cannot_return(
                service,
                said.map_or(why.to_owned(), |said| format!("{why}; {said}")),
            )
        } else {
            left_alone(facts)
        };
    }
    if stale && &view.primary != rollout {
        return facts.wait("its rollout is not visible yet");
    }
    settle_home(facts)
}

/// The old definition is the newest rollout again, or still: wait for its end, then for the witnesses.
pub(super) fn settle_home(facts: &Facts<'_>) -> Step {
    let (service, view) = (facts.service, facts.view);
    if view.primary_definition != service.before.definition {
        return left_alone(facts);
    }
    if view.primary_state == PrimaryState::Completed {
        return prove_home(facts);
    }
    if let Some(Seen::Known(evidence)) = facts.seen.evidence.get(&service.locator.name)
        && let Suspicion::Certain(cause) = suspicion(&service.locator.name, &view.primary, evidence)
    {
        return cannot_return(service, cause.to_string());
    }
    let said = view.messages.first().map(String::as_str);
    match view.primary_state {
        PrimaryState::Failed => cannot_return(service, said.unwrap_or("its rollout failed")),
        PrimaryState::InProgress | PrimaryState::Completed => {
            facts.wait(said.unwrap_or("it is still rolling out"))
        }
    }
}

/// The service runs what it ran before: the witnesses must say so.
fn prove_home(facts: &Facts<'_>) -> Step {
    let Facts {
        plan,
        progress,
        seen,
        service,
        ..
    } = *facts;
    let Some(proof) = service_proof(plan, progress, seen, service, Side::Old) else {
        return match facts.wait("its tasks cannot be looked at") {
            Step::Wait(..) => Step::Wait(facts.now, Reason::FirstLook),
            step => step,
        };
    };
    if proof.holds() || is_idle(facts) {
        let side = Side::Old;
        return Step::Find(Finding::Proven { side, proof });
    }
    let missing = proof.missing().map(ToString::to_string).unwrap_or_default();
    let reason = Reason::Proving {
        component: proof.component,
        missing: missing.clone(),
    };
    facts.wait_because(&missing, reason)
}

/// A service that autoscaling took to zero meanwhile has nothing to prove; a look that lags behind our own rollout is not
/// that.
fn is_idle(facts: &Facts<'_>) -> bool {
    let name = &facts.service.locator.name;
    let tasks = facts.seen.tasks.get(name).and_then(Seen::known);
    let fresh = facts
        .progress
        .rollout(name, Side::Old)
        .is_none_or(|(_, since)| facts.now > after(since, STALE_WITHIN));
    fresh && facts.view.desired == 0 && tasks.is_some_and(|tasks| tasks.desired == 0)
}
