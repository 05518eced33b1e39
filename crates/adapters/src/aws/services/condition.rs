//! Whether a service can be deployed here at all, and who else judges its rollouts. What is not known is refused by its own
//! name, never taken for the usual.

use aws_sdk_ecs::types::{
    DeploymentControllerType, DeploymentStrategy, LaunchType, ResourceManagementType,
    SchedulingStrategy, Service, ThresholdType,
};
use backstay_domain::survey::{Judges, ServiceCondition, Threshold};
use serde_json::Value;

use super::describe::count;

/// Whether a service takes changes; `document` is the task definition it runs.
pub(super) fn condition(service: &Service, document: &Value) -> ServiceCondition {
    if service.status() != Some("ACTIVE") {
        return ServiceCondition::Inactive;
    }
    let controller = service
        .deployment_controller()
        .map(|controller| controller.r#type());
    match controller {
        None | Some(DeploymentControllerType::Ecs | DeploymentControllerType::CodeDeploy) => {}
        Some(other) => return ServiceCondition::Foreign(other.as_str().to_owned()),
    }
    match unsupported(service, document) {
        Some(how) => ServiceCondition::Unsupported(how),
        None => ServiceCondition::Active,
    }
}

/// Strategies that can be followed to their end. An unknown one is refused by its own name.
const FOLLOWED: [DeploymentStrategy; 4] = [
    DeploymentStrategy::Rolling,
    DeploymentStrategy::BlueGreen,
    DeploymentStrategy::Linear,
    DeploymentStrategy::Canary,
];

fn unsupported(service: &Service, document: &Value) -> Option<String> {
    let strategy = service
        .deployment_configuration()
        .and_then(|configuration| configuration.strategy())
        .filter(|strategy| !FOLLOWED.contains(strategy));
    if let Some(strategy) = strategy {
        return Some(format!("is deployed by the strategy {}", strategy.as_str()));
    }
    let scheduling = service
        .scheduling_strategy()
        .filter(|scheduling| **scheduling != SchedulingStrategy::Replica);
    if let Some(scheduling) = scheduling {
        return Some(format!("is scheduled as {}", scheduling.as_str()));
    }
    if service.launch_type() == Some(&LaunchType::External) {
        return Some("runs on machines outside (launch type EXTERNAL)".to_owned());
    }
    let managed = service
        .resource_management_type()
        .filter(|managed| **managed != ResourceManagementType::Customer);
    if let Some(managed) = managed {
        return Some(format!(
            "is an Express service, whose resources are managed by {}",
            managed.as_str()
        ));
    }
    let balancers = service.load_balancers().iter();
    let mut classic = balancers.filter(|balancer| balancer.target_group_arn().is_none());
    if let Some(name) = classic.find_map(|balancer| balancer.load_balancer_name()) {
        return Some(format!("is behind the Classic Load Balancer `{name}`"));
    }
    network_mode(service, document)
}

/// Tasks without an interface of their own are targets by their instance and a port that nobody knows beforehand.
fn network_mode(service: &Service, document: &Value) -> Option<String> {
    let mode = document.get("networkMode").and_then(Value::as_str);
    let on_instances = service.launch_type() == Some(&LaunchType::Ec2);
    let mode = match mode {
        Some("awsvpc") => return None,
        Some(other) => other,
        None if on_instances && document.is_object() => "bridge",
        None => return None,
    };
    Some(format!("has tasks of the network mode `{mode}`"))
}

/// What else ends its rollouts, early or in failure.
pub(super) fn judges(service: &Service) -> Judges {
    let Some(configuration) = service.deployment_configuration() else {
        return Judges::default();
    };
    let breaker = configuration
        .deployment_circuit_breaker()
        .filter(|breaker| breaker.enable());
    let threshold = breaker.map(|breaker| {
        let configured = breaker.threshold_configuration();
        let value = configured.map(|configured| count(configured.value()));
        match configured.map(|configured| configured.r#type()) {
            None => Threshold::default(),
            Some(ThresholdType::Count) => Threshold::Tasks(value.unwrap_or_default()),
            Some(ThresholdType::BoundedPercent) => Threshold::Bounded(value.unwrap_or(50)),
            Some(ThresholdType::UnboundedPercent) => Threshold::Percent(value.unwrap_or(50)),
            Some(other) => Threshold::Other(other.as_str().to_owned()),
        }
    });
    let alarms = configuration.alarms().filter(|alarms| alarms.enable());
    let early = configuration
        .early_success_criteria()
        .filter(|early| early.enable());
    Judges {
        threshold,
        alarms: alarms.map_or_else(Vec::new, |alarms| alarms.alarm_names().to_vec()),
        early: early.and_then(|early| early.healthy_percent()).map(count),
    }
}
