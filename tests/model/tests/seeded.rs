//! Every fault that is put into the core is found.

use backstay_model::app::{Setup, Step};
use backstay_model::bounds::{BACK, Bound, Fault, PLAIN};
use backstay_model::explore::{Until, explore};
use backstay_model::process::{Command, Context};
use backstay_model::seeded::{SEEDS, Seed};
use backstay_model::story::tell;

/// The smallest bound that shows a fault, and the property that it breaks.
fn shown_by(seed: Seed) -> (Bound, &'static str) {
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
        Seed::NoRecord => (alone(Step::Absent, &[Fault::Spoiled]).then(1, BACK), SCHEMA),
        Seed::NotAlone => (
            alone(Step::Compatible, &[Fault::SlowTasks]).then(1, THIRD),
            ALONE,
        ),
    }
}

/// Explores until the fault shows, and tells the end of that history.
fn found(seed: Seed) -> String {
    let (bound, property) = shown_by(seed);
    let setup = Setup::new(bound.terms);
    let cx = Context {
        setup: &setup,
        seed,
    };
    let report = explore(cx, &bound, Until::Broken(property));
    let broken = report
        .found
        .iter()
        .find(|(broken, _)| broken.property == property);
    let Some((broken, history)) = broken else {
        panic!("{seed:?} is not found: {report}");
    };
    let story = tell(cx, &bound, history);
    let last = story[story.len().saturating_sub(4)..].join("\n  ");
    format!(
        "{seed:?}: {report}\n{}: {}\n  {last}",
        broken.property, broken.how
    )
}

#[test]
fn every_seeded_fault_has_a_test() {
    assert_eq!(SEEDS.len(), 12);
}

#[test]
fn a_look_is_skipped_after_a_lost_answer() {
    println!("{}", found(Seed::NoEffectAtOnce));
}

#[test]
fn no_grace_is_given() {
    println!("{}", found(Seed::Impatient));
}

#[test]
fn the_newest_rollout_is_taken_for_ours() {
    println!("{}", found(Seed::JudgesLatest));
}

#[test]
fn nobody_waits_for_the_migrations_end() {
    println!("{}", found(Seed::ForgetsUp));
}

#[test]
fn the_cdn_is_forgotten() {
    println!("{}", found(Seed::ForgetsTheCdn));
}

#[test]
fn the_schema_stays_up() {
    println!("{}", found(Seed::ForgetsDown));
}

#[test]
fn code_comes_before_its_schema() {
    println!("{}", found(Seed::CodeFirst));
}

#[test]
fn a_migration_is_started_with_another_token() {
    println!("{}", found(Seed::AnotherToken));
}

#[test]
fn what_is_left_is_told_by_the_journal() {
    println!("{}", found(Seed::TrustsTheJournal));
}

#[test]
fn nothing_is_too_late() {
    println!("{}", found(Seed::NoDeadline));
}

#[test]
fn nobody_keeps_the_schema_record() {
    println!("{}", found(Seed::NoRecord));
}

#[test]
fn nobody_looks_for_other_migrations() {
    println!("{}", found(Seed::NotAlone));
}
