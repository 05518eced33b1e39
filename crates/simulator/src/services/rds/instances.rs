//! DescribeDBInstances, DeleteDBInstance, RebootDBInstance, StartDBInstance and StopDBInstance.

use serde::Deserialize;
use serde_json::Value;

use super::create::described;
use super::described::instance_json;
use super::errors::{combination, no_instance, wrong_state};
use super::find::{Filter, paged, passes};
use super::instance::{Instance, Status};
use super::snapshots;
use super::state::schedule_instance;
use crate::ApiError;
use crate::base::here::Here;
use crate::base::timings::{DB_DELETE, DB_REBOOT, DB_START, DB_STOP, Knob};
use crate::services::rds::Rds;
use crate::wire::{Flag, Whole};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeDbInstances {
    #[serde(rename = "DBInstanceIdentifier")]
    id: Option<String>,
    #[serde(default)]
    filters: Vec<Filter>,
    max_records: Option<Whole>,
    marker: Option<String>,
}

pub(super) fn describe(
    here: &Here<'_, Rds>,
    request: &DescribeDbInstances,
) -> Result<Value, ApiError> {
    let wanted = request.id.as_ref().map(|id| id.to_ascii_lowercase());
    let mut found = Vec::new();
    for (id, instance) in &here.own.instances {
        let item = [
            ("db-instance-id", id.as_str()),
            ("dbi-resource-id", instance.resource_id.as_str()),
            ("engine", instance.settings.engine.as_str()),
        ];
        if wanted.as_ref().is_none_or(|wanted| wanted == id) && passes(&request.filters, &item)? {
            found.push(instance_json(here, id, instance));
        }
    }
    match request.id.as_deref() {
        Some(id) if found.is_empty() => Err(no_instance(id)),
        _ => paged(
            "DBInstances",
            &found,
            request.max_records,
            request.marker.as_deref(),
        ),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteDbInstance {
    #[serde(rename = "DBInstanceIdentifier")]
    id: String,
    skip_final_snapshot: Option<Flag>,
    #[serde(rename = "FinalDBSnapshotIdentifier")]
    final_snapshot: Option<String>,
    #[serde(rename = "DeleteAutomatedBackups")]
    _backups: Option<Flag>,
}

/// With a final snapshot, for which the instance has to be available, unless it is skipped [MODEL].
pub(super) fn delete(
    here: &mut Here<'_, Rds>,
    request: &DeleteDbInstance,
) -> Result<Value, ApiError> {
    let id = request.id.to_ascii_lowercase();
    let instance = known(here, &id)?;
    if instance.settings.protected {
        return Err(combination(
            "Cannot delete protected DB Instance, please disable deletion protection and try again.",
        ));
    }
    if matches!(instance.status, Status::Deleting | Status::Gone) {
        return Err(wrong_state(format!(
            "Instance {id} is already being deleted."
        )));
    }
    let skipped = request.skip_final_snapshot.is_some_and(|flag| flag.0);
    match (&request.final_snapshot, skipped) {
        (Some(_), true) => {
            return Err(combination(
                "FinalDBSnapshotIdentifier cannot be specified when deleting a DB Instance with SkipFinalSnapshot enabled",
            ));
        }
        (None, false) => {
            return Err(combination(
                "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
            ));
        }
        (Some(snapshot), false) => snapshots::begin(here, snapshot, &id, Vec::new())?,
        (None, true) => {}
    }
    begin(here, &id, Status::Deleting, DB_DELETE, Status::Gone);
    described(here, &id)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ById {
    #[serde(rename = "DBInstanceIdentifier")]
    id: String,
    #[serde(rename = "DBSnapshotIdentifier")]
    snapshot: Option<String>,
    #[serde(rename = "ForceFailover")]
    failover: Option<Flag>,
}

pub(super) fn reboot(here: &mut Here<'_, Rds>, request: &ById) -> Result<Value, ApiError> {
    let id = request.id.to_ascii_lowercase();
    let instance = known(here, &id)?;
    if request.failover.is_some_and(|flag| flag.0) && !instance.settings.multi_az {
        return Err(combination(
            "ForceFailover cannot be specified since the instance is not configured for MultiAZ",
        ));
    }
    if instance.status != Status::Available {
        return Err(wrong_state(format!(
            "Instance {id} cannot be rebooted as it is not in available state."
        )));
    }
    begin(here, &id, Status::Rebooting, DB_REBOOT, Status::Available);
    described(here, &id)
}

pub(super) fn start(here: &mut Here<'_, Rds>, request: &ById) -> Result<Value, ApiError> {
    let id = request.id.to_ascii_lowercase();
    if known(here, &id)?.status != Status::Stopped {
        return Err(wrong_state(format!(
            "Instance {id} cannot be started as it is not in one of the following statuses: 'stopped, \
             inaccessible-encryption-credentials-recoverable'."
        )));
    }
    begin(here, &id, Status::Starting, DB_START, Status::Available);
    described(here, &id)
}

/// Optionally with a snapshot.
pub(super) fn stop(here: &mut Here<'_, Rds>, request: &ById) -> Result<Value, ApiError> {
    let id = request.id.to_ascii_lowercase();
    if known(here, &id)?.status != Status::Available {
        return Err(wrong_state(format!(
            "Instance {id} is not in available state."
        )));
    }
    if let Some(snapshot) = &request.snapshot {
        snapshots::begin(here, snapshot, &id, Vec::new())?;
    }
    begin(here, &id, Status::Stopping, DB_STOP, Status::Stopped);
    described(here, &id)
}

pub(super) fn known<'a>(here: &'a Here<'_, Rds>, id: &str) -> Result<&'a Instance, ApiError> {
    here.own.instances.get(id).ok_or_else(|| no_instance(id))
}

/// It is in one state now, and in another after a while.
pub(super) fn begin(here: &mut Here<'_, Rds>, id: &str, now: Status, takes: Knob, then: Status) {
    let at_ms = here.now_ms + takes.draw(here.weather, here.random);
    let now_ms = here.now_ms;
    if let Some(instance) = here.own.instances.get_mut(id) {
        instance.become_now(now, now_ms);
    }
    schedule_instance(here, id, &[(at_ms, then)]);
}
