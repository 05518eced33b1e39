//! Everything that a release is visible on, and how two of them differ.

use std::collections::{BTreeMap, BTreeSet};

use backstay_domain::{FrontendName, Version};
use backstay_simulator::{Picture, ServicePicture};

/// What users and the next deployment find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Surfaces {
    /// Services and databases.
    pub(super) picture: Picture,
    /// Each frontend's entry page in its bucket.
    pub(super) entry_pages: BTreeMap<FrontendName, String>,
    /// What the ledger calls proven last.
    pub(super) proven: Option<Version>,
}

impl Surfaces {
    /// What differs from the release that was `expected`, the schema apart. Desired counts of `resized` services are
    /// somebody else's.
    pub(super) fn differences(&self, expected: &Self, resized: &BTreeSet<String>) -> Vec<String> {
        let mut found = Vec::new();
        for (name, service) in &self.picture.services {
            match expected.picture.services.get(name) {
                None => found.push(format!("{name}: not expected at all")),
                Some(wanted) => found.extend(differs(name, service, wanted, resized)),
            }
        }
        for name in expected.picture.services.keys() {
            if !self.picture.services.contains_key(name) {
                found.push(format!("{name}: gone"));
            }
        }
        if self.entry_pages != expected.entry_pages {
            found.push(format!(
                "entry pages: expected {:?}, found {:?}",
                expected.entry_pages, self.entry_pages
            ));
        }
        if self.proven != expected.proven {
            found.push(format!(
                "ledger: expected {:?}, found {:?}",
                expected.proven, self.proven
            ));
        }
        found
    }

    /// Schemas that differ from those of the release that was `expected`.
    pub(super) fn other_schemas(&self, expected: &Self) -> Vec<String> {
        let (found, expected) = (&self.picture.databases, &expected.picture.databases);
        let differs = found
            .iter()
            .filter(|(family, revision)| expected.get(*family) != Some(revision));
        differs
            .map(|(family, revision)| {
                format!(
                    "schema of {family}: expected {:?}, found {revision}",
                    expected.get(family)
                )
            })
            .collect()
    }
}

/// A service that is not exactly as `wanted`, or not at rest.
fn differs(
    name: &str,
    found: &ServicePicture,
    wanted: &ServicePicture,
    resized: &BTreeSet<String>,
) -> Option<String> {
    // A service that goes back to no tasks is back when none is left: ECS may still be closing its rollout.
    let at_rest = !found.deploying || (wanted.desired == 0 && found.running + found.pending == 0);
    let same = found.task_definition == wanted.task_definition
        && found.running_task_definitions == wanted.running_task_definitions
        && found.image_digests == wanted.image_digests
        && (resized.contains(name) || found.desired == wanted.desired)
        && found.running == found.desired as usize
        && at_rest;
    (!same).then(|| format!("{name}: expected {wanted:?}, found {found:?}"))
}
