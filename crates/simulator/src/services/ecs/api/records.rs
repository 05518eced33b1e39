//! Service deployments: DescribeServiceDeployments, ListServiceDeployments, StopServiceDeployment (B6 [MODEL]).

use serde::Deserialize;
use serde_json::{Value, json};

use super::list_tasks::{page_size, paged};
use super::lookup::{self, invalid, within};
use super::record_json::{Brief, Described, line, whole};
use crate::base::agenda::ServiceKey;
use crate::base::timings::visible_after_ms;
use crate::services::ecs::record::Record;
use crate::services::ecs::{RecordStatus, Service, ServiceStatus};
use crate::wire::page;
use crate::{ApiError, World};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DescribeServiceDeployments {
    service_deployment_arns: Vec<String>,
}

/// At most 20 ARNs of any services and clusters; there is no cluster member.
pub(super) fn describe<'a>(
    world: &'a World,
    request: &DescribeServiceDeployments,
) -> Result<Described<'a>, ApiError> {
    within(
        "serviceDeploymentArns",
        &request.service_deployment_arns,
        20,
    )?;
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for arn in &request.service_deployment_arns {
        match world.record(arn) {
            Some((_, service, record)) => found.push(whole(world, service, record)),
            None => failures.push(json!({ "arn": arn, "reason": "MISSING" })),
        }
    }
    Ok(Described {
        service_deployments: found,
        failures,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ListServiceDeployments {
    service: String,
    cluster: Option<String>,
    status: Option<Vec<String>>,
    created_at: Option<CreatedAt>,
    next_token: Option<String>,
    max_results: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreatedAt {
    before: Option<f64>,
    after: Option<f64>,
}

/// One service's records, newest first; 20 a page, at most 100.
pub(super) fn list(world: &World, request: &ListServiceDeployments) -> Result<Value, ApiError> {
    let cluster = lookup::cluster(world, request.cluster.as_deref())?;
    let missing = || ApiError::client("ServiceNotFoundException", "Service not found.");
    let key = lookup::service(world, &cluster, &request.service).ok_or_else(missing)?;
    page_size(request.max_results)?;
    let Some(service) = world.ecs.service(&key) else {
        return Err(missing());
    };
    let wanted = |record: &&Record| {
        let created = record.created_ms as f64 / 1_000.0;
        let status = request.status.as_ref();
        let times = request.created_at.as_ref();
        is_visible(world, record)
            && status.is_none_or(|wanted| wanted.iter().any(|one| one == record.status.text()))
            && times
                .and_then(|times| times.after)
                .is_none_or(|after| created > after)
            && times
                .and_then(|times| times.before)
                .is_none_or(|before| created < before)
    };
    let briefs: Vec<Brief<'_>> = service
        .records
        .iter()
        .rev()
        .filter(wanted)
        .map(|record| line(world, service, record))
        .collect();
    let (briefs, next) = page(
        &briefs,
        request.max_results,
        request.next_token.as_deref(),
        20,
    )?;
    Ok(paged("serviceDeployments", briefs, next))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct StopServiceDeployment {
    service_deployment_arn: String,
    stop_type: Option<String>,
}

/// Only ROLLBACK is accepted (B6 [DOC]). A deployment that is already on its way out stays on it; a finished one conflicts.
pub(super) fn stop(world: &mut World, request: &StopServiceDeployment) -> Result<Value, ApiError> {
    if request
        .stop_type
        .as_deref()
        .is_some_and(|kind| kind != "ROLLBACK")
    {
        return Err(invalid("The stopType must be ROLLBACK."));
    }
    let arn = &request.service_deployment_arn;
    let missing = || {
        ApiError::client(
            "ServiceDeploymentNotFoundException",
            "Service deployment not found.",
        )
    };
    let (key, _, record) = world.record(arn).ok_or_else(missing)?;
    let (key, id, status) = (key.clone(), record.id.clone(), record.status);
    match status {
        RecordStatus::Pending | RecordStatus::InProgress => world.request_rollback(&key, &id),
        RecordStatus::StopRequested
        | RecordStatus::RollbackRequested
        | RecordStatus::RollbackInProgress => {}
        RecordStatus::Stopped
        | RecordStatus::RollbackSuccessful
        | RecordStatus::RollbackFailed
        | RecordStatus::Successful => {
            let message = format!(
                "The service deployment is in the terminal state {}.",
                status.text()
            );
            return Err(ApiError::client("ConflictException", message));
        }
    }
    Ok(json!({ "serviceDeploymentArn": arn }))
}

impl World {
    pub(super) fn record(&self, arn: &str) -> Option<(&ServiceKey, &Service, &Record)> {
        let mut parts = arn.rsplit('/');
        let (id, name, cluster) = (parts.next()?, parts.next()?, parts.next()?);
        let (key, service) = self
            .ecs
            .services
            .get_key_value(&ServiceKey::new(cluster, name))?;
        // The history is deleted with the service (B6 [DOC]).
        let listed = service.status != ServiceStatus::Inactive;
        let record = service
            .records
            .iter()
            .find(|record| record.id == id && listed && is_visible(self, record))?;
        Some((key, service, record))
    }
}

/// The record can lag the reply by seconds (B6 [CODE]).
fn is_visible(world: &World, record: &Record) -> bool {
    record.created_ms + visible_after_ms(world.weather) <= world.now_ms
}
