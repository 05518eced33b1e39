//! What Terraform would have made of the load balancer: target groups for services with a port, and the hosts of their addresses.

use std::collections::{BTreeMap, BTreeSet};

use backstay_config::{Configured, SimulatedService};
use backstay_domain::ServiceName;
use backstay_domain::definition::container_documents;
use backstay_simulator::{ServiceTargetGroup, TargetGroupBlueprint};
use serde_json::Value;
use url::Url;

use crate::failure::Failure;

/// The target group of a service with a port, and how its tasks are registered there.
pub(super) fn balanced(
    name: &ServiceName,
    cluster_name: &str,
    document: &Value,
    wanted: &SimulatedService,
) -> Option<(TargetGroupBlueprint, ServiceTargetGroup)> {
    let named = |container: &&Value| match &wanted.container {
        Some(name) => container.get("name").and_then(Value::as_str) == Some(name),
        None => true,
    };
    let essential = |container: &&Value| container.get("essential") != Some(&Value::Bool(false));
    let with_port = |container: &Value| {
        let port = container.pointer("/portMappings/0/containerPort")?;
        let port = u16::try_from(port.as_u64()?).ok()?;
        Some((container.get("name")?.as_str()?.to_owned(), port))
    };
    // A log router or an agent may have a port as well; the app's end is the task's end.
    let containers = || container_documents(document).filter(named);
    let first = containers().filter(essential).find_map(with_port);
    let (container, port) = first.or_else(|| containers().find_map(with_port))?;
    let group_name = group_name(cluster_name);
    let group = TargetGroupBlueprint {
        name: group_name.clone(),
        port,
        health_check_path: wanted
            .health_check_path
            .clone()
            .unwrap_or_else(|| format!("/{name}/health")),
        health_check_interval_seconds: wanted.health_check_interval.as_secs(),
        health_check_timeout_seconds: 6,
        healthy_threshold: 5,
        unhealthy_threshold: wanted.unhealthy_threshold,
        deregistration_delay_seconds: wanted.deregistration_delay.as_secs(),
    };
    let attached = ServiceTargetGroup {
        name: group_name,
        container_name: container,
        container_port: port,
    };
    Some((group, attached))
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

/// Host names of the load balancer: those of probes and checks.
pub(super) fn hosts_of(configured: &Configured) -> Result<BTreeSet<String>, Failure> {
    let app = &configured.app;
    let urls = app
        .services
        .values()
        .filter_map(|s| s.probe.as_ref())
        .chain(&app.checks)
        .map(|check| check.url.as_str());
    let frontend = app
        .frontend
        .as_ref()
        .and_then(|f| f.url.as_deref())
        .map(host)
        .transpose()?;
    let mut hosts = urls.map(host).collect::<Result<BTreeSet<_>, _>>()?;
    hosts.retain(|found| Some(found) != frontend.as_ref());
    Ok(hosts)
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
