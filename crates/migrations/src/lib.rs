//! What a directory of migrations does to a database: its revisions in their order, each judged. Files in, answers out: nothing
//! here reads a disk, asks a database, or knows what a deployment is.
//!
//! Read in this order.

mod problem;
pub use problem::{Place, Problem, Severity};

mod change;
pub use change::Change;

mod kind;

mod known;

mod rules;
pub use rules::{Finding, Lock, Runs};

mod sql;

mod alembic;

mod declaration;
pub use declaration::Said;

mod written;

mod layout;
pub use layout::Tool;

mod order;

mod down;
pub use down::WayDown;

mod verdict;
pub use verdict::{By, Compatibility, Judged, Locking};

mod directory;
pub use directory::{Directory, Files, Revision, Step, read};

#[cfg(test)]
mod tests;
