//! How much of Fargate an account may use at one time, and how fast. RunTask answers what is beyond it as a failure.

use crate::World;
use crate::services::ecs::cluster::CapacityProvider;
use crate::services::ecs::{StartFailure, TaskDefinition, TaskStatus};

/// Fargate's vCPU of an account and Region, in CPU units. An account that is used has about 4,000 of them, a new one 6 [OBS].
const MOST_UNITS: u64 = 4_000 * 1_024;

/// Whether one more task of the definition may be launched; its launch is taken then (F2 [DOC]). What is said of too many launches [INF].
pub(super) fn may_launch(
    world: &mut World,
    definition: &TaskDefinition,
    provider: Option<CapacityProvider>,
) -> Result<(), StartFailure> {
    let running = world.ecs.tasks.values();
    let running = running.filter(|task| task.status != TaskStatus::Stopped);
    let used: u64 = running.map(|task| units(&task.definition)).sum();
    if used.saturating_add(units(definition)) > MOST_UNITS {
        return Err(StartFailure::VcpuLimit);
    }
    let now_ms = world.now_ms;
    match world.ecs.launches.take(provider, now_ms) {
        true => Ok(()),
        false => Err(StartFailure::Throttled),
    }
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
