//! `backstay rehearse`: the user's own configuration against a throw-away simulated cloud, in virtual time, with faults.

use std::fmt::Display;
use std::path::Path;

use backstay_domain::plan::Plan;
use jiff::SignedDuration;

use super::{finished, show_plan};
use crate::args::Rehearse;
use crate::compose::cloud::{Time, runtime};
use crate::compose::project::Project;
use crate::failure::Failure;
use crate::render::json::{self, JsonLines};
use crate::render::lines::Lines;
use crate::render::plan::nothing_to_do_text;
use crate::scenario::{Played, Rehearsal, Scenario, Setup, fixtures};
use crate::shell::{Output, Shell};

pub(super) fn run(shell: &Shell, directory: &Path, arguments: &Rehearse) -> Result<u8, Failure> {
    if arguments.scenario.is_empty() {
        let environment = arguments.environment.as_deref().unwrap_or_default();
        let project = Project::load(directory, environment)?;
        for doubt in &project.configured.doubts {
            let file = doubt.source.name();
            shell.warn(&format!(
                "{file}: {doubt} Rehearsed all the same: `backstay check` points at it"
            ));
        }
        return play(shell, Setup::of_app(project, arguments)?);
    }
    let mut worst = 0;
    for file in &arguments.scenario {
        let wrong = |error: &dyn Display| {
            let hint = "name a scenario file; see tests/scenarios for examples";
            Failure::usage(format!("{}: {error}", file.display()), hint)
        };
        let text = std::fs::read_to_string(file).map_err(|error| wrong(&error))?;
        let scenario = Scenario::parse(&text).map_err(|error| wrong(&error))?;
        shell.note(&format!("{}: {}", file.display(), scenario.title));
        let setup = Setup::of(&scenario, &fixtures(directory, file))?;
        worst = worst.max(play(shell, setup)?);
    }
    Ok(worst)
}

fn play(shell: &Shell, setup: Setup) -> Result<u8, Failure> {
    let played = runtime(Time::Paused)?.block_on(async {
        let rehearsal = Rehearsal::new(setup)?;
        let show = |plan: &Plan| show_plan(shell, plan);
        Ok::<Played, Failure>(match shell.output() {
            Output::Json => rehearsal.play(&JsonLines::new(shell), show).await,
            Output::Text => rehearsal.play(&Lines::new(shell), show).await,
        })
    })?;
    let took = SignedDuration::from_millis(i64::try_from(played.took_ms).unwrap_or(i64::MAX));
    match (played.outcome, &played.plan) {
        (Err(failure), _) => Err(failure),
        (Ok(Some(outcome)), Some(plan)) => {
            let calls = Some(played.calls);
            let code = finished(shell, plan, &outcome, &json::End { took, calls });
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
