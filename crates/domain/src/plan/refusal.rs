//! Why a deployment is not started. Each refusal is found before any change.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::operator::Deviation;
use crate::ports::PortFailure;
use crate::scheduled::Trigger;
use crate::survey::Bounds;
use crate::verdict::{Component, Witness, WitnessKind};
use crate::{
    AppName, DeploymentId, Digest, EnvironmentName, JobName, Repository, ServiceName, Version,
};

/// All reasons against a deployment, found at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusals(pub Vec<Refusal>);

/// One reason against a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// See the message.
    #[error("{service}: the cloud has no service `{cluster_name}` on cluster `{cluster}`")]
    ServiceMissing {
        /// The service.
        service: ServiceName,
        /// What the cloud should call it.
        cluster_name: String,
        /// Where.
        cluster: String,
    },
    /// See the message.
    #[error("{job}: there is no {trigger}")]
    ScheduleMissing {
        /// The job.
        job: JobName,
        /// What should start it.
        trigger: Trigger,
    },
    /// See the message.
    #[error("{job}: {trigger} cannot be looked at: {failure}")]
    ScheduleUnseen {
        /// The job.
        job: JobName,
        /// What should start it.
        trigger: Trigger,
        /// Why.
        failure: PortFailure,
    },
    /// See the message. The configuration is refused for it earlier, pointing at the circle.
    #[error("services depend on each other in a circle, or on what is not there: {}", names(.0))]
    DependencyCircle(Vec<ServiceName>),
    /// See the message.
    #[error("{0}: the service is not active")]
    ServiceInactive(ServiceName),
    /// See the message.
    #[error("{0}: the service is deployed by another controller ({1})")]
    ForeignController(ServiceName, String),
    /// See the message.
    #[error("{0}: it {1}: Backstay cannot deploy that yet")]
    Unsupported(ServiceName, String),
    /// See the message.
    #[error(
        "{} not what {recorded} says, the last proven release: somebody else changed that",
        listed(what)
    )]
    Drifted {
        /// What differs.
        what: Vec<Component>,
        /// The version of the recorded release.
        recorded: Version,
        /// The version of the one before it, where there is one.
        before: Option<Version>,
    },
    /// See the message.
    #[error(
        "{service}: with {desired} desired tasks, minimumHealthyPercent {} and maximumPercent {} let ECS neither start nor stop a task",
        bounds.minimum_healthy_percent, bounds.maximum_percent
    )]
    StuckBounds {
        /// The service.
        service: ServiceName,
        /// Its desired count.
        desired: u32,
        /// Its bounds.
        bounds: Bounds,
    },
    /// See the message.
    #[error(
        "{0}: {1}; the cloud shifts traffic without looking and takes for granted that all of it goes to one of the service's two target groups"
    )]
    RoutesElsewhere(ServiceName, String),
    /// See the message.
    #[error("{0}: somebody else's deployment of it is running")]
    AlreadyRollingOut(ServiceName),
    /// See the message.
    #[error("{repository}: no image is tagged `{version}`")]
    ImageMissing {
        /// The repository.
        repository: Repository,
        /// The tag looked for.
        version: Version,
        /// Where it was to be deployed.
        environment: EnvironmentName,
    },
    /// See the message.
    #[error("{service}: its image is built for {}, its tasks run on {wanted}", built.join(", "))]
    WrongPlatform {
        /// The service (or `migration`).
        service: String,
        /// Platforms in the image.
        built: Vec<String>,
        /// Platform of the task definition.
        wanted: String,
    },
    /// See the message.
    #[error("{service}: the image it runs now ({}) has expired from the registry: there would be no way back", digest.short())]
    RollbackImageExpired {
        /// The service.
        service: ServiceName,
        /// The expired image.
        digest: Digest,
    },
    /// See the message.
    #[error("{0}: the task definition it runs now was deregistered: there would be no way back")]
    RollbackDefinitionInactive(ServiceName),
    /// See the message.
    #[error(
        "this deployment cannot be taken back once its migration has run, and the environment's policy refuses that"
    )]
    Irreversible,
    /// See the message.
    #[error("{version} is older than {live}, which is live")]
    OlderCommit {
        /// What was to be deployed.
        version: Version,
        /// What is live.
        live: Version,
    },
    /// See the message.
    #[error("{version} would be made {deviation}")]
    OtherSource {
        /// What was to be deployed.
        version: Version,
        /// What it would be made from.
        deviation: Deviation,
    },
    /// See the message.
    #[error("{service}: the image of {version} ({}) has expired from the registry", digest.short())]
    TargetImageExpired {
        /// The service (or `migration`).
        service: String,
        /// The release.
        version: Version,
        /// The expired image.
        digest: Digest,
    },
    /// See the message.
    #[error(
        "the frontend of {version} lacks {count} of its files in the bucket, {first} among them"
    )]
    TargetFilesMissing {
        /// The release.
        version: Version,
        /// How many.
        count: usize,
        /// One of them.
        first: String,
    },
    /// See the message.
    #[error(
        "{service}: our own deployment {deployment} ({version}) is not at its end, and its rollout of it still goes on"
    )]
    OwnRollout {
        /// The service.
        service: ServiceName,
        /// The deployment that began it.
        deployment: DeploymentId,
        /// To which version.
        version: Version,
    },
    /// See the message.
    #[error("{}: {witness} cannot be heard: {failure}", names(components))]
    Unheard {
        /// Of which components.
        components: Vec<Component>,
        /// Who.
        witness: WitnessKind,
        /// Why.
        failure: PortFailure,
    },
    /// See the message.
    #[error("{component}: nobody answers its {witness}")]
    Unreached {
        /// Which component; nothing of it is live or recorded yet.
        component: Component,
        /// Who asks, and how it was not answered.
        witness: Witness,
    },
    /// See the message.
    #[error("check `{name}`: nobody answers at {address}: {how}")]
    CheckUnreached {
        /// The smoke check.
        name: String,
        /// Whom it asks, as far as that may be shown.
        address: String,
        /// How it was not answered.
        how: String,
    },
    /// See the message.
    #[error("{component}: what is live does not pass {witness}")]
    Unproven {
        /// Which component.
        component: Component,
        /// Who does not confirm it, and what it saw.
        witness: Witness,
    },
    /// See the message.
    #[error(
        "{} changed under a name that visitors keep for ever: {}",
        counted_files(files),
        named(files)
    )]
    FilesChanged {
        /// All of them, by path.
        files: Vec<String>,
    },
    /// See the message.
    #[error("{} larger than 5 GiB: {}", counted_files(files), named(files))]
    FilesTooLarge {
        /// All of them, by path.
        files: Vec<String>,
    },
    /// See the message.
    #[error("{} outside of the site: {}", counted_files(files), named(files))]
    FilesMisplaced {
        /// All of them, by path.
        files: Vec<String>,
    },
    /// See the message.
    #[error("{place} holds the frontend of {app} in {environment}")]
    FilesOfAnother {
        /// The bucket, and the prefix inside it.
        place: String,
        /// Whose it is.
        app: AppName,
        /// Where.
        environment: EnvironmentName,
    },
    /// See the message.
    #[error("{version} cannot run on the schema that {since} made: {why}")]
    SchemaInTheWay {
        /// The release to return to.
        version: Version,
        /// The release whose migration is in the way.
        since: Version,
        /// Why the schema cannot go down.
        why: String,
    },
    /// See the message.
    #[error("{version} needs its own migration, which was taken back since or has not ended well")]
    SchemaBehind {
        /// The release to return to.
        version: Version,
    },
    /// See the message.
    #[error("the database cannot be anchored before its migration ({of}): {failure}")]
    NoAnchor {
        /// What was to be made.
        of: String,
        /// Why it cannot be.
        failure: PortFailure,
    },
    /// See the message.
    #[error("a migration is running: {task}")]
    MigrationRuns {
        /// Its task, and who started it.
        task: String,
    },
    /// See the message.
    #[error(
        "the schema's revision could not be read before a migration that the code running now cannot live with: {why}"
    )]
    RevisionUnreadable {
        /// Why.
        why: String,
    },
}

impl Refusal {
    /// What is said of a schedule that is gone, where that is no reason to stay.
    pub(super) fn of_a_schedule(self) -> Option<super::Warning> {
        match self {
            Self::ScheduleMissing { job, trigger } => {
                Some(super::Warning::ScheduleGone(job, trigger))
            }
            Self::ScheduleUnseen {
                job,
                trigger,
                failure,
            } => Some(super::Warning::ScheduleUnseen(job, trigger, failure)),
            _ => None,
        }
    }
}

fn names<T: fmt::Display>(named: &[T]) -> String {
    let names: Vec<String> = named.iter().map(ToString::to_string).collect();
    names.join(", ")
}

/// So many are named to people; JSON has them all.
const NAMED: usize = 20;

fn counted_files(files: &[String]) -> String {
    match files.len() {
        1 => "1 file".to_owned(),
        many => format!("{many} files"),
    }
}

fn named(files: &[String]) -> String {
    let first: Vec<&str> = files.iter().take(NAMED).map(String::as_str).collect();
    match files.len().saturating_sub(first.len()) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [one] => write!(f, "{one}"),
            many => write!(f, "{} reasons against this deployment", many.len()),
        }
    }
}

impl std::error::Error for Refusals {}

fn listed(components: &[Component]) -> String {
    let names: Vec<String> = components.iter().map(Component::to_string).collect();
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", names.join(", "))
}
