//! The proxy of App Mesh.

use super::part::Part;
use super::rule::{Definition, Found, Rule};

const SEEN: &str = "[OBS] badmintoncryer/cdk-preflight, deployed 2026-09-08";

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "proxy-network-mode",
        known: SEEN,
        find: network_mode,
    },
    Rule {
        name: "proxy-container-is-there",
        known: SEEN,
        find: container_is_there,
    },
    Rule {
        name: "proxy-ingress-port",
        known: SEEN,
        find: ingress_port,
    },
    Rule {
        name: "proxy-egress-port",
        known: "[MODEL], text [INF] as that of the ingress port",
        find: egress_port,
    },
];

fn proxy<'v>(definition: &Definition<'v>) -> Option<Part<'v>> {
    definition.whole.get("proxyConfiguration")
}

fn network_mode(definition: &Definition<'_>, found: &mut Found) {
    if let Some(proxy) = proxy(definition)
        && definition.network_mode() != "awsvpc"
    {
        found.refuse(
            proxy.at,
            "APPMESH proxy configuration is only supported in networkMode=awsvpc",
            "write \"networkMode\": \"awsvpc\"",
        );
    }
}

fn container_is_there(definition: &Definition<'_>, found: &mut Found) {
    let Some(proxy) = proxy(definition) else {
        return;
    };
    let name = proxy.text_or_empty("containerName");
    let containers = definition.containers();
    if !containers
        .iter()
        .any(|container| container.text("name") == Some(name))
    {
        found.refuse(
            proxy.place("containerName"),
            format!("Proxy container [{name}] does not exist."),
            "name a container of this task definition",
        );
    }
}

fn ingress_port(definition: &Definition<'_>, found: &mut Found) {
    needs(
        definition,
        found,
        "ProxyIngressPort",
        "Ingress port not found",
    );
}

fn egress_port(definition: &Definition<'_>, found: &mut Found) {
    needs(
        definition,
        found,
        "ProxyEgressPort",
        "Egress port not found",
    );
}

fn needs(definition: &Definition<'_>, found: &mut Found, property: &str, text: &str) {
    let Some(proxy) = proxy(definition) else {
        return;
    };
    let properties = proxy.items("properties");
    let given = properties
        .iter()
        .any(|one| one.text("name") == Some(property) && !one.text_or_empty("value").is_empty());
    if !given {
        found.refuse(
            proxy.place("properties"),
            text,
            format!("add the property {property}"),
        );
    }
}
