//! Wrong input: each with a message that names it, a hint that helps, its own exit code, and nothing changed.

use std::fs::{self, File};

use crate::app::{App, at_once, scenario};

/// Runs it, expects the code, every one of the words on stderr, and the app's files as they were.
#[track_caller]
fn fails(app: &App, arguments: &[&str], code: i32, words: &[&str]) {
    let files = app.files();
    let said = app.run(arguments.iter().copied()).ends_with(code);
    for word in words {
        assert!(said.stderr.contains(word), "no `{word}`:\n{}", said.stderr);
    }
    assert_eq!(said.stdout, "");
    assert!(app.files() == files, "{arguments:?} changed files");
}

const DEPLOY: [&str; 6] = at_once("2f9c1e7");

#[test]
fn an_unknown_environment() {
    let arguments = ["deploy", "stagin", "--version", "2f9c1e7"];
    let words = ["no environment `stagin`", "did you mean `staging`?"];
    fails(&App::new(), &arguments, 2, &words);
}

#[test]
fn no_configuration() {
    let app = App::new();
    fs::remove_file(app.directory.join("backstay.toml")).unwrap();
    fails(&app, &DEPLOY, 2, &["no backstay.toml in", "Hint:", "--app"]);
}

#[test]
fn several_mistakes_in_the_configuration_are_shown_at_once_each_at_its_place() {
    let app = App::new();
    let file = "backstay.toml";
    app.edit(file, "desired_count = 1", "desired_count = \"one\"");
    app.edit(file, "[\"catalog-service\",", "[\"catlog-service\",");
    app.edit(file, "compatibility =", "compatability =");
    let places = [
        "backstay.toml:76:17",
        "backstay.toml:90:15",
        "backstay.toml:114:1",
    ];
    fails(&app, &DEPLOY, 2, &places);
    let hints = [
        "did you mean `catalog-service`?",
        "did you mean `compatibility`?",
    ];
    fails(&app, &DEPLOY, 2, &hints);

    let json = app.run(["check", "--output", "json"]).ends_with(2);
    let problems = json.last_object()["problems"].clone();
    let problems = problems.as_array().unwrap();
    assert_eq!(problems.len(), 4, "{problems:?}"); // the fourth: `compatibility` is missing
    for problem in problems {
        assert!(
            problem["line"].is_u64() && problem["column"].is_u64(),
            "{problem}"
        );
    }
}

#[test]
fn text_that_is_no_toml() {
    let app = App::new();
    app.edit("backstay.toml", "[migration]", "[migration");
    fails(&app, &DEPLOY, 2, &["not TOML", "backstay.toml:107:"]);
}

#[test]
fn an_unknown_fault_or_service() {
    let app = App::new();
    let rows = [
        (
            "catalog-service=unhealty",
            "unknown fault `unhealty`",
            "did you mean `unhealthy`?",
        ),
        (
            "catlog-service=unhealthy",
            "unknown service `catlog-service`",
            "did you mean `catalog-service`?",
        ),
        (
            "migration=exit:one",
            "unknown exit code `one`",
            "there are: exit:1",
        ),
        (
            "frontend=put-refused",
            "unknown frontend fault",
            "put-denied",
        ),
        (
            "catalog-service=crash@soon",
            "unknown duration `soon`",
            "30s",
        ),
        (
            "unhealthy",
            "`unhealthy` is not SERVICE=KIND",
            "for example",
        ),
    ];
    for (fault, message, hint) in rows {
        fails(
            &app,
            &["rehearse", "staging", "--fault", fault],
            2,
            &[message, "Hint:", hint],
        );
    }
}

#[test]
fn a_speed_that_is_none() {
    let arguments = [
        "deploy",
        "staging",
        "--version",
        "2f9c1e7",
        "--speed",
        "fast",
    ];
    fails(
        &App::new(),
        &arguments,
        2,
        &["'fast'", "a number from 0.1 to 100000, or `max`"],
    );
}

#[test]
fn no_version_and_no_git_checkout() {
    let app = App::new();
    fails(
        &app,
        &["deploy", "staging"],
        2,
        &["no version was given", "Hint:", "--version"],
    );
    fails(
        &app,
        &["deploy", "staging", "--version", "a b"],
        2,
        &["`a b`", "Hint:", "--version"],
    );
}

#[test]
fn a_frontend_that_was_not_built() {
    let app = App::new();
    fs::remove_dir_all(app.directory.join("frontend/dist")).unwrap();
    fails(
        &app,
        &DEPLOY,
        2,
        &["frontend", "dist", "Hint: build the frontend first"],
    );
}

#[test]
fn a_state_directory_that_is_none() {
    let app = App::new();
    fs::write(app.directory.join(".backstay"), "").unwrap();
    fails(&app, &DEPLOY, 1, &["cannot use", ".backstay", "Hint:"]);
    fails(
        &app,
        &["status", "staging"],
        1,
        &["cannot use", ".backstay", "Hint:"],
    );
}

#[test]
fn a_journal_that_cannot_be_begun() {
    let app = App::new();
    app.run(["status", "staging"]).ends_with(0);
    fs::write(app.state().join("journal"), "").unwrap();
    let said = app.run(DEPLOY).ends_with(3);
    for word in ["journal", "nothing was changed", "Hint:"] {
        assert!(said.stderr.contains(word), "no `{word}`:\n{}", said.stderr);
    }
    // What runs is said all the same; how deployments stand is for a human to find out.
    let status = app.run(["status", "staging"]).ends_with(5);
    for words in [
        "a1b2c3d",
        "proven 5/5",
        "nobody can tell how deployments stand",
    ] {
        assert!(status.stdout.contains(words), "{}", status.stdout);
    }
}

#[test]
fn a_simulated_cloud_that_is_damaged() {
    let app = App::new();
    app.run(["status", "staging"]).ends_with(0);
    fs::write(app.state().join("cloud.json"), "{\"a\":").unwrap();
    let words = [
        "simulated cloud",
        "cloud.json",
        "Hint: move this one file away",
    ];
    fails(&app, &DEPLOY, 1, &words);
    fails(&app, &["status", "staging"], 1, &words);
}

#[test]
fn a_recorded_release_that_is_damaged() {
    let app = App::new();
    app.run(["status", "staging"]).ends_with(0);
    let releases = app.state().join("releases");
    for release in fs::read_dir(releases).unwrap() {
        fs::write(release.unwrap().path(), "{").unwrap();
    }
    let words = [
        "releases/000001.json",
        "Hint: nothing was changed; correct what the message names",
    ];
    fails(&app, &["status", "staging"], 3, &words);
    fails(
        &app,
        &["plan", "staging", "--version", "2f9c1e7"],
        3,
        &words,
    );
}

#[test]
fn an_image_that_was_never_pushed() {
    let not_pushed = scenario("image-not-pushed.md");
    let words = [
        "Refused before any change",
        "no image is tagged `2f9c1e7`",
        "Hint: build and push",
    ];
    fails(
        &App::new(),
        &["rehearse", "--scenario", &not_pushed],
        3,
        &words,
    );
}

#[test]
fn a_scenario_that_is_not_there() {
    fails(
        &App::new(),
        &["rehearse", "--scenario", "nowhere.md"],
        2,
        &["nowhere.md", "Hint:"],
    );
}

#[test]
fn a_second_deployment_while_one_is_running() {
    let app = App::new();
    app.run(["status", "staging"]).ends_with(0);
    let lock = File::options()
        .write(true)
        .open(app.state().join("cloud.lock"))
        .unwrap();
    lock.lock().unwrap();
    fails(
        &app,
        &DEPLOY,
        6,
        &[
            "another command is using this environment's simulated cloud",
            "Hint: wait",
        ],
    );
    // Looking is allowed meanwhile.
    app.run(["status", "staging"]).ends_with(0);
    app.run(["plan", "staging", "--version", "2f9c1e7"])
        .ends_with(0);
    lock.unlock().unwrap();
    app.run(DEPLOY).ends_with(0);
}
