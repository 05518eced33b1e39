//! The list of containers: how many, how they are called, which of them are essential.

use std::collections::BTreeSet;

use super::naming::{MOST_CHARACTERS, is_plain};
use super::rule::{Definition, Found, Rule};

/// Containers of one task definition.
const MOST: usize = 10;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "containers-are-there",
        known: "[MODEL], text [CODE] moto",
        find: are_there,
    },
    Rule {
        name: "containers-at-most-10",
        known: "[OBS] aws/amazon-ecs-cli#184",
        find: at_most_ten,
    },
    Rule {
        name: "container-name-is-there",
        known: "[CODE] moto",
        find: name_is_there,
    },
    Rule {
        name: "container-name-characters",
        known: "[MODEL], text [OBS] hashicorp/terraform-provider-aws#5950",
        find: name_characters,
    },
    Rule {
        name: "container-name-length",
        known: "[MODEL], text [INF]",
        find: name_length,
    },
    Rule {
        name: "container-names-differ",
        known: "[OBS] badmintoncryer/cdk-preflight, deployed 2026-09-02",
        find: names_differ,
    },
    Rule {
        name: "one-container-is-essential",
        known: "[MODEL], text [OBS] badmintoncryer/cdk-preflight, deployed 2026-09-02",
        find: one_is_essential,
    },
];

fn are_there(definition: &Definition<'_>, found: &mut Found) {
    if definition.containers().is_empty() {
        found.refuse(
            definition.whole.place("containerDefinitions"),
            "Container list cannot be empty.",
            "a task has at least one container",
        );
    }
}

fn at_most_ten(definition: &Definition<'_>, found: &mut Found) {
    if let Some(eleventh) = definition.containers().get(MOST) {
        found.refuse(
            eleventh.at.clone(),
            "Too many containers.",
            "a task has at most 10 containers",
        );
    }
}

fn name_is_there(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        if container.text_or_empty("name").is_empty() {
            found.refuse(
                container.place("name"),
                "Container.name should not be null or empty.",
                "give the container a name",
            );
        }
    }
}

fn name_characters(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        if !is_plain(container.text_or_empty("name")) {
            found.refuse(
                container.place("name"),
                "Container.name contains invalid characters.",
                "letters, digits, hyphens and underscores",
            );
        }
    }
}

fn name_length(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        if container.text_or_empty("name").len() > MOST_CHARACTERS {
            found.refuse(
                container.place("name"),
                "Container.name should be 255 characters or less",
                "shorten it",
            );
        }
    }
}

fn names_differ(definition: &Definition<'_>, found: &mut Found) {
    let mut names = BTreeSet::new();
    for container in definition.containers() {
        let Some(name) = container.text("name") else {
            continue;
        };
        if !names.insert(name) {
            found.refuse(
                container.place("name"),
                "Container names must be unique within a task definition",
                format!("there is a container `{name}` already"),
            );
        }
    }
}

fn one_is_essential(definition: &Definition<'_>, found: &mut Found) {
    let containers = definition.containers();
    let inessential = |container: &super::part::Part<'_>| {
        container.get("essential").is_some() && !container.is_true("essential")
    };
    if let [first, ..] = containers.as_slice()
        && containers.iter().all(inessential)
    {
        found.refuse(
            first.place("essential"),
            "Task definition doesn't have any essential container",
            "the task ends with its essential container: mark the one that does the work",
        );
    }
}
