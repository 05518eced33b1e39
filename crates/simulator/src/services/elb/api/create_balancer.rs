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
use crate::services::elb::{LoadBalancer, Scheme, attributes};

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
}

/// At the quota of 50 per Region [DOC].
const MOST: usize = 50;

/// The same request twice is one load balancer; the same name with other settings is refused [MODEL].
pub(super) fn create(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Create = read(input)?;
    if let Some(kind) = input
        .r#type
        .as_deref()
        .filter(|kind| *kind != "application")
    {
        return Err(not_implemented(&format!(
            "elbv2 load balancers of type {kind}"
        )));
    }
    check_name("Load balancer", &input.name)?;
    if input.name.starts_with("internal-") {
        return Err(invalid(format!(
            "Load balancer name '{}' cannot begin with 'internal-'",
            input.name
        )));
    }
    let subnets = subnets(&input.subnets, &input.subnet_mappings)?;
    let scheme = scheme(input.scheme.as_deref())?;
    let address_type = address_type(input.ip_address_type.as_deref().unwrap_or("ipv4"))?;
    let tags = tags(&input.tags)?;
    let same_name = here.own.balancers.iter().find(|it| it.name == input.name);
    if let Some(known) = same_name {
        let same = (known.scheme, &known.subnets, &known.address_type)
            == (scheme, &subnets, &address_type)
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
    let balancer = new_balancer(here, &input, scheme, address_type, subnets, tags);
    let told = balancer_json(here, &balancer);
    here.own.balancers.push(balancer);
    Ok(json!({ "LoadBalancers": [told] }))
}

fn new_balancer(
    here: &mut Here<'_, Elb>,
    input: &Create,
    scheme: Scheme,
    address_type: String,
    subnets: Vec<String>,
    tags: BTreeMap<String, String>,
) -> LoadBalancer {
    let name = &input.name;
    let number = here.random.between(100_000_000, 2_147_483_647);
    let prefix = match scheme {
        Scheme::Internal => "internal-",
        Scheme::InternetFacing => "",
    };
    let takes_ms = BALANCER_PROVISIONING.draw(here.weather, here.random);
    let mut security_groups = input.security_groups.clone();
    if security_groups.is_empty() {
        // The VPC's default group.
        security_groups.push("sg-5b1a7a10".to_owned());
    }
    let mut attributes = attributes::of_balancer();
    if scheme == Scheme::Internal {
        attributes.insert("ipv6.deny_all_igw_traffic".to_owned(), "true".to_owned());
    }
    LoadBalancer {
        name: name.clone(),
        arn: here.elb_arn(&format!("loadbalancer/app/{name}")),
        dns_name: format!(
            "{prefix}{name}-{number}.{}.elb.{}",
            here.region,
            dns_suffix(here.region)
        ),
        hosts: Vec::new(),
        scheme,
        address_type,
        subnets,
        security_groups,
        created_ms: here.now_ms,
        active_ms: here.now_ms + takes_ms,
        attributes,
        tags,
        listeners: Vec::new(),
    }
}

/// One list or the other, at least two [OBS]. That they are in different zones is not known here.
pub(super) fn subnets(plain: &[String], mapped: &[SubnetMapping]) -> Result<Vec<String>, ApiError> {
    if !plain.is_empty() && !mapped.is_empty() {
        return Err(invalid(
            "You must specify either subnets or subnet mappings, but not both",
        ));
    }
    let mut subnets: Vec<String> = plain.to_vec();
    subnets.extend(mapped.iter().map(|it| it.subnet_id.clone()));
    subnets.sort();
    subnets.dedup();
    if subnets.len() < 2 {
        return Err(invalid(
            "At least two subnets in two different Availability Zones must be specified",
        ));
    }
    Ok(subnets)
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
