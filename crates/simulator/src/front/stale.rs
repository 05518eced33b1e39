//! Older copies of ECS for [`CallFault::StaleRead`](crate::CallFault::StaleRead), kept only while such a fault is in force.

use serde::{Deserialize, Serialize};

use crate::front::ActiveCallFault;
use crate::services::ecs::Ecs;
use crate::{CallFault, Millis, World};

/// ECS as it was after each recent call, oldest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct EcsHistory(Vec<(Millis, Ecs)>);

impl EcsHistory {
    /// The newest copy that is at least `age_ms` old, else the oldest there is.
    fn before(&self, now_ms: Millis, age_ms: Millis) -> Option<&Ecs> {
        let old_enough = self
            .0
            .iter()
            .rev()
            .find(|(at, _)| at.saturating_add(age_ms) <= now_ms);
        old_enough.or_else(|| self.0.first()).map(|(_, ecs)| ecs)
    }

    fn remember(&mut self, now_ms: Millis, ecs: &Ecs, longest_ms: Millis) {
        self.0.push((now_ms, ecs.clone()));
        // One copy older than every fault asks for is enough.
        let useless = self
            .0
            .iter()
            .rposition(|(at, _)| at.saturating_add(longest_ms) <= now_ms)
            .unwrap_or(0);
        self.0.drain(..useless);
    }
}

/// Keeps a copy of ECS if a stale read may need it; forgets all copies when none can.
pub(super) fn remember(world: &mut World) {
    let longest = world.faults.calls.iter().filter_map(staleness).max();
    match longest {
        Some(longest_ms) => world
            .throttle
            .history
            .remember(world.now_ms, &world.ecs, longest_ms),
        None => world.throttle.history = EcsHistory::default(),
    }
}

/// Runs a read on the world of `age_ms` ago. What it changes is forgotten.
pub(super) fn with_stale<R>(
    world: &mut World,
    age_ms: Millis,
    read: impl FnOnce(&mut World) -> R,
) -> R {
    let Some(old) = world.throttle.history.before(world.now_ms, age_ms).cloned() else {
        return read(world);
    };
    let present = std::mem::replace(&mut *world.ecs, old);
    let result = read(world);
    *world.ecs = present;
    result
}

fn staleness(active: &ActiveCallFault) -> Option<Millis> {
    match active.fault {
        CallFault::StaleRead(ms) => Some(ms),
        _ => None,
    }
}
