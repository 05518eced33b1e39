//! A release is proven by independent witnesses; nothing is green for lack of evidence.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::failure::PortFailure;
use crate::{FrontendName, JobName, ServiceName};

/// A part of a release that is proven on its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Component {
    /// The database migration.
    Migration,
    /// A service.
    Service(ServiceName),
    /// A scheduled job.
    Job(JobName),
    /// A static frontend. Last: how it is written is its own affair, and serde asks that of the last ones only.
    #[serde(untagged, with = "crate::frontends::component")]
    Frontend(FrontendName),
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Migration => f.pad("migration"),
            Self::Service(name) => f.pad(name.as_str()),
            Self::Frontend(name) => f.pad(name.as_str()),
            Self::Job(name) => f.pad(name.as_str()),
        }
    }
}

/// What gives evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WitnessKind {
    /// The cloud's own record of the rollout, found by its target and not by being the latest.
    Rollout,
    /// The running tasks: number, task definition and image digest.
    Tasks,
    /// The load balancer's health of those very tasks.
    Targets,
    /// Time, for tasks that nothing else looks at: none of them ended by itself.
    Steady,
    /// An HTTP answer that names the version.
    Probe,
    /// The migration container's exit code.
    ExitCode,
    /// The revision that the database reports.
    Revision,
    /// A question to the data after a migration.
    Data,
    /// Every file of the build through the CDN, by content.
    Edge,
    /// The published files in the bucket, by content.
    Bucket,
    /// What starts a scheduled job: which revision it names.
    Schedule,
}

impl fmt::Display for WitnessKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rollout => "rollout",
            Self::Tasks => "tasks",
            Self::Targets => "targets",
            Self::Steady => "steady",
            Self::Probe => "probe",
            Self::ExitCode => "exit code",
            Self::Revision => "revision",
            Self::Data => "data check",
            Self::Edge => "edge",
            Self::Bucket => "bucket",
            Self::Schedule => "schedule",
        })
    }
}

/// What one witness says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Witness {
    /// Who.
    pub kind: WitnessKind,
    /// What.
    pub testimony: Testimony,
}

/// For, against, or nothing yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Testimony {
    /// It saw what is expected.
    Confirms(String),
    /// It saw something else.
    Contradicts(String),
    /// It saw nothing that counts.
    Silent(String),
    /// It could not be asked.
    Unheard(PortFailure),
}

/// The witnesses heard for one component.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Proof {
    /// What is proven.
    pub component: Component,
    /// By whom.
    pub witnesses: Vec<Witness>,
}

impl Proof {
    /// How many witnesses confirm.
    #[must_use]
    pub fn confirmed(&self) -> usize {
        self.witnesses
            .iter()
            .filter(|w| matches!(w.testimony, Testimony::Confirms(_)))
            .count()
    }

    /// Every witness confirms, and there is at least one.
    #[must_use]
    pub fn holds(&self) -> bool {
        !self.witnesses.is_empty() && self.confirmed() == self.witnesses.len()
    }

    /// The first witness that does not confirm.
    #[must_use]
    pub fn missing(&self) -> Option<&Witness> {
        self.witnesses
            .iter()
            .find(|w| !matches!(w.testimony, Testimony::Confirms(_)))
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} proven {}/{}",
            self.component,
            self.confirmed(),
            self.witnesses.len()
        )?;
        match self.missing() {
            Some(witness) => write!(f, ", missing {witness}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.testimony {
            Testimony::Confirms(what) | Testimony::Contradicts(what) | Testimony::Silent(what) => {
                write!(f, "{}: {what}", self.kind)
            }
            Testimony::Unheard(failure) => {
                write!(f, "{}: could not be heard ({failure})", self.kind)
            }
        }
    }
}

impl Witness {
    /// A witness that confirms.
    #[must_use]
    pub fn confirms(kind: WitnessKind, what: impl Into<String>) -> Self {
        Self {
            kind,
            testimony: Testimony::Confirms(what.into()),
        }
    }

    /// A witness that saw something else.
    #[must_use]
    pub fn contradicts(kind: WitnessKind, what: impl Into<String>) -> Self {
        Self {
            kind,
            testimony: Testimony::Contradicts(what.into()),
        }
    }

    /// A witness that saw nothing that counts.
    #[must_use]
    pub fn silent(kind: WitnessKind, what: impl Into<String>) -> Self {
        Self {
            kind,
            testimony: Testimony::Silent(what.into()),
        }
    }

    /// A witness that could not be asked.
    #[must_use]
    pub fn unheard(kind: WitnessKind, failure: &PortFailure) -> Self {
        Self {
            kind,
            testimony: Testimony::Unheard(failure.clone()),
        }
    }

    /// Whether it says that it was seen otherwise; a witness that is silent says nothing.
    #[must_use]
    pub fn is_against(&self) -> bool {
        matches!(self.testimony, Testimony::Contradicts(_))
    }
}
