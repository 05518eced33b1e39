//! Writing that survives a crash: whole files appear at once, directories are synced, failures say whether they wrote.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use backstay_domain::ports::{Effect, FailureKind, PortFailure};

/// Writes a whole file: it is there with all its bytes, or not at all.
pub(crate) fn write_whole(directory: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let unfinished = directory.join(format!(".{name}.unfinished"));
    let mut file = File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, directory.join(name))?;
    sync_directory(directory)
}

/// Makes the names in a directory durable.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// A disk that does not do what it should.
pub(crate) fn failure(operation: &'static str, effect: Effect, error: &io::Error) -> PortFailure {
    let kind = match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => FailureKind::Denied,
        io::ErrorKind::NotFound => FailureKind::NotFound,
        _ => FailureKind::Unavailable,
    };
    PortFailure {
        kind,
        effect,
        operation: operation.to_owned(),
        message: error.to_string(),
    }
}
