//! Service deployments as replies show them (B6 [MODEL]), written as they are read.

use serde::Serialize;
use serde_json::{Value, json};

use super::configuration_json::{ConfigurationShown, configuration};
use super::native_record::{self, NativeShown};
use crate::World;
use crate::services::ecs::Service;
use crate::services::ecs::native::Percent;
use crate::services::ecs::record::Record;
use crate::wire::{Seconds, seconds};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Described<'a> {
    pub(super) service_deployments: Vec<RecordShown<'a>>,
    pub(super) failures: Vec<Value>,
}

/// What a line of a list says, and a whole one too.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Brief<'a> {
    service_deployment_arn: String,
    service_arn: &'a str,
    cluster_arn: String,
    created_at: Seconds,
    /// Only in a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    target_service_revision_arn: Option<String>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RecordShown<'a> {
    #[serde(flatten)]
    brief: Brief<'a>,
    updated_at: Seconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_at: Option<Seconds>,
    source_service_revisions: Vec<Summary>,
    target_service_revision: Summary,
    deployment_configuration: ConfigurationShown<'a>,
    deployment_circuit_breaker: BreakerShown,
    alarms: AlarmsShown<'a>,
    #[serde(flatten)]
    native: NativeShown,
    #[serde(skip_serializing_if = "Option::is_none")]
    rollback: Option<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    arn: String,
    requested_task_count: usize,
    running_task_count: usize,
    pending_task_count: usize,
    requested_test_traffic_weight: f64,
    requested_production_traffic_weight: f64,
}

/// `deploymentCircuitBreaker` (B6): the count to decide by, not `failedTasks` (B2).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BreakerShown {
    status: &'static str,
    failure_count: u32,
    threshold: u32,
}

/// `alarms` of a service deployment: only the status when none are configured [OBS].
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AlarmsShown<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    alarm_names: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    triggered_alarm_names: Option<&'a [String]>,
}

pub(super) fn line<'a>(world: &World, service: &'a Service, record: &'a Record) -> Brief<'a> {
    Brief {
        target_service_revision_arn: Some(world.revision_arn(service, &record.target)),
        ..brief(world, service, record)
    }
}

fn brief<'a>(world: &World, service: &'a Service, record: &'a Record) -> Brief<'a> {
    Brief {
        service_deployment_arn: world.record_arn(service, &record.id),
        service_arn: &service.arn,
        cluster_arn: world.ecs_arn(&format!("cluster/{}", service.cluster)),
        created_at: Seconds(record.created_ms),
        target_service_revision_arn: None,
        status: record.status.text(),
        started_at: record.started_ms.map(Seconds),
        finished_at: record.finished_ms.map(Seconds),
        status_reason: record.reason.as_deref(),
    }
}

pub(super) fn whole<'a>(
    world: &World,
    service: &'a Service,
    record: &'a Record,
) -> RecordShown<'a> {
    let of = |digits: &String| summary(world, service, record, digits);
    RecordShown {
        brief: brief(world, service, record),
        updated_at: Seconds(record.updated_ms),
        stopped_at: record.stopped_ms.map(Seconds),
        source_service_revisions: record.sources.iter().map(of).collect(),
        target_service_revision: of(&record.target),
        deployment_configuration: configuration(service),
        deployment_circuit_breaker: breaker(service, record),
        alarms: alarms(record),
        native: native_record::shown(record.native.as_deref()),
        rollback: record.rollback.as_ref().map(|rollback| {
            json!({
                "reason": rollback.reason,
                "startedAt": seconds(rollback.started_ms),
                "serviceRevisionArn": world.revision_arn(service, &rollback.target),
            })
        }),
    }
}

fn summary(world: &World, service: &Service, record: &Record, digits: &str) -> Summary {
    let native = record.native.as_ref();
    let native = native.filter(|run| run.strategy.kind.is_native());
    let native = native.map(|run| run.traffic(digits));
    let (test, production) = native.unwrap_or((Percent::NONE, Percent::ALL));
    let frozen = record.frozen.get(digits).copied();
    let (requested, running, pending) =
        frozen.unwrap_or_else(|| world.ecs.revision_counts(service, digits));
    Summary {
        arn: world.revision_arn(service, digits),
        requested_task_count: requested,
        running_task_count: running,
        pending_task_count: pending,
        requested_test_traffic_weight: test.number(),
        requested_production_traffic_weight: production.number(),
    }
}

fn alarms(record: &Record) -> AlarmsShown<'_> {
    let watch = &record.alarms;
    let some = !watch.names.is_empty();
    AlarmsShown {
        status: watch.status(record.status),
        alarm_names: some.then_some(&watch.names),
        triggered_alarm_names: some.then_some(&watch.triggered),
    }
}

fn breaker(service: &Service, record: &Record) -> BreakerShown {
    let status = match (
        service.breaker.enable,
        record.breaker_tripped,
        record.status.is_terminal(),
    ) {
        (false, ..) => "DISABLED",
        (true, true, _) => "TRIGGERED",
        (true, false, true) => "MONITORING_COMPLETE",
        (true, false, false) => "MONITORING",
    };
    let live = service
        .deployment(&record.target)
        .filter(|deployment| deployment.record == record.id);
    BreakerShown {
        status,
        failure_count: live.map_or(record.failures, |deployment| deployment.failures),
        threshold: service.breaker.threshold.at(service.desired),
    }
}
