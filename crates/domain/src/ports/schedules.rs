//! What starts scheduled jobs.

use crate::DefinitionRef;
use crate::definition::Definition;
use crate::failure::PortFailure;
use crate::scheduled::{Reschedule, Started, Trigger};

/// What starts scheduled jobs.
pub trait Schedules {
    /// What a trigger starts now; nothing where there is none. MUST NOT change anything.
    async fn starts(&self, trigger: &Trigger) -> Result<Option<Started>, PortFailure>;

    /// Which revision a handle means, and what that is, as the cloud answers it; nothing where it does not know it. A family means its newest
    /// one. MUST NOT change anything.
    async fn revision(
        &self,
        definition: &DefinitionRef,
    ) -> Result<Option<(DefinitionRef, Definition)>, PortFailure>;

    /// Makes a trigger start another revision. MUST leave everything else of it as it is, above all whether it is enabled; MUST be harmless
    /// when it starts that one already; MUST be a conflict, and change nothing, when it starts what is neither that nor in `from`.
    async fn reschedule(&self, request: &Reschedule) -> Result<(), PortFailure>;
}
