//! Checksums of an upload: verified if given, CRC64NVME if not, and kept for the reader.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::Checksum as _;
use s3s::dto::{Checksum, ChecksumAlgorithm, ChecksumType, CompletedPart};
use s3s::{S3Error, S3Result, s3_error};
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

/// What an input claims: every upload has the same five members.
macro_rules! claimed {
    ($input:expr) => {
        $crate::services::s3::checksum::Checksums {
            crc32: $input.checksum_crc32.take(),
            crc32c: $input.checksum_crc32c.take(),
            crc64nvme: $input.checksum_crc64nvme.take(),
            sha1: $input.checksum_sha1.take(),
            sha256: $input.checksum_sha256.take(),
        }
    };
}
pub(super) use claimed;

/// An output with the same five members: `with_checksums!(checksums, Output { .. })`.
macro_rules! with_checksums {
    ($checksums:expr, $output:ident { $($rest:tt)* }) => {{
        let checksums: $crate::services::s3::checksum::Checksums = $checksums;
        $output {
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            $($rest)*
        }
    }};
}
pub(super) use with_checksums;

impl Checksums {
    /// What S3 adds when an upload has none (ecs-semantics H [MODEL]).
    pub(super) fn default_of(body: &[u8]) -> Self {
        let hasher = ChecksumHasher {
            crc64nvme: Some(s3s::crypto::Crc64Nvme::new()),
            ..ChecksumHasher::default()
        };
        Self::computed(hasher, body)
    }

    /// What an algorithm makes of a body; CRC64NVME where S3 has no such algorithm.
    pub(super) fn by(algorithm: &str, body: &[u8]) -> Self {
        let some = || Some(String::new());
        let mut like = Self::default();
        match algorithm {
            ChecksumAlgorithm::CRC32 => like.crc32 = some(),
            ChecksumAlgorithm::CRC32C => like.crc32c = some(),
            ChecksumAlgorithm::SHA1 => like.sha1 = some(),
            ChecksumAlgorithm::SHA256 => like.sha256 = some(),
            _ => like.crc64nvme = some(),
        }
        Self::computed(like.hasher(), body)
    }

    /// Computes what was claimed and compares; BadDigest when they differ.
    pub(super) fn verified(claimed: Self, body: &[u8]) -> S3Result<Self> {
        if claimed == Self::default() {
            return Ok(Self::default_of(body));
        }
        if Self::computed(claimed.hasher(), body) == claimed {
            return Ok(claimed);
        }
        Err(claimed.flaw())
    }

    /// Why a claim is refused: it is several, it can be no checksum, or it is not that of the body (LocalStack's
    /// `test_s3_checksum_no_algorithm`, recorded on AWS [OBS]; the last words [CODE]).
    fn flaw(&self) -> S3Error {
        let all = [
            ("crc32", &self.crc32, 4),
            ("crc32c", &self.crc32c, 4),
            ("crc64nvme", &self.crc64nvme, 8),
            ("sha1", &self.sha1, 20),
            ("sha256", &self.sha256, 32),
        ];
        let mut claims = all
            .into_iter()
            .filter_map(|(name, claim, length)| claim.as_ref().map(|claim| (name, claim, length)));
        match (claims.next(), claims.next()) {
            (Some((name, claim, length)), None) => {
                let bytes = STANDARD.decode(claim).map_or(0, |bytes| bytes.len());
                match bytes == length {
                    true => s3_error!(
                        BadDigest,
                        "The {} you specified did not match the calculated checksum.",
                        name.to_uppercase()
                    ),
                    false => s3_error!(
                        InvalidRequest,
                        "Value for x-amz-checksum-{name} header is invalid."
                    ),
                }
            }
            _ => s3_error!(
                InvalidRequest,
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
            ),
        }
    }

    /// What the list of CompleteMultipartUpload says of a part.
    pub(super) fn listed(part: &CompletedPart) -> Self {
        Self {
            crc32: part.checksum_crc32.clone(),
            crc32c: part.checksum_crc32c.clone(),
            crc64nvme: part.checksum_crc64nvme.clone(),
            sha1: part.checksum_sha1.clone(),
            sha256: part.checksum_sha256.clone(),
        }
    }

    /// Whether everything that is claimed is so.
    pub(super) fn agree(&self, stored: &Self) -> bool {
        let pairs = [
            (&self.crc32, &stored.crc32),
            (&self.crc32c, &stored.crc32c),
            (&self.crc64nvme, &stored.crc64nvme),
            (&self.sha1, &stored.sha1),
            (&self.sha256, &stored.sha256),
        ];
        pairs
            .into_iter()
            .all(|(claimed, stored)| claimed.is_none() || claimed == stored)
    }

    /// The checksum of the parts' checksums, and how many they are [DOC].
    pub(super) fn composite(algorithm: &str, parts: &[Self]) -> Self {
        let mut raw = Vec::new();
        for part in parts {
            raw.extend(
                part.value()
                    .and_then(|text| STANDARD.decode(text).ok())
                    .unwrap_or_default(),
            );
        }
        let mut whole = Self::by(algorithm, &raw);
        for text in whole.texts_mut() {
            text.push_str(&format!("-{}", parts.len()));
        }
        whole
    }

    /// COMPOSITE when it is of the parts' checksums, else FULL_OBJECT [DOC].
    pub(super) fn kind(&self) -> ChecksumType {
        // Base64 has no `-`.
        let composite = self.value().is_some_and(|text| text.contains('-'));
        ChecksumType::from_static(if composite {
            ChecksumType::COMPOSITE
        } else {
            ChecksumType::FULL_OBJECT
        })
    }

    /// The algorithm of the first that there is.
    pub(super) fn algorithm(&self) -> Option<ChecksumAlgorithm> {
        let named = [
            (&self.crc32, ChecksumAlgorithm::CRC32),
            (&self.crc32c, ChecksumAlgorithm::CRC32C),
            (&self.crc64nvme, ChecksumAlgorithm::CRC64NVME),
            (&self.sha1, ChecksumAlgorithm::SHA1),
            (&self.sha256, ChecksumAlgorithm::SHA256),
        ];
        let found = named.into_iter().find(|(text, _)| text.is_some());
        found.map(|(_, name)| ChecksumAlgorithm::from_static(name))
    }

    fn value(&self) -> Option<&str> {
        let all = [
            &self.crc32,
            &self.crc32c,
            &self.crc64nvme,
            &self.sha1,
            &self.sha256,
        ];
        all.into_iter().find_map(|text| text.as_deref())
    }

    fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let all = [
            &mut self.crc32,
            &mut self.crc32c,
            &mut self.crc64nvme,
            &mut self.sha1,
            &mut self.sha256,
        ];
        all.into_iter().filter_map(Option::as_mut)
    }

    /// A hasher for what this has.
    fn hasher(&self) -> ChecksumHasher {
        ChecksumHasher {
            crc32: self.crc32.as_ref().map(|_| s3s::crypto::Crc32::new()),
            crc32c: self.crc32c.as_ref().map(|_| s3s::crypto::Crc32c::new()),
            sha1: self.sha1.as_ref().map(|_| s3s::crypto::Sha1::new()),
            sha256: self.sha256.as_ref().map(|_| s3s::crypto::Sha256::new()),
            crc64nvme: self
                .crc64nvme
                .as_ref()
                .map(|_| s3s::crypto::Crc64Nvme::new()),
        }
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
