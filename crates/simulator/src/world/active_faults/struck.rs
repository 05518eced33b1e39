//! Which of the faults have made a difference so far.

use std::sync::Arc;

use super::{Faults, SpoiledService};
use crate::base::agenda::TaskSerial;
use crate::services::ecs::{CapacityProvider, StartFailure, Task, TaskDefinition};
use crate::{Millis, ServiceFault, TaskFault, World};

/// A fault that was added to a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FaultId(pub(super) u64);

impl SpoiledService {
    /// Whether a task that it is for has shown what is wrong with it.
    fn shows_in(&self, task: &Task, now_ms: Millis) -> bool {
        // The one is about tasks that leave, the other about requests.
        if matches!(
            self.fault,
            ServiceFault::SlowDrain | ServiceFault::Errors5xx
        ) {
            return false;
        }
        if self.fault == ServiceFault::SpotInterruption
            && task.provider != Some(CapacityProvider::FargateSpot)
        {
            return false;
        }
        let until_ms = task.times.execution_stopped.unwrap_or(now_ms);
        // What a slow start adds is there from the start.
        let after_ms = self
            .after_ms
            .filter(|_| self.fault != ServiceFault::SlowStart);
        match (after_ms, task.times.started) {
            (Some(after_ms), Some(started_ms)) => started_ms.saturating_add(after_ms) <= until_ms,
            (None, Some(_)) => true,
            (_, None) => task.behaviour.failure.is_some() && task.times.stopped.is_some(),
        }
    }
}

impl Faults {
    /// A task of this service shows what is wrong with it, or has not even been made.
    fn shown(
        &mut self,
        service: &str,
        definition: &TaskDefinition,
        shows: impl Fn(&SpoiledService) -> bool,
    ) {
        let own = self.services.iter().filter(|spoiled| {
            spoiled.service == service && !spoiled.spared.contains(&definition.arn)
        });
        let numbers: Vec<u64> = own
            .filter(|spoiled| shows(spoiled))
            .map(|spoiled| spoiled.number)
            .collect();
        self.struck.extend(numbers);
    }

    /// Whether tasks of this service leave slowly, whatever they run.
    pub(crate) fn drains_slowly(&self, service: &str) -> bool {
        let mut services = self.services.iter();
        services.any(|it| it.service == service && it.fault == ServiceFault::SlowDrain)
    }

    /// The same, and it has struck then.
    pub(crate) fn strike_drain(&mut self, service: &str) -> bool {
        let slow = self.services.iter();
        let slow = slow.filter(|it| it.service == service && it.fault == ServiceFault::SlowDrain);
        let numbers: Vec<u64> = slow.map(|it| it.number).collect();
        self.struck.extend(&numbers);
        !numbers.is_empty()
    }

    /// What matches of the faults of a family's tasks has struck now.
    pub(crate) fn strike(&mut self, family: &str, matches: impl Fn(TaskFault) -> bool) {
        let numbered = self.tasks.iter().zip(&self.task_numbers);
        let own = numbered.filter(|((spoiled, fault), _)| spoiled == family && matches(*fault));
        let numbers: Vec<u64> = own.map(|(_, number)| *number).collect();
        self.struck.extend(numbers);
    }
}

impl World {
    /// Whether a fault has made a difference so far: a task showed it, a call met it, its event happened.
    #[must_use]
    pub fn has_struck(&self, fault: FaultId) -> bool {
        if self.faults.struck.contains(&fault.0) {
            return true;
        }
        let mut services = self.faults.services.iter();
        let Some(spoiled) = services.find(|it| it.number == fault.0) else {
            return false;
        };
        let named = self.ecs.services.values();
        let named = named.filter(|service| service.name == spoiled.service);
        let mut tasks = named.flat_map(|service| self.ecs.tasks_of(service));
        tasks.any(|task| {
            !spoiled.spared.contains(&task.definition.arn) && spoiled.shows_in(task, self.now_ms)
        })
    }

    /// A task has ended: what it has shown until then is remembered.
    pub(crate) fn remember_what_struck(&mut self, serial: TaskSerial) {
        let now_ms = self.now_ms;
        let Some(task) = self.ecs.task(serial).cloned() else {
            return;
        };
        let Some(service) = task.service().and_then(|(key, _)| self.ecs.service(key)) else {
            return;
        };
        let (name, definition) = (service.name.clone(), Arc::clone(&task.definition));
        let shows = |spoiled: &SpoiledService| spoiled.shows_in(&task, now_ms);
        self.faults.shown(&name, &definition, shows);
    }

    /// A request got an error that a fault makes, or goes to a program that was told to make it.
    pub(crate) fn errors_are_seen(&mut self, serial: TaskSerial) {
        let Some(task) = self.ecs.task(serial) else {
            return;
        };
        let Some(service) = task.service().and_then(|(key, _)| self.ecs.service(key)) else {
            return;
        };
        let (name, definition) = (service.name.clone(), Arc::clone(&task.definition));
        self.faults.shown(&name, &definition, |spoiled| {
            spoiled.fault == ServiceFault::Errors5xx
        });
    }

    /// No task is made of a service, because of a fault.
    pub(crate) fn no_task_is_made(&mut self, service: &str, definition: &TaskDefinition) {
        self.faults.shown(service, definition, |spoiled| {
            let failure = StartFailure::of(spoiled.fault);
            failure.is_some_and(|failure| failure.makes_no_task())
        });
    }
}
