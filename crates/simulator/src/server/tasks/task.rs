//! The life of one task's containers: started in the order of `dependsOn`, watched, checked, stopped.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::environment::surroundings;
use super::health::{Check, Checked, together};
use super::{Engine, Started};
use crate::server::registry::Slot;
use crate::server::request::Shared;
use crate::services::ecs::Condition;
use crate::services::ecs::ContainerHealth;
use crate::world::containers::{Ended, Exit, HealthCommand, Launch, LaunchContainer};
use crate::{Millis, World};

/// Real time between two checks of one container, and of one that is healthy: each is a process, and there may be many containers.
const LEAST_BETWEEN_CHECKS: Duration = Duration::from_secs(3);
const LEAST_WHILE_HEALTHY: Duration = Duration::from_secs(8);

/// What its world wants of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Run,
    /// SIGTERM, and later SIGKILL.
    Stop,
    /// At once: nobody waits for it.
    Kill,
}

/// Something that one of its containers did.
enum Happened {
    Ended(String, Exit),
    Line(String, String),
    Checked(String, ContainerHealth),
}

/// From its first container's start to the end of the last one.
pub(super) async fn live(
    shared: Arc<Shared>,
    engine: Arc<dyn Engine>,
    slot: Arc<Slot>,
    launch: Launch,
    told: watch::Receiver<Told>,
) {
    let (happen, happened) = mpsc::unbounded_channel();
    let task = Task {
        shared,
        engine,
        slot,
        launch,
        told,
        happen,
        happened,
        running: Vec::new(),
        ended: Ended::new(),
        health: BTreeMap::new(),
        watching: JoinSet::new(),
    };
    task.live().await;
}

struct Task {
    shared: Arc<Shared>,
    engine: Arc<dyn Engine>,
    slot: Arc<Slot>,
    launch: Launch,
    told: watch::Receiver<Told>,
    happen: mpsc::UnboundedSender<Happened>,
    happened: mpsc::UnboundedReceiver<Happened>,
    /// In the order of their start.
    running: Vec<(LaunchContainer, Arc<dyn Started>)>,
    ended: Ended,
    /// Of essential containers that have a check; and of others, for `dependsOn`.
    health: BTreeMap<String, ContainerHealth>,
    watching: JoinSet<()>,
}

impl Task {
    async fn live(mut self) {
        match self.start().await {
            Ok(()) => {
                let reached = self
                    .running
                    .iter()
                    .flat_map(|(_, it)| it.reached())
                    .collect();
                let task = self.launch.task.clone();
                self.say(|world| world.containers_started(&task, reached));
                self.run().await;
                self.stop().await;
                let (task, ended) = (self.launch.task.clone(), std::mem::take(&mut self.ended));
                self.say(|world| world.containers_ended(&task, &ended));
            }
            Err(reason) => {
                self.kill().await;
                let task = self.launch.task.clone();
                self.say(|world| world.containers_not_started(&task, reason));
            }
        }
        self.watching.shutdown().await;
        for (_, started) in &self.running {
            started.remove().await;
        }
    }

    /// Tells its world something.
    fn say(&self, fact: impl FnOnce(&mut World)) {
        self.slot.at(self.shared.clock.now_ms(), |inhabited| {
            inhabited.changed = true;
            fact(&mut inhabited.world);
        });
    }

    async fn start(&mut self) -> Result<(), String> {
        let mut open = in_order(&self.launch.containers)?;
        open.reverse();
        while let Some(container) = open.pop() {
            for (name, condition) in &container.depends_on {
                self.wait_for(name, *condition).await?;
            }
            // The first essential container has the network that all share; what runs before it has one of its own.
            let owner = self.running.iter().find(|(it, _)| it.essential);
            let beside = owner.map(|(_, started)| started.id().to_owned());
            let (lines, written) = mpsc::unbounded_channel();
            let surroundings = surroundings(
                &self.shared,
                &*self.engine,
                &self.launch,
                &container,
                beside,
                lines,
            )
            .await?;
            let started = self
                .engine
                .start(&self.launch, &container, surroundings)
                .await?;
            self.watch(&container, &started, written);
            self.running.push((container, started));
        }
        Ok(())
    }

    async fn wait_for(&mut self, name: &str, condition: Condition) -> Result<(), String> {
        loop {
            let exit = self.ended.get(name);
            let met = match condition {
                Condition::Start => true,
                Condition::Complete => exit.is_some(),
                Condition::Success => exit.is_some_and(|exit| exit.code == Some(0)),
                Condition::Healthy => self.health.get(name) == Some(&ContainerHealth::Healthy),
            };
            if met {
                return Ok(());
            }
            // What has ended meets no other condition any more (C [DOC]).
            if exit.is_some() || *self.told.borrow() != Told::Run {
                return Err(format!(
                    "dependency {name} did not reach the condition that was waited for"
                ));
            }
            self.next().await;
        }
    }

    /// Its end, its lines and its health are told from now on.
    fn watch(
        &mut self,
        container: &LaunchContainer,
        started: &Arc<dyn Started>,
        mut written: mpsc::UnboundedReceiver<String>,
    ) {
        let (happen, it) = (self.happen.clone(), Arc::clone(started));
        let name = container.name.clone();
        self.watching.spawn(async move {
            // All that it has written comes before its end.
            while let Some(line) = written.recv().await {
                let _ = happen.send(Happened::Line(name.clone(), line));
            }
            let exit = it.ended().await;
            let _ = happen.send(Happened::Ended(name, exit));
        });
        if let Some(check) = container.health_check.clone() {
            self.health
                .insert(container.name.clone(), ContainerHealth::Unknown);
            let checks = checks(
                Arc::clone(&self.shared),
                Arc::clone(started),
                check,
                container.name.clone(),
                self.happen.clone(),
            );
            self.watching.spawn(checks);
        }
    }

    /// The next thing that happens, or that its world wants something else.
    async fn next(&mut self) {
        tokio::select! {
            biased;
            happened = self.happened.recv() => match happened {
                Some(happened) => self.take(happened),
                None => std::future::pending().await,
            },
            _ = self.told.changed() => {}
        }
    }

    fn take(&mut self, happened: Happened) {
        let task = self.launch.task.clone();
        match happened {
            Happened::Line(name, line) => {
                self.say(|world| world.container_line(&task, &name, line));
            }
            Happened::Ended(name, exit) => {
                self.ended.insert(name, exit);
            }
            Happened::Checked(name, health) => {
                self.health.insert(name, health);
                let containers = self.launch.containers.iter();
                let counting = containers.filter(|it| it.essential && it.health_check.is_some());
                let of = |it: &LaunchContainer| self.health.get(&it.name).copied();
                let health = together(counting.filter_map(of));
                if health != ContainerHealth::Unknown {
                    self.say(|world| world.container_health(&task, health));
                }
            }
        }
    }

    /// Until an essential container ends, or its world wants something else.
    async fn run(&mut self) {
        loop {
            let has_ended = |it: &LaunchContainer| self.ended.contains_key(&it.name);
            let mut containers = self.launch.containers.iter();
            if containers.any(|it| it.essential && has_ended(it))
                || *self.told.borrow() != Told::Run
            {
                return;
            }
            self.next().await;
        }
    }

    /// SIGTERM to all that still run, the last one first; SIGKILL to each when its `stopTimeout` is over (C [DOC]).
    async fn stop(&mut self) {
        if *self.told.borrow() == Told::Kill {
            return self.kill().await;
        }
        let mut ending = JoinSet::new();
        for (container, started) in self.running.iter().rev() {
            if self.ended.contains_key(&container.name) {
                continue;
            }
            started.terminate().await;
            let (shared, started) = (Arc::clone(&self.shared), Arc::clone(started));
            let limit_ms = container.stop_timeout_ms;
            ending.spawn(async move {
                let until_ms = shared.clock.now_ms() + limit_ms;
                tokio::select! {
                    _ = started.ended() => {}
                    () = shared.clock.until(until_ms) => started.kill().await,
                }
            });
        }
        while self.ended.len() < self.running.len() {
            if *self.told.borrow() == Told::Kill {
                return self.kill().await;
            }
            self.next().await;
        }
    }

    async fn kill(&mut self) {
        for (container, started) in &self.running {
            if !self.ended.contains_key(&container.name) {
                started.kill().await;
            }
        }
        while self.ended.len() < self.running.len() {
            match self.happened.recv().await {
                Some(happened) => self.take(happened),
                None => return,
            }
        }
    }
}

/// Checks a container at its interval until its task is over.
async fn checks(
    shared: Arc<Shared>,
    started: Arc<dyn Started>,
    health: HealthCommand,
    name: String,
    happen: mpsc::UnboundedSender<Happened>,
) {
    let began_ms = shared.clock.now_ms();
    let mut checked = Checked::nothing();
    let mut next_ms: Millis = began_ms;
    loop {
        let least = match checked.health() {
            ContainerHealth::Healthy => LEAST_WHILE_HEALTHY,
            ContainerHealth::Unhealthy | ContainerHealth::Unknown => LEAST_BETWEEN_CHECKS,
        };
        // However fast the clock is.
        let least = least.mul_f64(shared.clock.speed());
        let least_ms = u64::try_from(least.as_millis()).unwrap_or(u64::MAX);
        let interval_ms = health.check.interval_ms.max(least_ms);
        next_ms = (next_ms + interval_ms).max(shared.clock.now_ms() + least_ms);
        shared.clock.until(next_ms).await;
        let since_ms = shared.clock.now_ms().saturating_sub(began_ms);
        // A program is not faster because the clock is.
        let passed = started
            .check(&health.words, Duration::from_millis(health.timeout_ms))
            .await;
        let seen = match passed {
            true => Check::Passed,
            false => Check::Failed,
        };
        checked.count(health.check, since_ms, seen);
        if happen
            .send(Happened::Checked(name.clone(), checked.health()))
            .is_err()
        {
            return;
        }
    }
}

/// Each after those that it waits for.
fn in_order(containers: &[LaunchContainer]) -> Result<Vec<LaunchContainer>, String> {
    let mut open: Vec<&LaunchContainer> = containers.iter().collect();
    let mut order: Vec<LaunchContainer> = Vec::new();
    while !open.is_empty() {
        let is_free = |it: &&LaunchContainer| {
            let mut needed = it.depends_on.iter();
            needed.all(|(name, _)| order.iter().any(|before| before.name == *name))
        };
        let Some(free) = open.iter().position(is_free) else {
            return Err("the dependencies between its containers lead in a circle".to_owned());
        };
        order.push(open.remove(free).clone());
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::in_order;
    use crate::services::ecs::Condition;
    use crate::world::containers::LaunchContainer;

    #[test]
    fn each_after_those_that_it_waits_for() {
        let container = |name: &str, after: &[&str]| LaunchContainer {
            name: name.to_owned(),
            depends_on: after
                .iter()
                .map(|name| ((*name).to_owned(), Condition::Start))
                .collect(),
            ..LaunchContainer::default()
        };
        let all = [
            container("app", &["migrate", "proxy"]),
            container("proxy", &["migrate"]),
            container("migrate", &[]),
        ];
        let order = in_order(&all).unwrap();
        let names: Vec<&str> = order.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["migrate", "proxy", "app"]);
        let circle = [container("a", &["b"]), container("b", &["a"])];
        assert!(in_order(&circle).is_err());
    }
}
