//! Requests under way to targets: counted in their world, and cut when the load balancer has done with their target.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::said;
use crate::server::registry::Slot;
use crate::server::request::Shared;
use crate::services::elb::GroupName;
use crate::world::data_plane::Passage;
use crate::{Millis, WebReply};

/// World, group, target.
type Key = (usize, GroupName, u64);

/// The targets that have requests.
#[derive(Debug, Default)]
pub(super) struct Flights(Mutex<BTreeMap<Key, Busy>>);

#[derive(Debug)]
struct Busy {
    slot: Arc<Slot>,
    requests: usize,
    cut: watch::Sender<bool>,
}

impl Flights {
    /// Cuts the requests whose target is neither registered nor draining any more ([DOC] Troubleshoot your Application Load
    /// Balancers, HTTP 502: "The deregistration delay period elapsed for a request being handled by a target that was
    /// deregistered").
    pub(super) fn cut_those_without_target(&self, now_ms: Millis) {
        let busy: Vec<(Key, Arc<Slot>)> = self
            .busy()
            .iter()
            .map(|(key, busy)| (key.clone(), Arc::clone(&busy.slot)))
            .collect();
        for (key, slot) in busy {
            let (_, group, target) = &key;
            let has = |target| slot.at(now_ms, |it| it.world.elb.has_target(group, target));
            if !has(*target)
                && let Some(busy) = self.busy().get(&key)
            {
                busy.cut.send_replace(true);
            }
        }
    }

    fn enter(&self, key: Key, slot: &Arc<Slot>) -> watch::Receiver<bool> {
        let mut all = self.busy();
        let busy = all.entry(key).or_insert_with(|| Busy {
            slot: Arc::clone(slot),
            requests: 0,
            cut: watch::Sender::new(false),
        });
        busy.requests += 1;
        busy.cut.subscribe()
    }

    fn leave(&self, key: &Key) {
        let mut all = self.busy();
        let Some(busy) = all.get_mut(key) else {
            return;
        };
        busy.requests -= 1;
        if busy.requests == 0 {
            all.remove(key);
        }
    }

    fn busy(&self) -> MutexGuard<'_, BTreeMap<Key, Busy>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One request under way. Its world knows of it as long as this is there.
#[derive(Debug)]
pub(super) struct Flight {
    shared: Arc<Shared>,
    slot: Arc<Slot>,
    passage: Box<Passage>,
    key: Key,
    cut: watch::Receiver<bool>,
    outcome: Outcome,
    /// In virtual time.
    began_ms: Millis,
}

/// Whether the client has been answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Open,
    Counted,
}

impl Flight {
    /// A request whose world has begun it already.
    pub(super) fn begun(shared: &Arc<Shared>, slot: &Arc<Slot>, passage: Box<Passage>) -> Self {
        let backend = &passage.backend;
        let place = Arc::as_ptr(slot).addr();
        let key = (place, Arc::clone(&backend.group), backend.target);
        Self {
            shared: Arc::clone(shared),
            slot: Arc::clone(slot),
            cut: shared.users.flights.enter(key.clone(), slot),
            passage,
            key,
            outcome: Outcome::Open,
            began_ms: shared.clock.now_ms(),
        }
    }

    pub(super) fn passage(&self) -> &Passage {
        &self.passage
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Waits until it is to be cut.
    pub(super) fn cut(&self) -> impl Future<Output = ()> + Send + use<> {
        // The sender is kept as long as any request is under way.
        said(self.cut.clone())
    }

    /// The target has answered.
    pub(super) fn answered(&mut self, status: u16) {
        self.outcome = Outcome::Counted;
        let passage = &self.passage;
        let now_ms = self.shared.clock.now_ms();
        let took = Duration::from_millis(now_ms.saturating_sub(self.began_ms));
        self.slot.at(now_ms, |inhabited| {
            let world = &mut inhabited.world;
            world.count_request(&passage.visit, Some(&passage.backend), status, Some(took));
        });
    }

    /// The load balancer answers instead of it.
    pub(super) fn failed(&mut self, status: u16) -> WebReply {
        self.outcome = Outcome::Counted;
        let passage = &self.passage;
        self.slot.at(self.shared.clock.now_ms(), |inhabited| {
            inhabited.world.own_answer(&passage.visit, status)
        })
    }
}

impl Drop for Flight {
    /// Whoever goes before there is an answer is counted as 460 ([DOC] Troubleshoot your Application Load Balancers, HTTP 460).
    fn drop(&mut self) {
        if self.outcome == Outcome::Open {
            self.failed(460);
        }
        let backend = &self.passage.backend;
        self.slot.at(self.shared.clock.now_ms(), |inhabited| {
            inhabited.world.elb.end_passage(backend);
        });
        self.shared.users.flights.leave(&self.key);
    }
}
