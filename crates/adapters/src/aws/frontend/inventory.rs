//! What lies beside a site's files: whose they are, and which manifests were seen whole, when, by S3's own clock.
//!
//! It stands for a listing only as far as somebody else cannot have changed the bucket meanwhile: for a day, for files that never
//! change, and while a few of them are found as they were. Whoever empties the bucket, or syncs another build over it with
//! deletion, takes it away with the rest.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use backstay_domain::app::Frontend;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::release::Manifest;
use backstay_domain::survey::Owner;
use serde::{Deserialize, Serialize};

use super::bucket::Bucket;
use super::objects::GET;
use super::place::inventory_key;
use crate::aws::date::Date;
use crate::aws::error::{Call, failure, refusal};

/// How long a look at every file stands for the next ones.
const STANDS_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// What is larger is not ours.
const MOST_BYTES: i64 = 64 << 10;

const PUT: &str = "s3.PutObject";

/// The version that is written here.
const FORMAT: u32 = 1;

/// So many manifests are remembered: the newest ones, and those that a rollback brings back.
const REMEMBERED: usize = 16;

/// The document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Inventory {
    format: u32,
    #[serde(flatten)]
    pub(super) owner: Owner,
    /// Where visitors found them.
    at: Address,
    /// When each file of these was last seen or written, in seconds since 1970 by S3's clock.
    seen_at: i64,
    /// Ids of manifests, the newest last.
    manifests: Vec<String>,
}

/// Where visitors find a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Address {
    url: Option<String>,
    distribution: Option<String>,
}

impl Address {
    fn of(frontend: &Frontend) -> Self {
        Self {
            url: frontend.url.clone(),
            distribution: frontend.distribution.clone(),
        }
    }
}

/// What was found in its place.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) inventory: Option<Inventory>,
    /// Of the object, where there is one, readable or not.
    etag: Option<String>,
    /// Who may not read it does not know whether there is one.
    denied: Option<PortFailure>,
    /// What time it was for S3.
    pub(super) now: Option<i64>,
}

/// How every file of a comparison was known: whoever publishes writes that down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    /// Each was looked at.
    Looked,
    /// By the inventory.
    Believed,
}

impl Found {
    /// Whether every file of a manifest was seen here, by whomever, however long ago.
    pub(super) fn has(&self, manifest: &Manifest) -> bool {
        let inventory = self.inventory.as_ref();
        inventory.is_some_and(|inventory| inventory.manifests.contains(&manifest.id))
    }

    /// Whether that was lately.
    pub(super) fn is_fresh(&self) -> bool {
        let seen_at = self.inventory.as_ref().map(|inventory| inventory.seen_at);
        let age = self.now.zip(seen_at).map(|(now, seen)| now - seen);
        let limit = i64::try_from(STANDS_FOR.as_secs()).unwrap_or(i64::MAX);
        age.is_some_and(|age| (0..limit).contains(&age))
    }

    /// Whether visitors found them where they find them now.
    pub(super) fn is_at(&self, frontend: &Frontend) -> bool {
        let inventory = self.inventory.as_ref();
        inventory.is_some_and(|inventory| inventory.at == Address::of(frontend))
    }

    /// What to write when every file of `manifest` is there as well.
    fn with(
        &self,
        (frontend, owner): (&Frontend, &Owner),
        manifest: &Manifest,
        evidence: Evidence,
    ) -> Option<Inventory> {
        let before = self.inventory.as_ref().filter(|_| self.is_fresh());
        let before = before.filter(|before| before.owner == *owner && self.is_at(frontend));
        let seen_at = match evidence {
            Evidence::Looked => self.now?,
            Evidence::Believed => before?.seen_at,
        };
        // A look at this manifest's files is none at those of others.
        let kept = before.filter(|_| evidence == Evidence::Believed);
        let mut manifests: Vec<String> = kept
            .into_iter()
            .flat_map(|kept| kept.manifests.iter().cloned())
            .filter(|id| *id != manifest.id)
            .collect();
        manifests.push(manifest.id.clone());
        let first = manifests.len().saturating_sub(REMEMBERED);
        Some(Inventory {
            format: FORMAT,
            owner: owner.clone(),
            at: Address::of(frontend),
            seen_at,
            manifests: manifests.split_off(first),
        })
    }
}

impl Bucket {
    /// What the inventory says. One that cannot be understood, or may not be read, says nothing.
    pub(super) async fn inventory(&self, frontend: &Frontend) -> Result<Found, PortFailure> {
        let date = Date::default();
        let asked = self.client.get_object().bucket(&self.name);
        let asked = asked.key(inventory_key(frontend)).customize();
        let reply = match asked.interceptor(date.clone()).send().await {
            Ok(reply) => reply,
            Err(error) => {
                let nothing = error.code() == Some("NoSuchKey");
                let failure = failure(GET, Call::Read, &error);
                let nothing = nothing || failure.kind == FailureKind::NotFound;
                let denied = failure.kind == FailureKind::Denied;
                return match nothing || denied {
                    true => Ok(Found {
                        denied: denied.then_some(failure),
                        now: date.seconds(),
                        ..Found::default()
                    }),
                    false => Err(failure),
                };
            }
        };
        let mut found = Found {
            inventory: None,
            etag: reply.e_tag().map(str::to_owned),
            denied: None,
            now: date.seconds(),
        };
        if reply.content_length().is_none_or(|size| size > MOST_BYTES) {
            return Ok(found);
        }
        let broken = |_| refusal(GET, FailureKind::Unavailable, "the object broke off");
        let body = reply.body.collect().await.map_err(broken)?;
        let read: Option<Inventory> = serde_json::from_slice(&body.into_bytes()).ok();
        found.inventory = read.filter(|inventory| inventory.format == FORMAT);
        Ok(found)
    }

    /// Writes down that every file of a manifest is there, unless somebody else wrote meanwhile. Nothing depends on it: without
    /// it, the next comparison lists.
    pub(super) async fn note_inventory(
        &self,
        found: &Found,
        place: (&Frontend, &Owner),
        manifest: &Manifest,
        evidence: Evidence,
    ) {
        let Some(inventory) = found.with(place, manifest, evidence) else {
            return;
        };
        if found.inventory.as_ref() == Some(&inventory) {
            return;
        }
        let _ = self.write_inventory(found, place.0, &inventory).await;
    }

    /// Unless somebody else wrote since it was found.
    async fn write_inventory(
        &self,
        found: &Found,
        frontend: &Frontend,
        inventory: &Inventory,
    ) -> Result<(), PortFailure> {
        let unfit =
            |error: serde_json::Error| refusal(PUT, FailureKind::Rejected, error.to_string());
        let body = serde_json::to_vec(inventory).map_err(unfit)?;
        let put = self.client.put_object().bucket(&self.name);
        let put = put
            .key(inventory_key(frontend))
            .content_type("application/json")
            .cache_control("no-store");
        let put = match &found.etag {
            Some(etag) => put.if_match(etag),
            None => put.if_none_match("*"),
        };
        let sent = put.body(ByteStream::from(body)).send().await;
        sent.map(drop)
            .map_err(|error| failure(PUT, Call::Repeated, &error))
    }

    /// Says of these manifests only that they are whole. Whoever lists afterwards finds what is left. Of one that cannot be understood
    /// nobody knows what others believe by it.
    pub(super) async fn forget_all_but(
        &self,
        found: &Found,
        frontend: &Frontend,
        whole: &BTreeSet<String>,
    ) -> Result<(), PortFailure> {
        if let Some(denied) = &found.denied {
            return Err(denied.clone());
        }
        let Some(inventory) = &found.inventory else {
            return match &found.etag {
                None => Ok(()),
                Some(_) => {
                    let key = inventory_key(frontend);
                    let why = format!(
                        "{key} is there and cannot be understood: perhaps a newer Backstay wrote it; where none did, remove it"
                    );
                    Err(refusal(GET, FailureKind::Rejected, why))
                }
            };
        };
        let mut left = inventory.clone();
        left.manifests.retain(|id| whole.contains(id));
        if left == *inventory {
            return Ok(());
        }
        self.write_inventory(found, frontend, &left).await
    }
}

/// Keys of `all` that are looked at in place of all of them: others at every moment.
pub(super) fn sample<'k>(all: &[&'k String], now: i64) -> BTreeSet<&'k String> {
    /// Knuth's multiplicative hash: neighbouring seconds are far apart.
    const SPREAD: u64 = 2_654_435_761;
    let length = all.len() as u64;
    if length == 0 {
        return BTreeSet::new();
    }
    let turn = now.unsigned_abs().wrapping_mul(SPREAD) % length;
    let at = usize::try_from(turn).unwrap_or_default();
    all.get(at).copied().into_iter().collect()
}
