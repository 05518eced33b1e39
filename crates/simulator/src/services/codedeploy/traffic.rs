//! Listeners between two target groups: what production and test traffic see, increment by increment (E [DOC, OBS]).

use std::sync::Arc;

use super::deployment::{Deployment, ErrorCode};
use super::end::Failure;
use super::group::Pair;
use super::run::Look;
use crate::base::timings::CODEDEPLOY_REROUTE;
use crate::services::elb::WeightedGroup;
use crate::{Millis, World};

/// After a scaling event the replacement has five minutes to become steady (E [DOC]).
const RESCALE_LIMIT_MS: Millis = 300_000;

/// Whether a listener sends anything to a group.
pub(super) fn is_behind(world: &World, listener: &str, group: &str) -> bool {
    arns(world, listener).iter().any(|arn| {
        let groups = world.elb.forward_weights(arn).unwrap_or_default();
        groups.iter().any(|it| &*it.group == group && it.weight > 0)
    })
}

/// Gives a group of the pair so many percent of production traffic, and the other one the rest.
pub(super) fn weigh(world: &mut World, pair: &Pair, group: &str, percent: u16) {
    weigh_at(world, &pair.production.clone(), pair, group, percent);
}

/// Test traffic goes to the replacement.
pub(super) fn test(world: &mut World, id: &str) {
    let Some(deployment) = world.codedeploy.deployment(id).cloned() else {
        return;
    };
    if let (Some(listener), Some(green)) = (&deployment.group.pair.test, &deployment.target.green) {
        let pair = &deployment.group.pair;
        weigh_at(world, listener, pair, &green.target_group, 100);
    }
}

/// The first increment; answers how long until the next.
pub(super) fn begin(world: &mut World, id: &str) -> Millis {
    let desired = world
        .codedeploy
        .deployment(id)
        .and_then(|deployment| world.ecs.service(&deployment.group.key()))
        .map_or(0, |service| service.desired);
    if let Some(deployment) = world.codedeploy.deployment_mut(id) {
        deployment.target.desired = desired;
    }
    shift(world, id)
}

/// The next increment when it is due; the replacement is PRIMARY when it has everything [OBS].
pub(super) fn look(world: &mut World, id: &str, due: bool) -> Look {
    if scaled_too_long(world, id) {
        // Code and text are [INF].
        return Look::Broken(Failure::failed(
            ErrorCode::Timeout,
            "The deployment timed out while waiting for the replacement task set to become healthy after a scaling activity. This \
             time out period is 5 minutes.",
        ));
    }
    let Some(deployment) = world.codedeploy.deployment(id) else {
        return Look::Waits;
    };
    if !due {
        return Look::Waits;
    }
    if deployment.target.shifted < 100 {
        let wait_ms = shift(world, id);
        let due_ms = world.now_ms + wait_ms;
        if let Some(deployment) = world.codedeploy.deployment_mut(id) {
            deployment.due_ms = Some(due_ms);
        }
        return Look::Waits;
    }
    let key = deployment.group.key();
    if let Some(green) = deployment.target.green.clone() {
        world.promote_task_set(&key, &green.digits);
    }
    Look::Done
}

/// A rollback: everything to the original, which is PRIMARY again; the replacement goes [OBS]. Answers how long it takes.
pub(super) fn give_back(world: &mut World, id: &str) -> Millis {
    let Some(deployment) = world.codedeploy.deployment(id).cloned() else {
        return 0;
    };
    let (pair, key) = (&deployment.group.pair, deployment.group.key());
    if let Some(blue) = &deployment.target.blue {
        weigh(world, pair, &blue.target_group, 100);
        if let Some(listener) = &pair.test {
            weigh_at(world, listener, pair, &blue.target_group, 100);
        }
        world.promote_task_set(&key, &blue.digits);
    }
    if let Some(green) = &deployment.target.green {
        world.drain_task_set(&key, &green.digits);
    }
    if let Some(deployment) = world.codedeploy.deployment_mut(id) {
        deployment.target.shifted = 0;
    }
    CODEDEPLOY_REROUTE.draw(world.weather, &mut world.random)
}

fn shift(world: &mut World, id: &str) -> Millis {
    let Some(deployment) = world.codedeploy.deployment_mut(id) else {
        return 0;
    };
    let percent = deployment.routing.next_percent(deployment.target.shifted);
    deployment.target.shifted = percent;
    let (pair, interval_ms) = (
        deployment.group.pair.clone(),
        deployment.routing.interval_ms(),
    );
    if let Some(green) = deployment.target.green.clone() {
        let percent = u16::try_from(percent).unwrap_or(100);
        weigh(world, &pair, &green.target_group, percent);
    }
    match percent {
        100.. => CODEDEPLOY_REROUTE.draw(world.weather, &mut world.random),
        _ => interval_ms,
    }
}

fn scaled_too_long(world: &mut World, id: &str) -> bool {
    let now_ms = world.now_ms;
    let Some(deployment) = world.codedeploy.deployment(id) else {
        return false;
    };
    let key = deployment.group.key();
    let steady = is_steady(world, deployment);
    let Some(desired) = world.ecs.service(&key).map(|service| service.desired) else {
        return false;
    };
    let Some(deployment) = world.codedeploy.deployment_mut(id) else {
        return false;
    };
    let target = &mut deployment.target;
    if target.desired != desired {
        target.desired = desired;
        target.rescaled_ms = Some(now_ms);
    }
    if steady {
        target.rescaled_ms = None;
    }
    target
        .rescaled_ms
        .is_some_and(|rescaled_ms| now_ms >= rescaled_ms + RESCALE_LIMIT_MS)
}

fn is_steady(world: &World, deployment: &Deployment) -> bool {
    let green = deployment.target.green.as_ref();
    green.is_some_and(|green| world.task_set_is_steady(&deployment.group.key(), &green.digits))
}

/// Every rule of the listener that forwards to the pair is rewritten, the default one too [OBS]; the order is the pair's.
fn weigh_at(world: &mut World, listener: &str, pair: &Pair, group: &str, percent: u16) {
    let weighted = |name: &String| WeightedGroup {
        group: Arc::from(name.as_str()),
        weight: if name == group {
            percent
        } else {
            100_u16.saturating_sub(percent)
        },
    };
    for arn in arns(world, listener) {
        let groups = world.elb.forward_weights(&arn).unwrap_or_default();
        let ours = groups
            .iter()
            .any(|it| pair.groups.iter().any(|name| **name == *it.group));
        if ours {
            world.set_forward_weights(&arn, pair.groups.iter().map(weighted).collect());
        }
    }
}

/// The listener itself, for its default action, and its rules.
fn arns(world: &World, listener: &str) -> Vec<String> {
    let Some(found) = world.elb.listener(listener) else {
        return Vec::new();
    };
    let rules = found.rules.iter().map(|rule| rule.arn.clone());
    std::iter::once(found.arn.clone()).chain(rules).collect()
}
