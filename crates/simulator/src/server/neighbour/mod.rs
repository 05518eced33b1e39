//! Services that the upstream keeps although they are known here: their calls go there, and what this cloud needs of them, or has
//! to tell them, is asked and told there.
//!
//! A world is never held while the upstream is waited for. What it needs is therefore fetched before it is asked (secrets before
//! a call of ECS that changes something, objects when an edge has named them), and what it says is carried after it has answered.

mod asked;
mod forwarded;
mod furnish;
mod origin;
mod pass;
mod secrets;
mod told;

use std::sync::atomic::{AtomicU64, Ordering};

use http::StatusCode;

pub use forwarded::{Forwarded, ForwardedError};
pub use furnish::Unfurnished;
pub(super) use furnish::furnish;
pub(super) use origin::object;
pub(super) use pass::{on, whole_on};
pub(super) use secrets::{before, value};
pub(super) use told::carry;

use super::request::Shared;

/// How much went to the upstream.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    sent: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
}

impl Traffic {
    /// Counts a request by what came back: a status, or nothing.
    pub(super) fn count(&self, status: Option<StatusCode>) {
        self.sent.fetch_add(1, Ordering::Relaxed);
        match status {
            Some(status) if status.is_client_error() => &self.refused,
            Some(status) if !status.is_server_error() => return,
            _ => &self.failed,
        }
        .fetch_add(1, Ordering::Relaxed);
    }

    /// All requests; those that were refused (4xx); those that failed (5xx, or no reply).
    pub(super) fn counts(&self) -> [u64; 3] {
        [&self.sent, &self.refused, &self.failed].map(|count| count.load(Ordering::Relaxed))
    }
}

impl Shared {
    /// Whether the upstream keeps anything that is known here.
    pub(super) fn forwards(&self) -> bool {
        self.upstream.is_some() && self.worlds.has_elsewhere()
    }
}
