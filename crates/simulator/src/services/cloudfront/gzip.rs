//! The gzip format (RFC 1952) around a deflated stream.

use bytes::Bytes;

/// Magic number, deflate, no flags, no time, no extra flags, an unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// zlib's own default: CloudFront does not say which it uses.
const LEVEL: u8 = 6;

/// Compresses a body.
pub(super) fn gzip(body: &[u8]) -> Bytes {
    let mut stream = HEADER.to_vec();
    stream.extend(miniz_oxide::deflate::compress_to_vec(body, LEVEL));
    stream.extend(crc32fast::hash(body).to_le_bytes());
    // The size is told modulo 2^32.
    let size = u32::try_from(body.len() & 0xffff_ffff).unwrap_or_default();
    stream.extend(size.to_le_bytes());
    Bytes::from(stream)
}

#[cfg(test)]
pub(super) mod tests {
    use super::{Bytes, gzip};

    /// Reads what `gzip` writes, and checks it as a viewer does.
    pub(in crate::services::cloudfront) fn ungzip(stream: &[u8]) -> Bytes {
        let (head, rest) = stream.split_at(10);
        assert_eq!(head[..3], [0x1f, 0x8b, 8]);
        let (deflated, trailer) = rest.split_at(rest.len() - 8);
        let body = miniz_oxide::inflate::decompress_to_vec(deflated).unwrap();
        assert_eq!(trailer[..4], crc32fast::hash(&body).to_le_bytes());
        assert_eq!(trailer[4..], (body.len() as u32).to_le_bytes());
        Bytes::from(body)
    }

    #[test]
    fn what_was_compressed_comes_back() {
        for body in ["", "a", &"abc".repeat(70_000)] {
            assert_eq!(ungzip(&gzip(body.as_bytes())), body);
        }
    }
}
