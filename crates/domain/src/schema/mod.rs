//! The schema record: every migration that may have run on an environment's database, by whichever deployment. What is true
//! of the database is not inferred from what is true of the code.
//!
//! Read in this order.

mod revision;
pub use revision::{Revision, Unclear};

mod number;

mod applied;
pub use applied::{Applied, Foreseen, Reach, Repeats, are_told, runs, way_down};

mod fit;
pub use fit::{Configured, Fit, Step, Terms, Undoing, undo};

mod noted;
pub use noted::noted;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::anchor::Anchored;
use crate::app::WayDown;
use crate::ledger::{Arrival, Entry};
use crate::observation::JobState;
use crate::release::MigrationRelease;
use crate::{DeploymentId, ReleaseId, Version};

/// What may have happened to a database's schema, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SchemaRecord {
    /// Entries, in the order in which they were begun.
    pub entries: Vec<SchemaEntry>,
}

/// One migration that may have run, or what a human said about the schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SchemaEntry {
    /// The deployment that began it; none for what was there before Backstay.
    pub deployment: Option<DeploymentId>,
    /// The release that the deployment went to.
    pub release: ReleaseId,
    /// Its version.
    pub version: Version,
    /// What was done.
    pub way: Way,
    /// With which migration.
    pub migration: Option<MigrationRelease>,
    /// When its task may have been started at the earliest.
    pub intended: Option<Timestamp>,
    /// How its task ended. Nothing: not known, it may have run or run still.
    pub end: Option<JobState>,
    /// The revision that was read before it.
    #[serde(default)]
    pub before: Option<Revision>,
    /// The revision that was read after it.
    #[serde(default)]
    pub after: Option<Revision>,
    /// The revisions that it applied, one by one, where their files were read; else its own word is that of all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revisions: Option<Vec<Applied>>,
    /// What the database could be brought back to before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Anchored>,
}

/// What was done to the schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// It was migrated up.
    Up,
    /// It was migrated down.
    Down {
        /// To this revision.
        to: Revision,
        /// Which undoes this migration up, and everything after it.
        undoes: Undone,
    },
    /// A human said that the release runs on the schema as it is, and the release was proven on it.
    Accepted,
}

/// The first migration up that is undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// The deployment that began it.
    pub deployment: Option<DeploymentId>,
    /// The release it belongs to.
    pub release: ReleaseId,
}

impl SchemaEntry {
    /// Whether it is the same step of the same deployment: one that was resumed notes it again.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let kind = |way: &Way| match way {
            Way::Up => 0,
            Way::Down { .. } => 1,
            Way::Accepted => 2,
        };
        self.deployment == other.deployment
            && self.release == other.release
            && kind(&self.way) == kind(&other.way)
    }

    /// Whether nothing is lost when its migration is undone.
    #[must_use]
    pub fn is_lossless(&self) -> bool {
        let declared = || self.migration.as_ref().map(|migration| migration.way_down);
        let each = self.revisions.as_deref().map(way_down);
        each.or_else(declared) == Some(WayDown::Lossless)
    }

    /// Whose code runs on the schema after each of its revisions.
    #[must_use]
    pub fn reaches(&self) -> Vec<Reach> {
        if let Some(revisions) = &self.revisions {
            return revisions.iter().map(|one| one.reach).collect();
        }
        let declared = self.migration.as_ref();
        vec![declared.map_or(Reach::Nobody, |migration| {
            Reach::of(migration.compatibility)
        })]
    }

    /// Which one it is, for what undoes it.
    #[must_use]
    pub fn undone(&self) -> Undone {
        Undone {
            deployment: self.deployment.clone(),
            release: self.release.clone(),
        }
    }
}

impl SchemaRecord {
    /// Adds an entry, or completes the one that is there. What is known is not forgotten: an entry that knows less than the
    /// recorded one changes nothing.
    pub fn note(&mut self, entry: &SchemaEntry) {
        match self.entries.iter_mut().find(|known| known.is(entry)) {
            Some(known) => {
                // A start that had failed may have been tried again since.
                if entry.end.is_some() || matches!(known.end, Some(JobState::NeverStarted(_))) {
                    known.end.clone_from(&entry.end);
                }
                known.before = entry.before.clone().or(known.before.take());
                known.after = entry.after.clone().or(known.after.take());
                known.revisions = entry.revisions.clone().or(known.revisions.take());
                known.anchor = entry.anchor.clone().or(known.anchor.take());
            }
            None => self.entries.push(entry.clone()),
        }
    }

    /// What proven releases tell of an environment whose record was not kept: each migration that differs from the one before
    /// it has run.
    #[must_use]
    pub fn of_ledger(entries: &[Entry]) -> Self {
        let mut record = Self::default();
        let mut before: Option<&MigrationRelease> = None;
        let deployed = entries
            .iter()
            .filter(|entry| entry.arrival == Arrival::Deployed);
        for entry in deployed {
            let Some(migration) = &entry.release.migration else {
                continue;
            };
            if before.is_none_or(|before| !same(before, migration)) {
                record.entries.push(SchemaEntry::of_ledger(entry));
            }
            before = Some(migration);
        }
        record
    }
}

impl SchemaEntry {
    /// The migration of a proven release.
    #[must_use]
    pub fn of_ledger(entry: &Entry) -> Self {
        Self {
            deployment: entry.deployment.clone(),
            release: entry.release.id.clone(),
            version: entry.release.version_of_migration().clone(),
            way: Way::Up,
            migration: entry.release.migration.clone(),
            intended: entry.at,
            end: Some(JobState::Exited(0)),
            before: entry.schema_before.clone(),
            after: None,
            revisions: None,
            anchor: None,
        }
    }
}

/// Whether two migrations do the same: the same image by content, and the same definition.
#[must_use]
pub fn same(one: &MigrationRelease, other: &MigrationRelease) -> bool {
    one.image.digest == other.image.digest && one.definition == other.definition
}
