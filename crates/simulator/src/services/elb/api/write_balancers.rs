//! Load balancers, changed and deleted.

use serde::Deserialize;
use serde_json::{Value, json};

use super::balancers::zones;
use super::create_balancer::{SubnetMapping, address_type, placed};
use super::errors::{invalid, no_balancer, not_permitted};
use super::read;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::elb::Elb;
use crate::services::elb::{BalancerKind, LoadBalancer};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Change {
    load_balancer_arn: String,
    #[serde(default)]
    security_groups: Vec<String>,
    #[serde(default)]
    subnets: Vec<String>,
    #[serde(default)]
    subnet_mappings: Vec<SubnetMapping>,
    ip_address_type: Option<String>,
    enforce_security_group_inbound_rules_on_private_link_traffic: Option<String>,
}

/// With its listeners. One that is not there is deleted already [MODEL].
pub(super) fn delete(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Change = read(input)?;
    let arn = &input.load_balancer_arn;
    let protection = |it: &LoadBalancer| {
        it.attributes
            .get("deletion_protection.enabled")
            .is_some_and(|it| it == "true")
    };
    if here.own.balancer_by_arn(arn).is_some_and(protection) {
        return Err(not_permitted(format!(
            "Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        )));
    }
    here.own.balancers.retain(|it| it.arn != *arn);
    here.reconsider_use();
    Ok(json!({}))
}

/// A network load balancer that was made without any can never have one (SetSecurityGroups: "You can't perform this operation on a
/// Network Load Balancer if you didn't associate a security group with the load balancer when you created it" [MODEL]).
pub(super) fn set_security_groups(
    here: &mut Here<'_, Elb>,
    input: &Value,
) -> Result<Value, ApiError> {
    let input: Change = read(input)?;
    if input.security_groups.is_empty() {
        return Err(invalid("At least one security group must be specified"));
    }
    if let Some(other) = input
        .security_groups
        .iter()
        .find(|it| !it.starts_with("sg-"))
    {
        return Err(ApiError::client(
            "InvalidSecurityGroup",
            format!("Security group '{other}' is not valid"),
        ));
    }
    let balancer = balancer(here, &input)?;
    if balancer.kind == BalancerKind::Network && balancer.security_groups.is_empty() {
        return Err(ApiError::client(
            "InvalidConfigurationRequest",
            "You cannot set security groups for a network load balancer that was made without any",
        ));
    }
    balancer.security_groups.clone_from(&input.security_groups);
    let rules = input.enforce_security_group_inbound_rules_on_private_link_traffic;
    if rules.is_some() && balancer.kind == BalancerKind::Network {
        balancer.private_link_rules = rules;
    }
    Ok(json!({
        "SecurityGroupIds": input.security_groups,
        "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": balancer.private_link_rules,
    }))
}

pub(super) fn set_subnets(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Change = read(input)?;
    let kind = balancer(here, &input)?.kind;
    let placed = placed(kind, &input.subnets, &input.subnet_mappings)?;
    let address_type = input
        .ip_address_type
        .as_deref()
        .map(address_type)
        .transpose()?;
    let balancer = balancer(here, &input)?;
    (balancer.subnets, balancer.addresses) = (placed.subnets, placed.addresses);
    if let Some(address_type) = address_type {
        balancer.address_type = address_type;
    }
    let balancer = balancer.clone();
    Ok(
        json!({ "AvailabilityZones": zones(here, &balancer), "IpAddressType": balancer.address_type }),
    )
}

pub(super) fn set_address_type(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Change = read(input)?;
    let wanted = input.ip_address_type.as_deref();
    let wanted = wanted.ok_or_else(|| invalid("An IP address type must be specified"))?;
    let address_type = address_type(wanted)?;
    balancer(here, &input)?
        .address_type
        .clone_from(&address_type);
    Ok(json!({ "IpAddressType": address_type }))
}

fn balancer<'a>(
    here: &'a mut Here<'_, Elb>,
    input: &Change,
) -> Result<&'a mut LoadBalancer, ApiError> {
    let arn = &input.load_balancer_arn;
    let found = here.own.balancer_by_arn_mut(arn);
    found.ok_or_else(|| no_balancer(arn))
}
