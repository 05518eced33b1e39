//! The schema record for people, in a line or two.

use super::{SchemaRecord, Way};
use crate::app::Compatibility;
use crate::observation::JobState;

impl SchemaRecord {
    /// What the schema is on, since which release, and what is open about it. Nothing where nothing is known.
    #[must_use]
    pub fn summary(&self) -> Vec<String> {
        let Some(newest) = self.newest() else {
            return Vec::new();
        };
        let revision = match self.revision() {
            Some(revision) => format!("on revision {revision}, "),
            None => String::new(),
        };
        let declared = match newest.migration.as_ref().map(|m| m.compatibility) {
            Some(Compatibility::Breaking) => "breaking",
            Some(Compatibility::Compatible) | None => "compatible",
        };
        let mut lines = vec![format!(
            "the schema is {revision}as the migration of {} left it ({declared})",
            newest.version
        )];
        if let Some(open) = self.entries.last().and_then(|entry| {
            let what = match &entry.way {
                Way::Up => "migration up",
                Way::Down { .. } => "migration down",
                Way::Accepted => return None,
            };
            match &entry.end {
                Some(JobState::Exited(0) | JobState::NeverStarted(_)) => None,
                Some(JobState::Exited(code)) => Some(format!(
                    "the {what} of {} ended with exit code {code}: how far it got is not certain",
                    entry.version
                )),
                Some(JobState::Killed(_)) => Some(format!(
                    "the {what} of {} was killed: how far it got is not certain",
                    entry.version
                )),
                Some(JobState::Running | JobState::Vanished) | None => {
                    Some(format!("nobody saw the {what} of {} end", entry.version))
                }
            }
        }) {
            lines.push(open);
        }
        lines
    }
}
