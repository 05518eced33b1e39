//! `history`, `show`, `replay`, `diff` and `audit` after two deployments: what was done, by whom, and whether that is still what
//! was written.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::app::{App, Said, at_once};

const SURROUNDINGS: [(&str, &str); 5] = [
    ("GITHUB_ACTIONS", "true"),
    ("GITHUB_ACTOR", "ann"),
    ("GITHUB_SERVER_URL", "https://github.com"),
    ("GITHUB_REPOSITORY", "team/shop"),
    ("GITHUB_RUN_ID", "77"),
];

/// `a1b2c3d` from before Backstay, then `2f9c1e7`, then `3333333`; and the ids of the two, oldest first.
fn deployed_twice() -> (App, [String; 2]) {
    let app = App::running("2f9c1e7");
    let next = at_once("3333333");
    app.run_with(next, &SURROUNDINGS).ends_with(0);
    let history = json(&app, &["history", "staging"], 0);
    let ids = history["deployments"].as_array().unwrap().iter();
    let mut ids: Vec<String> = ids
        .map(|told| told["deployment"].as_str().unwrap().to_owned())
        .collect();
    ids.reverse();
    (app, ids.try_into().unwrap())
}

#[track_caller]
fn json(app: &App, arguments: &[&str], code: i32) -> Value {
    let all = arguments.iter().copied().chain(["--output", "json"]);
    let said = app.run(all).ends_with(code);
    assert_eq!(said.stderr, "", "{arguments:?}");
    said.last_object()
}

#[track_caller]
fn says(said: &Said, words: &[&str]) {
    let all = format!("{}{}", said.stdout, said.stderr);
    for word in words {
        assert!(all.contains(word), "no `{word}`:\n{all}");
    }
}

/// Lists are read at 110 columns.
#[track_caller]
fn fits(said: &Said) {
    for line in said.stdout.lines() {
        assert!(line.chars().count() <= 110, "{line}");
    }
}

fn journal(app: &App, id: &str) -> PathBuf {
    app.state().join(format!("journal/{id}.jsonl"))
}

#[test]
fn nothing_to_look_back_at() {
    let app = App::new();
    let history = app.run(["history", "staging"]).ends_with(0);
    says(&history, &["cat-house staging", "Nothing was deployed"]);
    let audit = app.run(["audit", "verify", "staging"]).ends_with(0);
    says(&audit, &["there is no journal yet"]);
    let show = app.run(["show", "d-1234"]).ends_with(2);
    says(&show, &["no deployment of", "nothing was ever deployed"]);
    assert!(!app.directory.join(".backstay").exists(), "looking wrote");
}

#[test]
fn looking_back_changes_nothing_and_says_everything() {
    let (app, [first, second]) = deployed_twice();
    let files = app.files();

    let history = app.run(["history", "staging"]).ends_with(0);
    let (newer, older) = (&format!("* {second}"), &format!("< {first}"));
    says(
        &history,
        &[newer, older, "a1b2c3d → 2f9c1e7", "2f9c1e7 → 3333333"],
    );
    fits(&history);
    assert!(history.stdout.find(&second) < history.stdout.rfind(&first));
    let one = json(&app, &["history", "staging", "--limit", "1"], 0);
    assert_eq!(one["deployments"].as_array().unwrap().len(), 1);
    assert_eq!(one["earlier"], 1);
    assert_eq!(one["live"]["deployment"], second.as_str());
    let way_back: Vec<&Value> = one["way_back"].as_array().unwrap().iter().collect();
    let versions: Vec<&str> = way_back
        .iter()
        .filter_map(|e| e["version"].as_str())
        .collect();
    assert_eq!(versions, ["2f9c1e7", "a1b2c3d"]);

    let show = app.run(["show", &second[..6]]).ends_with(0);
    says(
        &show,
        &[&second, "Plan", "Story", "Outcome", "proven 6/6", "3333333"],
    );
    let shown = json(&app, &["show", &first[2..], "--environment", "staging"], 0);
    assert_eq!(shown["deployment"], first.as_str());
    assert_eq!(shown["outcome"], "live");

    let replay = app.run(["replay", &first, "--speed", "max"]).ends_with(0);
    says(&replay, &["+0s", "live on 2f9c1e7", "proven 6/6"]);
    let replayed = json(&app, &["replay", &first, "--speed", "max"], 0);
    assert_eq!(
        (&replayed["type"], &replayed["outcome"]),
        (&"end".into(), &"live".into())
    );

    let diff = app.run(["diff", &first, "live"]).ends_with(0);
    says(
        &diff,
        &[
            "2f9c1e7",
            "3333333",
            "service auth-service changed",
            "image",
        ],
    );
    fits(&diff);
    let same = app.run(["diff", "3333333", "live"]).ends_with(0);
    says(&same, &["are the same"]);
    let object = json(&app, &["diff", "a1b2c3d", "2f9c1e7"], 0);
    assert_eq!(object["equal"], false);
    let release = object["to"]["release"].as_str().unwrap();
    let by_id = json(&app, &["diff", &release[..8], &first], 0);
    assert_eq!(by_id["equal"], true);

    let audit = app.run(["audit", "verify", "staging"]).ends_with(0);
    says(
        &audit,
        &[&first, &second, "sealed", "intact", "2 of 2 journals"],
    );
    json(&app, &["audit", "verify", "staging", &first], 0);

    assert!(app.files() == files, "looking back wrote to the disk");
}

#[test]
fn what_is_not_there_or_may_be_several_is_a_mistake_that_names_them() {
    let (app, [first, second]) = deployed_twice();
    for command in ["show", "replay"] {
        let unknown = app.run([command, "d-nothing"]).ends_with(2);
        says(
            &unknown,
            &["begins with `d-nothing`", "Hint: the newest are", &second],
        );
        let several = app.run([command, "d-"]).ends_with(2);
        says(
            &several,
            &["may be any of", &first, &second, "Hint: write more"],
        );
    }
    let unknown = app.run(["audit", "verify", "staging", "zzzz"]).ends_with(2);
    says(&unknown, &["begins with `zzzz`", &first]);
    let elsewhere = ["show", first.as_str(), "--environment", "production"];
    says(
        &app.run(elsewhere).ends_with(2),
        &["no deployment of production"],
    );
    let no_release = app.run(["diff", "live", "9999999"]).ends_with(2);
    says(
        &no_release,
        &["`9999999` is no release", "Hint: name a release"],
    );
    let no_environment = app.run(["history", "stagin"]).ends_with(2);
    says(&no_environment, &["did you mean `staging`?"]);
}

#[test]
fn a_journal_that_was_changed_is_named() {
    let (app, [first, second]) = deployed_twice();
    let path = journal(&app, &first);
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[2] = lines[2]
        .replacen("auth-service", "evil-service", 1)
        .replacen("\"at\":\"2", "\"at\":\"1", 1);
    fs::write(&path, format!("{}\n", lines.join("\n"))).unwrap();

    let audit = app.run(["audit", "verify", "staging"]).ends_with(5);
    says(
        &audit,
        &[
            "record 2 was changed",
            "NOT INTACT",
            "1 of 2 journals",
            "Hint:",
        ],
    );
    let object = json(&app, &["audit", "verify", "staging"], 5);
    assert_eq!(object["exit_code"], 5);
    assert_eq!(object["journals"][0]["intact"], false);
    assert_eq!(object["journals"][1]["intact"], true);
    json(&app, &["audit", "verify", "staging", &second], 0);
    let show = app.run(["show", &first]).ends_with(5);
    says(
        &show,
        &["cannot be believed", "record 2", "backstay audit verify"],
    );
    app.run(["history", "staging"]).ends_with(0);
}

#[test]
fn a_journal_that_is_gone_is_missed() {
    let (app, [first, second]) = deployed_twice();
    fs::remove_file(journal(&app, &first)).unwrap();
    let audit = app.run(["audit", "verify", "staging"]).ends_with(5);
    says(&audit, &[&first, "missing", "NOT INTACT"]);

    let path = journal(&app, &second);
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    fs::write(&path, format!("{}\n", lines[..5].join("\n"))).unwrap();
    let audit = app
        .run(["audit", "verify", "staging", &second])
        .ends_with(5);
    says(&audit, &["are missing", "NOT INTACT"]);
}
