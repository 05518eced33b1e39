//! Why an engine did not do what it was asked, and what a person can do about it.

use std::{fmt, io};

use super::Trouble;

/// What an engine was asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// To answer.
    Ask,
    /// To log in at a registry.
    LogIn(String),
    /// To build.
    Build,
    /// To give an image another name.
    Tag(String),
    /// To push.
    Push(String),
    /// To pull.
    Pull(String),
}

/// Why it did not.
#[derive(Debug, thiserror::Error)]
pub enum DockerError {
    /// There is no client.
    #[error("there is no `docker` on PATH")]
    Absent,
    /// The client cannot be started.
    #[error("`docker` cannot be started")]
    Started(#[source] io::Error),
    /// No directory of ours can be made.
    #[error("no temporary directory can be used")]
    Configuration(#[source] io::Error),
    /// It ended with an error.
    #[error("{task}")]
    Failed {
        /// What it was asked.
        task: Task,
        /// What is wrong, as far as its words are known.
        trouble: Trouble,
        /// Its last lines, without what may be a secret.
        said: Vec<String>,
    },
    /// It succeeded, and did not say which image that is.
    #[error("docker did not say under which digest {0} was pushed")]
    Unsaid(String),
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask => f.write_str("no engine answers `docker`"),
            Self::LogIn(registry) => write!(f, "{registry} does not take the login"),
            Self::Build => f.write_str("it could not be built"),
            Self::Tag(reference) => write!(f, "the engine does not name an image {reference}"),
            Self::Push(reference) => write!(f, "{reference} could not be pushed"),
            Self::Pull(reference) => write!(f, "{reference} could not be pulled"),
        }
    }
}

impl DockerError {
    /// Its last lines.
    #[must_use]
    pub fn said(&self) -> &[String] {
        match self {
            Self::Failed { said, .. } => said,
            Self::Absent | Self::Started(_) | Self::Configuration(_) | Self::Unsaid(_) => &[],
        }
    }

    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Absent => "install Docker's command line (or Podman's as `docker`); or let another machine build, and deploy what it pushed".to_owned(),
            Self::Started(_) => "it must be a program that this user may start".to_owned(),
            Self::Configuration(_) => "TMPDIR must name a directory that this user may write".to_owned(),
            Self::Unsaid(_) => "use a newer docker".to_owned(),
            Self::Failed { task, trouble, .. } => trouble.hint(task),
        }
    }
}

impl Trouble {
    fn hint(self, task: &Task) -> String {
        let registry = match task {
            Task::LogIn(registry) => registry.as_str(),
            Task::Push(reference) | Task::Pull(reference) | Task::Tag(reference) => {
                reference.split('/').next().unwrap_or_default()
            }
            Task::Ask | Task::Build => "",
        };
        match self {
            Self::NoEngine => {
                "start it (`systemctl start docker`, or Docker Desktop); `docker context ls` says which engine is asked".to_owned()
            }
            Self::Socket => {
                "add this user to the group `docker` and log in again, or use a rootless engine".to_owned()
            }
            Self::DiskFull => {
                "`docker system df` says what uses the engine's disk, `docker builder prune` frees what builds left; it may be the registry's disk".to_owned()
            }
            Self::Login if registry.contains(".dkr.ecr.") => format!(
                "`aws ecr get-login-password | docker login --username AWS --password-stdin {registry}` shows whether these credentials get in"
            ),
            Self::Login => match task {
                Task::Build => "an image that the Dockerfile begins with needs a login: `docker login` at its registry".to_owned(),
                _ => format!(
                    "`docker login {registry}`, with somebody who may push there (ghcr.io: a token with `write:packages`), then run the command again"
                ),
            },
            Self::Denied => match task {
                Task::Build => "the message names who denies it".to_owned(),
                _ => format!(
                    "whoever is logged in at {registry} may not do this: allow it (ECR: ecr:InitiateLayerUpload, UploadLayerPart, CompleteLayerUpload, PutImage, BatchCheckLayerAvailability), or `docker login {registry}` as somebody else"
                ),
            },
            Self::Immutable => {
                "the repository keeps its tags for ever: deploy what is there, or choose another --version; a tag that moves (`latest`, a branch) cannot be in `[images] tags`".to_owned()
            }
            Self::NoRepository => "create the repository first, or correct `image`".to_owned(),
            Self::Limited => "the registry wants to know who pulls so much: `docker login` there".to_owned(),
            Self::Unreachable => "look whether the message's host can be reached from here".to_owned(),
            Self::Plaintext => format!(
                "add {registry} to the engine's `insecure-registries` (daemon.json); on 127.0.0.1 nothing has to be configured"
            ),
            Self::Driver => {
                "`docker buildx create --use` makes a builder that can do it".to_owned()
            }
            Self::Emulation => {
                "this machine cannot run the programs of that platform: `docker run --privileged tonistiigi/binfmt --install all` (in GitHub Actions: docker/setup-qemu-action) teaches it".to_owned()
            }
            Self::NoBase => {
                "the Dockerfile begins with an image that is neither here nor in its registry: correct its name, or `docker login` there".to_owned()
            }
            Self::Other => match task {
                Task::Build => "correct what the last lines say; `docker build` with the same Dockerfile and context shows all of it".to_owned(),
                Task::Ask | Task::LogIn(_) | Task::Tag(_) | Task::Push(_) | Task::Pull(_) => {
                    "correct what the last lines say, then run the command again".to_owned()
                }
            },
        }
    }
}
