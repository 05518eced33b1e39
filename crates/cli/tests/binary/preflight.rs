//! Before the first change: who cannot be heard is refused by name, what is ill only with a recorded choice; and what is said of an
//! environment as it is.

use serde_json::Value;

use crate::app::{App, at_once};
use crate::served::Server;

const CONFIG: &str = "backstay.toml";

fn changes(app: &App) -> usize {
    let said = app
        .run(["history", "staging", "--output", "json"])
        .ends_with(0);
    said.last_object()["deployments"].as_array().unwrap().len()
}

#[test]
fn a_cdn_that_this_machine_cannot_reach_is_found_before_the_first_change() {
    let app = App::running("2f9c1e7");
    app.edit(
        CONFIG,
        "https://staging.gamificator.click",
        "https://nobody.gamificator.click",
    );
    for command in ["plan", "deploy"] {
        let said = app
            .run([command, "staging", "--version", "3333333"])
            .ends_with(3);
        assert!(
            said.stderr.contains("frontend: edge cannot be heard"),
            "{}",
            said.stderr
        );
        assert!(
            said.stderr.contains("make it answer this machine"),
            "{}",
            said.stderr
        );
    }
    assert_eq!(changes(&app), 1, "nothing was begun");
    // What is to be left may be ill or unheard: a way back is not refused for it.
    let back = app
        .run(["rollback", "staging", "--dry-run", "--to", "a1b2c3d"])
        .ends_with(0);
    assert!(
        back.stdout.contains("this rollback may not be proven"),
        "{}",
        back.stdout
    );
}

#[test]
fn a_probe_that_the_live_release_does_not_pass_needs_a_recorded_choice() {
    let app = App::running("2f9c1e7");
    app.edit(
        CONFIG,
        "/api/v1/catalog/health\"",
        "/api/v1/catalog/health?token=hunter2\"",
    );
    app.edit(
        CONFIG,
        "catalog/health?token=hunter2\"\njson = { pointer = \"/version\"",
        "catalog/health?token=hunter2\"\njson = { pointer = \"/nothing\"",
    );
    let plan = ["plan", "staging", "--version", "3333333"];
    let said = app.run(plan).ends_with(3);
    assert!(
        said.stderr
            .contains("catalog-service: what is live does not pass probe"),
        "{}",
        said.stderr
    );
    assert!(
        said.stderr.contains("--accept-unproven catalog-service"),
        "{}",
        said.stderr
    );
    assert!(!said.stderr.contains("hunter2"), "{}", said.stderr);
    let accept = ["--accept-unproven", "catalog-service"];
    let said = app.run(plan.into_iter().chain(accept)).ends_with(0);
    assert!(
        said.stdout
            .contains("which was accepted; a way back to it could not be proven"),
        "{}",
        said.stdout
    );
    // The new release does not pass it either, and neither does the way back: as the plan said.
    let deploy = at_once("3333333");
    app.run(deploy.into_iter().chain(accept)).ends_with(5);
    let said = app.run(["history", "staging"]).ends_with(0);
    assert!(
        said.stdout
            .contains("accepted: catalog-service was not proven: probe"),
        "{}",
        said.stdout
    );
    let wrong = app
        .run(plan.into_iter().chain(["--accept-unproven", "catalogue"]))
        .ends_with(2);
    assert!(
        wrong.stderr.contains("there are: auth-service"),
        "{}",
        wrong.stderr
    );
    // What our own stuck deployment left is known, and keeps nobody from rolling forward.
    let said = app
        .run(["plan", "staging", "--version", "4444444"])
        .ends_with(0);
    assert!(
        said.stdout
            .contains("(3333333) left there does not pass probe"),
        "{}",
        said.stdout
    );
    // Status says that it is stuck, and how to go on.
    let said = app
        .run(["status", "staging", "--output", "json"])
        .ends_with(5);
    let object: Value = said.last_object();
    assert_eq!(object["deployment"]["state"], "stuck", "{object}");
    assert!(
        !object["deployment"]["ways_on"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn on_the_first_deployment_a_host_that_nobody_reaches_is_found_before_the_first_change() {
    let app = App::running("2f9c1e7");
    forgets_everything(&app);
    app.edit(
        CONFIG,
        "{{ endpoint }}/api/v1/catalog/health",
        "https://nobody.gamificator.click/api/v1/catalog/health",
    );
    let deploy = [
        "deploy",
        "staging",
        "--version",
        "3333333",
        "--speed",
        "max",
    ];
    let said = app.run(deploy).ends_with(3);
    for words in [
        "catalog-service: nobody answers its probe: https://nobody.gamificator.click",
        "--accept-unproven catalog-service",
    ] {
        assert!(said.stderr.contains(words), "{words}\n{}", said.stderr);
    }
    assert_eq!(changes(&app), 0, "nothing was begun");
    let accept = ["--accept-unproven", "catalog-service"];
    let plan = ["plan", "staging", "--version", "3333333"];
    let said = app.run(plan.into_iter().chain(accept)).ends_with(0);
    assert!(
        said.stdout.contains("nobody answers its probe") && said.stdout.contains("was accepted"),
        "{}",
        said.stdout
    );
}

#[test]
fn a_smoke_check_of_a_host_that_nobody_reaches_is_found_before_the_first_change() {
    let app = App::running("2f9c1e7");
    app.edit(
        CONFIG,
        "{{ endpoint }}/api/v1/proxy/routes",
        "https://nobody.gamificator.click/api/v1/proxy/routes?key=hunter2",
    );
    for command in ["plan", "deploy"] {
        let said = app
            .run([command, "staging", "--version", "3333333"])
            .ends_with(3);
        for words in [
            "check `routes can be listed`: nobody answers at https://nobody.gamificator.click/api/v1/proxy/routes",
            "take it out of [[checks]]",
        ] {
            assert!(said.stderr.contains(words), "{words}\n{}", said.stderr);
        }
        assert!(!said.stderr.contains("hunter2"), "{}", said.stderr);
    }
    assert_eq!(changes(&app), 1, "nothing was begun");
}

/// As if Backstay came only now.
fn forgets_everything(app: &App) {
    std::fs::remove_dir_all(app.state().join("releases")).unwrap();
    std::fs::remove_dir_all(app.state().join("journal")).unwrap();
    std::fs::remove_file(app.state().join("schema")).unwrap();
}

#[test]
fn an_environment_of_which_nothing_is_recorded_is_looked_at_all_the_same() {
    let app = App::running("2f9c1e7");
    std::fs::remove_dir_all(app.state().join("releases")).unwrap();
    let said = app.run(["status", "staging"]).ends_with(8);
    for line in [
        "auth-service          proven 4/4  rollout, tasks, targets, probe",
        "frontend              proven 1/1  edge",
        "no release was ever proven here by Backstay; of what runs, proven 5/5",
    ] {
        assert!(said.stdout.contains(line), "{line}\n{}", said.stdout);
    }
    let said = app
        .run(["status", "staging", "--output", "json"])
        .ends_with(8);
    let object = said.last_object();
    assert_eq!(
        (&object["release"], &object["exit_code"]),
        (&Value::Null, &Value::from(8))
    );
}

#[test]
fn after_the_first_deployment_what_ran_before_it_can_return() {
    let app = App::running("2f9c1e7");
    forgets_everything(&app);
    let deploy = at_once("3333333");
    app.run(deploy).ends_with(0);
    let said = app
        .run(["history", "staging", "--output", "json"])
        .ends_with(0);
    let object = said.last_object();
    assert_eq!(object["way_back"][0]["arrival"], "found", "{object}");
    let back = [
        "rollback", "staging", "--speed", "max", "--reason", "not yet",
    ];
    let said = app.run(back).ends_with(0);
    assert!(
        said.stdout.contains("is live on before-backstay"),
        "{}",
        said.stdout
    );
    app.run(["status", "staging"]).ends_with(0);
    // And on again.
    app.run(deploy).ends_with(0);
    app.run(["status", "staging"]).ends_with(0);
}

#[test]
fn on_aws_a_ci_system_is_refused_a_directory() {
    let app = App::new();
    app.edit(CONFIG, "cloud = \"simulated\"", "cloud = \"aws\"");
    let said = app.run(["check", "staging"]).ends_with(2);
    assert!(
        said.stderr.contains("is on AWS and has no `state`"),
        "{}",
        said.stderr
    );
    app.edit(
        CONFIG,
        "cloud = \"aws\"\n",
        "cloud = \"aws\"\nstate = \".backstay\"\n",
    );
    app.run(["check", "staging"]).ends_with(0);
    for arguments in [
        &["check", "staging"][..],
        &["history", "staging"],
        &["status", "staging"],
    ] {
        let said = app
            .run_with(arguments.iter().copied(), &[("GITHUB_ACTIONS", "true")])
            .ends_with(2);
        assert!(
            said.stderr.contains("this runs in GitHub Actions"),
            "{}",
            said.stderr
        );
        assert!(
            said.stderr.contains("s3://BUCKET/PREFIX"),
            "{}",
            said.stderr
        );
    }
    // A rehearsal keeps nothing.
    let rehearse = ["rehearse", "staging", "--version", "2f9c1e7"];
    app.run_with(rehearse, &[("GITHUB_ACTIONS", "true")])
        .ends_with(0);
}

#[test]
fn nothing_to_do_waits_for_a_scale_out_of_a_second_ago() {
    let (server, app) = Server::of_staging("manual");
    let deploy = ["deploy", "staging", "--version", "2f9c1e7"];
    app.run(deploy).ends_with(0);
    let scaled = server.ecs(
        "UpdateService",
        r#"{"cluster":"cat-house-staging","service":"cat-house-staging-catalog-service","desiredCount":3}"#,
    );
    assert!(scaled.contains("200 OK"), "{scaled}");
    let said = app.run(deploy).ends_with(0);
    assert!(said.stderr.contains("looking again"), "{}", said.stderr);
    assert!(said.stderr.contains("nothing to do"), "{}", said.stderr);
}

#[test]
fn status_says_what_runs_instead() {
    let (server, app) = Server::of_staging("manual");
    app.run(["deploy", "staging", "--version", "2f9c1e7"])
        .ends_with(0);
    let other = server.ecs(
        "UpdateService",
        r#"{"cluster":"cat-house-staging","service":"cat-house-staging-catalog-service",
            "taskDefinition":"cat-house-staging-catalog-service:1"}"#,
    );
    assert!(other.contains("200 OK"), "{other}");
    let said = app.run(["status", "staging"]).ends_with(5);
    for words in [
        "Note: catalog-service runs arn:aws:ecs:sa-east-1:123456789012:task-definition/cat-house-staging-catalog-service:1",
        "the record says sha256:",
        "Note: catalog-service: a rollout that is not ours goes on",
        "auth-service          proven 4/4",
    ] {
        assert!(said.stdout.contains(words), "{words}\n{}", said.stdout);
    }
}
