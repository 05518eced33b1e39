//! Releases whose traffic ECS shifts, to tasks that run for real, while users send 200 requests a second: a good one and its way back.

use rstest::rstest;
use serde_json::Value;

use crate::releases::{NEW, OLD, Shop, nothing_failed};

/// Longer than a deployment takes that bakes.
const SECONDS: u32 = 70;

#[rstest]
#[case::blue_green(["blue-green", "blue-green, back"], "kind = \"BLUE_GREEN\"\nbake_time = \"2m\"")]
#[case::canary(
    ["canary", "canary, back"],
    "kind = \"CANARY\"\nstep_percent = 10\nstep_bake_time = \"2m\"\nbake_time = \"1m\""
)]
#[case::linear(
    ["linear", "linear, back"],
    "kind = \"LINEAR\"\nstep_percent = 50\nstep_bake_time = \"1m\"\nbake_time = \"1m\""
)]
fn shifted_traffic_fails_no_request(#[case] names: [&'static str; 2], #[case] strategy: &str) {
    let [test, back] = names;
    let strategy = format!("\n[simulation.services.web.strategy]\n{strategy}\n");
    let shop = Shop::with("300s", &strategy);
    let Some(load) = shop.load(test, SECONDS) else {
        return;
    };
    let deploy = ["--output", "json", "deploy", "test", "--version", NEW];
    let said = shop.run(deploy).ends_with(0);
    let shifts = said.stdout.lines().filter_map(|line| {
        let line: Value = serde_json::from_str(line).ok()?;
        let reason = line["text"].as_str()?;
        reason.contains("TRAFFIC_SHIFT").then(|| reason.to_owned())
    });
    assert!(shifts.count() > 0, "{said:?}");
    assert_eq!(shop.version(), NEW);
    nothing_failed(load);
    let load = shop.load(back, SECONDS).unwrap();
    shop.run(["rollback", "test"]).ends_with(0);
    assert_eq!(shop.version(), OLD);
    nothing_failed(load);
}
