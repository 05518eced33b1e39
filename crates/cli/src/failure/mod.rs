//! Everything that ends a command without an outcome, with its exit code. One kind per cause; what a person can do is in `hint`.

mod hint;
mod images;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use backstay_adapters::aws::Sources;
use backstay_adapters::files::BuildError;
use backstay_adapters::https::TlsUnavailable;
use backstay_adapters::simulator::SimulatorError;
use backstay_adapters::state::journal::{JournalError, Problem};
use backstay_adapters::state::lease::LeaseError;
use backstay_config::Problems;
use backstay_domain::DeploymentId;
use backstay_domain::engine::Halted;
use backstay_domain::plan::Refusals;
use backstay_domain::ports::PortFailure;
use backstay_simulator::server::{NoEngine, StateError, Unfurnished, WebError};
use backstay_simulator::{ProvisionError, SavedWorldError};

pub use images::ImagesFailure;

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
    /// A real account was asked: what helps depends on with which credentials, and where.
    #[error("{failure}")]
    OnAws {
        /// Where its credentials come from, and where it was asked.
        asked: Asked,
        /// What happened.
        failure: Box<Failure>,
    },
    /// The machine cannot speak HTTPS.
    #[error("this machine cannot speak HTTPS; nothing was changed")]
    Tls(#[from] TlsUnavailable),
    /// The simulator in another process does not answer.
    #[error(transparent)]
    Simulator(#[from] SimulatorError),
    /// The saved world of the embedded cloud cannot be read.
    #[error("the simulated cloud in {} cannot be used; nothing was changed", path.display())]
    World {
        /// Where it is kept.
        path: PathBuf,
        /// Why.
        source: SavedWorldError,
    },
    /// The user's app cannot be put on a simulated cloud.
    #[error("{file} cannot be put on the simulated cloud; nothing was changed")]
    Unsimulated {
        /// The user's file that is wrong.
        file: String,
        /// Why.
        source: ProvisionError,
    },
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
    /// The simulator cannot listen for users' requests.
    #[error("users' requests cannot be taken")]
    Web(#[from] WebError),
    /// What the simulator keeps cannot be used.
    #[error("the simulator's state cannot be used")]
    ServerState(#[from] StateError),
    /// The upstream of the simulator cannot keep what it is to keep.
    #[error("the upstream cannot be used")]
    Upstream(#[from] Unfurnished),
    /// There is nobody who can run containers for the simulator.
    #[error("no Docker engine can be used")]
    NoEngine(#[from] NoEngine),
    /// Images cannot be built or pushed.
    #[error(transparent)]
    Images(#[from] ImagesFailure),
    /// A defect of ours.
    #[error("{0}: this is a defect of Backstay")]
    Defect(String),
}

/// With whose credentials a real account was asked, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Where the credentials come from.
    pub sources: Sources,
    /// The Region.
    pub region: String,
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

    /// What cannot be, was.
    pub fn defect(error: impl ToString) -> Self {
        Self::Defect(error.to_string())
    }

    /// The call that failed, where it was one.
    fn call(&self) -> Option<&PortFailure> {
        match self {
            Self::Port { source, .. }
            | Self::Journal(JournalError::Port(source))
            | Self::Lease(LeaseError::Port(source))
            | Self::Halted(Halted::Journal(source) | Halted::Schema(source)) => Some(source),
            Self::Halted(Halted::Away(away)) => Some(away.failure()),
            Self::OnAws { failure, .. } => failure.call(),
            Self::Usage { .. }
            | Self::Config(_)
            | Self::Refused(_)
            | Self::Build(_)
            | Self::Journal(_)
            | Self::Halted(_)
            | Self::Held { .. }
            | Self::Lease(_)
            | Self::Unfinished(_)
            | Self::Left(_)
            | Self::Tls(_)
            | Self::Simulator(_)
            | Self::World { .. }
            | Self::Unsimulated { .. }
            | Self::File { .. }
            | Self::Listening { .. }
            | Self::Web(_)
            | Self::ServerState(_)
            | Self::Upstream(_)
            | Self::NoEngine(_)
            | Self::Images(_)
            | Self::Defect(_) => None,
        }
    }

    /// What happened, wherever that was.
    #[must_use]
    pub fn bare(&self) -> &Self {
        match self {
            Self::OnAws { failure, .. } => failure.bare(),
            bare => bare,
        }
    }

    /// Whether it was a call to AWS that failed, or to what answers in its place.
    #[must_use]
    pub fn is_of_aws(&self) -> bool {
        let services = [
            "cloudfront.",
            "ecr.",
            "ecs.",
            "elbv2.",
            "logs.",
            "s3.",
            "sts.",
        ];
        let operation = self.call().map(|call| call.operation.as_str());
        services
            .iter()
            .any(|service| operation.is_some_and(|operation| operation.starts_with(service)))
    }

    /// The same failure, of a real account that was asked there.
    #[must_use]
    pub fn on_aws(self, asked: Asked) -> Self {
        Self::OnAws {
            asked,
            failure: Box::new(self),
        }
    }

    /// The exit code: part of the interface.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage { .. }
            | Self::Config(_)
            | Self::Build(_)
            | Self::Unsimulated { .. }
            | Self::World {
                source: SavedWorldError::Format { .. },
                ..
            } => 2,
            Self::Refused(_)
            | Self::Port { .. }
            | Self::Unfinished(_)
            | Self::Lease(LeaseError::Port(_))
            | Self::Tls(_)
            | Self::Simulator(_) => 3,
            Self::Journal(error) => match error {
                JournalError::Missing(_) | JournalError::Exists(_) => 2,
                JournalError::Port(_) => 3,
                JournalError::Unsound { problem, .. } => match problem {
                    Problem::TooNew { .. } => 3,
                    _ => 5,
                },
            },
            Self::Halted(Halted::Illegal(_)) => 5,
            Self::Lease(LeaseError::Held(_) | LeaseError::Lost(_)) => 6,
            Self::Held { .. }
            | Self::Halted(Halted::Lost(_))
            | Self::ServerState(StateError::Held { .. }) => 6,
            Self::Left(_)
            | Self::Halted(
                Halted::Journal(_) | Halted::Schema(_) | Halted::Interrupted(_) | Halted::Away(_),
            ) => 7,
            Self::OnAws { failure, .. } => failure.exit_code(),
            Self::Images(failure) => failure.exit_code(),
            Self::File { .. }
            | Self::Listening { .. }
            | Self::Web(_)
            | Self::ServerState(StateError::File { .. } | StateError::World { .. })
            | Self::World { .. }
            | Self::Upstream(_)
            | Self::NoEngine(_)
            | Self::Defect(_) => 1,
        }
    }

    /// The process's exit code.
    #[must_use]
    pub fn exit(&self) -> ExitCode {
        ExitCode::from(self.exit_code())
    }
}
