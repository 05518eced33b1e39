//! The actions of listeners and rules, from and to the API.

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::{invalid, no_group};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::elb::Elb;
use crate::services::elb::{
    Action, FixedResponse, Forward, GroupStickiness, Redirect, WeightedGroup,
};
use crate::wire::{Flag, Whole};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ActionInput {
    r#type: String,
    target_group_arn: Option<String>,
    order: Option<Whole>,
    forward_config: Option<ForwardInput>,
    redirect_config: Option<RedirectInput>,
    fixed_response_config: Option<FixedInput>,
    authenticate_oidc_config: Option<Value>,
    authenticate_cognito_config: Option<Value>,
    jwt_validation_config: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ForwardInput {
    #[serde(default)]
    target_groups: Vec<TupleInput>,
    target_group_stickiness_config: Option<StickinessInput>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TupleInput {
    target_group_arn: String,
    weight: Option<Whole>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct StickinessInput {
    enabled: Option<Flag>,
    duration_seconds: Option<Whole>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RedirectInput {
    protocol: Option<String>,
    port: Option<String>,
    host: Option<String>,
    path: Option<String>,
    query: Option<String>,
    status_code: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct FixedInput {
    message_body: Option<String>,
    status_code: String,
    content_type: Option<String>,
}

/// Actions in the order of their `Order`; the last one answers the request, and there is only one such [MODEL].
pub(super) fn actions(
    here: &Here<'_, Elb>,
    mut input: Vec<ActionInput>,
) -> Result<Vec<Action>, ApiError> {
    if input.is_empty() {
        return Err(invalid("At least one action must be specified"));
    }
    input.sort_by_key(|action| action.order.map_or(i64::MAX, |Whole(order)| order));
    if input.len() > 1 {
        let text =
            "Only one action of type 'forward', 'redirect' or 'fixed-response' can be specified";
        let known = ["forward", "redirect", "fixed-response"];
        if input.iter().all(|it| known.contains(&it.r#type.as_str())) {
            return Err(ApiError::client("InvalidLoadBalancerAction", text));
        }
    }
    input.iter().map(|action| one(here, action)).collect()
}

fn one(here: &Here<'_, Elb>, input: &ActionInput) -> Result<Action, ApiError> {
    let incomplete = || {
        invalid(format!(
            "Action type '{}' needs its configuration",
            input.r#type
        ))
    };
    let unserved = [
        &input.authenticate_oidc_config,
        &input.authenticate_cognito_config,
        &input.jwt_validation_config,
    ];
    if unserved.iter().any(|config| config.is_some()) {
        return Err(not_implemented(&format!("elbv2 action {}", input.r#type)));
    }
    match input.r#type.as_str() {
        "forward" => forward(here, input).map(Action::Forward),
        "redirect" => {
            redirect(input.redirect_config.as_ref().ok_or_else(incomplete)?).map(Action::Redirect)
        }
        "fixed-response" => fixed(
            input
                .fixed_response_config
                .as_ref()
                .ok_or_else(incomplete)?,
        )
        .map(Action::Fixed),
        other => Err(not_implemented(&format!("elbv2 action {other}"))),
    }
}

/// `ForwardConfig`, or one group by `TargetGroupArn`; both only if they say the same [MODEL].
fn forward(here: &Here<'_, Elb>, input: &ActionInput) -> Result<Forward, ApiError> {
    let group = |arn: &str, weight: u16| {
        let group = here.own.group_by_arn(arn).ok_or_else(|| no_group(arn))?;
        Ok(WeightedGroup {
            group: group.name.clone(),
            weight,
        })
    };
    let top = input.target_group_arn.as_deref();
    let Some(config) = &input.forward_config else {
        let arn = top.ok_or_else(|| invalid("A target group ARN must be specified"))?;
        return Ok(Forward::new(vec![group(arn, 1)?]));
    };
    let differs = |arn: &str| {
        config.target_groups.len() != 1
            || config
                .target_groups
                .iter()
                .any(|it| it.target_group_arn != arn)
    };
    if top.is_some_and(differs) {
        return Err(invalid(
            "You cannot specify both a target group ARN and a forward config that differs from it",
        ));
    }
    let count = config.target_groups.len();
    if !(1..=5).contains(&count) {
        return Err(ApiError::client(
            "TooManyTargetGroups",
            format!("The number of target groups ('{count}') must be between '1' and '5'"),
        ));
    }
    let weighted = |tuple: &TupleInput| {
        let Whole(weight) = tuple.weight.unwrap_or(Whole(1));
        let weight = u16::try_from(weight).ok().filter(|weight| *weight <= 999);
        group(
            &tuple.target_group_arn,
            weight.ok_or_else(|| invalid("Weight must be between 0 and 999"))?,
        )
    };
    let groups: Result<Vec<WeightedGroup>, ApiError> =
        config.target_groups.iter().map(weighted).collect();
    let stickiness = config
        .target_group_stickiness_config
        .as_ref()
        .map(stickiness)
        .transpose()?;
    Ok(Forward::new(groups?).sticking(stickiness))
}

fn stickiness(input: &StickinessInput) -> Result<GroupStickiness, ApiError> {
    let enabled = input.enabled.is_some_and(|Flag(enabled)| enabled);
    let duration = input.duration_seconds.map(|Whole(seconds)| {
        u32::try_from(seconds)
            .ok()
            .filter(|seconds| (1..=604_800).contains(seconds))
            .ok_or_else(|| {
                invalid("Target group stickiness duration must be between 1 and 604800 seconds")
            })
    });
    let duration_seconds = duration.transpose()?;
    if enabled && duration_seconds.is_none() {
        return Err(invalid(
            "Target group stickiness duration must be specified when stickiness is enabled",
        ));
    }
    Ok(GroupStickiness {
        enabled,
        duration_seconds,
    })
}

fn redirect(input: &RedirectInput) -> Result<Redirect, ApiError> {
    let permanent = match input.status_code.as_str() {
        "HTTP_301" => true,
        "HTTP_302" => false,
        other => {
            return Err(invalid(format!(
                "Redirect status code '{other}' must be one of 'HTTP_301,HTTP_302'"
            )));
        }
    };
    let or = |part: &Option<String>, usual: &str| part.clone().unwrap_or_else(|| usual.to_owned());
    let redirect = Redirect {
        protocol: or(&input.protocol, "#{protocol}"),
        host: or(&input.host, "#{host}"),
        port: or(&input.port, "#{port}"),
        path: or(&input.path, "/#{path}"),
        query: or(&input.query, "#{query}"),
        permanent,
    };
    if redirect.is_loop() {
        return Err(ApiError::client(
            "InvalidLoadBalancerAction",
            "The redirect configuration is not valid because it creates a loop.",
        ));
    }
    Ok(redirect)
}

/// What a fixed response may be (FixedResponseActionConfig [DOC]); the code of the refusal moto's `elbv2` [CODE].
const CONTENT_TYPES: [&str; 5] = [
    "text/html",
    "application/json",
    "application/javascript",
    "text/css",
    "text/plain",
];

fn fixed(input: &FixedInput) -> Result<FixedResponse, ApiError> {
    let status = input.status_code.parse::<u16>().ok();
    let status = status.filter(|status| [2, 4, 5].contains(&(status / 100)));
    if let Some(other) = &input.content_type
        && !CONTENT_TYPES.contains(&other.as_str())
    {
        return Err(ApiError::client(
            "InvalidLoadBalancerAction",
            format!(
                "The ContentType must be one of:'{}'",
                CONTENT_TYPES.join("', '")
            ),
        ));
    }
    Ok(FixedResponse {
        status: status
            .ok_or_else(|| invalid("Fixed response status code must be 2XX, 4XX or 5XX"))?,
        content_type: input.content_type.clone(),
        body: input.message_body.clone(),
    })
}

/// Actions as the API tells them. A single group is also told at the top, where it was before there were weights [MODEL].
pub(super) fn actions_json(here: &Here<'_, Elb>, actions: &[Action]) -> Value {
    let told = actions.iter().zip(1..).map(|(action, order)| match action {
        Action::Fixed(it) => json!({
            "Type": "fixed-response",
            "Order": order,
            "FixedResponseConfig": {
                "StatusCode": it.status.to_string(),
                "ContentType": it.content_type,
                "MessageBody": it.body,
            },
        }),
        Action::Redirect(it) => json!({
            "Type": "redirect",
            "Order": order,
            "RedirectConfig": {
                "Protocol": it.protocol,
                "Host": it.host,
                "Port": it.port,
                "Path": it.path,
                "Query": it.query,
                "StatusCode": if it.permanent { "HTTP_301" } else { "HTTP_302" },
            },
        }),
        Action::Forward(forward) => forward_json(here, forward, order),
    });
    told.collect()
}

fn forward_json(here: &Here<'_, Elb>, forward: &Forward, order: u32) -> Value {
    let arn = |name: &str| here.own.groups.get(name).map(|group| group.arn.as_str());
    let tuples = forward
        .groups
        .iter()
        .map(|it| json!({ "TargetGroupArn": arn(&it.group), "Weight": it.weight }));
    let only = match forward.groups.as_slice() {
        [only] => arn(&only.group),
        _ => None,
    };
    json!({
        "Type": "forward",
        "TargetGroupArn": only,
        "Order": order,
        "ForwardConfig": {
            "TargetGroups": tuples.collect::<Vec<Value>>(),
            "TargetGroupStickinessConfig": {
                "Enabled": forward.stickiness.is_some_and(|it| it.enabled),
                "DurationSeconds": forward.stickiness.and_then(|it| it.duration_seconds),
            },
        },
    })
}
