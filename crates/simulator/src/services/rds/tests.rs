//! Instances and snapshots in virtual time, through the API.

use crate::front::{Service, ask_form};
use crate::{ApiError, Weather, World};

/// 2026-01-01T00:00:00Z.
const START_MS: u64 = 1_767_225_600_000;

fn world() -> World {
    World::new("123456789012", "sa-east-1", 7, Weather::Calm, START_MS)
}

fn ask(world: &mut World, operation: &str, form: &str) -> Result<String, ApiError> {
    ask_form(world, Service::Rds, operation, form)
}

#[track_caller]
fn done(world: &mut World, operation: &str, form: &str) -> String {
    ask(world, operation, form).unwrap()
}

/// Code and HTTP status.
#[track_caller]
fn refused(world: &mut World, operation: &str, form: &str) -> (&'static str, u16) {
    let error = ask(world, operation, form).unwrap_err();
    (error.code, error.status)
}

fn pass(world: &mut World, seconds: u64) {
    world.advance(world.now_ms + seconds * 1_000);
}

/// The text of the first element of this name.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0)
}

fn status(world: &mut World, id: &str) -> Option<String> {
    let form = format!("DBInstanceIdentifier={id}");
    let xml = ask(world, "DescribeDBInstances", &form).ok()?;
    element(&xml, "DBInstanceStatus").map(str::to_owned)
}

const CREATE: &str = "DBInstanceIdentifier=Shop&DBInstanceClass=db.t4g.micro&Engine=postgres&AllocatedStorage=20\
    &MasterUsername=app&MasterUserPassword=correct-horse&Tags.Tag.1.Key=app&Tags.Tag.1.Value=shop&CopyTagsToSnapshot=true";

/// A world with the available instance `shop`.
fn shop() -> World {
    let mut world = world();
    done(&mut world, "CreateDBInstance", CREATE);
    pass(&mut world, 360);
    assert_eq!(status(&mut world, "shop").as_deref(), Some("available"));
    world
}

#[test]
fn an_instance_is_created_backed_up_and_then_available() {
    let mut world = world();
    let xml = done(&mut world, "CreateDBInstance", CREATE);
    assert_eq!(element(&xml, "DBInstanceIdentifier"), Some("shop"));
    assert_eq!(element(&xml, "Endpoint"), None);
    assert!(!xml.contains("correct-horse"));
    for (after, expected) in [
        (0, "creating"),
        (299, "creating"),
        (1, "backing-up"),
        (60, "available"),
    ] {
        pass(&mut world, after);
        assert_eq!(status(&mut world, "shop").as_deref(), Some(expected));
    }
    assert!(!world.to_json().unwrap().contains("correct-horse"));
}

#[test]
fn refusals_have_the_codes_of_the_wire() {
    let mut world = shop();
    let snapshot = |name: &str, instance: &str| {
        format!("DBSnapshotIdentifier={name}&DBInstanceIdentifier={instance}")
    };
    let create = |from: &str, to: &str| CREATE.replace(from, to);
    let instances = [
        (CREATE.to_owned(), "DBInstanceAlreadyExists"),
        (create("Shop", "a--b"), "InvalidParameterValue"),
        (create("Shop", "1a"), "InvalidParameterValue"),
        (create("correct-horse", "short"), "InvalidParameterValue"),
        (create("postgres", "aurora"), "InvalidParameterValue"),
        (
            format!("{}&DomainOu=x", create("Shop", "x")),
            "NotImplementedMember",
        ),
        (
            format!("{}&DBSubnetGroupName=none", create("Shop", "x")),
            "DBSubnetGroupNotFoundFault",
        ),
    ];
    for (form, code) in instances {
        assert_eq!(
            refused(&mut world, "CreateDBInstance", &form).0,
            code,
            "{form}"
        );
    }
    done(&mut world, "CreateDBSnapshot", &snapshot("s1", "shop"));
    for (operation, form, expected) in [
        (
            "CreateDBSnapshot",
            snapshot("S1", "shop"),
            ("DBSnapshotAlreadyExists", 400),
        ),
        (
            "CreateDBSnapshot",
            snapshot("s2", "shop"),
            ("InvalidDBInstanceState", 400),
        ),
        (
            "CreateDBSnapshot",
            snapshot("s2", "none"),
            ("DBInstanceNotFound", 404),
        ),
        (
            "DeleteDBSnapshot",
            "DBSnapshotIdentifier=s1".to_owned(),
            ("InvalidDBSnapshotState", 400),
        ),
        (
            "DescribeDBSnapshots",
            "DBSnapshotIdentifier=s9".to_owned(),
            ("DBSnapshotNotFound", 404),
        ),
        (
            "DescribeDBInstances",
            "DBInstanceIdentifier=none".to_owned(),
            ("DBInstanceNotFound", 404),
        ),
        (
            "DescribeDBClusters",
            "DBClusterIdentifier=c".to_owned(),
            ("DBClusterNotFoundFault", 404),
        ),
        (
            "StartDBInstance",
            "DBInstanceIdentifier=shop".to_owned(),
            ("InvalidDBInstanceState", 400),
        ),
        (
            "DeleteDBInstance",
            "DBInstanceIdentifier=shop".to_owned(),
            ("InvalidParameterCombination", 400),
        ),
        ("CreateDBProxy", String::new(), ("NotImplemented", 501)),
    ] {
        assert_eq!(
            refused(&mut world, operation, &form),
            expected,
            "{operation} {form}"
        );
    }
}

#[test]
fn a_snapshot_becomes_available_in_time() {
    let mut world = shop();
    let begun = "2026-01-01T00:06:00Z";
    let xml = done(
        &mut world,
        "CreateDBSnapshot",
        "DBSnapshotIdentifier=S1&DBInstanceIdentifier=shop",
    );
    assert_eq!(element(&xml, "Status"), Some("creating"));
    assert_eq!(element(&xml, "SnapshotDatabaseTime"), Some(begun));
    assert!(xml.contains("<TagList><Tag><Key>app</Key><Value>shop</Value></Tag></TagList>"));
    assert_eq!(status(&mut world, "shop").as_deref(), Some("backing-up"));
    for (after, percent, expected) in [
        (60, "50", "creating"),
        (59, "99", "creating"),
        (1, "100", "available"),
    ] {
        pass(&mut world, after);
        let xml = done(&mut world, "DescribeDBSnapshots", "DBSnapshotIdentifier=s1");
        assert_eq!(element(&xml, "PercentProgress"), Some(percent));
        assert_eq!(element(&xml, "Status"), Some(expected));
    }
    assert_eq!(status(&mut world, "shop").as_deref(), Some("available"));
    let xml = done(&mut world, "DescribeDBSnapshots", "SnapshotType=automated");
    assert_eq!(element(&xml, "DBSnapshots"), Some(""));
    done(&mut world, "DeleteDBSnapshot", "DBSnapshotIdentifier=s1");
    let xml = done(
        &mut world,
        "DescribeDBSnapshots",
        "DBInstanceIdentifier=shop",
    );
    assert_eq!(element(&xml, "DBSnapshots"), Some(""));
}

#[test]
fn a_hundred_manual_snapshots_are_the_quota() {
    let mut world = shop();
    let form = |number: usize| format!("DBSnapshotIdentifier=s{number}&DBInstanceIdentifier=shop");
    for number in 0..100 {
        done(&mut world, "CreateDBSnapshot", &form(number));
        pass(&mut world, 120);
    }
    assert_eq!(
        refused(&mut world, "CreateDBSnapshot", &form(100)).0,
        "SnapshotQuotaExceeded"
    );
    let xml = done(&mut world, "DescribeDBSnapshots", "MaxRecords=20");
    assert_eq!(xml.matches("<DBSnapshot>").count(), 20);
    assert_eq!(element(&xml, "Marker"), Some("20"));
}

#[test]
fn restoring_makes_a_new_instance() {
    let mut world = shop();
    let latest = |world: &mut World| {
        let xml = done(world, "DescribeDBInstances", "DBInstanceIdentifier=shop");
        element(&xml, "LatestRestorableTime").map(str::to_owned)
    };
    assert_eq!(latest(&mut world).as_deref(), Some("2026-01-01T00:06:00Z"));
    let to = |rest: &str| {
        format!("SourceDBInstanceIdentifier=shop&TargetDBInstanceIdentifier=copy&{rest}")
    };
    let use_latest = to("UseLatestRestorableTime=true");
    pass(&mut world, 300);
    assert_eq!(latest(&mut world).as_deref(), Some("2026-01-01T00:10:00Z"));
    pass(&mut world, 300);
    assert_eq!(latest(&mut world).as_deref(), Some("2026-01-01T00:15:00Z"));
    for (rest, code) in [
        ("RestoreTime=2026-01-01T00:15:01Z", "InvalidRestoreFault"),
        ("RestoreTime=2025-12-31T00:00:00Z", "InvalidRestoreFault"),
        ("", "InvalidParameterCombination"),
        (
            "RestoreTime=2026-01-01T00:14:00Z&UseLatestRestorableTime=true",
            "InvalidParameterCombination",
        ),
        (
            "RestoreTime=2026-01-01T00:14:00Z&DomainOu=x",
            "NotImplementedMember",
        ),
    ] {
        assert_eq!(
            refused(&mut world, "RestoreDBInstanceToPointInTime", &to(rest)).0,
            code,
            "{rest}"
        );
    }
    let form = to("RestoreTime=2026-01-01T00:14:00Z&DBInstanceClass=db.t4g.small");
    let xml = done(&mut world, "RestoreDBInstanceToPointInTime", &form);
    assert_eq!(element(&xml, "DBInstanceStatus"), Some("creating"));
    assert_eq!(element(&xml, "DBInstanceClass"), Some("db.t4g.small"));
    assert_eq!(status(&mut world, "shop").as_deref(), Some("available"));
    done(
        &mut world,
        "CreateDBSnapshot",
        "DBSnapshotIdentifier=s1&DBInstanceIdentifier=shop",
    );
    let form = "DBSnapshotIdentifier=s1&DBInstanceIdentifier=third";
    assert_eq!(
        refused(&mut world, "RestoreDBInstanceFromDBSnapshot", form).0,
        "InvalidDBSnapshotState"
    );
    pass(&mut world, 120);
    done(&mut world, "RestoreDBInstanceFromDBSnapshot", form);
    done(
        &mut world,
        "ModifyDBInstance",
        "DBInstanceIdentifier=shop&BackupRetentionPeriod=0",
    );
    pass(&mut world, 60);
    assert_eq!(latest(&mut world), None);
    let code = refused(&mut world, "RestoreDBInstanceToPointInTime", &use_latest).0;
    assert_eq!(code, "PointInTimeRestoreNotEnabled");
}

#[test]
fn changes_wait_for_the_window_unless_they_are_applied_immediately() {
    let mut world = shop();
    let form = "DBInstanceIdentifier=shop&DBInstanceClass=db.t4g.large";
    let xml = done(&mut world, "ModifyDBInstance", form);
    assert_eq!(element(&xml, "DBInstanceStatus"), Some("available"));
    let pending = "<DBInstanceClass>db.t4g.large</DBInstanceClass>";
    assert_eq!(element(&xml, "PendingModifiedValues"), Some(pending));
    let now = format!("{form}&ApplyImmediately=true&NewDBInstanceIdentifier=store");
    done(&mut world, "ModifyDBInstance", &now);
    assert_eq!(status(&mut world, "shop").as_deref(), Some("modifying"));
    pass(&mut world, 60);
    assert_eq!(status(&mut world, "shop"), None);
    let xml = done(
        &mut world,
        "DescribeDBInstances",
        "DBInstanceIdentifier=store",
    );
    assert_eq!(element(&xml, "DBInstanceClass"), Some("db.t4g.large"));
    assert_eq!(element(&xml, "PendingModifiedValues"), Some(""));
}

#[test]
fn an_instance_stops_starts_reboots_and_goes() {
    let mut world = shop();
    let form = "DBInstanceIdentifier=shop";
    for (operation, during, after, then) in [
        ("RebootDBInstance", "rebooting", 30, Some("available")),
        ("StopDBInstance", "stopping", 180, Some("stopped")),
        ("StartDBInstance", "starting", 300, Some("available")),
    ] {
        done(&mut world, operation, form);
        assert_eq!(status(&mut world, "shop").as_deref(), Some(during));
        pass(&mut world, after);
        assert_eq!(status(&mut world, "shop").as_deref(), then, "{operation}");
    }
    done(
        &mut world,
        "ModifyDBInstance",
        "DBInstanceIdentifier=shop&DeletionProtection=true",
    );
    pass(&mut world, 60);
    let delete = "DBInstanceIdentifier=shop&FinalDBSnapshotIdentifier=last";
    assert_eq!(
        refused(&mut world, "DeleteDBInstance", delete).0,
        "InvalidParameterCombination"
    );
    done(
        &mut world,
        "ModifyDBInstance",
        "DBInstanceIdentifier=shop&DeletionProtection=false",
    );
    pass(&mut world, 60);
    done(&mut world, "DeleteDBInstance", delete);
    assert_eq!(status(&mut world, "shop").as_deref(), Some("deleting"));
    pass(&mut world, 180);
    assert_eq!(status(&mut world, "shop"), None);
    let xml = done(
        &mut world,
        "DescribeDBSnapshots",
        "DBSnapshotIdentifier=last",
    );
    assert_eq!(element(&xml, "Status"), Some("available"));
}

#[test]
fn subnet_groups_parameter_groups_and_tags() {
    let mut world = shop();
    let subnets = "SubnetIds.SubnetIdentifier.1=subnet-1&SubnetIds.SubnetIdentifier.2=subnet-2";
    let form = format!("DBSubnetGroupName=Data&DBSubnetGroupDescription=d&{subnets}");
    done(&mut world, "CreateDBSubnetGroup", &form);
    assert_eq!(
        refused(&mut world, "CreateDBSubnetGroup", &form).0,
        "DBSubnetGroupAlreadyExists"
    );
    let xml = done(
        &mut world,
        "DescribeDBSubnetGroups",
        "DBSubnetGroupName=data",
    );
    assert!(xml.contains("<SubnetIdentifier>subnet-2</SubnetIdentifier>"));
    done(&mut world, "DeleteDBSubnetGroup", "DBSubnetGroupName=data");
    let code = refused(&mut world, "DeleteDBSubnetGroup", "DBSubnetGroupName=data");
    assert_eq!(code, ("DBSubnetGroupNotFoundFault", 404));
    let xml = done(
        &mut world,
        "DescribeDBParameterGroups",
        "DBParameterGroupName=default.postgres17",
    );
    assert_eq!(element(&xml, "DBParameterGroupFamily"), Some("postgres17"));
    let arn = "ResourceName=arn:aws:rds:sa-east-1:123456789012:db:shop";
    done(
        &mut world,
        "AddTagsToResource",
        &format!("{arn}&Tags.Tag.1.Key=b&Tags.Tag.1.Value=c"),
    );
    done(
        &mut world,
        "RemoveTagsFromResource",
        &format!("{arn}&TagKeys.member.1=app"),
    );
    let xml = done(&mut world, "ListTagsForResource", arn);
    assert_eq!(
        element(&xml, "TagList"),
        Some("<Tag><Key>b</Key><Value>c</Value></Tag>")
    );
}
