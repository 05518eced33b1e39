//! Load balancers, read.

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::no_balancers;
use super::{named, paged, read};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::elb::Elb;
use crate::services::elb::{BalancerKind, LoadBalancer};
use crate::wire::{Whole, instant};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Describe {
    #[serde(default)]
    load_balancer_arns: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
    marker: Option<String>,
    page_size: Option<Whole>,
}

/// By names or ARNs.
pub(super) fn describe(here: &Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Describe = read(input)?;
    let all: Vec<&LoadBalancer> = here.own.balancers.iter().collect();
    let chosen = named(&all, &input.names, |it| &it.name, no_balancers)?;
    let chosen = named(
        &chosen,
        &input.load_balancer_arns,
        |it| &it.arn,
        no_balancers,
    )?;
    let told: Vec<Value> = chosen.iter().map(|it| balancer_json(here, it)).collect();
    paged(
        "LoadBalancers",
        &told,
        input.page_size,
        input.marker.as_deref(),
    )
}

/// A load balancer; where its subnets are, and in which VPC, is not known here: they are given zones in turn.
pub(super) fn balancer_json(here: &Here<'_, Elb>, balancer: &LoadBalancer) -> Value {
    let active = here.now_ms >= balancer.active_ms;
    json!({
        "LoadBalancerArn": balancer.arn,
        "DNSName": balancer.dns_name,
        "CanonicalHostedZoneId": hosted_zone(balancer.kind, here.region),
        "CreatedTime": instant(balancer.created_ms),
        "LoadBalancerName": balancer.name,
        "Scheme": balancer.scheme,
        "VpcId": "vpc-5b1a7a11",
        "State": { "Code": if active { "active" } else { "provisioning" } },
        "Type": balancer.kind.name(),
        "AvailabilityZones": zones(here, balancer),
        "SecurityGroups": balancer.security_groups,
        "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": balancer.private_link_rules,
        "IpAddressType": balancer.address_type,
    })
}

pub(super) fn zones(here: &Here<'_, Elb>, balancer: &LoadBalancer) -> Value {
    let zones = balancer
        .subnets
        .iter()
        .zip(["a", "b", "c"].into_iter().cycle());
    zones
        .map(|(subnet, letter)| {
            let addresses = balancer.addresses.get(subnet).map(|address| {
                json!({ "AllocationId": address.allocation, "PrivateIPv4Address": address.private })
            });
            json!({
                "ZoneName": format!("{}{letter}", here.region),
                "SubnetId": subnet,
                "LoadBalancerAddresses": Vec::from_iter(addresses),
            })
        })
        .collect()
}

/// By Region [DOC].
fn hosted_zone(kind: BalancerKind, region: &str) -> &'static str {
    if kind == BalancerKind::Network {
        return match region {
            "us-east-1" => "Z26RNL4JYFTOTI",
            "us-east-2" => "ZLMOA37VPKANP",
            "us-west-1" => "Z24FKFUX50B4VW",
            "us-west-2" => "Z18D5FSROUN65G",
            "eu-west-1" => "Z2IFOLAFXWLO4F",
            "eu-central-1" => "Z3F0SRJ5LGBH90",
            _ => "ZTK26PT1VY4CU",
        };
    }
    match region {
        "us-east-1" => "Z35SXDOTRQ7X7K",
        "us-east-2" => "Z3AADJGX6KTTL2",
        "us-west-1" => "Z368ELLRRE2KJ0",
        "us-west-2" => "Z1H1FL5HABSF5",
        "eu-west-1" => "Z32O12XQLNTSW2",
        "eu-central-1" => "Z215JYRZR1TBD5",
        _ => "Z2P70J7HTTTPLU",
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct One {
    load_balancer_arn: String,
}

/// No load balancer here has reserved capacity.
pub(super) fn capacity(here: &Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: One = read(input)?;
    let known = here.own.balancer_by_arn(&input.load_balancer_arn);
    known.ok_or_else(|| super::errors::no_balancer(&input.load_balancer_arn))?;
    Ok(json!({ "DecreaseRequestsRemaining": 2, "CapacityReservationState": [] }))
}
