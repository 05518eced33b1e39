//! Anchors on RDS: begun once, found again by what is written on them, and never removed but where that says that they are ours.

use std::time::Duration;

use aws_sdk_rds::operation::create_db_cluster_snapshot::CreateDbClusterSnapshotOutput;
use aws_sdk_rds::operation::create_db_snapshot::CreateDbSnapshotOutput;
use aws_sdk_rds::operation::delete_db_snapshot::DeleteDbSnapshotOutput;
use aws_sdk_rds::operation::describe_db_cluster_snapshots::DescribeDbClusterSnapshotsOutput;
use aws_sdk_rds::operation::describe_db_clusters::DescribeDbClustersOutput;
use aws_sdk_rds::operation::describe_db_instances::DescribeDbInstancesOutput;
use aws_sdk_rds::operation::describe_db_snapshots::DescribeDbSnapshotsOutput;
use aws_sdk_rds::types::{
    DbCluster, DbClusterMember, DbClusterSnapshot, DbInstance, DbSnapshot, DbSubnetGroup, Tag,
    VpcSecurityGroupMembership,
};
use aws_smithy_mocks::mock;
use backstay_domain::anchor::{
    Anchor, AnchorOf, AnchorRequest, AnchorView, Anchored, Database, Outlived,
};
use backstay_domain::ports::{Anchors, FailureKind};
use rstest::rstest;

use super::*;
use crate::outside::Asked;

fn rds(rules: &[&Rule]) -> AwsCloud<()> {
    let cloud = AwsCloud {
        rds: mocked!(aws_sdk_rds, rules),
        ..AwsCloud::new(&config(), (), ".".into())
    };
    cloud.asking(Asked::new(".".as_ref(), None))
}

fn of(of: AnchorOf) -> Anchor {
    Anchor {
        of,
        timeout: Duration::from_secs(600),
        keep: None,
    }
}

fn instance() -> Database {
    Database::Instance("shop".to_owned())
}

fn cluster() -> Database {
    Database::Cluster("shop".to_owned())
}

fn snapshot(database: Database) -> AnchorOf {
    AnchorOf::Snapshot { database }
}

fn moment_of(database: Database) -> AnchorOf {
    AnchorOf::PointInTime { database }
}

fn request(kind: AnchorOf) -> AnchorRequest {
    AnchorRequest {
        anchor: of(kind),
        name: "backstay-d-1".to_owned(),
        app: "shop".parse().unwrap(),
        environment: "staging".parse().unwrap(),
        deployment: "d-0001".parse().unwrap(),
        moment: "2026-01-02T03:04:05.678Z".parse().unwrap(),
    }
}

fn tags(environment: &str, deployment: &str) -> Vec<Tag> {
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
    vec![
        tag("backstay:app", "shop"),
        tag("backstay:environment", environment),
        tag("backstay:deployment", deployment),
    ]
}

fn made(
    name: &str,
    seconds: i64,
    tags: Vec<Tag>,
) -> aws_sdk_rds::types::builders::DbSnapshotBuilder {
    DbSnapshot::builder()
        .db_snapshot_identifier(name)
        .status("available")
        .snapshot_create_time(DateTime::from_secs(seconds))
        .set_tag_list(Some(tags))
}

fn snapshots(found: Vec<DbSnapshot>) -> Rule {
    always!(
        aws_sdk_rds,
        describe_db_snapshots,
        DescribeDbSnapshotsOutput::builder()
            .set_db_snapshots(Some(found.clone()))
            .build()
    )
}

fn instances(found: DbInstance) -> Rule {
    always!(
        aws_sdk_rds,
        describe_db_instances,
        DescribeDbInstancesOutput::builder()
            .db_instances(found.clone())
            .build()
    )
}

#[tokio::test]
async fn a_snapshot_says_whose_it_is() {
    let create = mock!(aws_sdk_rds::Client::create_db_snapshot)
        .match_requests(|sent| {
            sent.db_snapshot_identifier() == Some("backstay-d-1")
                && sent.db_instance_identifier() == Some("shop")
                && sent.tags() == tags("staging", "d-0001")
        })
        .then_output(|| CreateDbSnapshotOutput::builder().build());
    let made = rds(&[&create]).anchor(&request(snapshot(instance()))).await;
    assert_eq!(made.as_deref(), Ok("backstay-d-1"));
    let create = mock!(aws_sdk_rds::Client::create_db_cluster_snapshot)
        .match_requests(|sent| {
            sent.db_cluster_identifier() == Some("shop") && sent.tags() == tags("staging", "d-0001")
        })
        .then_output(|| CreateDbClusterSnapshotOutput::builder().build());
    let made = rds(&[&create]).anchor(&request(snapshot(cluster()))).await;
    assert_eq!(made.as_deref(), Ok("backstay-d-1"));
}

#[rstest]
#[case::ours(tags("staging", "d-0001"), None)]
#[case::of_another_deployment(tags("staging", "d-2"), Some(FailureKind::Conflict))]
#[case::somebody_elses(vec![], Some(FailureKind::Conflict))]
#[tokio::test]
async fn one_of_this_name_is_ours_or_in_the_way(
    #[case] written: Vec<Tag>,
    #[case] expected: Option<FailureKind>,
) {
    let there = refused!(
        aws_sdk_rds,
        create_db_snapshot,
        CreateDBSnapshotError,
        "DBSnapshotAlreadyExists"
    );
    let found = snapshots(vec![made("backstay-d-1", 0, written).build()]);
    let cloud = rds(&[&there, &found]);
    let made = cloud.anchor(&request(snapshot(instance()))).await;
    assert_eq!(made.err().map(|failure| failure.kind), expected);
}

#[rstest]
#[case("InvalidDBInstanceState", FailureKind::Throttled)]
#[case("SnapshotQuotaExceeded", FailureKind::Rejected)]
#[case("AccessDenied", FailureKind::Denied)]
#[tokio::test]
async fn what_passes_is_told_from_what_stays(
    #[case] code: &'static str,
    #[case] kind: FailureKind,
) {
    let no = refused!(aws_sdk_rds, create_db_snapshot, CreateDBSnapshotError, code);
    let failure = rds(&[&no]).anchor(&request(snapshot(instance()))).await;
    let failure = failure.unwrap_err();
    assert_eq!(failure.kind, kind);
    assert!(failure.message.contains(code), "{failure}");
}

fn shop() -> DbInstance {
    DbInstance::builder()
        .db_instance_identifier("shop")
        .db_instance_class("db.t4g.medium")
        .db_subnet_group(
            DbSubnetGroup::builder()
                .db_subnet_group_name("private")
                .build(),
        )
        .vpc_security_groups(
            VpcSecurityGroupMembership::builder()
                .vpc_security_group_id("sg-1")
                .build(),
        )
        .backup_retention_period(7)
        .latest_restorable_time(DateTime::from_secs(1_767_323_045))
        .build()
}

fn ready(view: AnchorView) -> Anchored {
    match view {
        AnchorView::Ready(anchored) => anchored,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn it_is_there_when_it_is_available_and_says_how_it_is_restored() {
    let request = request(snapshot(instance()));
    let look = async |found: Vec<DbSnapshot>| {
        let (snapshots, instances) = (snapshots(found), instances(shop()));
        let cloud = rds(&[&snapshots, &instances]);
        cloud.anchored(&request, "backstay-d-1").await.unwrap()
    };
    let with = |status: &str| made("backstay-d-1", 1_767_323_000, vec![]).status(status);
    let half = with("creating").percent_progress(40).build();
    assert_eq!(look(vec![half]).await, AnchorView::Making(Some(40)));
    assert_eq!(look(vec![]).await, AnchorView::Making(None));
    let failed = AnchorView::Failed("the snapshot backstay-d-1 is `failed`".to_owned());
    assert_eq!(look(vec![with("failed").build()]).await, failed);
    let there = ready(look(vec![with("available").build()]).await);
    assert_eq!(there.holds.to_string(), "2026-01-02T03:03:20Z");
    assert_eq!(
        there.restore[0],
        "aws rds restore-db-instance-from-db-snapshot --db-instance-identifier shop-restored --db-snapshot-identifier backstay-d-1 --region sa-east-1 --db-instance-class db.t4g.medium --db-subnet-group-name private --vpc-security-group-ids sg-1"
    );
    assert_eq!(there.restore.len(), 6);
}

#[tokio::test]
async fn a_moment_is_an_anchor_when_backups_are_past_it() {
    let request = request(moment_of(instance()));
    let instances = instances(shop());
    let cloud = rds(&[&instances]);
    let handle = cloud.anchor(&request).await.unwrap();
    assert_eq!(handle, "2026-01-02T03:04:05Z");
    let there = ready(cloud.anchored(&request, &handle).await.unwrap());
    assert_eq!(there.holds.to_string(), handle);
    assert!(there.restore[0].contains("--restore-time 2026-01-02T03:04:05Z"));
    let later = cloud.anchored(&request, "2026-01-02T03:04:06Z").await;
    assert_eq!(later, Ok(AnchorView::Making(None)));
    assert_eq!(cloud.anchorable(&request.anchor).await, Ok(()));
}

#[tokio::test]
async fn backups_that_are_off_are_said_before() {
    let bare = DbInstance::builder().db_instance_identifier("shop");
    let off = instances(bare.clone().backup_retention_period(0).build());
    let anchor = of(moment_of(instance()));
    let failure = rds(&[&off]).anchorable(&anchor).await.unwrap_err();
    assert!(
        failure.message.contains("retention period is 0"),
        "{failure}"
    );
    let member = instances(bare.db_cluster_identifier("shops").build());
    let anchor = of(snapshot(instance()));
    let failure = rds(&[&member]).anchorable(&anchor).await.unwrap_err();
    assert!(
        failure.message.contains("name the cluster `shops`"),
        "{failure}"
    );
    let nobody = refused!(
        aws_sdk_rds,
        describe_db_instances,
        DescribeDBInstancesError,
        "DBInstanceNotFound"
    );
    let failure = rds(&[&nobody]).anchorable(&anchor).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
}

#[tokio::test]
async fn of_a_cluster_the_commands_make_a_writer() {
    let writer = DbClusterMember::builder()
        .db_instance_identifier("shop-1")
        .is_cluster_writer(true);
    let shop_cluster = DbCluster::builder()
        .engine("aurora-postgresql")
        .db_cluster_members(writer.build())
        .backup_retention_period(7)
        .latest_restorable_time(DateTime::from_secs(1_767_323_045))
        .build();
    let clusters = always!(
        aws_sdk_rds,
        describe_db_clusters,
        DescribeDbClustersOutput::builder()
            .db_clusters(shop_cluster.clone())
            .build()
    );
    let found = DbClusterSnapshot::builder()
        .db_cluster_snapshot_identifier("backstay-d-1")
        .status("available")
        .engine("aurora-postgresql")
        .snapshot_create_time(DateTime::from_secs(1_767_323_000))
        .build();
    let there = always!(
        aws_sdk_rds,
        describe_db_cluster_snapshots,
        DescribeDbClusterSnapshotsOutput::builder()
            .db_cluster_snapshots(found.clone())
            .build()
    );
    let instances = instances(shop());
    let cloud = rds(&[&clusters, &there, &instances]);
    let request = request(snapshot(cluster()));
    let seen = ready(cloud.anchored(&request, "backstay-d-1").await.unwrap());
    let writer = &seen.restore[2];
    assert!(writer.contains("create-db-instance"), "{writer}");
    assert!(writer.contains("--db-instance-class db.t4g.medium --engine aurora-postgresql"));
    let moment = AnchorRequest {
        anchor: of(moment_of(super::anchors::cluster())),
        ..request
    };
    let seen = ready(
        cloud
            .anchored(&moment, "2026-01-02T03:04:05Z")
            .await
            .unwrap(),
    );
    assert!(seen.restore[0].contains("--restore-to-time 2026-01-02T03:04:05Z"));
}

#[tokio::test]
async fn only_what_backstay_made_here_and_is_old_is_removed() {
    let ours = || tags("staging", "d-2");
    let found = vec![
        made("backstay-d-2", 100, ours()).build(),
        made("backstay-d-3", 2000, ours()).build(),
        made("backstay-d-4", 100, ours()).status("creating").build(),
        made("backstay-d-5", 100, tags("production", "d-5")).build(),
        made("backstay-d-6", 100, vec![]).build(),
        made("renamed-by-hand", 100, ours()).build(),
        made("backstay-d-1", 100, tags("staging", "d-0001")).build(),
    ];
    let found = snapshots(found);
    let delete = mock!(aws_sdk_rds::Client::delete_db_snapshot)
        .match_requests(|sent| sent.db_snapshot_identifier() == Some("backstay-d-2"))
        .then_output(|| DeleteDbSnapshotOutput::builder().build());
    let outlived = Outlived {
        anchor: of(snapshot(instance())),
        app: "shop".parse().unwrap(),
        environment: "staging".parse().unwrap(),
        before: "1970-01-01T00:20:00Z".parse().unwrap(),
        but: "backstay-d-1".to_owned(),
    };
    let gone = rds(&[&found, &delete]).forget(&outlived).await.unwrap();
    assert_eq!(gone, ["backstay-d-2"]);
    assert_eq!(delete.num_calls(), 1);
}
