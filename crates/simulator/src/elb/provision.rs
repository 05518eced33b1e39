//! Target groups and load balancers as a blueprint describes them.

use std::sync::Arc;

use super::{LoadBalancer, Rule, RuleAction, TargetGroup};
use crate::provision::ProvisionError;
use crate::{LoadBalancerBlueprint, TargetGroupBlueprint, World};

impl World {
    pub(crate) fn provision_target_group(
        &mut self,
        blueprint: &TargetGroupBlueprint,
    ) -> Result<(), ProvisionError> {
        let name: Arc<str> = blueprint.name.as_str().into();
        if blueprint.health_check_interval_seconds == 0
            || blueprint.unhealthy_threshold == 0
            || blueprint.healthy_threshold == 0
        {
            return Err(ProvisionError::Invalid(format!(
                "target group {name}: intervals and thresholds start at 1"
            )));
        }
        let arn = self.elb_arn(&format!("targetgroup/{name}"));
        let group = TargetGroup {
            arn,
            name: Arc::clone(&name),
            port: blueprint.port,
            health_check_path: blueprint.health_check_path.clone(),
            interval_seconds: blueprint.health_check_interval_seconds,
            timeout_seconds: blueprint.health_check_timeout_seconds,
            healthy_threshold: blueprint.healthy_threshold,
            unhealthy_threshold: blueprint.unhealthy_threshold,
            deregistration_delay_seconds: blueprint.deregistration_delay_seconds,
            targets: Vec::new(),
            turn: 0,
        };
        match self.elb.groups.insert(name, group) {
            None => Ok(()),
            Some(_) => Err(ProvisionError::Duplicate(
                "target group",
                blueprint.name.clone(),
            )),
        }
    }

    pub(crate) fn provision_load_balancer(
        &mut self,
        blueprint: &LoadBalancerBlueprint,
    ) -> Result<(), ProvisionError> {
        let arn = self.elb_arn(&format!("loadbalancer/app/{}", blueprint.name));
        let listener_arn = self.elb_arn(&format!("listener/app/{}", blueprint.name));
        let mut rules = Vec::with_capacity(blueprint.rules.len());
        for rule in &blueprint.rules {
            let action = match (&rule.target_group, rule.fixed_status) {
                (Some(group), None) if self.elb.groups.contains_key(group.as_str()) => {
                    RuleAction::Forward(group.as_str().into())
                }
                (Some(group), None) => {
                    return Err(ProvisionError::Unknown("target group", group.clone()));
                }
                (None, Some(status)) => RuleAction::Fixed(status),
                (None, None) | (Some(_), Some(_)) => {
                    let message = format!(
                        "rule {}: give either target_group or fixed_status",
                        rule.path
                    );
                    return Err(ProvisionError::Invalid(message));
                }
            };
            let arn = self.elb_arn(&format!("listener-rule/app/{}", blueprint.name));
            rules.push(Rule {
                arn,
                path: rule.path.clone(),
                action,
            });
        }
        let hosts = blueprint.hosts.clone();
        self.elb.balancers.push(LoadBalancer {
            name: blueprint.name.clone(),
            arn,
            listener_arn,
            hosts,
            rules,
        });
        Ok(())
    }

    fn elb_arn(&mut self, resource: &str) -> String {
        let id = self.random.next_u64();
        format!(
            "arn:aws:elasticloadbalancing:{}:{}:{resource}/{id:016x}",
            self.region, self.account
        )
    }
}
