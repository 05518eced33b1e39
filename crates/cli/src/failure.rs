//! Everything that ends a command without an outcome, with its exit code and what a person can do.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use backstay_adapters::files::BuildError;
use backstay_adapters::simulator::SimulatorError;
use backstay_adapters::state::journal::{JournalError, Problem};
use backstay_adapters::state::lease::LeaseError;
use backstay_config::Problems;
use backstay_domain::DeploymentId;
use backstay_domain::engine::Halted;
use backstay_domain::plan::Refusals;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_simulator::server::StateError;

/// Why a command could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line is wrong.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] Problems),
    /// The deployment is not started.
    #[error(transparent)]
    Refused(#[from] Refusals),
    /// The frontend build cannot be published.
    #[error("the frontend build cannot be published")]
    Build(#[from] BuildError),
    /// The cloud or the state store does not answer, before anything was changed.
    #[error("{what}")]
    Port {
        /// What was being done.
        what: String,
        /// Why it failed.
        source: PortFailure,
    },
    /// The journal cannot be begun or gone on with; nothing was changed.
    #[error("the deployment's journal cannot be used; nothing was changed")]
    Journal(#[from] JournalError),
    /// The deployment stopped without an outcome.
    #[error("the deployment stopped; what was begun is in its journal")]
    Halted(#[from] Halted),
    /// Another process uses the embedded cloud.
    #[error("another command is using this environment's simulated cloud ({holder})")]
    Held {
        /// Which.
        holder: String,
    },
    /// Somebody else has the lease, or has taken it from us, or it cannot be used.
    #[error("this environment cannot be changed now")]
    Lease(#[from] LeaseError),
    /// An earlier deployment is unfinished, and the policy does not resume it by itself.
    #[error("{0} was left unfinished")]
    Unfinished(DeploymentId),
    /// A second signal.
    #[error("{0}: left at once; the journal says how far it came")]
    Left(String),
    /// The simulator in another process does not answer.
    #[error(transparent)]
    Simulator(#[from] SimulatorError),
    /// A file of ours cannot be read or written.
    #[error("cannot use {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The simulator cannot listen.
    #[error("cannot listen on {address}")]
    Listening {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// What the simulator keeps cannot be used.
    #[error("the simulator's state cannot be used")]
    ServerState(#[from] StateError),
    /// The simulated cloud is broken.
    #[error("the simulated cloud cannot be used: {0}")]
    Simulated(String),
}

impl Failure {
    /// A wrong command line.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage {
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// A failed port call before any change.
    pub fn port(what: impl Into<String>) -> impl FnOnce(PortFailure) -> Self {
        let what = what.into();
        move |source| Self::Port { what, source }
    }

    /// The exit code: part of the interface.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage { .. } | Self::Config(_) | Self::Build(_) => 2,
            Self::Refused(_)
            | Self::Port { .. }
            | Self::Unfinished(_)
            | Self::Lease(LeaseError::Port(_))
            | Self::Simulator(_) => 3,
            Self::Journal(error) => match error {
                JournalError::Missing(_) | JournalError::Exists(_) => 2,
                JournalError::Port(_) => 3,
                JournalError::Unsound { problem, .. } => match problem {
                    Problem::TooNew { .. } => 3,
                    _ => 5,
                },
            },
            Self::Left(_) => 7,
            Self::Lease(LeaseError::Held(_) | LeaseError::Lost(_)) => 6,
            Self::Held { .. }
            | Self::Halted(Halted::Lost(_))
            | Self::ServerState(StateError::Held { .. }) => 6,
            Self::Halted(Halted::Journal(_) | Halted::Interrupted(_)) => 7,
            Self::Halted(Halted::Illegal(_))
            | Self::File { .. }
            | Self::Listening { .. }
            | Self::ServerState(StateError::File { .. } | StateError::World { .. })
            | Self::Simulated(_) => 1,
        }
    }

    /// The process's exit code.
    #[must_use]
    pub fn exit(&self) -> ExitCode {
        ExitCode::from(self.exit_code())
    }

    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. } => Some(hint.clone()),
            Self::Config(_) | Self::Refused(_) => None,
            Self::Build(error) => Some(error.hint().to_owned()),
            Self::Port { source, .. } => Some(
                match source.kind {
                    FailureKind::Denied => {
                        "nothing was changed; check the credentials (`aws sts get-caller-identity`) and their permissions"
                    }
                    FailureKind::NotFound | FailureKind::Rejected => {
                        "nothing was changed; correct what the message names, then run the command again"
                    }
                    FailureKind::Throttled | FailureKind::Conflict | FailureKind::Unavailable => {
                        "nothing was changed; run the command again"
                    }
                }
                .to_owned(),
            ),
            Self::Halted(Halted::Lost(_)) => Some(
                "whoever has it now goes on with this deployment; `backstay status` and `backstay history` say how"
                    .to_owned(),
            ),
            Self::Halted(Halted::Interrupted(_)) => {
                Some("`backstay resume` goes on from here".to_owned())
            }
            Self::Halted(Halted::Journal(_) | Halted::Illegal(_)) => {
                Some("make the state directory writable; the cloud may be half way".to_owned())
            }
            Self::Held { .. } => {
                Some("wait until it has ended, then run the command again".to_owned())
            }
            Self::Lease(LeaseError::Held(held)) => Some(format!(
                "wait until it has ended, or until its lease expires in {} s; `backstay rollback` stops it and takes it back; `backstay unlock {}` takes the lease away from a holder that is gone",
                held.expires_in.as_secs() + 1, held.holder.deployment
            )),
            Self::Lease(LeaseError::Lost(_)) => {
                Some("whoever has it now goes on; `backstay history` says how".to_owned())
            }
            Self::Unfinished(deployment) => Some(format!(
                "`backstay resume {deployment}` brings it to its end, `--back` to the old release"
            )),
            Self::Left(_) => Some("`backstay resume` goes on from there".to_owned()),
            Self::Simulator(_) => {
                Some("start it with `backstay simulator serve`, or correct `simulator`".to_owned())
            }
            Self::Lease(LeaseError::Port(_)) => Some(
                "the place named by `state` must be one that you may read and write".to_owned(),
            ),
            Self::Journal(JournalError::Unsound { problem: Problem::TooNew { .. }, .. }) => {
                Some("use the newest version of Backstay that works on this environment".to_owned())
            }
            Self::Journal(JournalError::Unsound { .. }) => Some(
                "`backstay audit verify` names everything that is wrong; a human must decide what is live before the next deployment".to_owned(),
            ),
            Self::Journal(JournalError::Missing(_) | JournalError::Exists(_)) => {
                Some("`backstay history` shows the deployments that there are".to_owned())
            }
            Self::Journal(JournalError::Port(_)) | Self::File { .. } => Some(
                "it must be a file or directory that this user may read and write".to_owned(),
            ),
            Self::Listening { .. } => {
                Some("choose another --port, or 0 for any that is free".to_owned())
            }
            Self::ServerState(error) => Some(
                match error {
                    StateError::Held { .. } => "stop the other server, or choose another --state",
                    StateError::File { .. } => {
                        "it must be a file or directory that this user may read and write"
                    }
                    StateError::World { .. } => {
                        "remove the file to begin that account and Region afresh"
                    }
                }
                .to_owned(),
            ),
            Self::Simulated(_) => {
                Some("remove the environment's directory in .backstay to start afresh".to_owned())
            }
        }
    }
}
