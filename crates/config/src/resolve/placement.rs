//! Where a task that runs to its end is placed.

use backstay_domain::app::{Capacity, TaskNetwork};

use super::Notes;
use crate::template::Scope;
use crate::written;

pub(super) fn placement(
    written: &written::Placement,
    scope: &Scope,
    notes: &mut Notes<'_>,
) -> Option<(TaskNetwork, Capacity)> {
    let subnets = notes.fill_all(&written.subnets, scope);
    let security_groups = notes.fill_all(&written.security_groups, scope);
    let capacity = match (&written.capacity_provider, written.launch_type) {
        (Some(provider), _) => notes.fill(provider, scope).map(Capacity::Provider),
        (None, Some(kind)) => Some(Capacity::Kind(kind.to_owned())),
        (None, None) => Some(Capacity::AsDefined),
    };
    let network = TaskNetwork {
        subnets: subnets?,
        security_groups: security_groups?,
        public_address: written.public_address,
    };
    Some((network, capacity?))
}
