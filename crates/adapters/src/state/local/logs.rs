//! Logs as files of lines. A line is written whole and synced under the file's lock; a torn last one is what a crash
//! leaves: it was never acknowledged, and the next writer cuts it off.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use backstay_domain::ports::Effect;

use crate::disk;
use crate::state::store::{Appended, Ends, LogLines};

/// Where a log ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct End {
    /// After so many whole lines.
    lines: u64,
    /// And so many bytes.
    bytes: u64,
}

pub(super) fn lines(path: &Path) -> io::Result<LogLines> {
    let text = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(LogLines::default()),
        text => text?,
    };
    let mut log = LogLines::default();
    for (position, line) in (0..).zip(text.split_inclusive(|byte| *byte == b'\n')) {
        match line.strip_suffix(b"\n") {
            Some(line) => log.lines.push((position, line.to_vec())),
            None => log.torn = line.len(),
        }
    }
    Ok(log)
}

pub(super) fn ends(log: LogLines) -> Option<Ends> {
    let count = log.lines.len() as u64;
    let mut lines = log.lines.into_iter().map(|(_, line)| line);
    let first = lines.next()?;
    let last = lines.next_back().unwrap_or_else(|| first.clone());
    Some(Ends { first, last, count })
}

pub(super) fn append(
    ended: &Mutex<BTreeMap<String, End>>,
    path: &Path,
    position: u64,
    line: &[u8],
) -> Result<Appended, (Effect, io::Error)> {
    let before = |error| (Effect::None, error);
    if line.contains(&b'\n') {
        return Err(before(io::ErrorKind::InvalidData.into()));
    }
    let mut ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
    let name = path.display().to_string();
    let mut file = open(path).map_err(before)?;
    file.lock().map_err(before)?;
    let length = file.metadata().map_err(before)?.len();
    let known = ended.get(&name).copied().unwrap_or_default();
    let mut end = known;
    if known.bytes != length || known.lines != position {
        let (counted, there) = look(&mut file, position).map_err(before)?;
        if counted.lines != position {
            return Ok(match there {
                Some(there) if there == line => Appended::Done,
                Some(_) | None => Appended::Conflict,
            });
        }
        end = counted;
        if end.bytes < length {
            file.set_len(end.bytes).map_err(before)?;
        }
    }
    write(&mut file, end, line)?;
    let bytes = end.bytes + line.len() as u64 + 1;
    let lines = end.lines + 1;
    ended.insert(name, End { lines, bytes });
    Ok(Appended::Done)
}

/// Its name is durable before anything is in it.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let directory = path.parent().unwrap_or(path);
            disk::ensure_directory(directory)?;
            let file = disk::open_private(path)?;
            disk::sync_directory(directory)?;
            Ok(file)
        }
        file => file,
    }
}

/// Where the log ends, and the line at a position.
fn look(file: &mut File, position: u64) -> io::Result<(End, Option<Vec<u8>>)> {
    let mut text = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut text)?;
    let (mut end, mut there) = (End::default(), None);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let Some(whole) = line.strip_suffix(b"\n") else {
            break;
        };
        if end.lines == position {
            there = Some(whole.to_vec());
        }
        end.lines += 1;
        end.bytes += line.len() as u64;
    }
    Ok((end, there))
}

/// A full disk leaves half a line: it is taken back, so that the effect is none.
fn write(file: &mut File, end: End, line: &[u8]) -> Result<(), (Effect, io::Error)> {
    let mut whole = line.to_vec();
    whole.push(b'\n');
    let written = file
        .seek(SeekFrom::Start(end.bytes))
        .and_then(|_| file.write_all(&whole))
        .and_then(|()| file.sync_data());
    written.map_err(|error| {
        let taken_back = file.set_len(end.bytes).and_then(|()| file.sync_data());
        let effect = match taken_back {
            Ok(()) => Effect::None,
            Err(_) => Effect::Unknown,
        };
        (effect, error)
    })
}
