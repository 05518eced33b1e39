//! The live tasks of a service, every page of them, and what the load balancers say of those very tasks.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::{DesiredStatus, HealthStatus, Service, Task};
use backstay_domain::app::ServiceLocator;
use backstay_domain::observation::{ContainerHealth, TargetState, TaskState, TaskView, TasksView};
use backstay_domain::ports::PortFailure;
use backstay_domain::{DefinitionRef, Digest, TaskId};
use futures_util::future::try_join_all;

use super::describe::count;
use super::targets::Targets;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure};
use crate::pace::Category;

/// Tasks to a call.
const BATCH: usize = 100;

impl<T> AwsCloud<T> {
    /// The running tasks of a service and their targets.
    pub(in crate::aws) async fn live_tasks(
        &self,
        locator: &ServiceLocator,
    ) -> Result<TasksView, PortFailure> {
        let service = self.describe_service(locator).await?;
        let tasks = self.tasks_of(locator, DesiredStatus::Running).await?;
        // The tasks are a witness of their own, whether or not their targets can be asked for.
        let targets = self.targets_of(&service).await;
        let idle = match &targets {
            Ok(Some(targets)) => without_requests(&service, targets.arns()),
            Ok(None) | Err(_) => BTreeSet::new(),
        };
        let is_idle = |task: &&Task| task.started_by().is_some_and(|by| idle.contains(by));
        let tasks = tasks
            .iter()
            .filter(|task| !is_idle(task))
            .filter_map(|task| task_view(task, &targets))
            .collect();
        Ok(TasksView {
            desired: count(service.desired_count()),
            tasks,
        })
    }

    /// The tasks that ECS wants running, or stopped, whole.
    pub(super) async fn tasks_of(
        &self,
        locator: &ServiceLocator,
        desired: DesiredStatus,
    ) -> Result<Vec<Task>, PortFailure> {
        let mut arns = Vec::new();
        let mut page = None;
        loop {
            self.pace.turn(Category::TaskRead).await;
            let reply = self
                .ecs
                .list_tasks()
                .cluster(&locator.cluster)
                .service_name(&locator.cluster_name)
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
        let described = try_join_all(
            arns.chunks(BATCH)
                .map(|batch| self.describe_tasks(&locator.cluster, batch)),
        )
        .await?;
        Ok(described.into_iter().flatten().collect())
    }

    /// At most a hundred tasks; those that ECS does not know are left out.
    pub(in crate::aws) async fn describe_tasks(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> Result<Vec<Task>, PortFailure> {
        self.pace.turn(Category::TaskRead).await;
        let reply = self
            .ecs
            .describe_tasks()
            .cluster(cluster)
            .set_tasks(Some(arns.to_vec()))
            .send()
            .await
            .map_err(|error| failure("ecs.DescribeTasks", Call::Read, &error))?;
        Ok(reply.tasks.unwrap_or_default())
    }
}

/// The task sets whose target group gets no requests, where another one's does: CodeDeploy brings one up, or keeps it for the way
/// back. They are no part of what is live.
fn without_requests<'s>(service: &'s Service, requested: &[String]) -> BTreeSet<&'s str> {
    let (mut served, mut idle) = (BTreeSet::new(), BTreeSet::new());
    for set in service.task_sets() {
        let groups = set.load_balancers().iter();
        let mut groups = groups.filter_map(|balancer| balancer.target_group_arn());
        let gets = groups.any(|arn| requested.iter().any(|it| it == arn));
        let among = if gets { &mut served } else { &mut idle };
        among.extend(set.id());
    }
    match served.is_empty() {
        true => served,
        false => idle,
    }
}

fn task_view(task: &Task, targets: &Result<Option<Targets>, PortFailure>) -> Option<TaskView> {
    let digests = task
        .containers()
        .iter()
        .filter_map(|container| Digest::parse(container.image_digest()?).ok());
    Some(TaskView {
        task: TaskId::parse(task.task_arn()?).ok()?,
        definition: DefinitionRef::parse(task.task_definition_arn()?).ok()?,
        digests: digests.collect(),
        running: state(task),
        target: match targets {
            Ok(Some(targets)) => targets.of(task),
            Ok(None) => TargetState::NotBalanced,
            Err(failure) => TargetState::Unheard(failure.clone()),
        },
        health: match task.health_status() {
            Some(HealthStatus::Healthy) => ContainerHealth::Healthy,
            Some(HealthStatus::Unhealthy) => ContainerHealth::Unhealthy,
            Some(_) | None => ContainerHealth::Unknown,
        },
    })
}

fn state(task: &Task) -> TaskState {
    match (task.desired_status(), task.last_status()) {
        (Some("STOPPED"), _)
        | (_, Some("DEACTIVATING" | "STOPPING" | "DEPROVISIONING" | "STOPPED" | "DELETED")) => {
            TaskState::Stopping
        }
        (_, Some("RUNNING")) => TaskState::Running,
        _ => TaskState::Starting,
    }
}
