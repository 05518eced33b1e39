//! Links between containers of a bridge.

use std::collections::BTreeMap;

use super::part::Part;
use super::rule::{Definition, Found, Rule};

pub(super) const RULES: &[Rule] = &[Rule {
    name: "links-have-no-cycle",
    known: "[OBS] Shippable/support#4194",
    find: no_cycle,
}];

fn no_cycle(definition: &Definition<'_>, found: &mut Found) {
    let links = |container: &Part<'_>| -> Vec<String> {
        let links = container.items("links");
        let target = |link: &Part<'_>| link.own_text().split(':').next().map(str::to_owned);
        links.iter().filter_map(target).collect()
    };
    let containers = definition.containers();
    let edges = containers
        .iter()
        .map(|container| (container.text_or_empty("name").to_owned(), links(container)))
        .collect();
    let in_circle = containers.iter().find(|container| {
        container.has("links") && is_in_circle(&edges, container.text_or_empty("name"))
    });
    if let Some(container) = in_circle {
        found.refuse(
            container.place("links"),
            "Container links should not have a cycle",
            "a container cannot be linked to one that is linked to it",
        );
    }
}

/// Whether one comes back to where one started.
pub(super) fn is_in_circle(edges: &BTreeMap<String, Vec<String>>, start: &str) -> bool {
    let mut open: Vec<&str> = vec![start];
    let mut seen: Vec<&str> = Vec::new();
    while let Some(one) = open.pop() {
        for next in edges.get(one).into_iter().flatten() {
            if next == start {
                return true;
            }
            if !seen.contains(&next.as_str()) {
                seen.push(next);
                open.push(next);
            }
        }
    }
    false
}
