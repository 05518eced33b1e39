//! `deploy`, `status` and `plan`, one after the other on the same simulated cloud.

use crate::app::{App, at_once};

const COMPONENTS: [&str; 5] = [
    "auth-service",
    "catalog-service",
    "installation-service",
    "proxy-service",
    "frontend",
];

#[test]
fn a_release_goes_live_once_and_the_next_one_follows() {
    let app = App::new();

    let first = app.run(at_once("2f9c1e7")).ends_with(0);
    for component in COMPONENTS.iter().chain(&["migration"]) {
        assert!(
            first.stdout.contains(component),
            "no {component}:\n{}",
            first.stdout
        );
    }
    assert!(
        first.stdout.trim_end().ends_with("proven 6/6"),
        "{}",
        first.stdout
    );

    let again = app.run(at_once("2f9c1e7")).ends_with(0);
    assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);

    let status = app.run(["status", "staging"]).ends_with(0);
    for component in COMPONENTS {
        assert!(
            status.stdout.contains(component),
            "no {component}:\n{}",
            status.stdout
        );
    }
    assert!(
        status.stdout.contains("2f9c1e7") && status.stdout.trim_end().ends_with("proven 5/5"),
        "{}",
        status.stdout
    );

    let next = app.run(at_once("3333333")).ends_with(0);
    assert!(next.stdout.contains("live on 3333333"), "{}", next.stdout);
}

#[test]
fn a_plan_changes_nothing() {
    let app = App::running("2f9c1e7");
    let (files, status) = (app.files(), app.run(["status", "staging"]).ends_with(0));

    let plan = app
        .run(["plan", "staging", "--version", "4444444"])
        .ends_with(0);
    assert!(plan.stdout.contains("2f9c1e7 → 4444444"), "{}", plan.stdout);
    app.run([
        "plan",
        "staging",
        "--version",
        "4444444",
        "--output",
        "json",
    ])
    .ends_with(0);

    assert!(app.files() == files, "a plan wrote to the disk");
    assert_eq!(
        app.run(["status", "staging"]).ends_with(0).stdout,
        status.stdout
    );
}

#[test]
fn a_rehearsal_leaves_nothing_behind() {
    let app = App::new();
    let files = app.files();
    app.run(["rehearse", "staging", "--version", "2f9c1e7"])
        .ends_with(0);
    assert!(app.files() == files, "a rehearsal wrote to the disk");
    assert!(!app.directory.join(".backstay").exists());
}
