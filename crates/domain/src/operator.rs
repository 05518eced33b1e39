//! Who acts, from where and why: for people who read the journal. No rule depends on it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Who runs Backstay, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Operator {
    /// The CI system's actor, or the local user.
    pub actor: Option<String>,
    /// The machine.
    pub host: Option<String>,
    /// Its number there.
    pub pid: Option<u32>,
    /// The CI run.
    pub run: Option<Run>,
}

/// A run of a CI system.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Run {
    /// The CI system, for example `GitHub Actions`.
    pub system: String,
    /// Where people see it.
    pub url: Option<String>,
}

/// Why a deployment was started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// In the operator's own words.
    pub reason: Option<String>,
    /// The commit that is deployed.
    pub commit: Option<Commit>,
    /// The pull request it came from.
    pub pull_request: Option<String>,
    /// What the operator accepted that would have been refused otherwise, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<String>,
}

/// A git commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Its whole hash.
    pub sha: String,
    /// First line of its message.
    pub subject: String,
    /// When it was committed.
    pub at: Option<Timestamp>,
    /// How what was deployed differs from it, as far as the checkout tells.
    #[serde(default)]
    pub deviation: Option<Deviation>,
}

/// What a release was made from, where that is not the commit that its version names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deviation {
    /// The commit, with changes in these files that nobody committed.
    Unclean(Vec<String>),
    /// Another commit, and what nobody committed on top of that.
    Other {
        /// The commit that is checked out.
        head: String,
        /// Files with changes.
        unclean: Vec<String>,
    },
}

/// Files that are named.
const NAMED: usize = 3;

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |files: &[String]| {
            let first: Vec<&str> = files.iter().take(NAMED).map(String::as_str).collect();
            let more = files.len().saturating_sub(NAMED);
            match more {
                0 => first.join(", "),
                more => format!("{} and {more} more", first.join(", ")),
            }
        };
        match self {
            Self::Unclean(files) => {
                write!(f, "with changes that nobody committed: {}", named(files))
            }
            Self::Other { head, unclean } => {
                write!(f, "from a checkout of {}", head.get(..7).unwrap_or(head))?;
                match unclean.as_slice() {
                    [] => Ok(()),
                    files => write!(f, " with changes that nobody committed: {}", named(files)),
                }
            }
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let actor = self.actor.as_deref().unwrap_or("somebody");
        match (&self.host, self.pid) {
            (Some(host), Some(pid)) => write!(f, "{actor} on {host} (process {pid})"),
            (Some(host), None) => write!(f, "{actor} on {host}"),
            (None, _) => f.write_str(actor),
        }?;
        match self.run.as_ref().map(|run| (&run.system, &run.url)) {
            Some((system, Some(url))) => write!(f, ", {system} {url}"),
            Some((system, None)) => write!(f, ", {system}"),
            None => Ok(()),
        }
    }
}
