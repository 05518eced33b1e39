//! What a bucket's listings say: size and ETag of a thousand objects a call. Folders that a build does not have are passed by.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use backstay_domain::ports::PortFailure;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::AT_ONCE;
use super::bucket::Bucket;
use crate::aws::error::{Call, failure};

/// Folders that are listed one by one; with more of them one listing of everything is cheaper.
const MOST_FOLDERS: usize = 50;

/// An object as a listing has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) size: u64,
    /// Without quotes. The MD5 of its bytes when it was written at once and not encrypted with a key of one's own.
    pub(super) etag: String,
}

impl Listed {
    /// As a listing would have it.
    pub(super) fn of(head: &HeadObjectOutput) -> Self {
        let size = head.content_length().unwrap_or_default();
        let etag = head.e_tag().unwrap_or_default();
        Self {
            size: u64::try_from(size).unwrap_or_default(),
            etag: etag.trim_matches('"').to_owned(),
        }
    }
}

/// Whether a listing goes on below folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Depth {
    /// With all that is below.
    All,
    /// The files of this very folder.
    One,
}

impl Bucket {
    /// Everything that is listed beside these keys, which begin with `prefix`. What lies in other folders of the bucket costs
    /// nothing: a site often shares one with what users upload.
    pub(super) async fn beside(
        &self,
        prefix: &str,
        keys: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, Listed>, PortFailure> {
        let mut places: BTreeSet<(String, Depth)> = BTreeSet::new();
        for key in keys {
            let below = key.strip_prefix(prefix).unwrap_or(key);
            places.insert(match below.find('/') {
                Some(end) => (format!("{prefix}{}", &below[..=end]), Depth::All),
                None => (prefix.to_owned(), Depth::One),
            });
        }
        if places.len() > MOST_FOLDERS {
            return self.listing(prefix, Depth::All).await;
        }
        stream::iter(places)
            .map(async |(place, depth)| self.listing(&place, depth).await)
            .buffer_unordered(AT_ONCE)
            .try_fold(BTreeMap::new(), async |mut all, some| {
                all.extend(some);
                Ok(all)
            })
            .await
    }

    /// Everything below a prefix.
    pub(super) async fn below(
        &self,
        prefix: &str,
    ) -> Result<BTreeMap<String, Listed>, PortFailure> {
        self.listing(prefix, Depth::All).await
    }

    async fn listing(
        &self,
        prefix: &str,
        depth: Depth,
    ) -> Result<BTreeMap<String, Listed>, PortFailure> {
        let mut listed = BTreeMap::new();
        let mut page = None;
        loop {
            let reply = self
                .client
                .list_objects_v2()
                .bucket(&self.name)
                .prefix(prefix)
                .set_delimiter((depth == Depth::One).then(|| "/".to_owned()))
                .set_continuation_token(page)
                .send()
                .await
                .map_err(|error| failure("s3.ListObjectsV2", Call::Read, &error))?;
            listed.extend(reply.contents().iter().filter_map(|object| {
                let etag = object.e_tag().unwrap_or_default().trim_matches('"');
                let entry = Listed {
                    size: u64::try_from(object.size().unwrap_or_default()).unwrap_or_default(),
                    etag: etag.to_owned(),
                };
                Some((object.key()?.to_owned(), entry))
            }));
            page = reply.next_continuation_token().map(str::to_owned);
            if page.is_none() {
                return Ok(listed);
            }
        }
    }
}
