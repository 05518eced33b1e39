//! Restoring: a new instance from a snapshot, or from an instance's automated backups as of a point in time.

use serde::Deserialize;
use serde_json::Value;

use super::create::{begin, class, described, groups, port, subnet_group};
use super::engine::Engine;
use super::errors::{client, combination, identifier, no_snapshot, unknown};
use super::instance::Settings;
use super::instances::known;
use super::state::instance_arn;
use super::tags::{self, Tag};
use crate::base::here::Here;
use crate::base::{unread, unserved_member};
use crate::services::rds::Rds;
use crate::wire::{Flag, Moment, Whole};
use crate::{ApiError, Millis};

/// What both ways of restoring may change.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Changes {
    #[serde(rename = "DBInstanceClass")]
    class: Option<String>,
    port: Option<Whole>,
    availability_zone: Option<String>,
    #[serde(rename = "DBSubnetGroupName")]
    subnet_group: Option<String>,
    #[serde(rename = "MultiAZ")]
    multi_az: Option<Flag>,
    publicly_accessible: Option<Flag>,
    auto_minor_version_upgrade: Option<Flag>,
    #[serde(default)]
    vpc_security_group_ids: Vec<String>,
    copy_tags_to_snapshot: Option<Flag>,
    storage_type: Option<String>,
    deletion_protection: Option<Flag>,
    #[serde(default)]
    tags: Vec<Tag>,
}

const CHANGES: [&str; 12] = [
    "DBInstanceClass",
    "Port",
    "AvailabilityZone",
    "DBSubnetGroupName",
    "MultiAZ",
    "PubliclyAccessible",
    "AutoMinorVersionUpgrade",
    "VpcSecurityGroupIds",
    "CopyTagsToSnapshot",
    "StorageType",
    "DeletionProtection",
    "Tags",
];

#[derive(Deserialize)]
pub(super) struct FromSnapshot(Value);

/// The snapshot must be available; security groups and parameter group are the defaults unless they are given (G [MODEL]).
pub(super) fn from_snapshot(
    here: &mut Here<'_, Rds>,
    request: FromSnapshot,
) -> Result<Value, ApiError> {
    let FromSnapshot(body) = request;
    only(&body, &["DBInstanceIdentifier", "DBSnapshotIdentifier"])?;
    let target = identifier(
        "DBInstanceIdentifier",
        text(&body, "DBInstanceIdentifier")?,
        63,
    )?;
    let source = text(&body, "DBSnapshotIdentifier")?.to_ascii_lowercase();
    let found = here.own.snapshots.get(&source);
    let snapshot = found.ok_or_else(|| no_snapshot(&source))?;
    if !snapshot.is_available(here.now_ms) {
        return Err(client(
            "InvalidDBSnapshotState",
            format!("Cannot restore from the snapshot {source}: it is not in the available state."),
        ));
    }
    let (settings, as_of_ms) = (snapshot.settings.clone(), snapshot.begun_ms);
    restored(here, &target, settings, as_of_ms, &body)
}

#[derive(Deserialize)]
pub(super) struct ToPointInTime(Value);

/// Exactly one of RestoreTime, which must lie before LatestRestorableTime, and UseLatestRestorableTime [MODEL].
pub(super) fn to_point_in_time(
    here: &mut Here<'_, Rds>,
    request: ToPointInTime,
) -> Result<Value, ApiError> {
    let ToPointInTime(body) = request;
    only(
        &body,
        &[
            "SourceDBInstanceIdentifier",
            "TargetDBInstanceIdentifier",
            "RestoreTime",
            "UseLatestRestorableTime",
        ],
    )?;
    let target = text(&body, "TargetDBInstanceIdentifier")?;
    let target = identifier("TargetDBInstanceIdentifier", target, 63)?;
    let source = text(&body, "SourceDBInstanceIdentifier")?.to_ascii_lowercase();
    let instance = known(here, &source)?;
    if instance.settings.retention_days == 0 {
        return Err(client(
            "PointInTimeRestoreNotEnabled",
            format!("Point In Time Restore is not enabled for instance {source}."),
        ));
    }
    let latest_ms = instance.restorable_ms(here.now_ms);
    let latest_ms = latest_ms.ok_or_else(|| {
        client(
            "InvalidRestoreFault",
            format!("The instance {source} has no restorable time yet."),
        )
    })?;
    let use_latest: Option<Flag> = member(&body, "UseLatestRestorableTime")?;
    let at: Option<Moment> = member(&body, "RestoreTime")?;
    let as_of_ms = match (at, use_latest.is_some_and(|flag| flag.0)) {
        (None, true) => latest_ms,
        (Some(Moment(at_ms)), false) => at_ms,
        _ => {
            return Err(combination(
                "Either the RestoreTime or the UseLatestRestorableTime parameter must be specified, and not both",
            ));
        }
    };
    let retained_ms =
        u64::try_from(instance.settings.retention_days).unwrap_or_default() * 86_400_000;
    let earliest_ms = instance
        .created_ms
        .unwrap_or_default()
        .max(here.now_ms.saturating_sub(retained_ms));
    if as_of_ms > latest_ms || as_of_ms < earliest_ms {
        return Err(client(
            "InvalidRestoreFault",
            format!(
                "The specified instance cannot be restored to a time later than {} or earlier than {}",
                crate::wire::iso8601(latest_ms),
                crate::wire::iso8601(earliest_ms)
            ),
        ));
    }
    let settings = instance.settings.clone();
    restored(here, &target, settings, as_of_ms, &body)
}

fn restored(
    here: &mut Here<'_, Rds>,
    target: &str,
    mut settings: Settings,
    as_of_ms: Millis,
    body: &Value,
) -> Result<Value, ApiError> {
    let changes = Changes::deserialize(body).map_err(|error| unread(&error))?;
    let engine = Engine::named(&settings.engine)?;
    let set = |place: &mut bool, flag: Option<Flag>| *place = flag.map_or(*place, |flag| flag.0);
    if let Some(given) = &changes.class {
        settings.class = class(given)?;
    }
    if changes.port.is_some() {
        settings.port = port(changes.port, engine)?;
    }
    settings.zone = changes.availability_zone.unwrap_or(settings.zone);
    settings.storage_type = changes.storage_type.unwrap_or(settings.storage_type);
    settings.security_groups = groups(changes.vpc_security_group_ids);
    settings.subnet_group = subnet_group(here, changes.subnet_group)?;
    settings.multi_az = false;
    settings.protected = false;
    set(&mut settings.multi_az, changes.multi_az);
    set(&mut settings.protected, changes.deletion_protection);
    set(&mut settings.is_public, changes.publicly_accessible);
    set(&mut settings.auto_minor, changes.auto_minor_version_upgrade);
    set(&mut settings.copy_tags, changes.copy_tags_to_snapshot);
    begin(here, target, settings, as_of_ms)?;
    tags::put(here, instance_arn(here, target), changes.tags);
    described(here, target)
}

/// Refuses any member that is neither one of the changes nor one of these.
fn only(body: &Value, own: &[&str]) -> Result<(), ApiError> {
    let mut members = body.as_object().into_iter().flatten();
    let unknown_member = members
        .find(|(name, _)| !CHANGES.contains(&name.as_str()) && !own.contains(&name.as_str()));
    match unknown_member {
        None => Ok(()),
        Some((name, _)) => Err(unserved_member(name)),
    }
}

fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, ApiError> {
    body.get(name).and_then(Value::as_str).ok_or_else(|| {
        unknown(format!(
            "The parameter {name} must be provided and must not be blank."
        ))
    })
}

fn member<T: serde::de::DeserializeOwned>(body: &Value, name: &str) -> Result<Option<T>, ApiError> {
    let Some(value) = body.get(name) else {
        return Ok(None);
    };
    T::deserialize(value)
        .map(Some)
        .map_err(|error| unread(&error))
}
