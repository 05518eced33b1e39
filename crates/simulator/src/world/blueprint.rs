//! What a simulated account contains at the start: what Terraform would have made, and the release that is live.

mod schedule;
mod traffic;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use schedule::{ScheduleBlueprint, TriggerBlueprint};
pub use traffic::{CodeDeployBlueprint, PauseAction, PauseAnswer, TrafficBlueprint};

/// One account and Region as Terraform and an earlier deployment left them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blueprint {
    /// Twelve digits.
    pub account: String,
    /// For example `sa-east-1`.
    pub region: String,
    /// The ECS cluster of all services that name no other.
    pub cluster: String,
    /// Further ECS clusters, always there.
    #[serde(default)]
    pub further_clusters: Vec<String>,
    /// Whether the cluster exists.
    #[serde(default)]
    pub cluster_state: ClusterState,
    /// ECR repositories (or foreign registries) and their images.
    #[serde(default)]
    pub repositories: Vec<RepositoryBlueprint>,
    /// ELBv2 target groups, all reachable through a load balancer's rules.
    #[serde(default)]
    pub target_groups: Vec<TargetGroupBlueprint>,
    /// ELBv2 load balancers.
    #[serde(default)]
    pub load_balancers: Vec<LoadBalancerBlueprint>,
    /// ELBv2 load balancers that carry connections.
    #[serde(default)]
    pub network_load_balancers: Vec<NetworkLoadBalancerBlueprint>,
    /// ECS services.
    #[serde(default)]
    pub services: Vec<ServiceBlueprint>,
    /// Further task definitions that are already registered (RegisterTaskDefinition input).
    #[serde(default)]
    pub task_definitions: Vec<Value>,
    /// S3 buckets.
    #[serde(default)]
    pub buckets: Vec<BucketBlueprint>,
    /// CloudFront distributions.
    #[serde(default)]
    pub distributions: Vec<DistributionBlueprint>,
    /// CloudWatch log groups.
    #[serde(default)]
    pub log_groups: Vec<String>,
    /// Databases that scripted migration tasks work on.
    #[serde(default)]
    pub databases: Vec<DatabaseBlueprint>,
    /// DB instances of RDS, by their identifiers: PostgreSQL, with automated backups of a week.
    #[serde(default)]
    pub db_instances: Vec<String>,
    /// What starts tasks when they are due.
    #[serde(default)]
    pub schedules: Vec<ScheduleBlueprint>,
}

/// Whether the cluster is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClusterState {
    /// ACTIVE.
    #[default]
    Active,
    /// No such cluster.
    Missing,
}

/// A repository and its images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepositoryBlueprint {
    /// Repository name for ECR (`cat-house/auth-service`), or a whole foreign reference (`ghcr.io/acme/api`).
    pub name: String,
    /// Images in push order, oldest first.
    pub images: Vec<ImageBlueprint>,
}

/// One pushed image. Its digest is derived from repository name and tags.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageBlueprint {
    /// Tags; an image may have none.
    pub tags: Vec<String>,
    /// Platforms in the manifest, for example `linux/amd64`.
    #[serde(default = "amd64")]
    pub platforms: Vec<String>,
    /// The schema revision that `alembic upgrade head` of this image arrives at.
    #[serde(default)]
    pub schema_head: Option<String>,
}

fn amd64() -> Vec<String> {
    vec!["linux/amd64".to_owned()]
}

/// An ELBv2 target group of type `ip`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetGroupBlueprint {
    /// Name.
    pub name: String,
    /// Traffic port.
    pub port: u16,
    /// What it speaks.
    #[serde(default)]
    pub protocol: GroupProtocol,
    /// Health check path; behind a network load balancer a connection is enough without it.
    #[serde(default)]
    pub health_check_path: Option<String>,
    /// HealthCheckIntervalSeconds.
    #[serde(default = "interval")]
    pub health_check_interval_seconds: u64,
    /// HealthCheckTimeoutSeconds.
    #[serde(default = "timeout")]
    pub health_check_timeout_seconds: u64,
    /// HealthyThresholdCount.
    #[serde(default = "healthy")]
    pub healthy_threshold: u32,
    /// UnhealthyThresholdCount.
    #[serde(default = "unhealthy")]
    pub unhealthy_threshold: u32,
    /// deregistration_delay.timeout_seconds.
    #[serde(default = "deregistration")]
    pub deregistration_delay_seconds: u64,
}

/// What the targets of a group are spoken to in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum GroupProtocol {
    /// Behind an application load balancer.
    #[default]
    Http,
    /// Behind a network load balancer.
    Tcp,
}

fn interval() -> u64 {
    30
}
fn timeout() -> u64 {
    6
}
fn healthy() -> u32 {
    5
}
fn unhealthy() -> u32 {
    2
}
fn deregistration() -> u64 {
    300
}

/// An application load balancer with one HTTPS listener and path rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadBalancerBlueprint {
    /// Name.
    pub name: String,
    /// Host names that reach it (its own DNS name and aliases).
    pub hosts: Vec<String>,
    /// Rules in priority order; the first match wins.
    pub rules: Vec<RuleBlueprint>,
}

/// A network load balancer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkLoadBalancerBlueprint {
    /// Name.
    pub name: String,
    /// Host names that reach it, beside its own DNS name.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Its TCP listeners.
    pub listeners: Vec<TcpListenerBlueprint>,
}

/// One TCP listener.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TcpListenerBlueprint {
    /// Port.
    pub port: u16,
    /// Where its connections go.
    pub target_group: String,
}

/// One listener rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleBlueprint {
    /// Path pattern with `*`, for example `/api/v1/auth/*`.
    pub path: String,
    /// Host names, with `*`; none: any host.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Forward to this target group.
    #[serde(default)]
    pub target_group: Option<String>,
    /// And, at a weight of 0 as long as no deployment has shifted anything, to this one.
    #[serde(default)]
    pub alternate: Option<String>,
    /// Or answer with this fixed status.
    #[serde(default)]
    pub fixed_status: Option<u16>,
}

/// What happened to a service before the play starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceHistory {
    /// Its first deployment is COMPLETED and all desired tasks run.
    #[default]
    Steady,
    /// Created, but no deployment was ever COMPLETED (no rollback candidate) and no task runs.
    NeverCompleted,
    /// The service does not exist; its task definition is not registered either.
    Missing,
}

/// An ECS service on Fargate, strategy ROLLING unless its traffic says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceBlueprint {
    /// serviceName.
    pub name: String,
    /// Its cluster, when it is not the blueprint's.
    #[serde(default)]
    pub cluster: Option<String>,
    /// RegisterTaskDefinition input.
    pub task_definition: Value,
    /// desiredCount.
    pub desired_count: u32,
    /// deploymentConfiguration.minimumHealthyPercent.
    pub minimum_healthy_percent: u32,
    /// deploymentConfiguration.maximumPercent.
    pub maximum_percent: u32,
    /// deploymentCircuitBreaker.enable.
    pub circuit_breaker: bool,
    /// deploymentCircuitBreaker.rollback.
    pub circuit_breaker_rollback: bool,
    /// healthCheckGracePeriodSeconds.
    #[serde(default)]
    pub health_check_grace_period_seconds: u64,
    /// Where its tasks are registered.
    #[serde(default)]
    pub target_group: Option<ServiceTargetGroup>,
    /// Where they are registered as well.
    #[serde(default)]
    pub further_target_groups: Vec<ServiceTargetGroup>,
    /// What happened before.
    #[serde(default)]
    pub history: ServiceHistory,
    /// What its program does.
    #[serde(default)]
    pub app: AppBlueprint,
    /// `FARGATE` or `FARGATE_SPOT`; launch type FARGATE without one.
    #[serde(default)]
    pub capacity_provider: Option<String>,
    /// How its traffic moves to a new revision, where that is not ROLLING.
    #[serde(default)]
    pub traffic: Option<TrafficBlueprint>,
}

/// What a service's program does, beyond what its task definition says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AppBlueprint {
    /// The container that answers. Without it: the load balancer's, or else the first essential one with a port, with an image of ECR,
    /// or at all.
    pub container: Option<String>,
    /// The environment variable that has its version; `APP_VERSION` without it.
    pub version_variable: Option<String>,
    /// What it answers by path; other paths get `{"status", "service", "version"}`.
    pub answers: Vec<AnswerBlueprint>,
    /// Milliseconds from RUNNING until it listens.
    pub start_ms: u64,
    /// Milliseconds from SIGTERM until it has ended, if its `stopTimeout` is not over first.
    pub stop_ms: Option<u64>,
    /// What it writes once it listens.
    pub log: Vec<String>,
    /// Who answers when a deployment of it pauses; without one it waits for ContinueServiceDeployment, and for its timeout.
    pub pause: Option<PauseAnswer>,
}

/// What a program answers on some paths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerBlueprint {
    /// Path pattern with `*`; the first that fits answers.
    pub path: String,
    /// HTTP status.
    #[serde(default = "ok")]
    pub status: u16,
    /// `${NAME}` stands for a variable of its environment.
    #[serde(default)]
    pub body: String,
    /// Names (lower case) and values.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Milliseconds that it takes.
    #[serde(default)]
    pub after_ms: u64,
}

fn ok() -> u16 {
    200
}

/// `loadBalancers[]` of a service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceTargetGroup {
    /// Target group name.
    pub name: String,
    /// containerName.
    pub container_name: String,
    /// containerPort.
    pub container_port: u16,
}

/// An S3 bucket and its objects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketBlueprint {
    /// Name.
    pub name: String,
    /// Its Region, when it is not the world's.
    #[serde(default)]
    pub region: Option<String>,
    /// Objects at the start.
    #[serde(default)]
    pub objects: Vec<ObjectBlueprint>,
}

/// An object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectBlueprint {
    /// Key.
    pub key: String,
    /// Content-Type.
    pub content_type: String,
    /// Cache-Control.
    #[serde(default)]
    pub cache_control: Option<String>,
    /// Bytes.
    pub body: Vec<u8>,
}

/// A CloudFront distribution over one bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DistributionBlueprint {
    /// For example `E2ABCDEFGHIJKL`.
    pub id: String,
    /// Host names that reach it (its domain name and aliases).
    pub hosts: Vec<String>,
    /// Origin bucket.
    pub bucket: String,
    /// OriginPath: a folder of the bucket, as `/app`; empty for the whole bucket.
    #[serde(default)]
    pub origin_path: String,
    /// DefaultRootObject.
    pub default_root_object: String,
    /// Custom error response: a missing object is answered with this page and status 200.
    #[serde(default)]
    pub not_found_page: Option<String>,
}

/// A database whose schema revision scripted migration tasks read and change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseBlueprint {
    /// The task definition family whose RunTask tasks migrate it.
    pub migration_family: String,
    /// The schema revision at the start.
    pub revision: String,
    /// Who migrates it; Alembic when nothing is said.
    #[serde(default)]
    pub tool: Option<MigrationTool>,
}

/// The commands of a tool that migrates a database, word by word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MigrationTool {
    /// To the image's newest revision.
    pub up: Vec<String>,
    /// Prints where the database is.
    #[serde(default)]
    pub current: Option<Vec<String>>,
    /// To `{{ revision }}`.
    #[serde(default)]
    pub down: Option<Vec<String>>,
    /// What `down` calls the database on which nothing was migrated yet.
    #[serde(default)]
    pub empty: Option<String>,
    /// What `current` prints; `${REVISION}` is the revision.
    pub prints: String,
}
