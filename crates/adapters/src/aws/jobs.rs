//! The jobs port over RunTask: started once per key, and judged by the named container.

mod ended;

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_sdk_ecs::types::{
    AssignPublicIp, AwsVpcConfiguration, CapacityProviderStrategyItem, ContainerOverride,
    DesiredStatus, Failure, LaunchType, NetworkConfiguration, Task, TaskOverride,
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use backstay_domain::TaskId;
use backstay_domain::app::{Capacity, PublicAddress, TaskNetwork};
use backstay_domain::definition::Definition;
use backstay_domain::observation::{JobState, JobView, RunningJob};
use backstay_domain::ports::{Effect, FailureKind, JobRequest, PortFailure};
use futures_util::future::{try_join, try_join_all};
use serde_json::Value;

use self::ended::verdict;
use super::AwsCloud;
use super::error::{Call, failure, refusal};
use super::logs::LogStream;
use crate::pace::Category;

const RUN: &str = "ecs.RunTask";
const STOP: &str = "ecs.StopTask";

/// Tasks to a call.
const BATCH: usize = 100;

/// Lines of the log that are kept.
const LINES: i32 = 50;

/// The last lines can arrive after the end: a log counts as whole when two looks at it are the same.
const LOG_LOOKS: u32 = 4;
/// So often is looked at one that is empty.
const MOST_LOG_LOOKS: u32 = 10;
const LOG_PAUSE: Duration = Duration::from_secs(1);

impl<T> AwsCloud<T> {
    /// Starts a task. The key makes a second call return the first one's task; no attempt is hidden in the SDK, so that
    /// the effect of a failure is that of the one request that was sent.
    pub(super) async fn run_task(&self, request: &JobRequest) -> Result<TaskId, PortFailure> {
        let (launch_type, provider) = self.placed(request).await?;
        self.pace.turn(Category::TaskModify).await;
        let command = (!request.command.is_empty()).then(|| request.command.clone());
        let replaced = ContainerOverride::builder()
            .name(&request.container)
            .set_command(command)
            .build();
        let reply = self
            .ecs
            .run_task()
            .cluster(&request.cluster)
            .task_definition(request.definition.as_str())
            .count(1)
            .set_launch_type(launch_type)
            .set_capacity_provider_strategy(provider.map(|provider| vec![provider]))
            .client_token(request.key.as_str())
            .started_by(request.started_by.chars().take(128).collect::<String>())
            .set_network_configuration(network(&request.network))
            .overrides(
                TaskOverride::builder()
                    .container_overrides(replaced)
                    .build(),
            )
            .customize()
            .config_override(
                aws_sdk_ecs::config::Builder::new().retry_config(RetryConfig::disabled()),
            )
            .send()
            .await
            .map_err(|error| failure(RUN, Call::Once, &error))?;
        if let Some(arn) = reply.tasks().first().and_then(Task::task_arn) {
            return TaskId::parse(arn)
                .map_err(|invalid| refusal(RUN, FailureKind::Rejected, invalid.to_string()));
        }
        match reply.failures().first() {
            Some(refused) => Err(not_placed(refused)),
            None => Err(PortFailure {
                effect: Effect::Unknown,
                ..refusal(
                    RUN,
                    FailureKind::Unavailable,
                    "the answer has neither a task nor a failure",
                )
            }),
        }
    }

    /// On what it runs: what is configured; else Fargate, where the definition may run there; else whatever the cluster
    /// gives to who asks for nothing.
    async fn placed(
        &self,
        request: &JobRequest,
    ) -> Result<(Option<LaunchType>, Option<CapacityProviderStrategyItem>), PortFailure> {
        match &request.capacity {
            Capacity::Kind(kind) => Ok((Some(LaunchType::from(kind.as_str())), None)),
            Capacity::Provider(name) => {
                let item = CapacityProviderStrategyItem::builder()
                    .capacity_provider(name)
                    .weight(1)
                    .build()
                    .map_err(|error| refusal(RUN, FailureKind::Rejected, error.to_string()))?;
                Ok((None, Some(item)))
            }
            Capacity::AsDefined => {
                let document = self.document(&request.definition).await?;
                Ok((for_fargate(&document).then_some(LaunchType::Fargate), None))
            }
        }
    }

    /// Asks a task to stop: SIGTERM, then SIGKILL. Stopping one that has ended changes nothing.
    pub(super) async fn stop_task(
        &self,
        request: &JobRequest,
        task: &TaskId,
        why: &str,
    ) -> Result<(), PortFailure> {
        self.pace.turn(Category::TaskModify).await;
        let sent = self
            .ecs
            .stop_task()
            .cluster(&request.cluster)
            .task(task.as_str())
            .reason(why.chars().take(255).collect::<String>())
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            // ECS has forgotten it: it ended long ago. `look` says so.
            Err(error) if error.code() == Some("InvalidParameterException") => Ok(()),
            Err(error) => Err(failure(STOP, Call::Repeated, &error)),
        }
    }

    /// The tasks of a family that run: wanted, or told to stop and not yet ended. Those of services are not asked for.
    pub(super) async fn running_tasks(
        &self,
        cluster: &str,
        definition: &Definition,
    ) -> Result<Vec<RunningJob>, PortFailure> {
        let family = definition.family();
        let (wanted, stopping) = try_join(
            self.tasks_of_family(cluster, family, DesiredStatus::Running),
            self.tasks_of_family(cluster, family, DesiredStatus::Stopped),
        )
        .await?;
        let found = wanted.iter().chain(&stopping).filter(|task| runs(task));
        Ok(found
            .filter_map(|task| {
                Some(RunningJob {
                    task: TaskId::parse(task.task_arn()?).ok()?,
                    started_by: task.started_by().map(str::to_owned),
                })
            })
            .collect())
    }

    /// Where it stands, with its log when it has ended.
    pub(super) async fn look_at_task(
        &self,
        request: &JobRequest,
        task: &TaskId,
    ) -> Result<JobView, PortFailure> {
        let described = self
            .describe_tasks(&request.cluster, &[task.as_str().to_owned()])
            .await?;
        let Some(found) = described.first() else {
            return Ok(JobView {
                state: JobState::Vanished,
                log: Vec::new(),
                unread: None,
            });
        };
        let state = verdict(found, request);
        let log = match state {
            // So far: for whoever watches, and nobody decides by it.
            JobState::Running if found.started_at().is_some() => {
                Ok(self.log_so_far(request, task).await)
            }
            JobState::Running | JobState::Vanished | JobState::NeverStarted(_) => Ok(Vec::new()),
            JobState::Exited(_) | JobState::Killed(_) => self.whole_log(request, task).await,
        };
        let (log, unread) = match log {
            Ok(log) => (log, None),
            Err(why) => (Vec::new(), Some(why)),
        };
        Ok(JobView { state, log, unread })
    }

    /// One look. What cannot be read now is read at the end, or said then.
    async fn log_so_far(&self, request: &JobRequest, task: &TaskId) -> Vec<String> {
        let Ok(document) = self.document(&request.definition).await else {
            return Vec::new();
        };
        match LogStream::of(&document, &request.container, task) {
            Ok(log) => self.last_lines(&log, LINES).await.unwrap_or_default(),
            Err(_) => Vec::new(),
        }
    }

    /// A log that cannot be read leaves the verdict as it is, but it is not an empty one.
    async fn whole_log(&self, request: &JobRequest, task: &TaskId) -> Result<Vec<String>, String> {
        let document = self.document(&request.definition).await;
        let document = document.map_err(|failure| failure.to_string())?;
        let log = LogStream::of(&document, &request.container, task)?;
        let mut lines = Vec::new();
        for look in 0..MOST_LOG_LOOKS {
            if look > 0 {
                self.time.sleep(LOG_PAUSE).await;
            }
            let read = self.last_lines(&log, LINES).await;
            let read = read.map_err(|failure| failure.to_string())?;
            let settled = look > 0 && read == lines;
            lines = read;
            // Nothing at all may also be a log that is late.
            if settled && !lines.is_empty() || look + 1 >= LOG_LOOKS && !lines.is_empty() {
                break;
            }
        }
        Ok(lines)
    }

    async fn tasks_of_family(
        &self,
        cluster: &str,
        family: &str,
        desired: DesiredStatus,
    ) -> Result<Vec<Task>, PortFailure> {
        let mut arns = Vec::new();
        let mut page = None;
        loop {
            self.pace.turn(Category::TaskRead).await;
            let reply = self
                .ecs
                .list_tasks()
                .cluster(cluster)
                .family(family)
                .desired_status(desired.clone())
                .set_next_token(page)
                .send()
                .await
                .map_err(|error| failure("ecs.ListTasks", Call::Read, &error))?;
            arns.extend(reply.task_arns.unwrap_or_default());
            page = reply.next_token.filter(|token| !token.is_empty());
            if page.is_none() {
                break;
            }
        }
        let batches = arns.chunks(BATCH);
        let described = try_join_all(batches.map(|batch| self.describe_tasks(cluster, batch)));
        Ok(described.await?.into_iter().flatten().collect())
    }
}

/// Whether a registered definition may run on Fargate, where nothing else is configured: it says so, or says nothing.
fn for_fargate(document: &Value) -> bool {
    let required = document
        .get("requiresCompatibilities")
        .and_then(Value::as_array);
    required.is_none_or(|required| {
        required.is_empty() || required.iter().any(|one| one.as_str() == Some("FARGATE"))
    })
}

/// Whether a one-off task's containers may still run. The task of a service is no one-off.
fn runs(task: &Task) -> bool {
    let over = matches!(
        task.last_status(),
        Some("DEPROVISIONING" | "STOPPED" | "DELETED")
    );
    let of_service = task
        .started_by()
        .is_some_and(|by| by.starts_with("ecs-svc/"));
    !over && !of_service && task.execution_stopped_at().is_none()
}

/// Nothing for a task that has no network of its own.
fn network(network: &TaskNetwork) -> Option<NetworkConfiguration> {
    if network.subnets.is_empty() {
        return None;
    }
    let public = match network.public_address {
        PublicAddress::Enabled => AssignPublicIp::Enabled,
        PublicAddress::Disabled => AssignPublicIp::Disabled,
    };
    let mut vpc = AwsVpcConfiguration::builder().assign_public_ip(public);
    for subnet in &network.subnets {
        vpc = vpc.subnets(subnet);
    }
    for group in &network.security_groups {
        vpc = vpc.security_groups(group);
    }
    let mut configuration = NetworkConfiguration::builder();
    if let Ok(vpc) = vpc.build() {
        configuration = configuration.awsvpc_configuration(vpc);
    }
    Some(configuration.build())
}

/// RunTask says with HTTP 200 that nothing was started (trap 30).
fn not_placed(refused: &Failure) -> PortFailure {
    let reason = refused.reason().unwrap_or("no reason given");
    let passing = reason.starts_with("RESOURCE:") || reason.starts_with("Capacity is unavailable");
    let kind = if passing {
        FailureKind::Throttled
    } else {
        FailureKind::Rejected
    };
    let detail = refused
        .detail()
        .map(|detail| format!(" ({detail})"))
        .unwrap_or_default();
    refusal(RUN, kind, format!("no task was started: {reason}{detail}"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("RESOURCE:CPU", FailureKind::Throttled)]
    #[case("Capacity is unavailable at this time", FailureKind::Throttled)]
    #[case("AGENT", FailureKind::Rejected)]
    #[case("ATTRIBUTE", FailureKind::Rejected)]
    fn failures_under_200(#[case] reason: &str, #[case] expected: FailureKind) {
        let failure = not_placed(&Failure::builder().reason(reason).build());
        assert_eq!((failure.kind, failure.effect), (expected, Effect::None));
        assert_eq!(failure.message, format!("no task was started: {reason}"));
    }
}
