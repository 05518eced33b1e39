//! DB instances: what is known of one, and the commands that bring it back.

use aws_sdk_rds::types::DbInstance;
use backstay_domain::ports::{FailureKind, PortFailure};
use jiff::Timestamp;

use super::super::AwsCloud;
use super::super::error::{Call, failure, refusal};
use super::super::services::moment;

const DESCRIBE: &str = "rds.DescribeDBInstances";

impl<T> AwsCloud<T> {
    /// The instance.
    pub(super) async fn instance(&self, id: &str) -> Result<DbInstance, PortFailure> {
        let reply = self
            .rds
            .describe_db_instances()
            .db_instance_identifier(id)
            .send()
            .await
            .map_err(|error| failure(DESCRIBE, Call::Read, &error))?;
        let found = reply.db_instances.unwrap_or_default().into_iter().next();
        found.ok_or_else(|| {
            let message = format!("there is no DB instance `{id}`");
            refusal(DESCRIBE, FailureKind::NotFound, message)
        })
    }

    /// A snapshot is made of an instance that stands for itself; of a cluster's, the cluster is asked.
    pub(super) async fn snapshot_possible(&self, id: &str) -> Result<(), PortFailure> {
        let instance = self.instance(id).await?;
        match instance.db_cluster_identifier() {
            // What is begun must be seen to be there.
            None => self.snapshots_seen(id).await,
            Some(cluster) => {
                let message = format!("`{id}` belongs to a cluster: name the cluster `{cluster}`");
                Err(refusal(DESCRIBE, FailureKind::Rejected, message))
            }
        }
    }

    /// Until when automated backups reach.
    pub(super) async fn restorable(&self, id: &str) -> Result<Timestamp, PortFailure> {
        let instance = self.instance(id).await?;
        let days = instance.backup_retention_period();
        let latest = instance.latest_restorable_time().and_then(moment);
        reaches(DESCRIBE, id, days, latest)
    }
}

/// Automated backups are on, and there is one.
pub(super) fn reaches(
    operation: &'static str,
    id: &str,
    days: Option<i32>,
    latest: Option<Timestamp>,
) -> Result<Timestamp, PortFailure> {
    let message = match (days, latest) {
        (Some(1..), Some(latest)) => return Ok(latest),
        (Some(1..), None) => format!("`{id}` has no automated backup yet"),
        (_, _) => format!("`{id}` has no automated backups (its retention period is 0)"),
    };
    Err(refusal(operation, FailureKind::Rejected, message))
}

/// What comes of a snapshot or of a moment has nothing of its source's but the data.
pub(super) fn settings(instance: &DbInstance) -> String {
    let mut words = Vec::new();
    if let Some(class) = instance.db_instance_class() {
        words.push(format!("--db-instance-class {class}"));
    }
    let subnets = instance.db_subnet_group();
    if let Some(group) = subnets.and_then(|group| group.db_subnet_group_name()) {
        words.push(format!("--db-subnet-group-name {group}"));
    }
    let groups = instance.vpc_security_groups().iter();
    let groups: Vec<&str> = groups
        .filter_map(|one| one.vpc_security_group_id())
        .collect();
    if !groups.is_empty() {
        words.push(format!("--vpc-security-group-ids {}", groups.join(" ")));
    }
    let parameters = instance.db_parameter_groups().first();
    if let Some(name) = parameters.and_then(|group| group.db_parameter_group_name()) {
        words.push(format!("--db-parameter-group-name {name}"));
    }
    if instance.multi_az() == Some(true) {
        words.push("--multi-az".to_owned());
    }
    words.join(" ")
}

/// The name of what comes of a snapshot or of a moment, until it has its source's.
pub(super) fn restored(id: &str) -> String {
    format!("{id}-restored")
}

/// The commands, for a `db-instance` or a `db-cluster`: what is restored takes the place of the broken one, which stays under
/// another name. `then` is what it needs before.
pub(super) fn commands(
    noun: &str,
    (region, id): (&str, &str),
    restore: &str,
    then: Option<String>,
) -> Vec<String> {
    let (new, old) = (restored(id), format!("{id}-broken"));
    let wait = |name: &str| {
        format!("aws rds wait {noun}-available --region {region} --{noun}-identifier {name}")
    };
    let rename = |from: &str, to: &str| {
        format!(
            "aws rds modify-{noun} --region {region} --{noun}-identifier {from} --new-{noun}-identifier {to} --apply-immediately"
        )
    };
    let restore = format!("aws rds {}", restore.trim_end());
    let mut all = vec![restore, wait(&new)];
    all.extend(then);
    all.extend([rename(id, &old), wait(&old), rename(&new, id), wait(id)]);
    all
}
