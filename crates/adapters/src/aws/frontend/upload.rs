//! Sends one file of a build: small ones from memory, checked before; large ones from the disk, checked by S3 as they arrive.

use std::path::Path;

use aws_sdk_s3::primitives::ByteStream;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::release::ManifestFile;

use super::HELD_BYTES;
use super::bucket::Bucket;
use super::objects::{Existing, Upload};
use crate::aws::error::refusal;
use crate::files::{self, BuildError};
use crate::media::cache_control;

impl Bucket {
    /// Fails with a conflict when something is there already.
    pub(super) async fn upload(
        &self,
        build: &Path,
        key: &str,
        path: &str,
        file: &ManifestFile,
    ) -> Result<(), PortFailure> {
        let broken = |error: BuildError| broken_build(&error);
        let body = if file.size <= HELD_BYTES {
            ByteStream::from(files::read(build, path, file).map_err(broken)?)
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
            existing: Existing::Refuse,
        })
        .await
    }
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
