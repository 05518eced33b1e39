//! Listeners, created, changed and deleted.

use serde::Deserialize;
use serde_json::{Value, json};

use super::account::is_ssl_policy;
use super::actions::{ActionInput, actions};
use super::certificates::{CertificateInput, known};
use super::errors::{invalid, no_balancer, no_listeners};
use super::group_checks::check_groups;
use super::listeners::listener_json;
use super::read;
use super::tags::{TagInput, tags};
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::elb::Elb;
use crate::services::elb::{
    Action, BalancerKind, DEFAULT_SSL_POLICY, Listener, LoadBalancer, Protocol, attributes,
};
use crate::wire::Whole;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Input {
    load_balancer_arn: Option<String>,
    listener_arn: Option<String>,
    protocol: Option<String>,
    port: Option<Whole>,
    ssl_policy: Option<String>,
    #[serde(default)]
    certificates: Vec<CertificateInput>,
    default_actions: Option<Vec<ActionInput>>,
    alpn_policy: Option<Vec<String>>,
    #[serde(default)]
    tags: Vec<TagInput>,
    mutual_authentication: Option<MutualInput>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct MutualInput {
    mode: Option<String>,
}

/// Per load balancer [DOC].
const MOST: usize = 50;

/// The same request twice is one listener; another one on its port is refused [MODEL] [OBS].
pub(super) fn create(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let balancer_arn = input.load_balancer_arn.clone().unwrap_or_default();
    let balancer = here
        .own
        .balancer_by_arn(&balancer_arn)
        .ok_or_else(|| no_balancer(&balancer_arn))?;
    unserved(&input)?;
    let port = port(input.port)?.ok_or_else(|| invalid("A listener port must be specified"))?;
    let protocol = protocol(balancer.kind, input.protocol.as_deref())?
        .ok_or_else(|| invalid("A listener protocol must be specified"))?;
    let (ssl_policy, certificates) = security(&input, protocol, None)?;
    let default_actions = actions(here, input.default_actions.unwrap_or_default())?;
    check_groups(here, &balancer_arn, protocol, &default_actions)?;
    let alpn_policy = alpn(&input.alpn_policy, protocol, None)?;
    let tags = tags(&input.tags)?;
    if let Some(taken) = balancer.listeners.iter().find(|it| it.port == port) {
        let same = taken.protocol == protocol
            && taken.certificates.first() == certificates.first()
            && taken.ssl_policy == ssl_policy
            && taken.alpn_policy == alpn_policy
            && same_actions(&taken.default_actions, &default_actions);
        return if same {
            Ok(json!({ "Listeners": [listener_json(here, taken)] }))
        } else {
            Err(ApiError::client(
                "DuplicateListener",
                format!(
                    "A listener already exists on this port for this load balancer '{balancer_arn}'"
                ),
            ))
        };
    }
    if balancer.listeners.len() >= MOST {
        return Err(ApiError::client(
            "TooManyListeners",
            format!("The maximum number of listeners '{MOST}' per load balancer has been reached"),
        ));
    }
    let arn = here.elb_child_arn(&balancer_arn, ":loadbalancer/", ":listener/");
    let listener = Listener {
        default_rule_arn: here.elb_child_arn(&arn, ":listener/", ":listener-rule/"),
        arn: arn.clone(),
        port,
        protocol,
        ssl_policy,
        certificates,
        alpn_policy,
        attributes: attributes::of_listener(protocol),
        tags,
        default_actions,
        rules: Vec::new(),
    };
    if let Some(balancer) = here.own.balancer_by_arn_mut(&balancer_arn) {
        balancer.listeners.push(listener);
    }
    here.reconsider_use();
    told(here, &arn)
}

/// What is not named stays; the actions are replaced as a whole [MODEL].
pub(super) fn modify(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let arn = input.listener_arn.clone().unwrap_or_default();
    let before = here.own.listener(&arn).ok_or_else(no_listeners)?.clone();
    unserved(&input)?;
    let has_it = |it: &&LoadBalancer| it.listeners.iter().any(|own| own.arn == arn);
    let balancer = here
        .own
        .balancers
        .iter()
        .find(has_it)
        .ok_or_else(no_listeners)?;
    let balancer_arn = balancer.arn.clone();
    let protocol = protocol(balancer.kind, input.protocol.as_deref())?.unwrap_or(before.protocol);
    let port = port(input.port)?.unwrap_or(before.port);
    if balancer
        .listeners
        .iter()
        .any(|it| it.port == port && it.arn != arn)
    {
        return Err(ApiError::client(
            "DuplicateListener",
            format!(
                "A listener already exists on this port for this load balancer '{balancer_arn}'"
            ),
        ));
    }
    let (ssl_policy, certificates) = security(&input, protocol, Some(&before))?;
    let new_actions = input
        .default_actions
        .map(|it| actions(here, it))
        .transpose()?;
    let led = new_actions.as_ref().unwrap_or(&before.default_actions);
    check_groups(here, &balancer_arn, protocol, led)?;
    let alpn_policy = alpn(&input.alpn_policy, protocol, before.alpn_policy.clone())?;
    if let Some(listener) = here.own.listener_mut(&arn) {
        (listener.protocol, listener.port) = (protocol, port);
        (listener.ssl_policy, listener.certificates) = (ssl_policy, certificates);
        listener.alpn_policy = alpn_policy;
        if protocol != before.protocol {
            listener.attributes = attributes::of_listener(protocol);
        }
        if let Some(actions) = new_actions.filter(|new| !same_actions(new, &before.default_actions))
        {
            listener.default_actions = actions;
        }
    }
    here.reconsider_use();
    told(here, &arn)
}

pub(super) fn delete(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let arn = input.listener_arn.unwrap_or_default();
    here.own.listener(&arn).ok_or_else(no_listeners)?;
    for balancer in &mut here.own.balancers {
        balancer.listeners.retain(|it| it.arn != arn);
    }
    here.reconsider_use();
    Ok(json!({}))
}

fn told(here: &Here<'_, Elb>, arn: &str) -> Result<Value, ApiError> {
    let listener = here.own.listener(arn).ok_or_else(no_listeners)?;
    Ok(json!({ "Listeners": [listener_json(here, listener)] }))
}

/// Whether nothing changes, wherever the turns of the forwards are.
pub(super) fn same_actions(left: &[Action], right: &[Action]) -> bool {
    let same = |(left, right): (&Action, &Action)| match (left, right) {
        (Action::Forward(left), Action::Forward(right)) => left.same_as(right),
        (left, right) => left == right,
    };
    left.len() == right.len() && left.iter().zip(right).all(same)
}

fn unserved(input: &Input) -> Result<(), ApiError> {
    let mode = input
        .mutual_authentication
        .as_ref()
        .and_then(|it| it.mode.as_deref());
    if mode.is_some_and(|mode| mode != "off") {
        return Err(not_implemented("elbv2 mutual authentication"));
    }
    Ok(())
}

/// What TLS listeners offer for the protocol above; `None` with any other protocol [MODEL].
fn alpn(
    given: &Option<Vec<String>>,
    protocol: Protocol,
    before: Option<String>,
) -> Result<Option<String>, ApiError> {
    const POLICIES: [&str; 5] = [
        "HTTP1Only",
        "HTTP2Only",
        "HTTP2Optional",
        "HTTP2Preferred",
        "None",
    ];
    match given.as_deref() {
        None => Ok(before.filter(|_| protocol == Protocol::Tls)),
        Some(_) if protocol != Protocol::Tls => Err(ApiError::client(
            "ALPNPolicyNotSupported",
            "ALPN policies are supported by TLS listeners only",
        )),
        Some([one]) if POLICIES.contains(&one.as_str()) => Ok(Some(one.clone())),
        Some(other) => Err(invalid(format!(
            "ALPN policy '{}' must be one of '{}'",
            other.join(", "),
            POLICIES.join(", ")
        ))),
    }
}

/// Texts of both refusals [OBS].
fn protocol(kind: BalancerKind, text: Option<&str>) -> Result<Option<Protocol>, ApiError> {
    let Some(text) = text else {
        return Ok(None);
    };
    let found = Protocol::named(text).filter(|found| found.kind() == kind);
    let all = match kind {
        BalancerKind::Application => "HTTP, HTTPS",
        BalancerKind::Network => "TLS, TCP, TCP_UDP, UDP",
    };
    found
        .map(Some)
        .ok_or_else(|| invalid(format!("Listener protocol '{text}' must be one of '{all}'")))
}

fn port(port: Option<Whole>) -> Result<Option<u16>, ApiError> {
    let Some(Whole(port)) = port else {
        return Ok(None);
    };
    let port = u16::try_from(port).ok().filter(|port| *port > 0);
    port.map(Some)
        .ok_or_else(|| invalid("Listener port must be between 1 and 65535"))
}

/// Policy and certificates; going from HTTPS to HTTP removes both [MODEL].
fn security(
    input: &Input,
    protocol: Protocol,
    before: Option<&Listener>,
) -> Result<(Option<String>, Vec<String>), ApiError> {
    if !protocol.is_secure() {
        if input.ssl_policy.is_some() || !input.certificates.is_empty() {
            return Err(ApiError::client(
                "InvalidConfigurationRequest",
                "Certificates and SSL policies can only be specified for HTTPS and TLS listeners",
            ));
        }
        return Ok((None, Vec::new()));
    }
    let own = before.and_then(|it| it.ssl_policy.clone());
    let policy = input
        .ssl_policy
        .clone()
        .or(own)
        .unwrap_or_else(|| DEFAULT_SSL_POLICY.to_owned());
    if !is_ssl_policy(&policy) {
        return Err(ApiError::client(
            "SSLPolicyNotFound",
            format!("SSL policy '{policy}' not found"),
        ));
    }
    let mut certificates = before.map(|it| it.certificates.clone()).unwrap_or_default();
    match input.certificates.as_slice() {
        [] => {}
        [new] => {
            let new = known(new)?;
            match certificates.first_mut() {
                Some(default) => *default = new,
                None => certificates.push(new),
            }
        }
        _ => {
            return Err(ApiError::client(
                "TooManyCertificates",
                "Only one certificate can be specified; add further ones with AddListenerCertificates",
            ));
        }
    }
    if certificates.is_empty() {
        return Err(invalid(format!(
            "A certificate must be specified for {} listeners",
            protocol.name()
        )));
    }
    Ok((Some(policy), certificates))
}
