//! Instances, snapshots and subnet groups as the API tells them.

use serde_json::{Map, Value, json};

use super::engine::Engine;
use super::groups::SubnetGroup;
use super::instance::{Instance, Settings, Status};
use super::snapshots::Snapshot;
use super::state::{arn, instance_arn};
use super::tags::tag_list;
use crate::base::arn::dns_suffix;
use crate::base::here::Here;
use crate::services::rds::Rds;
use crate::wire::instant;

const VPC: &str = "vpc-5b1a7a11";

/// A `DBInstance`. Endpoint and InstanceCreateTime come when it has been created [MODEL].
pub(super) fn instance_json(here: &Here<'_, Rds>, id: &str, instance: &Instance) -> Value {
    let settings = &instance.settings;
    let endpoint = (instance.status != Status::Creating).then(|| {
        json!({
            "Address": format!("{id}.c0simulator0.{}.rds.{}", here.region, dns_suffix(here.region)),
            "Port": settings.port,
            "HostedZoneId": "Z29XKXDKYMONMX",
        })
    });
    let arn = instance_arn(here, id);
    let mut told = json!({
        "DBInstanceIdentifier": id,
        "DBInstanceStatus": instance.status.as_str(),
        "InstanceCreateTime": instance.created_ms.map(instant),
        "Endpoint": endpoint,
        "PendingModifiedValues": pending(instance),
        "LatestRestorableTime": instance.restorable_ms(here.now_ms).map(instant),
        "DbInstancePort": 0,
        "DbiResourceId": instance.resource_id,
        "DBInstanceArn": arn,
        "TagList": tag_list(here, &arn),
    });
    add(&mut told, shared(settings));
    add(&mut told, settings_json(here, settings));
    told
}

fn settings_json(here: &Here<'_, Rds>, settings: &Settings) -> Value {
    let group = |id: &String| json!({ "VpcSecurityGroupId": id, "Status": "active" });
    let groups: Vec<Value> = settings.security_groups.iter().map(group).collect();
    let exports = (!settings.log_exports.is_empty()).then_some(&settings.log_exports);
    let name = settings.subnet_group.as_deref();
    let usual = SubnetGroup {
        description: "default".to_owned(),
        subnets: vec!["subnet-5b1a7a11".to_owned(), "subnet-5b1a7a12".to_owned()],
    };
    let subnets = name.and_then(|name| here.own.subnet_groups.get(name));
    let subnets = subnet_group_json(here, name.unwrap_or("default"), subnets.unwrap_or(&usual));
    json!({
        "DBInstanceClass": settings.class,
        "DBName": settings.database,
        "MultiAZ": settings.multi_az,
        "VpcSecurityGroups": groups,
        "DBParameterGroups": [{
            "DBParameterGroupName": settings.parameter_group,
            "ParameterApplyStatus": "in-sync",
        }],
        "PreferredMaintenanceWindow": settings.maintenance_window,
        "AutoMinorVersionUpgrade": settings.auto_minor,
        "PubliclyAccessible": settings.is_public,
        "CACertificateIdentifier": "rds-ca-rsa2048-g1",
        "CopyTagsToSnapshot": settings.copy_tags,
        "MonitoringInterval": 0,
        "StorageEncrypted": settings.encrypted,
        "PerformanceInsightsEnabled": settings.performance_insights,
        "DeletionProtection": settings.protected,
        "MaxAllocatedStorage": settings.max_storage_gib,
        "BackupTarget": "region",
        "NetworkType": "IPV4",
        "EnabledCloudwatchLogsExports": exports,
        "DBSubnetGroup": subnets,
    })
}

/// What instances and snapshots both have.
fn shared(settings: &Settings) -> Value {
    let license = Engine::named(&settings.engine).map_or("", |engine| engine.license);
    json!({
        "Engine": settings.engine,
        "EngineVersion": settings.version,
        "LicenseModel": license,
        "MasterUsername": settings.username,
        "AllocatedStorage": settings.storage_gib,
        "StorageType": settings.storage_type,
        "Iops": settings.iops,
        "AvailabilityZone": settings.zone,
        "KmsKeyId": settings.kms_key,
        "BackupRetentionPeriod": settings.retention_days,
        "PreferredBackupWindow": settings.backup_window,
        "IAMDatabaseAuthenticationEnabled": settings.iam_authentication,
    })
}

/// What differs from what is in force.
fn pending(instance: &Instance) -> Value {
    let mut told = Map::new();
    let Some(pending) = &instance.pending else {
        return Value::Object(told);
    };
    let now = &instance.settings;
    let rows = [
        (
            pending.class != now.class,
            "DBInstanceClass",
            json!(pending.class),
        ),
        (
            pending.storage_gib != now.storage_gib,
            "AllocatedStorage",
            json!(pending.storage_gib),
        ),
        (
            pending.multi_az != now.multi_az,
            "MultiAZ",
            json!(pending.multi_az),
        ),
        (
            pending.version != now.version,
            "EngineVersion",
            json!(pending.version),
        ),
        (
            pending.storage_type != now.storage_type,
            "StorageType",
            json!(pending.storage_type),
        ),
        (pending.iops != now.iops, "Iops", json!(pending.iops)),
    ];
    for (differs, name, value) in rows {
        if differs {
            told.insert(name.to_owned(), value);
        }
    }
    Value::Object(told)
}

/// A `DBSnapshot`. SnapshotDatabaseTime is that of the last transaction in it (G [MODEL]).
pub(super) fn snapshot_json(here: &Here<'_, Rds>, id: &str, snapshot: &Snapshot) -> Value {
    let arn = arn(here, "snapshot", id);
    let available = snapshot.is_available(here.now_ms);
    let begun = instant(snapshot.begun_ms);
    let mut told = json!({
        "DBSnapshotIdentifier": id,
        "DBInstanceIdentifier": snapshot.instance,
        "SnapshotCreateTime": begun,
        "OriginalSnapshotCreateTime": begun,
        "SnapshotDatabaseTime": begun,
        "Status": if available { "available" } else { "creating" },
        "PercentProgress": snapshot.percent(here.now_ms),
        "Port": snapshot.settings.port,
        "VpcId": VPC,
        "InstanceCreateTime": snapshot.instance_created_ms.map(instant),
        "SnapshotType": "manual",
        "Encrypted": snapshot.settings.encrypted,
        "DBSnapshotArn": arn,
        "DbiResourceId": snapshot.resource_id,
        "SnapshotTarget": "region",
        "TagList": tag_list(here, &arn),
    });
    add(&mut told, shared(&snapshot.settings));
    told
}

/// A `DBSubnetGroup`. Its subnets lie in the Region's zones in turn.
pub(super) fn subnet_group_json(here: &Here<'_, Rds>, name: &str, group: &SubnetGroup) -> Value {
    let zones = ["a", "b", "c"].iter().cycle();
    let subnets = group.subnets.iter().zip(zones).map(|(id, zone)| {
        json!({
            "SubnetIdentifier": id,
            "SubnetAvailabilityZone": { "Name": format!("{}{zone}", here.region) },
            "SubnetStatus": "Active",
        })
    });
    json!({
        "DBSubnetGroupName": name,
        "DBSubnetGroupDescription": group.description,
        "VpcId": VPC,
        "SubnetGroupStatus": "Complete",
        "Subnets": subnets.collect::<Vec<_>>(),
        "DBSubnetGroupArn": arn(here, "subgrp", name),
    })
}

fn add(told: &mut Value, more: Value) {
    if let (Value::Object(told), Value::Object(more)) = (told, more) {
        told.extend(more);
    }
}
