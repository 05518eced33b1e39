//! What tasks write.

use jiff::Timestamp;

use crate::definition::Definition;
use crate::failure::PortFailure;

/// What tasks write.
pub trait Logs {
    /// What every task of a definition's family wrote since a moment, oldest first, for people to read. MUST page to the end; MUST say why where
    /// none of its containers writes anywhere that could be read. MUST NOT change anything.
    async fn printed(
        &self,
        definition: &Definition,
        since: Timestamp,
    ) -> Result<Vec<Printed>, PortFailure>;
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Printed {
    /// When it was written, by the clock of whoever wrote it.
    pub at: Timestamp,
    /// By which container.
    pub container: String,
    /// Of which task: the part of its id that people read.
    pub task: String,
    /// What tells it from others that say the same.
    pub id: String,
    /// What it says, as it was written.
    pub text: String,
}
