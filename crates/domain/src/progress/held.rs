//! How long a rollout has waited for somebody: time that does not count against it.

use std::time::Duration;

use jiff::Timestamp;

use super::Progress;
use crate::ServiceName;

/// How long it waited, and since when it waits again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct HeldFor {
    so_far: Duration,
    since: Option<Timestamp>,
}

impl HeldFor {
    pub(super) fn begin(&mut self, at: Timestamp) {
        self.since.get_or_insert(at);
    }

    pub(super) fn end(&mut self, at: Timestamp) {
        self.so_far = self.until(at);
        self.since = None;
    }

    pub(super) fn since_mut(&mut self) -> Option<&mut Timestamp> {
        self.since.as_mut()
    }

    fn until(&self, now: Timestamp) -> Duration {
        let waits = self.since.map(|since| now.duration_since(since));
        let waits = waits.and_then(|waits| Duration::try_from(waits).ok());
        self.so_far + waits.unwrap_or_default()
    }
}

impl Progress {
    /// Whether the rollout of a service waits for somebody.
    #[must_use]
    pub fn is_held(&self, service: &ServiceName) -> bool {
        let held = self.held.get(service);
        held.is_some_and(|held| held.since.is_some())
    }

    /// How long the rollout of a service has waited for somebody until `now`.
    #[must_use]
    pub fn held_for(&self, service: &ServiceName, now: Timestamp) -> Duration {
        let held = self.held.get(service);
        held.map_or(Duration::ZERO, |held| held.until(now))
    }
}
