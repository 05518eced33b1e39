//! Scenarios: the specification people read, and what a rehearsal plays. One Markdown file with TOML blocks
//! `given`, `play`, `expect` and the `story`.

mod adjust;
mod desk;
mod fault;
mod own;
mod rehearsal;
mod then;
mod written;

pub use desk::{Command, Desk, Risk, Said, Written};
pub use fault::{FaultError, fault_from_argument};
pub use own::fixtures;
pub use rehearsal::{Played, Rehearsal, Setup};
pub use then::{PlayedThen, Step};
pub use written::{
    Expect, ExpectThen, FaultSpec, Given, GivenService, Play, Scenario, ScenarioError, Then,
};
