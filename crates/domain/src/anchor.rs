//! Database anchors: what a database can be brought back to, made or proven before a migration. Restoring one is a human's
//! decision: here it is only offered.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AppName, DeploymentId, EnvironmentName};

/// What is made before a migration, as configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// What.
    pub of: AnchorOf,
    /// How long it may take until it is there.
    pub timeout: Duration,
    /// How long anchors of earlier deployments stay. Older ones are removed once a later deployment is proven; nothing: they stay
    /// for ever, or somebody else removes them.
    #[serde(default)]
    pub keep: Option<Duration>,
}

/// The kinds of anchors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum AnchorOf {
    /// A snapshot of a database on RDS.
    Snapshot {
        /// Of which.
        database: Database,
    },
    /// A moment that automated backups of RDS reach: nothing is made.
    PointInTime {
        /// Of which.
        database: Database,
    },
    /// A branch at Neon.
    Branch {
        /// The project's id.
        project: String,
        /// The branch that the environment uses.
        branch: String,
        /// The environment variable with the API key.
        key: String,
    },
    /// Whatever a command of the team makes; the last line that it prints is the anchor's name.
    Command {
        /// The command. It finds the name that it should give in `BACKSTAY_ANCHOR`.
        command: Vec<String>,
        /// What brings the database back; `{{ anchor }}` stands for the name.
        restore: Option<Vec<String>>,
    },
}

/// A database on RDS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Database {
    /// A DB instance.
    Instance(String),
    /// A cluster of Aurora, or a Multi-AZ one.
    Cluster(String),
}

/// An anchor to make for one deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorRequest {
    /// What.
    pub anchor: Anchor,
    /// What it is called: the same for every attempt, so that one whose answer was lost is found.
    pub name: String,
    /// Whose.
    pub app: AppName,
    /// Where.
    pub environment: EnvironmentName,
    /// Before whose migration.
    pub deployment: DeploymentId,
    /// When it was asked for.
    pub moment: Timestamp,
}

/// Where an anchor stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnchorView {
    /// It is being made: percent, where that is known.
    Making(Option<u8>),
    /// It is there, whole.
    Ready(Anchored),
    /// It never will be.
    Failed(String),
}

/// An anchor that is there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Anchored {
    /// What it is called where it was made.
    pub name: String,
    /// What it is, in words.
    pub what: String,
    /// The moment that it holds: what was written after it is lost when it is restored.
    pub holds: Timestamp,
    /// The commands that restore it, one a line, for people.
    pub restore: Vec<String>,
}

/// Earlier anchors that are not needed any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlived {
    /// Made as this is configured.
    pub anchor: Anchor,
    /// Whose.
    pub app: AppName,
    /// Where.
    pub environment: EnvironmentName,
    /// Those made before this moment.
    pub before: Timestamp,
    /// But never this one.
    pub but: String,
}

/// What an anchor of a deployment is called: what RDS takes as an identifier, and everybody else as well.
#[must_use]
pub fn anchor_name(deployment: &DeploymentId) -> String {
    let mut name = String::from("backstay");
    let parts = deployment
        .as_str()
        .split(|letter: char| !letter.is_ascii_alphanumeric());
    for part in parts.filter(|part| !part.is_empty()) {
        name.push('-');
        name.push_str(&part.to_ascii_lowercase());
    }
    name
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instance(id) => f.write_str(id),
            Self::Cluster(id) => write!(f, "cluster {id}"),
        }
    }
}

impl fmt::Display for AnchorOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Snapshot { database } => write!(f, "RDS snapshot of {database}"),
            Self::PointInTime { database } => write!(f, "point in time of {database}"),
            Self::Branch {
                project, branch, ..
            } => write!(f, "Neon branch of {branch} in {project}"),
            Self::Command { command, .. } => {
                write!(f, "`{}`", command.first().map_or("", String::as_str))
            }
        }
    }
}

impl AnchorOf {
    /// Whether anchors of this kind are things that stay until somebody removes them, and that Backstay can tell from others'.
    #[must_use]
    pub fn outlives(&self) -> bool {
        match self {
            Self::Snapshot { .. } | Self::Branch { .. } => true,
            Self::PointInTime { .. } | Self::Command { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::anchor_name;
    use crate::DeploymentId;

    #[test]
    fn a_name_is_an_identifier_of_rds() {
        for (deployment, expected) in [
            ("d-7k2m9qxa", "backstay-d-7k2m9qxa"),
            ("d-rehearsal", "backstay-d-rehearsal"),
        ] {
            let deployment = DeploymentId::parse(deployment).unwrap();
            assert_eq!(anchor_name(&deployment), expected);
        }
    }
}
