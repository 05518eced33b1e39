//! Which container waits for which.

use super::links::is_in_circle;
use super::part::Part;
use super::rule::{Definition, Found, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "dependency-is-there",
        known: "[OBS] dagster-io/dagster#6926, eagletmt/hako#99",
        find: is_there,
    },
    Rule {
        name: "dependency-that-ends-is-inessential",
        known: "[MODEL], text [OBS] boto/boto3#2436",
        find: that_ends_is_inessential,
    },
    Rule {
        name: "dependency-has-health-check",
        known: "[MODEL], text [OBS] badmintoncryer/cdk-preflight, deployed 2026-09-08",
        find: has_health_check,
    },
    Rule {
        name: "dependencies-have-no-cycle",
        known: "[DOC], text [INF] as that of links",
        find: no_cycle,
    },
];

fn named<'v>(definition: &Definition<'v>, name: &str) -> Option<Part<'v>> {
    let mut containers = definition.containers().into_iter();
    containers.find(|container| container.text("name") == Some(name))
}

/// Dependencies with the container that is waited for, where there is one.
fn dependencies<'v>(definition: &Definition<'v>) -> Vec<(Part<'v>, Option<Part<'v>>)> {
    let containers = definition.containers();
    let all = containers
        .iter()
        .flat_map(|container| container.items("dependsOn"));
    all.map(|dependency| {
        let target = named(definition, dependency.text_or_empty("containerName"));
        (dependency, target)
    })
    .collect()
}

fn is_there(definition: &Definition<'_>, found: &mut Found) {
    for (dependency, target) in dependencies(definition) {
        if target.is_none() {
            let name = dependency.text_or_empty("containerName");
            let known = definition.containers();
            let known: Vec<&str> = known.iter().filter_map(|one| one.text("name")).collect();
            found.refuse(
                dependency.place("containerName"),
                format!("Cannot depend on container + '{name}' because it does not exist"),
                format!("containers: {}", known.join(", ")),
            );
        }
    }
}

fn that_ends_is_inessential(definition: &Definition<'_>, found: &mut Found) {
    for (dependency, target) in dependencies(definition) {
        let ends = matches!(dependency.text("condition"), Some("SUCCESS" | "COMPLETE"));
        let essential =
            target.is_some_and(|target| !target.has("essential") || target.is_true("essential"));
        if ends && essential {
            found.refuse(
                dependency.place("condition"),
                "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container",
                "the task ends when an essential container ends: write \"essential\": false there",
            );
        }
    }
}

fn has_health_check(definition: &Definition<'_>, found: &mut Found) {
    for (dependency, target) in dependencies(definition) {
        let healthy = dependency.text("condition") == Some("HEALTHY");
        if healthy && target.is_some_and(|target| !target.has("healthCheck")) {
            found.refuse(
                dependency.place("condition"),
                "A dependency container with HEALTHY condition must have health check configured",
                "add a healthCheck to that container, or wait for START",
            );
        }
    }
}

fn no_cycle(definition: &Definition<'_>, found: &mut Found) {
    let targets = |container: &Part<'_>| -> Vec<String> {
        let all = container.items("dependsOn");
        all.iter()
            .map(|dependency| dependency.text_or_empty("containerName").to_owned())
            .collect()
    };
    let containers = definition.containers();
    let edges = containers
        .iter()
        .map(|container| {
            (
                container.text_or_empty("name").to_owned(),
                targets(container),
            )
        })
        .collect();
    let in_circle = containers
        .iter()
        .find(|container| is_in_circle(&edges, container.text_or_empty("name")));
    if let Some(container) = in_circle {
        found.refuse(
            container.place("dependsOn"),
            "Container dependencies should not have a cycle",
            "each would wait for the other",
        );
    }
}
