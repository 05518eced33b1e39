//! What is explored with every run of the tests.

use backstay_model::app::Setup;
use backstay_model::bounds::SHORT;
use backstay_model::explore::{Until, explore};
use backstay_model::process::Context;
use backstay_model::seeded::Seed;
use backstay_model::story::tell;

/// Explores a bound, and says what that comes to.
fn holds(name: &str) -> String {
    let Some(bound) = SHORT.iter().find(|bound| bound.name == name) else {
        panic!("{name} is no bound");
    };
    let setup = Setup::new(bound.terms);
    let cx = Context {
        setup: &setup,
        seed: Seed::None,
    };
    let report = explore(cx, bound, Until::TheEnd);
    let told = report.found.iter().map(|(broken, history)| {
        let story = tell(cx, bound, history).join("\n  ");
        format!("\n{}: {}\n  {story}", broken.property, broken.how)
    });
    let told: String = told.collect();
    assert!(report.found.is_empty(), "{told}");
    assert!(
        report.whole,
        "{name} has more situations than its bound says"
    );
    format!("{name}: {report}, {:?}", report.ends)
}

#[test]
fn whatever_becomes_of_a_call() {
    println!("{}", holds("calls"));
}

#[test]
fn whatever_becomes_of_a_service() {
    println!("{}", holds("services"));
}

#[test]
fn whatever_becomes_of_the_migration() {
    println!("{}", holds("migrations"));
}

#[test]
fn whatever_becomes_of_the_process() {
    println!("{}", holds("processes"));
}

#[test]
fn commands_one_after_the_other() {
    println!("{}", holds("in a row"));
}

#[test]
fn commands_after_trouble() {
    println!("{}", holds("after trouble"));
}

#[test]
fn two_deployers_at_once() {
    println!("{}", holds("at once"));
}

#[test]
fn what_falls_when_all_is_proven() {
    println!("{}", holds("falls at the end"));
}
