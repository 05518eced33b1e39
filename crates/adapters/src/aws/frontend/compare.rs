//! A build beside what is published: what is missing, what has other headers, what has other bytes. Changes nothing.
//!
//! What the inventory says is believed for a while, and for what the recorded release published. What a listing says is believed as
//! far as it goes: no entry, another size, or the MD5 of the very bytes. Beyond that the recorded release is believed for what it
//! published, then the object's own metadata, and its bytes last.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::ServerSideEncryption;
use backstay_domain::app::Frontend;
use backstay_domain::plan::LARGEST_FILE_BYTES;
use backstay_domain::ports::PortFailure;
use backstay_domain::release::{FileKind, Manifest, ManifestFile};
use backstay_domain::survey::{PublishedFiles, Standing};
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::AT_ONCE;
use super::bucket::Bucket;
use super::inventory::Evidence;
use super::list::Listed;
use super::objects::named_hash;
use super::place::key;
use crate::aws::AwsCloud;
use crate::media::{cache_control, essence, same_media_type};

/// How a file stands to the object under its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stands {
    /// It is there as it should be.
    Right,
    /// Nothing is there.
    Absent,
    /// Its bytes are there, with other headers.
    Headers(String),
    /// Other bytes are there.
    Changed,
}

/// What is published of one file.
#[derive(Debug)]
struct Found<'f> {
    path: &'f str,
    stands: Stands,
    /// The hash of a live mutable file.
    live: Option<String>,
    /// Whether the live mutable file is larger than what can be kept.
    too_large: bool,
}

impl<T> AwsCloud<T> {
    pub(in crate::aws) async fn compare_files(
        &self,
        frontend: &Frontend,
        manifest: &Manifest,
        recorded: Option<&Manifest>,
    ) -> Result<PublishedFiles, PortFailure> {
        let bucket = self.bucket_of(frontend).await;
        let before: BTreeMap<&String, &ManifestFile> = recorded
            .into_iter()
            .flat_map(|recorded| recorded.of_kind(FileKind::Mutable))
            .filter(|(path, _)| !manifest.files.contains_key(*path))
            .collect();
        let found = bucket.inventory(frontend).await?;
        let known = bucket.known(frontend, manifest, recorded, &found).await?;
        let mut start = PublishedFiles {
            owner: found.inventory.as_ref().map(|it| it.owner.clone()),
            ..PublishedFiles::default()
        };
        let proven_here = recorded.is_some_and(|recorded| found.has(recorded));
        if proven_here && found.is_at(frontend) {
            start.standing = Standing::Stands;
        }
        if known.evidence == Evidence::Believed {
            self.looked.hear(frontend);
        }
        self.looked.note(frontend, found, known.evidence);
        let recorded = |path: &str| recorded.and_then(|recorded| recorded.files.get(path));
        let build = manifest.files.iter().map(|(path, file)| (path, file, true));
        let left = before.into_iter().map(|(path, file)| (path, file, false));
        let all = build.chain(left);
        let published = stream::iter(all)
            .map(async |(path, file, built)| {
                let key = key(frontend, path);
                let found = Look {
                    bucket: &bucket,
                    key: &key,
                    file,
                    listed: known.listed.get(&key),
                    recorded: recorded(path),
                };
                let mutable = file.kind == FileKind::Mutable;
                let size = found.listed.map_or(0, |listed| listed.size);
                let too_large = mutable && size > LARGEST_FILE_BYTES;
                let (stands, live) = match (file.kind, built) {
                    _ if known.believed.contains(path) => (Stands::Right, None),
                    // It is refused: nobody reads it.
                    (FileKind::Mutable, _) if too_large => (Stands::Right, None),
                    (FileKind::Immutable, _) => (found.immutable().await?, None),
                    (FileKind::Mutable, true) => found.mutable().await?,
                    (FileKind::Mutable, false) => (Stands::Right, found.live_hash().await?),
                };
                Ok::<_, PortFailure>(Found {
                    path,
                    stands,
                    live,
                    too_large,
                })
            })
            .buffer_unordered(AT_ONCE)
            .try_fold(start, async |mut all, found| {
                note(&mut all, found);
                Ok(all)
            })
            .await?;
        self.without_kept(&bucket, frontend, manifest, published)
            .await
    }

    /// A mutable file that is not live may be kept: then nothing has to be uploaded for it.
    async fn without_kept(
        &self,
        bucket: &Bucket,
        frontend: &Frontend,
        manifest: &Manifest,
        mut published: PublishedFiles,
    ) -> Result<PublishedFiles, PortFailure> {
        let hash = |path: &String| {
            let file = manifest.files.get(path)?;
            (file.kind == FileKind::Mutable).then_some(&file.sha256)
        };
        let wanted: BTreeSet<&String> = published.absent.iter().filter_map(hash).collect();
        let kept = bucket.kept(frontend, &wanted).await?;
        published
            .absent
            .retain(|path| hash(path).is_none_or(|sha256| !kept.contains(sha256)));
        Ok(published)
    }
}

fn note(all: &mut PublishedFiles, found: Found<'_>) {
    let path = found.path.to_owned();
    if let Some(live) = found.live {
        all.live.insert(path.clone(), live);
    }
    if found.too_large {
        all.too_large.insert(path.clone());
    }
    match found.stands {
        Stands::Right => {}
        Stands::Absent => {
            all.absent.insert(path);
        }
        Stands::Headers(wrong) => {
            all.headers.insert(path, wrong);
        }
        Stands::Changed => {
            all.changed.insert(path);
        }
    }
}

/// One file and what is known of the object under its name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look<'l> {
    pub(super) bucket: &'l Bucket,
    pub(super) key: &'l str,
    pub(super) file: &'l ManifestFile,
    pub(super) listed: Option<&'l Listed>,
    /// What the recorded release published there.
    pub(super) recorded: Option<&'l ManifestFile>,
}

impl Look<'_> {
    pub(super) async fn immutable(&self) -> Result<Stands, PortFailure> {
        let Some(listed) = self.listed else {
            return Ok(Stands::Absent);
        };
        if listed.size != self.file.size {
            return Ok(Stands::Changed);
        }
        if self.was_published() && self.listing_agrees(listed) {
            return Ok(Stands::Right);
        }
        let Some(head) = self.bucket.head(self.key).await? else {
            return Ok(Stands::Absent);
        };
        Ok(match self.same_bytes(listed, &head).await? {
            true => self.headers(&head),
            false => Stands::Changed,
        })
    }

    /// A file that was mutable until now keeps the headers of one. Browsers that ask again do no harm; those that never do
    /// would, if the release came back that says that it changes.
    fn headers(&self, head: &HeadObjectOutput) -> Stands {
        let was = self
            .recorded
            .filter(|recorded| recorded.kind == FileKind::Mutable);
        let as_before = was.map(|was| ManifestFile {
            kind: was.kind,
            ..self.file.clone()
        });
        match as_before.map(|file| headers(head, &file)) {
            Some(Stands::Right) => Stands::Right,
            Some(_) | None => headers(head, self.file),
        }
    }

    /// And the hash of what is live.
    async fn mutable(&self) -> Result<(Stands, Option<String>), PortFailure> {
        let live = self.live_hash().await?;
        if live.as_ref() != Some(&self.file.sha256) {
            return Ok((Stands::Absent, live));
        }
        if self.was_published() {
            return Ok((Stands::Right, live));
        }
        let stands = match self.bucket.head(self.key).await? {
            None => Stands::Absent,
            Some(head) => headers(&head, self.file),
        };
        Ok((stands, live))
    }

    async fn live_hash(&self) -> Result<Option<String>, PortFailure> {
        let Some(listed) = self.listed else {
            return Ok(None);
        };
        let known = [Some(self.file), self.recorded].into_iter().flatten();
        let listed_as = |file: &&ManifestFile| file.md5.as_ref() == Some(&listed.etag);
        if let Some(file) = known.into_iter().find(listed_as) {
            return Ok(Some(file.sha256.clone()));
        }
        let Some(head) = self.bucket.head(self.key).await? else {
            return Ok(None);
        };
        if let Some(hash) = named_hash(&head) {
            return Ok(Some(hash.to_owned()));
        }
        let object = self.bucket.object(self.key).await?;
        Ok(object.map(|object| object.sha256))
    }

    /// The recorded release published this very file: its headers were proven.
    fn was_published(&self) -> bool {
        self.recorded.is_some_and(|recorded| {
            recorded.sha256 == self.file.sha256
                && recorded.kind == self.file.kind
                && same_media_type(&recorded.content_type, &self.file.content_type)
                && recorded.content_encoding == self.file.content_encoding
        })
    }

    /// A listing that tells an MD5 tells the bytes; what was uploaded in parts has none.
    fn listing_agrees(&self, listed: &Listed) -> bool {
        let file_md5 = self.file.md5.as_ref();
        file_md5.is_none_or(|md5| *md5 == listed.etag || !is_md5(&listed.etag))
    }

    async fn same_bytes(
        &self,
        listed: &Listed,
        head: &HeadObjectOutput,
    ) -> Result<bool, PortFailure> {
        if self.file.md5.as_ref() == Some(&listed.etag) {
            return Ok(true);
        }
        if let Some(hash) = named_hash(head) {
            return Ok(hash == self.file.sha256);
        }
        // An ETag is no MD5 where a key of one's own encrypts [S3: Object, ETag].
        let plain = match head.server_side_encryption() {
            None | Some(ServerSideEncryption::Aes256) => head.sse_customer_algorithm().is_none(),
            Some(_) => false,
        };
        if plain && self.file.md5.is_some() && is_md5(&listed.etag) {
            return Ok(false);
        }
        let object = self.bucket.object(self.key).await?;
        Ok(object.is_some_and(|object| object.sha256 == self.file.sha256))
    }
}

fn is_md5(etag: &str) -> bool {
    etag.len() == 32 && etag.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What is wrong with the headers of an object whose bytes are right.
pub(super) fn headers(head: &HeadObjectOutput, file: &ManifestFile) -> Stands {
    // What was found, and not published by us, has the headers that it had.
    let Some(wanted) = file.media_type() else {
        return Stands::Right;
    };
    let found = head.content_type().unwrap_or("no media type");
    if !same_media_type(found, wanted) {
        let wanted = essence(wanted);
        return Stands::Headers(format!("{} instead of {wanted}", essence(found)));
    }
    if head.content_encoding() != file.content_encoding.as_deref()
        && let Some(wanted) = &file.content_encoding
    {
        let found = head.content_encoding().unwrap_or("no content-encoding");
        return Stands::Headers(format!("{found} instead of {wanted}"));
    }
    let wanted = cache_control(file.kind);
    match head.cache_control() {
        Some(found) if same_directives(found, wanted) => Stands::Right,
        Some(found) => Stands::Headers(format!("cache-control is {found} instead of {wanted}")),
        None => Stands::Headers(format!("no cache-control instead of {wanted}")),
    }
}

fn same_directives(one: &str, other: &str) -> bool {
    let directives = |text: &str| -> BTreeSet<String> {
        let parts = text.split(',').map(|part| part.trim().to_ascii_lowercase());
        parts.filter(|part| !part.is_empty()).collect()
    };
    directives(one) == directives(other)
}
