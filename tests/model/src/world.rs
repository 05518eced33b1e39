//! Everything that is shared: the cloud, what is on its way to it, what is seen of it too late, and the store.

use std::rc::Rc;

use backstay_domain::ports::FailureKind;
use backstay_domain::schema::SchemaEntry;

use crate::app::Setup;
use crate::cloud::{Call, Cloud, Given, Service};
use crate::store::Store;

/// Everything that is shared.
#[derive(Clone, Debug)]
pub struct World {
    /// The cloud.
    pub cloud: Cloud,
    /// Calls on their way, whose senders wait no more.
    pub late: Vec<Late>,
    /// The services as they were before the last change, as long as a read may show them.
    pub stale: Option<Stale>,
    /// What the processes share.
    pub store: Store,
    /// Calls that took effect in the last step.
    pub arrived: Vec<Call>,
}

/// A call that arrives later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Late {
    /// The call.
    pub call: Call,
    /// When at the latest.
    pub by: u32,
}

impl Late {
    /// A minute for the longest attempt, and twenty seconds for its turn before that.
    pub const AT_MOST: u32 = 80;
}

/// The services before the last change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// As they were.
    pub services: [Service; 2],
    /// How long a read may show that.
    pub until: u32,
}

impl Stale {
    /// Seconds by which a read may lag behind.
    pub const AT_MOST: u32 = 15;
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It takes effect, and the answer comes.
    Done,
    /// It is refused.
    Refused(FailureKind),
    /// It takes effect, and the answer is lost.
    Lost,
    /// The answer is lost, and it takes effect later.
    Late,
    /// The answer is lost, and it never takes effect.
    Never,
}

/// What one look sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// What is.
    Clear,
    /// The services as they were before the last change.
    Stale,
    /// Nothing.
    None(FailureKind),
}

impl World {
    /// The first release is live.
    #[must_use]
    pub fn new(setup: &Setup) -> Self {
        Self {
            cloud: Cloud::new(),
            late: Vec::new(),
            stale: None,
            store: Store::new(setup),
            arrived: Vec::new(),
        }
    }

    /// A call takes effect now.
    pub fn call(&mut self, call: &Call, now: u32) -> Given {
        if let Call::UpdateService { .. } | Call::StopServiceDeployment { .. } = call {
            self.stale = Some(Stale {
                services: self.cloud.services.clone(),
                until: now + Stale::AT_MOST,
            });
        }
        self.arrived.push(call.clone());
        self.cloud.call(call)
    }

    /// Time has come to `now`.
    pub fn forget(&mut self, now: u32) {
        if self.stale.as_ref().is_some_and(|stale| stale.until < now) {
            self.stale = None;
        }
    }

    /// Adds to the schema record.
    pub fn note(&mut self, entry: &SchemaEntry) {
        let known = self.store.schema.entries.iter().any(|known| known == entry);
        if !known {
            Rc::make_mut(&mut self.store.schema).note(entry);
        }
    }
}
