//! The API: which operation is served where.

use serde_json::Value;

use super::find::input;
use super::{create, groups, instances, modify, restore, settle, snapshots, tags};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::rds::Rds;

/// Serves one operation.
pub(crate) fn call(
    here: &mut Here<'_, Rds>,
    operation: &str,
    body: &Value,
) -> Result<Value, ApiError> {
    settle(here);
    match operation {
        "CreateDBInstance" => create::create(here, input(body)?),
        "DescribeDBInstances" => instances::describe(here, &input(body)?),
        "ModifyDBInstance" => modify::modify(here, input(body)?),
        "DeleteDBInstance" => instances::delete(here, &input(body)?),
        "RebootDBInstance" => instances::reboot(here, &input(body)?),
        "StartDBInstance" => instances::start(here, &input(body)?),
        "StopDBInstance" => instances::stop(here, &input(body)?),
        "CreateDBSnapshot" => snapshots::create(here, input(body)?),
        "DescribeDBSnapshots" => snapshots::describe(here, &input(body)?),
        "DeleteDBSnapshot" => snapshots::delete(here, &input(body)?),
        "RestoreDBInstanceFromDBSnapshot" => restore::from_snapshot(here, input(body)?),
        "RestoreDBInstanceToPointInTime" => restore::to_point_in_time(here, input(body)?),
        "DescribeDBClusters" => groups::clusters(&input(body)?),
        "DescribeDBClusterSnapshots" => groups::cluster_snapshots(&input(body)?),
        "CreateDBClusterSnapshot" => Err(groups::create_cluster_snapshot(&input(body)?)),
        "CreateDBSubnetGroup" => groups::create_subnet_group(here, input(body)?),
        "DescribeDBSubnetGroups" => groups::subnet_groups(here, &input(body)?),
        "DeleteDBSubnetGroup" => groups::delete_subnet_group(here, &input(body)?),
        "DescribeDBParameterGroups" => groups::parameter_groups(here, &input(body)?),
        "AddTagsToResource" => tags::add(here, input(body)?),
        "RemoveTagsFromResource" => tags::remove(here, &input(body)?),
        "ListTagsForResource" => tags::list(here, &input(body)?),
        _ => Err(not_implemented(&format!("rds.{operation}"))),
    }
}
