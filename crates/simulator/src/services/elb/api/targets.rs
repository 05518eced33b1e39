//! Targets: their health, and registering them by hand.

use std::net::Ipv4Addr;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::{invalid, no_group};
use super::read;
use crate::ApiError;
use crate::base::here::Here;
use crate::services::elb::Elb;
use crate::services::elb::{Change, TargetGroup, TargetHealth, TargetType};
use crate::wire::Whole;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Input {
    target_group_arn: String,
    #[serde(default)]
    targets: Vec<TargetInput>,
    #[serde(default)]
    include: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TargetInput {
    id: String,
    port: Option<Whole>,
    availability_zone: Option<String>,
}

/// Per target group [DOC].
const MOST: usize = 1_000;

/// All targets, or the ones asked for: a target that is not registered is `unused`, Target.NotRegistered [MODEL].
pub(super) fn health(here: &Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let group = group(here, &input)?;
    if input
        .include
        .iter()
        .any(|it| !["AnomalyDetection", "All"].contains(&it.as_str()))
    {
        return Err(invalid("Include must be one of 'AnomalyDetection, All'"));
    }
    if input.targets.is_empty() {
        let all = group.targets.iter();
        let all = all.map(|it| description(group, &it.ip, it.port, &it.state.health()));
        return Ok(json!({ "TargetHealthDescriptions": all.collect::<Vec<_>>() }));
    }
    let mut told = Vec::new();
    for wanted in &input.targets {
        let port = port(wanted)?;
        let fits = |it: &&crate::services::elb::Target| {
            it.ip == wanted.id && port.is_none_or(|port| it.port == port)
        };
        let mut found = group.targets.iter().filter(fits).peekable();
        if found.peek().is_none() {
            let unused = TargetHealth::not_registered();
            told.push(description(
                group,
                &wanted.id,
                port.unwrap_or(group.port),
                &unused,
            ));
        }
        told.extend(found.map(|it| description(group, &it.ip, it.port, &it.state.health())));
    }
    Ok(json!({ "TargetHealthDescriptions": told }))
}

fn description(group: &TargetGroup, id: &str, port: u16, health: &TargetHealth) -> Value {
    let check_port = match group.check_port.as_str() {
        "traffic-port" => port.to_string(),
        own => own.to_owned(),
    };
    json!({
        "Target": { "Id": id, "Port": port },
        "HealthCheckPort": check_port,
        "TargetHealth": {
            "State": health.state,
            "Reason": health.reason,
            "Description": health.description,
        },
    })
}

/// All of them or none; what is registered already stays as it is.
pub(super) fn register(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let group = group(here, &input)?;
    let mut wanted: Vec<(&str, u16)> = Vec::with_capacity(input.targets.len());
    for target in &input.targets {
        check_id(group, &target.id)?;
        wanted.push((&target.id, port(target)?.unwrap_or(group.port)));
    }
    if wanted.is_empty() {
        return Err(invalid("At least one target must be specified"));
    }
    let is_known = |(id, port): &&(&str, u16)| {
        group
            .targets
            .iter()
            .any(|it| it.ip == *id && it.port == *port)
    };
    let new = wanted.iter().filter(|it| !is_known(it)).count();
    if group.targets.len() + new > MOST {
        return Err(ApiError::client(
            "TooManyTargets",
            format!("The maximum number of targets '{MOST}' per target group has been reached"),
        ));
    }
    let name = Arc::clone(&group.name);
    for (id, port) in wanted {
        here.own.outbox.push(Change::Registered {
            group: Arc::clone(&name),
            ip: id.to_owned(),
            port,
        });
    }
    Ok(json!({}))
}

/// Without a port all of an address; what is not registered is no error [MODEL].
pub(super) fn deregister(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let group = group(here, &input)?;
    let name = Arc::clone(&group.name);
    let mut leaving = Vec::new();
    for target in &input.targets {
        let port = port(target)?;
        let own = group.targets.iter();
        let own = own.filter(|it| it.ip == target.id && port.is_none_or(|port| it.port == port));
        leaving.extend(
            own.filter(|it| !it.drains())
                .map(|it| (it.serial(), it.task)),
        );
    }
    for (target, task) in leaving {
        here.own.outbox.push(Change::Deregistered {
            group: Arc::clone(&name),
            target,
            task,
        });
    }
    Ok(json!({}))
}

fn group<'a>(here: &'a Here<'_, Elb>, input: &Input) -> Result<&'a TargetGroup, ApiError> {
    let arn = &input.target_group_arn;
    here.own.group_by_arn(arn).ok_or_else(|| no_group(arn))
}

fn port(target: &TargetInput) -> Result<Option<u16>, ApiError> {
    // Which zone it gets traffic from changes nothing here.
    let _ = &target.availability_zone;
    let Some(Whole(port)) = target.port else {
        return Ok(None);
    };
    let port = u16::try_from(port).ok().filter(|port| *port > 0);
    port.map(Some)
        .ok_or_else(|| invalid("Target port must be between 1 and 65535"))
}

/// An instance id, or an address that is not publicly routable (RFC 1918, RFC 6598 [MODEL]), or loopback.
fn check_id(group: &TargetGroup, id: &str) -> Result<(), ApiError> {
    match group.target_type {
        TargetType::Instance if id.starts_with("i-") => Ok(()),
        TargetType::Instance => Err(invalid(format!("Instance ID '{id}' is not valid"))),
        TargetType::Ip => {
            let not_ip = || invalid(format!("The IP address '{id}' is not a valid IPv4 address"));
            let address: Ipv4Addr = id.parse().map_err(|_| not_ip())?;
            let [first, second, ..] = address.octets();
            let shared = first == 100 && (64..128).contains(&second);
            // This machine's own addresses are none of AWS's: whatever listens there is a target here.
            if address.is_private() || shared || address.is_loopback() {
                return Ok(());
            }
            Err(ApiError::client(
                "InvalidTarget",
                format!(
                    "The IP address '{id}' must be within the VPC or within the ranges of RFC 1918 and RFC 6598"
                ),
            ))
        }
    }
}
