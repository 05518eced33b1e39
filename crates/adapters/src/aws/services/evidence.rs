//! Evidence about one definition of a service whose tasks fail: stopped tasks, unhealthy tasks, and the end of a log.

use aws_sdk_ecs::types::{DesiredStatus, Service, Task};
use aws_smithy_types::DateTime;
use backstay_domain::app::ServiceLocator;
use backstay_domain::observation::{
    Evidence, StopCause, StoppedTask, TargetState, TaskEnd, UnhealthyTask,
};
use backstay_domain::ports::PortFailure;
use backstay_domain::{DefinitionRef, RolloutHandle, TaskId};
use futures_util::future::try_join;

use super::code_deploy::handle_of_task_set;
use super::describe::moment;
use super::stops::why_stopped;
use super::targets::Targets;
use super::words::{plain, unhealthy_reason};
use crate::aws::AwsCloud;
use crate::aws::logs::LogStream;

/// Lines of the newest stopped task's log.
const LINES: i32 = 20;

/// Events looked at, newest first.
const RECENT: usize = 10;

impl<T> AwsCloud<T> {
    /// What speaks against a definition, before ECS forgets it.
    pub(in crate::aws) async fn gather_evidence(
        &self,
        locator: &ServiceLocator,
        definition: &DefinitionRef,
    ) -> Result<Evidence, PortFailure> {
        let ours = |task: &Task| task.task_definition_arn() == Some(definition.as_str());
        let (service, mut ended) = try_join(
            self.describe_service(locator),
            self.tasks_of(locator, DesiredStatus::Stopped),
        )
        .await?;
        ended.retain(ours);
        ended.sort_by_key(|task| std::cmp::Reverse(task.stopped_at().and_then(moment)));
        let mut stopped: Vec<StoppedTask> = ended
            .iter()
            .filter_map(|task| stopped_task(&service, task))
            .collect();
        stopped.extend(without_capacity(&service, definition));
        let unhealthy = match self.targets_of(&service).await? {
            None => Vec::new(),
            Some(targets) => {
                let running = self.tasks_of(locator, DesiredStatus::Running).await?;
                running
                    .iter()
                    .filter(|task| ours(task))
                    .filter_map(|task| unhealthy_task(task, &targets))
                    .collect()
            }
        };
        let log = match ended.iter().find(|task| why_stopped(task).0.is_failure()) {
            Some(task) => self.failed_log(task, definition).await,
            None => Vec::new(),
        };
        Ok(Evidence {
            stopped,
            unhealthy,
            log,
        })
    }

    /// The log of the container that failed. Evidence without a log is still evidence.
    async fn failed_log(&self, task: &Task, definition: &DefinitionRef) -> Vec<String> {
        let Some(id) = task.task_arn().and_then(|arn| TaskId::parse(arn).ok()) else {
            return Vec::new();
        };
        let failing = task
            .containers()
            .iter()
            .find(|container| container.exit_code().is_some_and(|code| code != 0));
        let Some(name) = failing
            .or(task.containers().first())
            .and_then(|container| container.name())
        else {
            return Vec::new();
        };
        let document = match self.document(definition).await {
            Ok(document) => document,
            Err(failure) => {
                tracing::debug!(%failure, "no definition to find the log by");
                return Vec::new();
            }
        };
        let Ok(log) = LogStream::of(&document, name, &id) else {
            return Vec::new();
        };
        self.last_lines(&log, LINES)
            .await
            .unwrap_or_else(|failure| {
                tracing::debug!(%failure, "no log");
                Vec::new()
            })
    }
}

fn stopped_task(service: &Service, task: &Task) -> Option<StoppedTask> {
    // Tasks that ECS wants stopped are listed before they are; only an end has a cause.
    if !matches!(task.last_status(), Some("STOPPED" | "DELETED") | None)
        && task.stop_code().is_none()
    {
        return None;
    }
    let (cause, end) = why_stopped(task);
    let health =
        unhealthy_reason(service, task.task_arn()?).filter(|_| cause == StopCause::TargetCheck);
    Some(StoppedTask {
        task: TaskId::parse(task.task_arn()?).ok()?,
        definition: DefinitionRef::parse(task.task_definition_arn()?).ok()?,
        rollout: task
            .started_by()
            .filter(|by| by.starts_with("ecs-svc/"))
            .and_then(|by| {
                let of_a_set = handle_of_task_set(service, by);
                of_a_set.or_else(|| RolloutHandle::parse(by).ok())
            }),
        started_at: task.started_at().and_then(moment),
        stopped_at: task.stopped_at().and_then(moment),
        cause,
        end: TaskEnd { health, ..end },
    })
}

fn unhealthy_task(task: &Task, targets: &Targets) -> Option<UnhealthyTask> {
    let TargetState::Unhealthy(detail) = targets.of(task) else {
        return None;
    };
    // A task that still comes up has no target yet, and one in `initial` was not judged yet.
    if task.last_status() != Some("RUNNING") || !detail.starts_with("unhealthy") {
        return None;
    }
    Some(UnhealthyTask {
        task: TaskId::parse(task.task_arn()?).ok()?,
        definition: DefinitionRef::parse(task.task_definition_arn()?).ok()?,
        detail,
    })
}

/// The newest rollout of a definition, and since when it is there.
fn newest_of<'s>(
    service: &'s Service,
    definition: &DefinitionRef,
) -> Option<(Option<RolloutHandle>, &'s DateTime)> {
    let wanted = Some(definition.as_str());
    let mut deployments = service.deployments().iter();
    let ours = deployments.find(|one| one.task_definition() == wanted);
    if let Some(newest) = ours {
        let handle = newest.id().and_then(|id| RolloutHandle::parse(id).ok());
        return Some((handle, newest.created_at()?));
    }
    let sets = service.task_sets().iter();
    let ours = sets.filter(|set| set.task_definition() == wanted);
    let newest = ours.max_by_key(|set| set.created_at().map(DateTime::secs))?;
    let handle = handle_of_task_set(service, newest.id()?);
    Some((handle, newest.created_at()?))
}

/// Without capacity there is no task that could stop: only events tell.
fn without_capacity(service: &Service, definition: &DefinitionRef) -> Vec<StoppedTask> {
    let Some((rollout, since)) = newest_of(service, definition) else {
        return Vec::new();
    };
    let events = service.events().iter().take(RECENT);
    events
        .filter(|event| event.created_at().is_some_and(|at| at >= since))
        .filter_map(|event| {
            let message = event
                .message()
                .filter(|message| message.contains("Capacity is unavailable"))?;
            Some(StoppedTask {
                task: TaskId::parse(format!("event/{}", event.id().unwrap_or("unknown"))).ok()?,
                definition: definition.clone(),
                rollout: rollout.clone(),
                started_at: None,
                stopped_at: event.created_at().and_then(moment),
                cause: StopCause::NoCapacity,
                end: TaskEnd::saying(plain(message)),
            })
        })
        .collect()
}
