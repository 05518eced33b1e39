//! Hashes of bytes as they come by: nothing is held, however large it is.

use md5::Md5;
use sha2::{Digest as _, Sha256};

/// SHA-256 of a stream.
#[derive(Default)]
pub(crate) struct Sha256Sum(Sha256, u64);

impl Sha256Sum {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
        self.1 += bytes.len() as u64;
    }

    /// How many bytes came by.
    pub(crate) fn size(&self) -> u64 {
        self.1
    }

    /// In hexadecimal.
    pub(crate) fn hex(self) -> String {
        hex(&self.0.finalize())
    }
}

/// MD5 of a stream: what a bucket's listing says of an object that was written at once.
#[derive(Default)]
pub(crate) struct Md5Sum(Md5);

impl Md5Sum {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        md5::Digest::update(&mut self.0, bytes);
    }

    /// In hexadecimal.
    pub(crate) fn hex(self) -> String {
        hex(&md5::Digest::finalize(self.0))
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(*byte)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use backstay_domain::definition::sha256_hex;

    #[test]
    fn parts_are_hashed_as_the_whole() {
        let (mut sha256, mut md5) = (Sha256Sum::default(), Md5Sum::default());
        for part in ["The quick brown fox ", "jumps over the lazy dog"] {
            sha256.add(part.as_bytes());
            md5.add(part.as_bytes());
        }
        assert_eq!(sha256.size(), 43);
        assert_eq!(
            sha256.hex(),
            sha256_hex(b"The quick brown fox jumps over the lazy dog")
        );
        assert_eq!(md5.hex(), "9e107d9d372bb6826bd81d3542a419d6");
        assert_eq!(Md5Sum::default().hex(), "d41d8cd98f00b204e9800998ecf8427e");
    }
}
