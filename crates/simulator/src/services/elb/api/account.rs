//! What an account may have, and the TLS policies there are.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{paged, read};
use crate::ApiError;
use crate::wire::Whole;

/// The quotas of load balancers [DOC].
const LIMITS: [(&str, &str); 17] = [
    ("application-load-balancers", "50"),
    ("certificates-per-application-load-balancer", "25"),
    ("certificates-per-network-load-balancer", "25"),
    ("condition-values-per-alb-rule", "5"),
    ("condition-wildcards-per-alb-rule", "6"),
    ("listeners-per-application-load-balancer", "50"),
    ("listeners-per-network-load-balancer", "50"),
    ("network-load-balancers", "50"),
    ("rules-per-application-load-balancer", "100"),
    ("target-groups", "3000"),
    ("target-groups-per-action-on-application-load-balancer", "5"),
    ("target-groups-per-action-on-network-load-balancer", "1"),
    ("target-groups-per-application-load-balancer", "100"),
    (
        "target-id-registrations-per-application-load-balancer",
        "1000",
    ),
    ("targets-per-application-load-balancer", "1000"),
    ("targets-per-network-load-balancer", "3000"),
    ("targets-per-target-group", "1000"),
];

/// Names and protocols of the usual policies [DOC]; which ciphers each has is not modelled beyond one per protocol.
const SSL_POLICIES: [(&str, &[&str]); 8] = [
    (
        "ELBSecurityPolicy-TLS13-1-2-2021-06",
        &["TLSv1.2", "TLSv1.3"],
    ),
    (
        "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
        &["TLSv1.2", "TLSv1.3"],
    ),
    ("ELBSecurityPolicy-TLS13-1-3-2021-06", &["TLSv1.3"]),
    (
        "ELBSecurityPolicy-2016-08",
        &["TLSv1", "TLSv1.1", "TLSv1.2"],
    ),
    ("ELBSecurityPolicy-TLS-1-2-2017-01", &["TLSv1.2"]),
    ("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", &["TLSv1.2"]),
    ("ELBSecurityPolicy-FS-1-2-Res-2020-10", &["TLSv1.2"]),
    (
        "ELBSecurityPolicy-FS-2018-06",
        &["TLSv1", "TLSv1.1", "TLSv1.2"],
    ),
];

pub(super) fn is_ssl_policy(name: &str) -> bool {
    SSL_POLICIES.iter().any(|(known, _)| *known == name)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Input {
    #[serde(default)]
    names: Vec<String>,
    load_balancer_type: Option<String>,
    marker: Option<String>,
    page_size: Option<Whole>,
}

pub(super) fn limits(input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let told: Vec<Value> = LIMITS
        .iter()
        .map(|(name, most)| json!({ "Name": name, "Max": most }))
        .collect();
    paged("Limits", &told, input.page_size, input.marker.as_deref())
}

pub(super) fn ssl_policies(input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let other = input
        .load_balancer_type
        .as_deref()
        .is_some_and(|it| !["application", "network"].contains(&it));
    if let Some(missing) = input.names.iter().find(|name| !is_ssl_policy(name)) {
        return Err(ApiError::client(
            "SSLPolicyNotFound",
            format!("SSL policy '{missing}' not found"),
        ));
    }
    let chosen = SSL_POLICIES.iter().filter(|(name, _)| {
        !other && (input.names.is_empty() || input.names.iter().any(|wanted| wanted == name))
    });
    let told: Vec<Value> = chosen
        .map(|(name, protocols)| policy_json(name, protocols))
        .collect();
    paged(
        "SslPolicies",
        &told,
        input.page_size,
        input.marker.as_deref(),
    )
}

fn policy_json(name: &str, protocols: &[&str]) -> Value {
    let ciphers = protocols.iter().filter_map(|protocol| match *protocol {
        "TLSv1.3" => Some("TLS_AES_128_GCM_SHA256"),
        "TLSv1.2" => Some("ECDHE-RSA-AES128-GCM-SHA256"),
        _ => None,
    });
    let ciphers: Vec<Value> = ciphers
        .zip(1..)
        .map(|(name, priority)| json!({ "Name": name, "Priority": priority }))
        .collect();
    json!({
        "SslProtocols": protocols,
        "Ciphers": ciphers,
        "Name": name,
        "SupportedLoadBalancerTypes": ["application", "network"],
    })
}
