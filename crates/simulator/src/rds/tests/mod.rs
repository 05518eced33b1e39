//! Instances and snapshots in virtual time, through the wire.
