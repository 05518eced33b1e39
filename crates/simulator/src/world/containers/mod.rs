//! Containers that run for real, outside of a world: what it orders, and what it is told of them.
//!
//! The world runs nothing and waits for nobody. ECS's rules stay its own: when a task starts, which tasks have to go and when,
//! what the end of a container means. It notes what is to be done ([`Order`]); whoever runs containers does that, and says what
//! came of it ([`World::container_started`] and what follows).

mod facts;
mod launch;
mod secrets;
mod trouble;

pub(crate) use facts::{Ended, Exit};
pub(crate) use launch::{HealthCommand, Launch, LaunchContainer, Pull};
pub(crate) use secrets::SecretSource;
pub(crate) use trouble::{Trouble, VARIABLE as TROUBLE};

use crate::World;
use crate::base::agenda::TaskSerial;
use crate::services::ecs::{Task, TaskStatus};

/// Whether containers run for real, and what has to be done with them. No part of a saved world.
#[derive(Clone, Debug, Default)]
pub(crate) struct Containers {
    for_real: bool,
    orders: Vec<Order>,
}

/// What is to be done with a task's containers.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    /// Start all of them.
    Start(Box<Launch>),
    /// SIGTERM, and SIGKILL when `stopTimeout` has passed (C [DOC]).
    Stop {
        /// The task's ARN.
        task: String,
    },
}

impl Containers {
    /// Somebody runs them.
    pub(crate) fn for_real() -> Self {
        Self {
            for_real: true,
            orders: Vec::new(),
        }
    }

    pub(crate) fn run_for_real(&self) -> bool {
        self.for_real
    }
}

impl World {
    /// What has to be done since this was asked last, in order.
    pub(crate) fn take_orders(&mut self) -> Vec<Order> {
        std::mem::take(&mut self.containers.orders)
    }

    /// Its containers are to be started: all is decided that ECS decides before.
    pub(crate) fn order_start(&mut self, serial: TaskSerial) {
        let Some(task) = self.ecs.task(serial) else {
            return;
        };
        let launch = self.launch_of(task);
        // Whether anybody asks it is not seen here.
        self.errors_are_seen(serial);
        self.containers.orders.push(Order::Start(Box::new(launch)));
    }

    /// Its containers are to be stopped.
    pub(crate) fn order_stop(&mut self, serial: TaskSerial) {
        if let Some(task) = self.ecs.task(serial) {
            let task = task.arn.clone();
            self.containers.orders.push(Order::Stop { task });
        }
    }

    /// Tasks that run already, in a world that was made or restored: nobody has started their containers yet.
    pub(crate) fn order_all_that_run(&mut self) {
        if !self.containers.for_real {
            return;
        }
        self.containers.orders.clear();
        let waits = |task: &Task| task.step_ms.is_none();
        let mut begun: Vec<TaskSerial> = Vec::new();
        let mut ending: Vec<TaskSerial> = Vec::new();
        for task in self.ecs.tasks.values() {
            match task.status {
                TaskStatus::Running if task.is_live() => begun.push(task.serial),
                TaskStatus::Activating if waits(task) => begun.push(task.serial),
                TaskStatus::Stopping if waits(task) => ending.push(task.serial),
                _ => {}
            }
        }
        for serial in begun {
            self.order_start(serial);
        }
        for serial in ending {
            self.order_stop(serial);
        }
    }

    /// Whether a task still wants its containers: it is known, and has not ended.
    pub(crate) fn wants(&self, arn: &str) -> bool {
        let mut tasks = self.ecs.tasks.values();
        tasks.any(|task| task.arn == arn && task.status < TaskStatus::Deprovisioning)
    }
}
