//! The same of network load balancers ([MODEL]).

use super::{Kind, Row};

pub(super) const NETWORK_BALANCER: [Row; 9] = [
    ("access_logs.s3.bucket", "", Kind::Text),
    ("access_logs.s3.enabled", "false", Kind::Flag),
    ("access_logs.s3.prefix", "", Kind::Text),
    ("deletion_protection.enabled", "false", Kind::Flag),
    (
        "dns_record.client_routing_policy",
        "any_availability_zone",
        Kind::OneOf(&[
            "availability_zone_affinity",
            "partial_availability_zone_affinity",
            "any_availability_zone",
        ]),
    ),
    ("ipv6.deny_all_igw_traffic", "false", Kind::Flag),
    ("load_balancing.cross_zone.enabled", "false", Kind::Flag),
    (
        "secondary_ips.auto_assigned.per_subnet",
        "0",
        Kind::Number(0, 7),
    ),
    ("zonal_shift.config.enabled", "false", Kind::Flag),
];

pub(super) const NETWORK_GROUP: [Row; 13] = [
    (
        "deregistration_delay.connection_termination.enabled",
        "false",
        Kind::Flag,
    ),
    (
        "deregistration_delay.timeout_seconds",
        "300",
        Kind::Number(0, 3_600),
    ),
    (
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
        Kind::OneOf(&["true", "false", "use_load_balancer_configuration"]),
    ),
    // For targets by address that speak TCP or TLS; otherwise the client's is kept.
    ("preserve_client_ip.enabled", "false", Kind::Flag),
    ("proxy_protocol_v2.enabled", "false", Kind::Flag),
    ("stickiness.enabled", "false", Kind::Flag),
    ("stickiness.type", "source_ip", Kind::OneOf(&["source_ip"])),
    (
        "target_group_health.dns_failover.minimum_healthy_targets.count",
        "1",
        Kind::NumberOrOff(1, 1_000),
    ),
    (
        "target_group_health.dns_failover.minimum_healthy_targets.percentage",
        "off",
        Kind::NumberOrOff(1, 100),
    ),
    (
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
        "1",
        Kind::Number(1, 1_000),
    ),
    (
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
        "off",
        Kind::NumberOrOff(1, 100),
    ),
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
