//! A part of the world that knows when it may have changed, so that what was made of it can be kept until then.

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};

/// Whoever borrows it mutably changes its version, whether or not anything else changes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Versioned<T> {
    value: T,
    #[serde(skip)]
    version: u64,
}

impl<T> Versioned<T> {
    /// Two equal ones of the same world mean that nothing has changed between them.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }
}

impl<T> Deref for Versioned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Versioned<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.version += 1;
        &mut self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_mutable_borrow_is_a_new_version() {
        let mut part = Versioned::<Vec<u8>>::default();
        let first = part.version();
        assert_eq!(part.len(), 0);
        assert_eq!(part.version(), first);
        part.push(1);
        assert_ne!(part.version(), first);
        assert_eq!(serde_json::to_string(&part).unwrap(), "[1]");
    }
}
