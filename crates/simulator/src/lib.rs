//! An AWS that keeps AWS's rules: a discrete-event world in virtual time, and the doors real clients use.
//!
//! Must not be here: anything of Backstay's domain or adapters. Both sides would share one misunderstanding.

mod api;
mod blueprint;
mod cloudfront;
mod ecr;
mod ecs;
mod elb;
mod fault;
mod faults;
mod logs;
mod random;
mod s3;
mod throttle;
mod time;
mod weather;
mod wire;
mod world;

pub use api::ApiError;
pub use blueprint::{
    Blueprint, BucketBlueprint, ClusterState, DatabaseBlueprint, DistributionBlueprint, ImageBlueprint,
    LoadBalancerBlueprint, ObjectBlueprint, RepositoryBlueprint, RuleBlueprint, ServiceBlueprint, ServiceHistory,
    ServiceTargetGroup, TargetGroupBlueprint,
};
pub use fault::{CallFault, Fault, ServiceFault, TaskFault, Trigger, WorldEvent};
pub use time::{Millis, SimulatedTime};
pub use weather::Weather;
pub use world::World;
