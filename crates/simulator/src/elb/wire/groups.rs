//! Target groups and the health of their targets (ecs-semantics D [MODEL]).

use super::{named, paged, required};
use crate::elb::{Listener, TargetGroup, TargetHealth};
use crate::wire::{Form, Xml};
use crate::{ApiError, World};

fn missing() -> ApiError {
    ApiError::client("TargetGroupNotFound", "One or more target groups not found")
}

fn group<'a>(world: &'a World, form: &Form) -> Result<&'a TargetGroup, ApiError> {
    world
        .elb
        .group_by_arn(required(form, "TargetGroupArn")?)
        .ok_or_else(missing)
}

/// All targets, or the ones asked for: a target that is not registered is `unused`, Target.NotRegistered [MODEL].
pub(super) fn target_health(world: &World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["TargetGroupArn", "Targets", "Include"])?;
    let group = group(world, form)?;
    let wanted = form.member_fields("Targets", "Id");
    let registered = |id: &&str| group.targets.iter().any(|target| target.ip == **id);
    let known = group
        .targets
        .iter()
        .filter(|target| wanted.is_empty() || wanted.contains(&target.ip.as_str()))
        .map(|target| description(&target.ip, target.port, &target.state.health()));
    let unknown = wanted.iter().filter(|id| !registered(id)).map(|id| {
        let health = TargetHealth {
            state: "unused",
            reason: Some("Target.NotRegistered"),
            description: Some("Target is not registered to the target group".to_owned()),
        };
        description(id, group.port, &health)
    });
    Ok(Xml::new().members("TargetHealthDescriptions", known.chain(unknown)))
}

fn description(id: &str, port: u16, health: &TargetHealth) -> Xml {
    let target = Xml::new().text("Id", id).text("Port", port);
    let health = Xml::new()
        .text("State", health.state)
        .maybe("Reason", health.reason)
        .maybe("Description", health.description.as_ref());
    Xml::new()
        .nested("Target", &target)
        .text("HealthCheckPort", port)
        .nested("TargetHealth", &health)
}

/// By names, ARNs or load balancer.
pub(super) fn target_groups(world: &World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&[
        "LoadBalancerArn",
        "TargetGroupArns",
        "Names",
        "Marker",
        "PageSize",
    ])?;
    let all: Vec<&TargetGroup> = world.elb.groups.values().collect();
    let by_name = named(
        &all,
        &form.members("Names"),
        |group| group.name.as_ref(),
        missing,
    )?;
    let by_arn = named(
        &all,
        &form.members("TargetGroupArns"),
        |group| group.arn.as_str(),
        missing,
    )?;
    let arn = form.text("LoadBalancerArn");
    let chosen = by_name
        .iter()
        .filter(|group| by_arn.iter().any(|other| other.arn == group.arn));
    let groups = chosen
        .map(|group| (group, balancers_of(world, &group.name)))
        .filter(|(_, balancers)| arn.is_none_or(|arn| balancers.contains(&arn)));
    let described: Vec<Xml> = groups
        .map(|(group, balancers)| group_xml(group, &balancers))
        .collect();
    paged(form, "TargetGroups", &described)
}

fn balancers_of<'a>(world: &'a World, group: &str) -> Vec<&'a str> {
    let balancers = world.elb.balancers.iter();
    let using = balancers.filter(|balancer| {
        let mut actions = balancer.listeners.iter().flat_map(Listener::actions);
        actions.any(|action| action.names(group))
    });
    using.map(|balancer| balancer.arn.as_str()).collect()
}

fn group_xml(group: &TargetGroup, balancers: &[&str]) -> Xml {
    let arns = balancers
        .iter()
        .fold(Xml::new(), |list, arn| list.text("member", arn));
    Xml::new()
        .text("TargetGroupArn", &group.arn)
        .text("TargetGroupName", &group.name)
        .text("Protocol", "HTTP")
        .text("Port", group.port)
        .text("VpcId", "vpc-5b1a7a11")
        .text("HealthCheckProtocol", "HTTP")
        .text("HealthCheckPort", "traffic-port")
        .text("HealthCheckEnabled", true)
        .text("HealthCheckIntervalSeconds", group.interval_seconds)
        .text("HealthCheckTimeoutSeconds", group.timeout_seconds)
        .text("HealthyThresholdCount", group.healthy_threshold)
        .text("UnhealthyThresholdCount", group.unhealthy_threshold)
        .text("HealthCheckPath", &group.health_check_path)
        .nested("Matcher", &Xml::new().text("HttpCode", "200"))
        .nested("LoadBalancerArns", &arns)
        .text("TargetType", "ip")
        .text("ProtocolVersion", "HTTP1")
        .text("IpAddressType", "ipv4")
}

/// What differs from AWS's defaults is deregistration_delay only (ecs-semantics D [MODEL]).
pub(super) fn attributes(world: &World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["TargetGroupArn"])?;
    let delay = group(world, form)?.deregistration_delay_seconds.to_string();
    let attributes = [
        ("deregistration_delay.timeout_seconds", delay.as_str()),
        ("stickiness.enabled", "false"),
        ("stickiness.type", "lb_cookie"),
        ("stickiness.lb_cookie.duration_seconds", "86400"),
        ("slow_start.duration_seconds", "0"),
        ("load_balancing.algorithm.type", "round_robin"),
        (
            "load_balancing.cross_zone.enabled",
            "use_load_balancer_configuration",
        ),
        (
            "target_group_health.dns_failover.minimum_healthy_targets.count",
            "1",
        ),
        (
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
            "1",
        ),
    ];
    let members = attributes.map(|(key, value)| Xml::new().text("Key", key).text("Value", value));
    Ok(Xml::new().members("Attributes", members))
}
