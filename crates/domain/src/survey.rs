//! The present state of an environment, as far as a plan needs it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::definition::Definition;
use crate::failure::PortFailure;
use crate::observation::RunningJob;
use crate::plan::SchemaRisk;
use crate::registered::Registered;
use crate::release::{Release, ResolvedImage};
use crate::scheduled::LiveJob;
use crate::schema::{Applied, Revision, SchemaRecord};
use crate::traffic::Strategy;
use crate::{
    AppName, DefinitionRef, Digest, EnvironmentName, FrontendName, JobName, RolloutHandle,
    ServiceName, Version,
};

/// What is there before a deployment starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    /// When it was taken.
    pub at: Timestamp,
    /// The services that exist, of the app and of the recorded release.
    pub services: BTreeMap<ServiceName, LiveService>,
    /// What is published of each frontend, compared with its build.
    #[serde(default)]
    pub published: BTreeMap<FrontendName, PublishedFiles>,
    /// The release that was last proven here, from the ledger.
    pub recorded: Option<Release>,
    /// What is known of the revisions that Backstay registered.
    #[serde(default)]
    pub registered: Registered,
    /// Those of them that tasks can be started from, as far as the release asks for them.
    #[serde(default)]
    pub startable: BTreeSet<DefinitionRef>,
    /// The version that each service of the recorded release answers, where it is known.
    #[serde(default)]
    pub answers: BTreeMap<ServiceName, Version>,
    /// Digests that the present task definitions pull and that no longer exist.
    pub expired: BTreeMap<ServiceName, Digest>,
    /// Images of releases that a rollback can go to: version and image.
    #[serde(default)]
    pub kept: Vec<(Version, ResolvedImage)>,
    /// Digests of those that their registry's own rules would delete.
    #[serde(default)]
    pub expiring: BTreeSet<String>,
    /// Rollouts that deployments of ours started and did not see to their end: not somebody else's.
    #[serde(default)]
    pub ours: BTreeSet<RolloutHandle>,
    /// Images of which nobody can tell whether they can still be pulled.
    #[serde(default)]
    pub unasked: BTreeSet<String>,
    /// How the commit to deploy stands to the recorded release's.
    #[serde(default)]
    pub ancestry: Ancestry,
    /// What is known of the database's schema.
    #[serde(default)]
    pub schema: SchemaRecord,
    /// The revisions between the database's and the release's head, where both are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies: Option<Vec<Applied>>,
    /// The last revision of the release's files, where a database that is on it has nothing to migrate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Revision>,
    /// How the commit to deploy stands to that of the migration that the schema is on.
    #[serde(default)]
    pub schema_ancestry: Ancestry,
    /// What to do when the release is not declared to run on the schema.
    #[serde(default)]
    pub schema_risk: SchemaRisk,
    /// Tasks of the migration's family that run, whoever started them.
    #[serde(default)]
    pub migrating: Vec<RunningJob>,
    /// The jobs whose triggers exist, of the release and of the recorded one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub jobs: BTreeMap<JobName, LiveJob>,
    /// Those of which nobody can tell, and why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub jobs_unseen: BTreeMap<JobName, PortFailure>,
    /// Why nobody could read what a task of the migration prints, where that is so.
    #[serde(default)]
    pub unreadable: Option<String>,
}

/// What is published of a frontend, compared with a build. Of the files that never change only those are listed with which
/// something is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedFiles {
    /// The live mutable files, of the build and of the recorded release: path to SHA-256.
    pub live: BTreeMap<String, String>,
    /// Files of the build that have to be uploaded: immutable ones that are not there, and mutable ones that are neither
    /// live nor kept.
    pub absent: BTreeSet<String>,
    /// Files that are there with their very bytes, but with other headers: path to what is wrong with them.
    pub headers: BTreeMap<String, String>,
    /// Immutable files that are there with other bytes: nothing may overwrite them.
    pub changed: BTreeSet<String>,
    /// Live mutable files that are larger than what can be kept: nobody could bring them back.
    #[serde(default)]
    pub too_large: BTreeSet<String>,
    /// Whether what the recorded release proved of its files still says something.
    #[serde(default)]
    pub standing: Standing,
    /// Whose files these are, where somebody says so.
    #[serde(default)]
    pub owner: Option<Owner>,
}

/// Whether what the recorded release proved of its files still says something of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Nobody can tell: they were proven elsewhere, or long ago, or by nobody.
    #[default]
    Unknown,
    /// They were published to this very place, proven at this very address, and found there again.
    Stands,
}

/// Whose files a bucket holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The app.
    pub app: AppName,
    /// The environment.
    pub environment: EnvironmentName,
}

/// How the commit to deploy stands to the one that is live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ancestry {
    /// Nobody can tell: not a checkout, or commits it does not know.
    #[default]
    Unknown,
    /// It is the same commit, came after it, or lies on another branch.
    Newer,
    /// The live commit contains it.
    Older,
}

/// A service as it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveService {
    /// Whether it takes changes.
    pub condition: ServiceCondition,
    /// Whether the cloud can still start tasks of its task definition.
    pub definition_state: DefinitionState,
    /// The task definition its newest rollout runs.
    pub definition: DefinitionRef,
    /// That task definition's document, as the cloud answers it.
    pub document: Definition,
    /// Its newest rollout.
    pub rollout: RolloutHandle,
    /// Where that rollout stands.
    pub activity: Activity,
    /// What completed last, where that is not the newest rollout.
    #[serde(default)]
    pub completed: Option<Completed>,
    /// Whether a rollout of it ever completed: only then has the cloud something to roll back to.
    pub history: History,
    /// Desired number of tasks.
    pub desired: u32,
    /// Running tasks.
    pub running: u32,
    /// How many tasks a rolling deployment may be short or over.
    pub bounds: Bounds,
    /// The cloud's own failure detector.
    pub breaker: Breaker,
    /// Whether a load balancer checks its tasks.
    pub balanced: Balanced,
    /// Who else judges its rollouts.
    #[serde(default)]
    pub judges: Judges,
    /// How its traffic moves to a new rollout.
    #[serde(default)]
    pub strategy: Strategy,
}

/// What the cloud ends a rollout by, early or in failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judges {
    /// Failed tasks at which the cloud gives up, where it does.
    pub threshold: Option<Threshold>,
    /// Alarms that fail it.
    pub alarms: Vec<String>,
    /// Percent of healthy tasks at which it is called a success though others are still starting.
    pub early: Option<u32>,
}

/// At how many failed tasks the cloud gives a rollout up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Threshold {
    /// At this many.
    Tasks(u32),
    /// At this percentage of the desired count, but at 3 at least and at 200 at most.
    Bounded(u32),
    /// At this percentage of the desired count.
    Percent(u32),
    /// By a rule that nobody here knows; its name.
    Other(String),
}

impl Default for Threshold {
    fn default() -> Self {
        Self::Bounded(50)
    }
}

impl Threshold {
    /// The number of failed tasks, of so many that are wanted; none where the rule is not known.
    #[must_use]
    pub fn tasks(&self, desired: u32) -> Option<u32> {
        let share = |percent: u32| (u64::from(desired) * u64::from(percent)).div_ceil(100);
        let share = |percent: u32| u32::try_from(share(percent)).unwrap_or(u32::MAX);
        match self {
            Self::Tasks(tasks) => Some(*tasks),
            Self::Bounded(percent) => Some(share(*percent).clamp(3, 200)),
            Self::Percent(percent) => Some(share(*percent)),
            Self::Other(_) => None,
        }
    }
}

/// Whether a service takes changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServiceCondition {
    /// Yes.
    Active,
    /// It is being or has been deleted.
    Inactive,
    /// Another deployment controller owns it.
    Foreign(String),
    /// It is deployed, placed or balanced in a way that nobody here can follow; how, in the cloud's words.
    Unsupported(String),
}

/// Whether tasks of a task definition can still be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DefinitionState {
    /// Yes.
    Active,
    /// It was deregistered (trap 21).
    Inactive,
}

/// Where the newest rollout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activity {
    /// It completed.
    Settled,
    /// It is on its way.
    RollingOut,
    /// It failed and stays, or goes on failing: it can be superseded at any time.
    Failed,
}

/// What completed last, where the newest rollout did not: what the cloud returns to, and a rollback.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Completed {
    /// Its task definition.
    pub definition: DefinitionRef,
    /// That task definition's document.
    pub document: Definition,
}

/// Whether a rollout of a service ever completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum History {
    /// Yes.
    Completed,
    /// Never.
    Never,
}

/// Whether a load balancer checks a service's tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Balanced {
    /// Yes.
    #[default]
    Yes,
    /// No.
    No,
}

/// `minimumHealthyPercent` and `maximumPercent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// Percent of the desired count that stays healthy.
    pub minimum_healthy_percent: u32,
    /// Percent of the desired count that may run at once.
    pub maximum_percent: u32,
}

/// The cloud's own failure detector for a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Breaker {
    /// None: a failing rollout goes on for ever.
    Off,
    /// It stops a failing rollout.
    Stops,
    /// It stops a failing rollout and returns to the last completed one.
    RollsBack,
}

impl Bounds {
    /// Fewest healthy tasks during a rollout.
    #[must_use]
    pub fn lower(&self, desired: u32) -> u32 {
        (desired * self.minimum_healthy_percent).div_ceil(100)
    }

    /// Most tasks during a rollout.
    #[must_use]
    pub fn upper(&self, desired: u32) -> u32 {
        desired * self.maximum_percent / 100
    }

    /// Neither a start nor a stop is possible: a rollout would hang for ever.
    #[must_use]
    pub fn stuck(&self, desired: u32) -> bool {
        desired > 0 && self.lower(desired) >= desired && self.upper(desired) <= desired
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Threshold};

    #[test]
    fn thresholds_follow_the_documented_examples() {
        let default = Threshold::default();
        let found = [1, 25, 400, 800].map(|desired| default.tasks(desired));
        assert_eq!(found, [Some(3), Some(13), Some(200), Some(200)]);
        assert_eq!(Threshold::Percent(10).tasks(5), Some(1));
        assert_eq!(Threshold::Tasks(4).tasks(100), Some(4));
        assert_eq!(Threshold::Other("FUTURE".into()).tasks(1), None);
    }

    #[test]
    fn bounds_follow_the_documented_examples() {
        let rows = [
            // (min, max, desired, lower, upper, stuck)
            (100, 200, 2, 2, 4, false),
            (75, 200, 2, 2, 4, false),
            (100, 125, 3, 3, 3, true),
            (50, 100, 4, 2, 4, false),
            (100, 100, 1, 1, 1, true),
            (0, 100, 1, 0, 1, false),
            (100, 100, 0, 0, 0, false),
        ];
        for (minimum_healthy_percent, maximum_percent, desired, lower, upper, stuck) in rows {
            let bounds = Bounds {
                minimum_healthy_percent,
                maximum_percent,
            };
            assert_eq!(
                (
                    bounds.lower(desired),
                    bounds.upper(desired),
                    bounds.stuck(desired)
                ),
                (lower, upper, stuck)
            );
        }
    }
}
