//! Sends one file of a build: small ones from memory, checked before; large ones from the disk, checked by S3 as they arrive.

use std::path::Path;

use aws_sdk_s3::primitives::ByteStream;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::release::ManifestFile;

use bytes::Bytes;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::HELD_BYTES;
use super::bucket::Bucket;
use super::objects::{Existing, Upload};
use crate::aws::error::refusal;
use crate::files::{self, BuildError};
use crate::media::cache_control;

impl Bucket {
    /// Gives the bytes of a small one. Fails with a conflict when something is there already.
    pub(super) async fn upload(
        &self,
        build: &Path,
        key: &str,
        path: &str,
        file: &ManifestFile,
    ) -> Result<Option<Bytes>, PortFailure> {
        let broken = |error: BuildError| broken_build(&error);
        let mut small = None;
        let body = if file.size <= HELD_BYTES {
            let bytes = Bytes::from(files::read(build, path, file).map_err(broken)?);
            small = (bytes.len() <= SMALL_BYTES).then(|| bytes.clone());
            ByteStream::from(bytes)
        } else {
            let place = files::place(build, path).map_err(broken)?;
            let changed = || broken_build(&BuildError::Changed(place.clone()));
            let opened = ByteStream::read_from().path(&place);
            let opened = opened.length(aws_smithy_types::byte_stream::Length::Exact(file.size));
            opened.build().await.map_err(|_| changed())?
        };
        self.put(Upload {
            key,
            body,
            size: file.size,
            sha256: &file.sha256,
            content_type: &file.content_type,
            cache_control: cache_control(file.kind),
            content_encoding: file.content_encoding.as_deref(),
            existing: Existing::Refuse,
        })
        .await?;
        Ok(small)
    }
}

/// Pages are seldom larger.
const SMALL_BYTES: usize = 64 << 10;

/// Room for the bytes of files that are being sent: many small ones, or a few large ones.
#[derive(Debug)]
pub(super) struct Held(Semaphore);

/// All of it.
const HELD_AT_ONCE: u64 = 8 << 20;

/// It is given away in pieces.
const PIECE: u64 = 4 << 10;

impl Default for Held {
    fn default() -> Self {
        Self(Semaphore::new(pieces(HELD_AT_ONCE) as usize))
    }
}

impl Held {
    /// Waits for it. What is larger than what is held comes from the disk in pieces.
    pub(super) async fn room_for(&self, size: u64) -> Option<SemaphorePermit<'_>> {
        let pieces = pieces(size.clamp(PIECE, HELD_BYTES));
        // It is never closed.
        self.0.acquire_many(pieces).await.ok()
    }
}

fn pieces(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(PIECE)).unwrap_or(u32::MAX)
}

fn broken_build(error: &BuildError) -> PortFailure {
    let kind = match error {
        BuildError::Changed(_) => FailureKind::Conflict,
        BuildError::Unreadable { .. }
        | BuildError::Empty(_)
        | BuildError::Escapes { .. }
        | BuildError::Dangling(_)
        | BuildError::Circle(_)
        | BuildError::Special(_)
        | BuildError::Name(_)
        | BuildError::TooMany(_) => FailureKind::Rejected,
    };
    refusal("frontend.build", kind, error.to_string())
}
