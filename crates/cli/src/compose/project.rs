//! An app's directory: its configuration, its frontend builds, its version.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use backstay_adapters::files;
use backstay_config::{CloudKind, Configured, FileProblem, Files, Purpose, StateLocation};
use backstay_domain::release::Manifest;
use backstay_domain::{FrontendName, Version};

use super::checkout::git_refuses;
use super::lookups::{self, Found, Reader, looked_up};
use super::operator;
use crate::failure::Failure;

/// The configuration's file name.
pub const FILE: &str = "backstay.toml";

/// An app's directory and what its configuration says about one environment.
#[derive(Clone, Debug)]
pub struct Project {
    /// Where its configuration lies.
    pub directory: PathBuf,
    /// What it says.
    pub configured: Configured,
    /// The files that it was read from, relative to the directory.
    pub files: Vec<String>,
}

impl Project {
    /// Reads the configuration.
    ///
    /// # Errors
    /// When it is missing or has problems.
    pub fn load(directory: &Path, environment: &str) -> Result<Self, Failure> {
        Self::read_for(Purpose::Deployment, directory, environment)
    }

    /// Reads the configuration for a rehearsal, which asks no cloud.
    ///
    /// # Errors
    /// When it is missing or has problems.
    pub fn load_for_rehearsal(directory: &Path, environment: &str) -> Result<Self, Failure> {
        Self::read_for(Purpose::Rehearsal, directory, environment)
    }

    fn read_for(purpose: Purpose, directory: &Path, environment: &str) -> Result<Self, Failure> {
        let (path, text) = read(directory)?;
        let found = found(purpose, directory, (&path, &text), environment)?;
        Self::with(found, purpose, (directory, &path, &text), environment)
    }

    fn with(
        found: Found,
        purpose: Purpose,
        (directory, path, text): (&Path, &str, &str),
        environment: &str,
    ) -> Result<Self, Failure> {
        let files = RefCell::new(vec![FILE.to_owned()]);
        let read_and_note = |path: &str| {
            let below = Path::new(path).strip_prefix(directory);
            let below = below.map_or(path, |below| below.to_str().unwrap_or(path));
            files.borrow_mut().push(below.to_owned());
            read_file(path)
        };
        let reader = Reader {
            read: read_and_note,
            found,
            purpose,
        };
        let configured = backstay_config::load(path, text, environment, &reader)?;
        Ok(Self {
            directory: directory.to_owned(),
            configured,
            files: files.into_inner(),
        })
    }

    /// Reads the configuration, and looks whether what its images are built of is here.
    ///
    /// # Errors
    /// When it is missing or has problems.
    pub fn load_with_sources(directory: &Path, environment: &str) -> Result<Self, Failure> {
        let (path, text) = read(directory)?;
        let purpose = Purpose::Deployment;
        let found = found(purpose, directory, (&path, &text), environment)?;
        let reader = Reader {
            read: read_file,
            found: found.clone(),
            purpose,
        };
        backstay_config::load_with_sources(&path, &text, environment, &reader)?;
        // A release is not made of Dockerfiles: they are no files of the project.
        Self::with(found, purpose, (directory, &path, &text), environment)
    }

    /// Lists the builds of the app's frontends, by their names.
    ///
    /// # Errors
    /// When one cannot be published.
    pub fn manifests(&self) -> Result<BTreeMap<FrontendName, Manifest>, Failure> {
        let frontends = self.configured.app.frontends.iter();
        let manifests = frontends.map(|(name, frontend)| {
            let directory = self.directory.join(&frontend.directory);
            let manifest = files::manifest(&directory, frontend)?;
            Ok((name.clone(), manifest))
        });
        manifests.collect()
    }

    /// The local directory of this environment: its embedded cloud, and its state unless that is kept in a bucket.
    #[must_use]
    pub fn directory_of_state(&self) -> PathBuf {
        let directory = match &self.configured.state {
            StateLocation::Local(directory) => directory.as_str(),
            StateLocation::S3 { .. } => ".backstay",
        };
        self.directory
            .join(directory)
            .join(self.configured.app.environment.as_str())
    }

    /// That journals and the lease are kept where the next run finds them.
    ///
    /// # Errors
    /// When a CI system would throw them away with its job.
    pub fn state_outlives_this_run(&self) -> Result<(), Failure> {
        let app = &self.configured.app;
        match (
            self.configured.cloud,
            &self.configured.state,
            operator::ci(),
        ) {
            (CloudKind::Aws, StateLocation::Local(directory), Some(system)) => Err(Failure::usage(
                format!(
                    "{} {} keeps its state in the directory `{directory}`, and this runs in {system}: the next run would know nothing of this one",
                    app.name, app.environment
                ),
                "write `state = \"s3://BUCKET/PREFIX\"` in its [environments] table: journals, the lease and the proven releases are then shared by all runs",
            )),
            (CloudKind::Aws | CloudKind::Simulated, _, _) => Ok(()),
        }
    }

    /// Whether somebody may have deployed it: looking at a directory that is not there would make it.
    #[must_use]
    pub fn may_have_state(&self) -> bool {
        match &self.configured.state {
            StateLocation::Local(_) => self.directory_of_state().exists(),
            StateLocation::S3 { .. } => true,
        }
    }

    /// The version to deploy: as asked for, or the git commit that is checked out.
    ///
    /// # Errors
    /// When there is neither.
    pub fn version(&self, asked: Option<&str>) -> Result<Version, Failure> {
        let hint = "name the version with --version: the tag of the images to deploy";
        let text = match asked {
            Some(text) => text.to_owned(),
            None => {
                git_head(&self.directory).ok_or_else(|| match git_refuses(&self.directory) {
                    Some(refused) => refused,
                    None => {
                        Failure::usage("no version was given and this is no git checkout", hint)
                    }
                })?
            }
        };
        Version::parse(text).map_err(|error| Failure::usage(error.to_string(), hint))
    }
}

/// The cloud and the Region of an environment, where its configuration says them. Nothing is looked up.
#[must_use]
pub fn place(directory: &Path, environment: &str) -> Option<(CloudKind, String)> {
    let (path, text) = read(directory).ok()?;
    let place = lookups::place(&path, &text, environment);
    Some((place.cloud?, place.region?))
}

/// What the configuration looks up elsewhere.
fn found(
    purpose: Purpose,
    directory: &Path,
    text: (&str, &str),
    environment: &str,
) -> Result<Found, Failure> {
    let reader = |found| -> Box<dyn Files> {
        Box::new(Reader {
            read: read_file,
            found,
            purpose,
        })
    };
    looked_up(directory, text, environment, reader)
}

/// The environments that the configuration names.
///
/// # Errors
/// When it is missing or cannot be read.
pub fn environments(directory: &Path) -> Result<Vec<String>, Failure> {
    let (path, text) = read(directory)?;
    Ok(backstay_config::environments(&path, &text)?)
}

fn read(directory: &Path) -> Result<(String, String), Failure> {
    let path = directory.join(FILE);
    match std::fs::read(&path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok((path.display().to_string(), text)),
            Err(error) => Err(Failure::usage(
                format!(
                    "{} is not UTF-8 from byte {} on",
                    path.display(),
                    error.utf8_error().valid_up_to()
                ),
                "save it as UTF-8",
            )),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Failure::usage(
            format!("there is no {FILE} in {}", directory.display()),
            "name the app's directory with --app, or start from the annotated example: `backstay check --example`",
        )),
        Err(source) => Err(Failure::File { path, source }),
    }
}

fn read_file(path: &str) -> Result<String, FileProblem> {
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => FileProblem::Missing,
        std::io::ErrorKind::IsADirectory => FileProblem::Directory,
        _ => FileProblem::Unreadable(error.to_string()),
    })?;
    String::from_utf8(bytes).map_err(|error| FileProblem::NotText(error.utf8_error().valid_up_to()))
}

fn git_head(directory: &Path) -> Option<String> {
    let out = Command::new("git")
        .args(["rev-parse", "--short=7", "HEAD"])
        .current_dir(directory)
        .output()
        .ok()?;
    let text = String::from_utf8(out.stdout).ok()?;
    (out.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}
