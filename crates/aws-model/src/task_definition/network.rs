//! The network mode, and what a container cannot have in it.

use super::rule::{Definition, Found, Rule};

const SEEN: &str = "[OBS] badmintoncryer/cdk-preflight, deployed 2026-09-08";

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "fargate-network-mode",
        known: "[MODEL], text [OBS]",
        find: fargate_network_mode,
    },
    Rule {
        name: "awsvpc-hostname",
        known: "[MODEL], text [OBS] labd/ecs-deplojo#26",
        find: hostname,
    },
    Rule {
        name: "awsvpc-extra-hosts",
        known: SEEN,
        find: extra_hosts,
    },
    Rule {
        name: "awsvpc-links",
        known: "[MODEL], text [OBS] aws-observability/aws-otel-collector#1359",
        find: links,
    },
    Rule {
        name: "awsvpc-dns-servers",
        known: SEEN,
        find: dns_servers,
    },
    Rule {
        name: "awsvpc-dns-search-domains",
        known: "[DOC], text [INF] as that of DNS servers",
        find: dns_search_domains,
    },
    Rule {
        name: "awsvpc-disable-networking",
        known: SEEN,
        find: disable_networking,
    },
];

fn fargate_network_mode(definition: &Definition<'_>, found: &mut Found) {
    if definition.is_on_fargate() && definition.network_mode() != "awsvpc" {
        found.refuse(
            definition.whole.place("networkMode"),
            "Fargate only supports network mode ‘awsvpc’.",
            "write \"networkMode\": \"awsvpc\" (without it the mode is bridge)",
        );
    }
}

/// Refuses a member that containers of an `awsvpc` task cannot have.
fn none_in_awsvpc(
    definition: &Definition<'_>,
    found: &mut Found,
    member: &str,
    (text, hint): (&str, &str),
) {
    if definition.network_mode() != "awsvpc" {
        return;
    }
    for container in definition.containers() {
        let given = container.get(member).filter(|part| {
            let is_empty_list = part.value.as_array().is_some_and(Vec::is_empty);
            !is_empty_list && part.value.as_bool() != Some(false)
        });
        if let Some(part) = given {
            found.refuse(part.at, text, hint);
        }
    }
}

const OTHER_MODE: &str = "leave it out, or use the network mode bridge on EC2";

fn hostname(definition: &Definition<'_>, found: &mut Found) {
    let text = "hostname is not supported on container when networkMode=awsvpc.";
    none_in_awsvpc(definition, found, "hostname", (text, OTHER_MODE));
}

fn extra_hosts(definition: &Definition<'_>, found: &mut Found) {
    let text = "Extra hosts are not supported on container when networkMode=awsvpc.";
    none_in_awsvpc(definition, found, "extraHosts", (text, OTHER_MODE));
}

fn links(definition: &Definition<'_>, found: &mut Found) {
    let text = "Links are not supported when networkMode=awsvpc.";
    let hint = "leave them out: containers of an awsvpc task reach each other at 127.0.0.1";
    none_in_awsvpc(definition, found, "links", (text, hint));
}

fn dns_servers(definition: &Definition<'_>, found: &mut Found) {
    let text = "DNS servers are not supported on container when networkMode=awsvpc.";
    none_in_awsvpc(definition, found, "dnsServers", (text, OTHER_MODE));
}

fn dns_search_domains(definition: &Definition<'_>, found: &mut Found) {
    let text = "DNS search domains are not supported on container when networkMode=awsvpc.";
    none_in_awsvpc(definition, found, "dnsSearchDomains", (text, OTHER_MODE));
}

fn disable_networking(definition: &Definition<'_>, found: &mut Found) {
    let text = "Disable Networking is not supported on container when networkMode=awsvpc.";
    none_in_awsvpc(definition, found, "disableNetworking", (text, OTHER_MODE));
}
