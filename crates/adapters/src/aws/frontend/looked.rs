//! What one process learnt of each site's bucket between a comparison and what follows it. Another process looks again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use backstay_domain::app::Frontend;
use bytes::Bytes;

use super::inventory::{Evidence, Found};

/// Bytes of copies that are held.
const MOST_HELD: usize = 1 << 20;

/// What was learnt.
#[derive(Debug, Default)]
pub(in crate::aws) struct Looked(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Of each place, what its inventory said, and how each file was known.
    inventories: Vec<(Frontend, Found, Evidence)>,
    /// Where files could be looked at and read.
    heard: Vec<Frontend>,
    /// Small copies that were uploaded, by key, and how many bytes they are.
    copies: HashMap<String, Bytes>,
    held: usize,
}

impl Looked {
    /// What a comparison found.
    pub(super) fn note(&self, frontend: &Frontend, found: Found, evidence: Evidence) {
        let mut inner = self.inner();
        inner.inventories.retain(|known| known.0 != *frontend);
        inner.inventories.push((frontend.clone(), found, evidence));
    }

    /// A file was looked at and another one read: whoever may do that may do it again.
    pub(super) fn hear(&self, frontend: &Frontend) {
        let mut inner = self.inner();
        if !inner.heard.contains(frontend) {
            inner.heard.push(frontend.clone());
        }
    }

    /// Whether that was so here.
    pub(super) fn heard(&self, frontend: &Frontend) -> bool {
        self.inner().heard.contains(frontend)
    }

    /// What the last comparison of this place found.
    pub(super) fn at(&self, frontend: &Frontend) -> Option<(Found, Evidence)> {
        let inner = self.inner();
        let mut known = inner.inventories.iter();
        let (_, found, evidence) = known.find(|known| known.0 == *frontend)?;
        Some((found.clone(), *evidence))
    }

    /// A copy was uploaded, with these bytes. They are held while there is room.
    pub(super) fn uploaded(&self, key: String, bytes: Option<Bytes>) {
        let mut inner = self.inner();
        if let Some(bytes) = bytes.filter(|bytes| inner.held + bytes.len() <= MOST_HELD) {
            inner.held += bytes.len();
            inner.copies.insert(key, bytes);
        }
    }

    /// The bytes of a copy that was uploaded.
    pub(super) fn copy(&self, key: &str) -> Option<Bytes> {
        self.inner().copies.get(key).cloned()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
