//! The health of a container by its own check (A3 [MODEL]): what counts, and when it turns.

use crate::Millis;
use crate::services::ecs::{ContainerHealth, HealthCheck};

/// What came of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    Passed,
    Failed,
}

/// How a container's checks have gone so far.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    failures: u32,
    health: ContainerHealth,
}

impl Checked {
    pub(super) fn nothing() -> Self {
        Self {
            failures: 0,
            health: ContainerHealth::Unknown,
        }
    }

    pub(super) fn health(&self) -> ContainerHealth {
        self.health
    }

    /// One more check, so long after the container's start. One success is enough; failures in the start period do not count.
    pub(super) fn count(&mut self, check: HealthCheck, since_start_ms: Millis, seen: Check) {
        if seen == Check::Passed {
            self.failures = 0;
            self.health = ContainerHealth::Healthy;
            return;
        }
        if since_start_ms < check.start_period_ms && self.health == ContainerHealth::Unknown {
            return;
        }
        self.failures += 1;
        if self.failures >= check.retries {
            self.health = ContainerHealth::Unhealthy;
        }
    }
}

/// Of a whole task: UNHEALTHY when one of them is, HEALTHY when all are.
pub(super) fn together(all: impl IntoIterator<Item = ContainerHealth>) -> ContainerHealth {
    let mut together = ContainerHealth::Healthy;
    for one in all {
        match one {
            ContainerHealth::Healthy => {}
            ContainerHealth::Unhealthy => return one,
            ContainerHealth::Unknown => together = one,
        }
    }
    together
}

#[cfg(test)]
mod tests {
    use super::{Check, Checked, together};
    use crate::services::ecs::ContainerHealth::{Healthy, Unhealthy, Unknown};
    use crate::services::ecs::HealthCheck;

    #[test]
    fn what_counts() {
        let check = HealthCheck {
            interval_ms: 10_000,
            retries: 3,
            start_period_ms: 25_000,
        };
        let mut checked = Checked::nothing();
        let mut found = Vec::new();
        let (bad, good) = (Check::Failed, Check::Passed);
        let seen = [bad, bad, bad, bad, bad, good, bad, bad, good];
        for (number, seen) in (1..).zip(seen) {
            checked.count(check, number * 10_000, seen);
            found.push(checked.health());
        }
        let unknown = [Unknown; 4];
        assert_eq!(found[..4], unknown);
        assert_eq!(found[4..], [Unhealthy, Healthy, Healthy, Healthy, Healthy]);
    }

    #[test]
    fn of_a_task() {
        assert_eq!(together([Healthy, Unknown]), Unknown);
        assert_eq!(together([Unknown, Unhealthy]), Unhealthy);
        assert_eq!(together([Healthy, Healthy]), Healthy);
    }
}
