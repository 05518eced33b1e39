//! A ledger in memory, for rehearsals.

use std::sync::Mutex;

use backstay_domain::ledger::Entry;
use backstay_domain::ports::{Ledger, PortFailure};
use backstay_domain::release::Release;
use backstay_domain::schema::{SchemaEntry, SchemaRecord};
use backstay_domain::{AppName, EnvironmentName};

/// Proven releases, oldest first, and the schema record, kept as long as the rehearsal runs.
#[derive(Debug, Default)]
pub struct MemoryLedger {
    entries: Mutex<Vec<Entry>>,
    noted: Mutex<Option<SchemaRecord>>,
}

impl MemoryLedger {
    /// A ledger of these entries.
    #[must_use]
    pub fn of(entries: Vec<Entry>) -> Self {
        Self {
            entries: Mutex::new(entries),
            noted: Mutex::default(),
        }
    }

    /// All of them, oldest first.
    #[must_use]
    pub fn snapshot(&self) -> Vec<Entry> {
        self.entries().clone()
    }

    fn entries(&self) -> std::sync::MutexGuard<'_, Vec<Entry>> {
        self.entries
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn noted(&self) -> std::sync::MutexGuard<'_, Option<SchemaRecord>> {
        self.noted
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Ledger for MemoryLedger {
    async fn last_proven(
        &self,
        app: &AppName,
        environment: &EnvironmentName,
    ) -> Result<Option<Release>, PortFailure> {
        let entries = self.entries();
        let releases = entries.iter().rev().map(|entry| &entry.release);
        Ok(releases
            .clone()
            .find(|r| r.app == *app && r.environment == *environment)
            .cloned())
    }

    async fn newest(
        &self,
        app: &AppName,
        environment: &EnvironmentName,
        count: usize,
    ) -> Result<Vec<Entry>, PortFailure> {
        let entries = self.entries();
        let ours =
            |entry: &&Entry| entry.release.app == *app && entry.release.environment == *environment;
        let ours: Vec<&Entry> = entries.iter().filter(ours).collect();
        let older = ours.len().saturating_sub(count);
        Ok(ours[older..].iter().copied().cloned().collect())
    }

    async fn record(&self, entry: &Entry) -> Result<(), PortFailure> {
        let mut entries = self.entries();
        if !entries.last().is_some_and(|last| last.is(entry)) {
            entries.push(entry.clone());
        }
        Ok(())
    }

    async fn schema(&self) -> Result<SchemaRecord, PortFailure> {
        let noted = self.noted();
        Ok(match noted.as_ref() {
            Some(record) => record.clone(),
            None => SchemaRecord::of_ledger(&self.entries()),
        })
    }

    async fn note(&self, entry: &SchemaEntry) -> Result<(), PortFailure> {
        let seed = || SchemaRecord::of_ledger(&self.entries());
        self.noted().get_or_insert_with(seed).note(entry);
        Ok(())
    }
}
