//! The API: which operation is served where.

use serde_json::Value;

use super::find::input;
use super::{create, groups, instances, modify, restore, settle, snapshots, tags};
use crate::base::not_implemented;
use crate::{ApiError, World};

/// Serves one operation.
pub(crate) fn call(world: &mut World, operation: &str, body: &Value) -> Result<Value, ApiError> {
    settle(world);
    match operation {
        "CreateDBInstance" => create::create(world, input(body)?),
        "DescribeDBInstances" => instances::describe(world, &input(body)?),
        "ModifyDBInstance" => modify::modify(world, input(body)?),
        "DeleteDBInstance" => instances::delete(world, &input(body)?),
        "RebootDBInstance" => instances::reboot(world, &input(body)?),
        "StartDBInstance" => instances::start(world, &input(body)?),
        "StopDBInstance" => instances::stop(world, &input(body)?),
        "CreateDBSnapshot" => snapshots::create(world, input(body)?),
        "DescribeDBSnapshots" => snapshots::describe(world, &input(body)?),
        "DeleteDBSnapshot" => snapshots::delete(world, &input(body)?),
        "RestoreDBInstanceFromDBSnapshot" => restore::from_snapshot(world, input(body)?),
        "RestoreDBInstanceToPointInTime" => restore::to_point_in_time(world, input(body)?),
        "DescribeDBClusters" => groups::clusters(&input(body)?),
        "DescribeDBClusterSnapshots" => groups::cluster_snapshots(&input(body)?),
        "CreateDBClusterSnapshot" => Err(groups::create_cluster_snapshot(&input(body)?)),
        "CreateDBSubnetGroup" => groups::create_subnet_group(world, input(body)?),
        "DescribeDBSubnetGroups" => groups::subnet_groups(world, &input(body)?),
        "DeleteDBSubnetGroup" => groups::delete_subnet_group(world, &input(body)?),
        "DescribeDBParameterGroups" => groups::parameter_groups(world, &input(body)?),
        "AddTagsToResource" => tags::add(world, input(body)?),
        "RemoveTagsFromResource" => tags::remove(world, &input(body)?),
        "ListTagsForResource" => tags::list(world, &input(body)?),
        _ => Err(not_implemented(&format!("rds.{operation}"))),
    }
}
