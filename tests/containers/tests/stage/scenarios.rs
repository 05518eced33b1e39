//! Scenarios of `tests/scenarios`, played for real with the same `expect`.
//!
//! What differs from the stage `wire`, by name: `service-out-of-memory` and `migration-out-of-memory` are not played on
//! `process`, since a program has no memory limit of its own; stories are not compared, since real programs take real time.

use std::fs;

use backstay_cli::scenario::{Scenario, Setup};
use backstay_domain::app::{Compatibility, WayDown};
use rstest::rstest;
use serde_json::to_string;

use crate::cloud::{Cloud, Setting, Stage};
use crate::expected::differences;
use crate::house::{House, fixtures, repository};

/// Plays one; `each` is the service that it is played with.
fn play(stage: Stage, name: &str, each: &str, setting: &Setting<'_>) {
    let file = repository().join(format!("tests/scenarios/{name}.md"));
    let text = fs::read_to_string(file)
        .unwrap()
        .replace("\"each", &format!("\"{each}"));
    let scenario = Scenario::parse(&text).unwrap();
    let given = &scenario.given;
    let Some(cloud) = Cloud::with(stage, &format!("{stage:?} {name}"), House::new(), setting)
    else {
        return;
    };
    if given.compatibility == Some(Compatibility::Breaking) {
        cloud.breaks();
    }
    // Cat-house's is lossless.
    assert!(matches!(given.way_down, None | Some(WayDown::Lossless)));
    let faults = Setup::of(&scenario, &fixtures()).unwrap().faults;
    let faults = to_string(&faults).unwrap();
    assert_eq!(cloud.control("POST", "faults", &faults).status, 200);
    let version = scenario.play.deploy.as_str();
    let said = cloud.run([
        "deploy",
        "staging",
        "--version",
        version,
        "--output",
        "json",
    ]);
    let found = differences(&scenario, &cloud, &said);
    let (stdout, stderr) = (&said.stdout, &said.stderr);
    assert!(found.is_empty(), "{}\n{stdout}\n{stderr}", found.join("\n"));
}

#[rstest]
#[case::everything_is_good("everything-is-good", "auth-service")]
#[case::crash("service-crash", "catalog-service")]
#[case::unhealthy("service-unhealthy", "installation-service")]
#[case::image_missing("service-image-missing", "proxy-service")]
#[case::after_it_was_healthy("fails-only-after-it-was-healthy", "auth-service")]
#[case::migration_fails("migration-exits-1", "auth-service")]
#[case::migration_never_starts("migration-never-starts", "auth-service")]
#[case::half_way("half-way-migration-is-judged-by-the-revision", "auth-service")]
#[case::lossless_way_down("breaking-migration-with-a-lossless-way-down", "auth-service")]
#[case::all_at_once("all-services-at-once", "auth-service")]
fn the_same_is_expected(
    #[values(Stage::Process, Stage::Docker)] stage: Stage,
    #[case] name: &str,
    #[case] each: &str,
) {
    play(stage, name, each, &Setting::default());
}

/// These have times of their own: a container takes seconds of real time to start, which were a minute of a faster cloud's.
#[rstest]
#[case::errors("service-errors-5xx", "catalog-service")]
#[case::slow_start("slow-start-that-is-fast-enough", "auth-service")]
fn with_times(
    #[values(Stage::Process, Stage::Docker)] stage: Stage,
    #[case] name: &str,
    #[case] each: &str,
) {
    let speed = match stage {
        Stage::Process => None,
        Stage::Docker => Some(5),
    };
    let setting = Setting {
        speed,
        ..Setting::default()
    };
    play(stage, name, each, &setting);
}

/// Only an engine limits memory.
#[rstest]
#[case::of_a_service("service-out-of-memory", "catalog-service")]
#[case::of_the_migration("migration-out-of-memory", "auth-service")]
fn out_of_memory(#[case] name: &str, #[case] each: &str) {
    play(Stage::Docker, name, each, &Setting::default());
}
