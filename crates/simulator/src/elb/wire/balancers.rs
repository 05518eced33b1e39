//! Load balancers.

use super::{named, paged};
use crate::elb::LoadBalancer;
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
