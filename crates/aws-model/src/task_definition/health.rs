//! Health checks of containers.

use super::part::Part;
use super::rule::{Definition, Found, Rule};

const SEEN: &str = "[MODEL], text [OBS] badmintoncryer/cdk-preflight, deployed 2026-09-08; that of the lower end [INF]";

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "health-check-command-is-there",
        known: "[MODEL], text [INF]",
        find: command_is_there,
    },
    Rule {
        name: "health-check-command-form",
        known: "[DOC] Docker starts no container with another first word",
        find: command_form,
    },
    Rule {
        name: "health-check-interval",
        known: SEEN,
        find: interval,
    },
    Rule {
        name: "health-check-timeout",
        known: SEEN,
        find: timeout,
    },
    Rule {
        name: "health-check-retries",
        known: SEEN,
        find: retries,
    },
    Rule {
        name: "health-check-start-period",
        known: SEEN,
        find: start_period,
    },
];

/// Health checks, with the name of their container.
fn checks<'v>(definition: &Definition<'v>) -> Vec<(&'v str, Part<'v>)> {
    let containers = definition.containers();
    let checks = containers.iter().filter_map(|container| {
        let check = container.get("healthCheck")?;
        Some((container.text_or_empty("name"), check))
    });
    checks.collect()
}

fn command_is_there(definition: &Definition<'_>, found: &mut Found) {
    for (name, check) in checks(definition) {
        if check.items("command").is_empty() {
            found.refuse(
                check.place("command"),
                format!("Health check command of container '{name}' cannot be empty."),
                "for example [\"CMD-SHELL\", \"curl -f http://localhost/ || exit 1\"]",
            );
        }
    }
}

fn command_form(definition: &Definition<'_>, found: &mut Found) {
    for (_, check) in checks(definition) {
        let command = check.items("command");
        let Some(first) = command.first() else {
            continue;
        };
        let word = first.own_text();
        let fits = match word {
            "NONE" => true,
            "CMD" | "CMD-SHELL" => command.len() > 1,
            _ => false,
        };
        if !fits {
            found.foresee(
                first.at.clone(),
                format!("a health check's command begins with CMD or CMD-SHELL and goes on, not `{word}`: no container starts with it"),
                "[\"CMD\", \"program\", \"argument\"] or [\"CMD-SHELL\", \"a line for the shell\"]",
            );
        }
    }
}

fn within(definition: &Definition<'_>, found: &mut Found, member: &str, (low, high): (i64, i64)) {
    for (name, check) in checks(definition) {
        let Some(value) = check.number(member) else {
            continue;
        };
        let text = if value > high {
            format!(
                "Health check {member} must be less than or equal to the maximum allowed value {high} for container '{name}'"
            )
        } else if value < low {
            format!(
                "Health check {member} must be greater than or equal to the minimum allowed value {low} for container '{name}'"
            )
        } else {
            continue;
        };
        found.refuse(check.place(member), text, format!("{low} to {high}"));
    }
}

fn interval(definition: &Definition<'_>, found: &mut Found) {
    within(definition, found, "interval", (5, 300));
}

fn timeout(definition: &Definition<'_>, found: &mut Found) {
    within(definition, found, "timeout", (2, 60));
}

fn retries(definition: &Definition<'_>, found: &mut Found) {
    within(definition, found, "retries", (1, 10));
}

fn start_period(definition: &Definition<'_>, found: &mut Found) {
    within(definition, found, "startPeriod", (0, 300));
}
