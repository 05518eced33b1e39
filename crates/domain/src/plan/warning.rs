//! What people should know before they say yes to a plan.

use serde::{Deserialize, Serialize};

use super::Plan;
use crate::failure::PortFailure;
use crate::observation::RunningJob;
use crate::operator::Deviation;
use crate::scheduled::Trigger;
use crate::verdict::{Component, Witness};
use crate::{DefinitionRef, DeploymentId, FrontendName, JobName, Repository, ServiceName, Version};

/// What people should know before they say yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Warning {
    /// See the message.
    #[error("{0}: the cloud's circuit breaker is off; only Backstay will notice that it fails")]
    BreakerOff(ServiceName),
    /// See the message.
    #[error("{0}: its rollout waits at {stages} until somebody says `backstay continue` or `backstay abort`", stages = .1.join(", "))]
    Waits(ServiceName, Vec<String>),
    /// See the message.
    #[error("{0}: no deployment of it ever completed; a rollback scales it back to {1} tasks")]
    NeverCompleted(ServiceName, u32),
    /// See the message.
    #[error("{0}: 0 desired tasks, there will be nothing to prove")]
    NothingToProve(ServiceName),
    /// See the message.
    #[error("{0} is made {1}")]
    OtherSource(Version, Deviation),
    /// See the message.
    #[error("nobody could ask whether {} can still be pulled; counted as present", .0.join(", "))]
    ImagesUnasked(Vec<String>),
    /// See the message.
    #[error(
        "{repository}: its lifecycle policy would expire the image of {}, which a rollback may need; let it keep more, or what is tagged `backstay-*`",
        versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    )]
    ImagesExpire {
        /// The repository.
        repository: Repository,
        /// Versions of releases that are kept.
        versions: Vec<Version>,
    },
    /// See the message.
    #[error("{}: nobody could tell the digest; it stays a tag, and tasks that start later may run another image", .0.join(", "))]
    ImagesUnpinned(Vec<String>),
    /// See the message.
    #[error("{repository}: it has no image of {asked}; what runs it keeps {kept}")]
    ImageKept {
        /// The repository.
        repository: Repository,
        /// The release's version.
        asked: Version,
        /// The version that it keeps.
        kept: Version,
    },
    /// See the message.
    #[error("{0}: it has 0 tasks and keeps them, nothing to prove; `desired_count` would start it")]
    NotStarted(ServiceName),
    /// See the message.
    #[error("{0}: somebody scaled it to 0 tasks; it is started with {1}, as `desired_count` says")]
    StartedAgain(ServiceName, u32),
    /// See the message.
    #[error(
        "no proven release is recorded for this environment; what runs now is taken as the way back"
    )]
    NoRecordedRelease,
    /// See the message.
    #[error("from the migration on this deployment cannot be taken back without a human")]
    Irreversible,
    /// See the message.
    #[error(
        "{component}: what is live does not pass {witness}, which was accepted; a way back to it could not be proven and would end stuck (5)"
    )]
    AcceptedUnproven {
        /// Which component.
        component: Component,
        /// Who does not confirm it.
        witness: Witness,
    },
    /// See the message.
    #[error(
        "{component}: nobody answers its {witness}, which was accepted; if nobody does when it runs, it is taken back"
    )]
    AcceptedUnreached {
        /// Which component; nothing of it is live or recorded yet.
        component: Component,
        /// Who asks, and how it was not answered.
        witness: Witness,
    },
    /// See the message.
    #[error(
        "{component}: what {deployment} ({version}) left there does not pass {witness}; this deployment is to mend it, and a way back to it could not be proven and would end stuck (5)"
    )]
    LeftUnproven {
        /// Which component.
        component: Component,
        /// Who does not confirm it.
        witness: Witness,
        /// The stuck deployment.
        deployment: DeploymentId,
        /// Its version.
        version: Version,
    },
    /// See the message.
    #[error(
        "check `{name}`: nobody answers at {address} yet ({how}); if nobody does when the services run, the check fails"
    )]
    CheckUnreached {
        /// The smoke check.
        name: String,
        /// Whom it asks, as far as that may be shown.
        address: String,
        /// How it was not answered.
        how: String,
    },
    /// See the message.
    #[error("{component}: {witness}; this rollback may not be proven")]
    Unproven {
        /// Which component.
        component: Component,
        /// Who does not confirm it.
        witness: Witness,
    },
    /// See the message.
    #[error(
        "{deployment} ({version}) is not at its end: a deployment brings it there first, and is planned after that"
    )]
    Unfinished {
        /// Which.
        deployment: DeploymentId,
        /// Its version.
        version: Version,
    },
    /// See the message.
    #[error(
        "the migration of {0} stayed in the schema; the code that runs now is not declared to run on another one after it"
    )]
    SchemaAhead(Version),
    /// See the message.
    #[error(
        "the migration of {0} was tried and does not stand: this one brings it along, and `compatible` is said for the code just before it, not for the code that runs now"
    )]
    SchemaBrings(Version),
    /// See the message.
    #[error("{0} is not declared to run on the present schema; a human answered for it")]
    SchemaRiskAccepted(Version),
    /// See the message.
    #[error(
        "{0}: the image of its present task definition is not pinned to a digest; a rollback may start other code"
    )]
    UnpinnedBefore(ServiceName),
    /// See the message.
    #[error(
        "{0}: its media type is not known, visitors' browsers download it (`media_types` of its frontend can say it)"
    )]
    NoMediaType(String),
    /// See the message.
    #[error("{0} runs right now: {tasks}; it goes on as what it is", tasks = listed(.1))]
    JobRuns(JobName, Vec<RunningJob>),
    /// See the message.
    #[error(
        "{0}: its schedule names no revision ({short}), so that it starts the new one as soon as that is registered; from then on it names one",
        short = .1.short()
    )]
    ScheduleUnpinned(JobName, DefinitionRef),
    /// See the message.
    #[error(
        "{0} is not part of the release, and {1} goes on starting it; disable or remove that where it is made"
    )]
    ScheduleLeft(JobName, Trigger),
    /// See the message.
    #[error("{0}: {1} is not there any more, so that nothing starts it")]
    ScheduleGone(JobName, Trigger),
    /// See the message.
    #[error("{0}: {1} cannot be looked at ({2}), and goes on starting what it starts")]
    ScheduleUnseen(JobName, Trigger, PortFailure),
    /// See the message.
    #[error("`{pattern}` in `{key}` of {} means no file of the build", frontend.table())]
    PatternMeansNothing {
        /// Where it is written.
        key: String,
        /// The pattern.
        pattern: String,
        /// Of which frontend.
        #[serde(default, skip_serializing_if = "FrontendName::is_usual")]
        frontend: FrontendName,
    },
    /// See the message.
    #[error(
        "the release has the frontend `{0}`, and backstay.toml has none of that name: its pages stay as they are"
    )]
    FrontendStays(FrontendName),
}

impl Plan {
    /// What is ill now and was accepted, in words.
    #[must_use]
    pub fn accepted(&self) -> Vec<String> {
        let accepted = self.warnings.iter().filter_map(|warning| match warning {
            Warning::AcceptedUnproven { component, witness } => {
                Some(format!("{component} was not proven: {witness}"))
            }
            Warning::AcceptedUnreached { component, witness } => {
                Some(format!("{component} was not reached: {witness}"))
            }
            Warning::SchemaRiskAccepted(_) => Some(warning.to_string()),
            Warning::Waits(..)
            | Warning::BreakerOff(_)
            | Warning::NeverCompleted(..)
            | Warning::NothingToProve(_)
            | Warning::NotStarted(_)
            | Warning::StartedAgain(..)
            | Warning::OtherSource(..)
            | Warning::ImagesUnasked(_)
            | Warning::ImagesExpire { .. }
            | Warning::NoRecordedRelease
            | Warning::Irreversible
            | Warning::SchemaAhead(_)
            | Warning::SchemaBrings(_)
            | Warning::LeftUnproven { .. }
            | Warning::CheckUnreached { .. }
            | Warning::Unproven { .. }
            | Warning::Unfinished { .. }
            | Warning::UnpinnedBefore(_)
            | Warning::NoMediaType(_)
            | Warning::ImageKept { .. }
            | Warning::ImagesUnpinned(_)
            | Warning::FrontendStays(_)
            | Warning::JobRuns(..)
            | Warning::ScheduleUnpinned(..)
            | Warning::ScheduleLeft(..)
            | Warning::ScheduleGone(..)
            | Warning::ScheduleUnseen(..)
            | Warning::PatternMeansNothing { .. } => None,
        });
        accepted.collect()
    }
}

fn listed(tasks: &[RunningJob]) -> String {
    let tasks: Vec<String> = tasks.iter().map(ToString::to_string).collect();
    tasks.join(", ")
}
