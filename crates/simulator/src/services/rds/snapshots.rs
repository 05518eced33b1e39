//! Snapshots of instances: CreateDBSnapshot, DescribeDBSnapshots and DeleteDBSnapshot.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::described::snapshot_json;
use super::errors::{client, identifier, no_snapshot, wrong_state};
use super::find::{Filter, paged, passes};
use super::instance::{Settings, Status};
use super::instances::{self, known};
use super::state::{arn, instance_arn};
use super::tags::{self, Tag};
use crate::base::agenda::Due;
use crate::base::here::Here;
use crate::base::timings::{DB_SNAPSHOT, Knob};
use crate::services::rds::Rds;
use crate::wire::{Flag, Whole};
use crate::{ApiError, Millis};

/// A manual snapshot.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Snapshot {
    pub(super) instance: String,
    pub(super) instance_created_ms: Option<Millis>,
    pub(super) resource_id: String,
    pub(super) settings: Settings,
    pub(super) begun_ms: Millis,
    pub(super) available_ms: Millis,
}

/// Manual snapshots per account and Region [DOC].
pub(super) const MOST: usize = 100;

impl Snapshot {
    /// PercentProgress: 100 is `available` (G [MODEL]).
    pub(super) fn percent(&self, now_ms: Millis) -> u64 {
        let whole_ms = self.available_ms.saturating_sub(self.begun_ms).max(1);
        let done_ms = now_ms.saturating_sub(self.begun_ms).min(whole_ms);
        done_ms * 100 / whole_ms
    }

    pub(super) fn is_available(&self, now_ms: Millis) -> bool {
        now_ms >= self.available_ms
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateDbSnapshot {
    #[serde(rename = "DBSnapshotIdentifier")]
    id: String,
    #[serde(rename = "DBInstanceIdentifier")]
    instance: String,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// The instance is `backing-up` meanwhile, so that only one snapshot is made at a time.
pub(super) fn create(
    here: &mut Here<'_, Rds>,
    request: CreateDbSnapshot,
) -> Result<Value, ApiError> {
    let instance = request.instance.to_ascii_lowercase();
    known(here, &instance)?;
    begin(here, &request.id, &instance, request.tags)?;
    let id = request.id.to_ascii_lowercase();
    let ready_ms = here.own.snapshots.get(&id).map(|it| it.available_ms);
    let left_ms = ready_ms.map_or(0, |ready_ms| ready_ms.saturating_sub(here.now_ms));
    instances::begin(
        here,
        &instance,
        Status::BackingUp,
        Knob::always(left_ms),
        Status::Available,
    );
    described(here, &id)
}

/// Begins a snapshot of an instance that must be available.
pub(super) fn begin(
    here: &mut Here<'_, Rds>,
    given: &str,
    instance: &str,
    given_tags: Vec<Tag>,
) -> Result<(), ApiError> {
    let id = identifier("DBSnapshotIdentifier", given, 255)?;
    let source = known(here, instance)?;
    if here.own.snapshots.contains_key(&id) {
        return Err(client(
            "DBSnapshotAlreadyExists",
            format!(
                "Cannot create the snapshot because a snapshot with the identifier {id} already exists."
            ),
        ));
    }
    if source.status != Status::Available {
        return Err(wrong_state(format!(
            "Cannot create a snapshot because the database instance {instance} is not currently in the available state."
        )));
    }
    if here.own.snapshots.len() >= MOST {
        return Err(client(
            "SnapshotQuotaExceeded",
            format!("Cannot create more than {MOST} manual snapshots"),
        ));
    }
    let copied = source.settings.copy_tags;
    let mut snapshot = Snapshot {
        instance: instance.to_owned(),
        instance_created_ms: source.created_ms,
        resource_id: source.resource_id.clone(),
        settings: source.settings.clone(),
        begun_ms: here.now_ms,
        available_ms: 0,
    };
    let takes_ms = DB_SNAPSHOT.draw(here.weather, here.random) + here.own.slower_ms;
    snapshot.available_ms = here.now_ms + takes_ms;
    here.agenda.add(snapshot.available_ms, Due::Rds);
    here.own.snapshots.insert(id.clone(), snapshot);
    let arn = arn(here, "snapshot", &id);
    if copied && let Some(tags) = here.own.tags.get(&instance_arn(here, instance)).cloned() {
        here.own.tags.insert(arn.clone(), tags);
    }
    tags::put(here, arn, given_tags);
    Ok(())
}

fn described(here: &Here<'_, Rds>, id: &str) -> Result<Value, ApiError> {
    let found = here.own.snapshots.get(id);
    let snapshot = found.ok_or_else(|| no_snapshot(id))?;
    Ok(json!({ "DBSnapshot": snapshot_json(here, id, snapshot) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeDbSnapshots {
    #[serde(rename = "DBInstanceIdentifier")]
    instance: Option<String>,
    #[serde(rename = "DBSnapshotIdentifier")]
    id: Option<String>,
    snapshot_type: Option<String>,
    #[serde(default)]
    filters: Vec<Filter>,
    max_records: Option<Whole>,
    marker: Option<String>,
    dbi_resource_id: Option<String>,
    #[serde(rename = "IncludeShared")]
    _shared: Option<Flag>,
    #[serde(rename = "IncludePublic")]
    _public: Option<Flag>,
}

/// An identifier that nobody has is an error; an instance without snapshots is an empty list [MODEL].
pub(super) fn describe(
    here: &Here<'_, Rds>,
    request: &DescribeDbSnapshots,
) -> Result<Value, ApiError> {
    let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_ascii_lowercase());
    let (wanted, instance) = (lower(&request.id), lower(&request.instance));
    let kind = request.snapshot_type.as_deref();
    let resource = request.dbi_resource_id.as_deref();
    let mut found = Vec::new();
    for (id, snapshot) in &here.own.snapshots {
        let item = [
            ("db-instance-id", snapshot.instance.as_str()),
            ("db-snapshot-id", id.as_str()),
            ("dbi-resource-id", snapshot.resource_id.as_str()),
            ("engine", snapshot.settings.engine.as_str()),
            ("snapshot-type", "manual"),
        ];
        let chosen = wanted.as_ref().is_none_or(|wanted| wanted == id)
            && instance
                .as_ref()
                .is_none_or(|instance| *instance == snapshot.instance)
            && kind.is_none_or(|kind| kind == "manual")
            && resource.is_none_or(|resource| resource == snapshot.resource_id);
        if chosen && passes(&request.filters, &item)? {
            found.push(snapshot_json(here, id, snapshot));
        }
    }
    match request.id.as_deref() {
        Some(id) if found.is_empty() => Err(no_snapshot(id)),
        _ => paged(
            "DBSnapshots",
            &found,
            request.max_records,
            request.marker.as_deref(),
        ),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteDbSnapshot {
    #[serde(rename = "DBSnapshotIdentifier")]
    id: String,
}

/// Only an available one.
pub(super) fn delete(
    here: &mut Here<'_, Rds>,
    request: &DeleteDbSnapshot,
) -> Result<Value, ApiError> {
    let id = request.id.to_ascii_lowercase();
    let found = here.own.snapshots.get(&id);
    let snapshot = found.ok_or_else(|| no_snapshot(&request.id))?;
    if !snapshot.is_available(here.now_ms) {
        return Err(client(
            "InvalidDBSnapshotState",
            "Cannot delete the snapshot because it is not currently in the available or failed state.",
        ));
    }
    let described = snapshot_json(here, &id, snapshot);
    here.own.snapshots.remove(&id);
    let arn = arn(here, "snapshot", &id);
    here.own.tags.remove(&arn);
    Ok(json!({ "DBSnapshot": described }))
}
