//! Everything is put back; now it is proven together, with one deadline. What is not proven then is said, not waited for.

use std::time::Duration;

use jiff::Timestamp;

use super::home;
use super::service::{Facts, put_one_back};
use super::{is_given_up, was_touched};
use crate::decide::look::{Blind, overdue, view_of};
use crate::decide::rereading::reread;
use crate::decide::step::{Step, merge};
use crate::decide::{Decision, frontend};
use crate::journal::{Finding, Obstacle, Side};
use crate::observation::Observation;
use crate::plan::{Plan, ServicePlan};
use crate::progress::Progress;
use crate::verdict::{Component, Witness, WitnessKind};
use crate::{FrontendName, ServiceName};

/// How long witnesses may take at least.
const AT_LEAST: Duration = Duration::from_secs(10 * 60);

/// What is not proven yet, and not given up.
pub(crate) fn open(plan: &Plan, progress: &Progress) -> Vec<Component> {
    let closed = |component: &Component| {
        progress.proven(Side::Old, component) || progress.unproven().contains_key(component)
    };
    let retired = plan.retired();
    let services = plan.waves.iter().flatten().chain(retired);
    let mut open: Vec<Component> = services
        .filter(|name| !is_given_up(progress, name) && has_something_to_prove(plan, progress, name))
        .map(|name| Component::Service(name.clone()))
        .filter(|component| !closed(component))
        .collect();
    let published = plan.frontends.iter().filter(|(name, frontend)| {
        !frontend.before.is_empty() && !progress.frontends_stay().contains_key(*name)
    });
    let published = published.map(|(name, _)| Component::Frontend(name.clone()));
    open.extend(published.filter(|component| !closed(component)));
    open
}

/// A service that returns to no tasks has nothing to prove but that they are gone, which its rollout's end says.
fn has_something_to_prove(plan: &Plan, progress: &Progress, name: &ServiceName) -> bool {
    plan.services
        .get(name)
        .is_some_and(|service| match was_touched(progress, name) {
            true => !service.returns_to_zero(),
            false => service.before.returns_to() > 0,
        })
}

/// Hears every witness of what is open.
pub(super) fn prove(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
) -> Decision {
    if let Some(decision @ (Decision::Act(_) | Decision::Find(_))) =
        reread(plan, progress, seen, now)
    {
        return decision;
    }
    let since = progress.undone().unwrap_or(now);
    // What serves again may still bake.
    let services = plan.services.values();
    let limits = services.map(|service| service.timeout + service.before.strategy.bakes());
    let limit = limits.max().unwrap_or(AT_LEAST).max(AT_LEAST);
    let steps = open(plan, progress).into_iter().map(|component| {
        let step = match &component {
            Component::Service(name) => match plan.services.get(name) {
                Some(service) => service_step(plan, progress, seen, now, service),
                None => (
                    Step::Settled,
                    Witness::silent(WitnessKind::Rollout, "not planned"),
                ),
            },
            Component::Frontend(name) => frontend_step(plan, progress, seen, now, name),
            Component::Migration | Component::Job(_) => (
                Step::Settled,
                Witness::silent(WitnessKind::ExitCode, "not planned"),
            ),
        };
        let limit = match &component {
            Component::Frontend(name) => {
                let looking = plan.frontends.get(name);
                let looking = looking.map(|one| frontend::patience(one, Side::Old));
                limit.max(looking.unwrap_or(limit))
            }
            Component::Service(_) | Component::Migration | Component::Job(_) => limit,
        };
        match step {
            (Step::Wait(..), witness) if overdue(now, since, limit) => {
                Step::found(unproven(component, witness))
            }
            (step, _) => step,
        }
    });
    merge(plan, now, steps.collect::<Vec<_>>())
}

fn unproven(component: Component, witness: Witness) -> Finding {
    match component {
        Component::Frontend(frontend) => Finding::FrontendStays {
            frontend,
            obstacle: Obstacle::Wrong { witness },
        },
        Component::Service(_) | Component::Migration | Component::Job(_) => {
            Finding::Unproven { component, witness }
        }
    }
}

/// The step, and the witness that is missing if there is no time for another.
fn service_step(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    service: &ServicePlan,
) -> (Step, Witness) {
    let name = &service.locator.name;
    match view_of(seen, name) {
        Ok(view) => {
            let facts = Facts {
                plan,
                progress,
                seen,
                now,
                service,
                view,
            };
            let ended = progress.rollout_ended(name, Side::Old);
            let serves = progress.serves_since(name, Side::Old);
            match serves.filter(|_| ended.is_none()) {
                Some(_) => {
                    let kind = WitnessKind::Rollout;
                    let witness = Witness::silent(kind, "it serves, but is not complete");
                    (put_one_back(&facts), witness)
                }
                None => home::prove_home(&facts),
            }
        }
        Err(blind) => {
            let kind = WitnessKind::Rollout;
            let witness = match blind {
                Blind::Unseen(failure) => Witness::unheard(kind, failure),
                Blind::Absent => Witness::silent(kind, blind.words()),
            };
            (blind.wait(plan, now, name), witness)
        }
    }
}

fn frontend_step(
    plan: &Plan,
    progress: &Progress,
    seen: &Observation,
    now: Timestamp,
    name: &FrontendName,
) -> (Step, Witness) {
    let since = progress.undone().unwrap_or(now);
    let Some(frontend) = plan.frontends.get(name) else {
        let witness = Witness::silent(WitnessKind::Edge, "not planned");
        return (Step::Settled, witness);
    };
    let silent = |why: &str| Witness::silent(frontend.witness(), why);
    let of = (name, frontend);
    match frontend::proven(plan, progress, seen, now, (of, since), Side::Old) {
        Ok(Decision::Find(found)) => (Step::Find(found), silent("")),
        Ok(Decision::Wait(until, reason)) => {
            let witness = silent(&reason.to_string());
            (Step::Wait(until, reason), witness)
        }
        Ok(Decision::Act(_) | Decision::Finish(_) | Decision::Leave(_)) => {
            (Step::Settled, silent(""))
        }
        Err(obstacle) => {
            let frontend = name.clone();
            let finding = Finding::FrontendStays { frontend, obstacle };
            (Step::found(finding), silent(""))
        }
    }
}
