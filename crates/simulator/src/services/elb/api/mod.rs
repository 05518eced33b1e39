//! ELBv2's API: which operation is served where. Inputs and answers are trees; the wire writes them as the query protocol does.

mod account;
mod actions;
mod attributes;
mod balancers;
mod certificates;
mod conditions;
mod create_balancer;
mod errors;
mod group_checks;
mod group_input;
mod groups;
mod listeners;
mod rules;
mod tags;
mod targets;
mod write_balancers;
mod write_groups;
mod write_listeners;
mod write_rules;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::base::{not_implemented, unread};
use crate::wire::{Whole, page};
use crate::{ApiError, World};

/// Serves one ELBv2 operation.
pub(crate) fn call(world: &mut World, operation: &str, input: &Value) -> Result<Value, ApiError> {
    match operation {
        "CreateLoadBalancer" => create_balancer::create(world, input),
        "DescribeLoadBalancers" => balancers::describe(world, input),
        "DeleteLoadBalancer" => write_balancers::delete(world, input),
        "SetSecurityGroups" => write_balancers::set_security_groups(world, input),
        "SetSubnets" => write_balancers::set_subnets(world, input),
        "SetIpAddressType" => write_balancers::set_address_type(world, input),
        "DescribeLoadBalancerAttributes" => attributes::of_balancer(world, input),
        "ModifyLoadBalancerAttributes" => attributes::modify_balancer(world, input),
        "DescribeCapacityReservation" => balancers::capacity(world, input),
        "CreateListener" => write_listeners::create(world, input),
        "DescribeListeners" => listeners::describe(world, input),
        "ModifyListener" => write_listeners::modify(world, input),
        "DeleteListener" => write_listeners::delete(world, input),
        "DescribeListenerAttributes" => attributes::of_listener(world, input),
        "ModifyListenerAttributes" => attributes::modify_listener(world, input),
        "AddListenerCertificates" => certificates::add(world, input),
        "RemoveListenerCertificates" => certificates::remove(world, input),
        "DescribeListenerCertificates" => certificates::describe(world, input),
        "CreateRule" => write_rules::create(world, input),
        "DescribeRules" => rules::describe(world, input),
        "ModifyRule" => write_rules::modify(world, input),
        "DeleteRule" => write_rules::delete(world, input),
        "SetRulePriorities" => write_rules::set_priorities(world, input),
        "CreateTargetGroup" => write_groups::create(world, input),
        "DescribeTargetGroups" => groups::describe(world, input),
        "ModifyTargetGroup" => write_groups::modify(world, input),
        "DeleteTargetGroup" => write_groups::delete(world, input),
        "DescribeTargetGroupAttributes" => attributes::of_group(world, input),
        "ModifyTargetGroupAttributes" => attributes::modify_group(world, input),
        "DescribeTargetHealth" => targets::health(world, input),
        "RegisterTargets" => targets::register(world, input),
        "DeregisterTargets" => targets::deregister(world, input),
        "AddTags" => tags::add(world, input),
        "RemoveTags" => tags::remove(world, input),
        "DescribeTags" => tags::describe(world, input),
        "DescribeAccountLimits" => account::limits(input),
        "DescribeSSLPolicies" => account::ssl_policies(input),
        _ => Err(not_implemented(&format!("elbv2.{operation}"))),
    }
}

/// Reads an operation's input; an unknown field or a value of a wrong kind is a loud error.
fn read<T: DeserializeOwned>(input: &Value) -> Result<T, ApiError> {
    T::deserialize(input).map_err(|error| unread(&error))
}

/// Those of `all` that the request names; every name must be found.
fn named<'a, T>(
    all: &[&'a T],
    names: &[String],
    name_of: impl Fn(&T) -> &str,
    missing: fn() -> ApiError,
) -> Result<Vec<&'a T>, ApiError> {
    if names.is_empty() {
        return Ok(all.to_vec());
    }
    let found = |name: &String| all.iter().copied().find(|item| name_of(item) == name);
    names
        .iter()
        .map(|name| found(name).ok_or_else(missing))
        .collect()
}

/// `{NAME: [...], NextMarker}` of one page.
fn paged(
    name: &str,
    items: &[Value],
    size: Option<Whole>,
    marker: Option<&str>,
) -> Result<Value, ApiError> {
    let size = match size {
        Some(Whole(size)) => Some(
            usize::try_from(size)
                .ok()
                .filter(|size| (1..=400).contains(size))
                .ok_or_else(|| errors::invalid("PageSize must be between 1 and 400"))?,
        ),
        None => None,
    };
    let (items, next) = page(items, size, marker, 400)?;
    Ok(json!({ name: items, "NextMarker": next }))
}
