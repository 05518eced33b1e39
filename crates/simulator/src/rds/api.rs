//! The API: the dispatcher and what its operations share.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::errors::{client, unknown};
use super::{create, groups, instances, modify, restore, settle, snapshots, tags};
use crate::wire::{Form, Whole, Xml, not_implemented, page};
use crate::{ApiError, World};

/// Serves one operation.
pub(crate) fn call(world: &mut World, operation: &str, form: &Form) -> Result<Xml, ApiError> {
    settle(world);
    let body = form.tree();
    match operation {
        "CreateDBInstance" => create::create(world, input(&body)?),
        "DescribeDBInstances" => instances::describe(world, &input(&body)?),
        "ModifyDBInstance" => modify::modify(world, input(&body)?),
        "DeleteDBInstance" => instances::delete(world, &input(&body)?),
        "RebootDBInstance" => instances::reboot(world, &input(&body)?),
        "StartDBInstance" => instances::start(world, &input(&body)?),
        "StopDBInstance" => instances::stop(world, &input(&body)?),
        "CreateDBSnapshot" => snapshots::create(world, input(&body)?),
        "DescribeDBSnapshots" => snapshots::describe(world, &input(&body)?),
        "DeleteDBSnapshot" => snapshots::delete(world, &input(&body)?),
        "RestoreDBInstanceFromDBSnapshot" => restore::from_snapshot(world, input(&body)?),
        "RestoreDBInstanceToPointInTime" => restore::to_point_in_time(world, input(&body)?),
        "DescribeDBClusters" => groups::clusters(&input(&body)?),
        "DescribeDBClusterSnapshots" => groups::cluster_snapshots(&input(&body)?),
        "CreateDBClusterSnapshot" => Err(groups::create_cluster_snapshot(&input(&body)?)),
        "CreateDBSubnetGroup" => groups::create_subnet_group(world, input(&body)?),
        "DescribeDBSubnetGroups" => groups::subnet_groups(world, &input(&body)?),
        "DeleteDBSubnetGroup" => groups::delete_subnet_group(world, &input(&body)?),
        "DescribeDBParameterGroups" => groups::parameter_groups(world, &input(&body)?),
        "AddTagsToResource" => tags::add(world, input(&body)?),
        "RemoveTagsFromResource" => tags::remove(world, &input(&body)?),
        "ListTagsForResource" => tags::list(world, &input(&body)?),
        _ => Err(not_implemented(&format!("rds.{operation}"))),
    }
}

/// An operation's input. Its types refuse members that they do not know.
fn input<T: DeserializeOwned>(body: &Value) -> Result<T, ApiError> {
    T::deserialize(body).map_err(|error| client("ValidationError", error.to_string()))
}

/// One of `Filters.Filter.N`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Filter {
    name: String,
    #[serde(default)]
    values: Vec<String>,
}

/// Whether an item has what every filter asks for; a filter that the operation does not have is an error.
pub(super) fn passes(filters: &[Filter], item: &[(&str, &str)]) -> Result<bool, ApiError> {
    for filter in filters {
        let found = item.iter().find(|(name, _)| *name == filter.name);
        let (_, value) =
            found.ok_or_else(|| unknown(format!("Unrecognized filter name: {}", filter.name)))?;
        let wanted = |wanted: &String| {
            wanted == value || wanted.rsplit(':').next().is_some_and(|it| it == *value)
        };
        if !filter.values.iter().any(wanted) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `<NAME><ITEM/>...</NAME><Marker/>` of one page: MaxRecords is 20 to 100, and 100 when it is not given [MODEL].
pub(super) fn paged(
    name: &str,
    item: &str,
    items: &[Xml],
    most: Option<Whole>,
    marker: Option<&str>,
) -> Result<Xml, ApiError> {
    let Whole(most) = most.unwrap_or(Whole(100));
    let size = usize::try_from(most)
        .ok()
        .filter(|size| (20..=100).contains(size))
        .ok_or_else(|| {
            unknown(format!(
                "Invalid value {most} for MaxRecords. Must be between 20 and 100"
            ))
        })?;
    let (items, next) = page(items, Some(size), marker, size)
        .map_err(|_| unknown("Invalid or expired pagination token."))?;
    Ok(Xml::new().list(name, item, items).maybe("Marker", next))
}
