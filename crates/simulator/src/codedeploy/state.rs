//! What the account has of it.

use serde::{Deserialize, Serialize};

/// CodeDeploy: blue/green deployments of ECS services by task sets (ecs-semantics E).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct CodeDeploy {}
