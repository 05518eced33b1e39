//! Load balancers, their listener and its rules.

use super::{named, paged, required};
use crate::elb::{LoadBalancer, Rule, RuleAction};
use crate::wire::{Form, Xml, iso8601};
use crate::{ApiError, World};

/// By names or ARNs.
pub(super) fn load_balancers(world: &World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["LoadBalancerArns", "Names", "Marker", "PageSize"])?;
    let missing = || {
        ApiError::client(
            "LoadBalancerNotFound",
            "One or more load balancers not found",
        )
    };
    let all = &world.elb.balancers;
    let by_name = named(
        all,
        &form.members("Names"),
        |balancer| balancer.name.as_str(),
        missing,
    )?;
    let by_arn = named(
        all,
        &form.members("LoadBalancerArns"),
        |balancer| balancer.arn.as_str(),
        missing,
    )?;
    let chosen = by_name
        .iter()
        .filter(|balancer| by_arn.iter().any(|other| other.arn == balancer.arn));
    let described: Vec<Xml> = chosen
        .map(|balancer| balancer_xml(world, balancer))
        .collect();
    paged(form, "LoadBalancers", &described)
}

fn balancer_xml(world: &World, balancer: &LoadBalancer) -> Xml {
    let zone = |letter: &str| {
        let name = format!("{}{letter}", world.region);
        Xml::new()
            .text("ZoneName", name)
            .text("SubnetId", format!("subnet-5b1a7a1{letter}"))
    };
    Xml::new()
        .text("LoadBalancerArn", &balancer.arn)
        .text("DNSName", dns_name(world, balancer))
        .text("CanonicalHostedZoneId", "Z2P70J7HTTTPLU")
        .text("CreatedTime", iso8601(0))
        .text("LoadBalancerName", &balancer.name)
        .text("Scheme", "internet-facing")
        .text("VpcId", "vpc-5b1a7a11")
        .nested("State", &Xml::new().text("Code", "active"))
        .text("Type", "application")
        .members("AvailabilityZones", [zone("a"), zone("b")])
        .text("IpAddressType", "ipv4")
}

/// Its own name if the blueprint gave one, else one in AWS's form.
fn dns_name(world: &World, balancer: &LoadBalancer) -> String {
    let own = balancer
        .hosts
        .iter()
        .find(|host| host.ends_with(".elb.amazonaws.com"));
    own.cloned()
        .unwrap_or_else(|| format!("{}-1.{}.elb.amazonaws.com", balancer.name, world.region))
}

/// One HTTPS listener per load balancer.
pub(super) fn listeners(world: &World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["LoadBalancerArn", "ListenerArns", "Marker", "PageSize"])?;
    let missing = || ApiError::client("ListenerNotFound", "One or more listeners not found");
    let all = &world.elb.balancers;
    let chosen = match form.text("LoadBalancerArn") {
        Some(arn) => {
            let missing = || {
                ApiError::client(
                    "LoadBalancerNotFound",
                    "One or more load balancers not found",
                )
            };
            named(all, &[arn], |balancer| balancer.arn.as_str(), missing)?
        }
        None => named(
            all,
            &form.members("ListenerArns"),
            |balancer| balancer.listener_arn.as_str(),
            missing,
        )?,
    };
    let described: Vec<Xml> = chosen.into_iter().map(listener_xml).collect();
    paged(form, "Listeners", &described)
}

fn listener_xml(balancer: &LoadBalancer) -> Xml {
    Xml::new()
        .text("ListenerArn", &balancer.listener_arn)
        .text("LoadBalancerArn", &balancer.arn)
        .text("Port", 443)
        .text("Protocol", "HTTPS")
        .members("DefaultActions", [fixed(404)])
}

/// The rules of a listener in priority order, the default one last.
pub(super) fn rules(world: &World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["ListenerArn", "RuleArns", "Marker", "PageSize"])?;
    let wanted = form.members("RuleArns");
    let listener = if wanted.is_empty() {
        Some(required(form, "ListenerArn")?)
    } else {
        None
    };
    let missing = || ApiError::client("ListenerNotFound", "One or more listeners not found");
    let balancers: Vec<&LoadBalancer> = match listener {
        Some(arn) => named(
            &world.elb.balancers,
            &[arn],
            |balancer| balancer.listener_arn.as_str(),
            missing,
        )?,
        None => world.elb.balancers.iter().collect(),
    };
    let mut described = Vec::new();
    for balancer in balancers {
        for (index, rule) in balancer.rules.iter().enumerate() {
            if wanted.is_empty() || wanted.contains(&rule.arn.as_str()) {
                described.push(rule_xml(world, rule, index + 1));
            }
        }
        if wanted.is_empty() {
            described.push(default_rule(balancer));
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

fn rule_xml(world: &World, rule: &Rule, priority: usize) -> Xml {
    let values = Xml::new().text("member", &rule.path);
    let condition = Xml::new()
        .text("Field", "path-pattern")
        .nested("Values", &values)
        .nested("PathPatternConfig", &Xml::new().nested("Values", &values));
    let action = match &rule.action {
        RuleAction::Fixed(status) => fixed(*status),
        RuleAction::Forward(name) => {
            let arn = world
                .elb
                .groups
                .get(name)
                .map_or("", |group| group.arn.as_str());
            let tuple = Xml::new().text("TargetGroupArn", arn).text("Weight", 1);
            let config = Xml::new().members("TargetGroups", [tuple]);
            Xml::new()
                .text("Type", "forward")
                .text("TargetGroupArn", arn)
                .text("Order", 1)
                .nested("ForwardConfig", &config)
        }
    };
    Xml::new()
        .text("RuleArn", &rule.arn)
        .text("Priority", priority)
        .members("Conditions", [condition])
        .members("Actions", [action])
        .text("IsDefault", false)
}

fn default_rule(balancer: &LoadBalancer) -> Xml {
    Xml::new()
        .text(
            "RuleArn",
            format!(
                "{}/default",
                balancer
                    .listener_arn
                    .replace(":listener/", ":listener-rule/")
            ),
        )
        .text("Priority", "default")
        .members("Conditions", [])
        .members("Actions", [fixed(404)])
        .text("IsDefault", true)
}

fn fixed(status: u16) -> Xml {
    let config = Xml::new().text("StatusCode", status);
    Xml::new()
        .text("Type", "fixed-response")
        .text("Order", 1)
        .nested("FixedResponseConfig", &config)
}
