//! Cells as files: replaced whole under a lock, so that a compare-and-swap is one step for every process.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use backstay_domain::definition::sha256_hex;
use backstay_domain::ports::Effect;

use crate::disk;
use crate::state::chance::token;
use crate::state::store::{Cell, Swapped, Tag};

pub(super) fn read(path: &Path) -> io::Result<Option<Cell>> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    // The open file is one state of the cell, whoever replaces it meanwhile.
    let written = file.metadata()?.modified()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(Some(Cell {
        tag: tag(&bytes),
        age: age(path, written),
        bytes,
    }))
}

/// By the clock that stamps the files of this directory, which is not always this machine's. Where nothing can be written
/// there is nothing to compare with, and the cell counts as new.
fn age(path: &Path, written: SystemTime) -> Duration {
    let probe = path.with_file_name(format!(".clock-{}", token()));
    let present = disk::create_private(&probe)
        .and_then(|file| file.metadata())
        .and_then(|file| file.modified());
    // It may not be there to be removed.
    let _ = fs::remove_file(&probe);
    present
        .ok()
        .and_then(|present| present.duration_since(written).ok())
        .unwrap_or_default()
}

pub(super) fn swap(
    path: &Path,
    expected: Option<&Tag>,
    bytes: &[u8],
) -> Result<Swapped, (Effect, io::Error)> {
    let before = |error| (Effect::None, error);
    let (directory, name) = parts(path).map_err(before)?;
    disk::ensure_directory(directory).map_err(before)?;
    let lock = disk::open_private(&directory.join(".lock")).map_err(before)?;
    lock.lock().map_err(before)?;
    let found = match fs::read(path) {
        Ok(found) => Some(tag(&found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err((Effect::None, error)),
    };
    let new = tag(bytes);
    if found.as_ref() != expected {
        return Ok(match found {
            Some(found) if found == new => Swapped::Done(new),
            Some(_) | None => Swapped::Conflict,
        });
    }
    disk::replace(directory, name, bytes)?;
    Ok(Swapped::Done(new))
}

fn parts(path: &Path) -> io::Result<(&Path, &str)> {
    let name = path.file_name().and_then(|name| name.to_str());
    path.parent()
        .zip(name)
        .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidFilename))
}

fn tag(bytes: &[u8]) -> Tag {
    Tag(sha256_hex(bytes))
}
