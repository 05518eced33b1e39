//! State in memory, for rehearsals and tests: the same promises, none of the durability.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backstay_domain::definition::sha256_hex;
use backstay_domain::ports::PortFailure;

use super::store::{Appended, Cell, Ends, LogLines, Store, Swapped, Tag};
use crate::clock::{Stopwatch, pause};

/// One environment's state in this process. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    cells: BTreeMap<String, (Vec<u8>, Stopwatch)>,
    logs: BTreeMap<String, Vec<Vec<u8>>>,
}

impl MemoryStore {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    async fn cell(&self, name: &str) -> Result<Option<Cell>, PortFailure> {
        Ok(self.kept().cells.get(name).map(|(bytes, written)| Cell {
            bytes: bytes.clone(),
            tag: tag(bytes),
            age: written.elapsed(),
        }))
    }

    async fn swap(
        &self,
        name: &str,
        expected: Option<&Tag>,
        bytes: &[u8],
    ) -> Result<Swapped, PortFailure> {
        let mut kept = self.kept();
        let found = kept.cells.get(name).map(|(found, _)| tag(found));
        let new = tag(bytes);
        if found.as_ref() == expected {
            let written = (bytes.to_vec(), Stopwatch::started());
            kept.cells.insert(name.to_owned(), written);
            return Ok(Swapped::Done(new));
        }
        Ok(match found {
            Some(found) if found == new => Swapped::Done(new),
            Some(_) | None => Swapped::Conflict,
        })
    }

    async fn append(&self, log: &str, position: u64, line: &[u8]) -> Result<Appended, PortFailure> {
        let mut kept = self.kept();
        let lines = kept.logs.entry(log.to_owned()).or_default();
        if lines.len() as u64 == position {
            lines.push(line.to_vec());
            return Ok(Appended::Done);
        }
        let there = usize::try_from(position).ok().and_then(|at| lines.get(at));
        Ok(match there {
            Some(there) if there == line => Appended::Done,
            Some(_) | None => Appended::Conflict,
        })
    }

    async fn lines(&self, log: &str) -> Result<LogLines, PortFailure> {
        let kept = self.kept();
        let lines = kept.logs.get(log).into_iter().flatten();
        Ok(LogLines {
            lines: (0..).zip(lines.cloned()).collect(),
            torn: 0,
        })
    }

    async fn ends(&self, log: &str) -> Result<Option<Ends>, PortFailure> {
        let kept = self.kept();
        let Some(lines) = kept.logs.get(log) else {
            return Ok(None);
        };
        Ok(lines.first().zip(lines.last()).map(|(first, last)| Ends {
            first: first.clone(),
            last: last.clone(),
            count: lines.len() as u64,
        }))
    }

    async fn names(&self, folder: &str) -> Result<Vec<String>, PortFailure> {
        let kept = self.kept();
        let below = |name: &String| -> Option<String> {
            let rest = name.strip_prefix(folder)?.strip_prefix('/')?;
            (!rest.contains('/')).then(|| rest.to_owned())
        };
        let names: BTreeSet<String> = kept
            .cells
            .keys()
            .chain(kept.logs.keys())
            .filter_map(below)
            .collect();
        Ok(names.into_iter().collect())
    }

    async fn prove(&self) -> Result<(), PortFailure> {
        Ok(())
    }

    async fn grow_older(&self, by: Duration) {
        pause(by).await;
    }
}

fn tag(bytes: &[u8]) -> Tag {
    Tag(sha256_hex(bytes))
}
