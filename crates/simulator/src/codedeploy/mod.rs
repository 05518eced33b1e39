//! CodeDeploy: blue/green deployments of ECS services by task sets (ecs-semantics E).

mod api;
mod state;

pub(crate) use api::call;
pub(crate) use state::CodeDeploy;
