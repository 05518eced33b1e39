//! The jobs port over RunTask: started once per key, and judged by the named container.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_sdk_ecs::types::{
    AssignPublicIp, AwsVpcConfiguration, Container, ContainerOverride, Failure, LaunchType,
    NetworkConfiguration, Task, TaskOverride, TaskStopCode,
};
use backstay_domain::TaskId;
use backstay_domain::app::{PublicAddress, TaskNetwork};
use backstay_domain::observation::{JobState, JobView};
use backstay_domain::ports::{Effect, FailureKind, JobRequest, PortFailure};

use super::AwsCloud;
use super::error::{Call, failure, refusal};
use super::logs::LogStream;
use super::services::{named, why_stopped};
use crate::pace::Category;

const RUN: &str = "ecs.RunTask";

/// Lines of the log that are kept.
const LINES: i32 = 50;

/// The last lines can arrive after the end: a log counts as whole when two looks at it are the same.
const LOG_LOOKS: u32 = 4;
const LOG_PAUSE: Duration = Duration::from_secs(1);

impl<T> AwsCloud<T> {
    /// Starts a task. The key makes a second call return the first one's task; no attempt is hidden in the SDK, so that
    /// the effect of a failure is that of the one request that was sent.
    pub(super) async fn run_task(&self, request: &JobRequest) -> Result<TaskId, PortFailure> {
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
            .launch_type(LaunchType::Fargate)
            .client_token(request.key.as_str())
            .started_by(request.started_by.chars().take(128).collect::<String>())
            .network_configuration(network(&request.network))
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
            });
        };
        let state = verdict(found, &request.container);
        let log = match state {
            JobState::Running | JobState::Vanished | JobState::NeverStarted(_) => Vec::new(),
            JobState::Exited(_) | JobState::Killed(_) => self.whole_log(request, task).await,
        };
        Ok(JobView { state, log })
    }

    /// A log that cannot be read leaves the verdict as it is.
    async fn whole_log(&self, request: &JobRequest, task: &TaskId) -> Vec<String> {
        let log = match self.document(&request.definition).await {
            Ok(document) => LogStream::of(&document, &request.container, task),
            Err(failure) => {
                tracing::debug!(%failure, "no definition to find the log by");
                None
            }
        };
        let Some(log) = log else { return Vec::new() };
        let mut lines = Vec::new();
        for look in 0..LOG_LOOKS {
            if look > 0 {
                self.time.sleep(LOG_PAUSE).await;
            }
            match self.last_lines(&log, LINES).await {
                Ok(read) if look > 0 && !read.is_empty() && read == lines => break,
                Ok(read) => lines = read,
                Err(failure) => {
                    tracing::debug!(%failure, "no log");
                    break;
                }
            }
        }
        lines
    }
}

fn network(network: &TaskNetwork) -> NetworkConfiguration {
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
    configuration.build()
}

/// RunTask says with HTTP 200 that nothing was started (trap 30).
fn not_placed(refused: &Failure) -> PortFailure {
    let reason = refused.reason().unwrap_or("no reason given");
    let passing = reason.starts_with("RESOURCE:") || reason.starts_with("Capacity is unavailable");
    let kind = if passing {
        FailureKind::Unavailable
    } else {
        FailureKind::Rejected
    };
    let detail = refused
        .detail()
        .map(|detail| format!(" ({detail})"))
        .unwrap_or_default();
    refusal(RUN, kind, format!("no task was started: {reason}{detail}"))
}

/// SIGKILL and SIGTERM: the container did not end by itself.
const SIGNALLED: [i32; 2] = [137, 143];

fn verdict(task: &Task, container: &str) -> JobState {
    if !matches!(task.last_status(), Some("STOPPED" | "DELETED")) {
        return JobState::Running;
    }
    let detail = why_stopped(task).1.to_string();
    let container = named(task, container);
    let by_itself = matches!(
        task.stop_code(),
        Some(TaskStopCode::EssentialContainerExited) | None
    );
    match container.and_then(Container::exit_code) {
        Some(code) if SIGNALLED.contains(&code) || !by_itself => JobState::Killed(detail),
        Some(code) => JobState::Exited(code),
        None if never_started(task) => JobState::NeverStarted(detail),
        None => JobState::Killed(format!("no exit code: {detail}")),
    }
}

/// An exit code that is absent is not 0: the container may never have run.
fn never_started(task: &Task) -> bool {
    task.stop_code() == Some(&TaskStopCode::TaskFailedToStart) || task.started_at().is_none()
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;
    use rstest::rstest;

    use super::*;

    fn ended(code: TaskStopCode, started: bool, exit: Option<i32>) -> Task {
        let sidecar = Container::builder().name("guardduty").exit_code(0).build();
        let ours = Container::builder()
            .name("migrate")
            .set_exit_code(exit)
            .build();
        Task::builder()
            .last_status("STOPPED")
            .stop_code(code)
            .stopped_reason("because")
            .set_started_at(started.then(|| DateTime::from_secs(1)))
            .containers(sidecar)
            .containers(ours)
            .build()
    }

    #[rstest]
    #[case::ok(
        TaskStopCode::EssentialContainerExited,
        true,
        Some(0),
        JobState::Exited(0)
    )]
    #[case::failed(
        TaskStopCode::EssentialContainerExited,
        true,
        Some(1),
        JobState::Exited(1)
    )]
    #[case::oom(TaskStopCode::EssentialContainerExited, true, Some(137), JobState::Killed("because; migrate: exit code 137".to_owned()))]
    #[case::no_image(TaskStopCode::TaskFailedToStart, false, None, JobState::NeverStarted("because".to_owned()))]
    #[case::stopped_early(TaskStopCode::UserInitiated, false, None, JobState::NeverStarted("because".to_owned()))]
    #[case::stopped_late(TaskStopCode::UserInitiated, true, Some(0), JobState::Killed("because".to_owned()))]
    #[case::spot(TaskStopCode::SpotInterruption, true, Some(143), JobState::Killed("because; migrate: exit code 143".to_owned()))]
    #[case::no_code(TaskStopCode::EssentialContainerExited, true, None, JobState::Killed("no exit code: because".to_owned()))]
    fn the_named_container_decides(
        #[case] code: TaskStopCode,
        #[case] started: bool,
        #[case] exit: Option<i32>,
        #[case] expected: JobState,
    ) {
        assert_eq!(verdict(&ended(code, started, exit), "migrate"), expected);
    }

    #[test]
    fn a_task_that_still_stops_is_running() {
        let task = Task::builder().last_status("DEPROVISIONING").build();
        assert_eq!(verdict(&task, "migrate"), JobState::Running);
    }

    #[rstest]
    #[case("RESOURCE:CPU", FailureKind::Unavailable)]
    #[case("Capacity is unavailable at this time", FailureKind::Unavailable)]
    #[case("AGENT", FailureKind::Rejected)]
    #[case("ATTRIBUTE", FailureKind::Rejected)]
    fn failures_under_200(#[case] reason: &str, #[case] expected: FailureKind) {
        let failure = not_placed(&Failure::builder().reason(reason).build());
        assert_eq!((failure.kind, failure.effect), (expected, Effect::None));
        assert_eq!(failure.message, format!("no task was started: {reason}"));
    }
}
