//! Scenarios: the specification people read, and what a rehearsal plays. One Markdown file with TOML blocks
//! `given`, `play`, `expect` and the `story`.

mod fault;
mod rehearsal;
mod written;

pub use fault::{FaultError, fault_from_argument};
pub use rehearsal::{Played, Rehearsal, Setup};
pub use written::{Expect, FaultSpec, Given, GivenService, Play, Scenario, ScenarioError};
