//! What `check` says before anything runs: files that are no text, a build without its page, what AWS would refuse, and what a rehearsal
//! cannot answer.

use std::fs;

use crate::app::{App, backstay, repository, said};

const CONFIG: &str = "backstay.toml";
const TASK: &str = "web.json";

#[track_caller]
fn says(app: &App, arguments: &[&str], code: i32, words: &[&str]) {
    let said = app.run(arguments.iter().copied()).ends_with(code);
    let all = said.stdout + &said.stderr;
    for word in words {
        assert!(all.contains(word), "no `{word}`:\n{all}");
    }
}

#[test]
fn files_that_are_not_utf_8() {
    for file in [TASK, CONFIG] {
        let app = App::shop();
        let path = app.directory.join(file);
        let mut bytes = fs::read(&path).unwrap();
        let at = bytes.len() - 3;
        bytes.insert(at, 0xff);
        fs::write(&path, bytes).unwrap();
        let place = format!("is not UTF-8 from byte {at} on");
        says(&app, &["check", "test"], 2, &[file, &place]);
    }
}

#[test]
fn a_build_without_its_page() {
    let app = App::shop();
    fs::remove_file(app.directory.join("dist/index.html")).unwrap();
    let words = ["the frontend build in `dist` has no `index.html`", "Hint: "];
    says(&app, &["check", "test"], 2, &words);
}

#[test]
fn every_rule_of_ecs_at_its_place() {
    let app = App::shop();
    app.edit(TASK, "\"value\":", "\"values\":");
    app.edit(
        TASK,
        "\"containerPort\": 8080,",
        "\"containerPort\": 8080, \"hostPort\": 80,",
    );
    app.edit(TASK, "\"memory\": \"512\"", "\"memory\": \"4096\"");
    let words = [
        "did you mean `value`?",
        "No Fargate configuration exists for given values.",
        "the host ports and container ports in port mappings must",
    ];
    says(&app, &["check", "test"], 2, &words);
}

#[test]
fn without_an_execution_role_it_can_be_rehearsed_and_not_deployed_to_aws() {
    let app = App::shop();
    let path = app.directory.join(TASK);
    let text = fs::read_to_string(&path).unwrap();
    let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
    document.as_object_mut().unwrap().remove("executionRoleArn");
    let container = &mut document["containerDefinitions"][0];
    container
        .as_object_mut()
        .unwrap()
        .remove("logConfiguration");
    fs::write(&path, document.to_string()).unwrap();
    let refused = "execution role ARN to support ECR images";
    says(&app, &["check", "test"], 2, &[refused]);
    let rehearse = ["rehearse", "test", "--version", "bbb2222"];
    says(&app, &rehearse, 0, &[refused, "Rehearsed all the same"]);
}

/// Warnings are for what is wrong.
#[test]
fn apps_that_are_as_they_should_be_are_told_nothing() {
    for app in ["cat-house", "depot"] {
        let directory = repository().join("fixtures").join(app);
        let said = said(backstay().arg("--app").arg(directory).arg("check")).ends_with(0);
        assert_eq!(said.stderr, "", "{app}");
    }
}

#[test]
fn what_a_rehearsal_cannot_answer() {
    let app = App::shop();
    app.edit(
        TASK,
        "\"networkMode\": \"awsvpc\",",
        "\"networkMode\": \"bridge\",",
    );
    app.edit(TASK, "\"FARGATE\"", "\"EC2\"");
    let words = [
        "web.json: it does not run on Fargate (EC2)",
        "it cannot be rehearsed",
    ];
    says(&app, &["check", "test"], 0, &words);
}
