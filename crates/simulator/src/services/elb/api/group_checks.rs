//! Which target groups actions may name.

use std::collections::BTreeSet;

use super::errors::invalid;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::elb::Elb;
use crate::services::elb::{Action, BalancerKind, Listener, Protocol};

/// Target groups per load balancer, over all its listeners [DOC].
const MOST: usize = 100;

/// Whoever carries connections can only hand them on, and remembers nobody.
fn connections_only(actions: &[Action]) -> Result<(), ApiError> {
    for action in actions {
        let Action::Forward(forward) = action else {
            return Err(ApiError::client(
                "InvalidLoadBalancerAction",
                "Only actions of type 'forward' are supported for load balancers of type 'network'",
            ));
        };
        if forward.is_sticky() {
            return Err(invalid(
                "You cannot specify target group stickiness on load balancers of type 'network'",
            ));
        }
    }
    Ok(())
}

/// A group belongs to one load balancer only [DOC], speaks what the listener can hand on [MODEL] [OBS], and a load balancer has not
/// too many.
pub(super) fn check_groups(
    here: &Here<'_, Elb>,
    balancer_arn: &str,
    protocol: Protocol,
    actions: &[Action],
) -> Result<(), ApiError> {
    if protocol.kind() == BalancerKind::Network {
        connections_only(actions)?;
    }
    let wanted: BTreeSet<&str> = actions
        .iter()
        .flat_map(Action::groups)
        .map(|it| &*it.group)
        .collect();
    for group in &wanted {
        let speaks = here.own.groups.get(*group);
        if let Some(group) = speaks.filter(|group| !protocol.leads_to(group.protocol)) {
            return Err(ApiError::client(
                "IncompatibleProtocols",
                format!(
                    "The listener and its associated target group '{}' have incompatible protocols",
                    group.arn
                ),
            ));
        }
        let elsewhere = here
            .own
            .balancers_of(group)
            .any(|it| it.arn != balancer_arn);
        if elsewhere {
            let arn = here
                .own
                .groups
                .get(*group)
                .map_or("", |group| group.arn.as_str());
            return Err(ApiError::client(
                "TargetGroupAssociationLimit",
                format!(
                    "The following target groups cannot be associated with more than one load balancer: {arn}"
                ),
            ));
        }
    }
    let own = here.own.balancer_by_arn(balancer_arn);
    let own = own
        .iter()
        .flat_map(|it| &it.listeners)
        .flat_map(Listener::actions);
    let mut all: BTreeSet<&str> = own.flat_map(Action::groups).map(|it| &*it.group).collect();
    all.extend(wanted);
    if all.len() > MOST {
        return Err(ApiError::client(
            "TooManyUniqueTargetGroupsPerLoadBalancer",
            format!(
                "The maximum number of target groups '{MOST}' per load balancer has been reached"
            ),
        ));
    }
    Ok(())
}
