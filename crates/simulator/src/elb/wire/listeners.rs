//! Listeners and their rules.

use super::actions::actions_xml;
use super::{named, paged, required};
use crate::elb::{Condition, Listener, ListenerProtocol, LoadBalancer, Rule};
use crate::wire::{Form, Xml};
use crate::{ApiError, World};

fn missing() -> ApiError {
    ApiError::client("ListenerNotFound", "One or more listeners not found")
}

/// By load balancer or by ARN.
pub(super) fn listeners(world: &World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["LoadBalancerArn", "ListenerArns", "Marker", "PageSize"])?;
    let all = &world.elb.balancers;
    let balancers: Vec<&LoadBalancer> = match form.text("LoadBalancerArn") {
        Some(arn) => {
            let missing = || {
                ApiError::client(
                    "LoadBalancerNotFound",
                    "One or more load balancers not found",
                )
            };
            named(all, &[arn], |balancer| balancer.arn.as_str(), missing)?
        }
        None => all.iter().collect(),
    };
    let listeners: Vec<(&LoadBalancer, &Listener)> = balancers
        .into_iter()
        .flat_map(|balancer| balancer.listeners.iter().map(move |it| (balancer, it)))
        .collect();
    let wanted = form.members("ListenerArns");
    let chosen = named(&listeners, &wanted, |(_, it)| it.arn.as_str(), missing)?;
    let described: Vec<Xml> = chosen
        .into_iter()
        .map(|(balancer, listener)| listener_xml(world, balancer, listener))
        .collect();
    paged(form, "Listeners", &described)
}

fn listener_xml(world: &World, balancer: &LoadBalancer, listener: &Listener) -> Xml {
    let protocol = match listener.protocol {
        ListenerProtocol::Http => "HTTP",
        ListenerProtocol::Https => "HTTPS",
    };
    Xml::new()
        .text("ListenerArn", &listener.arn)
        .text("LoadBalancerArn", &balancer.arn)
        .text("Port", listener.port)
        .text("Protocol", protocol)
        .members(
            "DefaultActions",
            actions_xml(world, &listener.default_actions),
        )
}

/// The rules of a listener in priority order, the default one last.
pub(super) fn rules(world: &World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["ListenerArn", "RuleArns", "Marker", "PageSize"])?;
    let wanted = form.members("RuleArns");
    let listeners: Vec<&Listener> = if wanted.is_empty() {
        let arn = required(form, "ListenerArn")?;
        vec![world.elb.listener(arn).ok_or_else(missing)?]
    } else {
        let balancers = world.elb.balancers.iter();
        balancers.flat_map(|balancer| &balancer.listeners).collect()
    };
    let is_wanted = |arn: &str| wanted.is_empty() || wanted.contains(&arn);
    let mut described = Vec::new();
    for listener in listeners {
        let rules = listener.rules.iter().filter(|rule| is_wanted(&rule.arn));
        described.extend(rules.map(|rule| rule_xml(world, rule)));
        if is_wanted(&listener.default_rule_arn) {
            described.push(default_rule(world, listener));
        }
    }
    if described.len() < wanted.len() {
        return Err(ApiError::client(
            "RuleNotFound",
            "One or more rules not found",
        ));
    }
    paged(form, "Rules", &described)
}

fn rule_xml(world: &World, rule: &Rule) -> Xml {
    Xml::new()
        .text("RuleArn", &rule.arn)
        .text("Priority", rule.priority)
        .members("Conditions", rule.conditions.iter().map(condition_xml))
        .members("Actions", actions_xml(world, &rule.actions))
        .text("IsDefault", false)
}

fn condition_xml(condition: &Condition) -> Xml {
    let Condition::Path(patterns) = condition;
    let values = patterns
        .iter()
        .fold(Xml::new(), |list, pattern| list.text("member", pattern));
    Xml::new()
        .text("Field", "path-pattern")
        .nested("Values", &values)
        .nested("PathPatternConfig", &Xml::new().nested("Values", &values))
}

fn default_rule(world: &World, listener: &Listener) -> Xml {
    Xml::new()
        .text("RuleArn", &listener.default_rule_arn)
        .text("Priority", "default")
        .members("Conditions", [])
        .members("Actions", actions_xml(world, &listener.default_actions))
        .text("IsDefault", true)
}
