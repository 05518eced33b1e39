//! An AWS that keeps AWS's rules: a discrete-event world in virtual time, and the doors real clients use.
//!
//! Must not be here: anything of Backstay's domain or adapters. Both sides would share one misunderstanding.

mod base;
mod cloud;
mod front;
pub mod server;
mod services;
mod wire;
mod world;

pub use base::error::ApiError;
pub use base::time::{Millis, SimulatedTime};
pub use base::weather::Weather;
pub use cloud::Cloud;
pub use front::{is_read, is_served};
pub use services::cloudwatch::AlarmState;
pub use services::ecr::{
    FindingSeverity, ImageFinding, ImageScan, ScanStatus, image_digest, registry_host,
};
pub use services::ecs::LifecycleStage;
pub use world::World;
pub use world::active_faults::FaultId;
pub use world::blueprint::{
    AnswerBlueprint, AppBlueprint, Blueprint, BucketBlueprint, ClusterState, CodeDeployBlueprint,
    DatabaseBlueprint, DistributionBlueprint, GroupProtocol, ImageBlueprint, LoadBalancerBlueprint,
    MigrationTool, NetworkLoadBalancerBlueprint, ObjectBlueprint, PauseAction, PauseAnswer,
    RepositoryBlueprint, RuleBlueprint, ScheduleBlueprint, ServiceBlueprint, ServiceHistory,
    ServiceTargetGroup, TargetGroupBlueprint, TcpListenerBlueprint, TrafficBlueprint,
    TriggerBlueprint,
};
pub use world::by_hand::StoredObject;
pub use world::data_plane::{FetchError, WebReply, WebRequest};
pub use world::fault::{
    CallFault, CallerFault, Fault, FunctionAnswer, HookAnswer, ServiceFault, TaskFault, Trigger,
    WorldEvent,
};
pub use world::floor::HealthFloor;
pub use world::picture::{
    Picture, SchedulePicture, ServiceMessage, ServicePicture, Started, TaskPicture,
};
pub use world::provision::ProvisionError;
pub use world::saved::SavedWorldError;
pub use world::utilization::{Load, Utilization};
