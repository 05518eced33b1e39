//! Instances, snapshots and subnet groups as the API writes them.

use super::engine::Engine;
use super::groups::SubnetGroup;
use super::instance::{Instance, Settings, Status};
use super::snapshots::Snapshot;
use super::state::{arn, instance_arn};
use super::tags::tag_list;
use crate::World;
use crate::wire::{Xml, iso8601};

const VPC: &str = "vpc-5b1a7a11";

/// The inside of `<DBInstance>`. Endpoint and InstanceCreateTime come when it has been created [MODEL].
pub(super) fn instance_xml(world: &World, id: &str, instance: &Instance) -> Xml {
    let settings = &instance.settings;
    let endpoint = Xml::new()
        .text(
            "Address",
            format!("{id}.c0simulator0.{}.rds.amazonaws.com", world.region),
        )
        .text("Port", settings.port)
        .text("HostedZoneId", "Z29XKXDKYMONMX");
    let mut xml = Xml::new()
        .text("DBInstanceIdentifier", id)
        .text("DBInstanceStatus", instance.status.as_str())
        .maybe("InstanceCreateTime", instance.created_ms.map(iso8601));
    if instance.status != Status::Creating {
        xml = xml.nested("Endpoint", &endpoint);
    }
    let restorable = instance.restorable_ms(world.now_ms);
    let arn = instance_arn(world, id);
    xml = settings_xml(world, xml, settings)
        .nested("PendingModifiedValues", &pending(instance))
        .maybe("LatestRestorableTime", restorable.map(iso8601))
        .text("DbInstancePort", 0)
        .text("DbiResourceId", &instance.resource_id)
        .text("DBInstanceArn", &arn);
    xml.append(tag_list(world, &arn))
}

fn settings_xml(world: &World, xml: Xml, settings: &Settings) -> Xml {
    let group = |id: &String| {
        Xml::new()
            .text("VpcSecurityGroupId", id)
            .text("Status", "active")
    };
    let parameters = Xml::new()
        .text("DBParameterGroupName", &settings.parameter_group)
        .text("ParameterApplyStatus", "in-sync");
    let exports = settings
        .log_exports
        .iter()
        .fold(Xml::new(), |list, kind| list.text("member", kind));
    let mut xml = shared(xml, settings)
        .text("DBInstanceClass", &settings.class)
        .maybe("DBName", settings.database.as_ref())
        .text("MultiAZ", settings.multi_az)
        .list(
            "VpcSecurityGroups",
            "VpcSecurityGroupMembership",
            settings.security_groups.iter().map(group),
        )
        .list("DBParameterGroups", "DBParameterGroup", [parameters])
        .text("PreferredMaintenanceWindow", &settings.maintenance_window)
        .text("AutoMinorVersionUpgrade", settings.auto_minor)
        .text("PubliclyAccessible", settings.is_public)
        .text("CACertificateIdentifier", "rds-ca-rsa2048-g1")
        .text("CopyTagsToSnapshot", settings.copy_tags)
        .text("MonitoringInterval", 0)
        .text("StorageEncrypted", settings.encrypted)
        .text("PerformanceInsightsEnabled", settings.performance_insights)
        .text("DeletionProtection", settings.protected)
        .maybe("MaxAllocatedStorage", settings.max_storage_gib)
        .text("BackupTarget", "region")
        .text("NetworkType", "IPV4");
    if !settings.log_exports.is_empty() {
        xml = xml.nested("EnabledCloudwatchLogsExports", &exports);
    }
    let name = settings.subnet_group.as_deref();
    let usual = SubnetGroup {
        description: "default".to_owned(),
        subnets: vec!["subnet-5b1a7a11".to_owned(), "subnet-5b1a7a12".to_owned()],
    };
    let group = name.and_then(|name| world.rds.subnet_groups.get(name));
    let group = subnet_group_xml(world, name.unwrap_or("default"), group.unwrap_or(&usual));
    xml.nested("DBSubnetGroup", &group)
}

/// What instances and snapshots both have.
fn shared(xml: Xml, settings: &Settings) -> Xml {
    let license = Engine::named(&settings.engine).map_or("", |engine| engine.license);
    xml.text("Engine", &settings.engine)
        .text("EngineVersion", &settings.version)
        .text("LicenseModel", license)
        .text("MasterUsername", &settings.username)
        .text("AllocatedStorage", settings.storage_gib)
        .text("StorageType", &settings.storage_type)
        .maybe("Iops", settings.iops)
        .text("AvailabilityZone", &settings.zone)
        .maybe("KmsKeyId", settings.kms_key.as_ref())
        .text("BackupRetentionPeriod", settings.retention_days)
        .text("PreferredBackupWindow", &settings.backup_window)
        .text(
            "IAMDatabaseAuthenticationEnabled",
            settings.iam_authentication,
        )
}

/// What differs from what is in force.
fn pending(instance: &Instance) -> Xml {
    let Some(pending) = &instance.pending else {
        return Xml::new();
    };
    let now = &instance.settings;
    let mut xml = Xml::new();
    if pending.class != now.class {
        xml = xml.text("DBInstanceClass", &pending.class);
    }
    if pending.storage_gib != now.storage_gib {
        xml = xml.text("AllocatedStorage", pending.storage_gib);
    }
    if pending.multi_az != now.multi_az {
        xml = xml.text("MultiAZ", pending.multi_az);
    }
    if pending.version != now.version {
        xml = xml.text("EngineVersion", &pending.version);
    }
    if pending.storage_type != now.storage_type {
        xml = xml.text("StorageType", &pending.storage_type);
    }
    if pending.iops != now.iops {
        xml = xml.maybe("Iops", pending.iops);
    }
    xml
}

/// The inside of `<DBSnapshot>`. SnapshotDatabaseTime is that of the last transaction in it (G [MODEL]).
pub(super) fn snapshot_xml(world: &World, id: &str, snapshot: &Snapshot) -> Xml {
    let arn = arn(world, "snapshot", id);
    let available = snapshot.is_available(world.now_ms);
    let begun = iso8601(snapshot.begun_ms);
    let xml = Xml::new()
        .text("DBSnapshotIdentifier", id)
        .text("DBInstanceIdentifier", &snapshot.instance)
        .text("SnapshotCreateTime", &begun)
        .text("OriginalSnapshotCreateTime", &begun)
        .text("SnapshotDatabaseTime", &begun)
        .text("Status", if available { "available" } else { "creating" })
        .text("PercentProgress", snapshot.percent(world.now_ms))
        .text("Port", snapshot.settings.port)
        .text("VpcId", VPC)
        .maybe(
            "InstanceCreateTime",
            snapshot.instance_created_ms.map(iso8601),
        )
        .text("SnapshotType", "manual")
        .text("Encrypted", snapshot.settings.encrypted)
        .text("DBSnapshotArn", &arn)
        .text("DbiResourceId", &snapshot.resource_id)
        .text("SnapshotTarget", "region");
    shared(xml, &snapshot.settings).append(tag_list(world, &arn))
}

/// The inside of `<DBSubnetGroup>`. Its subnets lie in the Region's zones in turn.
pub(super) fn subnet_group_xml(world: &World, name: &str, group: &SubnetGroup) -> Xml {
    let zones = ["a", "b", "c"].iter().cycle();
    let subnets = group.subnets.iter().zip(zones).map(|(id, zone)| {
        let zone = Xml::new().text("Name", format!("{}{zone}", world.region));
        Xml::new()
            .text("SubnetIdentifier", id)
            .nested("SubnetAvailabilityZone", &zone)
            .text("SubnetStatus", "Active")
    });
    Xml::new()
        .text("DBSubnetGroupName", name)
        .text("DBSubnetGroupDescription", &group.description)
        .text("VpcId", VPC)
        .text("SubnetGroupStatus", "Complete")
        .list("Subnets", "Subnet", subnets)
        .text("DBSubnetGroupArn", arn(world, "subgrp", name))
}
