//! Variables, secrets and files of variables.

use std::collections::BTreeSet;

use super::part::Part;
use super::rule::{Definition, Found, Rule};

/// Files of variables of one container.
const MOST_FILES: usize = 10;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "secret-names-differ",
        known: "[OBS] dagster-io/dagster#11622, compose-x/ecs_composex#707",
        find: secret_names_differ,
    },
    Rule {
        name: "secret-is-whole",
        known: "[MODEL], text [INF]",
        find: secret_is_whole,
    },
    Rule {
        name: "variable-names",
        known: "[DOC] Docker: a variable without a name starts no container; of two, one is not seen",
        find: variable_names,
    },
    Rule {
        name: "environment-files-at-most-10",
        known: "[OBS] badmintoncryer/cdk-preflight, deployed 2026-09-08",
        find: at_most_ten_files,
    },
    Rule {
        name: "environment-file-arn",
        known: "[OBS] badmintoncryer/cdk-preflight, deployed 2026-09-08",
        find: file_arn,
    },
    Rule {
        name: "environment-file-extension",
        known: "[DOC]",
        find: file_extension,
    },
];

fn secret_names_differ(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        let variables = container.items("environment");
        let mut taken: BTreeSet<&str> = variables
            .iter()
            .filter_map(|variable| variable.text("name"))
            .collect();
        for secret in container.items("secrets") {
            let name = secret.text_or_empty("name");
            if !taken.insert(name) {
                found.refuse(
                    secret.place("name"),
                    format!(
                        "The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '{name}'."
                    ),
                    "keep one of them",
                );
            }
        }
    }
}

/// The secrets among the options of a container's log driver.
fn of_logs<'v>(container: &Part<'v>) -> Vec<Part<'v>> {
    let logs = container.get("logConfiguration");
    logs.map(|logs| logs.items("secretOptions"))
        .unwrap_or_default()
}

fn secret_is_whole(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        let secrets = container.items("secrets").into_iter();
        for secret in secrets.chain(of_logs(&container)) {
            for member in ["name", "valueFrom"] {
                if secret.text(member) == Some("") {
                    found.refuse(
                        secret.place(member),
                        format!("Secret.{member} should not be null or empty."),
                        "a secret has a name, and a valueFrom: the ARN of a secret or parameter, or a parameter's name",
                    );
                }
            }
        }
    }
}

fn variable_names(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        let mut names = BTreeSet::new();
        for variable in container.items("environment") {
            let name = variable.text_or_empty("name");
            if name.is_empty() {
                found.foresee(
                    variable.place("name"),
                    "an environment variable has no name: no container starts with it",
                    "give it a name",
                );
            } else if !names.insert(name) {
                found.foresee(
                    variable.place("name"),
                    format!("the environment variable `{name}` is there twice: the container sees one of them"),
                    "keep one of them",
                );
            }
        }
    }
}

fn at_most_ten_files(definition: &Definition<'_>, found: &mut Found) {
    for container in definition.containers() {
        if let Some(file) = container.items("environmentFiles").get(MOST_FILES) {
            found.refuse(
                file.at.clone(),
                "The maximum number of environment files was exceeded. Specify ten or less and try again.",
                "put variables of several files into one",
            );
        }
    }
}

fn files<'v>(definition: &Definition<'v>) -> Vec<Part<'v>> {
    let containers = definition.containers();
    let files = containers
        .iter()
        .flat_map(|container| container.items("environmentFiles"));
    files.collect()
}

/// `arn:PARTITION:s3:::BUCKET/KEY`.
fn is_object(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [head, partition, service, region, account, object] = parts.as_slice() else {
        return false;
    };
    *head == "arn"
        && partition.starts_with("aws")
        && *service == "s3"
        && region.is_empty()
        && account.is_empty()
        && object
            .split_once('/')
            .is_some_and(|(bucket, key)| !bucket.is_empty() && !key.is_empty())
}

fn file_arn(definition: &Definition<'_>, found: &mut Found) {
    for file in files(definition) {
        if file.text("value").is_some_and(|arn| !is_object(arn)) {
            found.refuse(
                file.place("value"),
                "Invalid arn syntax.",
                "the ARN of an object, such as arn:aws:s3:::bucket/name.env",
            );
        }
    }
}

fn file_extension(definition: &Definition<'_>, found: &mut Found) {
    for file in files(definition) {
        let value = file.text_or_empty("value");
        if is_object(value) && !value.ends_with(".env") {
            found.foresee(
                file.place("value"),
                "the name of an environment file ends in .env: no container starts with another",
                "rename the object",
            );
        }
    }
}
