//! Scenarios: the specification people read, and what a rehearsal plays. One Markdown file with TOML blocks
//! `given`, `play`, `expect` and the `story`.

mod adjust;
mod asked;
pub mod catalogue;
mod desk;
mod every;
mod fault;
mod own;
mod ports;
mod rehearsal;
mod then;
mod written;

pub use asked::{AskedFault, asked_fault};
pub use desk::{Command, Desk, Risk, Said, Written};
pub use every::{Cell, End, Every};
pub use fault::{FaultError, is_simulated};
pub use own::fixtures;
pub use ports::Unwatched;
pub use rehearsal::{Played, Rehearsal, Setup};
pub use then::{PlayedThen, Step};
pub use written::{
    Expect, ExpectThen, FaultSpec, Given, GivenService, Play, Scenario, ScenarioError, Then,
};
