//! The lease as it lies in its cell: `{"format":1,"by":"…","write":3,"lease":{…}}`.

use backstay_domain::lease::Lease;
use backstay_domain::ports::PortFailure;
use serde::{Deserialize, Serialize};

use super::{LEASE, READ};
use crate::state::document;

const FORMAT: u32 = 1;

/// One write of the lease.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Written {
    format: u32,
    /// The random token of this holder: no two acquisitions have the same, even with the same fence.
    pub(super) by: String,
    /// Which of its writes: no two of them have the same bytes.
    write: u64,
    pub(super) lease: Lease,
}

impl Written {
    pub(super) fn new(by: &str, write: u64, lease: Lease) -> Self {
        Self {
            format: FORMAT,
            by: by.to_owned(),
            write,
            lease,
        }
    }

    pub(super) fn bytes(&self, operation: &str) -> Result<Vec<u8>, PortFailure> {
        document::write(operation, self)
    }
}

pub(super) fn parse(bytes: &[u8]) -> Result<Written, PortFailure> {
    document::read(READ, LEASE, FORMAT, bytes)
}
