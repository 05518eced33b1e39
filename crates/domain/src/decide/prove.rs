//! Proving a service: every witness confirms, or it is not proven in time.

use std::time::Duration;

use jiff::Timestamp;

use super::look::overdue;
use super::steady::disturbed;
use super::step::Step;
use super::wave::Forward;
use super::witness::{probe_name, service_proof};
use crate::ServiceName;
use crate::journal::{Cause, Finding, Side};
use crate::observation::Observation;
use crate::plan::{Plan, ServicePlan};
use crate::progress::{Progress, after};
use crate::reason::Reason;
use crate::verdict::{Proof, Witness, WitnessKind};

/// How long witnesses may lag behind the end of a rollout.
const PROVE_WITHIN: Duration = Duration::from_secs(180);

pub(super) fn prove(facts: &Forward<'_>) -> Step {
    let Forward {
        plan,
        progress,
        seen,
        now,
        service,
    } = *facts;
    let name = &service.locator.name;
    let Some(proof) = service_proof(plan, progress, seen, service, Side::New) else {
        return Step::Wait(now, Reason::FirstLook);
    };
    if proof.holds() {
        return Step::found(Finding::Proven {
            side: Side::New,
            proof,
        });
    }
    if let Some(step) = probe_step(progress, seen, service, &proof) {
        return step;
    }
    let disturbed = disturbed(progress, seen, service, Side::New);
    let since = proving_since(plan, progress, name).max(disturbed);
    let limit = PROVE_WITHIN.max(service.timeout / 3);
    if since.is_some_and(|since| overdue(now, since, limit)) {
        return Step::turn_back(not_proven(&proof));
    }
    let missing = proof.missing().map(ToString::to_string).unwrap_or_default();
    let component = proof.component;
    Step::poll(plan, now, Reason::Proving { component, missing })
}

/// Since when the witnesses are heard: the end of its rollout, or the last event of the phase before; at the end of the
/// watch everything is proven afresh.
fn proving_since(plan: &Plan, progress: &Progress, name: &ServiceName) -> Option<Timestamp> {
    let ended = progress.rollout_ended(name, Side::New);
    // At the end of the watch all are proven together, when the last of them is complete.
    let watched = progress.bake_began().map(|began| {
        let ends = plan.services.keys();
        let ends = ends.filter_map(|one| progress.rollout_ended(one, Side::New));
        ends.fold(after(began, plan.policy.bake), Timestamp::max)
    });
    ended.or(progress.moved_at()).max(watched)
}

/// A probe that was answered wrongly counts as an attempt; after the last one the service is not proven.
fn probe_step(
    progress: &Progress,
    seen: &Observation,
    service: &ServicePlan,
    proof: &Proof,
) -> Option<Step> {
    let answer = seen.probes.get(&service.locator.name)?.known()?;
    let what = answer.missed()?;
    let name = probe_name(service);
    if progress.check(&name).is_some_and(|last| last.at >= seen.at) {
        return None;
    }
    let attempts = progress.check(&name).map_or(0, |state| state.failures) + 1;
    let last = service
        .probe
        .as_ref()
        .is_none_or(|probe| attempts >= probe.attempts);
    if last {
        let probe = proof
            .witnesses
            .iter()
            .find(|w| w.kind == WitnessKind::Probe)?;
        let cause = Cause::NotProven {
            component: proof.component.clone(),
            witness: probe.clone(),
        };
        return Some(Step::turn_back(cause));
    }
    Some(Step::found(Finding::CheckFailed {
        name,
        seen: what.to_owned(),
    }))
}

fn not_proven(proof: &Proof) -> Cause {
    let fallback = || Witness::silent(WitnessKind::Tasks, "no witness was heard");
    let witness = proof.missing().cloned().unwrap_or_else(fallback);
    Cause::NotProven {
        component: proof.component.clone(),
        witness,
    }
}
