//! Everything `backstay.toml` says about one environment.

use std::collections::BTreeMap;
use std::time::Duration;

use backstay_domain::app::App;
use backstay_domain::build::Builds;
use backstay_domain::versions::Missing;
use backstay_domain::{JobName, ServiceName};

use crate::problem::{Problem, Problems};

/// Everything `backstay.toml` says about one environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Configured {
    /// What is deployed.
    pub app: App,
    /// Which cloud it is deployed to.
    pub cloud: CloudKind,
    /// The cloud's region.
    pub region: String,
    /// The only account it may be deployed to.
    pub account: Option<String>,
    /// Where journals and leases are kept.
    pub state: StateLocation,
    /// Where the simulated cloud runs; in this process, and kept beside the state, when it says nothing.
    pub simulator: Option<String>,
    /// What exists on the simulated cloud before the first deployment.
    pub simulation: Simulation,
    /// What becomes of an image that has no build of a release's version.
    pub missing: Missing,
    /// Which of the app's images are built here, and how.
    pub builds: Builds,
    /// Where the app's migrations are, and which tool applies them.
    pub revisions: Option<Revisions>,
    /// The file that each task definition was read from, by its family.
    pub definition_files: BTreeMap<String, String>,
    /// What can be rehearsed on the simulated cloud, and AWS would refuse.
    pub doubts: Vec<Problem>,
    /// What a rehearsal cannot answer.
    pub notes: Vec<String>,
}

impl Configured {
    /// The doubts, as problems of the configuration; nothing when there are none.
    #[must_use]
    pub fn doubted(&self) -> Option<Problems> {
        let doubts = self.doubts.clone();
        (!doubts.is_empty()).then(|| Problems::in_order(doubts, ""))
    }
}

/// Where an app's migrations are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revisions {
    /// The tool that applies them.
    pub tool: MigrationTool,
    /// Their directory, relative to the configuration.
    pub directory: String,
}

/// A tool that applies migrations, and how it lays out their directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationTool {
    /// Revision files in Python.
    Alembic,
    /// A folder with `migration.sql` for each.
    Prisma,
    /// `V1__name.sql`
    Flyway,
    /// `001_name.up.sql` and `001_name.down.sql`, or both in one file.
    Sql,
}

/// Which cloud an environment is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloudKind {
    /// The simulator.
    Simulated,
    /// Amazon Web Services.
    Aws,
}

/// Where journals and leases are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateLocation {
    /// A directory, relative to the configuration.
    Local(String),
    /// The user's own bucket.
    S3 {
        /// Its name.
        bucket: String,
        /// Key prefix inside the bucket: empty, or ending in `/`.
        prefix: String,
    },
}

/// What exists on the simulated cloud before the first deployment and cannot be derived from the app.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simulation {
    /// The revisions that the simulated database moves between.
    pub schema: Option<SimulatedSchema>,
    /// Paths that the load balancer answers by itself.
    pub fixed_responses: Vec<FixedResponse>,
    /// Every service of the environment, with the cloud's own defaults where nothing is configured.
    pub services: BTreeMap<ServiceName, SimulatedService>,
    /// What starts jobs, where something is said of it.
    pub jobs: BTreeMap<JobName, SimulatedJob>,
}

/// What starts a job on the simulated cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedJob {
    /// When it is due.
    pub expression: String,
    /// Whether it starts anything.
    pub enabled: bool,
}

impl Default for SimulatedJob {
    fn default() -> Self {
        Self {
            expression: "rate(1 day)".to_owned(),
            enabled: true,
        }
    }
}

/// The revisions that the simulated database moves between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedSchema {
    /// What it reports before the migration.
    pub before: String,
    /// What it reports afterwards.
    pub after: String,
    /// How a tool that is not Alembic prints it; `${REVISION}` is the revision.
    pub prints: String,
}

/// A load balancer rule that answers by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedResponse {
    /// The rule's path pattern.
    pub path: String,
    /// The status it answers with.
    pub status: u16,
}

/// What Terraform would have made for a service. The defaults are the cloud's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedService {
    /// Lower bound of healthy tasks during a rollout, in percent of the desired count.
    pub minimum_healthy_percent: u32,
    /// Upper bound of tasks during a rollout, in percent of the desired count.
    pub maximum_percent: u32,
    /// Whether the deployment circuit breaker is on.
    pub circuit_breaker: bool,
    /// Whether it rolls back.
    pub circuit_breaker_rollback: bool,
    /// Path pattern of the listener rule; without one there is no load balancer in front of the service.
    pub path: Option<String>,
    /// Path of the target group's health check.
    pub health_check_path: Option<String>,
    /// How long the target group's verdict on a new task is ignored.
    pub health_check_grace_period: Duration,
    /// Time between two health checks of a target.
    pub health_check_interval: Duration,
    /// Failed health checks in a row that make a target unhealthy.
    pub unhealthy_threshold: u32,
    /// How long a target drains.
    pub deregistration_delay: Duration,
    /// The capacity provider of its tasks; launch type FARGATE without one.
    pub capacity_provider: Option<String>,
    /// Host names of the listener rule, with `*` for any text; none: any host.
    pub host: Option<String>,
    /// The container that answers, where the task definition leaves it open.
    pub container: Option<String>,
    /// The environment variable that has the version; `APP_VERSION` unless it is said otherwise.
    pub version_variable: Option<String>,
    /// What it answers by path; elsewhere it answers with its name and version.
    pub answers: Vec<Answer>,
    /// From RUNNING until it listens.
    pub start_time: Duration,
    /// From SIGTERM until it has ended; the cloud's own while nothing is said.
    pub stop_time: Option<Duration>,
    /// What it writes once it listens.
    pub log: Vec<String>,
    /// Target groups beside that of `path`.
    pub target_groups: Vec<SimulatedTargetGroup>,
    /// How its traffic moves to a new revision; rolling without one.
    pub strategy: Option<SimulatedStrategy>,
}

/// How the traffic of a simulated service moves to a new revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedStrategy {
    /// Which.
    pub kind: StrategyKind,
    /// How long both revisions run after the last step.
    pub bake_time: Duration,
    /// The deployment configuration of CodeDeploy.
    pub config: &'static str,
    /// Percent of the traffic that a step moves.
    pub step_percent: Option<u32>,
    /// How long a step stays as it is.
    pub step_bake_time: Option<Duration>,
    /// Stages at which it waits for somebody, in the cloud's words.
    pub pause: Vec<String>,
    /// What they say.
    pub answer: SimulatedAnswer,
    /// How long they take.
    pub answer_after: Duration,
}

/// What somebody says to a simulated deployment that waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SimulatedAnswer {
    /// It goes on.
    #[default]
    Continue,
    /// It turns back.
    Abort,
}

/// A strategy with two revisions side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrategyKind {
    /// All traffic in one step.
    BlueGreen,
    /// Step by step, all alike.
    Linear,
    /// A small step, then the rest.
    Canary,
    /// By the deployment configuration of CodeDeploy, whose deployment controller it has.
    CodeDeploy,
}

/// A target group that a simulated service's tasks are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulatedTargetGroup {
    /// The container that is registered; the service's without it.
    pub container: Option<String>,
    /// The container's port; its first one without it.
    pub port: Option<u16>,
    /// Where users come in.
    pub entrance: Entrance,
    /// Path of the health check; behind a listener of its own a connection is enough without it.
    pub health_check_path: Option<String>,
}

/// Where users of a target group come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entrance {
    /// A rule of the application load balancer.
    Rule {
        /// Path pattern, with `*` for any text.
        path: String,
        /// Host names, with `*` for any text; none: any host.
        host: Option<String>,
    },
    /// A TCP listener of a network load balancer.
    Listener {
        /// Its port.
        port: u16,
        /// A name of the load balancer beside its own.
        host: Option<String>,
    },
}

/// What a simulated service answers to some requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Path pattern, with `*` for any text.
    pub path: String,
    /// HTTP status.
    pub status: u16,
    /// `${NAME}` stands for a variable of the container's environment.
    pub body: String,
    /// Names and values.
    pub headers: BTreeMap<String, String>,
    /// How long it takes.
    pub after: Duration,
}

impl Default for SimulatedService {
    fn default() -> Self {
        Self {
            minimum_healthy_percent: 100,
            maximum_percent: 200,
            circuit_breaker: false,
            circuit_breaker_rollback: false,
            path: None,
            health_check_path: None,
            health_check_grace_period: Duration::ZERO,
            health_check_interval: Duration::from_secs(30),
            unhealthy_threshold: 2,
            deregistration_delay: Duration::from_secs(300),
            capacity_provider: None,
            host: None,
            container: None,
            version_variable: None,
            answers: Vec::new(),
            start_time: Duration::ZERO,
            stop_time: None,
            log: Vec::new(),
            target_groups: Vec::new(),
            strategy: None,
        }
    }
}
