//! What is known of the revisions that Backstay registered: for each handle what was sent. A revision is the same as another
//! definition when what was sent is; documents are compared only where nobody recorded that.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::DefinitionRef;
use crate::definition::{ContainerImage, Definition, DefinitionHash};
use crate::ledger::Entry;

/// What was sent for each revision of the releases in a ledger.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Registered(BTreeMap<DefinitionRef, Definition>);

/// The hash of what was sent for each revision: as much as a plan needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revisions(BTreeMap<DefinitionRef, DefinitionHash>);

/// A live revision, as it stands to a definition that is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Whether it may stand for what is wanted.
    pub same: bool,
    /// What was sent for it; where nobody knows, what was read, without what the cloud added.
    pub document: Definition,
}

impl Registered {
    /// What these releases ran. Earlier versions did not record it.
    #[must_use]
    pub fn of<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Self {
        let mut known = BTreeMap::new();
        for entry in entries {
            let services = entry.release.services.iter();
            let services = services.filter_map(|(name, service)| {
                Some((&entry.runs.get(name)?.definition, &service.definition))
            });
            let migration = entry.migration_definition.as_ref();
            let migration = migration.zip(entry.release.migration.as_ref());
            let jobs = entry.release.jobs.iter();
            let jobs =
                jobs.filter_map(|(name, job)| Some((entry.jobs.get(name)?, &job.definition)));
            let all = services.chain(migration.map(|(handle, ran)| (handle, &ran.definition)));
            let all = all.chain(jobs);
            known.extend(all.map(|(handle, sent)| (handle.clone(), sent.anew())));
        }
        Self(known)
    }

    /// How a live revision, of which the cloud answers `read`, stands to `wanted`.
    #[must_use]
    pub fn standing(
        &self,
        revision: &DefinitionRef,
        read: &Definition,
        wanted: &Definition,
    ) -> Standing {
        let sent = self.0.get(revision);
        let document = match sent.filter(|sent| pull_alike(sent, read)) {
            Some(sent) => sent.clone(),
            None => wanted.read_back(&read.document),
        };
        Standing {
            same: document.says_what(wanted),
            document,
        }
    }

    /// What was sent for a revision of which the cloud answers `read`; what was read where nobody knows.
    #[must_use]
    pub fn sent(&self, revision: &DefinitionRef, read: &Definition) -> Definition {
        let sent = self.0.get(revision);
        sent.filter(|sent| pull_alike(sent, read))
            .unwrap_or(read)
            .clone()
    }

    /// The hashes of what was sent for the families of these definitions.
    #[must_use]
    pub fn revisions<'d>(&self, of: impl IntoIterator<Item = &'d Definition>) -> Revisions {
        let families: BTreeSet<&str> = of.into_iter().map(Definition::family).collect();
        let known = self.0.iter();
        let known = known.filter(|(_, sent)| families.contains(sent.family()));
        Revisions(
            known
                .map(|(handle, sent)| (handle.clone(), sent.hash.clone()))
                .collect(),
        )
    }
}

impl Revisions {
    /// The revisions for which this very definition was sent.
    pub fn of(&self, wanted: &Definition) -> impl Iterator<Item = &DefinitionRef> {
        let wanted = wanted.hash_anew();
        let same = self.0.iter().filter(move |(_, sent)| **sent == wanted);
        same.map(|(revision, _)| revision)
    }

    /// Whether it is the revision of a recorded release.
    #[must_use]
    pub fn knows(&self, revision: &DefinitionRef) -> bool {
        self.0.contains_key(revision)
    }

    /// Whether a revision, of which the cloud answers `read`, may stand for `wanted`: by what was sent where that is known,
    /// by the documents where it is not.
    #[must_use]
    pub fn stands_for(
        &self,
        revision: &DefinitionRef,
        read: &Definition,
        wanted: &Definition,
    ) -> bool {
        match self.0.get(revision) {
            Some(sent) => *sent == wanted.hash_anew() && pull_alike(wanted, read),
            None => wanted.read_back(&read.document).says_what(wanted),
        }
    }
}

/// Whether two definitions pull the same images into the same containers. A record for which that does not hold is of another
/// cloud: a simulated one that began afresh numbers its revisions from one again.
fn pull_alike(one: &Definition, other: &Definition) -> bool {
    let images = |definition: &Definition| {
        let containers = definition.containers();
        let named = |of: ContainerImage<'_>| (of.name.to_owned(), of.image.to_owned());
        containers.map(named).collect::<BTreeSet<_>>()
    };
    images(one) == images(other)
}
