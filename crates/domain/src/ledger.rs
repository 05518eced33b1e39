//! Proven releases in the order they became live, and which of them a rollback goes to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::DeploymentId;
use crate::release::Release;
use crate::schema::Revision;

/// A release that was proven live.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The release.
    pub release: Release,
    /// The deployment that brought it; none for what was live before Backstay.
    pub deployment: Option<DeploymentId>,
    /// When it was proven.
    pub at: Option<Timestamp>,
    /// How it came.
    pub arrival: Arrival,
    /// The revision that the schema had before this release's migration, where it was read.
    pub schema_before: Option<Revision>,
}

/// How a release became live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrival {
    /// It was deployed.
    Deployed,
    /// The environment was rolled back to it.
    RolledBack,
}

impl Entry {
    /// A release of which nothing is known but that it was proven.
    #[must_use]
    pub fn bare(release: Release) -> Self {
        Self {
            release,
            deployment: None,
            at: None,
            arrival: Arrival::Deployed,
            schema_before: None,
        }
    }

    /// Whether it is the same arrival of the same release: a deployment that was resumed records it again.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.deployment == other.deployment && self.release == other.release
    }
}

/// The releases that count, oldest first: what was rolled back from is not among them.
///
/// A rollback to an earlier release takes back every release since: rolling back once more goes further back, never to
/// what was found bad.
#[must_use]
pub fn standing(entries: &[Entry]) -> Vec<&Entry> {
    let mut standing: Vec<&Entry> = Vec::new();
    for entry in entries {
        let known = standing
            .iter()
            .position(|earlier| earlier.release.id == entry.release.id);
        match (entry.arrival, known) {
            (Arrival::RolledBack, Some(place)) => standing.truncate(place),
            (Arrival::Deployed, Some(place)) if place + 1 == standing.len() => {
                standing.truncate(place);
            }
            (Arrival::Deployed | Arrival::RolledBack, _) => {}
        }
        standing.push(entry);
    }
    standing
}

/// The last proven release before the newest one that stands.
#[must_use]
pub fn before_newest(entries: &[Entry]) -> Option<&Entry> {
    let standing = standing(entries);
    let newest = standing.last()?;
    standing
        .iter()
        .rev()
        .find(|entry| entry.release.id != newest.release.id)
        .copied()
}
