//! The copy of the workspace that is changed: the original is only read.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Makes `copy` what `original` is now, and touches nothing that is the same. What was built and what git keeps stays behind,
/// and what is `changed` in the copy.
///
/// # Errors
/// What cannot be read or written.
pub(crate) fn mirror(original: &Path, copy: &Path, changed: &BTreeSet<PathBuf>) -> io::Result<()> {
    fs::create_dir_all(copy)?;
    let mut there = BTreeSet::new();
    for entry in fs::read_dir(original)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_owned();
        let word = name.to_string_lossy();
        let is_ours = !(word == ".git" || word == ".tools" || word.starts_with("target"));
        if path.is_dir() && is_ours {
            mirror(&path, &copy.join(&name), changed)?;
        } else if path.is_file() && !changed.contains(&copy.join(&name)) {
            write(&copy.join(&name), &fs::read(&path)?)?;
        }
        there.insert(name);
    }
    for entry in fs::read_dir(copy)? {
        let path = entry?.path();
        let is_gone = path.file_name().is_none_or(|name| !there.contains(name));
        if is_gone && path.is_file() {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Writes what differs: whatever is the same is not built again.
///
/// # Errors
/// It cannot be written.
pub(crate) fn write(path: &PathBuf, bytes: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    fs::write(path, bytes)
}
