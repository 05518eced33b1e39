//! The lines of a journal file: their format, the chain of hashes, and where a torn one begins.

use std::io;
use std::path::{Path, PathBuf};

use backstay_domain::definition::sha256_hex;
use backstay_domain::journal::Record;
use serde::{Deserialize, Serialize};

/// The format of the lines that are written.
const FORMAT: u32 = 1;

/// A journal that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk refuses.
    #[error("cannot use {}", path.display())]
    Disk {
        /// Which file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process has it open.
    #[error("{} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// It was not written by this program, or was changed since.
    #[error("{}, line {line}: {why}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// It was written by a newer version.
    #[error("{} has format {found}; this version knows up to {FORMAT}", path.display())]
    TooNew {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
}

/// A line as text, without its end, and its hash.
pub(super) fn line(after: &str, record: &Record) -> Result<(String, String), serde_json::Error> {
    let line = serde_json::to_string(&LineOut {
        format: FORMAT,
        after,
        record,
    })?;
    let hash = sha256_hex(line.as_bytes());
    Ok((line, hash))
}

#[derive(Serialize)]
struct LineOut<'r> {
    format: u32,
    after: &'r str,
    record: &'r Record,
}

#[derive(Deserialize)]
struct LineIn {
    after: String,
    record: Record,
}

#[derive(Deserialize)]
struct LineFormat {
    format: u32,
}

/// What a file holds.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) records: Vec<Record>,
    pub(super) last_hash: String,
    /// Bytes up to the end of the last whole line.
    pub(super) length: u64,
}

/// Reads lines up to the first torn one.
pub(super) fn parse(path: &Path, text: &[u8]) -> Result<Contents, JournalError> {
    let mut contents = Contents::default();
    for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let Some(whole) = line.strip_suffix(b"\n") else {
            break;
        };
        let damaged = |why: String| JournalError::Damaged {
            path: path.to_owned(),
            line: index + 1,
            why,
        };
        let format: LineFormat =
            serde_json::from_slice(whole).map_err(|error| damaged(error.to_string()))?;
        if format.format > FORMAT {
            return Err(JournalError::TooNew {
                path: path.to_owned(),
                found: format.format,
            });
        }
        let parsed: LineIn =
            serde_json::from_slice(whole).map_err(|error| damaged(error.to_string()))?;
        if parsed.after != contents.last_hash {
            return Err(damaged("it does not follow the line before it".to_owned()));
        }
        if parsed.record.sequence != index as u64 {
            return Err(damaged(format!(
                "record {} is out of place",
                parsed.record.sequence
            )));
        }
        contents.last_hash = sha256_hex(whole);
        contents.length += line.len() as u64;
        contents.records.push(parsed.record);
    }
    Ok(contents)
}
