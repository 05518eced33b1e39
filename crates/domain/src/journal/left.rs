//! What a stuck deployment leaves behind, as facts from a last look: what nobody looked at is said to be not seen.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Obstacle;
use crate::anchor::Anchored;
use crate::observation::PrimaryState;
use crate::verdict::Component;
use crate::{DefinitionRef, Version};

/// What runs now, component by component.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Left {
    /// A fact.
    Fact(LeftBehind),
    /// A sentence: all that journals of before had.
    Words(String),
}

/// One component, when it was last seen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LeftBehind {
    /// Which; the migration stands for the database's schema.
    pub component: Component,
    /// What remains of it.
    pub remains: Remains,
    /// When that was seen; none when it is only what the journal knows.
    pub seen: Option<Timestamp>,
}

/// What remains of a component.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "remains", rename_all = "kebab-case")]
pub enum Remains {
    /// A service.
    Service {
        /// What its newest rollout runs.
        runs: Runs,
        /// Where that rollout stands.
        rollout: PrimaryState,
        /// Running tasks.
        running: u32,
        /// Desired tasks.
        desired: u32,
    },
    /// A frontend's mutable files in the bucket.
    Frontend {
        /// Whose they are.
        published: Published,
        /// Why visitors may get something else.
        #[serde(default)]
        but: Option<Obstacle>,
    },
    /// What starts a scheduled job.
    Schedule {
        /// The revision that it starts.
        starts: Runs,
        /// Why nobody trusts that.
        #[serde(default)]
        but: Option<Obstacle>,
    },
    /// The database's schema, as the ends of its migrations tell.
    Schema(SchemaLeft),
    /// What the database can be brought back to, by a human.
    Anchor(Anchored),
    /// It could not be looked at.
    NotSeen {
        /// Why not.
        why: String,
    },
}

/// What a service's newest rollout runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Runs {
    /// What it ran before: the old release's version, where one is recorded.
    Old(Option<Version>),
    /// The new release.
    New(Version),
    /// Something else.
    Other(DefinitionRef),
}

/// Whose mutable files are published.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Published {
    /// All of them are those that were live before.
    Old(Option<Version>),
    /// All of them are the new release's.
    New(Version),
    /// Some of each, or something else.
    Mixed,
}

/// What is known of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SchemaLeft {
    /// The migration never ran.
    AsItWas,
    /// It ran to its end.
    New,
    /// It was taken back.
    Previous,
    /// It did not end well: only the database's own revision can tell.
    Unknown,
    /// Its task may be running still.
    Running,
}
