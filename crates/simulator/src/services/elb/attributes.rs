//! The attributes of load balancers, listeners and target groups: their defaults, and which values they may have ([MODEL]).

mod network;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use network::{NETWORK_BALANCER, NETWORK_GROUP, TCP_LISTENER};

use super::{BalancerKind, Protocol};

/// What an attribute may be.
enum Kind {
    Flag,
    /// A whole number in this range.
    Number(u64, u64),
    /// The same, or 0.
    NumberOrZero(u64, u64),
    /// The same, or `off`.
    NumberOrOff(u64, u64),
    OneOf(&'static [&'static str]),
    Text,
    /// AWS allows one value only.
    Fixed,
}

type Row = (&'static str, &'static str, Kind);

const WEEK_SECONDS: u64 = 604_800;

/// Of every load balancer.
const ANY_BALANCER: [Row; 6] = [
    ("access_logs.s3.bucket", "", Kind::Text),
    ("access_logs.s3.enabled", "false", Kind::Flag),
    ("access_logs.s3.prefix", "", Kind::Text),
    ("deletion_protection.enabled", "false", Kind::Flag),
    ("ipv6.deny_all_igw_traffic", "false", Kind::Flag),
    ("zonal_shift.config.enabled", "false", Kind::Flag),
];

/// Of application load balancers only.
const BALANCER: [Row; 17] = [
    (
        "client_keep_alive.seconds",
        "3600",
        Kind::Number(60, WEEK_SECONDS),
    ),
    ("connection_logs.s3.bucket", "", Kind::Text),
    ("connection_logs.s3.enabled", "false", Kind::Flag),
    ("connection_logs.s3.prefix", "", Kind::Text),
    ("health_check_logs.s3.bucket", "", Kind::Text),
    ("health_check_logs.s3.enabled", "false", Kind::Flag),
    ("health_check_logs.s3.prefix", "", Kind::Text),
    ("idle_timeout.timeout_seconds", "60", Kind::Number(1, 4_000)),
    ("load_balancing.cross_zone.enabled", "true", Kind::Fixed),
    (
        "routing.http.desync_mitigation_mode",
        "defensive",
        Kind::OneOf(&["monitor", "defensive", "strictest"]),
    ),
    (
        "routing.http.drop_invalid_header_fields.enabled",
        "false",
        Kind::Flag,
    ),
    (
        "routing.http.preserve_host_header.enabled",
        "false",
        Kind::Flag,
    ),
    (
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
        "false",
        Kind::Flag,
    ),
    ("routing.http.xff_client_port.enabled", "false", Kind::Flag),
    (
        "routing.http.xff_header_processing.mode",
        "append",
        Kind::OneOf(&["append", "preserve", "remove"]),
    ),
    ("routing.http2.enabled", "true", Kind::Flag),
    ("waf.fail_open.enabled", "false", Kind::Flag),
];

/// Of every target group.
const ANY_GROUP: [Row; 7] = [
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
    ("stickiness.enabled", "false", Kind::Flag),
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
];

/// Of application load balancers only.
const GROUP: [Row; 7] = [
    (
        "load_balancing.algorithm.anomaly_mitigation",
        "off",
        Kind::OneOf(&["on", "off"]),
    ),
    (
        "load_balancing.algorithm.type",
        "round_robin",
        Kind::OneOf(&[
            "round_robin",
            "least_outstanding_requests",
            "weighted_random",
        ]),
    ),
    (
        "slow_start.duration_seconds",
        "0",
        Kind::NumberOrZero(30, 900),
    ),
    ("stickiness.app_cookie.cookie_name", "", Kind::Text),
    (
        "stickiness.app_cookie.duration_seconds",
        "86400",
        Kind::Number(1, WEEK_SECONDS),
    ),
    (
        "stickiness.lb_cookie.duration_seconds",
        "86400",
        Kind::Number(1, WEEK_SECONDS),
    ),
    (
        "stickiness.type",
        "lb_cookie",
        Kind::OneOf(&["lb_cookie", "app_cookie"]),
    ),
];

/// Of every listener of an application load balancer.
const LISTENER: [Row; 11] = [
    (
        "routing.http.response.access_control_allow_credentials.header_value",
        "",
        Kind::Text,
    ),
    (
        "routing.http.response.access_control_allow_headers.header_value",
        "",
        Kind::Text,
    ),
    (
        "routing.http.response.access_control_allow_methods.header_value",
        "",
        Kind::Text,
    ),
    (
        "routing.http.response.access_control_allow_origin.header_value",
        "",
        Kind::Text,
    ),
    (
        "routing.http.response.access_control_expose_headers.header_value",
        "",
        Kind::Text,
    ),
    (
        "routing.http.response.access_control_max_age.header_value",
        "",
        Kind::Text,
    ),
    (
        "routing.http.response.content_security_policy.header_value",
        "",
        Kind::Text,
    ),
    (
        "routing.http.response.strict_transport_security.header_value",
        "",
        Kind::Text,
    ),
    (
        "routing.http.response.x_content_type_options.header_value",
        "",
        Kind::Text,
    ),
    (
        "routing.http.response.x_frame_options.header_value",
        "",
        Kind::Text,
    ),
    ("routing.http.response.server.enabled", "true", Kind::Flag),
];

/// Only where TLS ends.
const HTTPS_LISTENER: [Row; 8] = [
    (
        "routing.http.request.x_amzn_mtls_clientcert.header_name",
        "",
        Kind::Text,
    ),
    (
        "routing.http.request.x_amzn_mtls_clientcert_issuer.header_name",
        "",
        Kind::Text,
    ),
    (
        "routing.http.request.x_amzn_mtls_clientcert_leaf.header_name",
        "",
        Kind::Text,
    ),
    (
        "routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name",
        "",
        Kind::Text,
    ),
    (
        "routing.http.request.x_amzn_mtls_clientcert_subject.header_name",
        "",
        Kind::Text,
    ),
    (
        "routing.http.request.x_amzn_mtls_clientcert_validity.header_name",
        "",
        Kind::Text,
    ),
    (
        "routing.http.request.x_amzn_tls_cipher_suite.header_name",
        "",
        Kind::Text,
    ),
    (
        "routing.http.request.x_amzn_tls_version.header_name",
        "",
        Kind::Text,
    ),
];

/// An attribute that is not there, or a value it cannot have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    Key,
    Value,
}

pub(super) fn of_balancer(kind: BalancerKind) -> BTreeMap<String, String> {
    defaults(balancer_rows(kind))
}

pub(super) fn of_group(kind: BalancerKind) -> BTreeMap<String, String> {
    defaults(group_rows(kind))
}

pub(super) fn of_listener(protocol: Protocol) -> BTreeMap<String, String> {
    defaults(listener_rows(protocol))
}

/// Whether an attribute of a load balancer may have this value.
pub(super) fn check_balancer(kind: BalancerKind, key: &str, value: &str) -> Result<(), Wrong> {
    check(balancer_rows(kind), key, value)
}

pub(super) fn check_group(kind: BalancerKind, key: &str, value: &str) -> Result<(), Wrong> {
    check(group_rows(kind), key, value)
}

pub(super) fn check_listener(protocol: Protocol, key: &str, value: &str) -> Result<(), Wrong> {
    check(listener_rows(protocol), key, value)
}

fn balancer_rows(kind: BalancerKind) -> [&'static [Row]; 2] {
    match kind {
        BalancerKind::Application => [&ANY_BALANCER, &BALANCER],
        BalancerKind::Network => [&ANY_BALANCER, &NETWORK_BALANCER],
    }
}

fn group_rows(kind: BalancerKind) -> [&'static [Row]; 2] {
    match kind {
        BalancerKind::Application => [&ANY_GROUP, &GROUP],
        BalancerKind::Network => [&ANY_GROUP, &NETWORK_GROUP],
    }
}

fn listener_rows(protocol: Protocol) -> [&'static [Row]; 2] {
    match protocol {
        Protocol::Http => [&LISTENER, &[]],
        Protocol::Https => [&LISTENER, &HTTPS_LISTENER],
        Protocol::Tcp => [&TCP_LISTENER, &[]],
        Protocol::Tls | Protocol::Udp | Protocol::TcpUdp => [&[], &[]],
    }
}

fn defaults(rows: [&'static [Row]; 2]) -> BTreeMap<String, String> {
    let rows = rows.into_iter().flatten();
    rows.map(|(key, usual, _)| ((*key).to_owned(), (*usual).to_owned()))
        .collect()
}

fn check(rows: [&'static [Row]; 2], key: &str, value: &str) -> Result<(), Wrong> {
    let (_, usual, kind) = rows
        .into_iter()
        .flatten()
        .find(|(known, ..)| *known == key)
        .ok_or(Wrong::Key)?;
    let number = |low: u64, high: u64| {
        let number = value.parse::<u64>().ok();
        number.is_some_and(|it| (low..=high).contains(&it))
    };
    let fits = match kind {
        Kind::Flag => ["true", "false"].contains(&value),
        Kind::Number(low, high) => number(*low, *high),
        Kind::NumberOrZero(low, high) => value == "0" || number(*low, *high),
        Kind::NumberOrOff(low, high) => value == "off" || number(*low, *high),
        Kind::OneOf(values) => values.contains(&value),
        Kind::Text => true,
        Kind::Fixed => value == *usual,
    };
    if fits { Ok(()) } else { Err(Wrong::Value) }
}
