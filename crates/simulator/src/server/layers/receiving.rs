//! Bytes that come in pieces, hashed as they come. What is dropped before it is whole leaves nothing.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::services::ecr::LONGEST_CONFIGURATION;

/// What has come so far.
#[derive(Debug)]
pub(in crate::server) struct Receiving {
    place: Place,
    hash: Sha256,
    received: u64,
    start: Vec<u8>,
}

#[derive(Debug)]
enum Place {
    Memory(Vec<u8>),
    File(Temporary),
}

/// A file that goes with its owner, unless it was renamed.
#[derive(Debug)]
struct Temporary {
    file: File,
    path: PathBuf,
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Gone already where it has become a layer.
        let _ = fs::remove_file(&self.path);
    }
}

/// How much had come, to go back to.
#[derive(Clone, Debug)]
pub(in crate::server) struct Mark {
    hash: Sha256,
    received: u64,
    start: usize,
}

impl Receiving {
    pub(super) fn in_memory() -> Self {
        Self::at(Place::Memory(Vec::new()))
    }

    pub(super) fn in_file(directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let mut options = File::options();
        options.write(true).create_new(true);
        for number in 0_u64.. {
            let path = directory.join(number.to_string());
            match options.open(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
                Ok(file) => return Ok(Self::at(Place::File(Temporary { file, path }))),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    fn at(place: Place) -> Self {
        Self {
            place,
            hash: Sha256::new(),
            received: 0,
            start: Vec::new(),
        }
    }

    /// Adds a piece. After an error nothing more can be added: only what was there before it is sure.
    pub(in crate::server) fn add(&mut self, piece: &[u8]) -> io::Result<()> {
        match &mut self.place {
            Place::Memory(bytes) => bytes.extend_from_slice(piece),
            Place::File(temporary) => temporary.file.write_all(piece)?,
        }
        self.hash.update(piece);
        self.received += piece.len() as u64;
        let missing = LONGEST_CONFIGURATION.saturating_sub(self.start.len());
        self.start.extend(piece.iter().take(missing));
        Ok(())
    }

    pub(in crate::server) fn mark(&self) -> Mark {
        Mark {
            hash: self.hash.clone(),
            received: self.received,
            start: self.start.len(),
        }
    }

    /// Forgets what came after the mark.
    pub(in crate::server) fn back_to(&mut self, mark: Mark) -> io::Result<()> {
        match &mut self.place {
            Place::Memory(bytes) => {
                bytes.truncate(usize::try_from(mark.received).unwrap_or_default())
            }
            Place::File(temporary) => {
                temporary.file.set_len(mark.received)?;
                temporary.file.seek(SeekFrom::Start(mark.received))?;
            }
        }
        self.start.truncate(mark.start);
        self.hash = mark.hash;
        self.received = mark.received;
        Ok(())
    }

    /// How many bytes have come.
    pub(in crate::server) fn received(&self) -> u64 {
        self.received
    }

    /// The first bytes: all of them, unless they are more than a configuration has.
    pub(in crate::server) fn start(&self) -> &[u8] {
        &self.start
    }

    /// `sha256:` and 64 hex digits.
    pub(in crate::server) fn digest(&self) -> String {
        let hash = self.hash.clone().finalize();
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256:{hex}")
    }

    pub(super) fn into_bytes(self) -> Bytes {
        match self.place {
            Place::Memory(bytes) => bytes.into(),
            Place::File(_) => Bytes::new(),
        }
    }

    /// Whole on the disk before it has its name.
    pub(super) fn into_file(self, path: &Path) -> io::Result<()> {
        match self.place {
            Place::Memory(bytes) => fs::write(path, bytes),
            Place::File(temporary) => {
                temporary.file.sync_data()?;
                fs::rename(&temporary.path, path)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn received(mut receiving: Receiving, pieces: &[Vec<u8>]) -> (String, u64) {
        for piece in pieces {
            let mark = receiving.mark();
            receiving.add(b"what comes and goes again").unwrap();
            receiving.back_to(mark).unwrap();
            receiving.add(piece).unwrap();
        }
        (receiving.digest(), receiving.received())
    }

    proptest! {
        #[test]
        fn the_pieces_make_no_difference(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..12)) {
            let home = tempfile::tempdir().unwrap();
            let whole = vec![pieces.concat()];
            let expected = received(Receiving::in_memory(), &whole);
            prop_assert_eq!(&received(Receiving::in_memory(), &pieces), &expected);
            prop_assert_eq!(&received(Receiving::in_file(home.path()).unwrap(), &pieces), &expected);
            prop_assert_eq!(home.path().read_dir().unwrap().count(), 0, "what was dropped is gone");
        }
    }
}
