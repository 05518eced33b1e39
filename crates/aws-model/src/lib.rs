//! AWS's own model as data, and what ECS refuses beyond it. Facts of the outside: who simulates AWS and who writes to it may both
//! know them.
//!
//! Must not be here: anything of Backstay's domain, of a state, of a clock or of a socket.

pub mod task_definition;
