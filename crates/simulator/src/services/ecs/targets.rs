//! A task and the target groups of its service: registered at RUNNING, draining when it leaves (C, A8 [OBS]).

use std::sync::Arc;

use super::service_event::Happening;
use crate::base::agenda::{ServiceKey, TaskSerial};
use crate::base::here::here;
use crate::services::elb::{Answers, fits};
use crate::{Millis, World};

/// Registers a task with the target groups of its service.
pub(crate) fn register_targets(world: &mut World, serial: TaskSerial) {
    let Some(task) = world.ecs.task_mut(serial) else {
        return;
    };
    let (ip, answers) = (task.ip.clone(), task.answers());
    let Some((key, digits)) = task
        .service()
        .map(|(key, digits)| (key.clone(), digits.to_owned()))
    else {
        return;
    };
    let Some(service) = world.ecs.service(&key) else {
        return;
    };
    let mut balancers = service.balancers_of(&digits);
    let own = service
        .deployment(&digits)
        .map(|deployment| deployment.groups.clone());
    for (balancer, group) in balancers.iter_mut().zip(own.unwrap_or_default()) {
        if let Some(known) = world.elb.groups.get(&group) {
            balancer.group_arn.clone_from(&known.arn);
            balancer.group = group;
        }
    }
    for balancer in balancers {
        let answers = world.answers_to_checks(&key, &balancer.group, answers);
        world.register_target(
            &balancer.group,
            serial,
            &ip,
            balancer.container_port,
            answers,
        );
        if let Some(task) = world.ecs.task_mut(serial) {
            task.registered.push(Arc::clone(&balancer.group));
        }
        world.announce(
            &key,
            Happening::Registered {
                count: 1,
                group_arn: balancer.group_arn,
            },
        );
    }
}

impl World {
    /// What a target answers to the checks of one group: its program may have an answer of its own for their path.
    fn answers_to_checks(&self, key: &ServiceKey, group: &str, usual: Answers) -> Answers {
        let group = self.elb.groups.get(group);
        let group = group.filter(|group| !group.checks_connections());
        let own = self.apps.get(key).zip(group).and_then(|(app, group)| {
            let path = group.health_check_path.as_str();
            let answer = app.answers.iter().find(|one| fits(&one.path, path))?;
            Some((answer, group.timeout_seconds * 1_000))
        });
        match own {
            None => usual,
            // Nobody waits that long.
            Some((answer, timeout_ms)) if answer.after_ms > timeout_ms => Answers {
                ready_ms: None,
                ..usual
            },
            Some((answer, _)) => Answers {
                status: answer.status,
                ..usual
            },
        }
    }
}

/// Its targets drain; answers how long.
pub(super) fn deregister(world: &mut World, serial: TaskSerial) -> Millis {
    let Some(task) = world.ecs.task(serial) else {
        return 0;
    };
    let groups = task.registered.clone();
    let Some((key, digits)) = task
        .service()
        .map(|(key, digits)| (key.clone(), digits.to_owned()))
    else {
        return 0;
    };
    let mut drain_ms = 0;
    for group in &groups {
        drain_ms = drain_ms.max(here!(world.elb).drain_target(group, serial));
        let group_arn = world
            .elb
            .groups
            .get(group)
            .map(|group| group.arn.clone())
            .unwrap_or_default();
        world.announce(
            &key,
            Happening::Deregistered {
                count: 1,
                group_arn,
            },
        );
    }
    if !groups.is_empty() {
        world.announce(&key, Happening::Draining { count: 1, digits });
    }
    drain_ms
}

/// Its targets are gone.
pub(super) fn remove_targets(world: &mut World, serial: TaskSerial) {
    let Some(task) = world.ecs.task_mut(serial) else {
        return;
    };
    let groups = std::mem::take(&mut task.registered);
    for group in &groups {
        here!(world.elb).remove_target(group, serial);
    }
}
