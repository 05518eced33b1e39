//! Checksums of an upload: verified if given, CRC64NVME if not, and kept for the reader.

use s3s::checksum::ChecksumHasher;
use s3s::crypto::Checksum as _;
use s3s::dto::Checksum;
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

/// Base64 texts, as S3's headers carry them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Checksums {
    pub(super) crc32: Option<String>,
    pub(super) crc32c: Option<String>,
    pub(super) crc64nvme: Option<String>,
    pub(super) sha1: Option<String>,
    pub(super) sha256: Option<String>,
}

impl Checksums {
    /// What S3 adds when an upload has none (ecs-semantics H [MODEL]).
    pub(super) fn default_of(body: &[u8]) -> Self {
        let hasher = ChecksumHasher {
            crc64nvme: Some(s3s::crypto::Crc64Nvme::new()),
            ..ChecksumHasher::default()
        };
        Self::computed(hasher, body)
    }

    /// Computes what was claimed and compares; BadDigest when they differ.
    pub(super) fn verified(claimed: Self, body: &[u8]) -> S3Result<Self> {
        if claimed == Self::default() {
            return Ok(Self::default_of(body));
        }
        let hasher = ChecksumHasher {
            crc32: claimed.crc32.as_ref().map(|_| s3s::crypto::Crc32::new()),
            crc32c: claimed.crc32c.as_ref().map(|_| s3s::crypto::Crc32c::new()),
            sha1: claimed.sha1.as_ref().map(|_| s3s::crypto::Sha1::new()),
            sha256: claimed.sha256.as_ref().map(|_| s3s::crypto::Sha256::new()),
            crc64nvme: claimed
                .crc64nvme
                .as_ref()
                .map(|_| s3s::crypto::Crc64Nvme::new()),
        };
        if Self::computed(hasher, body) == claimed {
            return Ok(claimed);
        }
        Err(s3_error!(
            BadDigest,
            "The checksum you specified did not match the calculated checksum."
        ))
    }

    fn computed(mut hasher: ChecksumHasher, body: &[u8]) -> Self {
        hasher.update(body);
        let Checksum {
            checksum_crc32,
            checksum_crc32c,
            checksum_crc64nvme,
            checksum_sha1,
            checksum_sha256,
            ..
        } = hasher.finalize();
        Self {
            crc32: checksum_crc32,
            crc32c: checksum_crc32c,
            crc64nvme: checksum_crc64nvme,
            sha1: checksum_sha1,
            sha256: checksum_sha256,
        }
    }
}
