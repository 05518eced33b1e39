//! Whole deployments and the ways back, with the state in LocalStack's S3.

use serde_json::{Value, json};

use crate::app::App;
use crate::cloud::{Pair, SCALED};

const FRONTEND: &str = "https://staging.gamificator.click/";

#[test]
fn releases_go_live_and_come_back() {
    let app = App::new(1);
    let Some(pair) = Pair::of("releases_go_live_and_come_back", &app, "manual") else {
        return;
    };
    let first = pair.page(FRONTEND).is(200).body;
    for version in ["2f9c1e7", "3c0ffee"] {
        app.run(["deploy", "staging", "--version", version])
            .ends_with(0);
        assert_eq!(pair.version(), version);
    }
    // The page that users get is the object that LocalStack has.
    let page = pair.page(FRONTEND).is(200).body;
    assert_ne!(page, first);
    assert_eq!(
        pair.s3_behind(&format!("GET /{}/index.html", app.bucket))
            .is(200)
            .body,
        page
    );
    assert_eq!(migration_said(&pair, "Running upgrade 8f2 -> 9c1"), 1);
    for version in ["2f9c1e7", "a1b2c3d"] {
        app.run(["rollback", "staging"]).ends_with(0);
        assert_eq!(pair.version(), version);
    }
    assert_eq!(pair.page(FRONTEND).is(200).body, first);
    assert_eq!(app.outcomes(), ["live", "live", "live", "live"]);
    app.run(["audit", "verify", "staging"]).ends_with(0);
}

/// Lines with this text in the migration's log at LocalStack.
fn migration_said(pair: &Pair, text: &str) -> usize {
    let ask = |operation: &str, input: &Value| {
        let target = format!("Logs_20140328.{operation}");
        pair.behind("logs", &target, input).is(200).json()
    };
    let groups = ask("DescribeLogGroups", &json!({}));
    let mut found = 0;
    for group in groups["logGroups"].as_array().unwrap() {
        let group = &group["logGroupName"];
        let streams = ask("DescribeLogStreams", &json!({ "logGroupName": group }));
        for stream in streams["logStreams"].as_array().unwrap() {
            let stream = &stream["logStreamName"];
            let input =
                json!({ "logGroupName": group, "logStreamName": stream, "startFromHead": true });
            let events = ask("GetLogEvents", &input);
            let lines = events["events"].as_array().unwrap().iter();
            found += lines
                .filter(|it| it["message"].as_str().unwrap().contains(text))
                .count();
        }
    }
    found
}

/// As from two machines: nothing is kept beside the app.
#[test]
fn what_one_machine_deployed_another_takes_back() {
    let (one, other) = (App::new(11), App::new(11));
    let test = "what_one_machine_deployed_another_takes_back";
    let Some(pair) = Pair::of(test, &one, SCALED) else {
        return;
    };
    other.uses(pair.address());
    pair.make_bucket(&one.state);
    one.shares_its_state();
    other.shares_its_state();
    one.run(["deploy", "staging", "--version", "2f9c1e7"])
        .ends_with(0);
    assert_eq!(pair.version(), "2f9c1e7");
    let status = other.run(["status", "staging"]).ends_with(0);
    assert!(status.stdout.contains("2f9c1e7"), "{status:?}");
    other.run(["rollback", "staging"]).ends_with(0);
    assert_eq!(pair.version(), "a1b2c3d");
    assert_eq!(one.outcomes(), ["live", "live"]);
    one.run(["audit", "verify", "staging"]).ends_with(0);
}

#[test]
fn what_never_turns_healthy_is_taken_back() {
    let app = App::new(2);
    let Some(pair) = Pair::of("what_never_turns_healthy_is_taken_back", &app, "manual") else {
        return;
    };
    let fault = json!([{
        "where": "service", "service": "cat-house-staging-catalog-service", "fault": "unhealthy", "after_ms": null,
    }]);
    pair.control("POST faults", &fault.to_string());
    let first = pair.page(FRONTEND).is(200).body;
    app.run(["deploy", "staging", "--version", "2f9c1e7"])
        .ends_with(4);
    assert_eq!(pair.version(), "a1b2c3d");
    assert_eq!(pair.page(FRONTEND).is(200).body, first);
}

/// LocalStack's free IAM denies nothing: the denial is ours, in front of it.
#[test]
fn a_denied_upload_changes_nothing() {
    let app = App::new(3);
    let Some(pair) = Pair::of("a_denied_upload_changes_nothing", &app, "manual") else {
        return;
    };
    let objects = || {
        pair.s3_behind(&format!("GET /{}?list-type=2", app.bucket))
            .is(200)
            .body
    };
    let before = objects();
    pair.deny("s3.PutObject");
    let denied = app.run(["deploy", "staging", "--version", "2f9c1e7"]);
    assert!([3, 4].contains(&denied.code), "{denied:?}");
    assert!(
        denied.stderr.contains("denied") || denied.stdout.contains("denied"),
        "{denied:?}"
    );
    assert_eq!(pair.version(), "a1b2c3d");
    assert_eq!(objects(), before);
    pair.control("DELETE faults", "");
    app.run(["deploy", "staging", "--version", "2f9c1e7"])
        .ends_with(0);
    assert_eq!(pair.version(), "2f9c1e7");
}
