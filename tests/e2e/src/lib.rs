//! Plays scenarios on a stage and compares what came of it with what they expect.

mod check;
pub mod laws;
mod roomy;
mod stage;

pub use check::{differences, redacted};
pub use roomy::roomy;
pub use stage::{fixtures, played, played_below, played_setup};
