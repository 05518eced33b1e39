//! What is known of values that lie outside: what another server has said, and what holds where nobody has said anything.

use serde_json::Value;

/// The answer to it.
#[derive(Clone, Debug)]
pub(crate) enum Heard {
    /// A reply, whatever it says.
    Reply { status: u16, body: Value },
    /// There was none.
    Silence(String),
}

/// What holds for secrets and parameters that nobody has listed: a blueprint lists none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unlisted {
    /// They are taken to exist, until they were there and are gone.
    Exist,
    Missing,
}
