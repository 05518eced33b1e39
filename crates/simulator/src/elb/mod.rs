//! ELBv2 state: target groups, targets and their health in time, listener rules. `wire.rs` answers the API.

mod group;
mod health;
mod provision;
mod route;
pub(crate) mod wire;

pub(crate) use group::{
    Answers, Elb, LoadBalancer, Rule, RuleAction, TargetGroup, TargetHealth, TargetState,
};
pub(crate) use health::turned;
pub(crate) use route::{Backend, Routed};
