//! Writing that survives a crash: whole files appear at once, directories are synced, failures say whether they wrote.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use backstay_domain::ports::{Effect, FailureKind, PortFailure};

/// Replaces a whole file: after a crash it holds the old bytes or the new ones. A failure says whether it may hold the new.
pub(crate) fn replace(
    directory: &Path,
    name: &str,
    bytes: &[u8],
) -> Result<(), (Effect, io::Error)> {
    let unfinished = directory.join(format!(".{name}.unfinished"));
    let prepared = create_private(&unfinished).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let renamed = prepared.and_then(|()| fs::rename(&unfinished, directory.join(name)));
    if let Err(error) = renamed {
        // What cannot be removed does not count either.
        let _ = fs::remove_file(&unfinished);
        return Err((Effect::None, error));
    }
    sync_directory(directory).map_err(|error| (Effect::Unknown, error))
}

/// An empty file that only this user may read.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    private().truncate(true).open(path)
}

/// A file that only this user may read, made if it is not there.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    private().truncate(false).open(path)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a directory that only this user may enter, with those above it, and their names durable.
pub(crate) fn ensure_directory(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    let there = directory.ancestors().find(|above| above.is_dir());
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)?;
    let made = directory.ancestors().skip(1);
    for above in made.take_while(|above| above.starts_with(there.unwrap_or(above))) {
        if above.as_os_str().is_empty() {
            break;
        }
        sync_directory(above)?;
    }
    Ok(())
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
