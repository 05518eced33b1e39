//! What RegisterTaskDefinition takes and what it refuses: the members and types of its input, and the rules that no model has.
//!
//! Read in this order. `members` is the input's table and `shape` holds a document against it; `rule` is what a rule is, `part` how one
//! reads a document; the rooms after it hold the rules, each with how it is known. What is refused later, when a task starts, is told
//! apart from what is refused at registration.

mod members;
mod shape;
pub use shape::{Oddity, Strangeness, oddities};

mod pointer;
pub use pointer::Pointer;

mod problem;
pub use problem::{Code, Problem, Refused};

mod part;
mod rule;
pub use rule::{
    Rule, compatibilities, compatibilities_of_taken, is_for, problems, refusals, rules,
};

mod size;
pub use size::units;

mod containers;
mod dependencies;
mod environment;
mod fargate;
mod health;
mod image;
mod lifecycle;
mod links;
mod logging;
mod naming;
mod network;
mod ports;
mod proxy;
mod resources;
mod roles;
pub use roles::ECR_NEEDS_EXECUTION_ROLE;

mod tags;
mod volumes;
