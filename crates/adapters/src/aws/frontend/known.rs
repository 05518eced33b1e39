//! What is known of the objects of a build before each is looked at: by what lies beside them, or by a listing.

use std::collections::{BTreeMap, BTreeSet};

use backstay_domain::app::Frontend;
use backstay_domain::ports::PortFailure;
use backstay_domain::release::{FileKind, Manifest, ManifestFile};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::AT_ONCE;
use super::bucket::Bucket;
use super::inventory::{Evidence, Found, sample};
use super::list::Listed;
use super::objects::named_hash;
use super::place::key;

/// What is there, and the hash that was noted with it.
type There = (Listed, Option<String>);

/// Objects that are looked at one by one where the rest is believed. A listing costs as much as a dozen of them.
const MOST_LOOKS: usize = 64;

/// What is known of them.
#[derive(Debug)]
pub(super) struct Known<'m> {
    /// By key: what is not here is not there.
    pub(super) listed: BTreeMap<String, Listed>,
    /// Paths of files that are there as they should be.
    pub(super) believed: BTreeSet<&'m String>,
    /// How that is known.
    pub(super) evidence: Evidence,
}

impl Bucket {
    /// Looks as little as the inventory allows: at what it says nothing of, and at a few of the others. Where one of those is not
    /// as it was, nothing is believed.
    pub(super) async fn known<'m>(
        &self,
        frontend: &Frontend,
        manifest: &'m Manifest,
        recorded: Option<&'m Manifest>,
        found: &Found,
    ) -> Result<Known<'m>, PortFailure> {
        if let Some(known) = self.believed(frontend, manifest, recorded, found).await? {
            return Ok(known);
        }
        let keys = paths(manifest, recorded).map(|path| key(frontend, path));
        Ok(Known {
            listed: self.beside(&frontend.prefix, &keys.collect()).await?,
            believed: BTreeSet::new(),
            evidence: Evidence::Looked,
        })
    }

    async fn believed<'m>(
        &self,
        frontend: &Frontend,
        manifest: &'m Manifest,
        recorded: Option<&'m Manifest>,
        found: &Found,
    ) -> Result<Option<Known<'m>>, PortFailure> {
        let Some((before, now)) = recorded
            .filter(|before| found.is_fresh() && found.has(before))
            .zip(found.now)
        else {
            return Ok(None);
        };
        let stays = |(path, file): &(&'m String, &'m ManifestFile)| {
            let same = before.files.get(*path);
            file.kind == FileKind::Immutable && same.is_some_and(|same| same.is_served_as(file))
        };
        let stay: Vec<&String> = manifest.files.iter().filter(stays).map(|it| it.0).collect();
        let believed: BTreeSet<&String> = stay.iter().copied().collect();
        let open = paths(manifest, recorded).filter(|path| !believed.contains(path));
        let open: BTreeSet<&String> = open.collect();
        if open.len() > MOST_LOOKS {
            return Ok(None);
        }
        let sample = sample(&stay, now);
        let asked = open.iter().chain(&sample).copied();
        let looked: Vec<(&String, Option<There>)> = stream::iter(asked)
            .map(async |path| Ok((path, self.listed_alone(&key(frontend, path)).await?)))
            .buffer_unordered(AT_ONCE)
            .try_collect::<Vec<_>>()
            .await?;
        let mut listed = BTreeMap::new();
        for (path, there) in looked {
            let is_as_it_was = |file: &ManifestFile| {
                there.as_ref().is_some_and(|(there, hash)| {
                    let known = hash.as_ref() == Some(&file.sha256);
                    there.size == file.size && (known || file.md5.as_ref() == Some(&there.etag))
                })
            };
            if sample.contains(path) && !manifest.files.get(path).is_some_and(is_as_it_was) {
                return Ok(None);
            }
            listed.extend(there.map(|(there, _)| (key(frontend, path), there)));
        }
        Ok(Some(Known {
            listed,
            believed,
            evidence: Evidence::Believed,
        }))
    }

    /// One object as a listing would have it, and the hash that it names.
    async fn listed_alone(
        &self,
        key: &str,
    ) -> Result<Option<(Listed, Option<String>)>, PortFailure> {
        let head = self.head(key).await?;
        Ok(head.map(|head| (Listed::of(&head), named_hash(&head).map(str::to_owned))))
    }
}

/// The paths of a build, and of the mutable files that only the recorded one has.
fn paths<'m>(
    manifest: &'m Manifest,
    recorded: Option<&'m Manifest>,
) -> impl Iterator<Item = &'m String> {
    let before = recorded
        .into_iter()
        .flat_map(|recorded| recorded.of_kind(FileKind::Mutable))
        .map(|(path, _)| path);
    manifest
        .files
        .keys()
        .chain(before.filter(|path| !manifest.files.contains_key(*path)))
}
