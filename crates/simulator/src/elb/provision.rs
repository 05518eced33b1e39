//! Target groups and load balancers as a blueprint describes them.

use std::sync::Arc;

use super::{
    Action, Condition, Forward, Listener, ListenerProtocol, LoadBalancer, Rule, TargetGroup,
};
use crate::provision::ProvisionError;
use crate::{LoadBalancerBlueprint, RuleBlueprint, TargetGroupBlueprint, World};

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
        let listener_arn = self.elb_child_arn(&arn, ":loadbalancer/", ":listener/");
        let default_rule_arn = self.elb_child_arn(&listener_arn, ":listener/", ":listener-rule/");
        let mut rules = Vec::with_capacity(blueprint.rules.len());
        for (rule, priority) in blueprint.rules.iter().zip(1..) {
            rules.push(Rule {
                arn: self.elb_child_arn(&listener_arn, ":listener/", ":listener-rule/"),
                priority,
                conditions: vec![Condition::Path(vec![rule.path.clone()])],
                actions: vec![self.action_of(rule)?],
            });
        }
        self.elb.balancers.push(LoadBalancer {
            name: blueprint.name.clone(),
            arn,
            hosts: blueprint.hosts.clone(),
            listeners: vec![Listener {
                arn: listener_arn,
                port: 443,
                protocol: ListenerProtocol::Https,
                default_rule_arn,
                default_actions: vec![Action::Fixed(404)],
                rules,
            }],
        });
        Ok(())
    }

    fn action_of(&self, rule: &RuleBlueprint) -> Result<Action, ProvisionError> {
        match (&rule.target_group, rule.fixed_status) {
            (Some(group), None) if self.elb.groups.contains_key(group.as_str()) => {
                Ok(Action::Forward(Forward::to(group.as_str())))
            }
            (Some(group), None) => Err(ProvisionError::Unknown("target group", group.clone())),
            (None, Some(status)) => Ok(Action::Fixed(status)),
            (None, None) | (Some(_), Some(_)) => Err(ProvisionError::Invalid(format!(
                "rule {}: give either target_group or fixed_status",
                rule.path
            ))),
        }
    }

    /// `arn:...:listener/app/NAME/ID/ID` of `arn:...:loadbalancer/app/NAME/ID`, and so on.
    fn elb_child_arn(&mut self, parent: &str, kind: &str, child_kind: &str) -> String {
        let id = self.random.next_u64();
        format!("{}/{id:016x}", parent.replacen(kind, child_kind, 1))
    }

    fn elb_arn(&mut self, resource: &str) -> String {
        let id = self.random.next_u64();
        format!(
            "arn:aws:elasticloadbalancing:{}:{}:{resource}/{id:016x}",
            self.region, self.account
        )
    }
}
