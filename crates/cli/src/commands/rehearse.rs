//! `backstay rehearse`: the user's own configuration against a throw-away simulated cloud, in virtual time, with faults.

use std::path::{Path, PathBuf};

use backstay_domain::Version;
use backstay_domain::plan::Plan;
use jiff::SignedDuration;

use super::finished;
use crate::args::Rehearse;
use crate::compose::cloud::{Time, runtime};
use crate::compose::embedded::FIRST_VERSION;
use crate::compose::project::Project;
use crate::failure::Failure;
use crate::render::json::{self, JsonLines};
use crate::render::lines::Lines;
use crate::render::plan::{nothing_to_do_text, plan_text};
use crate::scenario::{Played, Rehearsal, Scenario, Setup, fault_from_argument};
use crate::shell::{Output, Shell};

/// The version that is rehearsed when the app is no git checkout.
const SOME_VERSION: &str = "2f9c1e7";

pub(super) fn run(shell: &Shell, directory: &Path, arguments: &Rehearse) -> Result<u8, Failure> {
    if arguments.scenario.is_empty() {
        let environment = arguments.environment.as_deref().unwrap_or_default();
        let setup = setup(directory, environment, arguments)?;
        return play(shell, setup);
    }
    let mut worst = 0;
    for file in &arguments.scenario {
        let text = std::fs::read_to_string(file).map_err(|error| {
            Failure::usage(
                format!("{}: {error}", file.display()),
                "name a scenario file; see tests/scenarios for examples",
            )
        })?;
        let scenario = Scenario::parse(&text).map_err(|error| {
            Failure::usage(
                format!("{}: {error}", file.display()),
                "see tests/scenarios for examples",
            )
        })?;
        shell.note(&format!("{}: {}", file.display(), scenario.title));
        worst = worst.max(play(
            shell,
            Setup::of(&scenario, &fixtures(directory, file))?,
        )?);
    }
    Ok(worst)
}

/// Scenarios name apps below `fixtures`, which is looked for beside the scenarios, then below the current directory.
fn fixtures(directory: &Path, scenario: &Path) -> PathBuf {
    let beside = scenario
        .ancestors()
        .map(|ancestor| ancestor.join("fixtures"))
        .find(|found| found.is_dir());
    beside.unwrap_or_else(|| directory.join("fixtures"))
}

fn setup(directory: &Path, environment: &str, arguments: &Rehearse) -> Result<Setup, Failure> {
    let project = Project::load(directory, environment)?;
    let asked = arguments.version.as_deref();
    let version = project.version(asked).or_else(|failure| match asked {
        Some(_) => Err(failure),
        None => project.version(Some(SOME_VERSION)),
    })?;
    let live = project.version(Some(FIRST_VERSION))?;
    let faults = arguments
        .faults
        .iter()
        .map(|text| fault_from_argument(text, &project.configured))
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::usage(error.message, error.hint))?;
    Ok(Setup {
        live: Some((project.clone(), different(live, &version))),
        recorded: true,
        not_pushed: Vec::new(),
        weather: arguments.weather,
        seed: arguments.seed,
        interrupt: None,
        services: std::collections::BTreeMap::new(),
        then: Vec::new(),
        project,
        version,
        faults,
    })
}

/// Rehearsing the very version that the throw-away cloud would start with needs another start.
fn different(live: Version, deployed: &Version) -> Version {
    if live == *deployed {
        Version::parse("0000000").unwrap_or(live)
    } else {
        live
    }
}

fn play(shell: &Shell, setup: Setup) -> Result<u8, Failure> {
    let played = runtime(Time::Paused)?.block_on(async {
        let rehearsal = Rehearsal::new(setup)?;
        let show = |plan: &Plan| match shell.output() {
            Output::Json => shell.object(&json::plan(plan)),
            Output::Text => shell.note(&plan_text(plan)),
        };
        Ok::<Played, Failure>(match shell.output() {
            Output::Json => rehearsal.play(&JsonLines::new(shell), show).await,
            Output::Text => rehearsal.play(&Lines::new(shell), show).await,
        })
    })?;
    let took = SignedDuration::from_millis(i64::try_from(played.took_ms).unwrap_or(i64::MAX));
    match (played.outcome, &played.plan) {
        (Err(failure), _) => Err(failure),
        (Ok(Some(outcome)), Some(plan)) => {
            let code = finished(
                shell,
                plan,
                &outcome,
                &json::End {
                    took,
                    calls: Some(played.calls),
                },
            );
            if shell.output() == Output::Text {
                shell.note(&format!(
                    "rehearsed in {} s of virtual time; {}",
                    took.as_secs(),
                    floor(&played.violations)
                ));
            }
            Ok(code)
        }
        (Ok(_), plan) => {
            if let Some(plan) = plan {
                shell.give(
                    || nothing_to_do_text(plan),
                    || json::nothing_to_do(plan, &[], 0),
                );
            }
            Ok(0)
        }
    }
}

fn floor(violations: &[String]) -> String {
    match violations {
        [] => "no moment with fewer healthy tasks than the minimum".to_owned(),
        some => format!("fewer healthy tasks than the minimum: {}", some.join("; ")),
    }
}
