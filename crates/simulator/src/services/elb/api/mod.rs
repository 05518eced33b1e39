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

use crate::ApiError;
use crate::base::here::Here;
use crate::base::{not_implemented, unread};
use crate::services::elb::Elb;
use crate::wire::{Whole, page};

/// Serves one ELBv2 operation.
pub(crate) fn call(
    here: &mut Here<'_, Elb>,
    operation: &str,
    input: &Value,
) -> Result<Value, ApiError> {
    match operation {
        "CreateLoadBalancer" => create_balancer::create(here, input),
        "DescribeLoadBalancers" => balancers::describe(here, input),
        "DeleteLoadBalancer" => write_balancers::delete(here, input),
        "SetSecurityGroups" => write_balancers::set_security_groups(here, input),
        "SetSubnets" => write_balancers::set_subnets(here, input),
        "SetIpAddressType" => write_balancers::set_address_type(here, input),
        "DescribeLoadBalancerAttributes" => attributes::of_balancer(here, input),
        "ModifyLoadBalancerAttributes" => attributes::modify_balancer(here, input),
        "DescribeCapacityReservation" => balancers::capacity(here, input),
        "CreateListener" => write_listeners::create(here, input),
        "DescribeListeners" => listeners::describe(here, input),
        "ModifyListener" => write_listeners::modify(here, input),
        "DeleteListener" => write_listeners::delete(here, input),
        "DescribeListenerAttributes" => attributes::of_listener(here, input),
        "ModifyListenerAttributes" => attributes::modify_listener(here, input),
        "AddListenerCertificates" => certificates::add(here, input),
        "RemoveListenerCertificates" => certificates::remove(here, input),
        "DescribeListenerCertificates" => certificates::describe(here, input),
        "CreateRule" => write_rules::create(here, input),
        "DescribeRules" => rules::describe(here, input),
        "ModifyRule" => write_rules::modify(here, input),
        "DeleteRule" => write_rules::delete(here, input),
        "SetRulePriorities" => write_rules::set_priorities(here, input),
        "CreateTargetGroup" => write_groups::create(here, input),
        "DescribeTargetGroups" => groups::describe(here, input),
        "ModifyTargetGroup" => write_groups::modify(here, input),
        "DeleteTargetGroup" => write_groups::delete(here, input),
        "DescribeTargetGroupAttributes" => attributes::of_group(here, input),
        "ModifyTargetGroupAttributes" => attributes::modify_group(here, input),
        "DescribeTargetHealth" => targets::health(here, input),
        "RegisterTargets" => targets::register(here, input),
        "DeregisterTargets" => targets::deregister(here, input),
        "AddTags" => tags::add(here, input),
        "RemoveTags" => tags::remove(here, input),
        "DescribeTags" => tags::describe(here, input),
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
