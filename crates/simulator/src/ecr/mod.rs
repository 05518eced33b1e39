//! ECR: repositories, tags, digests. S2 fills this.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ecr {}
