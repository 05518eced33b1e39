//! The laws: whatever happens at any moment, a deployment ends exactly in the old or exactly in the new release on every
//! surface, or says what it left. Played from forks: a play is stopped by copying its world, and copies go on by themselves.

mod cases;
mod ending;
mod fork;
mod once;
mod recorder;
mod resume;
mod stage;
mod surfaces;

pub use cases::{Cases, Law, obey};
pub use stage::{Exempt, Stage};
