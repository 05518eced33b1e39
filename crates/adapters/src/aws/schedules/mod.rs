//! What starts scheduled jobs: targets of EventBridge's rules, and schedules of EventBridge Scheduler.
//!
//! Both are written whole: PutTargets and UpdateSchedule set what is not sent to nothing. So what was read is sent again as a document, with
//! another revision in it (see `raw`), and nothing of it is lost, whichever members it has.

mod rule;
mod schedule;

use backstay_domain::DefinitionRef;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::scheduled::{Reschedule, Started, Trigger};
use serde_json::Value;

use super::AwsCloud;
use super::error::refusal;

/// Where the revision is in a target of either.
const REVISION: &str = "TaskDefinitionArn";

impl<T> AwsCloud<T> {
    /// What a trigger starts.
    pub(super) async fn started_by(
        &self,
        trigger: &Trigger,
    ) -> Result<Option<Started>, PortFailure> {
        match trigger {
            Trigger::Rule { bus, rule, target } => {
                self.started_by_rule((bus, rule), target.as_deref()).await
            }
            Trigger::Schedule { group, schedule } => {
                self.started_by_schedule((group, schedule)).await
            }
        }
    }

    /// Makes a trigger start another revision.
    pub(super) async fn start_another(&self, request: &Reschedule) -> Result<(), PortFailure> {
        match &request.trigger {
            Trigger::Rule { bus, rule, target } => {
                self.change_target((bus, rule), target.as_deref(), request)
                    .await
            }
            Trigger::Schedule { group, schedule } => {
                self.change_schedule((group, schedule), request).await
            }
        }
    }
}

/// The revision that a target starts.
fn revision_of(target: &Value, operation: &'static str) -> Result<DefinitionRef, PortFailure> {
    let text = target["EcsParameters"][REVISION].as_str();
    let text = text.ok_or_else(|| {
        let message = "it starts no task of ECS";
        refusal(operation, FailureKind::Rejected, message)
    })?;
    DefinitionRef::parse(text)
        .map_err(|invalid| refusal(operation, FailureKind::Rejected, invalid.to_string()))
}

/// What is left to do for a target.
enum Change {
    /// It starts the revision already.
    None,
    /// It is written so.
    Write(Value),
}

/// A target that starts what is asked for.
fn changed(
    mut target: Value,
    request: &Reschedule,
    operation: &'static str,
) -> Result<Change, PortFailure> {
    let now = revision_of(&target, operation)?;
    if now == request.to {
        return Ok(Change::None);
    }
    if !request.from.contains(&now) {
        let message = format!(
            "{} starts {}: somebody else changed that",
            request.trigger,
            now.short()
        );
        return Err(refusal(operation, FailureKind::Conflict, message));
    }
    target["EcsParameters"][REVISION] = request.to.as_str().into();
    Ok(Change::Write(target))
}
