//! The laws: whatever happens at any moment, a deployment ends exactly in the old or exactly in the new release on every
//! surface, or says what it left. Played from forks: a play is stopped by copying its world, and copies go on by themselves.

mod after;
mod cases;
mod claims;
mod counter;
mod denied;
mod ending;
mod fork;
mod late;
mod observer;
mod once;
mod outside;
mod recorder;
mod red;
mod resume;
mod sequences;
mod stage;
mod started;
mod surfaces;

pub use cases::{Broken, Cases, Law, obey};
pub use red::{RED, Red, unknown};
pub use sequences::{DECLARED, Declared, sequences};
pub use stage::{Exempt, Stage};
