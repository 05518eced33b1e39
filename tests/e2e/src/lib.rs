//! Plays scenarios on a stage and compares what came of it with what they expect.

mod check;
pub mod laws;
mod stage;

pub use check::{differences, redacted};
pub use stage::{fixtures, played, played_setup};
