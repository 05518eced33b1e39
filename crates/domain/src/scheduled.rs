//! Scheduled jobs: tasks that somebody outside starts when they are due. Their schedule is part of the release: it starts the revision of the
//! release that is live, and no other (ADR 46).

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::app::{Capacity, TaskNetwork};
use crate::definition::{Definition, DefinitionTemplate};
use crate::ledger::Entry;
use crate::observation::RunningJob;
use crate::release::ResolvedImage;
use crate::{DefinitionRef, JobName, Repository, Version};

/// A task that runs to its end: when it is due, or when somebody asks for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScheduledJob {
    /// The cluster it runs on.
    pub cluster: String,
    /// Its task definition, to be rendered with the release's version and image.
    pub definition: DefinitionTemplate,
    /// Where its image comes from; the version is the tag.
    pub image: Repository,
    /// What starts it when it is due; none: only people do.
    pub trigger: Option<Trigger>,
    /// How people start it.
    pub by_hand: ByHand,
}

/// How a job is started by hand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ByHand {
    /// The container whose command may be another one, and whose exit code decides.
    pub container: String,
    /// What is run; empty: what the task definition says.
    pub command: Vec<String>,
    /// How long it may take.
    pub timeout: Duration,
    /// Where the task runs.
    pub network: TaskNetwork,
    /// On what it runs.
    #[serde(default)]
    pub capacity: Capacity,
}

/// What starts a job when it is due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// A rule of EventBridge, by one of its targets.
    Rule {
        /// The event bus.
        bus: String,
        /// The rule's name.
        rule: String,
        /// The target's id; none: the only one that starts a task of ECS.
        target: Option<String>,
    },
    /// A schedule of EventBridge Scheduler.
    Schedule {
        /// Its group.
        group: String,
        /// Its name.
        schedule: String,
    },
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule { rule, target, .. } => {
                write!(f, "rule {rule}")?;
                match target {
                    Some(target) => write!(f, " (target {target})"),
                    None => Ok(()),
                }
            }
            Self::Schedule { schedule, .. } => write!(f, "schedule {schedule}"),
        }
    }
}

/// A job of a release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRelease {
    /// The cluster it runs on.
    pub cluster: String,
    /// What starts it.
    pub trigger: Option<Trigger>,
    /// Its image.
    pub image: ResolvedImage,
    /// Its task definition.
    pub definition: Definition,
    /// The version of its image, where it is not the release's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
}

/// What a trigger starts now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// The revision, as it is written there; a family alone is its newest revision, whichever that is.
    pub definition: DefinitionRef,
    /// Whether it starts anything.
    pub state: TriggerState,
}

/// Whether a trigger starts anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TriggerState {
    /// When it is due.
    Enabled,
    /// Somebody disabled it.
    Disabled,
}

/// A job as it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveJob {
    /// What its trigger starts.
    pub starts: Started,
    /// The revision that this means now, where the cloud knows it: of a family the newest.
    pub means: Option<DefinitionRef>,
    /// What that is.
    pub document: Option<Definition>,
    /// Its tasks that run.
    pub running: Vec<RunningJob>,
}

/// A trigger, and its job's tasks that run: one look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobSeen {
    /// What the trigger starts; none: it is not there.
    pub starts: Option<Started>,
    /// Tasks that run; what may not be listed is not there.
    pub running: Vec<RunningJob>,
}

/// A change of what a trigger starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reschedule {
    /// Which.
    pub trigger: Trigger,
    /// What it is to start.
    pub to: DefinitionRef,
    /// What it may start until then: anything else is somebody else's.
    pub from: Vec<DefinitionRef>,
}

/// What happens to a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobPlan {
    /// The change.
    pub change: JobChange,
    /// The cluster it runs on.
    pub cluster: String,
    /// What starts it.
    pub trigger: Option<Trigger>,
    /// Its task definition.
    pub definition: Definition,
    /// Its image.
    pub image: ResolvedImage,
    /// The version of its image, where it is not the release's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// What its trigger starts now: where a rollback returns to. Of a family, the revision that it meant.
    pub before: Option<Started>,
    /// The family, where the trigger names one and no revision: it starts whatever is registered last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpinned: Option<DefinitionRef>,
    /// What that is, where the cloud knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Definition>,
}

/// The change to one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobChange {
    /// Nothing.
    Unchanged,
    /// Its trigger starts another revision.
    Update,
    /// It has no trigger: there is a new revision, for people who start it.
    Register,
}

impl JobPlan {
    /// Whether its task definition is registered.
    #[must_use]
    pub fn registers(&self) -> bool {
        match self.change {
            JobChange::Update | JobChange::Register => true,
            JobChange::Unchanged => false,
        }
    }
}

/// A recorded release's jobs, each to start what is recorded of it: as a plan that changes nothing.
#[must_use]
pub fn recorded(entry: &Entry) -> BTreeMap<JobName, JobPlan> {
    let jobs = entry.release.jobs.iter().map(|(name, job)| {
        let starts = entry.jobs.get(name).map(|definition| Started {
            definition: definition.clone(),
            state: TriggerState::Enabled,
        });
        let plan = JobPlan {
            change: JobChange::Unchanged,
            cluster: job.cluster.clone(),
            trigger: job.trigger.clone(),
            definition: job.definition.clone(),
            image: job.image.clone(),
            version: job.version.clone(),
            before: starts,
            unpinned: None,
            document: None,
        };
        (name.clone(), plan)
    });
    jobs.collect()
}

/// The triggers of these jobs, with their clusters and families: what a look asks for.
pub(crate) fn asked<'j>(
    jobs: impl IntoIterator<Item = (&'j JobName, &'j JobRelease)>,
) -> BTreeMap<JobName, AskedJob> {
    let asked = |(name, job): (&JobName, &JobRelease)| {
        let asked = AskedJob {
            trigger: job.trigger.clone()?,
            cluster: job.cluster.clone(),
            definition: job.definition.clone(),
        };
        Some((name.clone(), asked))
    };
    jobs.into_iter().filter_map(asked).collect()
}

/// The same of a plan's jobs.
pub(crate) fn asked_of_plans(jobs: &BTreeMap<JobName, JobPlan>) -> BTreeMap<JobName, AskedJob> {
    let asked = |(name, job): (&JobName, &JobPlan)| Some((name.clone(), asked_of_plan(job)?));
    jobs.iter().filter_map(asked).collect()
}

/// The same of one; nothing where only people start it.
pub(crate) fn asked_of_plan(job: &JobPlan) -> Option<AskedJob> {
    Some(AskedJob {
        trigger: job.trigger.clone()?,
        cluster: job.cluster.clone(),
        definition: job.definition.clone(),
    })
}

/// A job to look at.
#[derive(Clone, Debug, PartialEq)]
pub struct AskedJob {
    /// Its trigger.
    pub trigger: Trigger,
    /// Its cluster.
    pub cluster: String,
    /// Its definition: of that family are its tasks.
    pub definition: Definition,
}
