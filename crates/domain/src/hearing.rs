//! Hearing the witnesses of what is live outside of a deployment: again for a while, since one look is not proof of trouble.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use crate::app::ServiceLocator;
use crate::decide::{
    FrontendOf as Of, expected_files, probe_counts, schedule_witness, service_proof,
};
use crate::journal::Side;
use crate::observation::{Observation, Seen};
use crate::observe::observe;
use crate::plan::{Plan, ServicePlan};
use crate::ports::{Clock, Cloud, Follow};
use crate::progress::{Progress, after};
use crate::scheduled::{self, JobPlan};
use crate::verdict::{Component, Proof, Testimony, Witness, WitnessKind};
use crate::watch::{Watch, probe_for};
use crate::{JobName, ServiceName};

/// How long witnesses may lag behind what happened: a deployment waits as long for its own.
pub const PROVE_WITHIN: Duration = Duration::from_secs(180);

/// Whom to hear, and how long what is missing may come by itself.
#[derive(Clone, Copy)]
pub struct Hearing<'p> {
    /// What is to be proven.
    pub plan: &'p Plan,
    /// Of which side of it.
    pub side: Side,
    /// The longest it may take.
    pub within: Duration,
    /// For these nobody waits: that they are ill is known.
    pub waived: &'p BTreeSet<Component>,
    /// Is told, before every pause, what is still missing.
    pub missing: &'p dyn Fn(&[Proof]),
}

/// Hears the witnesses of these services, and of the frontends where they have files, until every one confirms, one can never be
/// heard, or the time is over. Services without a desired task have nothing to prove, and are left out.
pub async fn hear<C: Cloud, K: Clock>(
    cloud: &C,
    clock: &K,
    hearing: Hearing<'_>,
    services: &[&ServicePlan],
) -> (Vec<Proof>, Timestamp) {
    let Hearing { plan, side, .. } = hearing;
    let watch = everything(plan, services, side);
    let until = after(clock.now(), hearing.within);
    loop {
        let seen = observe(cloud, clock, &watch).await;
        let proofs = proofs(plan, services, &seen, side);
        let waits = |proof: &Proof| !proof.holds() && !hearing.waived.contains(&proof.component);
        let enough = !proofs.iter().any(waits) || proofs.iter().any(is_in_vain);
        let next = after(seen.at, plan.policy.poll);
        if enough || next > until {
            return (proofs, seen.at);
        }
        (hearing.missing)(&proofs);
        clock.sleep_until(next).await;
    }
}

/// Asking the same again would be answered the same.
fn is_in_vain(proof: &Proof) -> bool {
    proof
        .witnesses
        .iter()
        .any(|witness| match &witness.testimony {
            Testimony::Unheard(failure) => !failure.is_passing(),
            Testimony::Confirms(_) | Testimony::Contradicts(_) | Testimony::Silent(_) => false,
        })
}

fn proofs(plan: &Plan, services: &[&ServicePlan], seen: &Observation, side: Side) -> Vec<Proof> {
    let progress = Progress::default();
    let heard = services
        .iter()
        .filter_map(|service| service_proof(plan, &progress, seen, service, side))
        .filter(|proof| !is_idle(proof, seen));
    let jobs = plan.jobs.iter();
    let jobs = jobs.filter_map(|(name, job)| job_proof((name, job), seen, side));
    let frontends = plan.frontends.iter();
    let frontends = frontends.filter_map(|of| frontend_proof(of, seen, side));
    heard.chain(frontends).chain(jobs).collect()
}

fn is_idle(proof: &Proof, seen: &Observation) -> bool {
    let Component::Service(name) = &proof.component else {
        return false;
    };
    let tasks = seen.tasks.get(name).and_then(Seen::known);
    tasks.is_some_and(|view| view.desired == 0)
}

/// A job's one witness; none when nobody looked at what starts it.
fn job_proof((name, job): (&JobName, &JobPlan), seen: &Observation, side: Side) -> Option<Proof> {
    let kind = WitnessKind::Schedule;
    let witness = match seen.schedules.get(name)? {
        Seen::Unseen(failure) => Witness::unheard(kind, failure),
        Seen::Known(found) => {
            let heard = schedule_witness(&Progress::default(), (name, job), found, side);
            heard.unwrap_or_else(|missing| missing)
        }
    };
    Some(Proof {
        component: Component::Job(name.clone()),
        witnesses: vec![witness],
    })
}

/// A frontend's one witness; none when nothing of it was looked at.
fn frontend_proof((name, frontend): Of<'_>, seen: &Observation, side: Side) -> Option<Proof> {
    let kind = frontend.witness();
    let witness = match seen.frontends.get(name)? {
        Seen::Unseen(failure) => Witness::unheard(kind, failure),
        Seen::Known(view) => match view.wrong.iter().next() {
            None if view.unseen > 0 => {
                let seen = view.files.saturating_sub(view.unseen);
                Witness::silent(kind, format!("{seen}/{} files seen so far", view.files))
            }
            None => Witness::confirms(kind, frontend.as_built(view.files, side)),
            Some((path, found)) => Witness::contradicts(kind, format!("/{path}: {found}")),
        },
    };
    Some(Proof {
        component: Component::Frontend(name.clone()),
        witnesses: vec![witness],
    })
}

/// The record of the rollout is asked for too: whoever may not read it could not follow the next one.
fn everything(plan: &Plan, services: &[&ServicePlan], side: Side) -> Watch {
    let follow = services.iter().map(|service| Follow {
        locator: service.locator.clone(),
        rollout: Some(service.before.rollout.clone()),
    });
    let tasks: Vec<ServiceLocator> = services.iter().map(|one| one.locator.clone()).collect();
    let probes: BTreeMap<ServiceName, _> = services
        .iter()
        .filter(|service| probe_counts(service, side, plan))
        .filter_map(|service| {
            let name = service.locator.name.clone();
            Some((name, probe_for(plan, service, side)?))
        })
        .collect();
    let frontends = plan.frontends.iter().filter_map(|(name, frontend)| {
        let files = expected_files(frontend, side);
        (!files.is_empty()).then(|| (name.clone(), (frontend.frontend.clone(), files)))
    });
    let mut watch = Watch {
        follow: follow.collect(),
        tasks,
        probes,
        frontends: frontends.collect(),
        schedules: match side {
            Side::New => scheduled::asked_of_plans(&plan.jobs),
            // What is live was asked for the plan, and is what is there.
            Side::Old => BTreeMap::new(),
        },
        ..Watch::default()
    };
    for service in services.iter().filter(|one| one.is_unchecked(side)) {
        watch.suspect(service, side, &service.before.definition);
    }
    watch
}

/// What all that was heard comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every witness confirms.
    Proven,
    /// Nobody speaks against it, but not everybody was heard.
    Unproven,
    /// Something else was seen.
    Contradicted,
}

/// What all that was heard comes to.
#[must_use]
pub fn verdict(proofs: &[Proof]) -> Verdict {
    let mut witnesses = proofs.iter().flat_map(|proof| &proof.witnesses);
    if witnesses.any(Witness::is_against) {
        Verdict::Contradicted
    } else if proofs.iter().all(Proof::holds) {
        Verdict::Proven
    } else {
        Verdict::Unproven
    }
}
