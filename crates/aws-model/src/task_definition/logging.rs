//! Log drivers and their options.

use super::part::Part;
use super::rule::{Definition, Found, Rule};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "fargate-log-driver",
        known: "[OBS] kayac/ecspresso#364, badmintoncryer/cdk-preflight, deployed 2026-09-08",
        find: fargate_driver,
    },
    Rule {
        name: "awslogs-options",
        known: "[OBS] klothoplatform/klotho#892, badmintoncryer/cdk-preflight, deployed 2026-09-08",
        find: awslogs_options,
    },
    Rule {
        name: "awslogs-unknown-options",
        known: "[OBS] aws-samples/amazon-ecs-firelens-examples#83",
        find: awslogs_unknown_options,
    },
    Rule {
        name: "fargate-awslogs-stream-prefix",
        known: "[DOC], text [OBS] badmintoncryer/cdk-preflight, deployed 2026-09-08; how it ends [MEM]",
        find: stream_prefix,
    },
    Rule {
        name: "splunk-options",
        known: "[DOC], text [INF] as that of awslogs",
        find: splunk_options,
    },
    Rule {
        name: "firelens-has-router",
        known: "[OBS] fabfuel/ecs-deploy#164",
        find: has_router,
    },
    Rule {
        name: "firelens-router-is-used",
        known: "[OBS] aws/amazon-cloudwatch-logs-for-fluent-bit#20",
        find: router_is_used,
    },
    Rule {
        name: "fargate-firelens-file",
        known: "[DOC], text [CODE] floci",
        find: firelens_file,
    },
];

/// Options of awslogs that do not begin with its name [DOC].
const OTHER_AWSLOGS_OPTIONS: [&str; 3] = ["mode", "max-buffer-size", "tag"];

fn driver<'v>(logs: &Part<'v>) -> &'v str {
    logs.text_or_empty("logDriver")
}

/// The log configurations of a driver.
fn written_by<'v>(definition: &Definition<'v>, wanted: &str) -> Vec<Part<'v>> {
    let containers = definition.containers();
    let all = containers
        .iter()
        .filter_map(|container| container.get("logConfiguration"));
    all.filter(|logs| driver(logs) == wanted).collect()
}

/// Whether an option has a value; a secret gives one too.
fn has_option(logs: &Part<'_>, name: &str) -> bool {
    let options = logs.get("options");
    let given = options.is_some_and(|options| !options.text_or_empty(name).is_empty());
    let secrets = logs.items("secretOptions");
    given
        || secrets
            .iter()
            .any(|secret| secret.text("name") == Some(name))
}

fn fargate_driver(definition: &Definition<'_>, found: &mut Found) {
    if !definition.is_on_fargate() {
        return;
    }
    for container in definition.containers() {
        let Some(logs) = container.get("logConfiguration") else {
            continue;
        };
        let driver = driver(&logs);
        if !matches!(driver, "awslogs" | "splunk" | "awsfirelens") {
            found.refuse(
                logs.place("logDriver"),
                format!("{driver} is not a valid log driver. Must be one of [awslogs,splunk,awsfirelens]"),
                "Fargate has awslogs, splunk and awsfirelens",
            );
        }
    }
}

/// Refuses the options that a driver cannot do without.
fn required(definition: &Definition<'_>, found: &mut Found, driver: &str, options: [&str; 2]) {
    for logs in written_by(definition, driver) {
        let missing = options.iter().filter(|name| !has_option(&logs, name));
        let missing: Vec<&str> = missing.copied().collect();
        if !missing.is_empty() {
            found.refuse(
                logs.place("options"),
                format!(
                    "Log driver {driver} requires options: {}",
                    missing.join(", ")
                ),
                format!("add `{}` to `options`", missing.join("` and `")),
            );
        }
    }
}

fn awslogs_options(definition: &Definition<'_>, found: &mut Found) {
    required(
        definition,
        found,
        "awslogs",
        ["awslogs-region", "awslogs-group"],
    );
}

fn splunk_options(definition: &Definition<'_>, found: &mut Found) {
    required(definition, found, "splunk", ["splunk-url", "splunk-token"]);
}

fn awslogs_unknown_options(definition: &Definition<'_>, found: &mut Found) {
    for logs in written_by(definition, "awslogs") {
        let Some(options) = logs.get("options") else {
            continue;
        };
        for name in options
            .members()
            .into_iter()
            .flat_map(|members| members.keys())
        {
            if !name.starts_with("awslogs-") && !OTHER_AWSLOGS_OPTIONS.contains(&name.as_str()) {
                found.refuse(
                    options.at.member(name),
                    format!("Log driver awslogs disallows options: {name}"),
                    "leave it out",
                );
            }
        }
    }
}

fn stream_prefix(definition: &Definition<'_>, found: &mut Found) {
    if !definition.is_on_fargate() {
        return;
    }
    for logs in written_by(definition, "awslogs") {
        if !has_option(&logs, "awslogs-stream-prefix") {
            found.refuse(
                logs.place("options"),
                "Fargate requires log configuration options to include awslogs-stream-prefix to support log driver awslogs.",
                "add `awslogs-stream-prefix`: streams are PREFIX/CONTAINER/TASK",
            );
        }
    }
}

fn routers<'v>(definition: &Definition<'v>) -> Vec<Part<'v>> {
    let containers = definition.containers();
    let routers = containers
        .iter()
        .filter_map(|container| container.get("firelensConfiguration"));
    routers.collect()
}

fn has_router(definition: &Definition<'_>, found: &mut Found) {
    if !routers(definition).is_empty() {
        return;
    }
    if let Some(logs) = written_by(definition, "awsfirelens").first() {
        found.refuse(
            logs.place("logDriver"),
            "When awsfirelens log driver is specified in log configuration, a firelens configuration object must be configured in one of the containers.",
            "one container is the router: give it a firelensConfiguration",
        );
    }
}

fn router_is_used(definition: &Definition<'_>, found: &mut Found) {
    if !written_by(definition, "awsfirelens").is_empty() {
        return;
    }
    if let Some(router) = routers(definition).into_iter().next() {
        found.refuse(
            router.at,
            "When a firelensConfiguration object is specified, at least one container has to be configured with the awsfirelens log driver.",
            "let a container log by awsfirelens, or leave firelensConfiguration out",
        );
    }
}

fn firelens_file(definition: &Definition<'_>, found: &mut Found) {
    if !definition.is_on_fargate() {
        return;
    }
    for router in routers(definition) {
        let Some(options) = router.get("options") else {
            continue;
        };
        if options.text("config-file-type") == Some("s3") {
            found.refuse(
                options.place("config-file-type"),
                "Fargate launch type does not support FirelensConfiguration config file from 's3'",
                "put the file into the router's image and name it by \"config-file-type\": \"file\"",
            );
        }
    }
}
