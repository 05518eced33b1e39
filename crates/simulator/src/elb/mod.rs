//! ELBv2 state: target groups, targets and their health in time. S1 fills this.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Elb {}
