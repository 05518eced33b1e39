//! How much of earlier releases is kept.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What of earlier releases stays in the cloud: files of their frontends, and their images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keep {
    /// Of so many of the newest releases that a rollback can go to.
    pub releases: u32,
    /// And of those that were live within so many days: open tabs may ask for their files.
    pub days: u32,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            releases: 10,
            days: 30,
        }
    }
}

impl Keep {
    /// Plans that say nothing of it mean this.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Whether `moment` lies within the days.
    #[must_use]
    pub fn is_recent(&self, moment: Timestamp, now: Timestamp) -> bool {
        now.duration_since(moment) < SignedDuration::from_hours(24 * i64::from(self.days))
    }
}
