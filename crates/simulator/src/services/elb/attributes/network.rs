//! The same of network load balancers ([MODEL]).

use super::{Kind, Row};

pub(super) const NETWORK_BALANCER: [Row; 3] = [
    (
        "dns_record.client_routing_policy",
        "any_availability_zone",
        Kind::OneOf(&[
            "availability_zone_affinity",
            "partial_availability_zone_affinity",
            "any_availability_zone",
        ]),
    ),
    ("load_balancing.cross_zone.enabled", "false", Kind::Flag),
    (
        "secondary_ips.auto_assigned.per_subnet",
        "0",
        Kind::Number(0, 7),
    ),
];

pub(super) const NETWORK_GROUP: [Row; 6] = [
    (
        "deregistration_delay.connection_termination.enabled",
        "false",
        Kind::Flag,
    ),
    // For targets by address that speak TCP or TLS; otherwise the client's is kept.
    ("preserve_client_ip.enabled", "false", Kind::Flag),
    ("proxy_protocol_v2.enabled", "false", Kind::Flag),
    ("stickiness.type", "source_ip", Kind::OneOf(&["source_ip"])),
    (
        "target_health_state.unhealthy.connection_termination.enabled",
        "true",
        Kind::Flag,
    ),
    (
        "target_health_state.unhealthy.draining_interval_seconds",
        "0",
        Kind::Number(0, 360_000),
    ),
];

/// Of listeners that speak TCP.
pub(super) const TCP_LISTENER: [Row; 1] =
    [("tcp.idle_timeout.seconds", "350", Kind::Number(60, 6_000))];
