//! `backstay.toml` to an app, with every problem reported at once and pointing at the character. Pure: no I/O of its own.
//!
//! Read in this order. `written` is what the file says, whoever reads it; `resolve` is what it means in one environment.

mod configured;
pub use configured::{
    Answer, CloudKind, Configured, Entrance, FixedResponse, MigrationTool, Revisions,
    SimulatedAnswer, SimulatedJob, SimulatedSchema, SimulatedService, SimulatedStrategy,
    SimulatedTargetGroup, Simulation, StateLocation, StrategyKind,
};

mod files;
pub use files::{FileProblem, Files, Purpose};

mod problem;
pub use problem::{Label, Position, Problem, Problems, Source};

mod load;
pub use load::{Wanted, environments, load, load_with_sources, wanted};

mod section;
mod written;

mod resolve;
mod template;

mod duration;
mod json;
mod suggest;

mod reference;
pub use reference::reference;
