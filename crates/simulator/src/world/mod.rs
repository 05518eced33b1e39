//! The discrete-event machine: what exists, what time it is, and what happens next. No I/O, no clock, no outside randomness.

pub(crate) mod active_faults;
mod alarms;
pub(crate) mod blueprint;
pub(crate) mod by_hand;
pub(crate) mod containers;
pub(crate) mod data_plane;
pub(crate) mod elsewhere;
pub(crate) mod fault;
pub(crate) mod floor;
pub(crate) mod invoke;
mod origin;
pub(crate) mod others;
pub(crate) mod parameters;
pub(crate) mod picture;
pub(crate) mod provision;
pub(crate) mod push;
pub(crate) mod saved;
mod scaling;
pub(crate) mod scripted;
#[cfg(test)]
pub(crate) mod small_account;
mod targets;
mod telling;
mod universal;
pub(crate) mod utilization;
pub(crate) mod values;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::agenda::{Agenda, Due, ServiceKey};
use crate::base::here::here;
use crate::base::random::Random;
use crate::base::versioned::Versioned;
use crate::front::throttle::Throttle;
use crate::services::autoscaling::{self, AutoScaling};
use crate::services::cloudfront::CloudFront;
use crate::services::cloudwatch::CloudWatch;
use crate::services::codedeploy::{self, CodeDeploy};
use crate::services::ecr::{self, Ecr};
use crate::services::ecs::{self, Described, Ecs};
use crate::services::elb::Elb;
use crate::services::events::EventBridge;
use crate::services::logs::Logs;
use crate::services::rds::{self, Rds};
use crate::services::s3::S3;
use crate::services::scheduler::Scheduler;
use crate::services::secretsmanager::{self, SecretsManager};
use crate::services::sns::Sns;
use crate::services::sqs::Sqs;
use crate::services::ssm::Ssm;
use crate::world::active_faults::Faults;
use crate::world::containers::Containers;
use crate::world::elsewhere::Elsewhere;
use crate::world::invoke::OnCall;
use crate::world::scripted::Database;
use crate::world::utilization::Utilization;
use crate::{AppBlueprint, Millis, Weather};

/// What is asked of a definition whose images are in ECR.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ExecutionRoles {
    /// An execution role, as ECS does.
    #[default]
    Asked,
    /// Nothing: a rehearsal has registries, and no roles.
    Lent,
}

/// Whose time clients sign by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ClientsClock {
    /// Another than the world's, which stands still or runs faster: what they sign says nothing here.
    #[default]
    Another,
    /// The world's.
    Ours,
}

/// One simulated account and Region.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct World {
    pub(crate) now_ms: Millis,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) weather: Weather,
    pub(crate) random: Random,
    /// What happens next.
    pub(crate) agenda: Agenda,
    pub(crate) ecs: Versioned<Ecs>,
    /// What DescribeServices has answered, while nothing changes.
    #[serde(skip)]
    pub(crate) described: Described,
    pub(crate) elb: Elb,
    pub(crate) ecr: Ecr,
    pub(crate) logs: Logs,
    pub(crate) s3: S3,
    pub(crate) cloudfront: CloudFront,
    #[serde(default)]
    pub(crate) autoscaling: AutoScaling,
    #[serde(default)]
    pub(crate) cloudwatch: CloudWatch,
    #[serde(default)]
    pub(crate) codedeploy: CodeDeploy,
    #[serde(default)]
    pub(crate) events: EventBridge,
    #[serde(default)]
    pub(crate) on_call: OnCall,
    #[serde(default)]
    pub(crate) rds: Rds,
    #[serde(default)]
    pub(crate) scheduler: Scheduler,
    #[serde(default)]
    pub(crate) secretsmanager: SecretsManager,
    #[serde(default)]
    pub(crate) sns: Sns,
    #[serde(default)]
    pub(crate) sqs: Sqs,
    #[serde(default)]
    pub(crate) ssm: Ssm,
    /// Services that another server keeps.
    #[serde(skip)]
    pub(crate) elsewhere: Elsewhere,
    /// Who runs its containers.
    #[serde(skip)]
    pub(crate) containers: Containers,
    /// A blueprint lists no secrets: those it does not list are taken to exist, until they were there and are gone.
    #[serde(default = "unlisted")]
    pub(crate) secrets_unlisted: bool,
    /// Whether it knows who pulls images.
    #[serde(default)]
    pub(crate) roles: ExecutionRoles,
    #[serde(skip)]
    pub(crate) clients_clock: ClientsClock,
    pub(crate) faults: Faults,
    pub(crate) throttle: Throttle,
    /// By the family of the task definition that migrates them.
    pub(crate) databases: BTreeMap<String, Database>,
    /// What the programs of a blueprint's services do.
    #[serde(default)]
    pub(crate) apps: BTreeMap<ServiceKey, AppBlueprint>,
    /// What services use of their processors and memory, where somebody has said so.
    #[serde(default)]
    pub(crate) utilization: BTreeMap<ServiceKey, Utilization>,
    /// Rules that were broken (`floor.rs`).
    pub(crate) violations: Vec<String>,
    /// Calls since the start (or the last `take_calls`), by `service.Operation`.
    pub(crate) calls: BTreeMap<String, u64>,
}

/// Worlds saved before secrets were kept.
fn unlisted() -> bool {
    true
}

impl World {
    /// An empty account at virtual time `now_ms`.
    #[must_use]
    pub fn new(account: &str, region: &str, seed: u64, weather: Weather, now_ms: Millis) -> Self {
        Self {
            now_ms,
            account: account.to_owned(),
            region: region.to_owned(),
            weather,
            random: Random::seeded(seed),
            agenda: Agenda::default(),
            ecs: Versioned::default(),
            described: Described::default(),
            elb: Elb::default(),
            ecr: Ecr::default(),
            logs: Logs::default(),
            s3: S3::default(),
            cloudfront: CloudFront::default(),
            autoscaling: AutoScaling::default(),
            cloudwatch: CloudWatch::default(),
            codedeploy: CodeDeploy::default(),
            events: EventBridge::default(),
            on_call: OnCall::default(),
            rds: Rds::default(),
            scheduler: Scheduler::default(),
            secretsmanager: SecretsManager::default(),
            sns: Sns::default(),
            sqs: Sqs::default(),
            ssm: Ssm::default(),
            elsewhere: Elsewhere::default(),
            containers: Containers::default(),
            secrets_unlisted: false,
            roles: ExecutionRoles::default(),
            clients_clock: ClientsClock::default(),
            faults: Faults::default(),
            throttle: Throttle::default(),
            databases: BTreeMap::new(),
            apps: BTreeMap::new(),
            utilization: BTreeMap::new(),
            violations: Vec::new(),
            calls: BTreeMap::new(),
        }
    }

    /// Takes definitions whose images are in ECR without an execution role, which ECS refuses: for a rehearsal, which has said so.
    pub fn lend_execution_roles(&mut self) {
        self.roles = ExecutionRoles::Lent;
    }

    /// Lets time pass: everything that is due until then happens, in order. Time never goes back.
    pub fn advance(&mut self, to_ms: Millis) {
        while let Some((at_ms, event)) = self.agenda.next_due(to_ms) {
            self.now_ms = self.now_ms.max(at_ms);
            self.happen(event);
        }
        self.now_ms = self.now_ms.max(to_ms);
    }

    /// When something happens next by itself, if anything does.
    #[must_use]
    pub fn next_event_ms(&self) -> Option<Millis> {
        self.agenda.next_ms()
    }

    /// Virtual now, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn now_ms(&self) -> Millis {
        self.now_ms
    }

    /// Calls served so far, by `service.Operation`.
    #[must_use]
    pub fn calls(&self) -> &BTreeMap<String, u64> {
        &self.calls
    }

    fn happen(&mut self, event: Due) {
        match event {
            Due::Pass(service) => ecs::pass(self, &service),
            Due::Step(task) => ecs::step(self, task),
            Due::Exit(task) => ecs::exited(self, task),
            Due::Counts(task) => ecs::counts_now(self, task),
            Due::Check(task) => ecs::container_turned(self, task),
            Due::Target(group, target) => self.target_turned(&group, target),
            Due::Record(service) => ecs::record_step(self, &service),
            Due::Alarms(service) => ecs::look_at_alarms(self, &service),
            Due::CodeDeploy(id) => codedeploy::step(self, &id),
            Due::Alarm(name) => self.look_at_alarm(&name),
            Due::Rds => rds::settle(&mut here!(self.rds)),
            Due::Steady(service) => ecs::steady_again(self, &service),
            Due::Strike(fault) => self.strike(fault),
            Due::Arrive(number) => crate::front::arrive(self, number),
            Due::Forget(task) => ecs::forget(self, task),
            Due::Lifecycle(repository) => ecr::apply_lifecycle(&mut here!(self.ecr), &repository),
            Due::ScheduledScaling(arn) => {
                self.scale(|here| autoscaling::scheduled_action_is_due(here, &arn));
            }
            Due::ScalingActivity(id) => self.scale(|here| autoscaling::look_at_activity(here, &id)),
            Due::Call(number) => self.call_for_rule(number),
            Due::Rule(name) => self.rule_is_due(&name),
            Due::Schedule(arn) => self.schedule_is_due(&arn),
            Due::Utilization => self.measure_utilization(),
            Due::SecretGone(arn) => {
                secretsmanager::recovery_window_ends(&mut here!(self.secretsmanager), &arn);
            }
        }
    }
}
