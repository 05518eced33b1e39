//! DescribeServices, ListServices.

use serde::Deserialize;
use serde_json::{Value, json};

use super::list_tasks::paged;
use super::lookup::{self, within};
use super::service_json::Tags;
use crate::base::agenda::ServiceKey;
use crate::services::ecs::ServiceStatus;
use crate::services::ecs::arn::last_part;
use crate::wire::page;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeServices {
    cluster: Option<String>,
    services: Vec<String>,
    include: Option<Vec<String>>,
}

/// At most 10. Never ServiceNotFound: a missing service is a failure inside a 200 (F1 [DOC, MODEL]).
pub(super) fn describe(world: &World, request: &DescribeServices) -> Result<Value, ApiError> {
    let found = found(world, request)?;
    let services: Vec<Value> = found
        .keys
        .iter()
        .map(|key| world.service_json(key, found.tags))
        .collect();
    Ok(json!({ "services": services, "failures": found.failures }))
}

/// What a DescribeServices is about.
pub(super) struct Found {
    pub(super) keys: Vec<ServiceKey>,
    pub(super) failures: Vec<Value>,
    pub(super) tags: Tags,
}

pub(super) fn found(world: &World, request: &DescribeServices) -> Result<Found, ApiError> {
    let cluster = lookup::cluster(world, request.cluster.as_deref())?;
    within("Services", &request.services, 10)?;
    let mut include = request.include.iter().flatten();
    let tags = match include.any(|part| part == "TAGS") {
        true => Tags::Shown,
        false => Tags::Hidden,
    };
    let (mut keys, mut failures) = (Vec::new(), Vec::new());
    for name_or_arn in &request.services {
        match lookup::service(world, &cluster, name_or_arn) {
            Some(key) => keys.push(key),
            None => {
                let arn = world.ecs_arn(&format!("service/{cluster}/{}", last_part(name_or_arn)));
                failures.push(json!({ "arn": arn, "reason": "MISSING" }));
            }
        }
    }
    Ok(Found {
        keys,
        failures,
        tags,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListServices {
    cluster: Option<String>,
    next_token: Option<String>,
    max_results: Option<usize>,
    launch_type: Option<String>,
    scheduling_strategy: Option<String>,
}

/// ACTIVE services only, in an order that means nothing; 10 a page, at most 100 (F1, F3).
pub(super) fn list(world: &World, request: &ListServices) -> Result<Value, ApiError> {
    let cluster = lookup::cluster(world, request.cluster.as_deref())?;
    super::list_tasks::page_size(request.max_results)?;
    let fits = request
        .scheduling_strategy
        .as_deref()
        .is_none_or(|strategy| strategy == "REPLICA");
    let launched = request.launch_type.as_deref();
    let mut found: Vec<_> = world
        .ecs
        .services
        .values()
        .filter(|service| {
            fits && launched.is_none_or(|kind| kind == service.launched.text())
                && service.cluster == cluster
                && service.status == ServiceStatus::Active
        })
        .collect();
    found.sort_by_key(|service| service.revisions.keys().next());
    let arns: Vec<String> = found
        .into_iter()
        .map(|service| service.arn.clone())
        .collect();
    let (arns, next) = page(
        &arns,
        request.max_results,
        request.next_token.as_deref(),
        10,
    )?;
    Ok(paged("serviceArns", arns, next))
}
