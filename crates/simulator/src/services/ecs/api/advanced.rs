//! `advancedConfiguration` of `loadBalancers[]`: in, out, and what the strategy of the service asks of it (F1 [DOC]).

use serde::Deserialize;
use serde_json::{Value, json};

use super::lookup::invalid;
use crate::services::ecs::native::Kind;
use crate::services::ecs::service::AdvancedConfiguration;
use crate::services::ecs::{Service, ServiceLoadBalancer};
use crate::{ApiError, World};

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Advanced {
    alternate_target_group_arn: Option<String>,
    production_listener_rule: Option<String>,
    test_listener_rule: Option<String>,
    role_arn: Option<String>,
}

impl Advanced {
    pub(super) fn read(&self, world: &World) -> Result<AdvancedConfiguration, ApiError> {
        let missing = |name: &str| invalid(format!("{name} is required in advancedConfiguration."));
        let arn = self
            .alternate_target_group_arn
            .as_ref()
            .ok_or_else(|| missing("alternateTargetGroupArn"))?;
        let group = world
            .elb
            .group_by_arn(arn)
            .ok_or_else(|| invalid(format!("The target group {arn} does not exist.")))?;
        let production = self
            .production_listener_rule
            .as_ref()
            .ok_or_else(|| missing("productionListenerRule"))?;
        self.role_arn.as_ref().ok_or_else(|| missing("roleArn"))?;
        is_rule("productionListenerRule", production)?;
        if let Some(test) = &self.test_listener_rule {
            is_rule("testListenerRule", test)?;
            if test == production {
                return Err(invalid(format!(
                    "The following rules cannot be used as both production and test listener rules: {test}"
                )));
            }
        }
        Ok(AdvancedConfiguration {
            alternate: group.name.clone(),
            alternate_arn: group.arn.clone(),
            production_rule: production.clone(),
            test_rule: self.test_listener_rule.clone(),
            role_arn: self.role_arn.clone(),
        })
    }
}

/// There are Application Load Balancers only, so it must be the ARN of a rule.
fn is_rule(name: &str, arn: &str) -> Result<(), ApiError> {
    if arn.contains(":listener-rule/") {
        return Ok(());
    }
    Err(invalid(format!(
        "{name} has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: {arn}"
    )))
}

/// Refuses a service whose load balancers do not fit its strategy, or each other.
pub(super) fn check(world: &World, service: &Service) -> Result<(), ApiError> {
    let kind = service.traffic.kind;
    if kind == Kind::BlueGreen && service.bake_minutes.is_none() {
        // It must be given (B8 [MODEL]); text [INF].
        return Err(invalid(
            "bakeTimeInMinutes is required when using the BLUE_GREEN deployment strategy",
        ));
    }
    if kind.is_native() && service.early.is_some() {
        // For ROLLING only (A6 [DOC]); text [INF].
        return Err(invalid(
            "earlySuccessCriteria is only supported with the ROLLING deployment strategy",
        ));
    }
    let balancers = &service.load_balancers;
    if matches!(kind, Kind::Linear(_) | Kind::Canary(_)) && balancers.is_empty() {
        // Elastic Load Balancing or Service Connect is required [DOC]; text [INF].
        return Err(invalid(format!(
            "loadBalancers is required when using the {} deployment strategy",
            kind.text()
        )));
    }
    let advanced = balancers
        .iter()
        .filter(|balancer| balancer.advanced.is_some());
    let advanced = advanced.count();
    if kind.is_native() && advanced < balancers.len() {
        return Err(invalid(
            "advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy",
        ));
    }
    if advanced > 0 && advanced < balancers.len() {
        return Err(invalid(
            "Either all or none of the provided loadBalancers must have advancedConfiguration defined",
        ));
    }
    unique(balancers)?;
    for balancer in balancers {
        has_test_rule_if_needed(world, balancer)?;
    }
    Ok(())
}

fn unique(balancers: &[ServiceLoadBalancer]) -> Result<(), ApiError> {
    let mut seen: Vec<&str> = Vec::new();
    let with_advanced = balancers
        .iter()
        .filter_map(|balancer| Some((balancer, balancer.advanced.as_ref()?)));
    for (balancer, advanced) in with_advanced {
        for arn in [&balancer.group_arn, &advanced.alternate_arn] {
            if seen.contains(&arn.as_str()) {
                return Err(invalid(format!("Duplicate targetGroupArn found: {arn}")));
            }
            seen.push(arn);
        }
    }
    Ok(())
}

fn has_test_rule_if_needed(world: &World, balancer: &ServiceLoadBalancer) -> Result<(), ApiError> {
    let Some(advanced) = balancer.advanced.as_ref() else {
        return Ok(());
    };
    let Some(actions) = world.elb.actions(&advanced.production_rule) else {
        // That there is no such rule shows later, in the deployment [OBS].
        return Ok(());
    };
    let named = |group: &str| actions.iter().any(|action| action.names(group));
    let forwards = world
        .elb
        .forward_weights(&advanced.production_rule)
        .is_some();
    let both = named(&balancer.group) && named(&advanced.alternate);
    if both || !forwards || advanced.test_rule.is_some() {
        return Ok(());
    }
    Err(invalid(
        "For Application LoadBalancer, testListenerRule is required when productionListenerRule is not associated with both \
         targetGroup and alternateTargetGroup",
    ))
}

/// As it came.
pub(super) fn json_of(advanced: &AdvancedConfiguration) -> Value {
    let mut members = json!({
        "alternateTargetGroupArn": advanced.alternate_arn,
        "productionListenerRule": advanced.production_rule,
    });
    if let Some(rule) = &advanced.test_rule {
        members["testListenerRule"] = json!(rule);
    }
    if let Some(role) = &advanced.role_arn {
        members["roleArn"] = json!(role);
    }
    members
}
