//! Carries orders from every world to the engine, and lets worlds go on while nobody asks them anything.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::MissedTickBehavior;

use super::docker::Docker;
use super::process::Processes;
use super::task::{Told, live};
use super::{Engine, TaskRuntime};
use crate::server::registry::{Address, Slot};
use crate::server::request::Shared;
use crate::world::containers::{Ended, Order};

/// How often orders are looked for: real time, whatever a world's is.
const EVERY: Duration = Duration::from_millis(20);

/// A task whose containers somebody looks after.
struct Kept {
    slot: Arc<Slot>,
    tell: watch::Sender<Told>,
    life: JoinHandle<()>,
}

/// Runs until `stopped` is ready; then nothing of it is left.
pub(in crate::server) async fn drive(
    shared: Arc<Shared>,
    runtime: TaskRuntime,
    stopped: impl Future<Output = ()>,
) {
    let engine: Arc<dyn Engine> = match runtime {
        TaskRuntime::Scripted => return,
        TaskRuntime::Process(programs) => Arc::new(Processes::of(programs, shared.port())),
        TaskRuntime::Docker => Arc::new(Docker::of(shared.port()).await),
    };
    let mut stopped = pin!(stopped);
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut kept: BTreeMap<String, Kept> = BTreeMap::new();
    loop {
        let worlds = shared.worlds.all();
        for (_, slot) in &worlds {
            // Time passes for a world that nobody asks anything, too.
            let orders = slot.at(shared.clock.now_ms(), |inhabited| {
                inhabited.world.take_orders()
            });
            for order in orders {
                obey(&shared, &engine, slot, &mut kept, order);
            }
        }
        abandon(&shared, &worlds, &mut kept);
        tokio::select! {
            () = &mut stopped => break,
            _ = ticks.tick() => {}
        }
    }
    let mut ending = JoinSet::new();
    for (_, one) in kept {
        one.tell.send_replace(Told::Kill);
        ending.spawn(one.life);
    }
    while ending.join_next().await.is_some() {}
    engine.sweep().await;
}

fn obey(
    shared: &Arc<Shared>,
    engine: &Arc<dyn Engine>,
    slot: &Arc<Slot>,
    kept: &mut BTreeMap<String, Kept>,
    order: Order,
) {
    match order {
        Order::Start(launch) => {
            let task = launch.task.clone();
            let (tell, told) = watch::channel(Told::Run);
            let life = live(
                Arc::clone(shared),
                Arc::clone(engine),
                Arc::clone(slot),
                *launch,
                told,
            );
            let one = Kept {
                slot: Arc::clone(slot),
                tell,
                life: tokio::spawn(life),
            };
            // One of the same name is of a world that was put back: nobody waits for it.
            if let Some(before) = kept.insert(task, one) {
                before.tell.send_replace(Told::Kill);
            }
        }
        Order::Stop { task } => match kept.get(&task) {
            Some(one) if !one.life.is_finished() => {
                one.tell.send_replace(Told::Stop);
            }
            // Nothing of it runs: it is of a world that was saved.
            _ => slot.at(shared.clock.now_ms(), |inhabited| {
                inhabited.world.containers_ended(&task, &Ended::new());
            }),
        },
    }
}

/// Tasks that no world wants any more: it gave them up while they were being started, or it is gone itself.
fn abandon(shared: &Shared, worlds: &[(Address, Arc<Slot>)], kept: &mut BTreeMap<String, Kept>) {
    kept.retain(|_, one| !one.life.is_finished());
    for (task, one) in kept {
        let is_there = worlds.iter().any(|(_, slot)| Arc::ptr_eq(slot, &one.slot));
        let wanted = is_there
            && one.slot.at(shared.clock.now_ms(), |inhabited| {
                inhabited.world.wants(task)
            });
        if !wanted {
            one.tell.send_if_modified(|told| {
                let is_new = *told == Told::Run;
                if is_new {
                    *told = Told::Kill;
                }
                is_new
            });
        }
    }
}
