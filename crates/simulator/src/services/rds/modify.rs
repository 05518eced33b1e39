//! ModifyDBInstance.

use serde::Deserialize;
use serde_json::Value;

use super::create::{Secret, class, described, retention, storage};
use super::engine::Engine;
use super::errors::{client, identifier, unknown, wrong_state};
use super::instance::{Settings, Status};
use super::instances::{begin, known};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::timings::DB_MODIFY;
use crate::services::rds::Rds;
use crate::wire::{Flag, Whole};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ModifyDbInstance {
    #[serde(rename = "DBInstanceIdentifier")]
    id: String,
    #[serde(rename = "NewDBInstanceIdentifier")]
    new_id: Option<String>,
    apply_immediately: Option<Flag>,
    #[serde(rename = "DBInstanceClass")]
    class: Option<String>,
    allocated_storage: Option<Whole>,
    max_allocated_storage: Option<Whole>,
    storage_type: Option<String>,
    iops: Option<Whole>,
    engine_version: Option<String>,
    #[serde(rename = "MultiAZ")]
    multi_az: Option<Flag>,
    master_user_password: Option<Secret>,
    #[serde(default)]
    vpc_security_group_ids: Vec<String>,
    backup_retention_period: Option<Whole>,
    preferred_backup_window: Option<String>,
    preferred_maintenance_window: Option<String>,
    publicly_accessible: Option<Flag>,
    auto_minor_version_upgrade: Option<Flag>,
    copy_tags_to_snapshot: Option<Flag>,
    #[serde(rename = "EnableIAMDatabaseAuthentication")]
    iam_authentication: Option<Flag>,
    enable_performance_insights: Option<Flag>,
    deletion_protection: Option<Flag>,
    #[serde(rename = "AllowMajorVersionUpgrade")]
    _major: Option<Value>,
    #[serde(rename = "CACertificateIdentifier")]
    _certificate: Option<Value>,
    #[serde(rename = "MonitoringInterval")]
    _monitoring: Option<Value>,
    #[serde(rename = "MonitoringRoleArn")]
    _monitoring_role: Option<Value>,
}

/// Without ApplyImmediately, what needs the maintenance window stays pending; the rest, and the retention period when it stays
/// above 0, is applied as soon as possible [MODEL].
pub(super) fn modify(
    here: &mut Here<'_, Rds>,
    request: ModifyDbInstance,
) -> Result<Value, ApiError> {
    let id = request.id.to_ascii_lowercase();
    let instance = known(here, &id)?;
    if instance.status != Status::Available {
        return Err(wrong_state(format!(
            "Database instance is not in available state: {id}"
        )));
    }
    if let Some(password) = &request.master_user_password {
        password.check()?;
    }
    let new_id = match &request.new_id {
        None => None,
        Some(new_id) => {
            let new_id = identifier("NewDBInstanceIdentifier", new_id, 63)?;
            if here.own.instances.contains_key(&new_id) {
                return Err(client(
                    "DBInstanceAlreadyExists",
                    "DB instance already exists",
                ));
            }
            Some(new_id)
        }
    };
    let at_once = request.apply_immediately.is_some_and(|flag| flag.0);
    let before = instance.settings.clone();
    let mut settings = before.clone();
    soon(&mut settings, &request)?;
    let mut all = settings.clone();
    later(&mut all, &request)?;
    let waits = !at_once && all != settings;
    let Some(instance) = here.own.instances.get_mut(&id) else {
        return Err(super::errors::no_instance(&id));
    };
    if waits {
        instance.pending = Some(all);
    } else {
        settings = all;
        instance.pending = None;
    }
    if settings != before || (at_once && new_id.is_some()) {
        instance.modified = Some(settings);
        instance.new_id = new_id;
        begin(here, &id, Status::Modifying, DB_MODIFY, Status::Available);
    }
    described(here, &id)
}

/// What is applied as soon as possible.
fn soon(settings: &mut Settings, request: &ModifyDbInstance) -> Result<(), ApiError> {
    let set = |place: &mut bool, flag: Option<Flag>| *place = flag.map_or(*place, |flag| flag.0);
    settings.retention_days = retention(request.backup_retention_period, settings.retention_days)?;
    if !request.vpc_security_group_ids.is_empty() {
        settings
            .security_groups
            .clone_from(&request.vpc_security_group_ids);
    }
    if let Some(window) = &request.preferred_backup_window {
        settings.backup_window.clone_from(window);
    }
    if let Some(window) = &request.preferred_maintenance_window {
        settings.maintenance_window.clone_from(window);
    }
    if let Some(Whole(most)) = request.max_allocated_storage {
        settings.max_storage_gib = Some(most);
    }
    set(&mut settings.is_public, request.publicly_accessible);
    set(&mut settings.auto_minor, request.auto_minor_version_upgrade);
    set(&mut settings.copy_tags, request.copy_tags_to_snapshot);
    set(&mut settings.iam_authentication, request.iam_authentication);
    set(
        &mut settings.performance_insights,
        request.enable_performance_insights,
    );
    set(&mut settings.protected, request.deletion_protection);
    Ok(())
}

/// What waits for the maintenance window unless it is to be applied immediately.
fn later(settings: &mut Settings, request: &ModifyDbInstance) -> Result<(), ApiError> {
    if let Some(given) = &request.class {
        settings.class = class(given)?;
    }
    if let Some(Whole(gib)) = request.allocated_storage {
        if gib < settings.storage_gib {
            return Err(client(
                "InvalidParameterCombination",
                format!(
                    "Requested storage size ({gib}) cannot be less than the current storage size ({}).",
                    settings.storage_gib
                ),
            ));
        }
        settings.storage_gib = storage(gib)?;
    }
    if let Some(storage_type) = &request.storage_type {
        settings.storage_type.clone_from(storage_type);
    }
    if let Some(Whole(iops)) = request.iops {
        settings.iops = Some(iops);
    }
    if let Some(Flag(multi_az)) = request.multi_az {
        settings.multi_az = multi_az;
    }
    if let Some(version) = &request.engine_version {
        let engine = Engine::named(&settings.engine)?;
        if !version.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(unknown(format!("Invalid engine version: {version}")));
        }
        settings.parameter_group = format!("default.{}", engine.family(version));
        settings.version.clone_from(version);
    }
    Ok(())
}
