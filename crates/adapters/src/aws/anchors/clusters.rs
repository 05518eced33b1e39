//! DB clusters, of Aurora and Multi-AZ ones: what is known of one, and the commands that bring it back.

use aws_sdk_rds::types::DbCluster;
use backstay_domain::ports::{FailureKind, PortFailure};
use jiff::Timestamp;

use super::super::AwsCloud;
use super::super::error::{Call, failure, refusal};
use super::super::services::moment;
use super::instances::{commands, reaches, restored};

const DESCRIBE: &str = "rds.DescribeDBClusters";

impl<T> AwsCloud<T> {
    /// The cluster.
    pub(super) async fn cluster(&self, id: &str) -> Result<DbCluster, PortFailure> {
        let reply = self
            .rds
            .describe_db_clusters()
            .db_cluster_identifier(id)
            .send()
            .await
            .map_err(|error| failure(DESCRIBE, Call::Read, &error))?;
        let found = reply.db_clusters.unwrap_or_default().into_iter().next();
        found.ok_or_else(|| {
            let message = format!("there is no DB cluster `{id}`");
            refusal(DESCRIBE, FailureKind::NotFound, message)
        })
    }

    /// Until when automated backups reach.
    pub(super) async fn restorable_cluster(&self, id: &str) -> Result<Timestamp, PortFailure> {
        let cluster = self.cluster(id).await?;
        let days = cluster.backup_retention_period();
        let latest = cluster.latest_restorable_time().and_then(moment);
        reaches(DESCRIBE, id, days, latest)
    }

    /// The commands that restore it: the restored cluster, its writer, and that it takes the place of the broken one, which stays
    /// under another name.
    pub(super) async fn restore_cluster(&self, id: &str, restore: &str) -> Vec<String> {
        let region = self.region();
        let cluster = self.cluster(id).await.ok();
        let settings = cluster.as_ref().map(settings).unwrap_or_default();
        let restore = format!("{restore} --region {region} {settings}");
        let writer = self.writer(cluster.as_ref(), &restored(id)).await;
        commands("db-cluster", (region, id), &restore, writer)
    }

    /// A restored cluster of Aurora has no instance: one like the writer that is there is made.
    async fn writer(&self, cluster: Option<&DbCluster>, new: &str) -> Option<String> {
        let cluster = cluster?;
        let engine = cluster.engine()?;
        let mut members = cluster.db_cluster_members().iter();
        let writer = members.find(|member| member.is_cluster_writer() == Some(true))?;
        let writer = self.instance(writer.db_instance_identifier()?).await.ok()?;
        let class = writer.db_instance_class()?;
        let region = self.region();
        engine.starts_with("aurora").then(|| {
            format!(
                "aws rds create-db-instance --region {region} --db-instance-identifier {new}-1 --db-cluster-identifier {new} --db-instance-class {class} --engine {engine}"
            )
        })
    }
}

fn settings(cluster: &DbCluster) -> String {
    let mut words = Vec::new();
    if let Some(group) = cluster.db_subnet_group() {
        words.push(format!("--db-subnet-group-name {group}"));
    }
    let groups = cluster.vpc_security_groups().iter();
    let groups: Vec<&str> = groups
        .filter_map(|one| one.vpc_security_group_id())
        .collect();
    if !groups.is_empty() {
        words.push(format!("--vpc-security-group-ids {}", groups.join(" ")));
    }
    if let Some(name) = cluster.db_cluster_parameter_group() {
        words.push(format!("--db-cluster-parameter-group-name {name}"));
    }
    words.join(" ")
}
