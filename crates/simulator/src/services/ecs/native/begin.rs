//! A native deployment begins: what it is to replace, and what an unfinished one before it leaves behind (A1, B8).

use std::sync::Arc;

use super::run::{Run, Way};
use super::strategy::{LifecycleStage, Percent};
use crate::World;
use crate::base::agenda::ServiceKey;
use crate::services::ecs::{Rollout, Service};

/// Before a new deployment is made: the running one ends where it is, and its hooks with it [DOC].
///
/// One that has already given everything to green and has begun to stop blue, or never had a blue, leaves green as the source [INF].
pub(crate) fn supersede(world: &mut World, key: &ServiceKey) {
    world.drop_hooks(key);
    let Some(service) = world.ecs.service_mut(key) else {
        return;
    };
    let Some(run) = service.native_mut() else {
        return;
    };
    let forward = run.way == Way::Forward;
    if run.way != Way::Over {
        run.way = Way::Over;
        run.failure = None;
    }
    let alone = run.source.is_none() && run.production == Percent::ALL;
    let done = alone || run.stage == Some(LifecycleStage::CleanUp);
    if !forward || !done {
        return;
    }
    let blue = run.source.clone();
    if let Some(primary) = service.primary_mut() {
        primary.rollout = Rollout::Completed;
        primary.reason = format!("ECS deployment {} completed.", primary.id());
    }
    // A blue that is on its way out is no candidate for anything any more.
    let leaving = blue.filter(|digits| world.live_of(key, digits).is_empty());
    if let Some(service) = world.ecs.service_mut(key) {
        service
            .deployments
            .retain(|deployment| Some(&deployment.digits) != leaving.as_ref());
    }
}

/// The PRIMARY deployment has just been made: it is a native one when the service says so.
pub(crate) fn begin(world: &mut World, key: &ServiceKey) {
    let now_ms = world.now_ms;
    let Some(service) = world.ecs.service_mut(key) else {
        return;
    };
    if !service.traffic.kind.is_native() {
        stay(world, key);
        return super::rolling::begin(world, key);
    }
    let Some(target) = service.primary().map(|primary| primary.digits.clone()) else {
        return;
    };
    let source = source(service);
    let mut run = Run::new(service, target, source, now_ms);
    let unfinished = run.others(service).next().is_some();
    run.inherits = unfinished;
    if let Some(record) = service.current_record_mut() {
        record.native = Some(Box::new(run));
    }
}

/// The latest COMPLETED deployment; while a rollback runs there is none, but the traffic is with the one it goes back to.
fn source(service: &Service) -> Option<String> {
    let mut older = service.deployments.iter().skip(1);
    let completed = older
        .find(|deployment| deployment.rollout == Rollout::Completed)
        .map(|deployment| deployment.digits.clone());
    let before = service.records.iter().rev().nth(1);
    completed.or_else(|| {
        let digits = before?.rollback.as_ref()?.target.clone();
        service.deployment(&digits).map(|_| digits)
    })
}

/// A rolling deployment of a service that has two target groups goes where the traffic is [INF].
fn stay(world: &mut World, key: &ServiceKey) {
    let Some(service) = world.ecs.service(key) else {
        return;
    };
    let serving = service.load_balancers.iter().map(|balancer| {
        let advanced = balancer.advanced.as_ref()?;
        let weights = world.elb.forward_weights(&advanced.production_rule)?;
        let heaviest = weights.iter().max_by_key(|it| it.weight)?;
        let own = heaviest.group == advanced.alternate;
        own.then(|| Arc::clone(&advanced.alternate))
    });
    let groups: Vec<Arc<str>> = serving
        .zip(&service.load_balancers)
        .map(|(alternate, balancer)| alternate.unwrap_or_else(|| Arc::clone(&balancer.group)))
        .collect();
    let differs = groups
        .iter()
        .zip(&service.load_balancers)
        .any(|(group, balancer)| *group != balancer.group);
    if let Some(primary) = world
        .ecs
        .service_mut(key)
        .and_then(|service| service.primary_mut())
        && differs
    {
        primary.groups = groups;
    }
}
