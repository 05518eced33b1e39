//! `just model`: the long bounds, one after the other, and what they come to.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use backstay_model::app::Setup;
use backstay_model::bounds::{Bound, SHORT, long};
use backstay_model::explore::{Until, explore};
use backstay_model::process::Context;
use backstay_model::seeded::Seed;
use backstay_model::story::tell;

fn main() -> ExitCode {
    let (limits, wanted): (Vec<String>, Vec<String>) = std::env::args()
        .skip(1)
        .partition(|word| word.starts_with("--most="));
    let most = limits
        .first()
        .and_then(|limit| limit.split('=').nth(1)?.parse().ok());
    let long = long();
    let named = |bound: &&Bound| {
        let text = format!("{bound:?}");
        wanted.iter().all(|word| text.contains(word.as_str()))
    };
    let bounds: Vec<&Bound> = match wanted.is_empty() {
        true => long.iter().collect(),
        false => long.iter().chain(SHORT).filter(named).collect(),
    };
    let (mut states, mut violations) = (0, 0);
    for bound in bounds.iter().copied() {
        let setup = Setup::new(bound.terms);
        let cx = Context {
            setup: &setup,
            seed: Seed::None,
        };
        let bound = Bound {
            states: most.unwrap_or(bound.states),
            ..*bound
        };
        let began = now();
        let report = explore(cx, &bound, Until::TheEnd);
        states += report.states;
        violations += report.found.len();
        let seconds = began.elapsed().as_secs_f64();
        let Bound {
            name, terms, kinds, ..
        } = &bound;
        say(&format!(
            "{name}, {:?}, {kinds:?}: {report}, {seconds:.1} s",
            terms.steps
        ));
        for (broken, history) in &report.found {
            say(&format!("\n{}: {}", broken.property, broken.how));
            for line in tell(cx, &bound, history) {
                say(&format!("  {line}"));
            }
        }
        if !report.whole {
            violations += 1;
            say("  not explored to its end: the bound says fewer states");
        }
    }
    say(&format!(
        "{} bounds, {states} states, {violations} violations",
        bounds.len()
    ));
    match violations {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long it took, for whoever waits for it"
)]
fn now() -> Instant {
    Instant::now()
}

/// Nobody minds who does not read it.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
