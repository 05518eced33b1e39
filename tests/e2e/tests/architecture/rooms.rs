//! Who may depend on whom: our rooms, and the crates each of them is built from.

use std::process::Command;

use serde_json::Value;

use crate::tree::{root, verdict};

/// Our rooms, and the rooms each may know. `aws-model` is what AWS says of itself, which both sides may read; `migrations` is what files of
/// migrations do to a database, and knows no deployment. `e2e` knows all of them: it plays them against each other. `localstack` plays the built
/// binary, and knows the simulator that it puts in front of a cloud that is not ours; `load` plays built binaries, and knows nothing.
/// `containers` plays built binaries too, reads scenarios as the cli does, and has a database.
/// `model` knows the domain alone: what it holds
/// against it shares nothing with the simulated cloud. `mutants` knows texts only. The service of the fixtures is somebody else's
/// program.
const ROOMS: [(&str, &[&str]); 15] = [
    ("backstay-aws-model", &[]),
    ("backstay-migrations", &[]),
    ("backstay-domain", &[]),
    (
        "backstay-config",
        &["backstay-aws-model", "backstay-domain"],
    ),
    ("backstay-adapters", &["backstay-domain"]),
    ("backstay-simulator", &["backstay-aws-model"]),
    (
        "backstay-cli",
        &[
            "backstay-adapters",
            "backstay-config",
            "backstay-domain",
            "backstay-migrations",
            "backstay-simulator",
        ],
    ),
    (
        "backstay-e2e",
        &[
            "backstay-adapters",
            "backstay-cli",
            "backstay-config",
            "backstay-domain",
            "backstay-simulator",
        ],
    ),
    ("backstay-load", &[]),
    ("backstay-localstack", &["backstay-simulator"]),
    ("backstay-model", &["backstay-domain"]),
    ("backstay-mutants", &[]),
    (
        "backstay-containers",
        &["backstay-cli", "backstay-database", "backstay-domain"],
    ),
    ("backstay-database", &["backstay-domain"]),
    ("backstay-fixture-service", &["backstay-database"]),
];

/// Rooms that are for tests: what they may know, only their tests do.
const FOR_TESTS: [&str; 4] = [
    "backstay-containers",
    "backstay-e2e",
    "backstay-database",
    "backstay-fixture-service",
];

/// Everything that the domain is built from, besides the standard library.
const DOMAIN_CRATES: [&str; 6] = [
    "futures-util",
    "jiff",
    "serde",
    "serde_json",
    "sha2",
    "thiserror",
];

/// Everything that the model is built from: a checker that is small enough to be read is believed.
const MODEL_CRATES: [&str; 4] = ["backstay-domain", "futures-util", "jiff", "serde_json"];

/// Crates that a room must not have, by the beginning of their names, and why.
const BANNED_CRATES: [(&str, &[&str], &str); 6] = [
    (
        "backstay-config",
        &["tokio", "aws-", "reqwest", "futures"],
        "config is pure: text in, app or problems out",
    ),
    (
        "backstay-migrations",
        &["tokio", "aws-", "reqwest", "futures", "tempfile"],
        "migrations is pure: files in, answers out",
    ),
    (
        "backstay-simulator",
        &["aws-sdk-", "aws-config", "reqwest", "jiff"],
        "the simulator knows AWS from its documents, not from the client it is tested with (dev-dependencies may)",
    ),
    (
        "backstay-cli",
        &["aws-sdk-", "reqwest", "s3s"],
        "the cli composes; only adapters speak to AWS",
    ),
    (
        "backstay-adapters",
        &["clap", "miette", "indicatif", "s3s"],
        "adapters translate; only the cli speaks to people",
    ),
    (
        "backstay-fixture-service",
        &["backstay-", "aws-"],
        "the service is deployed by Backstay and knows nothing of it, nor of AWS",
    ),
];

#[test]
fn the_rooms_depend_in_one_direction() {
    let mut wrong = Vec::new();
    let packages = packages();
    let mut names: Vec<&str> = packages
        .iter()
        .map(|package| text(package, "name"))
        .collect();
    names.sort_unstable();
    let mut known: Vec<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    known.sort_unstable();
    if names != known {
        wrong.push(format!(
            "the workspace's members are {names:?}, the diagram has {known:?}: draw the new room in ARCHITECTURE.md and in ROOMS"
        ));
    }
    for (room, may) in ROOMS {
        let test_only = FOR_TESTS.contains(&room);
        for dependency in dependencies(&packages, room) {
            let name = text(dependency, "name");
            if name.starts_with("backstay-") && !may.contains(&name) {
                wrong.push(format!(
                    "{room} depends on {name}: only {may:?} may be named there; move the code, or pass a value"
                ));
            }
        }
        for name in may.iter().filter(|_| !test_only) {
            if !normal(&packages, room).contains(name) {
                wrong.push(format!("{room} no longer depends on {name}: take the arrow out of ROOMS and ARCHITECTURE.md"));
            }
        }
    }
    verdict(&wrong);
}

#[test]
fn the_domain_is_built_from_few_crates() {
    let packages = packages();
    let found = normal(&packages, "backstay-domain");
    assert_eq!(
        found, DOMAIN_CRATES,
        "the domain's dependencies changed. Pure, small and runtime-free crates only; then update DOMAIN_CRATES"
    );
}

#[test]
fn the_model_is_built_from_few_crates() {
    let packages = packages();
    let found = normal(&packages, "backstay-model");
    assert_eq!(
        found, MODEL_CRATES,
        "the model's dependencies changed: it knows the domain, and nothing that could share a misunderstanding with it"
    );
}

#[test]
fn no_room_has_a_crate_it_must_not_know() {
    let packages = packages();
    let mut wrong = Vec::new();
    for (room, banned, why) in BANNED_CRATES {
        for name in normal(&packages, room) {
            if banned.iter().any(|start| name.starts_with(start)) {
                wrong.push(format!("{room} depends on {name}: {why}"));
            }
        }
    }
    verdict(&wrong);
}

/// The workspace's packages as cargo knows them.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    metadata["packages"]
        .as_array()
        .expect("cargo metadata lists packages")
        .clone()
}

fn dependencies<'a>(packages: &'a [Value], room: &str) -> &'a [Value] {
    packages
        .iter()
        .find(|package| text(package, "name") == room)
        .and_then(|package| package["dependencies"].as_array())
        .map_or(&[], Vec::as_slice)
}

/// What a room is built from, in order of name; not what only its tests need.
fn normal<'a>(packages: &'a [Value], room: &str) -> Vec<&'a str> {
    let mut names: Vec<&str> = dependencies(packages, room)
        .iter()
        .filter(|dependency| dependency["kind"].as_str() != Some("dev"))
        .map(|dependency| text(dependency, "name"))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_default()
}
