//! What a plan does to the database.

use std::time::Duration;

use super::{Direction, MigrationChange, MigrationPlan, Plan};
use crate::anchor::Anchor;
use crate::app::Compatibility;
use crate::schema::Revision;

impl Plan {
    /// The migration, if it runs.
    #[must_use]
    pub fn migrates(&self) -> Option<&MigrationPlan> {
        self.migration
            .as_ref()
            .filter(|m| m.change == MigrationChange::Run)
    }

    /// Whether the revision is read again while the release is watched, instead of before the first wave: nothing of this deployment goes by
    /// it, where the code that runs now can live with the schema whatever is read.
    #[must_use]
    pub fn reads_while_watching(&self) -> bool {
        self.migrates().is_some_and(|migration| {
            migration.current_command.is_some()
                && migration.compatibility == Compatibility::Compatible
                && migration.undeclared.is_none()
                && migration.checks.is_empty()
        })
    }

    /// The anchor to make: only before a migration that changes something.
    #[must_use]
    pub fn anchors(&self) -> Option<&Anchor> {
        let migration = self.migrates()?;
        let changes = migration.applies.as_ref().is_none_or(|all| !all.is_empty());
        migration.anchor.as_ref().filter(|_| changes)
    }

    /// The anchor whose predecessors are removed when they are older than it is kept: by what brings a new release only.
    #[must_use]
    pub fn outlives(&self) -> Option<(&Anchor, Duration)> {
        let anchor = self.migration.as_ref()?.anchor.as_ref()?;
        let forward = self.direction == Direction::Forward && anchor.of.outlives();
        Some((anchor, anchor.keep.filter(|_| forward)?))
    }

    /// The migration, if it is taken back, and to which revision.
    #[must_use]
    pub fn migrates_down(&self) -> Option<(&MigrationPlan, &Revision)> {
        let migration = self.migration.as_ref()?;
        match &migration.change {
            MigrationChange::Down(revision) => Some((migration, revision)),
            MigrationChange::Run | MigrationChange::Unchanged => None,
        }
    }
}
