//! ECS: task definitions, services, deployments, tasks. S1 fills this.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ecs {}
