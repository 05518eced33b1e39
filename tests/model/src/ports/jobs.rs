//! Scheduled jobs, and what tasks write: the app of the model has none of the first, and nobody reads the second.

use backstay_domain::DefinitionRef;
use backstay_domain::definition::Definition;
use backstay_domain::ports::{Logs, PortFailure, Printed, Schedules};
use backstay_domain::scheduled::{Reschedule, Started, Trigger};
use jiff::Timestamp;

use super::Hand;

impl Schedules for Hand<'_> {
    async fn starts(&self, _trigger: &Trigger) -> Result<Option<Started>, PortFailure> {
        Ok(None)
    }

    async fn revision(
        &self,
        _definition: &DefinitionRef,
    ) -> Result<Option<(DefinitionRef, Definition)>, PortFailure> {
        Ok(None)
    }

    async fn reschedule(&self, _request: &Reschedule) -> Result<(), PortFailure> {
        Ok(())
    }
}

impl Logs for Hand<'_> {
    async fn printed(
        &self,
        _definition: &Definition,
        _since: Timestamp,
    ) -> Result<Vec<Printed>, PortFailure> {
        Ok(Vec::new())
    }
}
