//! ELBv2 state: load balancers, listeners, rules, target groups, targets and their health in time. `api` answers requests.

mod action;
pub(crate) mod api;
mod attributes;
mod balancer;
mod change;
mod choose;
mod condition;
mod group;
mod health;
mod listener;
mod observed;
mod provision;
mod reach;
mod redirect;
mod register;
mod route;
mod target;
#[cfg(test)]
mod tests;
mod weights;

pub(crate) use action::{Action, FixedResponse, Forward, GroupStickiness, WeightedGroup};
pub(crate) use balancer::{Address, BalancerKind, LoadBalancer, Scheme};
pub(crate) use change::Change;
pub(crate) use condition::{Condition, QueryPair, fits, parse_range};
pub(crate) use group::{Elb, TargetGroup, TargetType};
pub(crate) use listener::{Listener, Protocol, Rule};
pub(crate) use observed::{DueChecks, HealthCheck, Seen};
pub(crate) use reach::{ClientPort, Entrance, GroupName, Manner, Reach};
pub(crate) use redirect::Redirect;
pub(crate) use register::Arrival;
pub(crate) use route::{Backend, Routed};
pub(crate) use target::{Answers, Target, TargetHealth, TargetState};

/// What a listener gets unless it says otherwise ([MODEL]).
const DEFAULT_SSL_POLICY: &str = "ELBSecurityPolicy-2016-08";
