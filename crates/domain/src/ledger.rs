//! Proven releases in the order they became live, and which of them a rollback goes to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::release::Release;
use crate::schema::Revision;
use crate::{DefinitionRef, DeploymentId, JobName, ServiceName, Version};

/// How many of the newest entries a plan looks at: what runs, and what a family's newest revision is, is among them.
pub const RECENT: usize = 20;

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
    /// What the database could be brought back to before this release's migration, by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<String>,
    /// What each of its services runs. Earlier versions did not record it.
    #[serde(default)]
    pub runs: BTreeMap<ServiceName, Runs>,
    /// The revision of its migration's task definition.
    #[serde(default)]
    pub migration_definition: Option<DefinitionRef>,
    /// The revision of each of its jobs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub jobs: BTreeMap<JobName, DefinitionRef>,
}

/// What a service of a release runs. What was sent for it is in the release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runs {
    /// The revision: it and nothing else is this release.
    pub definition: DefinitionRef,
    /// The version that its tasks answer: of the release that brought the revision, where that is known.
    #[serde(default)]
    pub version: Option<Version>,
}

/// How a release became live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrival {
    /// It was deployed.
    Deployed,
    /// The environment was rolled back to it.
    RolledBack,
    /// It ran before Backstay's first deployment.
    Found,
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
            anchor: None,
            runs: BTreeMap::new(),
            migration_definition: None,
            jobs: BTreeMap::new(),
        }
    }

    /// A release that ran before Backstay came.
    #[must_use]
    pub fn found(release: Release, at: Timestamp) -> Self {
        Self {
            at: Some(at),
            arrival: Arrival::Found,
            ..Self::bare(release)
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
            (Arrival::Deployed | Arrival::Found, Some(place)) if place + 1 == standing.len() => {
                standing.truncate(place);
            }
            (Arrival::Deployed | Arrival::Found | Arrival::RolledBack, _) => {}
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

/// The version that each service of the last entry's release answers. One that a release did not change answers the version
/// of an earlier one.
#[must_use]
pub fn answers(entries: &[Entry]) -> BTreeMap<ServiceName, Version> {
    let Some(newest) = entries.last() else {
        return BTreeMap::new();
    };
    let services = newest.release.services.keys();
    let answer = |name: &ServiceName| {
        let version = match newest.runs.get(name) {
            Some(runs) => runs.version.clone()?,
            None => came_with(entries, name)?,
        };
        Some((name.clone(), version))
    };
    services.filter_map(answer).collect()
}

/// The version of the release that brought a service's present definition, where no entry says it.
fn came_with(entries: &[Entry], name: &ServiceName) -> Option<Version> {
    let present = entries.last()?.release.services.get(name)?;
    let same = entries.iter().rev().take_while(|entry| {
        let then = entry.release.services.get(name);
        then.is_some_and(|then| then.definition.says_what(&present.definition))
    });
    same.last()
        .map(|entry| entry.release.version_of(name).clone())
}
