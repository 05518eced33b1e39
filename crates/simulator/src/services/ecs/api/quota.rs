//! How much of Fargate an account may use at one time. RunTask answers what is beyond it as a failure.

use crate::World;
use crate::services::ecs::{TaskDefinition, TaskStatus};

/// Fargate's vCPU of an account and Region, in CPU units. An account that is used has about 4,000 of them, a new one 6 [OBS].
const MOST_UNITS: u64 = 4_000 * 1_024;

/// Whether one more task of the definition may run.
pub(super) fn has_room(world: &World, definition: &TaskDefinition) -> bool {
    let running = world.ecs.tasks.values();
    let running = running.filter(|task| task.status != TaskStatus::Stopped);
    let used: u64 = running.map(|task| units(&task.definition)).sum();
    used.saturating_add(units(definition)) <= MOST_UNITS
}

/// `256`, or `1 vCPU`; a quarter of one is not written like that by anybody.
fn units(definition: &TaskDefinition) -> u64 {
    let text = definition.cpu.trim();
    let vcpu = text.split(' ').next().unwrap_or_default();
    match text.parse() {
        Ok(units) => units,
        Err(_) => vcpu.parse::<u64>().map_or(0, |vcpu| vcpu * 1_024),
    }
}
