//! What a world is told of containers that run for real. A fact about a task that is past it changes nothing.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::World;
use crate::base::agenda::TaskSerial;
use crate::services::ecs::{self, ContainerHealth, StartFailure, Task, TaskStatus};

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exit {
    /// Nothing where nobody knows: it never ran, or its engine is gone.
    pub(crate) code: Option<i32>,
    pub(crate) out_of_memory: bool,
    /// In the container runtime's words, where it has any.
    pub(crate) reason: Option<String>,
}

/// How all containers of a task ended, by name.
pub(crate) type Ended = BTreeMap<String, Exit>;

impl World {
    fn real_task(&self, arn: &str) -> Option<(TaskSerial, TaskStatus)> {
        let mut tasks = self.ecs.tasks.values();
        let task = tasks.find(|task| task.arn == arn)?;
        Some((task.serial, task.status))
    }

    /// All containers of a task have been started; its ports are reached there.
    pub(crate) fn containers_started(&mut self, arn: &str, reached: BTreeMap<u16, SocketAddr>) {
        let Some((serial, status)) = self.real_task(arn) else {
            return;
        };
        if let Some(task) = self.ecs.task_mut(serial) {
            task.reached = reached;
        }
        if status == TaskStatus::Activating {
            ecs::run(self, serial);
        }
    }

    /// A task's containers could not be started, in the words of ECS. One that was running already has ended.
    pub(crate) fn containers_not_started(&mut self, arn: &str, reason: String) {
        let Some((serial, status)) = self.real_task(arn) else {
            return;
        };
        match status {
            TaskStatus::Activating => {
                ecs::fail_to_start(self, serial, StartFailure::Runtime(reason));
            }
            TaskStatus::Running => {
                let essential = self.ecs.task(serial).and_then(|task| task.app());
                let name = essential.map(|container| container.name.clone());
                let exit = Exit {
                    code: None,
                    out_of_memory: false,
                    reason: Some(reason),
                };
                let ended = name.into_iter().map(|name| (name, exit.clone())).collect();
                ecs::ended_by_itself(self, serial, &ended);
            }
            _ => {}
        }
    }

    /// All containers have ended: because one did that is essential, or because they were told to.
    pub(crate) fn containers_ended(&mut self, arn: &str, ended: &Ended) {
        let Some((serial, status)) = self.real_task(arn) else {
            return;
        };
        if let Some(task) = self.ecs.task_mut(serial) {
            task.reached.clear();
        }
        match status {
            TaskStatus::Running => ecs::ended_by_itself(self, serial, ended),
            TaskStatus::Deactivating | TaskStatus::Stopping => {
                ecs::stopped_by_signal(self, serial, ended);
            }
            _ => {}
        }
    }

    /// The health of its essential containers that have a check.
    pub(crate) fn container_health(&mut self, arn: &str, health: ContainerHealth) {
        let Some((serial, TaskStatus::Running)) = self.real_task(arn) else {
            return;
        };
        let Some(task) = self.ecs.task_mut(serial) else {
            return;
        };
        if std::mem::replace(&mut task.health, health) != health {
            self.reconsider_health(serial);
        }
    }

    /// A line that a container has written now.
    pub(crate) fn container_line(&mut self, arn: &str, container: &str, line: String) {
        let Some((serial, _)) = self.real_task(arn) else {
            return;
        };
        let stream = self
            .ecs
            .task(serial)
            .and_then(|task| stream(task, container));
        if let Some((group, stream)) = stream {
            self.log(group, stream, self.now_ms, line);
        }
    }
}

/// `prefix/container/task-id`, if it has the awslogs driver (G [DOC]).
fn stream(task: &Task, container: &str) -> Option<(String, String)> {
    let definition = &task.definition;
    let known = definition
        .containers
        .iter()
        .find(|it| it.name == container)?;
    let target = known.logs.as_ref()?;
    let stream = format!("{}/{container}/{}", target.prefix, task.id);
    Some((target.group.clone(), stream))
}
