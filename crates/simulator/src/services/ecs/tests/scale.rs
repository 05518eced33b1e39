//! How the work grows with the account. Counted, not timed: a slow machine is not a slow simulator.

use super::stage::{START_MS, Setting, Stage};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Seconds that this thread had a processor for itself: what others take does not count. Linux only.
fn processor_seconds() -> Option<f64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = told.split(' ').next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}

/// A day in which each of so many services is deployed once, one after the other. Events, and seconds of a processor.
fn day_of(services: usize) -> (u64, f64) {
    let started = processor_seconds().unwrap_or_default();
    let mut stage = Stage::new(&Setting {
        services,
        ..Setting::default()
    });
    let before = stage.world.agenda.added();
    for number in 1..=services {
        let name = match number {
            1 => "web".to_owned(),
            _ => format!("web{number}"),
        };
        let at_ms = DAY_MS * number as u64 / (services as u64 + 10);
        stage.world.advance(START_MS + at_ms);
        stage.deploy_to(&name, ":v2", false);
    }
    stage.world.advance(START_MS + DAY_MS);
    let picture = stage.world.picture();
    assert_eq!(picture.services.len(), services);
    assert!(picture.services.values().all(|service| !service.deploying
        && service.running == 2
        && service.task_definition.ends_with(":2")));
    let events = stage.world.agenda.added() - before;
    (events, processor_seconds().unwrap_or_default() - started)
}

#[test]
fn a_day_with_a_deployment_of_every_service_costs_each_the_same() {
    let per_service = |services: usize| {
        let (events, seconds) = day_of(services);
        println!("{services} services: {events} events, {seconds:.2} s");
        (events as f64 / services as f64, seconds)
    };
    let (few, seconds) = per_service(200);
    // Measured 2026-11: 0.34 s, optimised as the workspace is. The bound is the promise.
    assert!(seconds < 10.0, "{seconds}");
    let (many, _) = per_service(2_000);
    assert!(
        (many / few - 1.0).abs() < 0.03,
        "events per service: {few} of 200, {many} of 2,000"
    );
}
