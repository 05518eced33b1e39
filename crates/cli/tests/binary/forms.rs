//! `--output json` is JSON and nothing else, however a command ends; text is plain unless colour is asked for.

use crate::app::{App, Said, at_once, scenario};

/// Command, the type of its last object, its exit code.
fn json(app: &App, arguments: &[&str], last: &str, code: i32) -> Said {
    let said = app.run(arguments.iter().copied().chain(["--output", "json"]));
    let said = said.ends_with(code);
    let object = said.last_object();
    assert_eq!(object["type"], last, "{arguments:?}");
    if ["end", "nothing-to-do", "error", "refusal", "problems"].contains(&last) {
        assert_eq!(object["exit_code"], code, "{arguments:?}");
    }
    assert!(!said.stdout.contains('\u{1b}'), "{arguments:?}");
    said
}

#[test]
fn a_deployment_and_looking_at_it_are_json() {
    let app = App::new();
    let deploy = at_once("2f9c1e7");
    let said = json(&app, &deploy, "end", 0);
    assert_eq!(said.last_object()["outcome"], "live");
    assert_eq!(said.stderr, "");
    let objects = said.objects();
    assert_eq!(objects[0]["type"], "plan");
    assert!(
        objects[1..objects.len() - 1]
            .iter()
            .all(|object| object["type"] == "record")
    );
    json(&app, &deploy, "nothing-to-do", 0);
    json(&app, &["status", "staging"], "status", 0);
    json(
        &app,
        &["plan", "staging", "--version", "4444444"],
        "plan",
        0,
    );
    json(&app, &["check"], "checked", 0);
}

#[test]
fn a_rehearsal_ends_with_its_outcome_and_its_calls() {
    let app = App::new();
    let rehearse = ["rehearse", "staging", "--version", "2f9c1e7", "--fault"];
    let with = |fault| [&rehearse[..], &[fault]].concat();
    let said = json(&app, &with("catalog-service=crash"), "end", 4);
    let end = said.last_object();
    assert_eq!(end["outcome"], "rolled-back");
    // Two forward, two back; proxy-service's wave never began.
    assert!(end["calls"]["ecs.UpdateService"].as_u64().unwrap() >= 4);
    assert!(end["calls"]["sts.GetCallerIdentity"].as_u64().unwrap() >= 1);
    assert_eq!(end["never_struck"].as_array().map(Vec::len), Some(0));
    assert_eq!(end["below_minimum"].as_array().map(Vec::len), Some(0));
    let late = "catalog-service=crash@90m";
    let said = json(&app, &with(late), "end", 0);
    assert_eq!(said.last_object()["never_struck"][0], late);
}

#[test]
fn failures_are_json_too() {
    let app = App::new();
    let not_pushed = scenario("image-not-pushed.md");
    json(&app, &["rehearse", "--scenario", &not_pushed], "refusal", 3);
    json(&app, &["status", "stagin"], "problems", 2);
    json(
        &app,
        &["rehearse", "staging", "--fault", "catalog-service=unhealty"],
        "error",
        2,
    );
    json(&app, &["rehearse", "--scenario", "nowhere.md"], "error", 2);
    std::fs::remove_file(app.directory.join("backstay.toml")).unwrap();
    json(&app, &["check"], "error", 2);
}

#[test]
fn colour_comes_only_when_asked_for() {
    let app = App::new();
    let wrong = ["rehearse", "staging", "--fault", "catalog-service=unhealty"];
    let escapes = |said: &Said| {
        (
            said.stdout.contains('\u{1b}'),
            said.stderr.contains('\u{1b}'),
        )
    };
    assert_eq!(escapes(&app.run(wrong)), (false, false), "piped");
    assert_eq!(
        escapes(&app.run_with(wrong, &[("NO_COLOR", "1"), ("TERM", "xterm")])),
        (false, false),
        "NO_COLOR"
    );
    assert_eq!(
        escapes(&app.run(wrong.into_iter().chain(["--color", "never"]))),
        (false, false),
        "never"
    );
    assert_eq!(
        escapes(&app.run(wrong.into_iter().chain(["--color", "always"]))),
        (false, true),
        "always"
    );
    let broken = ["check", "stagin"];
    assert_eq!(escapes(&app.run(broken)), (false, false), "problems");

    let rehearse = [
        "rehearse",
        "staging",
        "--version",
        "2f9c1e7",
        "--fault",
        "migration=exit:1",
    ];
    assert_eq!(
        escapes(&app.run(rehearse)),
        (false, false),
        "a whole rehearsal"
    );
    let painted = app.run(rehearse.into_iter().chain(["--color", "always"]));
    assert!(escapes(&painted).1, "a whole rehearsal, always");
    let json = ["--color", "always", "--output", "json"];
    let json = app.run(rehearse.into_iter().chain(json)).ends_with(4);
    assert_eq!(escapes(&json), (false, false), "JSON has no colours");
}
