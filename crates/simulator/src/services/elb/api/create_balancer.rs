//! CreateLoadBalancer.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::balancers::balancer_json;
use super::errors::{check_name, invalid};
use super::read;
use super::tags::{TagInput, tags};
use crate::ApiError;
use crate::base::arn::dns_suffix;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::base::timings::BALANCER_PROVISIONING;
use crate::services::elb::Elb;
use crate::services::elb::{Address, BalancerKind, LoadBalancer, Scheme, attributes};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Create {
    name: String,
    #[serde(default)]
    subnets: Vec<String>,
    #[serde(default)]
    subnet_mappings: Vec<SubnetMapping>,
    #[serde(default)]
    security_groups: Vec<String>,
    scheme: Option<String>,
    #[serde(default)]
    tags: Vec<TagInput>,
    r#type: Option<String>,
    ip_address_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct SubnetMapping {
    subnet_id: String,
    allocation_id: Option<String>,
    #[serde(rename = "PrivateIPv4Address")]
    private_ipv4_address: Option<String>,
}

/// Where a load balancer is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) subnets: Vec<String>,
    pub(super) addresses: BTreeMap<String, Address>,
}

/// At the quota of 50 per Region [DOC].
const MOST: usize = 50;

/// The same request twice is one load balancer; the same name with other settings is refused [MODEL].
pub(super) fn create(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Create = read(input)?;
    let kind = match input.r#type.as_deref() {
        None | Some("application") => BalancerKind::Application,
        Some("network") => BalancerKind::Network,
        Some(other) => {
            return Err(not_implemented(&format!(
                "elbv2 load balancers of type {other}"
            )));
        }
    };
    check_name("Load balancer", &input.name)?;
    if input.name.starts_with("internal-") {
        return Err(invalid(format!(
            "Load balancer name '{}' cannot begin with 'internal-'",
            input.name
        )));
    }
    let placed = placed(kind, &input.subnets, &input.subnet_mappings)?;
    let scheme = scheme(input.scheme.as_deref())?;
    let address_type = address_type(input.ip_address_type.as_deref().unwrap_or("ipv4"))?;
    let tags = tags(&input.tags)?;
    let same_name = here.own.balancers.iter().find(|it| it.name == input.name);
    if let Some(known) = same_name {
        let same = (known.kind, known.scheme, &known.address_type) == (kind, scheme, &address_type)
            && (&known.subnets, &known.addresses) == (&placed.subnets, &placed.addresses)
            && (known.security_groups == input.security_groups || input.security_groups.is_empty());
        return if same {
            Ok(json!({ "LoadBalancers": [balancer_json(here, known)] }))
        } else {
            Err(ApiError::client(
                "DuplicateLoadBalancerName",
                format!(
                    "A load balancer with the same name '{}' exists, but with different settings",
                    input.name
                ),
            ))
        };
    }
    if here.own.balancers.len() >= MOST {
        return Err(ApiError::client(
            "TooManyLoadBalancers",
            format!("The maximum number of load balancers '{MOST}' has been reached"),
        ));
    }
    let balancer = LoadBalancer {
        scheme,
        address_type,
        subnets: placed.subnets,
        addresses: placed.addresses,
        tags,
        ..new_balancer(here, &input, kind, scheme)
    };
    let told = balancer_json(here, &balancer);
    here.own.balancers.push(balancer);
    Ok(json!({ "LoadBalancers": [told] }))
}

fn new_balancer(
    here: &mut Here<'_, Elb>,
    input: &Create,
    kind: BalancerKind,
    scheme: Scheme,
) -> LoadBalancer {
    let name = &input.name;
    let arn = here.elb_arn(&format!("loadbalancer/{}/{name}", kind.short()));
    let own = match kind {
        BalancerKind::Application => {
            let number = here.random.between(100_000_000, 2_147_483_647);
            let prefix = match scheme {
                Scheme::Internal => "internal-",
                Scheme::InternetFacing => "",
            };
            format!("{prefix}{name}-{number}")
        }
        // The id of its ARN [OBS].
        BalancerKind::Network => format!("{name}-{}", arn.rsplit('/').next().unwrap_or_default()),
    };
    let (region, suffix) = (here.region, dns_suffix(here.region));
    let takes_ms = BALANCER_PROVISIONING.draw(here.weather, here.random);
    let mut security_groups = input.security_groups.clone();
    if security_groups.is_empty() && kind == BalancerKind::Application {
        // The VPC's default group. A network load balancer has none unless it is given one when it is made [DOC].
        security_groups.push("sg-5b1a7a10".to_owned());
    }
    let mut attributes = attributes::of_balancer(kind);
    if scheme == Scheme::Internal {
        attributes.insert("ipv6.deny_all_igw_traffic".to_owned(), "true".to_owned());
    }
    LoadBalancer {
        name: name.clone(),
        kind,
        arn,
        dns_name: match kind {
            BalancerKind::Application => format!("{own}.{region}.elb.{suffix}"),
            BalancerKind::Network => format!("{own}.elb.{region}.{suffix}"),
        },
        hosts: Vec::new(),
        scheme,
        address_type: String::new(),
        subnets: Vec::new(),
        addresses: BTreeMap::new(),
        private_link_rules: (kind == BalancerKind::Network && !security_groups.is_empty())
            .then(|| "on".to_owned()),
        security_groups,
        created_ms: here.now_ms,
        active_ms: here.now_ms + takes_ms,
        attributes,
        tags: BTreeMap::new(),
        listeners: Vec::new(),
    }
}

/// One list or the other, at least two [OBS]; one is enough for a network load balancer [DOC], which may have addresses of its own.
/// That they are in different zones is not known here.
pub(super) fn placed(
    kind: BalancerKind,
    plain: &[String],
    mapped: &[SubnetMapping],
) -> Result<Placed, ApiError> {
    if !plain.is_empty() && !mapped.is_empty() {
        return Err(invalid(
            "You must specify either subnets or subnet mappings, but not both",
        ));
    }
    let mut subnets: Vec<String> = plain.to_vec();
    subnets.extend(mapped.iter().map(|it| it.subnet_id.clone()));
    subnets.sort();
    subnets.dedup();
    let (least, refusal) = match kind {
        BalancerKind::Application => (
            2,
            "At least two subnets in two different Availability Zones must be specified",
        ),
        BalancerKind::Network => (1, "At least one subnet must be specified"),
    };
    if subnets.len() < least {
        return Err(invalid(refusal));
    }
    let given = mapped.iter().filter_map(|it| {
        let address = Address {
            allocation: it.allocation_id.clone(),
            private: it.private_ipv4_address.clone(),
        };
        (address != Address::default()).then(|| (it.subnet_id.clone(), address))
    });
    let addresses: BTreeMap<String, Address> = given.collect();
    if kind == BalancerKind::Application && !addresses.is_empty() {
        return Err(invalid(
            "Addresses of subnets can only be specified for load balancers of type 'network'",
        ));
    }
    Ok(Placed { subnets, addresses })
}

fn scheme(text: Option<&str>) -> Result<Scheme, ApiError> {
    match text {
        None | Some("internet-facing") => Ok(Scheme::InternetFacing),
        Some("internal") => Ok(Scheme::Internal),
        Some(other) => Err(ApiError::client(
            "InvalidScheme",
            format!("Scheme '{other}' is not valid"),
        )),
    }
}

pub(super) fn address_type(text: &str) -> Result<String, ApiError> {
    if ["ipv4", "dualstack", "dualstack-without-public-ipv4"].contains(&text) {
        return Ok(text.to_owned());
    }
    Err(ApiError::client(
        "InvalidConfigurationRequest",
        format!("IP address type '{text}' is not valid"),
    ))
}
