//! State in a local directory: a file per cell, a file of lines per log. Writers are kept apart by the operating system's
//! locks, which end with their process however it ends.

mod cells;
mod logs;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use backstay_domain::ports::{Effect, PortFailure};

use super::store::{Appended, Cell, Ends, LogLines, Store, Swapped, Tag};
use crate::clock::really_pause;
use crate::disk;

/// How a log's file is named.
const LOG: &str = ".jsonl";

/// One environment's state in a directory. Clones share it; so do processes that are given the same directory.
#[derive(Clone, Debug)]
pub struct LocalStore {
    directory: Arc<Path>,
    /// Where each log ended after our own last append.
    ended: Arc<Mutex<BTreeMap<String, logs::End>>>,
}

impl LocalStore {
    /// State in `directory`, which is made when something is written.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into().into(),
            ended: Arc::default(),
        }
    }

    fn place(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn log(&self, log: &str) -> PathBuf {
        self.directory.join(format!("{log}{LOG}"))
    }
}

impl Store for LocalStore {
    async fn cell(&self, name: &str) -> Result<Option<Cell>, PortFailure> {
        let path = self.place(name);
        cells::read(&path).map_err(|error| failure("state.read", Effect::None, &path, &error))
    }

    async fn swap(
        &self,
        name: &str,
        expected: Option<&Tag>,
        bytes: &[u8],
    ) -> Result<Swapped, PortFailure> {
        let path = self.place(name);
        cells::swap(&path, expected, bytes)
            .map_err(|(effect, error)| failure("state.write", effect, &path, &error))
    }

    async fn append(&self, log: &str, position: u64, line: &[u8]) -> Result<Appended, PortFailure> {
        let path = self.log(log);
        logs::append(&self.ended, &path, position, line)
            .map_err(|(effect, error)| failure("state.append", effect, &path, &error))
    }

    async fn lines(&self, log: &str) -> Result<LogLines, PortFailure> {
        let path = self.log(log);
        logs::lines(&path).map_err(|error| failure("state.read", Effect::None, &path, &error))
    }

    async fn ends(&self, log: &str) -> Result<Option<Ends>, PortFailure> {
        Ok(logs::ends(self.lines(log).await?))
    }

    async fn names(&self, folder: &str) -> Result<Vec<String>, PortFailure> {
        let path = self.place(folder);
        names(&path).map_err(|error| failure("state.list", Effect::None, &path, &error))
    }

    async fn prove(&self) -> Result<(), PortFailure> {
        Ok(())
    }

    /// Files are stamped by the machine's clock.
    async fn grow_older(&self, by: Duration) {
        really_pause(by).await;
    }
}

/// Hidden files are ours and unfinished.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_str().filter(|name| !name.starts_with('.'));
        if let Some(name) = name.filter(|_| entry.path().is_file()) {
            names.push(name.strip_suffix(LOG).unwrap_or(name).to_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn failure(operation: &'static str, effect: Effect, path: &Path, error: &io::Error) -> PortFailure {
    let mut failure = disk::failure(operation, effect, error);
    failure.message = format!("{}: {error}", path.display());
    failure
}
