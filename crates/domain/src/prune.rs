//! What of earlier releases is kept, and what goes: files that a release published which nobody may ask for any more. Pure.
//!
//! Nothing goes that a release which is kept has, that was live within the last days (an open tab may ask for it), that a deployment
//! put there lately, or that nobody here published.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::app::Keep;
use crate::ledger::{Entry, standing};
use crate::release::{FileKind, Manifest, ManifestFile, Release};
use crate::survey::Owner;
use crate::{FrontendName, Version};

/// A deployment of a frontend, whether it is recorded or not: what it uploaded lies in the bucket as well.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// Which frontend.
    pub frontend: FrontendName,
    /// What it published.
    pub manifest: Manifest,
    /// What was live before it, and would be put back: path to SHA-256.
    pub before: BTreeMap<String, String>,
    /// The last that was heard of it.
    pub until: Timestamp,
}

/// What there is of a frontend in its bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Who published there, where somebody says so.
    pub owner: Option<Owner>,
    /// Files by path.
    pub files: BTreeMap<String, StoredFile>,
    /// Hashes of kept copies of mutable files.
    pub copies: BTreeSet<String>,
}

/// A file as it lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Its size in bytes.
    pub size: u64,
    /// Its ETag, without quotes.
    pub etag: String,
}

/// What is kept and what goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// Releases that are kept, oldest first.
    pub kept: Vec<Release>,
    /// Releases that are not, oldest first: nobody goes back to them.
    pub left: Vec<Release>,
    /// What goes of each frontend.
    pub frontends: BTreeMap<FrontendName, Prune>,
}

/// What goes of one frontend.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prune {
    /// Files that go: path to what lies there.
    pub files: BTreeMap<String, StoredFile>,
    /// Copies of mutable files that go, by hash.
    pub copies: BTreeSet<String>,
    /// Files that would go, but are not what was published: somebody else wrote them, and they stay.
    pub foreign: BTreeSet<String>,
    /// Ids of manifests of which nothing goes.
    pub whole: BTreeSet<String>,
}

impl Prune {
    /// Whether nothing goes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.copies.is_empty()
    }

    /// How many bytes go with the files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.values().map(|file| file.size).sum()
    }
}

impl Kept {
    /// Whether nothing goes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frontends.values().all(Prune::is_empty)
    }

    /// How many bytes go with the files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.frontends.values().map(Prune::bytes).sum()
    }

    /// How many copies of mutable files go.
    #[must_use]
    pub fn copies(&self) -> usize {
        let each = self.frontends.values();
        each.map(|prune| prune.copies.len()).sum()
    }

    /// The files that go, as people read them.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        let each = self.frontends.iter();
        each.flat_map(|(name, prune)| prune.files.keys().map(|path| name.file(path)))
            .collect()
    }

    /// The files that somebody else wrote, as people read them.
    #[must_use]
    pub fn foreign(&self) -> Vec<String> {
        let each = self.frontends.iter();
        each.flat_map(|(name, prune)| prune.foreign.iter().map(|path| name.file(path)))
            .collect()
    }

    /// The versions of these releases, each once.
    #[must_use]
    pub fn versions(releases: &[Release]) -> Vec<&Version> {
        let mut versions: Vec<&Version> = Vec::new();
        for release in releases {
            if !versions.contains(&&release.version) {
                versions.push(&release.version);
            }
        }
        versions
    }
}

/// Every path that a release or a deployment may have published to a frontend as a file that never changes.
#[must_use]
pub fn published(
    of: &FrontendName,
    (entries, attempts): (&[Entry], &[Attempt]),
) -> BTreeSet<String> {
    manifests(of, (entries, attempts))
        .flat_map(|manifest| manifest.of_kind(FileKind::Immutable))
        .map(|(path, _)| path.clone())
        .collect()
}

/// What is kept, and what of what is stored for each frontend goes.
#[must_use]
pub fn prune(
    (entries, attempts): (&[Entry], &[Attempt]),
    stored: &BTreeMap<FrontendName, Stored>,
    keep: Keep,
    now: Timestamp,
) -> Kept {
    let lately = |moment: Timestamp| keep.is_recent(moment, now);
    let newest = kept(entries, keep, now);
    let is_kept = |release: &Release| newest.iter().any(|kept| kept.id == release.id);
    let stay = attempts.iter().filter(|attempt| lately(attempt.until));
    let stay: Vec<&Attempt> = stay.collect();
    let mut result = Kept::default();
    for (name, there) in stored {
        // What was published under a name that nobody knows any more may lie here: the frontend was called otherwise.
        let here = |of: &FrontendName| of == name || !stored.contains_key(of);
        let stay: Vec<&Attempt> = stay
            .iter()
            .copied()
            .filter(|it| here(&it.frontend))
            .collect();
        let kept = newest.iter().flat_map(|release| &release.frontends);
        let wanted: Vec<&Manifest> = kept
            .filter(|(of, _)| here(of))
            .map(|(_, manifest)| manifest)
            .chain(stay.iter().map(|attempt| &attempt.manifest))
            .collect();
        let prune = goes(name, (entries, attempts), (&wanted, &stay), there);
        result.frontends.insert(name.clone(), prune);
    }
    let mut seen = BTreeSet::new();
    for Entry { release, .. } in entries
        .iter()
        .filter(|it| seen.insert(it.release.id.clone()))
    {
        match is_kept(release) {
            true => result.kept.push(release.clone()),
            false => result.left.push(release.clone()),
        }
    }
    result
}

/// What of a frontend goes that is stored: what was published there and is neither wanted nor would be brought back.
fn goes(
    name: &FrontendName,
    history: (&[Entry], &[Attempt]),
    (wanted, stay): (&[&Manifest], &[&Attempt]),
    stored: &Stored,
) -> Prune {
    let is_wanted = |path: &str| wanted.iter().any(|it| it.files.contains_key(path));
    let mut result = Prune::default();
    for path in published(name, history) {
        let Some(there) = stored.files.get(&path).filter(|_| !is_wanted(&path)) else {
            continue;
        };
        let ours = manifests(name, history)
            .filter_map(|manifest| manifest.files.get(&path))
            .any(|file| is(file, there));
        match ours {
            true => result.files.insert(path, there.clone()).is_some(),
            false => result.foreign.insert(path),
        };
    }
    let brought_back: BTreeSet<&String> = wanted
        .iter()
        .flat_map(|manifest| manifest.files.values().map(|file| &file.sha256))
        .chain(stay.iter().flat_map(|attempt| attempt.before.values()))
        .collect();
    let ours: BTreeSet<&String> = manifests(name, history)
        .flat_map(|manifest| manifest.files.values().map(|file| &file.sha256))
        .collect();
    let copies = stored.copies.iter();
    let copies = copies.filter(|hash| ours.contains(hash) && !brought_back.contains(hash));
    result.copies = copies.cloned().collect();
    result.whole = wanted.iter().map(|manifest| manifest.id.clone()).collect();
    result
}

/// The newest ones that a rollback can go to, and those that were live within the last days.
pub(crate) fn kept(entries: &[Entry], keep: Keep, now: Timestamp) -> Vec<&Release> {
    let lately = |moment: Timestamp| keep.is_recent(moment, now);
    let standing = standing(entries);
    let older = standing.len().saturating_sub(keep.releases.max(1) as usize);
    let newest = standing.into_iter().skip(older).map(|entry| &entry.release);
    // Each was live until the next one came; of the last, nobody knows an end.
    let ends = entries.iter().skip(1).map(|next| next.at).chain([None]);
    let recent = entries
        .iter()
        .zip(ends)
        .filter(|(_, end)| end.is_none_or(lately))
        .map(|(entry, _)| &entry.release);
    newest.chain(recent).collect()
}

fn manifests<'m>(
    of: &'m FrontendName,
    (entries, attempts): (&'m [Entry], &'m [Attempt]),
) -> impl Iterator<Item = &'m Manifest> {
    let attempts = attempts.iter().filter(move |it| it.frontend == *of);
    entries
        .iter()
        .filter_map(move |entry| entry.release.frontends.get(of))
        .chain(attempts.map(|attempt| &attempt.manifest))
}

/// Whether what lies there is the file, as far as a listing tells: what was not written at once has no MD5.
fn is(file: &ManifestFile, there: &StoredFile) -> bool {
    let is_md5 = there.etag.len() == 32;
    let md5 = file.md5.as_ref();
    let same = md5.is_none_or(|md5| *md5 == there.etag || !is_md5);
    file.bytes().is_none_or(|size| size == there.size) && same
}
