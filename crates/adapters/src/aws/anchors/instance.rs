//! Snapshots of a DB instance, and moments that its automated backups reach.

use aws_sdk_rds::types::DbSnapshot;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use backstay_domain::anchor::{AnchorRequest, AnchorView, Anchored, Outlived};
use backstay_domain::ports::{FailureKind, PortFailure};
use jiff::Timestamp;

use super::super::AwsCloud;
use super::super::error::{Call, failure};
use super::super::services::moment;
use super::instances::{commands, settings};
use super::{anchored, foreign, not_now, ours, stage, unseen};

const CREATE: &str = "rds.CreateDBSnapshot";
const DESCRIBE: &str = "rds.DescribeDBSnapshots";
const DELETE: &str = "rds.DeleteDBSnapshot";

impl<T> AwsCloud<T> {
    /// Begins a snapshot. One of this name is the one that an earlier attempt made, or somebody else's.
    pub(super) async fn snapshot(
        &self,
        request: &AnchorRequest,
        id: &str,
    ) -> Result<String, PortFailure> {
        let sent = self
            .rds
            .create_db_snapshot()
            .db_instance_identifier(id)
            .db_snapshot_identifier(&request.name)
            .set_tags(Some(ours::tags(request)))
            .send()
            .await;
        let error = match sent {
            Ok(_) => return Ok(request.name.clone()),
            Err(error) => error,
        };
        if error.code() != Some("DBSnapshotAlreadyExists") {
            return Err(not_now(CREATE, &["InvalidDBInstanceState"], &error));
        }
        match self.snapshot_named(&request.name).await? {
            Some(found) if ours::is_of(request, found.tag_list()) => Ok(request.name.clone()),
            Some(_) => Err(foreign(CREATE, &request.name)),
            None => Err(unseen(CREATE, &request.name)),
        }
    }

    pub(super) async fn look_at_snapshot(
        &self,
        request: &AnchorRequest,
        name: &str,
        id: &str,
    ) -> Result<AnchorView, PortFailure> {
        // It may take a moment until it is seen.
        let Some(snapshot) = self.snapshot_named(name).await? else {
            return Ok(AnchorView::Making(None));
        };
        if let Some(view) = stage(snapshot.status(), snapshot.percent_progress(), name) {
            return Ok(view);
        }
        let restore = format!(
            "restore-db-instance-from-db-snapshot --db-instance-identifier {id}-restored --db-snapshot-identifier {name}"
        );
        let restore = self.restore_instance(id, &restore).await;
        Ok(AnchorView::Ready(Anchored {
            holds: taken(&snapshot).unwrap_or(request.moment),
            ..anchored(request, name, restore)
        }))
    }

    pub(super) async fn look_at_moment(
        &self,
        request: &AnchorRequest,
        handle: &str,
        id: &str,
    ) -> Result<AnchorView, PortFailure> {
        let wanted: Timestamp = handle.parse().unwrap_or(request.moment);
        if self.restorable(id).await? < wanted {
            return Ok(AnchorView::Making(None));
        }
        let restore = format!(
            "restore-db-instance-to-point-in-time --source-db-instance-identifier {id} --target-db-instance-identifier {id}-restored --restore-time {handle}"
        );
        let restore = self.restore_instance(id, &restore).await;
        Ok(AnchorView::Ready(Anchored {
            holds: wanted,
            ..anchored(request, handle, restore)
        }))
    }

    /// The commands that restore it, with the settings of the one that is there, as far as they can be read.
    async fn restore_instance(&self, id: &str, restore: &str) -> Vec<String> {
        let instance = self.instance(id).await;
        let settings = instance.map(|instance| settings(&instance));
        let (region, settings) = (self.region(), settings.unwrap_or_default());
        let restore = format!("{restore} --region {region} {settings}");
        commands("db-instance", (region, id), &restore, None)
    }

    async fn snapshot_named(&self, name: &str) -> Result<Option<DbSnapshot>, PortFailure> {
        let sent = self
            .rds
            .describe_db_snapshots()
            .db_snapshot_identifier(name)
            .send()
            .await
            .map_err(|error| failure(DESCRIBE, Call::Read, &error));
        match sent {
            Ok(reply) => Ok(reply.db_snapshots.unwrap_or_default().into_iter().next()),
            Err(failure) if failure.kind == FailureKind::NotFound => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Removes what is outlived, one after the other.
    pub(super) async fn forget_snapshots(
        &self,
        outlived: &Outlived,
        id: &str,
    ) -> Result<Vec<String>, PortFailure> {
        let mut gone = Vec::new();
        for snapshot in self.manual_snapshots(id).await? {
            let name = snapshot.db_snapshot_identifier().unwrap_or_default();
            let settled = matches!(snapshot.status(), Some("available" | "failed"));
            if !settled || !ours::is_outlived(outlived, name, taken(&snapshot), snapshot.tag_list())
            {
                continue;
            }
            let sent = self.rds.delete_db_snapshot().db_snapshot_identifier(name);
            let sent = sent.send().await;
            match sent.map_err(|error| failure(DELETE, Call::Repeated, &error)) {
                Ok(_) => gone.push(name.to_owned()),
                Err(failure) if failure.kind == FailureKind::NotFound => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(gone)
    }

    /// Whether snapshots of it may be looked at.
    pub(super) async fn snapshots_seen(&self, id: &str) -> Result<(), PortFailure> {
        let describe = self.rds.describe_db_snapshots().db_instance_identifier(id);
        let sent = describe.max_records(20).send().await;
        sent.map(drop)
            .map_err(|error| failure(DESCRIBE, Call::Read, &error))
    }

    async fn manual_snapshots(&self, id: &str) -> Result<Vec<DbSnapshot>, PortFailure> {
        let (mut all, mut page) = (Vec::new(), None);
        loop {
            let reply = self
                .rds
                .describe_db_snapshots()
                .db_instance_identifier(id)
                .snapshot_type("manual")
                .set_marker(page)
                .send()
                .await
                .map_err(|error| failure(DESCRIBE, Call::Read, &error))?;
            all.extend(reply.db_snapshots.unwrap_or_default());
            page = reply.marker.filter(|marker| !marker.is_empty());
            if page.is_none() {
                return Ok(all);
            }
        }
    }
}

fn taken(snapshot: &DbSnapshot) -> Option<Timestamp> {
    snapshot.snapshot_create_time().and_then(moment)
}
