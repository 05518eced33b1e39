//! AWS's own model as data, and what ECS refuses beyond it. Facts of the outside: who simulates AWS and who writes to it may both
//! know them.
//!
//! Must not be here: anything of Backstay's domain, of a state, of a clock or of a socket.

pub mod check;
pub mod fit;
pub mod form;
pub mod habits;
pub mod hold;
mod idle;
mod load;
pub mod model;
mod path;
mod pattern;
pub mod regions;
pub mod route;
mod table;
pub mod task_definition;
mod words;

pub use model::{Known, Model, Operation, ShapeId};
pub use table::{model, services};
