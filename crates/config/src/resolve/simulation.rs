//! What exists on the simulated cloud.

use std::collections::BTreeMap;
use std::time::Duration;

use backstay_domain::definition::container_documents;
use backstay_domain::{JobName, ServiceName};

use super::Notes;
use crate::configured::{
    Answer, Entrance, FixedResponse, SimulatedJob, SimulatedSchema, SimulatedService,
    SimulatedStrategy, SimulatedTargetGroup, Simulation,
};
use crate::section::At;
use crate::suggest;
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
            prints: schema
                .prints
                .as_ref()
                .map_or_else(|| "${REVISION}".to_owned(), |at| at.value.clone()),
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
        jobs: jobs(written),
    })
}

fn jobs(written: &written::Simulation) -> BTreeMap<JobName, SimulatedJob> {
    let jobs = written.jobs.iter().filter_map(|job| {
        let usual = SimulatedJob::default();
        let simulated = SimulatedJob {
            expression: job
                .expression
                .as_ref()
                .map_or(usual.expression, |at| at.value.clone()),
            enabled: job.enabled.as_ref().map_or(usual.enabled, |at| at.value),
        };
        Some((JobName::parse(job.name.value.clone()).ok()?, simulated))
    });
    jobs.collect()
}

/// How long somebody takes to answer, unless it is said.
const ANSWERED_AFTER: Duration = Duration::from_secs(60);

fn strategy(written: &written::Strategy) -> Option<SimulatedStrategy> {
    let pause = written.pause.iter().flat_map(|at| &at.value);
    Some(SimulatedStrategy {
        kind: written.kind?,
        config: written.config.unwrap_or("CodeDeployDefault.ECSAllAtOnce"),
        bake_time: written
            .bake_time
            .as_ref()
            .map_or_else(Default::default, |at| at.value),
        step_percent: written.step_percent.as_ref().map(|at| at.value),
        step_bake_time: written.step_bake_time.as_ref().map(|at| at.value),
        answer: written.answer.unwrap_or_default(),
        answer_after: written
            .answer_after
            .as_ref()
            .map_or(ANSWERED_AFTER, |at| at.value),
        pause: pause.map(|stage| stage.value.clone()).collect(),
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
    let answers: Vec<Option<Answer>> = written
        .answers
        .iter()
        .map(|one| answer(one, scope, notes))
        .collect();
    let answers: Option<Vec<Answer>> = answers.into_iter().collect();
    let mut filled = |written: &Option<At<String>>| {
        super::complete(written.as_ref().map(|text| notes.fill(text, scope)))
    };
    let host = filled(&written.host);
    let container = filled(&written.container);
    let version_variable = filled(&written.version_variable);
    let groups = written.target_groups.iter();
    let groups: Vec<Option<SimulatedTargetGroup>> = groups
        .map(|group| target_group(group, scope, notes))
        .collect();
    let groups: Option<Vec<SimulatedTargetGroup>> = groups.into_iter().collect();
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
        capacity_provider: written.capacity_provider.map(str::to_owned),
        host: host?,
        container: container?,
        version_variable: version_variable?,
        answers: answers?,
        start_time: duration(&written.start_time, default.start_time),
        stop_time: written.stop_time.as_ref().map(|at| at.value),
        log: written
            .log
            .iter()
            .flat_map(|at| &at.value)
            .map(|line| line.value.clone())
            .collect(),
        target_groups: groups?,
        strategy: written.strategy.as_ref().and_then(strategy),
    })
}

fn target_group(
    written: &written::SimulatedTargetGroup,
    scope: &Scope,
    notes: &mut Notes<'_>,
) -> Option<SimulatedTargetGroup> {
    let mut filled = |written: &Option<At<String>>| {
        super::complete(written.as_ref().map(|text| notes.fill(text, scope)))
    };
    let container = filled(&written.container);
    let host = filled(&written.host);
    let mut path_of = |written: &Option<At<String>>| {
        super::complete(written.as_ref().map(|path| pattern(path, scope, notes)))
    };
    let path = path_of(&written.path);
    let health_check_path = path_of(&written.health_check_path);
    let number = |written: &Option<At<u32>>| {
        let number = written.as_ref().map(|number| number.value);
        number.and_then(|number| u16::try_from(number).ok())
    };
    let host = host?;
    Some(SimulatedTargetGroup {
        container: container?,
        port: number(&written.port),
        entrance: match (path?, number(&written.listener_port)) {
            (Some(path), _) => Entrance::Rule { path, host },
            (None, port) => Entrance::Listener { port: port?, host },
        },
        health_check_path: health_check_path?,
    })
}

/// Notes target groups of ports that no container has.
pub(super) fn ports_are_there(
    written: &written::Simulation,
    (service, wanted): (&ServiceName, &SimulatedService),
    definition: &serde_json::Value,
    notes: &mut Notes<'_>,
) {
    let mut simulated = written.services.iter();
    let Some(simulated) = simulated.find(|one| one.name.value == service.as_str()) else {
        return;
    };
    for (group, said) in wanted.target_groups.iter().zip(&simulated.target_groups) {
        let container = group.container.as_deref().or(wanted.container.as_deref());
        let of = |document: &&serde_json::Value| {
            let name = document.get("name").and_then(serde_json::Value::as_str);
            container.is_none_or(|wanted| name == Some(wanted))
        };
        let containers: Vec<&serde_json::Value> =
            container_documents(definition).filter(of).collect();
        if let (true, Some(at)) = (containers.is_empty(), &said.container) {
            let names: Vec<&str> = container_documents(definition)
                .filter_map(|container| container.get("name")?.as_str())
                .collect();
            let message = format!("the task definition has no container `{}`", at.value);
            let help = suggest::instead_of(&at.value, names);
            notes.note(message, &at.span, "unknown container", &help);
        }
        let ports: Vec<u64> = containers
            .iter()
            .filter_map(|container| container.get("portMappings")?.as_array())
            .flatten()
            .filter_map(|mapping| mapping.get("containerPort")?.as_u64())
            .collect();
        if let Some(at) = said.port.as_ref()
            && !containers.is_empty()
            && !ports.contains(&u64::from(at.value))
        {
            let message = format!("no container maps port {}", at.value);
            let known: Vec<String> = ports.iter().map(u64::to_string).collect();
            let help = match known.as_slice() {
                [] => "add it to `portMappings`: ECS refuses a target group without it".to_owned(),
                known => format!("mapped are {}", known.join(", ")),
            };
            notes.note(message, &at.span, "not in `portMappings`", &help);
        }
    }
}

/// Notes a container that the task definition does not have.
pub(super) fn container_is_there(
    written: &written::Simulation,
    (service, wanted): (&ServiceName, Option<&str>),
    definition: &serde_json::Value,
    notes: &mut Notes<'_>,
) {
    let mut simulated = written.services.iter();
    let simulated = simulated.find(|one| one.name.value == service.as_str());
    let said = simulated.and_then(|one| one.container.as_ref());
    let (Some(wanted), Some(said)) = (wanted, said) else {
        return;
    };
    let containers = container_documents(definition);
    let names: Vec<&str> = containers
        .filter_map(|container| container.get("name")?.as_str())
        .collect();
    if !names.contains(&wanted) {
        let message = format!("the task definition has no container `{wanted}`");
        let help = suggest::instead_of(wanted, names.iter().copied());
        notes.note(message, &said.span, "unknown container", &help);
    }
}

fn answer(written: &written::Answer, scope: &Scope, notes: &mut Notes<'_>) -> Option<Answer> {
    let path = written
        .path
        .as_ref()
        .and_then(|path| pattern(path, scope, notes))?;
    let status = written.status.as_ref().map_or(200, |status| status.value);
    let headers = written.headers.iter();
    Some(Answer {
        path,
        status: u16::try_from(status).ok()?,
        body: written
            .body
            .as_ref()
            .map(|body| body.value.clone())
            .unwrap_or_default(),
        headers: headers
            .filter_map(|(name, value)| {
                Some((name.value.to_lowercase(), value.as_ref()?.value.clone()))
            })
            .collect(),
        after: written
            .after
            .as_ref()
            .map_or(std::time::Duration::ZERO, |at| at.value),
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
