//! Why images cannot be built or pushed. The environment is as it was, whatever happened here.

use backstay_adapters::context::ContextError;
use backstay_adapters::docker::{DockerError, Task, Trouble};

use super::hint::ENVIRONMENT;

/// Why images cannot be built or pushed.
#[derive(Debug, thiserror::Error)]
pub enum ImagesFailure {
    /// It is not even begun.
    #[error("{message}")]
    Refused {
        /// Why.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The engine does not do what is asked before any image.
    #[error(transparent)]
    Docker(#[from] DockerError),
    /// The engine does not do it with one image.
    #[error("{image}: {error}")]
    Image {
        /// Which.
        image: String,
        /// Why.
        error: DockerError,
    },
    /// What an image is built of cannot be read.
    #[error("{image}: what it is built of cannot be read")]
    Context {
        /// Which.
        image: String,
        /// What.
        source: ContextError,
    },
    /// A signal.
    #[error("{0}: ended before everything was done")]
    Stopped(String),
}

impl ImagesFailure {
    /// A refusal.
    pub fn refused(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused {
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// The last lines of the engine.
    #[must_use]
    pub fn said(&self) -> &[String] {
        match self {
            Self::Docker(error) | Self::Image { error, .. } => error.said(),
            Self::Refused { .. } | Self::Context { .. } | Self::Stopped(_) => &[],
        }
    }

    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Context { .. } => 2,
            // What a Dockerfile does is the user's own.
            Self::Image {
                error:
                    DockerError::Failed {
                        task: Task::Build,
                        trouble: Trouble::Other | Trouble::NoBase,
                        ..
                    },
                ..
            } => 2,
            Self::Refused { .. } | Self::Docker(_) | Self::Image { .. } => 3,
            Self::Stopped(_) => 7,
        }
    }

    pub(super) fn hint(&self) -> String {
        match self {
            Self::Refused { hint, .. } => hint.clone(),
            Self::Docker(error) | Self::Image { error, .. } => error.hint(),
            Self::Context { .. } => {
                "it must be readable, or left out by the context's .dockerignore".to_owned()
            }
            Self::Stopped(_) => format!(
                "{ENVIRONMENT} is as it was; the same command goes on: what is built or pushed is not built again"
            ),
        }
    }
}
