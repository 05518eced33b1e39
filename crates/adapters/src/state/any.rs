//! One type for every place that state is kept in, so that a command need not know which.

use std::path::PathBuf;
use std::time::Duration;

use backstay_domain::ports::PortFailure;

use super::store::{Appended, Cell, Ends, LogLines, Store, Swapped, Tag};
use super::{LocalStore, MemoryStore, S3Store};

/// The state of one environment, wherever it is. Clones share it.
#[derive(Clone, Debug)]
pub enum AnyStore {
    /// In a directory.
    Local(LocalStore),
    /// In a bucket.
    S3(S3Store),
    /// In this process.
    Memory(MemoryStore),
}

impl AnyStore {
    /// State in `directory`, which belongs to one environment and is made when something is written.
    #[must_use]
    pub fn local(directory: impl Into<PathBuf>) -> Self {
        Self::Local(LocalStore::new(directory))
    }

    /// State that ends with this process.
    #[must_use]
    pub fn memory() -> Self {
        Self::Memory(MemoryStore::default())
    }
}

macro_rules! each {
    ($self:ident, $store:ident => $call:expr) => {
        match $self {
            AnyStore::Local($store) => $call,
            AnyStore::S3($store) => $call,
            AnyStore::Memory($store) => $call,
        }
    };
}

impl Store for AnyStore {
    async fn cell(&self, name: &str) -> Result<Option<Cell>, PortFailure> {
        each!(self, store => store.cell(name).await)
    }

    async fn swap(
        &self,
        name: &str,
        expected: Option<&Tag>,
        bytes: &[u8],
    ) -> Result<Swapped, PortFailure> {
        each!(self, store => store.swap(name, expected, bytes).await)
    }

    async fn append(&self, log: &str, position: u64, line: &[u8]) -> Result<Appended, PortFailure> {
        each!(self, store => store.append(log, position, line).await)
    }

    async fn lines(&self, log: &str) -> Result<LogLines, PortFailure> {
        each!(self, store => store.lines(log).await)
    }

    async fn ends(&self, log: &str) -> Result<Option<Ends>, PortFailure> {
        each!(self, store => store.ends(log).await)
    }

    async fn names(&self, folder: &str) -> Result<Vec<String>, PortFailure> {
        each!(self, store => store.names(folder).await)
    }

    async fn prove(&self) -> Result<(), PortFailure> {
        each!(self, store => store.prove().await)
    }

    async fn grow_older(&self, by: Duration) {
        each!(self, store => store.grow_older(by).await)
    }
}

impl From<LocalStore> for AnyStore {
    fn from(store: LocalStore) -> Self {
        Self::Local(store)
    }
}

impl From<S3Store> for AnyStore {
    fn from(store: S3Store) -> Self {
        Self::S3(store)
    }
}

impl From<MemoryStore> for AnyStore {
    fn from(store: MemoryStore) -> Self {
        Self::Memory(store)
    }
}
