//! CreateDBInstance.

use serde::Deserialize;
use serde_json::{Value, json};

use super::described::instance_json;
use super::engine::Engine;
use super::errors::{client, combination, identifier, unknown};
use super::instance::{Instance, Settings, Status};
use super::state::{instance_arn, schedule_instance};
use super::tags::{self, Tag};
use crate::base::here::Here;
use crate::base::timings::{DB_BACKUP, DB_CREATE};
use crate::services::rds::Rds;
use crate::wire::{Flag, Whole};
use crate::{ApiError, Millis};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateDbInstance {
    #[serde(rename = "DBInstanceIdentifier")]
    id: String,
    #[serde(rename = "DBInstanceClass")]
    class: String,
    engine: String,
    engine_version: Option<String>,
    #[serde(rename = "DBName")]
    database: Option<String>,
    allocated_storage: Option<Whole>,
    max_allocated_storage: Option<Whole>,
    storage_type: Option<String>,
    iops: Option<Whole>,
    master_username: Option<String>,
    master_user_password: Option<Secret>,
    port: Option<Whole>,
    availability_zone: Option<String>,
    #[serde(default)]
    vpc_security_group_ids: Vec<String>,
    #[serde(rename = "DBSubnetGroupName")]
    subnet_group: Option<String>,
    #[serde(rename = "DBParameterGroupName")]
    parameter_group: Option<String>,
    backup_retention_period: Option<Whole>,
    preferred_backup_window: Option<String>,
    preferred_maintenance_window: Option<String>,
    #[serde(rename = "MultiAZ")]
    multi_az: Option<Flag>,
    publicly_accessible: Option<Flag>,
    storage_encrypted: Option<Flag>,
    kms_key_id: Option<String>,
    auto_minor_version_upgrade: Option<Flag>,
    copy_tags_to_snapshot: Option<Flag>,
    #[serde(rename = "EnableIAMDatabaseAuthentication")]
    iam_authentication: Option<Flag>,
    enable_performance_insights: Option<Flag>,
    deletion_protection: Option<Flag>,
    #[serde(default)]
    enable_cloudwatch_logs_exports: Vec<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    /// Accepted: they move nothing here.
    #[serde(rename = "LicenseModel")]
    _license: Option<Value>,
    #[serde(rename = "MonitoringInterval")]
    _monitoring: Option<Value>,
    #[serde(rename = "MonitoringRoleArn")]
    _monitoring_role: Option<Value>,
    #[serde(rename = "CACertificateIdentifier")]
    _certificate: Option<Value>,
    #[serde(rename = "NetworkType")]
    _network: Option<Value>,
    #[serde(rename = "PerformanceInsightsRetentionPeriod")]
    _insights: Option<Value>,
    #[serde(rename = "StorageThroughput")]
    _throughput: Option<Value>,
    #[serde(rename = "EngineLifecycleSupport")]
    _lifecycle: Option<Value>,
}

/// A password: its length is checked, and it is forgotten.
pub(super) struct Secret(usize);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)
            .map_err(|_| serde::de::Error::custom("expected a password"))?;
        Ok(Self(text.chars().count()))
    }
}

impl Secret {
    pub(super) fn check(&self) -> Result<(), ApiError> {
        if self.0 >= 8 {
            return Ok(());
        }
        Err(unknown(
            "The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters.",
        ))
    }
}

/// `creating`, then a first backup when automated backups are on, then `available`.
pub(super) fn create(
    here: &mut Here<'_, Rds>,
    request: CreateDbInstance,
) -> Result<Value, ApiError> {
    let id = identifier("DBInstanceIdentifier", &request.id, 63)?;
    match &request.master_user_password {
        Some(password) => password.check()?,
        None => {
            return Err(combination(
                "MasterUserPassword must be provided: the simulator does not manage passwords in Secrets Manager",
            ));
        }
    }
    let given_tags = request.tags.clone();
    let settings = settings(here, request)?;
    let now_ms = here.now_ms;
    begin(here, &id, settings, now_ms)?;
    tags::put(here, instance_arn(here, &id), given_tags);
    described(here, &id)
}

/// Makes an instance, which takes its time; what it is made from is as of `data_since_ms`.
pub(super) fn begin(
    here: &mut Here<'_, Rds>,
    id: &str,
    settings: Settings,
    data_since_ms: Millis,
) -> Result<(), ApiError> {
    if here.own.instances.contains_key(id) {
        return Err(client(
            "DBInstanceAlreadyExists",
            "DB instance already exists",
        ));
    }
    // 40 instances per account and Region [DOC].
    if here.own.instances.len() >= 40 {
        return Err(client(
            "InstanceQuotaExceeded",
            "The number of DB instances has reached the quota of 40.",
        ));
    }
    let ready_ms = here.now_ms + DB_CREATE.draw(here.weather, here.random);
    let mut states = vec![(ready_ms, Status::Available)];
    if settings.retention_days > 0 {
        let backed_up_ms = ready_ms + DB_BACKUP.draw(here.weather, here.random);
        states = vec![
            (ready_ms, Status::BackingUp),
            (backed_up_ms, Status::Available),
        ];
    }
    let serial = here.random.between(0, u64::MAX - 1);
    let instance = Instance {
        settings,
        status: Status::Creating,
        coming: Default::default(),
        created_ms: None,
        data_since_ms,
        resource_id: format!("db-SIMULATOR{serial:016X}"),
        modified: None,
        new_id: None,
        renamed: None,
        pending: None,
        stopped_ms: None,
    };
    here.own.instances.insert(id.to_owned(), instance);
    schedule_instance(here, id, &states);
    Ok(())
}

/// `<DBInstance>...</DBInstance>`.
pub(super) fn described(here: &Here<'_, Rds>, id: &str) -> Result<Value, ApiError> {
    let found = here.own.instances.get(id);
    let instance = found.ok_or_else(|| super::errors::no_instance(id))?;
    Ok(json!({ "DBInstance": instance_json(here, id, instance) }))
}

fn settings(here: &Here<'_, Rds>, request: CreateDbInstance) -> Result<Settings, ApiError> {
    let engine = Engine::named(&request.engine)?;
    let version = request
        .engine_version
        .unwrap_or_else(|| engine.version.to_owned());
    let Whole(storage_gib) = request
        .allocated_storage
        .ok_or_else(|| unknown("Invalid storage size for engine name and storage type"))?;
    let flag = |flag: Option<Flag>, usual: bool| flag.map_or(usual, |flag| flag.0);
    Ok(Settings {
        class: class(&request.class)?,
        parameter_group: parameter_group(request.parameter_group, engine, &version)?,
        engine: engine.name.to_owned(),
        version,
        storage_gib: storage(storage_gib)?,
        max_storage_gib: request.max_allocated_storage.map(|storage| storage.0),
        storage_type: request.storage_type.unwrap_or_else(|| "gp2".to_owned()),
        iops: request.iops.map(|iops| iops.0),
        username: request.master_username.ok_or_else(|| {
            unknown("The parameter MasterUsername must be provided and must not be blank.")
        })?,
        database: request.database,
        port: port(request.port, engine)?,
        zone: request
            .availability_zone
            .unwrap_or_else(|| format!("{}a", here.region)),
        security_groups: groups(request.vpc_security_group_ids),
        subnet_group: subnet_group(here, request.subnet_group)?,
        retention_days: retention(request.backup_retention_period, 1)?,
        backup_window: request
            .preferred_backup_window
            .unwrap_or_else(|| "03:00-03:30".to_owned()),
        maintenance_window: request
            .preferred_maintenance_window
            .unwrap_or_else(|| "sun:04:00-sun:04:30".to_owned()),
        multi_az: flag(request.multi_az, false),
        is_public: flag(request.publicly_accessible, false),
        encrypted: flag(request.storage_encrypted, false),
        kms_key: request.kms_key_id,
        auto_minor: flag(request.auto_minor_version_upgrade, true),
        copy_tags: flag(request.copy_tags_to_snapshot, false),
        iam_authentication: flag(request.iam_authentication, false),
        performance_insights: flag(request.enable_performance_insights, false),
        protected: flag(request.deletion_protection, false),
        log_exports: request.enable_cloudwatch_logs_exports,
    })
}

pub(super) fn class(given: &str) -> Result<String, ApiError> {
    if given.starts_with("db.") && given.split('.').count() == 3 {
        return Ok(given.to_owned());
    }
    Err(unknown(format!("Invalid DB Instance class: {given}")))
}

/// 20 to 65,536 GiB on general purpose storage [MODEL].
pub(super) fn storage(gib: i64) -> Result<i64, ApiError> {
    if (20..=65_536).contains(&gib) {
        return Ok(gib);
    }
    Err(unknown(
        "Invalid storage size for engine name and storage type",
    ))
}

/// 0 to 35 days; 0 turns automated backups off [MODEL].
pub(super) fn retention(given: Option<Whole>, usual: i64) -> Result<i64, ApiError> {
    let Whole(days) = given.unwrap_or(Whole(usual));
    if (0..=35).contains(&days) {
        return Ok(days);
    }
    Err(unknown(format!(
        "Invalid backup retention period: {days}. Must be between 0 and 35."
    )))
}

pub(super) fn port(given: Option<Whole>, engine: &Engine) -> Result<u16, ApiError> {
    match given {
        None => Ok(engine.port),
        Some(Whole(port)) => u16::try_from(port)
            .ok()
            .filter(|port| *port >= 1_150)
            .ok_or_else(|| unknown(format!("Invalid port: {port}. Must be 1150-65535"))),
    }
}

pub(super) fn groups(given: Vec<String>) -> Vec<String> {
    if given.is_empty() {
        return vec!["sg-5b1a7a11".to_owned()];
    }
    given
}

pub(super) fn subnet_group(
    here: &Here<'_, Rds>,
    given: Option<String>,
) -> Result<Option<String>, ApiError> {
    match given {
        None => Ok(None),
        Some(name) if name == "default" || here.own.subnet_groups.contains_key(&name) => {
            Ok(Some(name))
        }
        Some(name) => Err(super::groups::no_subnet_group(&name)),
    }
}

/// Only the default groups are there.
pub(super) fn parameter_group(
    given: Option<String>,
    engine: &Engine,
    version: &str,
) -> Result<String, ApiError> {
    let usual = format!("default.{}", engine.family(version));
    match given {
        None => Ok(usual),
        Some(name) if name == usual => Ok(usual),
        Some(name) => Err(super::groups::no_parameter_group(&name)),
    }
}
