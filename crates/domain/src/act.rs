//! Everything that can be done to the world, for which release, and what it gives.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::verdict::Component;
use crate::{DefinitionRef, FrontendName, JobName, RolloutHandle, ServiceName, TaskId};

/// Which of two releases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The one being deployed.
    New,
    /// The one that was live before.
    Old,
}

/// Everything that the engine can do to the world. Closed: one executor matches it exhaustively.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum Act {
    /// Make a task definition available.
    Register {
        /// Whose.
        component: Component,
    },
    /// Make what the database can be brought back to.
    Anchor,
    /// Upload a frontend's files without changing what visitors get.
    PublishAssets {
        /// Which frontend.
        #[serde(default, skip_serializing_if = "FrontendName::is_usual")]
        frontend: FrontendName,
    },
    /// Start a one-off task on the database.
    StartJob {
        /// Which.
        job: Job,
    },
    /// Stop a one-off task that takes too long.
    StopJob {
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
    /// Tell a rollout on the way back that waits for somebody to go on.
    GoOn {
        /// Which service.
        service: ServiceName,
        /// At what it waits.
        hold: String,
    },
    /// Change what visitors get.
    Point {
        /// Which frontend.
        #[serde(default, skip_serializing_if = "FrontendName::is_usual")]
        frontend: FrontendName,
        /// To which release.
        side: Side,
    },
    /// Make the CDN forget the mutable files.
    Invalidate {
        /// Which frontend.
        #[serde(default, skip_serializing_if = "FrontendName::is_usual")]
        frontend: FrontendName,
        /// For which release.
        side: Side,
    },
    /// Make a scheduled job's trigger start one release's revision.
    Schedule {
        /// Which job.
        job: JobName,
        /// Of which release.
        side: Side,
    },
    /// Add the release to the ledger.
    RecordRelease,
    /// Remove anchors of earlier deployments that are older than they are kept.
    ForgetAnchors,
}

/// A one-off task on the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Job {
    /// Reports the revision before the migration.
    RevisionBefore,
    /// Migrates up.
    Up,
    /// Reports the revision after the migration, also after one that failed or whose end is unknown.
    RevisionAfter,
    /// Migrates down.
    Down,
    /// Asks the data after a migration up: which check, by its place.
    Check(u16),
}

/// What a done act gave.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// An anchor that is being made, as whoever makes it calls it.
    Anchor(String),
    /// Anchors that were removed.
    Forgot(Vec<String>),
    /// Images of a recorded release that nobody could protect from their registry's rules, and why.
    Unkept(Vec<String>),
}

/// What an upload did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Published {
    /// Files uploaded.
    pub uploaded: u32,
    /// Files that were already there.
    pub present: u32,
    /// Bytes uploaded.
    pub bytes: u64,
    /// Files whose headers were put right.
    #[serde(default)]
    pub corrected: u32,
}

impl Job {
    /// Whether it changes the schema.
    #[must_use]
    pub fn changes(self) -> bool {
        match self {
            Self::Up | Self::Down => true,
            Self::RevisionBefore | Self::RevisionAfter | Self::Check(_) => false,
        }
    }

    /// Whether it prints a revision.
    #[must_use]
    pub fn reads(self) -> bool {
        match self {
            Self::RevisionBefore | Self::RevisionAfter => true,
            Self::Up | Self::Down | Self::Check(_) => false,
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Register { component } => {
                write!(f, "register the task definition of {component}")
            }
            Self::Anchor => f.write_str("anchor the database"),
            Self::PublishAssets { frontend } if frontend.is_usual() => {
                f.write_str("publish the frontend's assets")
            }
            Self::PublishAssets { frontend } => write!(f, "publish the assets of {frontend}"),
            Self::StartJob { job } => write!(f, "{job}"),
            Self::StopJob { job } => write!(f, "stop the task: {job}"),
            Self::RollOut {
                service,
                side: Side::New,
            } => write!(f, "roll out {service}"),
            Self::RollOut {
                service,
                side: Side::Old,
            } => write!(f, "roll {service} back"),
            Self::TurnBack { service } => write!(f, "stop the rollout of {service}"),
            Self::GoOn { service, .. } => write!(f, "let the return of {service} go on"),
            Self::Point {
                frontend,
                side: Side::New,
            } => write!(f, "point {} at the new release", frontend.said()),
            Self::Point {
                frontend,
                side: Side::Old,
            } => write!(f, "point {} at the old release", frontend.said()),
            Self::Invalidate { frontend, .. } if frontend.is_usual() => {
                f.write_str("invalidate the CDN")
            }
            Self::Invalidate { frontend, .. } => write!(f, "invalidate the CDN of {frontend}"),
            Self::Schedule {
                job,
                side: Side::New,
            } => write!(f, "let {job} start this release's revision"),
            Self::Schedule {
                job,
                side: Side::Old,
            } => write!(f, "let {job} start the old revision"),
            Self::RecordRelease => f.write_str("record the release"),
            Self::ForgetAnchors => f.write_str("remove earlier anchors"),
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
            Self::Check(place) => return write!(f, "ask data check {}", place + 1),
        })
    }
}
