//! Subnet groups, the default parameter groups, and Aurora's clusters, of which there are none.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::described::subnet_group_json;
use super::engine::ENGINES;
use super::errors::{client, missing, unknown};
use super::find::{Filter, paged};
use super::state::arn;
use super::tags::{self, Tag};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::rds::Rds;
use crate::wire::{Flag, Whole};

/// A DB subnet group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SubnetGroup {
    pub(super) description: String,
    pub(super) subnets: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateSubnetGroup {
    #[serde(rename = "DBSubnetGroupName")]
    name: String,
    #[serde(rename = "DBSubnetGroupDescription")]
    description: String,
    #[serde(default)]
    subnet_ids: Vec<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// Subnets in at least two zones: here, at least two subnets [DOC].
pub(super) fn create_subnet_group(
    here: &mut Here<'_, Rds>,
    request: CreateSubnetGroup,
) -> Result<Value, ApiError> {
    let name = request.name.to_ascii_lowercase();
    if name == "default" || name.is_empty() || name.len() > 255 {
        return Err(unknown(format!(
            "The parameter DBSubnetGroupName is not valid: {name}"
        )));
    }
    if here.own.subnet_groups.contains_key(&name) {
        return Err(client(
            "DBSubnetGroupAlreadyExists",
            format!("The DB subnet group '{name}' already exists."),
        ));
    }
    if request.subnet_ids.len() < 2 {
        return Err(client(
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Add subnets to cover at least 2 AZs.",
        ));
    }
    let group = SubnetGroup {
        description: request.description,
        subnets: request.subnet_ids,
    };
    let described = subnet_group_json(here, &name, &group);
    here.own.subnet_groups.insert(name.clone(), group);
    tags::put(here, arn(here, "subgrp", &name), request.tags);
    Ok(json!({ "DBSubnetGroup": described }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ByGroup {
    #[serde(rename = "DBSubnetGroupName", alias = "DBParameterGroupName")]
    name: Option<String>,
    #[serde(default)]
    filters: Vec<Filter>,
    max_records: Option<Whole>,
    marker: Option<String>,
}

impl ByGroup {
    /// Neither operation has a filter [MODEL].
    fn unfiltered(&self) -> Result<(), ApiError> {
        if self.filters.is_empty() {
            return Ok(());
        }
        Err(unknown("Filters are not supported by this operation"))
    }
}

pub(super) fn subnet_groups(here: &Here<'_, Rds>, request: &ByGroup) -> Result<Value, ApiError> {
    request.unfiltered()?;
    let groups = here.own.subnet_groups.iter();
    let found = groups.filter(|(name, _)| request.name.as_ref().is_none_or(|it| it == *name));
    let found: Vec<Value> = found
        .map(|(name, group)| subnet_group_json(here, name, group))
        .collect();
    match &request.name {
        Some(name) if found.is_empty() => Err(no_subnet_group(name)),
        _ => paged(
            "DBSubnetGroups",
            &found,
            request.max_records,
            request.marker.as_deref(),
        ),
    }
}

pub(super) fn delete_subnet_group(
    here: &mut Here<'_, Rds>,
    request: &ByGroup,
) -> Result<Value, ApiError> {
    let name = request
        .name
        .clone()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let in_use = here
        .own
        .instances
        .values()
        .any(|instance| instance.settings.subnet_group.as_ref() == Some(&name));
    if in_use {
        return Err(client(
            "InvalidDBSubnetGroupStateFault",
            format!(
                "Cannot delete the subnet group '{name}' because at least one database instance is still using it."
            ),
        ));
    }
    let removed = here.own.subnet_groups.remove(&name);
    removed.ok_or_else(|| no_subnet_group(&name))?;
    let arn = arn(here, "subgrp", &name);
    here.own.tags.remove(&arn);
    Ok(json!({}))
}

pub(super) fn no_subnet_group(name: &str) -> ApiError {
    missing(
        "DBSubnetGroupNotFoundFault",
        format!("DB subnet group '{name}' does not exist."),
    )
}

/// The default group of each engine's newest family.
pub(super) fn parameter_groups(here: &Here<'_, Rds>, request: &ByGroup) -> Result<Value, ApiError> {
    request.unfiltered()?;
    let groups = ENGINES.iter().map(|engine| engine.family(engine.version));
    let in_use = here.own.instances.values();
    let in_use = in_use.map(|instance| {
        let group = &instance.settings.parameter_group;
        group.trim_start_matches("default.").to_owned()
    });
    let families: std::collections::BTreeSet<String> = groups.chain(in_use).collect();
    let found: Vec<Value> = families
        .iter()
        .map(|family| (format!("default.{family}"), family))
        .filter(|(name, _)| request.name.as_ref().is_none_or(|it| it == name))
        .map(|(name, family)| {
            json!({
                "DBParameterGroupName": name,
                "DBParameterGroupFamily": family,
                "Description": format!("Default parameter group for {family}"),
                "DBParameterGroupArn": arn(here, "pg", &name),
            })
        })
        .collect();
    match &request.name {
        Some(name) if found.is_empty() => Err(no_parameter_group(name)),
        _ => paged(
            "DBParameterGroups",
            &found,
            request.max_records,
            request.marker.as_deref(),
        ),
    }
}

pub(super) fn no_parameter_group(name: &str) -> ApiError {
    missing(
        "DBParameterGroupNotFound",
        format!("DBParameterGroup not found: {name}"),
    )
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct OfCluster {
    #[serde(rename = "DBClusterIdentifier")]
    cluster: Option<String>,
    #[serde(rename = "DBClusterSnapshotIdentifier")]
    snapshot: Option<String>,
    #[serde(rename = "SnapshotType")]
    _kind: Option<String>,
    #[serde(default, rename = "Filters")]
    _filters: Vec<Filter>,
    max_records: Option<Whole>,
    #[serde(rename = "Marker")]
    _marker: Option<String>,
    #[serde(rename = "IncludeShared")]
    _shared: Option<Flag>,
    #[serde(rename = "IncludePublic")]
    _public: Option<Flag>,
}

/// The account has no Aurora: an empty list.
pub(super) fn clusters(request: &OfCluster) -> Result<Value, ApiError> {
    match &request.cluster {
        Some(cluster) => Err(no_cluster(cluster)),
        None => paged("DBClusters", &[], request.max_records, None),
    }
}

pub(super) fn cluster_snapshots(request: &OfCluster) -> Result<Value, ApiError> {
    match &request.snapshot {
        Some(snapshot) => Err(missing(
            "DBClusterSnapshotNotFoundFault",
            format!("DBClusterSnapshot {snapshot} not found."),
        )),
        None => paged("DBClusterSnapshots", &[], request.max_records, None),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateClusterSnapshot {
    #[serde(rename = "DBClusterIdentifier")]
    cluster: String,
    #[serde(rename = "DBClusterSnapshotIdentifier")]
    _snapshot: String,
    #[serde(default, rename = "Tags")]
    _tags: Vec<Tag>,
}

pub(super) fn create_cluster_snapshot(request: &CreateClusterSnapshot) -> ApiError {
    no_cluster(&request.cluster)
}

fn no_cluster(cluster: &str) -> ApiError {
    missing(
        "DBClusterNotFoundFault",
        format!("DBCluster {cluster} not found."),
    )
}
