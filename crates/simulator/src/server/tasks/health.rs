//! The health of a container by its own check (A3 [MODEL]): what counts, and when it turns.

use crate::Millis;
use crate::containers::HealthCommand;

/// How a container's checks have gone so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Checked {
    failures: u32,
    health: Option<bool>,
}

impl Checked {
    /// HEALTHY, UNHEALTHY or UNKNOWN.
    pub(super) fn health(&self) -> Option<bool> {
        self.health
    }

    /// One more check, so long after the container's start. One success is enough; failures in the start period do not count.
    pub(super) fn count(&mut self, check: &HealthCommand, since_start_ms: Millis, passed: bool) {
        if passed {
            self.failures = 0;
            self.health = Some(true);
            return;
        }
        if since_start_ms < check.start_period_ms && self.health.is_none() {
            return;
        }
        self.failures += 1;
        if self.failures >= check.retries {
            self.health = Some(false);
        }
    }
}

/// Of a whole task: UNHEALTHY when one of them is, HEALTHY when all are.
pub(super) fn together(all: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut together = Some(true);
    for one in all {
        match one {
            Some(true) => {}
            Some(false) => return Some(false),
            None => together = None,
        }
    }
    together
}

#[cfg(test)]
mod tests {
    use super::{Checked, together};
    use crate::containers::HealthCommand;

    #[test]
    fn what_counts() {
        let check = HealthCommand {
            words: Vec::new(),
            interval_ms: 10_000,
            timeout_ms: 5_000,
            retries: 3,
            start_period_ms: 25_000,
        };
        let mut checked = Checked::default();
        let mut found = Vec::new();
        for (at_s, passed) in [
            (10, false),
            (20, false),
            (30, false),
            (40, false),
            (50, false),
            (60, true),
            (70, false),
            (80, false),
            (90, true),
        ] {
            checked.count(&check, at_s * 1_000, passed);
            found.push(checked.health());
        }
        let (bad, good) = (Some(false), Some(true));
        assert_eq!(found, [None, None, None, None, bad, good, good, good, good]);
    }

    #[test]
    fn of_a_task() {
        assert_eq!(together([Some(true), None]), None);
        assert_eq!(together([None, Some(false)]), Some(false));
        assert_eq!(together([Some(true), Some(true)]), Some(true));
    }
}
