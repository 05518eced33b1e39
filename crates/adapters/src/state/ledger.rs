//! Proven releases of an environment: numbered cells that are written once and never changed.

use backstay_domain::ledger::Entry;
use backstay_domain::ports::{Effect, FailureKind, Ledger, PortFailure};
use backstay_domain::release::Release;
use backstay_domain::schema::{SchemaEntry, SchemaRecord};
use backstay_domain::{AppName, EnvironmentName};
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde::{Deserialize, Serialize};

use super::store::{Store, Swapped};
use super::{AnyStore, document, schema};

const READ: &str = "ledger.read";
const WRITE: &str = "ledger.record";
const FOLDER: &str = "releases";
const FORMAT: u32 = 2;

/// Entries that are read at once.
const READ_AT_ONCE: usize = 16;

/// Times that a number may be taken by somebody else before that is somebody's mistake.
const TRIES: u32 = 100;

/// The ledger of one environment.
#[derive(Clone, Debug)]
pub struct StoreLedger<S = AnyStore> {
    store: S,
}

#[derive(Serialize, Deserialize)]
struct Written<E> {
    format: u32,
    entry: E,
}

/// Earlier versions wrote a bare release, and entries without a format.
#[derive(Deserialize)]
struct Format {
    #[serde(default)]
    format: u32,
}

impl<S: Store> StoreLedger<S> {
    /// The ledger in this store.
    #[must_use]
    pub fn new(store: S) -> Self {
        Self { store }
    }

    /// All proven releases, oldest first.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub async fn entries(&self) -> Result<Vec<Entry>, PortFailure> {
        self.read(self.numbered().await?).await
    }

    async fn read(&self, numbered: Vec<(u64, String)>) -> Result<Vec<Entry>, PortFailure> {
        let read = numbered
            .into_iter()
            .map(|(_, name)| async move { self.entry(&name).await });
        futures_util::stream::iter(read)
            .buffered(READ_AT_ONCE)
            .try_collect()
            .await
    }

    /// Names by number. Earlier versions put the release's id behind it.
    async fn numbered(&self) -> Result<Vec<(u64, String)>, PortFailure> {
        let names = self.store.names(FOLDER).await?;
        let mut numbered: Vec<(u64, String)> = names
            .into_iter()
            .filter_map(|name| {
                let number = name.strip_suffix(".json")?.split('-').next()?;
                let number = number.parse().ok()?;
                Some((number, format!("{FOLDER}/{name}")))
            })
            .collect();
        numbered.sort();
        Ok(numbered)
    }

    async fn entry(&self, name: &str) -> Result<Entry, PortFailure> {
        let Some(cell) = self.store.cell(name).await? else {
            return Err(PortFailure {
                kind: FailureKind::NotFound,
                ..document::refused(READ, format!("{name} is gone"))
            });
        };
        parse(name, &cell.bytes)
    }
}

impl<S: Store> Ledger for StoreLedger<S> {
    async fn last_proven(
        &self,
        app: &AppName,
        environment: &EnvironmentName,
    ) -> Result<Option<Release>, PortFailure> {
        let newest = self.newest(app, environment, 1).await?.pop();
        Ok(newest.map(|entry| entry.release))
    }

    async fn newest(
        &self,
        app: &AppName,
        environment: &EnvironmentName,
        count: usize,
    ) -> Result<Vec<Entry>, PortFailure> {
        let mut numbered = self.numbered().await?;
        let older = numbered.len().saturating_sub(count);
        let numbered = numbered.split_off(older);
        let newest = numbered.last().map(|(_, name)| name.clone());
        let entries = self.read(numbered).await?;
        if let (Some(name), Some(Entry { release, .. })) = (newest, entries.last())
            && (release.app != *app || release.environment != *environment)
        {
            let message = format!(
                "{name} is a release of {} {}, not of {app} {environment}",
                release.app, release.environment
            );
            return Err(document::refused(READ, message));
        }
        Ok(entries)
    }

    async fn record(&self, entry: &Entry) -> Result<(), PortFailure> {
        let format = FORMAT;
        let bytes = document::write(WRITE, &Written { format, entry })?;
        for _ in 0..TRIES {
            let numbered = self.numbered().await?;
            if let Some((_, newest)) = numbered.last()
                && self.entry(newest).await?.is(entry)
            {
                return Ok(());
            }
            // A resumed deployment may not know that it did, even when others have followed.
            if entry.deployment.is_some()
                && self.entries().await?.iter().any(|known| known.is(entry))
            {
                return Ok(());
            }
            let number = numbered.last().map_or(1, |(number, _)| number + 1);
            let name = format!("{FOLDER}/{number:06}.json");
            match self.store.swap(&name, None, &bytes).await? {
                Swapped::Done(_) => return Ok(()),
                Swapped::Conflict => {}
            }
        }
        Err(PortFailure {
            kind: FailureKind::Conflict,
            effect: Effect::None,
            operation: WRITE.to_owned(),
            message: "somebody else takes every number".to_owned(),
        })
    }

    async fn schema(&self) -> Result<SchemaRecord, PortFailure> {
        match schema::read(&self.store).await? {
            Some((record, _)) => Ok(record),
            None => schema::seed(&self.store, &self.entries().await?).await,
        }
    }

    async fn note(&self, entry: &SchemaEntry) -> Result<(), PortFailure> {
        schema::note(&self.store, entry, async || self.entries().await).await
    }
}

fn parse(name: &str, bytes: &[u8]) -> Result<Entry, PortFailure> {
    let broken = |error: serde_json::Error| document::refused(READ, format!("{name}: {error}"));
    let Format { format } = serde_json::from_slice(bytes).map_err(broken)?;
    if format > 0 {
        let written: Written<Entry> = document::read(READ, name, FORMAT, bytes)?;
        return Ok(written.entry);
    }
    if let Ok(release) = serde_json::from_slice(bytes) {
        return Ok(Entry::bare(release));
    }
    serde_json::from_slice(bytes).map_err(broken)
}
