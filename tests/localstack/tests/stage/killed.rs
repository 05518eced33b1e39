//! The binary is killed at any moment, and `resume` goes on from what lies in LocalStack's S3.

use std::time::Duration;

use serde_json::Value;

use crate::app::App;
use crate::cloud::{Pair, SCALED};

const OLD: &str = "a1b2c3d";
const NEW: &str = "2f9c1e7";

/// Milliseconds until the kill, and where to then: before there is a lease, before and after the first changes, amid rollouts.
const KILLS: [(u64, &str); 6] = [
    (150, "--back"),
    (700, "--back"),
    (1_400, "--forward"),
    (2_500, "--back"),
    (5_000, "--back"),
    (8_000, "--back"),
];

#[test]
fn what_was_killed_is_resumed() {
    let app = App::new(7);
    let Some(pair) = Pair::of("what_was_killed_is_resumed", &app, SCALED) else {
        return;
    };
    app.shares_its_state();
    let mut ends = Vec::new();
    for (round, (after_ms, direction)) in KILLS.into_iter().enumerate() {
        // The cloud begins anew; LocalStack keeps what it has, but for the state, which has another bucket.
        pair.control("POST reset", "");
        let state = format!("{}-{round}", app.state);
        pair.make_bucket(&state);
        let before = match round {
            0 => app.state.clone(),
            round => format!("{}-{}", app.state, round - 1),
        };
        app.edit(
            "backstay.toml",
            &format!("s3://{before}/"),
            &format!("s3://{state}/"),
        );
        let mut child = app.begin(["deploy", "staging", "--version", NEW]);
        #[expect(
            clippy::disallowed_methods,
            reason = "the moment is one of real time; nothing waits for it"
        )]
        std::thread::sleep(Duration::from_millis(after_ms));
        child.kill().unwrap();
        child.wait().unwrap();
        unlocked(&app, &pair, &state);
        let resumed = app.run(["resume", "--environment", "staging", direction]);
        let live = pair.version();
        let end = match (resumed.code, live.as_str()) {
            (0, NEW) => "new",
            (4, OLD) => "old",
            (0, OLD) if resumed.stdout.contains("nothing to resume") => "not begun",
            _ => panic!("killed after {after_ms} ms: {live} is live, but {resumed:?}"),
        };
        ends.push(end);
        app.run(["audit", "verify", "staging"]).ends_with(0);
        let again = app.run(["resume", "--environment", "staging"]).ends_with(0);
        assert!(again.stdout.contains("nothing to resume"), "{again:?}");
    }
    println!("killed and resumed: {}", ends.join(", "));
}

/// Takes the lease away from the process that was killed, instead of waiting a minute for it to expire.
fn unlocked(app: &App, pair: &Pair, state: &str) {
    let lease = pair.s3_behind(&format!("GET /{state}/backstay/cat-house/staging/lease"));
    let cell: Value = serde_json::from_str(&lease.body).unwrap_or_default();
    if let Some(deployment) = cell["lease"]["holder"]["deployment"].as_str() {
        let reason = ["--reason", "its process was killed"];
        app.run(["unlock", "staging", deployment].into_iter().chain(reason))
            .ends_with(0);
    }
}
