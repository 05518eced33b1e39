//! Users' requests over real HTTP: a port for every listener of a load balancer and for every distribution, targets that are
//! reached for real, and how they are.
//!
//! A world is asked what a request comes to, and never held while anybody is waited for: what goes on to a program is carried there
//! by [`pass`], what an edge lacks is fetched first. [`checks`] makes the health checks that worlds name, [`flight`] knows which
//! requests are under way, [`ports`] which ports are open.

mod answer;
mod body;
mod checks;
mod door;
mod flight;
mod hosts;
mod limits;
mod outgoing;
mod pass;
mod ports;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

pub(super) use answer::{Asking, answer};
pub(super) use body::{UserBody, empty};
pub(super) use hosts::readable;
pub use ports::{WebChange, WebDoor, WebError, WebKind, WebPorts, WebPortsError};

use flight::Flights;
pub(super) use ports::Ports;

use super::registry::Registry;
use super::request::Shared;

/// How often checks are looked for, and targets that have gone: real time, whatever a world's is.
const EVERY: Duration = Duration::from_millis(20);
/// Every so many times it is looked whether a listener or a distribution has come or gone.
const PORTS_EVERY: u32 = 5;

/// What a server knows of users' requests.
#[derive(Debug, Default)]
pub(super) struct Users {
    pub(super) ports: Ports,
    flights: Flights,
    /// For trace ids.
    requests: AtomicU64,
}

/// Ends connections in order: told when the server stops, and seen by it until they have.
#[derive(Clone, Debug)]
pub(super) struct Lifetime {
    pub(super) stopped: watch::Receiver<bool>,
    /// Held by every connection.
    pub(super) alive: mpsc::Sender<()>,
}

impl Users {
    /// The ports of everything that is there now; those that cannot be opened are an error.
    pub(super) fn open(
        &self,
        worlds: &Registry,
        now_ms: crate::Millis,
    ) -> Result<Vec<WebDoor>, WebError> {
        self.ports.open_first(ports::wanted(worlds, now_ms))
    }
}

/// Waits until it is said, or can no longer be.
async fn said(mut flag: watch::Receiver<bool>) {
    let _ = flag.wait_for(|said| *said).await;
}

/// The ports that are open, as of now.
pub(super) fn doors(shared: &Shared) -> Vec<WebDoor> {
    let wanted = ports::wanted(&shared.worlds, shared.clock.now_ms());
    shared.users.ports.settle(wanted);
    shared.users.ports.doors()
}

/// Opens and closes ports, makes checks and cuts what has to be cut, until the server stops.
pub(super) async fn run(shared: Arc<Shared>, lifetime: Lifetime) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut doors = JoinSet::new();
    let mut checks = JoinSet::new();
    let mut until_ports = 0;
    loop {
        if until_ports == 0 {
            let wanted = ports::wanted(&shared.worlds, shared.clock.now_ms());
            shared.users.ports.settle(wanted);
            until_ports = PORTS_EVERY;
        }
        until_ports -= 1;
        for opened in shared.users.ports.take_unattended() {
            doors.spawn(door::attend(opened, Arc::clone(&shared), lifetime.clone()));
        }
        checks::begin(&shared, &mut checks);
        shared
            .users
            .flights
            .cut_those_without_target(shared.clock.now_ms());
        while checks.try_join_next().is_some() {}
        while doors.try_join_next().is_some() {}
        tokio::select! {
            () = said(lifetime.stopped.clone()) => return,
            _ = ticks.tick() => {}
        }
    }
}
