//! A picture of the world for tests and inspection: what runs where, and how the databases are.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::services::ecs::{Rollout, Service, ServiceStatus, TaskSetStatus, TaskStatus};
use crate::{Millis, World};

/// What is live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// By service name; deleted services are not in it.
    pub services: BTreeMap<String, ServicePicture>,
    /// Schema revision by migration family.
    pub databases: BTreeMap<String, String>,
    /// What starts tasks when they are due, by `BUS/RULE/TARGET` and `GROUP/SCHEDULE`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub schedules: BTreeMap<String, SchedulePicture>,
}

/// What a rule's target or a schedule starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchedulePicture {
    /// TaskDefinitionArn, as it is written there.
    pub task_definition_arn: String,
    /// Whether it starts anything.
    pub enabled: bool,
    /// The images of that task definition's containers, as registered.
    pub images: Vec<String>,
}

/// One service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePicture {
    /// `family:revision` of the service.
    pub task_definition: String,
    /// taskDefinitionArn of that.
    pub task_definition_arn: String,
    /// `family:revision` of its RUNNING tasks; more than one means mixed versions. What CodeDeploy keeps for the way back, when all
    /// requests have left it, is no part of the picture.
    pub running_task_definitions: BTreeSet<String>,
    /// Image digests of its RUNNING tasks.
    pub image_digests: BTreeSet<String>,
    /// desiredCount.
    pub desired: u32,
    /// Tasks RUNNING.
    pub running: usize,
    /// Tasks before RUNNING.
    pub pending: usize,
    /// Tasks that count as healthy.
    pub healthy: usize,
    /// A deployment is IN_PROGRESS.
    pub deploying: bool,
    /// `rolloutState` of the PRIMARY deployment.
    pub rollout: String,
}

/// An event as `DescribeServices` tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceMessage {
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: Millis,
    /// serviceName.
    pub service: String,
    /// For example `(service auth) has reached a steady state.`
    pub message: String,
}

impl World {
    /// The manual snapshots of DB instances that could be restored now, by their names.
    #[must_use]
    pub fn db_snapshots(&self) -> Vec<String> {
        self.rds.available_snapshots(self.now_ms)
    }

    /// The latest events of all services (at most 100 of each), oldest first.
    #[must_use]
    pub fn service_events(&self) -> Vec<ServiceMessage> {
        let services = self.ecs.services.values();
        let mut told: Vec<ServiceMessage> = services
            .flat_map(|service| {
                service.events.newest_first().map(|event| ServiceMessage {
                    at_ms: event.at_ms,
                    service: service.name.clone(),
                    message: event.what.told(&service.name).to_string(),
                })
            })
            .collect();
        // They come newest first; the order within one instant is kept.
        told.reverse();
        told.sort_by_key(|event| event.at_ms);
        told
    }
}

/// A task that is not stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskPicture {
    /// serviceName; none for a task of RunTask.
    pub service: Option<String>,
    /// `family:revision`.
    pub task_definition: String,
    /// Digests of its images, as far as they were pulled.
    pub image_digests: BTreeSet<String>,
    /// startedBy.
    pub started_by: Option<String>,
    /// lastStatus.
    pub status: String,
    /// Whether desiredStatus is STOPPED.
    pub told_to_stop: bool,
    /// Whether it counts as healthy.
    pub healthy: bool,
}

/// What was ever started: shows what was started twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Started {
    /// Tasks of RunTask by their client token; those without one are under the empty token.
    pub jobs: BTreeMap<String, usize>,
    /// Revisions by task definition family.
    pub revisions: BTreeMap<String, usize>,
    /// Service deployments by service name and the `family:revision` they deploy.
    pub rollouts: BTreeMap<(String, String), usize>,
}

impl World {
    /// What was started so far, by whomever.
    #[must_use]
    pub fn started(&self) -> Started {
        let mut started = Started::default();
        let ecs = &self.ecs;
        for (token, run) in &ecs.run_tokens {
            started.jobs.insert(token.clone(), run.task_arns.len());
        }
        let known = |arn: &String| {
            ecs.run_tokens
                .values()
                .any(|run| run.task_arns.contains(arn))
        };
        let one_off = ecs.tasks.values().filter(|task| task.service().is_none());
        let loose = one_off.filter(|task| !known(&task.arn)).count();
        if loose > 0 {
            started.jobs.insert(String::new(), loose);
        }
        for (name, family) in &ecs.families {
            started
                .revisions
                .insert(name.clone(), family.revisions.len());
        }
        for service in ecs.services.values() {
            for record in &service.records {
                if let Some(revision) = service.revisions.get(&record.target) {
                    let rollout = (service.name.clone(), revision.definition.name());
                    *started.rollouts.entry(rollout).or_default() += 1;
                }
            }
        }
        for rollout in self.codedeploy.started() {
            *started.rollouts.entry(rollout).or_default() += 1;
        }
        started
    }

    /// Every task that is not stopped, in the order in which they were started.
    #[must_use]
    pub fn tasks(&self) -> Vec<TaskPicture> {
        let alive = self.ecs.tasks.values();
        let alive = alive.filter(|task| task.status != TaskStatus::Stopped);
        alive
            .map(|task| TaskPicture {
                service: task
                    .service()
                    .and_then(|(key, _)| self.ecs.service(key))
                    .map(|service| service.name.clone()),
                task_definition: task.definition.name(),
                image_digests: task
                    .containers
                    .iter()
                    .filter_map(|one| one.digest.clone())
                    .collect(),
                started_by: task.started_by.clone(),
                status: task.status.text().to_owned(),
                told_to_stop: task.told_to_stop,
                healthy: task.healthy,
            })
            .collect()
    }

    /// The images of a task definition's containers, as registered; nothing for an unknown one.
    #[must_use]
    pub fn images_of(&self, task_definition: &str) -> Vec<String> {
        let families = self.ecs.families.values();
        let mut revisions = families.flat_map(|family| family.revisions.values());
        let found = revisions.find(|definition| definition.name() == task_definition);
        let containers = found
            .into_iter()
            .flat_map(|definition| &definition.containers);
        containers
            .map(|container| container.image.clone())
            .collect()
    }

    /// What is live now.
    #[must_use]
    pub fn picture(&self) -> Picture {
        let services = self
            .ecs
            .services
            .values()
            .filter(|service| service.status != ServiceStatus::Inactive);
        let databases = self
            .databases
            .iter()
            .map(|(family, database)| (family.clone(), database.revision.clone()));
        Picture {
            services: services
                .map(|service| (service.name.clone(), self.service_picture(service)))
                .collect(),
            databases: databases.collect(),
            schedules: self.schedule_pictures(),
        }
    }

    fn schedule_pictures(&self) -> BTreeMap<String, SchedulePicture> {
        let started = self.events.tasks().chain(self.scheduler.tasks());
        let pictures = started.map(|(place, starts, enabled)| {
            let revision = starts.rsplit('/').next().unwrap_or_default();
            let picture = SchedulePicture {
                images: self.images_of(revision),
                task_definition_arn: starts,
                enabled,
            };
            (place, picture)
        });
        pictures.collect()
    }

    fn service_picture(&self, service: &Service) -> ServicePicture {
        let kept = |digits: &str| self.codedeploy.keeps(digits);
        let running: Vec<_> = self
            .ecs
            .tasks_of(service)
            .filter(|task| task.status == TaskStatus::Running)
            .filter(|task| !task.deployment().is_some_and(kept))
            .collect();
        let digests = running
            .iter()
            .flat_map(|task| task.containers.iter().filter_map(|one| one.digest.clone()));
        let rollout = service
            .primary()
            .map_or(Rollout::Completed, |primary| primary.rollout);
        // CodeDeploy is at it while there is a second task set that is not going.
        let sets = service.deployments.iter();
        let sets = sets
            .filter(|it| !kept(&it.digits))
            .filter_map(|it| it.task_set.as_ref());
        let moves = sets
            .into_iter()
            .any(|set| set.status == TaskSetStatus::Active);
        ServicePicture {
            task_definition: service.definition.name(),
            task_definition_arn: service.definition.arn.clone(),
            running_task_definitions: running.iter().map(|task| task.definition.name()).collect(),
            image_digests: digests.collect(),
            desired: service.desired,
            running: running.len(),
            pending: self.ecs.counts(service, None).1,
            healthy: running.iter().filter(|task| task.healthy).count(),
            deploying: rollout == Rollout::InProgress || moves,
            rollout: rollout.text().to_owned(),
        }
    }
}
