//! Every fault that is put into the core is found.

use backstay_model::app::{Setup, Step};
use backstay_model::bounds::{Bound, Fault, NEXT, PLAIN};
use backstay_model::explore::{Until, explore};
use backstay_model::process::{Command, Context};
use backstay_model::seeded::{SEEDS, Seed};
use backstay_model::story::tell;

/// The smallest bound that shows a fault, and the property that it breaks.
fn shown_by(seed: Seed) -> (Bound, &'static str) {
    const BACK: &[Command] = &[Command::Rollback(None, PLAIN)];
    const THIRD: &[Command] = &[Command::Deploy(3, PLAIN)];
    let alone = |step, kinds| Bound::alone("seeded", step, 1, kinds);
    const MIXTURE: &str = "no silent mixture";
    const SCHEMA: &str = "no code on a schema that it is not declared for";
    const ALONE: &str = "at most one migration at a time";
    match seed {
        Seed::None => (alone(Step::Nothing, &[]), ""),
        Seed::NoEffectAtOnce | Seed::Impatient => {
            let crash = Bound::alone("seeded", Step::Nothing, 1, &[Fault::Crash]);
            (crash.then(1, BACK), MIXTURE)
        }
        Seed::JudgesLatest => (alone(Step::Nothing, &[Fault::Foreign]), MIXTURE),
        Seed::ForgetsUp => (alone(Step::Compatible, &[]).then(1, BACK).together(), ALONE),
        Seed::ForgetsTheCdn => (alone(Step::Nothing, &[]), MIXTURE),
        Seed::ForgetsDown => (alone(Step::Lossless, &[Fault::Spoiled]), SCHEMA),
        Seed::CodeFirst => (alone(Step::Compatible, &[]), SCHEMA),
        Seed::AnotherToken => (alone(Step::Compatible, &[Fault::Late]), ALONE),
        Seed::TrustsTheJournal => (
            alone(Step::Absent, &[Fault::Spoiled]),
            "every sentence is true",
        ),
        Seed::NoDeadline => (
            alone(Step::Nothing, &[Fault::SlowService]),
            "every run ends",
        ),
        Seed::NoRecord => (alone(Step::Absent, &[Fault::Spoiled]).then(1, NEXT), SCHEMA),
        Seed::NotAlone => (
            alone(Step::Compatible, &[Fault::SlowTasks]).then(1, THIRD),
            ALONE,
        ),
    }
}

#[test]
fn every_seeded_fault_is_found() {
    let mut missed = Vec::new();
    for seed in SEEDS {
        let (bound, property) = shown_by(seed);
        let setup = Setup::new(bound.terms);
        let cx = Context {
            setup: &setup,
            seed,
        };
        let report = explore(cx, &bound, Until::Broken(property));
        let found = report
            .found
            .iter()
            .find(|(broken, _)| broken.property == property);
        println!("{seed:?}: {report}");
        if let Some((broken, history)) = found {
            println!("  {}: {}", broken.property, broken.how);
            for line in tell(cx, &bound, history).iter().rev().take(4).rev() {
                println!("    {line}");
            }
        }
        if found.is_none() {
            missed.push(seed);
        }
    }
    assert!(missed.is_empty(), "not found: {missed:?}");
}
