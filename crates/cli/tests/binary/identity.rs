//! What is the same: what a cloud adds by itself is no change, and a rollback never goes to the release that was newest.

use crate::app::{App, at_once};
use crate::served::Server;

const KNOWN: [&str; 3] = ["a1b2c3d", "2f9c1e7", "3c0ffee"];

#[test]
fn what_the_cloud_fills_in_is_no_change() {
    // auth-service says nothing of its health check's interval, timeout and retries, and nothing of fault injection.
    let app = App::running("2f9c1e7");
    let plan = app
        .run(["plan", "staging", "--version", "2f9c1e7"])
        .ends_with(0);
    assert!(plan.stdout.contains("nothing to do"), "{plan:?}");
    app.run(["status", "staging"]).ends_with(0);
    app.run(at_once("3c0ffee")).ends_with(0);
    let back = app
        .run(["rollback", "staging", "--reason", "bad", "--speed", "max"])
        .ends_with(0);
    let first = back.stderr.lines().next().unwrap_or_default();
    assert!(first.starts_with("Going back from 3c0ffee"), "{back:?}");
    assert!(first.contains("to 2f9c1e7"), "{back:?}");
    assert!(back.stdout.contains("live on 2f9c1e7"), "{back:?}");
    // Once more goes further back, never forth.
    let further = app.run(["rollback", "staging", "--dry-run"]);
    assert!(!further.stdout.contains("to 3c0ffee"), "{further:?}");
}

#[test]
fn where_somebody_else_changed_what_runs_a_rollback_is_refused_with_a_way_that_works() {
    let (server, app) = Server::of_staging("manual");
    for version in ["2f9c1e7", "3c0ffee"] {
        app.run(["deploy", "staging", "--version", version])
            .ends_with(0);
    }
    let update = r#"{"cluster": "cat-house-staging", "service": "cat-house-staging-proxy-service", "taskDefinition": "cat-house-staging-proxy-service:1"}"#;
    let answer = server.ecs("UpdateService", update);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    server.ask("POST advance", r#"{"by_ms": 600000}"#);
    let refused = app.run(["rollback", "staging"]).ends_with(3);
    assert!(
        refused
            .stderr
            .contains("proxy-service is not what 3c0ffee says"),
        "{refused:?}"
    );
    assert!(refused.stderr.contains("--to 3c0ffee"), "{refused:?}");
    app.run(["rollback", "staging", "--to", "3c0ffee"])
        .ends_with(0);
    assert_eq!(server.version(&KNOWN).as_deref(), Ok("3c0ffee"));
    app.run(["rollback", "staging"]).ends_with(0);
    assert_eq!(server.version(&KNOWN).as_deref(), Ok("2f9c1e7"));
}

#[test]
fn what_is_made_from_something_else_is_refused_unless_that_is_recorded() {
    let (_server, app) = Server::of_staging("manual");
    app.git(&["init", "--quiet"]);
    app.git(&["add", "."]);
    app.git(&["commit", "--quiet", "-m", "one"]);
    let clean = app.run(["plan", "staging"]);
    assert!(!clean.stderr.contains("--allow-dirty"), "{clean:?}");
    app.edit("backstay.toml", "attempts = ", "attempts  = ");
    for command in ["plan", "deploy"] {
        let refused = app.run([command, "staging"]).ends_with(3);
        assert!(refused.stderr.contains("backstay.toml"), "{refused:?}");
        assert!(refused.stderr.contains("--allow-dirty"), "{refused:?}");
    }
    // A version that git does not know says nothing about the files here.
    app.run(["deploy", "staging", "--version", "2f9c1e7"])
        .ends_with(0);
    let head = app.git(&["rev-parse", "--short=7", "HEAD"]);
    let head = head.trim();
    app.run(["deploy", "staging", "--version", head, "--allow-dirty"])
        .ends_with(0);
    let history = app.run(["history", "staging"]).ends_with(0);
    assert!(
        history
            .stdout
            .contains("with changes that nobody committed: backstay.toml"),
        "{history:?}"
    );
    let diff = app.run(["diff", "2f9c1e7", head, "--environment", "staging"]);
    assert!(diff.stdout.contains("nobody committed"), "{diff:?}");
}

#[test]
fn a_checkout_that_git_does_not_look_into_is_said_as_what_it_is() {
    let app = App::new();
    app.git(&["init", "--quiet"]);
    app.git(&["add", "."]);
    app.git(&["commit", "--quiet", "-m", "one"]);
    let foreign = [("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")];
    let none = app.run_with(["plan", "staging"], &foreign).ends_with(2);
    assert!(none.stderr.contains("dubious ownership"), "{none:?}");
    assert!(none.stderr.contains("safe.directory"), "{none:?}");
    let named = app
        .run_with(["plan", "staging", "--version", "2f9c1e7"], &foreign)
        .ends_with(0);
    assert!(named.stderr.contains("safe.directory"), "{named:?}");
}
