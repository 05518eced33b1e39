//! DescribeServiceRevisions.

use serde::Deserialize;
use serde_json::{Value, json};

use super::configuration::balancers_json;
use super::lookup::within;
use super::native_record;
use super::service_json::launched;
use super::tree;
use crate::base::agenda::ServiceKey;
use crate::services::ecs::record::Revision;
use crate::services::ecs::{Digests, Service};
use crate::wire::seconds;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeServiceRevisions {
    service_revision_arns: Vec<String>,
}

/// At most 20 ARNs (F3).
pub(super) fn describe(
    world: &World,
    request: &DescribeServiceRevisions,
) -> Result<Value, ApiError> {
    within("serviceRevisionArns", &request.service_revision_arns, 20)?;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for arn in &request.service_revision_arns {
        match revision_json(world, arn) {
            Some(revision) => found.push(revision),
            None => failures.push(json!({ "arn": arn, "reason": "MISSING" })),
        }
    }
    Ok(json!({ "serviceRevisions": found, "failures": failures }))
}

fn revision_json(world: &World, arn: &str) -> Option<Value> {
    let mut parts = arn.rsplit('/');
    let (digits, name, cluster) = (parts.next()?, parts.next()?, parts.next()?);
    let service = world.ecs.service(&ServiceKey::new(cluster, name))?;
    let revision = service.revisions.get(digits)?;
    let mut members = json!({
        "serviceRevisionArn": arn,
        "serviceArn": service.arn,
        "clusterArn": world.ecs_arn(&format!("cluster/{cluster}")),
        "taskDefinition": revision.definition.arn,
        "platformFamily": "Linux",
        "loadBalancers": balancers_json(&revision.load_balancers),
        "containerImages": images(world, service, digits, revision),
        "guardDutyEnabled": false,
        "createdAt": seconds(revision.created_ms),
    });
    if let Some(resolved) = native_record::resolved(world, revision) {
        members["resolvedConfiguration"] = resolved;
    }
    if let Value::Object(members) = &mut members {
        members.extend(revision.settings.clone());
        if let Value::Object(shown) = tree(&launched(&revision.strategy, service.launched)) {
            members.extend(shown);
        }
    }
    Some(members)
}

/// The digest is there once the first task has established it (A10).
fn images(world: &World, service: &Service, digits: &str, revision: &Revision) -> Value {
    let digests = service
        .deployment(digits)
        .map(|deployment| &deployment.digests);
    let of_task = |container: &str| {
        let task = world
            .ecs
            .tasks_of(service)
            .find(|task| task.deployment() == Some(digits))?;
        task.containers
            .iter()
            .find(|one| one.name == container)?
            .digest
            .clone()
    };
    let images = revision.definition.containers.iter().map(|container| {
        let digest = match digests {
            Some(Digests::Known(known)) => known.get(&container.name).cloned(),
            Some(Digests::Pending { .. } | Digests::GivenUp) | None => None,
        };
        let mut image = json!({ "containerName": container.name, "image": container.image });
        if let Some(digest) = digest.or_else(|| of_task(&container.name)) {
            image["imageDigest"] = json!(digest);
        }
        image
    });
    images.collect()
}
