//! The bytes of layers: content-addressed, one copy for all worlds, in memory or in a directory beside the saved worlds.
//!
//! A world knows which layers its repositories have; here it is only known what is in them. What no world knows is gone when a server
//! starts, and so is what was half received.

mod receiving;
mod stored;
mod uploads;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

pub(super) use self::receiving::Receiving;
pub(super) use self::stored::Stored;
pub(super) use self::uploads::{Upload, Uploads, Whose};
use super::registry::Slot;

/// Below the state's directory.
const DIRECTORY: &str = "layers";

/// Where layers lie.
#[derive(Debug)]
pub(super) enum LayerStore {
    Memory(Mutex<BTreeMap<String, Bytes>>),
    /// `sha256/HEX` for what is whole, `uploads/` for what is not.
    Directory(PathBuf),
}

impl LayerStore {
    pub(super) fn in_memory() -> Self {
        Self::Memory(Mutex::default())
    }

    /// Beside saved worlds. The directory is made when the first layer comes.
    pub(super) fn beside(state: &Path, known: &BTreeSet<String>) -> io::Result<Self> {
        let directory = state.join(DIRECTORY);
        if directory.exists() {
            forget(&directory, known)?;
        }
        Ok(Self::Directory(directory))
    }

    /// A place for bytes whose digest is not known yet.
    pub(super) fn receive(&self) -> io::Result<Receiving> {
        match self {
            Self::Memory(_) => Ok(Receiving::in_memory()),
            Self::Directory(directory) => Receiving::in_file(&directory.join("uploads")),
        }
    }

    /// What was received is a layer from now on. It waits for the disk.
    pub(super) fn keep(&self, received: Receiving) -> io::Result<()> {
        let digest = received.digest();
        match self {
            Self::Memory(layers) => {
                let mut layers = layers.lock().unwrap_or_else(PoisonError::into_inner);
                layers.insert(digest, received.into_bytes());
                Ok(())
            }
            Self::Directory(directory) => {
                let path = file_of(directory, &digest);
                fs::create_dir_all(directory.join("sha256"))?;
                received.into_file(&path)
            }
        }
    }

    /// Everything is as it was at the start: what lies in memory is gone; on disk it goes when a server starts.
    pub(super) fn reset(&self) {
        if let Self::Memory(layers) = self {
            let mut layers = layers.lock().unwrap_or_else(PoisonError::into_inner);
            layers.clear();
        }
    }

    /// A whole layer at once.
    fn put(&self, bytes: &[u8]) -> io::Result<()> {
        let mut receiving = self.receive()?;
        receiving.add(bytes)?;
        self.keep(receiving)
    }

    /// Some bytes of a layer; none when it is not here.
    pub(super) fn open(&self, digest: &str, range: Range<u64>) -> io::Result<Option<Stored>> {
        match self {
            Self::Memory(layers) => {
                let layers = layers.lock().unwrap_or_else(PoisonError::into_inner);
                let (Ok(start), Ok(end)) =
                    (usize::try_from(range.start), usize::try_from(range.end))
                else {
                    return Ok(None);
                };
                let bytes = layers.get(digest).filter(|bytes| end <= bytes.len());
                Ok(bytes.map(|bytes| Stored::of_bytes(bytes.slice(start..end))))
            }
            Self::Directory(directory) => {
                let mut file = match File::open(file_of(directory, digest)) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                    file => file?,
                };
                file.seek(SeekFrom::Start(range.start))?;
                Ok(Some(Stored::of_file(file, range.end - range.start)))
            }
        }
    }
}

/// Takes what came through ECR's API from its world to where layers lie.
pub(super) fn bring_in(layers: &LayerStore, slot: &Slot) -> io::Result<()> {
    for (digest, bytes) in slot.at(0, |inhabited| inhabited.world.ecr.held_layers()) {
        layers.put(&bytes)?;
        slot.at(0, |inhabited| {
            inhabited.changed = true;
            inhabited.world.ecr.let_go_of_layer(&digest);
        });
    }
    Ok(())
}

fn file_of(directory: &Path, digest: &str) -> PathBuf {
    let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
    directory.join("sha256").join(hex)
}

/// Whatever is not one of these layers goes.
fn forget(directory: &Path, known: &BTreeSet<String>) -> io::Result<()> {
    match fs::remove_dir_all(directory.join("uploads")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let layers = match fs::read_dir(directory.join("sha256")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        layers => layers?,
    };
    for layer in layers {
        let layer = layer?;
        let digest = layer
            .file_name()
            .into_string()
            .map(|hex| format!("sha256:{hex}"));
        if !digest.is_ok_and(|digest| known.contains(&digest)) {
            fs::remove_file(layer.path())?;
        }
    }
    Ok(())
}
