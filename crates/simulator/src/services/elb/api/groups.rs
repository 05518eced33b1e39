//! Target groups, read.

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::{no_balancer, no_groups};
use super::{named, paged, read};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::elb::Elb;
use crate::services::elb::{BalancerKind, TargetGroup};
use crate::wire::Whole;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Describe {
    load_balancer_arn: Option<String>,
    #[serde(default)]
    target_group_arns: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
    marker: Option<String>,
    page_size: Option<Whole>,
}

/// By names, ARNs or load balancer.
pub(super) fn describe(here: &Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Describe = read(input)?;
    let all: Vec<&TargetGroup> = here.own.groups.values().collect();
    let chosen = named(&all, &input.names, |it| &it.name, no_groups)?;
    let mut chosen = named(&chosen, &input.target_group_arns, |it| &it.arn, no_groups)?;
    if let Some(arn) = &input.load_balancer_arn {
        here.own
            .balancer_by_arn(arn)
            .ok_or_else(|| no_balancer(arn))?;
        chosen.retain(|group| here.own.balancers_of(&group.name).any(|it| it.arn == *arn));
    }
    let told: Vec<Value> = chosen.iter().map(|it| group_json(here, it)).collect();
    paged(
        "TargetGroups",
        &told,
        input.page_size,
        input.marker.as_deref(),
    )
}

pub(super) fn group_json(here: &Here<'_, Elb>, group: &TargetGroup) -> Value {
    let balancers = here.own.balancers_of(&group.name);
    let balancers: Vec<&str> = balancers.map(|it| it.arn.as_str()).collect();
    json!({
        "TargetGroupArn": group.arn,
        "TargetGroupName": group.name,
        "Protocol": group.protocol,
        "Port": group.port,
        "VpcId": group.vpc,
        "HealthCheckProtocol": group.check_protocol,
        "HealthCheckPort": group.check_port,
        "HealthCheckEnabled": true,
        "HealthCheckIntervalSeconds": group.interval_seconds,
        "HealthCheckTimeoutSeconds": group.timeout_seconds,
        "HealthyThresholdCount": group.healthy_threshold,
        "UnhealthyThresholdCount": group.unhealthy_threshold,
        "HealthCheckPath": (!group.checks_connections()).then_some(&group.health_check_path),
        "Matcher": matcher(group),
        "LoadBalancerArns": balancers,
        "TargetType": group.target_type,
        "ProtocolVersion": (group.kind() == BalancerKind::Application).then_some(&group.protocol_version),
        "IpAddressType": "ipv4",
    })
}

fn matcher(group: &TargetGroup) -> Value {
    if group.checks_connections() {
        return Value::Null;
    }
    if group.protocol_version == "GRPC" {
        return json!({ "GrpcCode": group.matcher });
    }
    json!({ "HttpCode": group.matcher })
}
