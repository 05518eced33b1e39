//! What Terraform would have made of the load balancer: target groups for services with a port, and the hosts of their addresses.

use std::collections::BTreeSet;

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
    let mut containers = container_documents(document);
    let (container, port) = containers.find_map(|container| {
        let port = container
            .pointer("/portMappings/0/containerPort")?
            .as_u64()?;
        Some((container.get("name")?.as_str()?, u16::try_from(port).ok()?))
    })?;
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
        container_name: container.to_owned(),
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
