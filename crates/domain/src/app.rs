//! What is deployed: services, migration, frontends, checks and the environment's policy. Made once, by `config`.

mod keep;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use keep::Keep;

use crate::anchor::Anchor;
use crate::definition::DefinitionTemplate;
pub use crate::frontends::Frontend;
use crate::scheduled::ScheduledJob;
use crate::{AppName, EnvironmentName, FrontendName, JobName, Repository, ServiceName};

/// An application in one environment, with nothing left to look up but the version's images and frontend build.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct App {
    /// Its name.
    pub name: AppName,
    /// Where it goes.
    pub environment: EnvironmentName,
    /// Its services by name.
    pub services: BTreeMap<ServiceName, Service>,
    /// How its database schema is brought to the release.
    pub migration: Option<Migration>,
    /// Its static frontends by name.
    #[serde(flatten, with = "crate::frontends::written")]
    pub frontends: BTreeMap<FrontendName, Frontend>,
    /// Its scheduled jobs by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub jobs: BTreeMap<JobName, ScheduledJob>,
    /// Smoke checks after the services are proven.
    pub checks: Vec<Check>,
    /// What this environment allows.
    pub policy: Policy,
    /// Hash of everything above as configured, hexadecimal.
    pub config_fingerprint: String,
    /// What of the configuration was looked up elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looked_up: Vec<crate::lookup::LookedUp>,
}

/// One long-running service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// How the cloud finds it.
    pub locator: ServiceLocator,
    /// Its task definition, to be rendered with the release's version and image.
    pub definition: DefinitionTemplate,
    /// Where its image comes from; the version is the tag.
    pub image: Repository,
    /// Services that must serve before this one starts.
    pub depends_on: BTreeSet<ServiceName>,
    /// Those of them of which no old task may be left either.
    pub drained: BTreeSet<ServiceName>,
    /// How many tasks it gets when it is started from zero: with none, zero tasks stay zero. Otherwise the desired count is
    /// left to autoscaling.
    pub desired_count: Option<u32>,
    /// How long its rollout may take.
    pub timeout: Duration,
    /// An HTTP request that must be answered by the new version.
    pub probe: Option<Check>,
}

/// What the services wait for that depend on another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Awaited {
    /// Its new tasks serve; the old ones may drain beside them.
    #[default]
    Serving,
    /// Its rollout is complete: no old task is left.
    Drained,
}

/// How the cloud finds a service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ServiceLocator {
    /// What the team calls it.
    pub name: ServiceName,
    /// The cluster it runs on.
    pub cluster: String,
    /// What the cluster calls it.
    pub cluster_name: String,
}

/// How the database schema is brought to the release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Migration {
    /// The cluster its task runs on.
    pub cluster: String,
    /// Task definition of the migration task.
    pub definition: DefinitionTemplate,
    /// Where its image comes from.
    pub image: Repository,
    /// The container whose exit code decides.
    pub container: String,
    /// Migrates up, for example `alembic upgrade head`. Empty: what the task definition says.
    pub command: Vec<String>,
    /// Prints the database's present revision as the first word of its last line, for example `alembic current`; nothing, when
    /// nothing was migrated yet.
    pub current_command: Option<Vec<String>>,
    /// Migrates down; `{{ revision }}` stands for the revision to return to.
    pub down_command: Option<Vec<String>>,
    /// What `down_command` calls the empty database.
    #[serde(default)]
    pub empty_revision: Option<String>,
    /// Whether the old code runs on the new schema.
    pub compatibility: Compatibility,
    /// Whether the schema change can be undone.
    pub way_down: WayDown,
    /// How long it may take.
    pub timeout: Duration,
    /// Where the task runs.
    pub network: TaskNetwork,
    /// On what it runs.
    #[serde(default)]
    pub capacity: Capacity,
    /// What the database can be brought back to, made before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Anchor>,
    /// What the data is asked after it, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<DataCheck>,
}

/// A question to the data after a migration: a command in the migration's image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataCheck {
    /// What people call it.
    pub name: String,
    /// Its exit code decides. It only reads.
    pub command: Vec<String>,
    /// How long it may take.
    pub timeout: Duration,
}

/// On what a one-off task runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capacity {
    /// On what its definition asks for.
    #[default]
    AsDefined,
    /// On this kind of capacity, in the cloud's word.
    Kind(String),
    /// On this provider of the cluster.
    Provider(String),
}

/// Subnets and security groups for a one-off task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskNetwork {
    /// Subnet ids.
    pub subnets: Vec<String>,
    /// Security group ids.
    pub security_groups: Vec<String>,
    /// Whether tasks get a public address.
    pub public_address: PublicAddress,
}

/// Whether tasks get a public address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PublicAddress {
    /// Private subnets with a NAT gateway or endpoints.
    #[default]
    Disabled,
    /// Public subnets.
    Enabled,
}

/// Whether the old code runs on the new schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compatibility {
    /// Old code runs on the new schema: expand-and-contract.
    Compatible,
    /// It does not.
    Breaking,
}

/// Whether a schema change can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WayDown {
    /// Yes, and nothing is lost.
    Lossless,
    /// Yes, but data is lost.
    Lossy,
    /// No.
    Absent,
}

/// An HTTP request and the answer that is expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What people call it.
    pub name: String,
    /// The whole address.
    pub url: String,
    /// Expected status code.
    pub status: u16,
    /// JSON pointer into the answer and the text expected there; `{{ version }}` stands for the release's version.
    pub json: Option<(String, String)>,
    /// How often it is tried before it counts as failed.
    pub attempts: u32,
    /// Time between attempts.
    pub interval: Duration,
    /// How long one attempt may take.
    pub timeout: Duration,
}

impl Check {
    /// Its address as far as it may be shown.
    #[must_use]
    pub fn address(&self) -> String {
        address(&self.url)
    }
}

/// An address without what may be a secret: user and password, and everything after the question mark.
#[must_use]
pub fn address(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let url = &url[..end];
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let host = authority.rsplit('@').next().unwrap_or(authority);
    format!("{scheme}://{host}{path}")
}

/// What an environment allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Refuse a plan that cannot be rolled back to the end.
    pub irreversible: Irreversible,
    /// Whether a rollback may migrate the schema down.
    pub schema_down: SchemaDown,
    /// How long the new release is watched before it is recorded.
    pub bake: Duration,
    /// Time between two looks at the cloud.
    pub poll: Duration,
    /// What the first SIGINT or SIGTERM means.
    #[serde(default)]
    pub on_interrupt: OnInterrupt,
    /// Where a deployment goes that another process takes over.
    #[serde(default)]
    pub resume: Resume,
    /// What to do with an unfinished deployment that a new one finds.
    #[serde(default)]
    pub takeover: Takeover,
    /// What of earlier releases stays in the cloud.
    #[serde(default, skip_serializing_if = "Keep::is_usual")]
    pub keep: Keep,
}

/// What the first SIGINT or SIGTERM means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnInterrupt {
    /// Finish what is in flight, then roll back.
    #[default]
    RollBack,
    /// Finish what is in flight, then leave the rest to `backstay resume`.
    Leave,
}

/// Where a deployment goes that another process takes over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resume {
    /// On to the new release, unless it has turned back already.
    #[default]
    Forward,
    /// Back to the old release.
    Back,
}

/// What to do with an unfinished deployment that a new one finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Takeover {
    /// Bring it to its end first.
    #[default]
    Resume,
    /// Refuse; a human decides.
    Refuse,
}

/// What to do with a plan that cannot be rolled back from some step on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Irreversible {
    /// Go on; the plan says so.
    Warn,
    /// Refuse.
    Refuse,
}

/// Whether a rollback may migrate the schema down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SchemaDown {
    /// When the way down is lossless.
    Lossless,
    /// Never: halt for a human.
    Never,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            irreversible: Irreversible::Warn,
            schema_down: SchemaDown::Lossless,
            bake: Duration::ZERO,
            poll: Duration::from_secs(5),
            on_interrupt: OnInterrupt::default(),
            resume: Resume::default(),
            takeover: Takeover::default(),
            keep: Keep::default(),
        }
    }
}

impl App {
    /// What the services wait for that depend on this one.
    #[must_use]
    pub fn awaited(&self, name: &ServiceName) -> Awaited {
        let mut others = self.services.values();
        match others.any(|other| other.drained.contains(name)) {
            true => Awaited::Drained,
            false => Awaited::Serving,
        }
    }

    /// The waves in which services are deployed: each wave depends only on earlier ones.
    ///
    /// # Errors
    /// The names on a dependency cycle, or of dependencies that do not exist.
    pub fn waves(&self) -> Result<Vec<Vec<ServiceName>>, BTreeSet<ServiceName>> {
        let mut waves = Vec::new();
        let mut done: BTreeSet<&ServiceName> = BTreeSet::new();
        while done.len() < self.services.len() {
            let ready: Vec<&ServiceName> = self
                .services
                .iter()
                .filter(|(name, service)| {
                    !done.contains(name) && service.depends_on.iter().all(|d| done.contains(d))
                })
                .map(|(name, _)| name)
                .collect();
            if ready.is_empty() {
                return Err(self
                    .services
                    .keys()
                    .filter(|name| !done.contains(name))
                    .cloned()
                    .collect());
            }
            done.extend(&ready);
            waves.push(ready.into_iter().cloned().collect());
        }
        Ok(waves)
    }
}
