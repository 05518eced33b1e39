//! What Terraform would have made of the load balancer: target groups for services with a port, and the hosts of their addresses.

use std::collections::{BTreeMap, BTreeSet};

use backstay_config::{Configured, Entrance, SimulatedService, SimulatedTargetGroup};
use backstay_domain::ServiceName;
use backstay_domain::definition::container_documents;
use backstay_simulator::{
    GroupProtocol, RuleBlueprint, ServiceTargetGroup, TargetGroupBlueprint, TcpListenerBlueprint,
};
use serde_json::Value;
use url::Url;

use crate::failure::Failure;

/// What Terraform would have made for one service.
#[derive(Debug, Default)]
pub(super) struct Balanced {
    pub(super) groups: Vec<TargetGroupBlueprint>,
    /// That of the service's own path first.
    pub(super) attached: Vec<ServiceTargetGroup>,
    pub(super) rules: Vec<RuleBlueprint>,
    /// The second group of a service with two revisions side by side.
    pub(super) alternate: Option<String>,
    /// Of the network load balancer.
    pub(super) listeners: Vec<TcpListenerBlueprint>,
}

/// What the second of two groups that change places is numbered: no service has so many others.
const ALTERNATE: usize = 99;

/// The target groups of a service, how its tasks are registered there, and what leads to them. `hosts` are its own rule's.
pub(super) fn balanced(
    name: &ServiceName,
    cluster_name: &str,
    document: &Value,
    (wanted, hosts): (&SimulatedService, &BTreeSet<String>),
) -> Balanced {
    let mut made = Balanced::default();
    let base = group_name(cluster_name);
    let own = wanted.path.as_ref().map(|path| SimulatedTargetGroup {
        container: None,
        port: None,
        entrance: Entrance::Rule {
            path: path.clone(),
            host: None,
        },
        health_check_path: wanted.health_check_path.clone(),
    });
    let count = own.iter().chain(&wanted.target_groups);
    for (place, group) in count.enumerate() {
        let is_own = own.is_some() && place == 0;
        let container = group.container.as_ref().or(wanted.container.as_ref());
        let Some((container_name, first)) = with_port(document, container.map(String::as_str))
        else {
            continue;
        };
        let port = group.port.unwrap_or(first);
        let group_name = match place {
            0 => base.clone(),
            _ => numbered(&base, place + 1),
        };
        let shifts = is_own && wanted.strategy.is_some();
        let alternate = shifts.then(|| numbered(&base, ALTERNATE));
        let protocol = match &group.entrance {
            Entrance::Rule { path, host } => {
                let hosts = match is_own {
                    true => hosts.iter().cloned().collect(),
                    false => Vec::from_iter(host.clone()),
                };
                made.rules.push(RuleBlueprint {
                    path: path.clone(),
                    hosts,
                    target_group: Some(group_name.clone()),
                    alternate: alternate.clone(),
                    fixed_status: None,
                });
                GroupProtocol::Http
            }
            Entrance::Listener { port, .. } => {
                made.listeners.push(TcpListenerBlueprint {
                    port: *port,
                    target_group: group_name.clone(),
                });
                GroupProtocol::Tcp
            }
        };
        let check = group.health_check_path.clone();
        let like = TargetGroupBlueprint {
            name: group_name.clone(),
            port,
            protocol,
            health_check_path: match protocol {
                GroupProtocol::Http => check.or_else(|| Some(format!("/{name}/health"))),
                GroupProtocol::Tcp => check,
            },
            health_check_interval_seconds: wanted.health_check_interval.as_secs(),
            health_check_timeout_seconds: 6,
            healthy_threshold: 5,
            unhealthy_threshold: wanted.unhealthy_threshold,
            deregistration_delay_seconds: wanted.deregistration_delay.as_secs(),
        };
        made.groups
            .extend(alternate.iter().map(|name| TargetGroupBlueprint {
                name: name.clone(),
                ..like.clone()
            }));
        made.groups.push(like);
        made.alternate = made.alternate.or(alternate);
        made.attached.push(ServiceTargetGroup {
            name: group_name,
            container_name,
            container_port: port,
        });
    }
    made
}

/// The container that is registered, and its first port. A log router or an agent may have a port as well; the app's end is the task's
/// end.
fn with_port(document: &Value, wanted: Option<&str>) -> Option<(String, u16)> {
    let named = |container: &&Value| match wanted {
        Some(name) => container.get("name").and_then(Value::as_str) == Some(name),
        None => true,
    };
    let essential = |container: &&Value| container.get("essential") != Some(&Value::Bool(false));
    let with_port = |container: &Value| {
        let port = container.pointer("/portMappings/0/containerPort")?;
        let port = u16::try_from(port.as_u64()?).ok()?;
        Some((container.get("name")?.as_str()?.to_owned(), port))
    };
    let containers = || container_documents(document).filter(named);
    let first = containers().filter(essential).find_map(with_port);
    first.or_else(|| containers().find_map(with_port))
}

/// A further group of the same service, within 32 letters.
fn numbered(base: &str, number: usize) -> String {
    let end = format!("-{number}");
    let kept = base.get(..base.len().min(32 - end.len())).unwrap_or(base);
    format!("{}{end}", kept.trim_end_matches('-'))
}

/// Target groups have 32 letters at most: whole words from the end, so that a name never looks like a typo.
fn group_name(cluster_name: &str) -> String {
    const MOST: usize = 32;
    let mut rest = cluster_name;
    while rest.len() > MOST {
        rest = match rest.split_once('-') {
            Some((_, words)) if !words.is_empty() => words,
            Some(_) | None => rest.get(rest.len() - MOST..).unwrap_or_default(),
        };
    }
    rest.to_owned()
}

/// The host names of each service's rule: what is written, or else the probe's, where probes go to different hosts. A host that only
/// checks ask belongs to every rule.
pub(super) fn hosts_of_rules(
    configured: &Configured,
) -> Result<BTreeMap<ServiceName, BTreeSet<String>>, Failure> {
    let written = |name: &ServiceName| {
        let simulated = configured.simulation.services.get(name)?;
        simulated.host.clone()
    };
    let mut found = BTreeMap::new();
    for (name, service) in &configured.app.services {
        let probe = service.probe.as_ref().map(|probe| host(&probe.url));
        let host = match written(name) {
            Some(written) => Some(written),
            None => probe.transpose()?,
        };
        found.insert(name.clone(), BTreeSet::from_iter(host));
    }
    let own: BTreeSet<String> = found.values().flatten().cloned().collect();
    let is_written = found.keys().any(|name| written(name).is_some());
    if own.len() < 2 && !is_written {
        return Ok(BTreeMap::new());
    }
    let everybody: BTreeSet<String> = hosts_of(configured)?.difference(&own).cloned().collect();
    for (name, hosts) in &mut found {
        if written(name).is_none() && !hosts.is_empty() {
            hosts.extend(everybody.iter().cloned());
        }
    }
    Ok(found)
}

/// Host names of the application load balancer: those of probes and checks that no network load balancer has.
pub(super) fn hosts_of(configured: &Configured) -> Result<BTreeSet<String>, Failure> {
    let app = &configured.app;
    let urls = app
        .services
        .values()
        .filter_map(|s| s.probe.as_ref())
        .chain(&app.checks)
        .map(|check| check.url.as_str());
    let frontends = app.frontends.values().filter_map(|it| it.url.as_deref());
    let frontends = frontends.map(host).collect::<Result<BTreeSet<_>, _>>()?;
    let mut hosts = urls.map(host).collect::<Result<BTreeSet<_>, _>>()?;
    let wired = wired(configured);
    hosts.retain(|found| !frontends.contains(found) && !wired.contains(found));
    Ok(hosts)
}

/// Host names of the network load balancer.
pub(super) fn wired(configured: &Configured) -> BTreeSet<String> {
    let services = configured.simulation.services.values();
    let groups = services.flat_map(|service| &service.target_groups);
    let hosts = groups.filter_map(|group| match &group.entrance {
        Entrance::Listener { host, .. } => host.clone(),
        Entrance::Rule { .. } => None,
    });
    hosts.collect()
}

pub(super) fn host(url: &str) -> Result<String, Failure> {
    let parsed = Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    parsed.ok_or_else(|| {
        let hint = "correct it in backstay.toml: https://HOST/PATH";
        Failure::usage(format!("`{url}` has no host"), hint)
    })
}

#[cfg(test)]
mod tests {
    use super::group_name;

    #[test]
    fn a_target_group_is_called_by_whole_words() {
        for (service, expected) in [
            ("auth-service", "auth-service"),
            (
                "cat-house-staging-catalog-service",
                "house-staging-catalog-service",
            ),
            (
                "cat-house-staging-installation-service",
                "staging-installation-service",
            ),
            (
                "averyveryverylongnamewithoutanyhyphen",
                "veryverylongnamewithoutanyhyphen",
            ),
        ] {
            assert_eq!(group_name(service), expected);
        }
    }
}
