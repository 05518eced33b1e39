//! The watch over healthy tasks: did anyone but the tasks themselves take a service below its lower bound?

use serde::{Deserialize, Serialize};

use crate::base::agenda::ServiceKey;
use crate::services::ecs::TaskSetStatus;
use crate::{Millis, World};

/// What was seen of one service.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Floor {
    /// The service is, or was until it broke, at or above its lower bound.
    held: bool,
    /// A task has failed by itself since the floor last held.
    excused: bool,
    minimum: Option<(usize, Millis)>,
}

/// The fewest healthy tasks a service ever had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthFloor {
    /// `ceil(desiredCount * minimumHealthyPercent / 100)`, now.
    pub lower: usize,
    /// Tasks that count as healthy now.
    pub healthy: usize,
    /// The fewest since the service first had enough; `None` while it never had.
    pub minimum: Option<usize>,
    /// When that was.
    pub minimum_at_ms: Option<Millis>,
}

impl World {
    /// How low the healthy tasks of a service (of any cluster) have been; `None` for an unknown service.
    #[must_use]
    pub fn health_floor(&self, service: &str) -> Option<HealthFloor> {
        let service = self
            .ecs
            .services
            .values()
            .find(|known| known.name == service)?;
        let healthy = self
            .ecs
            .tasks_of(service)
            .filter(|task| task.healthy)
            .count();
        Some(HealthFloor {
            lower: service.lower(),
            healthy,
            minimum: service.floor.minimum.map(|(count, _)| count),
            minimum_at_ms: service.floor.minimum.map(|(_, at_ms)| at_ms),
        })
    }

    /// Every time a service fell below its lower bound although no task had failed by itself.
    #[must_use]
    pub fn violations(&self) -> &[String] {
        &self.violations
    }

    /// Looks at the healthy tasks of a service now.
    pub(crate) fn watch_floor(&mut self, key: &ServiceKey) {
        let now_ms = self.now_ms;
        let Some(service) = self.ecs.service(key) else {
            return;
        };
        // A task set that is on its way out carries nothing any more.
        let draining: Vec<&str> = service
            .deployments
            .iter()
            .filter(|one| {
                let set = one.task_set.as_ref();
                set.is_some_and(|set| set.status == TaskSetStatus::Draining)
            })
            .map(|one| one.digits.as_str())
            .collect();
        let healthy = self
            .ecs
            .tasks_of(service)
            .filter(|task| {
                task.healthy && !task.deployment().is_some_and(|one| draining.contains(&one))
            })
            .count();
        let lower = service.lower();
        let Some(service) = self.ecs.service_mut(key) else {
            return;
        };
        let floor = &mut service.floor;
        if (floor.held || healthy >= lower)
            && floor.minimum.is_none_or(|(count, _)| healthy < count)
        {
            floor.minimum = Some((healthy, now_ms));
        }
        if healthy >= lower {
            floor.held = true;
            floor.excused = false;
        } else if std::mem::take(&mut floor.held) && !floor.excused {
            let text = format!(
                "{}: {healthy} healthy tasks, lower bound {lower}, at {now_ms} ms",
                service.name
            );
            self.violations.push(text);
        }
    }

    /// A task failed by itself: what follows is nobody's fault.
    pub(crate) fn excuse_floor(&mut self, key: &ServiceKey) {
        if let Some(service) = self.ecs.service_mut(key) {
            service.floor.excused = true;
        }
    }

    /// The bound itself moved: it has to be reached again before it counts.
    pub(crate) fn move_floor(&mut self, key: &ServiceKey) {
        if let Some(service) = self.ecs.service_mut(key) {
            service.floor.held = false;
        }
        self.watch_floor(key);
    }
}
