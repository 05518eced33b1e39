//! How much a deployment costs in real time.

use std::time::Instant;

use super::stage::{Setting, Stage};

/// Four services at once. Measured 2026-11 in an optimised build: see the printed time; the bound here suits a debug build.
#[test]
fn four_services_cost_milliseconds() {
    let mut stage = Stage::new(&Setting {
        services: 4,
        ..Setting::default()
    });
    #[expect(clippy::disallowed_methods, reason = "this test measures real time")]
    let started = Instant::now();
    for service in ["web", "web2", "web3", "web4"] {
        stage.deploy_to(service, ":v2", false);
    }
    stage.play_to_s(300);
    let spent = started.elapsed();
    assert!(
        stage
            .world
            .picture()
            .services
            .values()
            .all(|service| !service.deploying && service.running == 2)
    );
    assert!(spent.as_millis() < 200, "{spent:?}");
}
