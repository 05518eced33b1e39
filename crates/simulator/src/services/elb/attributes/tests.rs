//! Which values attributes may have.

use super::*;

#[test]
fn values() {
    for (found, expected) in [
        (
            check_group(
                BalancerKind::Application,
                "slow_start.duration_seconds",
                "0",
            ),
            Ok(()),
        ),
        (
            check_group(
                BalancerKind::Application,
                "slow_start.duration_seconds",
                "29",
            ),
            Err(Wrong::Value),
        ),
        (
            check_group(
                BalancerKind::Application,
                "slow_start.duration_seconds",
                "900",
            ),
            Ok(()),
        ),
        (
            check_group(BalancerKind::Application, "stickiness.type", "source_ip"),
            Err(Wrong::Value),
        ),
        (
            check_group(
                BalancerKind::Application,
                "idle_timeout.timeout_seconds",
                "1",
            ),
            Err(Wrong::Key),
        ),
        (
            check_balancer(
                BalancerKind::Application,
                "idle_timeout.timeout_seconds",
                "4000",
            ),
            Ok(()),
        ),
        (
            check_balancer(
                BalancerKind::Application,
                "load_balancing.cross_zone.enabled",
                "false",
            ),
            Err(Wrong::Value),
        ),
        (
            check_balancer(
                BalancerKind::Application,
                "deletion_protection.enabled",
                "yes",
            ),
            Err(Wrong::Value),
        ),
        (
            check_group(BalancerKind::Network, "stickiness.type", "source_ip"),
            Ok(()),
        ),
        (
            check_balancer(
                BalancerKind::Network,
                "load_balancing.cross_zone.enabled",
                "true",
            ),
            Ok(()),
        ),
        (
            check_balancer(BalancerKind::Network, "idle_timeout.timeout_seconds", "60"),
            Err(Wrong::Key),
        ),
        (
            check_listener(Protocol::Tcp, "tcp.idle_timeout.seconds", "59"),
            Err(Wrong::Value),
        ),
        (
            check_listener(Protocol::Tls, "tcp.idle_timeout.seconds", "350"),
            Err(Wrong::Key),
        ),
        (
            check_listener(
                Protocol::Http,
                "routing.http.request.x_amzn_tls_version.header_name",
                "v",
            ),
            Err(Wrong::Key),
        ),
        (
            check_listener(
                Protocol::Https,
                "routing.http.request.x_amzn_tls_version.header_name",
                "v",
            ),
            Ok(()),
        ),
    ] {
        assert_eq!(found, expected);
    }
}
