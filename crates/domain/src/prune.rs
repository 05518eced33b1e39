//! What of earlier releases is kept, and what goes: files that a release published which nobody may ask for any more. Pure.
//!
//! Nothing goes that a release which is kept has, that was live within the last days (an open tab may ask for it), that a deployment
//! put there lately, or that nobody here published.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::Version;
use crate::app::Keep;
use crate::ledger::{Entry, standing};
use crate::release::{FileKind, Manifest, ManifestFile, Release};
use crate::survey::Owner;

/// A deployment, whether it is recorded or not: what it uploaded lies in the bucket as well.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
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
pub struct Prune {
    /// Releases that are kept, oldest first.
    pub kept: Vec<Release>,
    /// Releases that are not, oldest first: nobody goes back to them.
    pub left: Vec<Release>,
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

/// Every path that a release or a deployment may have published as a file that never changes.
#[must_use]
pub fn published(entries: &[Entry], attempts: &[Attempt]) -> BTreeSet<String> {
    manifests(entries, attempts)
        .flat_map(|manifest| manifest.of_kind(FileKind::Immutable))
        .map(|(path, _)| path.clone())
        .collect()
}

/// What is kept, and what of what is stored goes.
#[must_use]
pub fn prune(
    (entries, attempts): (&[Entry], &[Attempt]),
    stored: &Stored,
    keep: Keep,
    now: Timestamp,
) -> Prune {
    let lately = |moment: Timestamp| keep.is_recent(moment, now);
    let kept = kept(entries, keep, now);
    let is_kept = |release: &Release| kept.iter().any(|kept| kept.id == release.id);
    let stay = attempts.iter().filter(|attempt| lately(attempt.until));
    let stay: Vec<&Attempt> = stay.collect();
    let wanted: Vec<&Manifest> = kept
        .iter()
        .filter_map(|release| release.frontend.as_ref())
        .chain(stay.iter().map(|attempt| &attempt.manifest))
        .collect();
    let is_wanted = |path: &str| wanted.iter().any(|it| it.files.contains_key(path));
    let mut result = Prune::default();
    for path in published(entries, attempts) {
        let Some(there) = stored.files.get(&path).filter(|_| !is_wanted(&path)) else {
            continue;
        };
        let ours = manifests(entries, attempts)
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
    let ours: BTreeSet<&String> = manifests(entries, attempts)
        .flat_map(|manifest| manifest.files.values().map(|file| &file.sha256))
        .collect();
    let copies = stored.copies.iter();
    let copies = copies.filter(|hash| ours.contains(hash) && !brought_back.contains(hash));
    result.copies = copies.cloned().collect();
    result.whole = wanted.iter().map(|manifest| manifest.id.clone()).collect();
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
    entries: &'m [Entry],
    attempts: &'m [Attempt],
) -> impl Iterator<Item = &'m Manifest> {
    entries
        .iter()
        .filter_map(|entry| entry.release.frontend.as_ref())
        .chain(attempts.iter().map(|attempt| &attempt.manifest))
}

/// Whether what lies there is the file, as far as a listing tells: what was not written at once has no MD5.
fn is(file: &ManifestFile, there: &StoredFile) -> bool {
    let is_md5 = there.etag.len() == 32;
    let md5 = file.md5.as_ref();
    let same = md5.is_none_or(|md5| *md5 == there.etag || !is_md5);
    file.bytes().is_none_or(|size| size == there.size) && same
}
