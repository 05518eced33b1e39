//! Snapshots of a DB cluster, and moments that its automated backups reach.

use aws_sdk_rds::types::DbClusterSnapshot;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use backstay_domain::anchor::{AnchorRequest, AnchorView, Anchored, Outlived};
use backstay_domain::ports::{FailureKind, PortFailure};
use jiff::Timestamp;

use super::super::AwsCloud;
use super::super::error::{Call, failure};
use super::super::services::moment;
use super::{anchored, foreign, not_now, ours, stage, unseen};

const CREATE: &str = "rds.CreateDBClusterSnapshot";
const DESCRIBE: &str = "rds.DescribeDBClusterSnapshots";
const DELETE: &str = "rds.DeleteDBClusterSnapshot";

impl<T> AwsCloud<T> {
    /// Begins a snapshot. One of this name is the one that an earlier attempt made, or somebody else's.
    pub(super) async fn cluster_snapshot(
        &self,
        request: &AnchorRequest,
        id: &str,
    ) -> Result<String, PortFailure> {
        let sent = self
            .rds
            .create_db_cluster_snapshot()
            .db_cluster_identifier(id)
            .db_cluster_snapshot_identifier(&request.name)
            .set_tags(Some(ours::tags(request)))
            .send()
            .await;
        let error = match sent {
            Ok(_) => return Ok(request.name.clone()),
            Err(error) => error,
        };
        let there = [
            "DBClusterSnapshotAlreadyExistsFault",
            "DBClusterSnapshotAlreadyExists",
        ];
        if !error.code().is_some_and(|code| there.contains(&code)) {
            let states = ["InvalidDBClusterStateFault", "InvalidDBClusterState"];
            return Err(not_now(CREATE, &states, &error));
        }
        match self.cluster_snapshot_named(&request.name).await? {
            Some(found) if ours::is_of(request, found.tag_list()) => Ok(request.name.clone()),
            Some(_) => Err(foreign(CREATE, &request.name)),
            None => Err(unseen(CREATE, &request.name)),
        }
    }

    pub(super) async fn look_at_cluster_snapshot(
        &self,
        request: &AnchorRequest,
        name: &str,
        id: &str,
    ) -> Result<AnchorView, PortFailure> {
        let Some(snapshot) = self.cluster_snapshot_named(name).await? else {
            return Ok(AnchorView::Making(None));
        };
        if let Some(view) = stage(snapshot.status(), snapshot.percent_progress(), name) {
            return Ok(view);
        }
        let engine = snapshot.engine().unwrap_or_default();
        let restore = format!(
            "restore-db-cluster-from-snapshot --db-cluster-identifier {id}-restored --snapshot-identifier {name} --engine {engine}"
        );
        let restore = self.restore_cluster(id, &restore).await;
        Ok(AnchorView::Ready(Anchored {
            holds: taken(&snapshot).unwrap_or(request.moment),
            ..anchored(request, name, restore)
        }))
    }

    pub(super) async fn look_at_cluster_moment(
        &self,
        request: &AnchorRequest,
        handle: &str,
        id: &str,
    ) -> Result<AnchorView, PortFailure> {
        let wanted: Timestamp = handle.parse().unwrap_or(request.moment);
        if self.restorable_cluster(id).await? < wanted {
            return Ok(AnchorView::Making(None));
        }
        let restore = format!(
            "restore-db-cluster-to-point-in-time --source-db-cluster-identifier {id} --db-cluster-identifier {id}-restored --restore-to-time {handle}"
        );
        let restore = self.restore_cluster(id, &restore).await;
        Ok(AnchorView::Ready(Anchored {
            holds: wanted,
            ..anchored(request, handle, restore)
        }))
    }

    async fn cluster_snapshot_named(
        &self,
        name: &str,
    ) -> Result<Option<DbClusterSnapshot>, PortFailure> {
        let sent = self
            .rds
            .describe_db_cluster_snapshots()
            .db_cluster_snapshot_identifier(name)
            .send()
            .await
            .map_err(|error| failure(DESCRIBE, Call::Read, &error));
        match sent {
            Ok(reply) => {
                let found = reply.db_cluster_snapshots.unwrap_or_default();
                Ok(found.into_iter().next())
            }
            Err(failure) if failure.kind == FailureKind::NotFound => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Removes what is outlived, one after the other.
    pub(super) async fn forget_cluster_snapshots(
        &self,
        outlived: &Outlived,
        id: &str,
    ) -> Result<Vec<String>, PortFailure> {
        let mut gone = Vec::new();
        for snapshot in self.manual_cluster_snapshots(id).await? {
            let name = snapshot
                .db_cluster_snapshot_identifier()
                .unwrap_or_default();
            let settled = matches!(snapshot.status(), Some("available" | "failed"));
            if !settled || !ours::is_outlived(outlived, name, taken(&snapshot), snapshot.tag_list())
            {
                continue;
            }
            let delete = self.rds.delete_db_cluster_snapshot();
            let sent = delete.db_cluster_snapshot_identifier(name).send().await;
            match sent.map_err(|error| failure(DELETE, Call::Repeated, &error)) {
                Ok(_) => gone.push(name.to_owned()),
                Err(failure) if failure.kind == FailureKind::NotFound => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(gone)
    }

    /// Whether snapshots of it may be looked at.
    pub(super) async fn cluster_snapshots_seen(&self, id: &str) -> Result<(), PortFailure> {
        let describe = self.rds.describe_db_cluster_snapshots();
        let describe = describe.db_cluster_identifier(id).max_records(20);
        let sent = describe.send().await;
        sent.map(drop)
            .map_err(|error| failure(DESCRIBE, Call::Read, &error))
    }

    async fn manual_cluster_snapshots(
        &self,
        id: &str,
    ) -> Result<Vec<DbClusterSnapshot>, PortFailure> {
        let (mut all, mut page) = (Vec::new(), None);
        loop {
            let reply = self
                .rds
                .describe_db_cluster_snapshots()
                .db_cluster_identifier(id)
                .snapshot_type("manual")
                .set_marker(page)
                .send()
                .await
                .map_err(|error| failure(DESCRIBE, Call::Read, &error))?;
            all.extend(reply.db_cluster_snapshots.unwrap_or_default());
            page = reply.marker.filter(|marker| !marker.is_empty());
            if page.is_none() {
                return Ok(all);
            }
        }
    }
}

fn taken(snapshot: &DbClusterSnapshot) -> Option<Timestamp> {
    snapshot.snapshot_create_time().and_then(moment)
}
