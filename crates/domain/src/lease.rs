//! The right to change an environment: exclusive, expiring, fenced. Pure rules; adapters keep the lease where everybody sees it.
//!
//! No rule compares two machines' clocks. How old a lease is says the store that keeps it, by its own clock; and that age
//! only decides when somebody else may try. What keeps two holders apart is the fence: whoever takes over writes to the
//! journal that he finds, at the place where the former holder would write next.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::DeploymentId;
use crate::operator::Operator;

/// How long a lease lives without being renewed.
pub const LEASE_LIVES: Duration = Duration::from_secs(60);

/// The lease of one app and environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Grows with every new holder: of two, the one with the greater fence is right.
    pub fence: u64,
    /// The deployment whose journal may be unfinished. A new holder looks at it before anything else.
    pub deployment: Option<DeploymentId>,
    /// Who has it; nobody when it was given back.
    pub holder: Option<Holder>,
    /// How long it lives without being renewed, in milliseconds.
    pub lives_ms: u64,
}

/// Who has a lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Who.
    pub operator: Operator,
    /// Since when, by the holder's own clock: for people.
    pub since: Timestamp,
    /// The deployment it is about.
    pub deployment: DeploymentId,
    /// What it is doing.
    pub doing: String,
}

/// A lease as it lies in its store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The lease.
    pub lease: Lease,
    /// Since its last renewal, by the store's clock.
    pub age: Duration,
}

/// What a newcomer may do about a holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Respect it until its lease has expired.
    Patient,
    /// Take its lease now: a rollback while a deployment is running, or `unlock`. Only from the holder that was looked at:
    /// whoever came since is another one.
    Forced {
        /// The fence of that holder's lease.
        from: u64,
    },
}

/// Somebody else has the lease.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is {} ({}), since {}", holder.operator, holder.doing, holder.deployment, holder.since)]
pub struct Held {
    /// Who.
    pub holder: Box<Holder>,
    /// Since its last renewal.
    pub age: Duration,
    /// When it expires, if it is not renewed.
    pub expires_in: Duration,
}

impl Lease {
    /// The lease of a new holder. The deployment found stays in it until its journal has been dealt with.
    ///
    /// # Errors
    /// When somebody else has it.
    pub fn claim(found: Option<&Found>, holder: Holder, manner: Manner) -> Result<Self, Held> {
        if let Some(held) = found.and_then(|found| found.held(manner)) {
            return Err(held);
        }
        let before = found.map(|found| &found.lease);
        Ok(Self {
            fence: before.map_or(0, |lease| lease.fence) + 1,
            deployment: before.and_then(|lease| lease.deployment.clone()),
            holder: Some(holder),
            lives_ms: u64::try_from(LEASE_LIVES.as_millis()).unwrap_or(u64::MAX),
        })
    }

    /// The same lease, whose holder now works on this deployment.
    #[must_use]
    pub fn working_on(mut self, deployment: DeploymentId) -> Self {
        self.deployment = Some(deployment);
        self
    }

    /// The same lease, whose holder does something else now.
    #[must_use]
    pub fn doing(mut self, doing: impl Into<String>) -> Self {
        if let Some(holder) = &mut self.holder {
            holder.doing = doing.into();
        }
        self
    }

    /// The lease that a holder leaves behind.
    #[must_use]
    pub fn given_back(mut self, left: Left) -> Self {
        self.holder = None;
        match left {
            Left::Nothing => self.deployment = None,
            Left::Unfinished => {}
        }
        self
    }

    /// How long it lives without being renewed.
    #[must_use]
    pub fn lives(&self) -> Duration {
        Duration::from_millis(self.lives_ms)
    }
}

/// What a holder leaves behind when it gives a lease back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Its journal is finished.
    Nothing,
    /// Its journal has to be resumed.
    Unfinished,
}

impl Found {
    /// Whether somebody has it for this deployment.
    #[must_use]
    pub fn is_for(&self, deployment: &DeploymentId) -> bool {
        let holder = self.lease.holder.as_ref();
        holder.is_some_and(|holder| holder.deployment == *deployment)
    }

    /// Who keeps a newcomer away.
    #[must_use]
    pub fn held(&self, manner: Manner) -> Option<Held> {
        let holder = self.lease.holder.as_ref()?;
        let expires_in = self.lease.lives().saturating_sub(self.age);
        match manner {
            Manner::Forced { from } if from == self.lease.fence => None,
            Manner::Patient | Manner::Forced { .. } if expires_in.is_zero() => None,
            Manner::Patient | Manner::Forced { .. } => Some(Held {
                holder: Box::new(holder.clone()),
                age: self.age,
                expires_in,
            }),
        }
    }
}
