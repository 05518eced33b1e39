//! What the API changes of targets, which is a matter of their tasks as well: left here until the world carries it, one after
//! the other.

use super::GroupName;
use crate::base::agenda::TaskSerial;

/// What is to become of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// An address has been registered by hand.
    Registered {
        group: GroupName,
        ip: String,
        port: u16,
    },
    /// It leaves.
    Deregistered {
        group: GroupName,
        target: u64,
        task: Option<TaskSerial>,
    },
    /// Its group came into use, or is used no more: its checks begin again.
    Restarted {
        group: GroupName,
        target: u64,
        task: Option<TaskSerial>,
    },
    /// How it is checked has changed.
    Rechecked { group: GroupName, target: u64 },
}
