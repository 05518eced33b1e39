//! One process's turn at an environment: it takes the lease, deals with the deployment it finds there, carries out its own, and
//! gives the lease back. No two turns of an environment happen at once. What is done to the cloud in a turn decides the engine.
//!
//! Read in this order.

mod error;
pub use error::TurnError;

mod opened;
pub use opened::{Opened, Signals};

mod take;
pub use take::{Aim, Patience, Turn, take};

mod unfinished;

mod resume;
pub use resume::{Further, Resumed};

mod deploy;

mod standing;
pub use standing::{Open, Standing, Waits, last_stuck, standing};

#[cfg(test)]
mod tests;
