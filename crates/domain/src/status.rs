//! What is live now and whether every witness still confirms it, without changing anything.

use std::collections::BTreeMap;

use crate::decide::{expected_files, service_proof};
use crate::journal::Side;
use crate::observation::{Observation, Seen};
use crate::observe::observe;
use crate::plan::{Change, Plan};
use crate::ports::{Clock, Cloud, Follow};
use crate::progress::Progress;
use crate::verdict::{Component, Proof, Witness, WitnessKind};
use crate::watch::{Watch, probe_for};

/// Hears every witness of a plan that changes nothing. A component that would change is contradicted by its drift.
pub async fn status<C: Cloud, K: Clock>(cloud: &C, clock: &K, plan: &Plan) -> Vec<Proof> {
    let seen = observe(cloud, clock, &everything(plan)).await;
    let services = plan
        .services
        .values()
        .filter(|s| s.change != Change::Retire)
        .map(|service| {
            let name = service.locator.name.clone();
            let drift = service.change != Change::Unchanged;
            let proof = service_proof(plan, &Progress::default(), &seen, service, Side::New)
                .filter(|_| !drift);
            proof.unwrap_or_else(|| Proof {
                component: Component::Service(name),
                witnesses: vec![Witness::contradicts(
                    WitnessKind::Rollout,
                    format!(
                        "it runs {}, which is not what the release says",
                        service.before.definition.short()
                    ),
                )],
            })
        });
    services.chain(frontend(plan, &seen)).collect()
}

fn frontend(plan: &Plan, seen: &Observation) -> Option<Proof> {
    let kind = plan.frontend.as_ref()?.witness();
    let witness = match seen.frontend.as_ref()? {
        Seen::Unseen(failure) => Witness::silent(kind, failure.to_string()),
        Seen::Known(view) => match view.wrong.iter().next() {
            None if view.unseen > 0 => {
                let seen = view.files.saturating_sub(view.unseen);
                Witness::silent(kind, format!("{seen}/{} files seen so far", view.files))
            }
            None => Witness::confirms(kind, format!("{0}/{0} files as built", view.files)),
            Some((path, found)) => Witness::contradicts(kind, format!("/{path}: {found}")),
        },
    };
    Some(Proof {
        component: Component::Frontend,
        witnesses: vec![witness],
    })
}

fn everything(plan: &Plan) -> Watch {
    let running = plan
        .services
        .values()
        .filter(|service| service.change != Change::Retire);
    let follow = |locator| Follow {
        locator,
        rollout: None,
    };
    let locators: Vec<_> = running
        .clone()
        .map(|service| service.locator.clone())
        .collect();
    let probes: BTreeMap<_, _> = running
        .filter_map(|service| {
            Some((
                service.locator.name.clone(),
                probe_for(plan, service, Side::New)?,
            ))
        })
        .collect();
    let frontend = plan
        .frontend
        .as_ref()
        .map(|f| (f.frontend.clone(), expected_files(f, Side::New)));
    Watch {
        follow: locators.iter().cloned().map(follow).collect(),
        tasks: locators,
        probes,
        frontend,
        ..Watch::default()
    }
}
