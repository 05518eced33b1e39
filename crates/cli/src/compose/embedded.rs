//! The embedded simulated cloud of an environment: kept in its state directory, so that every command sees the same one.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use backstay_config::Configured;
use backstay_domain::Version;
use backstay_domain::release::Release;
use backstay_domain::versions::Versions;
use backstay_simulator::{ProvisionError, Weather, World};

use super::images::pushed_images;
use super::infrastructure::{ACCOUNT, Infrastructure, Live, account, infrastructure};
use super::project::{FILE, Project};
use crate::failure::Failure;

/// The version that a fresh simulated cloud runs, as if deployed long ago.
pub const FIRST_VERSION: &str = "a1b2c3d";
/// Virtual time of a fresh world: 2026-01-05T09:00:00Z, a Monday morning.
pub const FIRST_MOMENT_MS: u64 = 1_767_603_600_000;

/// The Region of a simulated cloud that no environment asked for.
const EMPTY_REGION: &str = "us-east-1";

/// A simulated cloud on disk.
#[derive(Debug)]
pub struct Embedded {
    path: PathBuf,
    // Held for as long as the cloud is in use by a command that changes it.
    _lock: Option<File>,
}

impl Embedded {
    /// Opens an environment's cloud for a command that changes it: one at a time.
    ///
    /// # Errors
    /// When another command holds it, or the directory cannot be written.
    pub fn exclusive(state: &Path) -> Result<Self, Failure> {
        let file = |path: &Path| {
            let path = path.to_owned();
            move |source| Failure::File { path, source }
        };
        fs::create_dir_all(state).map_err(file(state))?;
        let path = state.join("cloud.lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(file(&path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: state.join("cloud.json"),
                _lock: Some(lock),
            }),
            Err(fs::TryLockError::WouldBlock) => Err(Failure::Held {
                holder: format!("it holds {}", path.display()),
            }),
            Err(fs::TryLockError::Error(source)) => Err(Failure::File { path, source }),
        }
    }

    /// Whether the environment has a simulated cloud already.
    #[must_use]
    pub fn exists(state: &Path) -> bool {
        state.join("cloud.json").exists()
    }

    /// Opens an environment's cloud for a command that only looks.
    #[must_use]
    pub fn shared(state: &Path) -> Self {
        Self {
            path: state.join("cloud.json"),
            _lock: None,
        }
    }

    /// The world as it was left.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn world(&self) -> Result<World, Failure> {
        let text = fs::read_to_string(&self.path).map_err(|source| Failure::File {
            path: self.path.clone(),
            source,
        })?;
        World::from_json(&text).map_err(|source| Failure::World {
            path: self.path.clone(),
            source,
        })
    }

    /// Saves the world, all or nothing.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, world: &World) -> Result<(), Failure> {
        let text = world.to_json().map_err(Failure::defect)?;
        let new = self.path.with_extension("json.new");
        let file = |source| Failure::File {
            path: self.path.clone(),
            source,
        };
        fs::write(&new, text).map_err(file)?;
        fs::rename(&new, &self.path).map_err(file)
    }
}

/// What a fresh world is like: when it begins, and what is left to chance in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nature {
    /// Where chance comes from.
    pub seed: u64,
    /// How it feels.
    pub weather: Weather,
    /// When it begins, in milliseconds since the Unix epoch.
    pub start_ms: u64,
}

impl Default for Nature {
    fn default() -> Self {
        Self {
            seed: 1,
            weather: Weather::Calm,
            start_ms: FIRST_MOMENT_MS,
        }
    }
}

/// A world in which there is nothing yet.
#[must_use]
pub fn empty(nature: Nature) -> World {
    World::new(
        ACCOUNT,
        EMPTY_REGION,
        nature.seed,
        nature.weather,
        nature.start_ms,
    )
}

/// A fresh world on which an earlier release is live, as if deployed long ago; and that release.
///
/// # Errors
/// When the app cannot be put on a simulated cloud.
pub fn first(project: &Project) -> Result<(World, Option<Release>), Failure> {
    let version = Version::parse(FIRST_VERSION).map_err(Failure::defect)?;
    let live = Live {
        project,
        version: &version,
    };
    let (world, infrastructure) = fresh(project, Some(live), Nature::default())?;
    Ok((world, infrastructure.live))
}

/// A fresh world for a project.
///
/// # Errors
/// When the app cannot be put on a simulated cloud.
pub fn fresh(
    project: &Project,
    live: Option<Live<'_>>,
    nature: Nature,
) -> Result<(World, Infrastructure), Failure> {
    let infrastructure = infrastructure(project, live, None)?;
    let configured = &project.configured;
    let mut world = World::new(
        account(configured),
        &configured.region,
        nature.seed,
        nature.weather,
        nature.start_ms,
    );
    world
        .provision(&infrastructure.blueprint)
        .map_err(|error| unsimulated(configured, error))?;
    Ok((world, infrastructure))
}

/// What the simulated cloud does not take is in a file of the user's: the one that the message is about, or the configuration.
#[must_use]
pub fn unsimulated(configured: &Configured, source: ProvisionError) -> Failure {
    let about = source.to_string();
    let named = |(family, _): &(&String, &String)| about.contains(&format!("`{family}`"));
    let file = configured.definition_files.iter().find(named);
    Failure::Unsimulated {
        file: file.map_or_else(|| FILE.to_owned(), |(_, file)| file.clone()),
        source,
    }
}

/// The build pipeline's part: pushes the images of a release that are not there yet.
pub fn push(world: &mut World, project: &Project, versions: &Versions) {
    for (repository, image) in pushed_images(&project.configured, versions) {
        world.push_image(repository.as_str(), &image);
    }
}
