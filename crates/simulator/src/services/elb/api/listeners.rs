//! Listeners, read.

use serde::Deserialize;
use serde_json::{Value, json};

use super::actions::actions_json;
use super::errors::{invalid, no_balancer, no_listeners};
use super::{named, paged, read};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::elb::Elb;
use crate::services::elb::{Listener, LoadBalancer, Protocol};
use crate::wire::Whole;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Describe {
    load_balancer_arn: Option<String>,
    #[serde(default)]
    listener_arns: Vec<String>,
    marker: Option<String>,
    page_size: Option<Whole>,
}

/// By load balancer or by ARN.
pub(super) fn describe(here: &Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Describe = read(input)?;
    let balancers: Vec<&LoadBalancer> = match &input.load_balancer_arn {
        Some(arn) => vec![
            here.own
                .balancer_by_arn(arn)
                .ok_or_else(|| no_balancer(arn))?,
        ],
        None if input.listener_arns.is_empty() => {
            return Err(invalid(
                "You must specify either listener ARNs or a load balancer ARN",
            ));
        }
        None => here.own.balancers.iter().collect(),
    };
    let all: Vec<&Listener> = balancers.into_iter().flat_map(|it| &it.listeners).collect();
    let chosen = named(&all, &input.listener_arns, |it| &it.arn, no_listeners)?;
    let told: Vec<Value> = chosen
        .into_iter()
        .map(|it| listener_json(here, it))
        .collect();
    paged("Listeners", &told, input.page_size, input.marker.as_deref())
}

pub(super) fn listener_json(here: &Here<'_, Elb>, listener: &Listener) -> Value {
    let certificates = listener
        .certificates
        .first()
        .map(|arn| json!([{ "CertificateArn": arn }]));
    let off = (listener.protocol == Protocol::Https).then(|| json!({ "Mode": "off" }));
    json!({
        "ListenerArn": listener.arn,
        "LoadBalancerArn": balancer_arn(here, listener),
        "Port": listener.port,
        "Protocol": listener.protocol,
        "Certificates": certificates,
        "SslPolicy": listener.ssl_policy,
        "AlpnPolicy": listener.alpn_policy.as_ref().map(|policy| [policy]),
        "DefaultActions": actions_json(here, &listener.default_actions),
        "MutualAuthentication": off,
    })
}

fn balancer_arn<'a>(here: &'a Here<'_, Elb>, listener: &Listener) -> Option<&'a str> {
    let has_it = |it: &&LoadBalancer| it.listeners.iter().any(|own| own.arn == listener.arn);
    here.own
        .balancers
        .iter()
        .find(has_it)
        .map(|it| it.arn.as_str())
}
