//! Random names, for what must not be mistaken for somebody else's.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

/// 128 random bits in hexadecimal. The standard library's hasher keys come from the operating system.
pub(super) fn token() -> String {
    let half = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", half(), half())
}
