//! `backstay rehearse`: the user's own configuration against a throw-away simulated cloud, in virtual time, with faults.

use std::fmt::Display;
use std::path::Path;

use backstay_config::Configured;
use backstay_domain::plan::Plan;
use indicatif::ProgressBar;
use jiff::SignedDuration;

use super::{finished, show_plan};
use crate::args::Rehearse;
use crate::compose::cloud::{Time, runtime};
use crate::compose::project::Project;
use crate::failure::Failure;
use crate::render::every::every_text;
use crate::render::json::{self, JsonLines};
use crate::render::lines::Lines;
use crate::render::outcome::{EXIT_LIVE, EXIT_STUCK};
use crate::render::plan::nothing_to_do_text;
use crate::scenario::{
    Cell, End, Every, Played, Rehearsal, Scenario, Setup, Unwatched, fixtures, is_simulated,
};
use crate::shell::{Output, Shell};

pub(super) fn run(shell: &Shell, directory: &Path, arguments: &Rehearse) -> Result<u8, Failure> {
    if arguments.scenario.is_empty() {
        let environment = arguments.environment.as_deref().unwrap_or_default();
        let project = Project::load_for_rehearsal(directory, environment)?;
        for doubt in &project.configured.doubts {
            let file = doubt.source.name();
            shell.warn(&format!(
                "{file}: {doubt} Rehearsed all the same: `backstay check` points at it"
            ));
        }
        if let Some(belief) = believed(&project.configured) {
            shell.warn(&belief);
        }
        let setup = Setup::of_app(project, arguments)?;
        return match arguments.all {
            true => play_all(shell, setup),
            false => play(shell, setup),
        };
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

/// What a rehearsal cannot know: the simulated cloud makes snapshots of DB instances, and nothing else that a database is brought
/// back to.
fn believed(configured: &Configured) -> Option<String> {
    let anchor = configured.app.migration.as_ref()?.anchor.as_ref()?;
    (!is_simulated(&anchor.of)).then(|| {
        format!(
            "the anchor ({}) is not simulated: the rehearsal believes that it is made at once",
            anchor.of
        )
    })
}

/// First without any fault; what does not go live by itself is told as any rehearsal is.
fn play_all(shell: &Shell, setup: Setup) -> Result<u8, Failure> {
    let plain = runtime(Time::Paused)?.block_on(async {
        let rehearsal = Rehearsal::new(setup.clone())?;
        Ok::<Played, Failure>(rehearsal.play(&Unwatched, |_| {}).await)
    })?;
    if plain.exit_code() != 0 {
        shell.warn("it does not go live without any fault: nothing else is played");
        return play(shell, setup);
    }
    let every = Every::of(&setup, &plain.calls);
    let bar = ProgressBar::new(every.count() as u64);
    let bar = shell.live().add(bar.with_message("faults played"));
    let cells = every.play(&|done| bar.set_position(done as u64))?;
    bar.finish_and_clear();
    match shell.output() {
        Output::Text => shell.answer(&every_text(&cells)),
        Output::Json => {
            for cell in &cells {
                shell.object(&json::fault_played(cell));
            }
            shell.object(&json::all_played(&cells));
        }
    }
    let bad = |cell: &Cell| {
        let stuck = cell.end == End::Stuck || cell.resumed == Some(End::Stuck);
        stuck || !cell.violations.is_empty()
    };
    Ok(if cells.iter().any(bad) {
        EXIT_STUCK
    } else {
        EXIT_LIVE
    })
}

/// What was asked for and made no difference: a green rehearsal says nothing about it.
fn tell_idle(shell: &Shell, idle: &[String]) {
    for fault in idle {
        shell.warn(&format!(
            "{fault} never struck: the deployment had ended, or did nothing that it is about"
        ));
    }
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
    tell_idle(shell, &played.not_struck);
    let took = SignedDuration::from_millis(i64::try_from(played.took_ms).unwrap_or(i64::MAX));
    match (played.outcome, &played.plan) {
        (Err(failure), _) => Err(failure),
        (Ok(Some(outcome)), Some(plan)) => {
            let rehearsed = Some(json::Rehearsed {
                calls: played.calls,
                never_struck: played.not_struck,
                below_minimum: played.violations.clone(),
            });
            let code = finished(shell, plan, &outcome, &json::End { took, rehearsed });
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
