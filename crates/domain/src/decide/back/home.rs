//! A service on its way back, or back already: its rollout's end, and afterwards what its witnesses say.

use jiff::Timestamp;

use super::service::{Facts, cannot_return, cannot_return_for, left_alone};
use crate::RolloutHandle;
use crate::decide::failing::{Suspicion, suspicion};
use crate::decide::look::STALE_WITHIN;
use crate::decide::service_proof;
use crate::decide::serving::serves;
use crate::decide::step::Step;
use crate::journal::{Finding, Side};
use crate::observation::{Evidence, PrimaryState, Seen};
use crate::plan::Change;
use crate::progress::after;
use crate::reason::Reason;
use crate::verdict::{Witness, WitnessKind};

/// Our way back goes on since `since`.
pub(super) fn returning(facts: &Facts<'_>, rollout: &RolloutHandle, since: Timestamp) -> Step {
    let (service, view) = (facts.service, facts.view);
    let stale = facts.now <= after(since, STALE_WITHIN);
    if service.returns_to_zero() {
        // A look from before our rollouts shows no tasks either.
        if stale && &view.primary != rollout {
            return facts.wait("its rollout is not visible yet");
        }
        return match view.desired == 0 && view.running + view.pending == 0 {
            true => ended(facts),
            false => facts.wait("its last tasks do not stop"),
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
    let resized = service.change == Change::Retire && view.desired == 0;
    if stale && (&view.primary != rollout || resized) {
        return facts.wait("its rollout is not visible yet");
    }
    settle_home(facts)
}

/// The old definition is the newest rollout again: wait for that one's end.
pub(super) fn settle_home(facts: &Facts<'_>) -> Step {
    let (service, view) = (facts.service, facts.view);
    let name = &service.locator.name;
    if view.primary_state == PrimaryState::Completed {
        return ended(facts);
    }
    if let Some(Seen::Known(evidence)) = facts.seen.evidence.get(name)
        && let Suspicion::Certain(cause) = suspicion(
            name,
            &view.primary,
            view.desired,
            &since_turn(facts, evidence),
        )
    {
        let grounds = cause.grounds().cloned().unwrap_or_default();
        return cannot_return_for(service, cause.to_string(), grounds);
    }
    let said = view.messages.first().map(String::as_str);
    match view.primary_state {
        PrimaryState::Failed => cannot_return(service, said.unwrap_or("its rollout failed")),
        PrimaryState::InProgress | PrimaryState::Completed => {
            let (plan, progress, seen) = (facts.plan, facts.progress, facts.seen);
            if let Some(step) = serves(plan, progress, seen, service, view, Side::Old) {
                return step;
            }
            facts.wait(said.unwrap_or("it is still rolling out"))
        }
    }
}

/// What ended before the way back began was of another time, also where the cloud gives the old rollout its old name again.
fn since_turn(facts: &Facts<'_>, evidence: &Evidence) -> Evidence {
    let turned = facts.progress.turned_back().map(|(_, at)| at);
    let mut evidence = evidence.clone();
    evidence
        .stopped
        .retain(|task| task.stopped_at.is_none_or(|at| Some(at) >= turned));
    evidence
}

fn ended(facts: &Facts<'_>) -> Step {
    Step::found(Finding::RolloutEnded {
        service: facts.service.locator.name.clone(),
        side: Side::Old,
    })
}

/// The service runs what it ran before: the witnesses must say so. With the witness that is missing otherwise.
pub(super) fn prove_home(facts: &Facts<'_>) -> (Step, Witness) {
    let Facts {
        plan,
        progress,
        seen,
        now,
        service,
        view,
    } = *facts;
    let name = &service.locator.name;
    let ended = progress.rollout_ended(name, Side::Old);
    let stale = ended.is_some_and(|ended| now <= after(ended, STALE_WITHIN));
    // Untouched, and its newest rollout is the one from before: it is as it was, whatever it runs.
    let as_it_was = view.primary == service.before.rollout;
    if view.primary_definition != service.before.definition && !stale && !as_it_was {
        let witness = Witness::contradicts(WitnessKind::Rollout, "somebody else's rollout");
        return (left_alone(facts), witness);
    }
    let Some(proof) = service_proof(plan, progress, seen, service, Side::Old) else {
        let witness = Witness::silent(WitnessKind::Tasks, "its tasks were not looked at");
        return (Step::Wait(now, Reason::FirstLook), witness);
    };
    let missing = proof
        .missing()
        .cloned()
        .unwrap_or_else(|| Witness::silent(WitnessKind::Tasks, "no witness was heard"));
    if proof.holds() || is_idle(facts) {
        let side = Side::Old;
        return (Step::found(Finding::Proven { side, proof }), missing);
    }
    let reason = Reason::Proving {
        component: proof.component,
        missing: missing.to_string(),
    };
    (Step::poll(plan, now, reason), missing)
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
