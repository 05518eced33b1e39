//! Worlds that outlive the server: one file each, `ACCOUNT.REGION.json`, replaced as a whole. Layers lie beside them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::layers::LayerStore;
use super::registry::{Address, is_account, is_region};
use super::request::Shared;
use crate::{Millis, SavedWorldError, World};

/// A server that is killed loses no more than this.
const EVERY: Duration = Duration::from_secs(2);

/// Why a state directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It cannot be read or written.
    #[error("cannot use {}", path.display())]
    File {
        /// What.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another server uses it.
    #[error("another server uses {}", path.display())]
    Held {
        /// The directory.
        path: PathBuf,
    },
    /// A world in it cannot be read, or not be written.
    #[error("cannot use {}", path.display())]
    World {
        /// Its file.
        path: PathBuf,
        /// Why.
        source: SavedWorldError,
    },
}

/// A state directory that this server has for itself.
#[derive(Debug)]
pub(super) struct Keeper {
    directory: PathBuf,
    // Held for as long as the server lives.
    _lock: File,
    /// One save at a time.
    saving: Mutex<()>,
}

impl Keeper {
    /// Opens a directory, made where it is missing, and reads the worlds in it.
    pub(super) fn open(directory: PathBuf) -> Result<(Self, Vec<World>), StateError> {
        fs::create_dir_all(&directory).map_err(at(&directory))?;
        let path = directory.join("server.lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(at(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(StateError::Held { path: directory }),
            Err(fs::TryLockError::Error(source)) => return Err(StateError::File { path, source }),
        }
        let keeper = Self {
            directory,
            _lock: lock,
            saving: Mutex::new(()),
        };
        let saved = keeper.files()?.into_iter().map(|path| read(&path));
        let mut saved = saved.collect::<Result<Vec<World>, StateError>>()?;
        saved
            .iter_mut()
            .for_each(|world| world.ecr.forget_unused_layers());
        Ok((keeper, saved))
    }

    /// The bytes of what these worlds' repositories have; others are removed.
    pub(super) fn layers(&self, saved: &[World]) -> Result<LayerStore, StateError> {
        let known: BTreeSet<String> = saved
            .iter()
            .flat_map(|world| world.ecr.all_layers())
            .collect();
        LayerStore::beside(&self.directory, &known).map_err(at(&self.directory))
    }

    /// Saves what has changed, again and again. A failure is met again at the end, where it is told.
    pub(super) async fn save_now_and_then(self: Arc<Self>, shared: Arc<Shared>) {
        let mut ticks = tokio::time::interval(EVERY);
        loop {
            ticks.tick().await;
            let (keeper, shared) = (Arc::clone(&self), Arc::clone(&shared));
            let _ = tokio::task::spawn_blocking(move || keeper.save_changed(&shared, 0)).await;
        }
    }

    /// Saves everything as it is now.
    pub(super) fn save_all(&self, shared: &Shared) -> Result<(), StateError> {
        let now_ms = shared.clock.now_ms();
        for (_, slot) in shared.worlds.all() {
            slot.at(now_ms, |inhabited| inhabited.changed = true);
        }
        self.save_changed(shared, now_ms)
    }

    fn save_changed(&self, shared: &Shared, now_ms: Millis) -> Result<(), StateError> {
        let _alone = self.saving.lock().unwrap_or_else(PoisonError::into_inner);
        let all = shared.worlds.all();
        for (address, slot) in &all {
            let copy = slot.at(now_ms, |inhabited| {
                std::mem::take(&mut inhabited.changed).then(|| inhabited.world.clone())
            });
            // Written from a copy: calls do not wait for the disk.
            if let Some(world) = copy
                && let Err(error) = self.write(address, &world)
            {
                slot.at(now_ms, |inhabited| inhabited.changed = true);
                return Err(error);
            }
        }
        let kept: Vec<PathBuf> = all.iter().map(|(address, _)| self.file(address)).collect();
        for forgotten in self.files()?.iter().filter(|file| !kept.contains(file)) {
            fs::remove_file(forgotten).map_err(at(forgotten))?;
        }
        Ok(())
    }

    fn write(&self, address: &Address, world: &World) -> Result<(), StateError> {
        let path = self.file(address);
        let text = world.to_json().map_err(|source| StateError::World {
            path: path.clone(),
            source,
        })?;
        let new = path.with_extension("json.new");
        write_private(&new, &text).map_err(at(&new))?;
        fs::rename(&new, &path).map_err(at(&path))
    }

    fn file(&self, address: &Address) -> PathBuf {
        let Address { account, region } = address;
        self.directory.join(format!("{account}.{region}.json"))
    }

    /// The files that are worlds, by their names.
    fn files(&self) -> Result<Vec<PathBuf>, StateError> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.directory).map_err(at(&self.directory))? {
            let path = entry.map_err(at(&self.directory))?.path();
            if is_world(&path) {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

/// Secrets of the simulated Secrets Manager are in it as they were given.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path)?.write_all(text.as_bytes())
}

fn is_world(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.and_then(|name| name.strip_suffix(".json")?.split_once('.'))
        .is_some_and(|(account, region)| is_account(account) && is_region(region))
}

fn read(path: &Path) -> Result<World, StateError> {
    let text = fs::read_to_string(path).map_err(at(path))?;
    World::from_json(&text).map_err(|source| StateError::World {
        path: path.to_owned(),
        source,
    })
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> StateError {
    let path = path.to_owned();
    move |source| StateError::File { path, source }
}
