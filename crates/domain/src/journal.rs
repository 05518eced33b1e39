//! What a deployment intends, does and finds, in order. Progress is a fold over this and nothing else.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::observation::{JobState, StopCause};
use crate::plan::Plan;
use crate::ports::{Caller, PortFailure, Published};
use crate::reason::Reason;
use crate::verdict::{Component, Proof, Witness};
use crate::{DefinitionRef, DeploymentId, RolloutHandle, ServiceName, TaskId};

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Position, from 0, without gaps.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// Which deployment.
    pub deployment: DeploymentId,
    /// What.
    pub event: Event,
}

/// What can happen to a deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// It begins.
    Started {
        /// Its plan.
        plan: Box<Plan>,
        /// Who began it.
        by: Option<Caller>,
    },
    /// An act is about to be done.
    Intended {
        /// The act.
        act: Act,
    },
    /// The act was done.
    Done {
        /// The act.
        act: Act,
        /// What it gave.
        gave: Gave,
    },
    /// The act failed.
    Failed {
        /// The act.
        act: Act,
        /// How.
        failure: PortFailure,
    },
    /// Why the engine waits: recorded when the reason changes.
    Waiting {
        /// The reason.
        reason: Reason,
    },
    /// Something was found out about the world.
    Found {
        /// What.
        finding: Finding,
    },
    /// It ended.
    Finished {
        /// How.
        outcome: Outcome,
    },
}

/// Which of two releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The one being deployed.
    New,
    /// The one that was live before.
    Old,
}

/// Everything that the engine can do to the world. Closed: one executor matches it exhaustively.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum Act {
    /// Make a task definition available.
    Register {
        /// Whose.
        component: Component,
    },
    /// Upload the frontend's files without changing what visitors get.
    PublishAssets,
    /// Start a one-off task on the database.
    StartJob {
        /// Which.
        job: Job,
    },
    /// Start a rollout of a service.
    RollOut {
        /// Which service.
        service: ServiceName,
        /// To which release.
        side: Side,
    },
    /// Ask the cloud to take a running rollout back.
    TurnBack {
        /// Which service.
        service: ServiceName,
    },
    /// Change what visitors get.
    Point {
        /// To which release.
        side: Side,
    },
    /// Make the CDN forget the mutable files.
    Invalidate {
        /// For which release.
        side: Side,
    },
    /// Add the release to the ledger.
    RecordRelease,
}

/// A one-off task on the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Job {
    /// Reports the revision before the migration.
    RevisionBefore,
    /// Migrates up.
    Up,
    /// Reports the revision after a migration that failed or whose end is unknown.
    RevisionAfter,
    /// Migrates down.
    Down,
}

/// What a done act gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gave {
    /// Nothing to remember.
    Nothing,
    /// A registered task definition.
    Definition(DefinitionRef),
    /// A rollout.
    Rollout(RolloutHandle),
    /// A one-off task.
    Task(TaskId),
    /// An upload.
    Published(Published),
    /// An invalidation.
    Invalidation(String),
}

/// What was found out, and is relied upon from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "kebab-case")]
pub enum Finding {
    /// A rollout whose reply was lost is there after all.
    Adopted {
        /// The service.
        service: ServiceName,
        /// To which release.
        side: Side,
        /// The rollout.
        rollout: RolloutHandle,
    },
    /// An act whose reply was lost had no effect.
    NoEffect {
        /// The act.
        act: Act,
    },
    /// The cloud says the rollout has ended well.
    RolloutEnded {
        /// The service.
        service: ServiceName,
        /// Of which release.
        side: Side,
    },
    /// A probe or a smoke check was not answered as expected.
    CheckFailed {
        /// Its name.
        name: String,
        /// What was seen.
        seen: String,
    },
    /// All smoke checks passed.
    ChecksPassed,
    /// A one-off task ended.
    JobEnded {
        /// Which.
        job: Job,
        /// How.
        state: JobState,
        /// Last lines of its log.
        log: Vec<String>,
    },
    /// The CDN serves the new files everywhere.
    Invalidated {
        /// For which release.
        side: Side,
    },
    /// Every witness of a component confirms.
    Proven {
        /// Of which release.
        side: Side,
        /// By whom.
        proof: Proof,
    },
    /// A service that left has no task any more.
    Retired {
        /// The service.
        service: ServiceName,
    },
    /// The watch over the finished release begins.
    BakeBegan,
    /// The watch is over; every component is proven once more.
    BakeEnded,
    /// The deployment turns back.
    TurnedBack {
        /// Because of this.
        cause: Cause,
    },
    /// A service cannot return to its previous release.
    CannotReturn {
        /// The service.
        service: ServiceName,
        /// Why.
        why: String,
    },
    /// A service runs what somebody else deployed; it is left alone.
    LeftAlone {
        /// The service.
        service: ServiceName,
        /// What it runs.
        runs: DefinitionRef,
    },
}

/// Why a deployment turns back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "cause", rename_all = "kebab-case")]
pub enum Cause {
    /// See the message.
    #[error("{service}: {why}{}", with_detail(detail))]
    TasksFail {
        /// The service.
        service: ServiceName,
        /// The common cause.
        why: StopCause,
        /// Which task, in the cloud's words, and what its log said.
        detail: Vec<String>,
    },
    /// See the message.
    #[error("{service}: ECS rolled it back by itself{}", with_detail(detail))]
    CloudRolledBack {
        /// The service.
        service: ServiceName,
        /// The cloud's words and the evidence.
        detail: Vec<String>,
    },
    /// See the message.
    #[error("{service}: ECS gave up on it{}", with_detail(detail))]
    CloudStopped {
        /// The service.
        service: ServiceName,
        /// The cloud's words and the evidence.
        detail: Vec<String>,
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
    #[error("{what} took longer than {} s{}", limit_ms / 1000, with_detail(detail))]
    TimedOut {
        /// What.
        what: String,
        /// The limit in milliseconds.
        limit_ms: u64,
        /// The last thing seen.
        detail: Vec<String>,
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
    #[error("migration: {why}{}", with_detail(log))]
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
}

fn with_detail(detail: &[String]) -> String {
    detail.iter().map(|line| format!("; {line}")).collect()
}

/// How a deployment ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    },
    /// A human is needed.
    Stuck {
        /// Why it turned back.
        cause: Cause,
        /// What is in the way.
        because: Stuck,
        /// What runs now, component by component.
        left: Vec<String>,
    },
}

/// What is in the way of a rollback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "because", rename_all = "kebab-case")]
pub enum Stuck {
    /// See the message.
    #[error("the old code cannot run on the new schema, and the schema has no lossless way down")]
    Schema,
    /// See the message.
    #[error("nobody can tell how far the migration got")]
    SchemaUnknown,
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
    #[error("the frontend could not be proven: {why}")]
    Frontend {
        /// Why.
        why: String,
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
                "restore the database to the moment before the migration, acknowledging what is lost since, then deploy the old version",
            ],
            Self::SchemaDownFailed { .. } => vec![
                "read the migration's log, repair the schema by hand, then deploy the old version",
                "roll forward: fix the new release and deploy it",
            ],
            Self::Service { .. } | Self::ActFailed { .. } | Self::Frontend { .. } => {
                vec![
                    "remove what is in the way, then deploy the old version again",
                    "roll forward: deploy a fixed version",
                ]
            }
            Self::Superseded { .. } => {
                vec!["agree with whoever deployed it, then deploy the version that should be live"]
            }
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Register { component } => {
                write!(f, "register the task definition of {component}")
            }
            Self::PublishAssets => f.write_str("publish the frontend's assets"),
            Self::StartJob { job } => write!(f, "{job}"),
            Self::RollOut {
                service,
                side: Side::New,
            } => write!(f, "roll out {service}"),
            Self::RollOut {
                service,
                side: Side::Old,
            } => write!(f, "roll {service} back"),
            Self::TurnBack { service } => write!(f, "stop the rollout of {service}"),
            Self::Point { side: Side::New } => f.write_str("point the frontend at the new release"),
            Self::Point { side: Side::Old } => f.write_str("point the frontend at the old release"),
            Self::Invalidate { .. } => f.write_str("invalidate the CDN"),
            Self::RecordRelease => f.write_str("record the release"),
        }
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RevisionBefore => "read the schema's revision",
            Self::Up => "migrate the database",
            Self::RevisionAfter => "read the schema's revision again",
            Self::Down => "migrate the database down",
        })
    }
}
