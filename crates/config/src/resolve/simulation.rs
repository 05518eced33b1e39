//! What exists on the simulated cloud.

use std::collections::BTreeMap;

use backstay_domain::ServiceName;

use super::Notes;
use crate::configured::{FixedResponse, SimulatedSchema, SimulatedService, Simulation};
use crate::section::At;
use crate::template::Scope;
use crate::written;

pub(super) fn simulation(
    written: &written::Simulation,
    services: BTreeMap<ServiceName, SimulatedService>,
    scope: &Scope,
    notes: &mut Notes<'_>,
) -> Option<Simulation> {
    let schema = written.schema.as_ref().map(|schema| {
        let before = schema
            .before
            .as_ref()
            .and_then(|before| notes.fill(before, scope));
        let after = schema
            .after
            .as_ref()
            .and_then(|after| notes.fill(after, scope));
        Some(SimulatedSchema {
            before: before?,
            after: after?,
        })
    });
    let mut responses = Vec::with_capacity(written.fixed_responses.len());
    for response in &written.fixed_responses {
        let path = response
            .path
            .as_ref()
            .and_then(|path| pattern(path, scope, notes));
        let status = response.status.as_ref().map_or(200, |status| status.value);
        responses.push(
            path.zip(u16::try_from(status).ok())
                .map(|(path, status)| FixedResponse { path, status }),
        );
    }
    let fixed_responses: Option<Vec<FixedResponse>> = responses.into_iter().collect();
    Some(Simulation {
        schema: super::complete(schema)?,
        fixed_responses: fixed_responses?,
        services,
    })
}

/// One service's world; the cloud's own defaults when nothing is written.
pub(super) fn service(
    written: &written::Simulation,
    name: &At<String>,
    scope: &Scope,
    notes: &mut Notes<'_>,
) -> Option<SimulatedService> {
    let default = SimulatedService::default();
    let Some(written) = written
        .services
        .iter()
        .find(|service| service.name.value == name.value)
    else {
        return Some(default);
    };
    let path = super::complete(
        written
            .path
            .as_ref()
            .map(|path| pattern(path, scope, notes)),
    );
    let health = super::complete(
        written
            .health_check_path
            .as_ref()
            .map(|path| pattern(path, scope, notes)),
    );
    let number = |written: &Option<At<u32>>, default: u32| {
        written.as_ref().map_or(default, |number| number.value)
    };
    let flag = |written: &Option<At<bool>>, default: bool| {
        written.as_ref().map_or(default, |flag| flag.value)
    };
    let duration = |written: &Option<At<std::time::Duration>>, default| {
        written.as_ref().map_or(default, |at| at.value)
    };
    Some(SimulatedService {
        minimum_healthy_percent: number(
            &written.minimum_healthy_percent,
            default.minimum_healthy_percent,
        ),
        maximum_percent: number(&written.maximum_percent, default.maximum_percent),
        circuit_breaker: flag(&written.circuit_breaker, default.circuit_breaker),
        circuit_breaker_rollback: flag(
            &written.circuit_breaker_rollback,
            default.circuit_breaker_rollback,
        ),
        path: path?,
        health_check_path: health?,
        health_check_grace_period: duration(
            &written.health_check_grace_period,
            default.health_check_grace_period,
        ),
        health_check_interval: duration(
            &written.health_check_interval,
            default.health_check_interval,
        ),
        unhealthy_threshold: number(&written.unhealthy_threshold, default.unhealthy_threshold),
        deregistration_delay: duration(&written.deregistration_delay, default.deregistration_delay),
    })
}

fn pattern(path: &At<String>, scope: &Scope, notes: &mut Notes<'_>) -> Option<String> {
    let filled = notes.fill(path, scope)?;
    if filled.starts_with('/') || filled == "*" {
        return Some(filled);
    }
    let message = format!("`{filled}` is not a path");
    notes.note(
        message,
        &path.span,
        "starts with `/`",
        &format!("write \"/{filled}\""),
    );
    None
}
