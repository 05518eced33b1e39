//! The settings of a target group as CreateTargetGroup and ModifyTargetGroup give them.

use serde::Deserialize;

use super::errors::invalid;
use super::tags::TagInput;
use crate::ApiError;
use crate::base::not_implemented;
use crate::services::elb::{BalancerKind, Protocol, TargetGroup, TargetType};
use crate::wire::{Flag, Whole};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GroupInput {
    pub(super) target_group_arn: Option<String>,
    pub(super) name: Option<String>,
    protocol: Option<String>,
    protocol_version: Option<String>,
    port: Option<Whole>,
    vpc_id: Option<String>,
    target_type: Option<String>,
    ip_address_type: Option<String>,
    #[serde(default)]
    pub(super) tags: Vec<TagInput>,
    health_check_protocol: Option<String>,
    health_check_port: Option<String>,
    health_check_enabled: Option<Flag>,
    health_check_path: Option<String>,
    health_check_interval_seconds: Option<Whole>,
    health_check_timeout_seconds: Option<Whole>,
    healthy_threshold_count: Option<Whole>,
    unhealthy_threshold_count: Option<Whole>,
    matcher: Option<MatcherInput>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct MatcherInput {
    http_code: Option<String>,
    grpc_code: Option<String>,
}

impl GroupInput {
    /// What cannot be changed later.
    pub(super) fn found(&self, group: &mut TargetGroup) -> Result<(), ApiError> {
        group.target_type = match self.target_type.as_deref() {
            None | Some("instance") => TargetType::Instance,
            Some("ip") => TargetType::Ip,
            Some(other) => return Err(not_implemented(&format!("elbv2 target type {other}"))),
        };
        if self
            .ip_address_type
            .as_deref()
            .is_some_and(|it| it != "ipv4")
        {
            return Err(not_implemented("elbv2 target groups with IPv6"));
        }
        let text = self.protocol.as_deref();
        group.protocol = protocol(text.ok_or_else(|| invalid("A protocol must be specified"))?)?;
        let Whole(port) = self
            .port
            .ok_or_else(|| invalid("A port must be specified"))?;
        let port = u16::try_from(port).ok().filter(|port| *port > 0);
        group.port =
            port.ok_or_else(|| invalid("Target group port must be between 1 and 65535"))?;
        let vpc = self.vpc_id.clone();
        group.vpc = vpc.ok_or_else(|| invalid("A VPC ID must be specified"))?;
        if group.protocol == Protocol::Https {
            group.timeout_seconds = 10;
        }
        if group.kind() == BalancerKind::Network {
            return self.found_for_network(group);
        }
        let version = self.protocol_version.as_deref().unwrap_or("HTTP1");
        if !["HTTP1", "HTTP2", "GRPC"].contains(&version) {
            return Err(invalid(format!(
                "Protocol version '{version}' is not valid"
            )));
        }
        if version == "GRPC" {
            "12".clone_into(&mut group.matcher);
            "/AWS.ALB/healthcheck".clone_into(&mut group.health_check_path);
        }
        version.clone_into(&mut group.protocol_version);
        Ok(())
    }

    /// Defaults of groups that carry connections: checks are connections, an HTTP check accepts 200 to 399 (Network Load Balancer guide,
    /// health checks [DOC]), and there is no protocol version.
    fn found_for_network(&self, group: &mut TargetGroup) -> Result<(), ApiError> {
        if let Some(version) = &self.protocol_version {
            return Err(invalid(format!(
                "Protocol version '{version}' is not supported for target groups with protocol '{}'",
                group.protocol.name()
            )));
        }
        *group = TargetGroup {
            protocol: group.protocol,
            ..group.clone().for_connections()
        };
        if self.health_check_protocol.as_deref() == Some("HTTP") {
            group.timeout_seconds = 6;
        }
        let keeps = matches!(group.protocol, Protocol::Udp | Protocol::TcpUdp)
            || group.target_type == TargetType::Instance;
        group
            .attributes
            .insert("preserve_client_ip.enabled".to_owned(), keeps.to_string());
        Ok(())
    }

    /// What checks speak: TCP only for groups that carry connections [MODEL].
    fn check_protocol(&self, group: &mut TargetGroup) -> Result<(), ApiError> {
        let Some(text) = &self.health_check_protocol else {
            return Ok(());
        };
        let found = protocol(text)?;
        let fits = match found {
            Protocol::Http | Protocol::Https => true,
            Protocol::Tcp => group.kind() == BalancerKind::Network,
            Protocol::Tls | Protocol::Udp | Protocol::TcpUdp => false,
        };
        if !fits {
            return Err(invalid(format!(
                "Health check protocol '{text}' is not supported for target groups with protocol '{}'",
                group.protocol.name()
            )));
        }
        group.check_protocol = found;
        Ok(())
    }

    /// Path and matcher belong to checks that speak HTTP.
    fn http_only(&self, group: &TargetGroup) -> Result<(), ApiError> {
        if !group.checks_connections() {
            return Ok(());
        }
        let what = match (&self.health_check_path, &self.matcher) {
            (Some(_), _) => "Health check path",
            (None, Some(_)) => "Health check matcher",
            (None, None) => return Ok(()),
        };
        Err(invalid(format!(
            "{what} is not supported for health checks with protocol 'TCP'"
        )))
    }

    /// The health check: defaults and ranges are D's [MODEL].
    pub(super) fn check(&self, group: &mut TargetGroup) -> Result<(), ApiError> {
        if let Some(Flag(false)) = self.health_check_enabled {
            return Err(invalid(
                "Health check enabled must be true for target groups with target type 'ip' or 'instance'",
            ));
        }
        self.check_protocol(group)?;
        self.http_only(group)?;
        if let Some(port) = &self.health_check_port {
            if port != "traffic-port" && !port.parse::<u16>().is_ok_and(|port| port > 0) {
                return Err(invalid(format!(
                    "Health check port '{port}' must be 'traffic-port' or between 1 and 65535"
                )));
            }
            group.check_port.clone_from(port);
        }
        if let Some(path) = &self.health_check_path {
            if !path.starts_with('/') || path.len() > 1_024 {
                return Err(invalid(format!(
                    "Health check path '{path}' must begin with '/'"
                )));
            }
            group.health_check_path.clone_from(path);
        }
        let interval = ("HealthCheckIntervalSeconds", 5, 300);
        set(
            &mut group.interval_seconds,
            self.health_check_interval_seconds,
            interval,
        )?;
        let timeout = ("HealthCheckTimeoutSeconds", 2, 120);
        set(
            &mut group.timeout_seconds,
            self.health_check_timeout_seconds,
            timeout,
        )?;
        let healthy = ("HealthyThresholdCount", 2, 10);
        set(
            &mut group.healthy_threshold,
            self.healthy_threshold_count,
            healthy,
        )?;
        let unhealthy = ("UnhealthyThresholdCount", 2, 10);
        set(
            &mut group.unhealthy_threshold,
            self.unhealthy_threshold_count,
            unhealthy,
        )?;
        // A network balancer's may be as long as the interval; the words moto's `elbv2` [CODE].
        let (is_long, words) = match group.protocol.kind() {
            BalancerKind::Application => {
                let is_long = group.timeout_seconds >= group.interval_seconds;
                (is_long, "smaller than")
            }
            BalancerKind::Network => {
                let is_long = group.timeout_seconds > group.interval_seconds;
                (is_long, "smaller than or equal to")
            }
        };
        if is_long {
            return Err(invalid(format!(
                "Health check timeout '{}' must be {words} the interval '{}'",
                group.timeout_seconds, group.interval_seconds
            )));
        }
        if let Some(matcher) = &self.matcher {
            group.matcher = matched(matcher, group.protocol_version == "GRPC")?;
        }
        Ok(())
    }
}

fn protocol(text: &str) -> Result<Protocol, ApiError> {
    Protocol::named(text)
        .ok_or_else(|| not_implemented(&format!("elbv2 target groups that speak {text}")))
}

fn set<T: TryFrom<i64>>(
    place: &mut T,
    given: Option<Whole>,
    (name, low, high): (&str, i64, i64),
) -> Result<(), ApiError> {
    let Some(Whole(given)) = given else {
        return Ok(());
    };
    let valid = (low..=high)
        .contains(&given)
        .then(|| T::try_from(given).ok())
        .flatten();
    *place = valid.ok_or_else(|| {
        invalid(format!(
            "1 validation error detected: Value '{given}' at '{name}' failed to satisfy constraint: Member must have value between \
             {low} and {high}"
        ))
    })?;
    Ok(())
}

/// `200`, `200,202`, `200-299`: within 200-499, or 0-99 for gRPC [MODEL].
fn matched(input: &MatcherInput, is_grpc: bool) -> Result<String, ApiError> {
    let given = if is_grpc {
        &input.grpc_code
    } else {
        &input.http_code
    };
    let (low, high) = if is_grpc { (0, 99) } else { (200, 499) };
    let codes = given.clone().unwrap_or_default();
    let within = |code: &str| {
        code.parse::<u16>()
            .is_ok_and(|code| (low..=high).contains(&code))
    };
    let fits = |part: &str| match part.split_once('-') {
        Some((first, last)) => within(first) && within(last) && first <= last,
        None => within(part),
    };
    if codes.split(',').all(fits) {
        return Ok(codes);
    }
    Err(invalid(format!(
        "Health check matcher '{codes}' must be within '{low}-{high}'"
    )))
}
