//! Port mappings: numbers, ranges, names, and that no port is taken twice.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::part::Part;
use super::rule::{Definition, Found, Rule};

const SEEN: &str = "[OBS] badmintoncryer/cdk-preflight, deployed 2026-09-08";

/// Ranges of ports of one container.
const MOST_RANGES: usize = 100;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "no-ports-without-network",
        known: "[MODEL], text [INF]",
        find: none_without_network,
    },
    Rule {
        name: "port-or-range",
        known: SEEN,
        find: port_or_range,
    },
    Rule {
        name: "container-port",
        known: "[MODEL], text [OBS] aws/aws-cli#7288, aws/aws-cdk#8762",
        find: container_port,
    },
    Rule {
        name: "host-port",
        known: "[MODEL], text [INF] as that of container ports",
        find: host_port,
    },
    Rule {
        name: "awsvpc-host-port-is-container-port",
        known: "[MODEL], text [OBS] pulumi/pulumi-awsx#935; 0 is another port: aws/amazon-ecs-cli#1014",
        find: awsvpc_ports_match,
    },
    Rule {
        name: "host-mode-host-port-is-container-port",
        known: SEEN,
        find: host_ports_match,
    },
    Rule {
        name: "awsvpc-container-port-once",
        known: SEEN,
        find: awsvpc_port_once,
    },
    Rule {
        name: "host-port-once",
        known: "[OBS] aws/amazon-ecs-agent#1220",
        find: host_port_once,
    },
    Rule {
        name: "port-range",
        known: SEEN,
        find: port_range,
    },
    Rule {
        name: "port-range-network-mode",
        known: "[MODEL], text [INF]",
        find: port_range_mode,
    },
    Rule {
        name: "port-ranges-at-most-100",
        known: "[MODEL], text [INF]",
        find: at_most_a_hundred_ranges,
    },
    Rule {
        name: "port-name-form",
        known: "[MODEL], text [INF]",
        find: name_form,
    },
    Rule {
        name: "port-names-differ",
        known: SEEN,
        find: names_differ,
    },
];

fn mappings<'v>(container: &Part<'v>) -> Vec<Part<'v>> {
    container.items("portMappings")
}

fn name<'v>(container: &Part<'v>) -> &'v str {
    container.text_or_empty("name")
}

/// The ports of a mapping: its port, or its range.
fn ports(mapping: &Part<'_>) -> Option<RangeInclusive<i64>> {
    match mapping.text("containerPortRange") {
        Some(range) => range_of(range),
        None => mapping.number("containerPort").map(|port| port..=port),
    }
}

fn range_of(text: &str) -> Option<RangeInclusive<i64>> {
    let (first, last) = text.split_once('-')?;
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    let fits = 1 <= first && first < last && last <= 65_535;
    fits.then_some(first..=last)
}

/// `TCP` or `UDP`: they do not get in each other's way.
fn protocol(mapping: &Part<'_>) -> String {
    mapping.text("protocol").unwrap_or("tcp").to_uppercase()
}

fn none_without_network(definition: &Definition<'_>, found: &mut Found) {
    if definition.network_mode() != "none" {
        return;
    }
    for container in definition.containers() {
        if !mappings(&container).is_empty() {
            found.refuse(
                container.place("portMappings"),
                "Port mappings are not supported when networkMode=none.",
                "leave them out, or choose another network mode",
            );
        }
    }
}

fn port_or_range(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        for mapping in mappings(&container) {
            let single = mapping.has("containerPort") || mapping.has("hostPort");
            if single && mapping.has("containerPortRange") {
                found.refuse(
                    mapping.place("containerPortRange"),
                    format!(
                        "Invalid port mapping for container '{}', cannot specify both single port and port range.",
                        name(&container)
                    ),
                    "use two mappings",
                );
            }
        }
    }
}

fn container_port(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        for mapping in mappings(&container) {
            let port = mapping.number("containerPort").unwrap_or(0);
            if !mapping.has("containerPortRange") && !(1..=65_535).contains(&port) {
                found.refuse(
                    mapping.place("containerPort"),
                    format!(
                        "Invalid 'containerPort' setting for container '{}'.",
                        name(&container)
                    ),
                    "every mapping has a containerPort between 1 and 65535",
                );
            }
        }
    }
}

fn host_port(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        for mapping in mappings(&container) {
            let port = mapping.number("hostPort").unwrap_or(0);
            if !(0..=65_535).contains(&port) {
                found.refuse(
                    mapping.place("hostPort"),
                    format!(
                        "Invalid 'hostPort' setting for container '{}'.",
                        name(&container)
                    ),
                    "a port is between 0 and 65535",
                );
            }
        }
    }
}

fn awsvpc_ports_match(definition: &Definition<'_>, found: &mut Found) {
    ports_match(definition, found, "awsvpc");
}

fn host_ports_match(definition: &Definition<'_>, found: &mut Found) {
    ports_match(definition, found, "host");
}

fn ports_match(definition: &Definition<'_>, found: &mut Found, mode: &str) {
    if definition.network_mode() != mode {
        return;
    }
    for container in definition.containers() {
        for mapping in mappings(&container) {
            let (host, own) = (mapping.number("hostPort"), mapping.number("containerPort"));
            if host.is_some() && own.is_some() && host != own {
                found.refuse(
                    mapping.place("hostPort"),
                    format!(
                        "When networkMode={mode}, the host ports and container ports in port mappings must match."
                    ),
                    "leave hostPort out",
                );
            }
        }
    }
}

fn awsvpc_port_once(definition: &Definition<'_>, found: &mut Found) {
    if definition.network_mode() != "awsvpc" {
        return;
    }
    let mut taken: Vec<(String, RangeInclusive<i64>)> = Vec::new();
    for mapping in definition.containers().iter().flat_map(mappings) {
        let Some(ports) = ports(&mapping) else {
            continue;
        };
        let protocol = protocol(&mapping);
        let both = taken
            .iter()
            .filter(|(other, _)| *other == protocol)
            .map(|(_, other)| {
                (*other.start()).max(*ports.start())..=(*other.end()).min(*ports.end())
            })
            .find(|both| !both.is_empty());
        if let Some(both) = both {
            found.refuse(
                mapping.place("containerPort"),
                format!(
                    "{protocol} container port '{}' is used multiple times in task when networkMode=awsvpc.",
                    both.start()
                ),
                "containers of an awsvpc task share one network: each needs a port of its own",
            );
        }
        taken.push((protocol, ports));
    }
}

fn host_port_once(definition: &Definition<'_>, found: &mut Found) {
    if definition.network_mode() == "awsvpc" {
        return;
    }
    let mut taken = BTreeSet::new();
    for mapping in definition.containers().iter().flat_map(mappings) {
        let port = match (mapping.number("hostPort"), definition.network_mode()) {
            (Some(port), _) => port,
            (None, "host") => mapping.number("containerPort").unwrap_or(0),
            (None, _) => 0,
        };
        let protocol = protocol(&mapping);
        // 0: one is chosen when the task starts.
        if port != 0 && !taken.insert((protocol.clone(), port)) {
            found.refuse(
                mapping.place("hostPort"),
                format!("{protocol} host port '{port}' is mapped multiple times in task."),
                "choose another host port, or leave it out",
            );
        }
    }
}

fn port_range(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        for mapping in mappings(&container) {
            let Some(range) = mapping.text("containerPortRange") else {
                continue;
            };
            if range_of(range).is_none() {
                found.refuse(
                    mapping.place("containerPortRange"),
                    format!(
                        "Invalid 'containerPortRange' setting for container '{}'.",
                        name(&container)
                    ),
                    "FIRST-LAST, between 1 and 65535, the first below the last",
                );
            }
        }
    }
}

fn port_range_mode(definition: &Definition<'_>, found: &mut Found) {
    let mode = definition.network_mode();
    if matches!(mode, "awsvpc" | "bridge") {
        return;
    }
    for mapping in definition.containers().iter().flat_map(mappings) {
        if let Some(range) = mapping.get("containerPortRange") {
            found.refuse(
                range.at,
                format!("containerPortRange is not supported when networkMode={mode}."),
                "ranges are for the network modes awsvpc and bridge",
            );
        }
    }
}

fn at_most_a_hundred_ranges(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        let ranges = mappings(&container).into_iter();
        let ranges = ranges.filter(|mapping| mapping.has("containerPortRange"));
        if let Some(range) = ranges.into_iter().nth(MOST_RANGES) {
            found.refuse(
                range.at,
                format!("Too many port ranges for container '{}'.", name(&container)),
                "a container has at most 100 port ranges",
            );
        }
    }
}

fn name_form(definition: &Definition<'_>, found: &mut Found) {
    let allowed =
        |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '-' || one == '_';
    for container in definition.containers() {
        for mapping in mappings(&container) {
            let Some(given) = mapping.text("name") else {
                continue;
            };
            let fits = (1..=64).contains(&given.len())
                && given.chars().all(allowed)
                && !given.starts_with('-');
            if !fits {
                found.refuse(
                    mapping.place("name"),
                    format!("Invalid port mapping name for container '{}'.", name(&container)),
                    "at most 64 lower-case letters, digits, underscores and hyphens, no hyphen first",
                );
            }
        }
    }
}

fn names_differ(definition: &Definition<'_>, found: &mut Found) {
    let mut names = BTreeSet::new();
    for mapping in definition.containers().iter().flat_map(mappings) {
        let Some(name) = mapping.text("name") else {
            continue;
        };
        if !names.insert(name) && definition.network_mode() == "awsvpc" {
            found.refuse(
                mapping.place("name"),
                "When networkMode=awsvpc, port mapping name is already used",
                format!("another port is called `{name}` already"),
            );
        }
    }
}
