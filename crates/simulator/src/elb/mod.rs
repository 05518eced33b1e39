//! ELBv2 state: target groups, targets and their health in time, listener rules. `wire.rs` answers the API.

mod action;
mod balancer;
mod group;
mod health;
mod provision;
mod route;
#[cfg(test)]
mod tests;
mod weights;
pub(crate) mod wire;

pub(crate) use action::{Action, Forward, GroupStickiness, WeightedGroup};
pub(crate) use balancer::{Condition, Listener, ListenerProtocol, LoadBalancer, Rule};
pub(crate) use group::{Answers, Elb, TargetGroup, TargetHealth, TargetState};
pub(crate) use health::turned;
pub(crate) use route::{Backend, Routed};
