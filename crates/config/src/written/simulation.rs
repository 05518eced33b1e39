//! `[simulation]`

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Document, SimulatedJob};
use crate::configured::{SimulatedAnswer, StrategyKind};
use crate::section::{At, Newcomers, Section};
use crate::suggest;

/// What exists on the simulated cloud.
#[derive(Default)]
pub(crate) struct Simulation {
    pub(crate) schema: Option<Schema>,
    pub(crate) fixed_responses: Vec<FixedResponse>,
    pub(crate) services: Vec<SimulatedService>,
    pub(crate) jobs: Vec<SimulatedJob>,
}

/// `[simulation.schema]`
pub(crate) struct Schema {
    pub(crate) before: Option<At<String>>,
    pub(crate) after: Option<At<String>>,
    pub(crate) prints: Option<At<String>>,
}

/// `[[simulation.fixed_responses]]`
pub(crate) struct FixedResponse {
    pub(crate) path: Option<At<String>>,
    pub(crate) status: Option<At<u32>>,
}

/// `[simulation.services.*]`
pub(crate) struct SimulatedService {
    pub(crate) name: At<String>,
    pub(crate) minimum_healthy_percent: Option<At<u32>>,
    pub(crate) maximum_percent: Option<At<u32>>,
    pub(crate) circuit_breaker: Option<At<bool>>,
    pub(crate) circuit_breaker_rollback: Option<At<bool>>,
    pub(crate) path: Option<At<String>>,
    pub(crate) health_check_path: Option<At<String>>,
    pub(crate) health_check_grace_period: Option<At<Duration>>,
    pub(crate) health_check_interval: Option<At<Duration>>,
    pub(crate) unhealthy_threshold: Option<At<u32>>,
    pub(crate) deregistration_delay: Option<At<Duration>>,
    pub(crate) capacity_provider: Option<&'static str>,
    pub(crate) host: Option<At<String>>,
    pub(crate) container: Option<At<String>>,
    pub(crate) version_variable: Option<At<String>>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) start_time: Option<At<Duration>>,
    pub(crate) stop_time: Option<At<Duration>>,
    pub(crate) log: Option<At<Vec<At<String>>>>,
    pub(crate) target_groups: Vec<SimulatedTargetGroup>,
    pub(crate) strategy: Option<Strategy>,
}

/// `[simulation.services.*.strategy]`
pub(crate) struct Strategy {
    pub(crate) kind: Option<StrategyKind>,
    pub(crate) config: Option<&'static str>,
    pub(crate) bake_time: Option<At<Duration>>,
    pub(crate) step_percent: Option<At<u32>>,
    pub(crate) step_bake_time: Option<At<Duration>>,
    pub(crate) pause: Option<At<Vec<At<String>>>>,
    pub(crate) answer: Option<SimulatedAnswer>,
    pub(crate) answer_after: Option<At<Duration>>,
}

impl Strategy {
    fn read(section: &mut Section<'_>) -> Self {
        let kinds = [
            ("BLUE_GREEN", StrategyKind::BlueGreen),
            ("LINEAR", StrategyKind::Linear),
            ("CANARY", StrategyKind::Canary),
            ("CODE_DEPLOY", StrategyKind::CodeDeploy),
        ];
        // What is there and wrong has been said.
        let there = section.has("kind");
        let kind = section.choice("kind", &kinds);
        if !there {
            section.required("kind", None::<At<String>>);
        }
        // ECS refuses a linear step of less than three percent.
        let least = match kind {
            Some(StrategyKind::Linear) => 3,
            Some(StrategyKind::BlueGreen | StrategyKind::Canary | StrategyKind::CodeDeploy)
            | None => 1,
        };
        let step_percent = section.number("step_percent", least..=100);
        let strategy = Self {
            kind,
            config: section.choice("config", &CONFIGS),
            bake_time: minutes(section, "bake_time"),
            step_bake_time: minutes(section, "step_bake_time"),
            step_percent,
            pause: section.texts("pause"),
            answer: section.choice(
                "answer",
                &[
                    ("continue", SimulatedAnswer::Continue),
                    ("abort", SimulatedAnswer::Abort),
                ],
            ),
            answer_after: section.duration("answer_after"),
        };
        let steps = strategy.step_percent.as_ref().map(|at| at.span.clone());
        let steps = steps.or(strategy.step_bake_time.as_ref().map(|at| at.span.clone()));
        if let (Some(StrategyKind::BlueGreen), Some(span)) = (kind, steps) {
            let message = "BLUE_GREEN shifts all traffic in one step";
            let help = "LINEAR and CANARY have steps";
            section.problem(message, span, "no such step", help);
        }
        let span = section.span();
        let by_code_deploy = kind == Some(StrategyKind::CodeDeploy);
        for key in ["step_percent", "step_bake_time"] {
            if by_code_deploy && section.has(key) {
                let message = format!("CODE_DEPLOY has no `{key}`");
                let help = "`config` says how its traffic is shifted";
                section.problem(message, span.clone(), "never looked at", help);
            }
        }
        if kind.is_some() && !by_code_deploy && section.has("config") {
            let message = "`config` is CodeDeploy's";
            let help = "the other kinds have `step_percent` and `step_bake_time`";
            section.problem(message, span, "never looked at", help);
        }
        let pauses: &[&str] = match by_code_deploy {
            true => &READY_WAIT,
            false => &PAUSES,
        };
        for stage in strategy.pause.iter().flat_map(|at| &at.value) {
            if !pauses.contains(&stage.value.as_str()) {
                let message = format!("no deployment pauses at `{}`", stage.value);
                let help = suggest::instead_of(&stage.value, pauses.iter().copied());
                section.problem(message, stage.span.clone(), "unknown stage", &help);
            }
        }
        strategy
    }
}

/// CodeDeploy's own deployment configurations for ECS.
const CONFIGS: [(&str, &str); 5] = [
    (
        "CodeDeployDefault.ECSAllAtOnce",
        "CodeDeployDefault.ECSAllAtOnce",
    ),
    (
        "CodeDeployDefault.ECSCanary10Percent5Minutes",
        "CodeDeployDefault.ECSCanary10Percent5Minutes",
    ),
    (
        "CodeDeployDefault.ECSCanary10Percent15Minutes",
        "CodeDeployDefault.ECSCanary10Percent15Minutes",
    ),
    (
        "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
        "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
    ),
    (
        "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
        "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
    ),
];

/// Stages at which a hook may pause a deployment.
const PAUSES: [&str; 5] = [
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
];

/// Where a deployment of CodeDeploy waits for somebody, if its group says so.
const READY_WAIT: [&str; 1] = ["READY_WAIT"];

/// ECS counts these times in minutes, up to a day.
fn minutes(section: &mut Section<'_>, key: &'static str) -> Option<At<Duration>> {
    let found = section.duration(key)?;
    let seconds = found.value.as_secs();
    if found.value.subsec_nanos() == 0 && seconds.is_multiple_of(60) && seconds <= 86_400 {
        return Some(found);
    }
    let message = format!("`{key}` must be whole minutes, at most a day");
    section.problem(message, found.span.clone(), "no whole minutes", "");
    None
}

/// `[[simulation.services.*.target_groups]]`
pub(crate) struct SimulatedTargetGroup {
    pub(crate) container: Option<At<String>>,
    pub(crate) port: Option<At<u32>>,
    pub(crate) path: Option<At<String>>,
    pub(crate) listener_port: Option<At<u32>>,
    pub(crate) host: Option<At<String>>,
    pub(crate) health_check_path: Option<At<String>>,
}

impl SimulatedTargetGroup {
    fn read(section: &mut Section<'_>) -> Self {
        let group = Self {
            container: section.text("container"),
            port: section.number("port", 1..=65_535),
            path: section.text("path"),
            listener_port: section.number("listener_port", 1..=65_535),
            host: section.text("host"),
            health_check_path: section.text("health_check_path"),
        };
        match (&group.path, &group.listener_port) {
            // What is there and wrong has been said.
            (None, None) if section.has("listener_port") || section.has("path") => {}
            (None, None) => section.problem(
                "nobody reaches this target group",
                section.span(),
                "`path` or `listener_port` is required here",
                "",
            ),
            (Some(_), Some(port)) => section.problem(
                "a target group is behind a rule or behind a port of its own",
                port.span.clone(),
                "`path` says otherwise",
                "`path` is a rule of the application load balancer, `listener_port` a listener of a network load balancer: keep one",
            ),
            (Some(_), None) | (None, Some(_)) => {}
        }
        group
    }
}

/// `[[simulation.services.*.answers]]`
pub(crate) struct Answer {
    pub(crate) path: Option<At<String>>,
    pub(crate) status: Option<At<u32>>,
    pub(crate) body: Option<At<String>>,
    pub(crate) headers: Vec<(At<String>, Option<At<String>>)>,
    pub(crate) after: Option<At<Duration>>,
}

impl Answer {
    fn read(section: &mut Section<'_>) -> Self {
        let path = section.text("path");
        Self {
            path: section.required("path", path),
            status: section.number("status", 200..=599),
            body: section.text("body"),
            headers: section.strings("headers"),
            after: section.duration("after"),
        }
    }
}

impl Simulation {
    pub(crate) fn read(section: &mut Section<'_>) -> Self {
        Self {
            schema: section.table("schema", |schema| {
                let (before, after) = (schema.text("before"), schema.text("after"));
                let prints = schema.text("prints");
                if let Some(prints) = prints
                    .as_ref()
                    .filter(|it| !it.value.contains("${REVISION}"))
                {
                    let message = "`prints` says nothing of the revision";
                    let help = "write ${REVISION} where the tool prints it";
                    schema.problem(message, prints.span.clone(), "no `${REVISION}`", help);
                }
                Schema {
                    before: schema.required("before", before),
                    after: schema.required("after", after),
                    prints,
                }
            }),
            fixed_responses: section.list("fixed_responses", |response| {
                let path = response.text("path");
                let status = response.number("status", 200..=599);
                FixedResponse {
                    path: response.required("path", path),
                    status,
                }
            }),
            services: section
                .tables("services", Newcomers::Welcome, SimulatedService::read)
                .unwrap_or_default(),
            jobs: section
                .tables("jobs", Newcomers::Welcome, SimulatedJob::read)
                .unwrap_or_default(),
        }
    }
}

impl SimulatedService {
    fn read(name: At<String>, section: &mut Section<'_>) -> Self {
        let service = Self {
            name,
            minimum_healthy_percent: section.number("minimum_healthy_percent", 0..=100),
            maximum_percent: section.number("maximum_percent", 100..=200),
            circuit_breaker: section.flag("circuit_breaker"),
            circuit_breaker_rollback: section.flag("circuit_breaker_rollback"),
            path: section.text("path"),
            health_check_path: section.text("health_check_path"),
            health_check_grace_period: section.duration("health_check_grace_period"),
            health_check_interval: section.duration("health_check_interval"),
            unhealthy_threshold: section.number("unhealthy_threshold", 2..=10),
            deregistration_delay: section.duration("deregistration_delay"),
            capacity_provider: section.choice(
                "capacity_provider",
                &[("FARGATE", "FARGATE"), ("FARGATE_SPOT", "FARGATE_SPOT")],
            ),
            host: section.text("host"),
            container: section.text("container"),
            version_variable: section.text("version_variable"),
            answers: section.list("answers", Answer::read),
            start_time: section.duration("start_time"),
            stop_time: section.duration("stop_time"),
            log: section.texts("log"),
            target_groups: section.list("target_groups", SimulatedTargetGroup::read),
            strategy: section.table("strategy", Strategy::read),
        };
        service.makes_sense(section);
        service
    }

    fn makes_sense(&self, section: &mut Section<'_>) {
        let minimum = self
            .minimum_healthy_percent
            .as_ref()
            .map_or(100, |percent| percent.value);
        if let Some(maximum) = self
            .maximum_percent
            .as_ref()
            .filter(|maximum| maximum.value <= minimum)
        {
            let message = "no task could ever be replaced: `maximum_percent` is not above `minimum_healthy_percent`";
            section.problem(message, maximum.span.clone(), "too low", "");
        }
        let breaker = self
            .circuit_breaker
            .as_ref()
            .is_some_and(|breaker| breaker.value);
        if let Some(rollback) = self
            .circuit_breaker_rollback
            .as_ref()
            .filter(|rollback| rollback.value && !breaker)
        {
            let message = "`circuit_breaker_rollback` does nothing without `circuit_breaker`";
            section.problem(
                message,
                rollback.span.clone(),
                "never happens",
                "add circuit_breaker = true",
            );
        }
        let kind = self.strategy.as_ref().and_then(|strategy| strategy.kind);
        let moved = kind == Some(StrategyKind::CodeDeploy);
        let breaker = self.circuit_breaker.as_ref().filter(|_| breaker && moved);
        if let Some(breaker) = breaker {
            let message = "a service of CODE_DEPLOY has no circuit breaker";
            let help = "take it out: ECS refuses such a service";
            section.problem(message, breaker.span.clone(), "refused", help);
        }
        if moved && (self.path.is_none() || !self.target_groups.is_empty()) {
            let message = "a service of CODE_DEPLOY has one target group, that of its `path`";
            section.problem(message, section.span(), "refused", "");
        }
        if let (Some(host), None) = (&self.host, &self.path) {
            let message = "`host` does nothing without `path`";
            let help = "add `path`, the listener rule's pattern";
            section.problem(message, host.span.clone(), "never looked at", help);
        }
        if let (Some(health), None) = (&self.health_check_path, &self.path) {
            let message = "`health_check_path` does nothing without `path`";
            section.problem(
                message,
                health.span.clone(),
                "never asked",
                "add `path`, the listener rule's pattern",
            );
        }
    }
}

/// Notes listeners of the network load balancer at a port that another one has.
pub(super) fn listeners_have_ports_of_their_own(root: &mut Section<'_>, document: &Document) {
    let mut taken = BTreeMap::new();
    for service in &document.simulation.services {
        let groups = service.target_groups.iter();
        for port in groups.filter_map(|group| group.listener_port.as_ref()) {
            if let Some(by) = taken.insert(port.value, service.name.value.as_str()) {
                let message = format!("port {} has a listener already", port.value);
                let label = format!("taken by `{by}`");
                let help = "the network load balancer has one listener at a port";
                root.problem(&message, port.span.clone(), &label, help);
            }
        }
    }
}

/// Notes simulated services that are not services.
pub(super) fn names_are_known(root: &mut Section<'_>, document: &Document) {
    let services: Vec<&str> = document
        .services
        .iter()
        .map(|service| service.name.value.as_str())
        .collect();
    for simulated in &document.simulation.services {
        let name = &simulated.name.value;
        if !services.contains(&name.as_str()) {
            let help = suggest::instead_of(name, services.iter().copied());
            let message = format!("`{name}` is simulated but is not a service");
            root.problem(message, simulated.name.span.clone(), "unknown name", &help);
        }
    }
}
