//! A ledger in memory, for rehearsals.

use std::sync::Mutex;

use backstay_domain::ports::{Ledger, PortFailure};
use backstay_domain::release::Release;
use backstay_domain::{AppName, EnvironmentName};

/// Proven releases, oldest first, kept as long as the rehearsal runs.
#[derive(Debug, Default)]
pub struct MemoryLedger(Mutex<Vec<Release>>);

impl MemoryLedger {
    /// A ledger that begins with these releases.
    #[must_use]
    pub fn with(releases: impl IntoIterator<Item = Release>) -> Self {
        Self(Mutex::new(releases.into_iter().collect()))
    }

    /// All of them, oldest first.
    #[must_use]
    pub fn snapshot(&self) -> Vec<Release> {
        self.releases().clone()
    }

    fn releases(&self) -> std::sync::MutexGuard<'_, Vec<Release>> {
        self.0
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
        let releases = self.releases();
        Ok(releases
            .iter()
            .rev()
            .find(|r| r.app == *app && r.environment == *environment)
            .cloned())
    }

    async fn record(&self, release: &Release) -> Result<(), PortFailure> {
        let mut releases = self.releases();
        if releases.last() != Some(release) {
            releases.push(release.clone());
        }
        Ok(())
    }
}
