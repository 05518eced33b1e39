//! Why the engine waits, in one sentence that the user, the journal and the tests all see.

use serde::{Deserialize, Serialize};

use crate::act::{Act, Job};
use crate::failure::PortFailure;
use crate::verdict::Component;
use crate::{FrontendName, ServiceName};

/// Why the next look comes later.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub enum Reason {
    /// See the message.
    #[error("{act} was not possible ({failure}); trying again")]
    Again {
        /// What.
        act: Act,
        /// Why not.
        failure: PortFailure,
    },
    /// See the message.
    #[error("the answer to `{act}` was lost; looking whether it took effect")]
    Looking {
        /// What.
        act: Act,
    },
    /// See the message.
    #[error("the database's anchor is being made{}", percent.map(|percent| format!(" ({percent} %)")).unwrap_or_default())]
    Anchoring {
        /// How much of it is done, in steps of ten, where that is known.
        percent: Option<u8>,
    },
    /// See the message.
    #[error("data check `{name}` is running")]
    DataChecked {
        /// Its name.
        name: String,
    },
    /// See the message.
    #[error("{job} is running")]
    JobRuns {
        /// Which.
        job: Job,
    },
    /// See the message.
    #[error("waiting for the task to stop: {job}")]
    JobStops {
        /// Which.
        job: Job,
    },
    /// See the message.
    #[error("another migration is running: {other}")]
    OtherMigration {
        /// Its task, and who started it.
        other: String,
    },
    /// See the message.
    #[error("the cloud does not show the migration's task yet")]
    JobNotVisible,
    /// See the message.
    #[error("waiting for {}", list(services))]
    RollingOut {
        /// Services whose rollout goes on.
        services: Vec<ServiceName>,
    },
    /// See the message.
    #[error("{service}: {stage}, its new tasks get {percent} % of the requests")]
    Shifting {
        /// The service.
        service: ServiceName,
        /// The stage, in the cloud's own word.
        stage: String,
        /// Percent.
        percent: u32,
    },
    /// See the message.
    #[error(
        "{service} waits at {stage} for somebody: `backstay continue` lets it go on, `backstay abort` takes the release back"
    )]
    Held {
        /// The service.
        service: ServiceName,
        /// The stage, in the cloud's own word.
        stage: String,
    },
    /// See the message.
    #[error("{service}: tasks are failing ({seen}{})", enough(*ended, *certain_at))]
    Suspicious {
        /// The service.
        service: ServiceName,
        /// How most of them ended.
        seen: String,
        /// How many ended like that; 0 in journals that did not count.
        #[serde(default)]
        ended: usize,
        /// How many make it certain; none when that never does.
        #[serde(default)]
        certain_at: Option<usize>,
    },
    /// See the message.
    #[error("{component}: not proven yet ({missing})")]
    Proving {
        /// What.
        component: Component,
        /// The first witness missing.
        missing: String,
    },
    /// See the message.
    #[error("check `{name}` is not passed yet ({seen})")]
    Checking {
        /// Its name.
        name: String,
        /// What was seen.
        seen: String,
    },
    /// See the message.
    #[error("the CDN still serves old files{}", of(frontend))]
    Invalidating {
        /// Which frontend.
        #[serde(default, skip_serializing_if = "FrontendName::is_usual")]
        frontend: FrontendName,
    },
    /// See the message.
    #[error("watching the new release")]
    Baking,
    /// See the message.
    #[error("{} stopping", list(services))]
    Retiring {
        /// Services whose last tasks stop.
        services: Vec<ServiceName>,
    },
    /// See the message.
    #[error("{} returning to the previous release", list(services))]
    Returning {
        /// Services on their way back.
        services: Vec<ServiceName>,
    },
    /// See the message.
    #[error("cannot see {what} now ({failure})")]
    Unseen {
        /// What.
        what: String,
        /// Why not.
        failure: PortFailure,
    },
    /// See the message.
    #[error("the cloud does not know these credentials ({failure}); looking again")]
    Unauthenticated {
        /// What it says.
        failure: PortFailure,
    },
    /// See the message.
    #[error("the cloud does not answer ({failure}); looking again")]
    Unanswered {
        /// What was asked last.
        failure: PortFailure,
    },
    /// See the message.
    #[error("looking")]
    FirstLook,
}

impl Reason {
    /// Whether this process has trouble of its own, and the release has nothing to do with it.
    #[must_use]
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Unauthenticated { .. } | Self::Unanswered { .. })
    }
}

fn enough(ended: usize, certain_at: Option<usize>) -> String {
    match (ended, certain_at) {
        (0, _) => String::new(),
        (1, None) => ", once".to_owned(),
        (ended, None) => format!(", {ended} times"),
        (ended, Some(needed)) => format!(", {ended} of the {needed} that make it certain"),
    }
}

fn of(frontend: &FrontendName) -> String {
    match frontend.is_usual() {
        true => String::new(),
        false => format!(" of {frontend}"),
    }
}

fn list(services: &[ServiceName]) -> String {
    services
        .iter()
        .map(ServiceName::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}
