//! Plays scenarios on a stage and compares what came of it with what they expect.

mod check;
pub mod laws;
mod roomy;
mod stage;

/// The binary's own: thousands of deployments are played here.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub use check::{differences, redacted};
pub use roomy::roomy;
pub use stage::{fixtures, played, played_below, played_setup};
