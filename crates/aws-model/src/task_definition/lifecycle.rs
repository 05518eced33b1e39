//! How containers start, stop and start again.

use super::part::Part;
use super::rule::{Definition, Found, Rule};

/// Exit codes that start no container again.
const MOST_EXIT_CODES: usize = 50;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "fargate-stop-timeout",
        known: "[MODEL], text [INF]",
        find: stop_timeout,
    },
    Rule {
        name: "fargate-start-timeout",
        known: "[MODEL], text [INF]",
        find: start_timeout,
    },
    Rule {
        name: "restart-attempt-period",
        known: "[MODEL], text [OBS] badmintoncryer/cdk-preflight, deployed 2026-09-08",
        find: restart_attempt_period,
    },
    Rule {
        name: "ignored-exit-codes",
        known: "[MODEL], text [INF]",
        find: ignored_exit_codes,
    },
    Rule {
        name: "ulimits",
        known: "[DOC] Docker starts no container whose soft limit is above the hard one",
        find: ulimits,
    },
];

fn name<'v>(container: &Part<'v>) -> &'v str {
    container.text_or_empty("name")
}

fn stop_timeout(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        let seconds = container.number("stopTimeout").unwrap_or(0);
        if definition.is_on_fargate() && !(0..=120).contains(&seconds) {
            found.refuse(
                container.place("stopTimeout"),
                format!(
                    "The 'stopTimeout' setting for container '{}' must be between 0 and 120.",
                    name(&container)
                ),
                "Fargate waits at most 120 seconds for a container to stop",
            );
        }
    }
}

fn start_timeout(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        let Some(seconds) = container.number("startTimeout") else {
            continue;
        };
        if definition.is_on_fargate() && !(2..=120).contains(&seconds) {
            found.refuse(
                container.place("startTimeout"),
                format!(
                    "The 'startTimeout' setting for container '{}' must be between 2 and 120.",
                    name(&container)
                ),
                "2 to 120 seconds on Fargate",
            );
        }
    }
}

fn policies<'v>(definition: &Definition<'v>) -> Vec<(&'v str, Part<'v>)> {
    let containers = definition.containers();
    let all = containers.iter().filter_map(|container| {
        let policy = container.get("restartPolicy")?;
        Some((container.text_or_empty("name"), policy))
    });
    all.collect()
}

fn restart_attempt_period(definition: &Definition<'_>, found: &mut Found) {
    for (name, policy) in policies(definition) {
        let Some(seconds) = policy.number("restartAttemptPeriod") else {
            continue;
        };
        if !(60..=1_800).contains(&seconds) {
            found.refuse(
                policy.place("restartAttemptPeriod"),
                format!("The 'restartAttemptPeriod' setting for container '{name}' must be between 60 and 1800."),
                "60 to 1800 seconds",
            );
        }
    }
}

fn ignored_exit_codes(definition: &Definition<'_>, found: &mut Found) {
    for (name, policy) in policies(definition) {
        if let Some(code) = policy.items("ignoredExitCodes").get(MOST_EXIT_CODES) {
            found.refuse(
                code.at.clone(),
                format!("The 'ignoredExitCodes' setting for container '{name}' must have at most 50 elements."),
                "at most 50 exit codes",
            );
        }
    }
}

fn ulimits(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        for limit in container.items("ulimits") {
            let (soft, hard) = (limit.number("softLimit"), limit.number("hardLimit"));
            // -1 is without limit.
            if let (Some(soft), Some(hard)) = (soft, hard)
                && hard >= 0
                && (soft > hard || soft < 0)
            {
                found.foresee(
                    limit.place("softLimit"),
                    format!("the soft limit {soft} is above the hard limit {hard}: no container starts with it"),
                    "raise the hard limit",
                );
            }
        }
    }
}
