//! An AWS that keeps AWS's rules: a discrete-event world in virtual time, and the doors real clients use.
//!
//! Must not be here: anything of Backstay's domain or adapters. Both sides would share one misunderstanding.

mod agenda;
mod api;
mod blueprint;
mod by_hand;
mod cloud;
mod cloudfront;
mod cloudwatch;
mod codedeploy;
mod containers;
mod data_plane;
mod ecr;
mod ecs;
mod elb;
mod elsewhere;
mod events;
mod fault;
mod faults;
mod floor;
mod logs;
mod picture;
mod provision;
mod push;
mod random;
mod rds;
mod runtime;
mod s3;
mod saved;
mod secretsmanager;
pub mod server;
mod sns;
mod ssm;
mod sts;
mod throttle;
mod time;
mod timings;
mod versioned;
mod weather;
mod wildcard;
mod wire;
mod world;

pub use api::ApiError;
pub use blueprint::{
    Blueprint, BucketBlueprint, ClusterState, DatabaseBlueprint, DistributionBlueprint,
    ImageBlueprint, LoadBalancerBlueprint, ObjectBlueprint, RepositoryBlueprint, RuleBlueprint,
    ServiceBlueprint, ServiceHistory, ServiceTargetGroup, TargetGroupBlueprint,
};
pub use by_hand::StoredObject;
pub use cloud::Cloud;
pub use cloudwatch::AlarmState;
pub use data_plane::{FetchError, WebReply, WebRequest};
pub use ecr::{FindingSeverity, ImageFinding, ImageScan, ScanStatus, image_digest};
pub use ecs::LifecycleStage;
pub use fault::{
    CallFault, CallerFault, Fault, FunctionAnswer, HookAnswer, ServiceFault, TaskFault, Trigger,
    WorldEvent,
};
pub use floor::HealthFloor;
pub use picture::{Picture, ServiceMessage, ServicePicture, Started, TaskPicture};
pub use provision::ProvisionError;
pub use saved::SavedWorldError;
pub use time::{Millis, SimulatedTime};
pub use weather::Weather;
pub use wire::is_served;
pub use world::World;
