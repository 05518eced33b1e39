//! Why a deployment turns back, how it ends, and what a human can do when it is stuck.

use serde::{Deserialize, Serialize};

use super::{Act, Grounds, Left, SchemaLeft};
use crate::observation::StopCause;
use crate::operator::Operator;
use crate::ports::PortFailure;
use crate::verdict::{Component, Proof, Witness};
use crate::{DefinitionRef, FrontendName, JobName, ServiceName};

/// Why a deployment turns back.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "cause", rename_all = "kebab-case")]
pub enum Cause {
    /// See the message.
    #[error("{service}: {why}")]
    TasksFail {
        /// The service.
        service: ServiceName,
        /// The common cause.
        why: StopCause,
        /// The tasks that ended like this, and what their log said.
        #[serde(alias = "detail")]
        grounds: Grounds,
    },
    /// See the message.
    #[error("{service}: ECS rolled it back by itself{}", because(why.as_ref()))]
    CloudRolledBack {
        /// The service.
        service: ServiceName,
        /// Why its tasks failed, where that is plain.
        #[serde(default)]
        why: Option<StopCause>,
        /// The cloud's words and the tasks.
        #[serde(alias = "detail")]
        grounds: Grounds,
    },
    /// See the message.
    #[error("{service}: ECS gave up on it{}", because(why.as_ref()))]
    CloudStopped {
        /// The service.
        service: ServiceName,
        /// Why its tasks failed, where that is plain.
        #[serde(default)]
        why: Option<StopCause>,
        /// The cloud's words and the tasks.
        #[serde(alias = "detail")]
        grounds: Grounds,
    },
    /// See the message.
    #[error("{service}: superseded by somebody else's deployment ({runs})", runs = .runs.short())]
    Superseded {
        /// The service.
        service: ServiceName,
        /// What it runs now.
        runs: DefinitionRef,
    },
    /// See the message.
    #[error("{what} took longer than {} s", limit_ms / 1000)]
    TimedOut {
        /// What.
        what: String,
        /// The limit in milliseconds.
        limit_ms: u64,
        /// The last thing seen.
        #[serde(alias = "detail")]
        grounds: Grounds,
    },
    /// See the message.
    #[error("{component}: {witness}")]
    NotProven {
        /// Of which component.
        component: Component,
        /// The witness that does not confirm.
        witness: Witness,
    },
    /// See the message.
    #[error("check `{name}` failed: {seen}")]
    CheckFailed {
        /// Its name.
        name: String,
        /// What was seen last.
        seen: String,
    },
    /// See the message.
    #[error("database anchor: {why}; nothing was migrated")]
    AnchorFailed {
        /// Why there is none.
        why: String,
    },
    /// See the message.
    #[error("migration: {why}")]
    MigrationFailed {
        /// Exit code, or what else ended it.
        why: String,
        /// Last lines of its log.
        log: Vec<String>,
    },
    /// See the message.
    #[error("{act}: {failure}")]
    ActFailed {
        /// What could not be done.
        act: Act,
        /// Why.
        failure: PortFailure,
    },
    /// See the message.
    #[error("not allowed to look at what must be proven: {failure}")]
    ReadDenied {
        /// What may not be asked, and whom.
        failure: PortFailure,
    },
    /// See the message.
    #[error("interrupted by {signal}")]
    Interrupted {
        /// The signal.
        signal: String,
    },
    /// See the message.
    #[error("{by} asked for it{}", reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default())]
    Asked {
        /// Who.
        by: Operator,
        /// Why.
        reason: Option<String>,
    },
}

impl Cause {
    /// What speaks for it, where something was seen.
    #[must_use]
    pub fn grounds(&self) -> Option<&Grounds> {
        match self {
            Self::TasksFail { grounds, .. }
            | Self::CloudRolledBack { grounds, .. }
            | Self::CloudStopped { grounds, .. }
            | Self::TimedOut { grounds, .. } => Some(grounds),
            Self::Superseded { .. }
            | Self::NotProven { .. }
            | Self::CheckFailed { .. }
            | Self::AnchorFailed { .. }
            | Self::MigrationFailed { .. }
            | Self::ActFailed { .. }
            | Self::ReadDenied { .. }
            | Self::Interrupted { .. }
            | Self::Asked { .. } => None,
        }
    }

    /// The component that it is about, where it is about one.
    #[must_use]
    pub fn blames(&self) -> Option<Component> {
        match self {
            Self::TasksFail { service, .. }
            | Self::CloudRolledBack { service, .. }
            | Self::CloudStopped { service, .. }
            | Self::Superseded { service, .. } => Some(Component::Service(service.clone())),
            Self::NotProven { component, .. } => Some(component.clone()),
            Self::MigrationFailed { .. } => Some(Component::Migration),
            Self::TimedOut { .. }
            | Self::CheckFailed { .. }
            | Self::AnchorFailed { .. }
            | Self::ActFailed { .. }
            | Self::ReadDenied { .. }
            | Self::Interrupted { .. }
            | Self::Asked { .. } => None,
        }
    }
}

fn because(why: Option<&StopCause>) -> String {
    why.map_or_else(String::new, |why| format!(", {why}"))
}

/// How a deployment ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// The new release is live and proven.
    Live {
        /// Every component's proof.
        proofs: Vec<Proof>,
        /// Services without tasks: nothing could be proven.
        unproven: Vec<ServiceName>,
    },
    /// The old release is live again and proven.
    RolledBack {
        /// Why.
        cause: Cause,
        /// Every component's proof.
        proofs: Vec<Proof>,
        /// Where that leaves the schema, where there was something to migrate; journals of before do not say.
        #[serde(default)]
        schema: Option<SchemaLeft>,
    },
    /// A human is needed.
    Stuck {
        /// Why it turned back.
        cause: Cause,
        /// What is in the way.
        because: Stuck,
        /// What runs now, component by component, from a last look.
        left: Vec<Left>,
    },
}

/// What is in the way of a rollback.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "because", rename_all = "kebab-case")]
pub enum Stuck {
    /// See the message.
    #[error("the old code cannot run on the new schema, and the schema has no lossless way down")]
    Schema,
    /// See the message.
    #[error("the schema was migrated down, and the release to return to needs it as it was")]
    SchemaLowered,
    /// See the message.
    #[error("nobody can tell how far the migration got")]
    SchemaUnknown,
    /// See the message.
    #[error(
        "the migration's {task} may still be running: nothing is taken back before its end is known"
    )]
    MigrationRuns {
        /// Its task, as far as it is known.
        task: String,
    },
    /// See the message.
    #[error("the schema could not be migrated down: {why}")]
    SchemaDownFailed {
        /// Why.
        why: String,
    },
    /// See the message.
    #[error("{service} cannot return to its previous release: {why}")]
    Service {
        /// Which.
        service: ServiceName,
        /// Why.
        why: String,
    },
    /// See the message.
    #[error("{services} run what somebody else deployed meanwhile", services = names(services))]
    Superseded {
        /// Which.
        services: Vec<ServiceName>,
    },
    /// See the message.
    #[error("{act}: {failure}")]
    ActFailed {
        /// What could not be done.
        act: Act,
        /// Why.
        failure: PortFailure,
    },
    /// See the message.
    #[error("{} could not be proven: {why}", frontend.said())]
    Frontend {
        /// Which frontend.
        #[serde(default, skip_serializing_if = "FrontendName::is_usual")]
        frontend: FrontendName,
        /// Why.
        why: String,
    },
    /// See the message.
    #[error("{job} may go on starting the new revision: {why}")]
    Schedule {
        /// The job.
        job: JobName,
        /// Why.
        why: String,
    },
    /// See the message.
    #[error("{component} is back, but not proven: {witness}")]
    Unproven {
        /// What.
        component: Component,
        /// The witness that does not confirm.
        witness: Witness,
    },
}

/// Why a frontend, or what starts a job, cannot be brought to one side.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "obstacle", rename_all = "kebab-case")]
pub enum Obstacle {
    /// See the message.
    #[error("{act}: {failure}")]
    Act {
        /// What could not be done.
        act: Act,
        /// Why.
        failure: PortFailure,
    },
    /// See the message.
    #[error("the CDN's invalidation does not end")]
    Slow,
    /// See the message.
    #[error("{witness}")]
    Wrong {
        /// The witness that does not confirm.
        witness: Witness,
    },
}

fn names(services: &[ServiceName]) -> String {
    services
        .iter()
        .map(ServiceName::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

impl Stuck {
    /// The choices a human has.
    #[must_use]
    pub fn choices(&self) -> Vec<&'static str> {
        match self {
            Self::Schema | Self::SchemaUnknown => vec![
                "roll forward: fix the new release and deploy it",
                "restore the database to the moment before the migration, acknowledging what is lost since, then `backstay rollback --accept-schema-risk`",
            ],
            Self::SchemaLowered => vec![
                "deploy the release that was live before: its migration brings the schema up again",
                "remove what was in the way of the rollback, then `backstay rollback --to` the same release again",
            ],
            Self::SchemaDownFailed { .. } => vec![
                "read the migration's log, repair the schema by hand, then `backstay rollback --accept-schema-risk`",
                "roll forward: fix the new release and deploy it",
            ],
            Self::MigrationRuns { .. } => vec![
                "see that the task has ended, or stop it, then `backstay resume` judges the schema and goes on",
            ],
            Self::Service { .. }
            | Self::ActFailed { .. }
            | Self::Frontend { .. }
            | Self::Schedule { .. }
            | Self::Unproven { .. } => {
                vec![
                    "remove what is in the way, then `backstay resume`",
                    "roll forward: deploy a fixed version",
                ]
            }
            Self::Superseded { .. } => {
                vec!["agree with whoever deployed it, then deploy the version that should be live"]
            }
        }
    }
}
