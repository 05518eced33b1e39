//! Proven releases in a local directory: one JSON file per release and environment, numbered in order, never changed.

use std::fs;
use std::io;
use std::path::PathBuf;

use backstay_domain::ledger::Entry;
use backstay_domain::ports::{Effect, FailureKind, Ledger, PortFailure};
use backstay_domain::release::Release;
use backstay_domain::{AppName, EnvironmentName};

use crate::disk;

const READ: &str = "ledger.read";
const WRITE: &str = "ledger.record";

/// The ledgers below one directory.
#[derive(Clone, Debug)]
pub struct LocalLedger {
    directory: PathBuf,
}

impl LocalLedger {
    /// Ledgers in `directory`, which is made when the first release is recorded.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// All proven releases of an environment, oldest first.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn releases(
        &self,
        app: &AppName,
        environment: &EnvironmentName,
    ) -> Result<Vec<Entry>, PortFailure> {
        let numbered = self.numbered(app, environment)?;
        numbered.iter().map(|(_, path)| read(path)).collect()
    }

    fn place(&self, app: &AppName, environment: &EnvironmentName) -> PathBuf {
        self.directory.join(app.as_str()).join(environment.as_str())
    }

    /// The files by number.
    fn numbered(
        &self,
        app: &AppName,
        environment: &EnvironmentName,
    ) -> Result<Vec<(u64, PathBuf)>, PortFailure> {
        let on_disk = |error: io::Error| disk::failure(READ, Effect::None, &error);
        let entries = match fs::read_dir(self.place(app, environment)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(on_disk)?,
        };
        let mut numbered = Vec::new();
        for entry in entries {
            let entry = entry.map_err(on_disk)?;
            let name = entry.file_name();
            let number = name
                .to_str()
                .filter(|name| name.ends_with(".json"))
                .and_then(|name| name.split('-').next());
            if let Some(number) = number.and_then(|number| number.parse().ok()) {
                numbered.push((number, entry.path()));
            }
        }
        numbered.sort();
        Ok(numbered)
    }
}

impl Ledger for LocalLedger {
    async fn last_proven(
        &self,
        app: &AppName,
        environment: &EnvironmentName,
    ) -> Result<Option<Release>, PortFailure> {
        self.numbered(app, environment)?
            .last()
            .map(|(_, path)| read(path).map(|entry| entry.release))
            .transpose()
    }

    /// Recording the newest release again changes nothing: a resumed deployment may not know that it did.
    async fn record(&self, entry: &Entry) -> Result<(), PortFailure> {
        let release = &entry.release;
        let numbered = self.numbered(&release.app, &release.environment)?;
        if let Some((_, newest)) = numbered.last()
            && read(newest)?.is(entry)
        {
            return Ok(());
        }
        let number = numbered.last().map_or(1, |(number, _)| number + 1);
        let text = serde_json::to_vec_pretty(entry).map_err(|error| PortFailure {
            kind: FailureKind::Rejected,
            effect: Effect::None,
            operation: WRITE.to_owned(),
            message: error.to_string(),
        })?;
        let directory = self.place(&release.app, &release.environment);
        disk::write_whole(
            &directory,
            &format!("{number:06}-{}.json", release.id),
            &text,
        )
        .map_err(|error| disk::failure(WRITE, Effect::Unknown, &error))
    }
}

/// Files of earlier versions hold the bare release.
fn read(path: &PathBuf) -> Result<Entry, PortFailure> {
    let text = fs::read(path).map_err(|error| disk::failure(READ, Effect::None, &error))?;
    if let Ok(release) = serde_json::from_slice(&text) {
        return Ok(Entry::bare(release));
    }
    serde_json::from_slice(&text).map_err(|error| PortFailure {
        kind: FailureKind::Rejected,
        effect: Effect::None,
        operation: READ.to_owned(),
        message: format!("{}: {error}", path.display()),
    })
}
