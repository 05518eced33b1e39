//! A deployment's journal in a local file: one JSON line per record, synced before `append` returns.
//!
//! Every line names the hash of the line before it, so that a journal that was edited or lost its middle is refused. A
//! torn last line is what a crash leaves: it was never acknowledged, and is cut off when the journal is opened again.

mod lines;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use backstay_domain::DeploymentId;
use backstay_domain::journal::Record;
use backstay_domain::ports::{Effect, FailureKind, Journal, PortFailure};

use crate::disk;
use lines::{Contents, line, parse};

pub use lines::JournalError;

/// The open journal of one deployment.
#[derive(Debug)]
pub struct LocalJournal {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    next: u64,
    last_hash: String,
    health: Health,
}

/// After a write that failed half way nothing may follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Health {
    Good,
    Broken,
}

impl LocalJournal {
    /// Begins the journal of a new deployment in `directory`.
    ///
    /// # Errors
    /// When there is one already, or the disk refuses.
    pub fn create(directory: &Path, deployment: &DeploymentId) -> Result<Self, JournalError> {
        let path = place(directory, deployment);
        let on_disk = |source| JournalError::Disk {
            path: path.clone(),
            source,
        };
        fs::create_dir_all(directory).map_err(on_disk)?;
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(&path)
            .map_err(on_disk)?;
        lock(&file, &path)?;
        disk::sync_directory(directory).map_err(on_disk)?;
        Ok(Self::of(file, &Contents::default()))
    }

    /// Opens a journal to go on with it, and returns its records.
    ///
    /// # Errors
    /// When it is in use, damaged, too new, or the disk refuses.
    pub fn open(
        directory: &Path,
        deployment: &DeploymentId,
    ) -> Result<(Self, Vec<Record>), JournalError> {
        let path = place(directory, deployment);
        let on_disk = |source| JournalError::Disk {
            path: path.clone(),
            source,
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(on_disk)?;
        lock(&file, &path)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(on_disk)?;
        let contents = parse(&path, &text)?;
        file.set_len(contents.length).map_err(on_disk)?;
        file.seek(SeekFrom::End(0)).map_err(on_disk)?;
        Ok((Self::of(file, &contents), contents.records))
    }

    fn of(file: File, contents: &Contents) -> Self {
        let (next, last_hash) = (contents.records.len() as u64, contents.last_hash.clone());
        Self {
            state: Mutex::new(State {
                file,
                next,
                last_hash,
                health: Health::Good,
            }),
        }
    }
}

/// The records of a journal, whether or not it is in use.
///
/// # Errors
/// When it is damaged, too new, or cannot be read.
pub fn read(directory: &Path, deployment: &DeploymentId) -> Result<Vec<Record>, JournalError> {
    let path = place(directory, deployment);
    let text = fs::read(&path).map_err(|source| JournalError::Disk {
        path: path.clone(),
        source,
    })?;
    Ok(parse(&path, &text)?.records)
}

/// The deployments that have a journal in `directory`, the one written to last at the end.
///
/// # Errors
/// When the directory cannot be read. One that does not exist has none.
pub fn list(directory: &Path) -> Result<Vec<DeploymentId>, JournalError> {
    let on_disk = |source| JournalError::Disk {
        path: directory.to_owned(),
        source,
    };
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(on_disk)?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(on_disk)?;
        let name = entry.file_name();
        let id = name.to_str().and_then(|name| name.strip_suffix(".jsonl"));
        if let Some(id) = id.and_then(|id| DeploymentId::parse(id).ok()) {
            let written = entry.metadata().and_then(|file| file.modified());
            found.push((written.map_err(on_disk)?, id));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, id)| id).collect())
}

impl Journal for LocalJournal {
    async fn append(&self, record: &Record) -> Result<(), PortFailure> {
        const APPEND: &str = "journal.append";
        let refused = |message: String| PortFailure {
            kind: FailureKind::Rejected,
            effect: Effect::None,
            operation: APPEND.to_owned(),
            message,
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.health == Health::Broken {
            return Err(refused("an earlier record could not be written".to_owned()));
        }
        if record.sequence != state.next {
            return Err(refused(format!(
                "record {} cannot follow record {}",
                record.sequence, state.next
            )));
        }
        let written = line(&state.last_hash, record);
        let (mut line, hash) = written.map_err(|error| refused(error.to_string()))?;
        line.push('\n');
        let written = state
            .file
            .write_all(line.as_bytes())
            .and_then(|()| state.file.sync_data());
        if let Err(error) = written {
            state.health = Health::Broken;
            return Err(disk::failure(APPEND, Effect::Unknown, &error));
        }
        state.next += 1;
        state.last_hash = hash;
        Ok(())
    }
}

fn place(directory: &Path, deployment: &DeploymentId) -> PathBuf {
    directory.join(format!("{deployment}.jsonl"))
}

/// The lock is the process's: it ends with it, however it ends.
fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(fs::TryLockError::WouldBlock) => Err(JournalError::InUse(path.to_owned())),
        Err(fs::TryLockError::Error(source)) => Err(JournalError::Disk {
            path: path.to_owned(),
            source,
        }),
    }
}
