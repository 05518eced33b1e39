//! What a hint says works: each command that a failure's hint names is run as it is written there, and helps. More of them are
//! followed in `away`, `interrupted` and `racing`.

use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::app::{App, Said, at_once, backstay};
use crate::served::Server;

/// Runs the command of this name that a hint shows, as it is written there.
#[track_caller]
fn follow(app: &App, said: &Said, name: &str) -> Said {
    let command = hinted(said, name);
    app.run(command.iter().map(String::as_str))
}

#[test]
fn a_world_of_an_older_format_is_moved_away_and_nothing_is_lost() {
    let app = App::running("2f9c1e7");
    let world = app.state().join("cloud.json");
    let text = fs::read_to_string(&world).unwrap();
    let older = text.replacen("\"format\":2", "\"format\":1", 1);
    assert_ne!(text, older);
    fs::write(&world, older).unwrap();
    for arguments in [
        &["status", "staging"][..],
        &["plan", "staging", "--version", "3333333"],
        &["deploy", "staging", "--version", "3333333"],
    ] {
        let said = app.run(arguments.iter().copied()).ends_with(2);
        for word in ["cloud.json", "format 1, expected 2", "Hint: ", ".old`"] {
            assert!(said.stderr.contains(word), "no `{word}`: {said:?}");
        }
    }
    let said = app.run(["status", "staging"]);
    let hint = said.stderr.split("Hint: ").nth(1).unwrap();
    let moved = hint
        .split('`')
        .find(|part| part.starts_with("mv "))
        .unwrap();
    let ran = Command::new("sh").args(["-c", moved]).status().unwrap();
    assert!(ran.success());
    let history = app.run(["history", "staging"]).ends_with(0);
    assert!(history.stdout.contains("2f9c1e7"), "{history:?}");
    app.run(at_once("3333333")).ends_with(0);
}

/// A deployment whose process is killed on its way, on the embedded cloud.
fn killed() -> App {
    let app = App::new();
    app.run(["status", "staging"]).ends_with(0);
    let mut child = app
        .command(["deploy", "staging", "--version", "2f9c1e7", "--speed", "1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while lease(&app)["deployment"].is_null() {
        assert_eq!(child.try_wait().unwrap(), None, "it ended");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    app
}

fn lease(app: &App) -> Value {
    let text = fs::read(app.state().join("lease")).unwrap_or_else(|_| b"{}".to_vec());
    serde_json::from_slice::<Value>(&text).unwrap_or(Value::Null)["lease"].clone()
}

/// Time in which a dead holder renewed nothing.
#[expect(clippy::disallowed_methods, reason = "a file's age is the machine's")]
fn age(app: &App, seconds: u64) {
    let lease = File::options()
        .write(true)
        .open(app.state().join("lease"))
        .unwrap();
    let then = SystemTime::now() - Duration::from_secs(seconds);
    lease.set_modified(then).unwrap();
}

#[test]
fn resume_waits_for_the_lease_of_a_dead_holder_however_fast_time_runs() {
    let app = killed();
    age(&app, 57);
    let said = app
        .run(["resume", "--environment", "staging", "--speed", "max"])
        .ends_with(0);
    assert!(said.stderr.contains("its lease expires in"), "{said:?}");
    assert!(said.stderr.contains("waiting."), "{said:?}");
}

#[test]
fn a_lease_that_is_held() {
    let deploy = at_once("3333333");
    let app = killed();
    let said = app.run(deploy).ends_with(6);
    follow(&app, &said, "unlock").ends_with(0);
    app.run(deploy).ends_with(0);

    let app = killed();
    let said = app.run(deploy).ends_with(6);
    // It stops the deployment, takes it back, and then there is nothing older to go back to.
    let back = follow(&app, &said, "rollback");
    assert!(!back.stderr.contains("deploying 2f9c1e7"), "{back:?}");
    app.run(deploy).ends_with(0);
}

#[test]
fn a_deployment_that_was_left_unfinished() {
    let (server, app) = Server::of_staging("240x");
    app.edit(
        "backstay.toml",
        "[environments.staging.policy]",
        "[environments.staging.policy]\ntakeover = \"refuse\"",
    );
    let expired = json!({"where": "caller", "fault": "expired", "from": "ecs.UpdateService"});
    server.ask("POST faults", &expired.to_string());
    let deploy = ["deploy", "staging", "--version", "2f9c1e7"];
    app.run(deploy).ends_with(7);
    server.ask("DELETE faults", "");
    let said = app.run(deploy).ends_with(3);
    follow(&app, &said, "resume").ends_with(0);
    app.run(deploy).ends_with(0);
}

#[test]
fn a_journal_that_was_changed() {
    let app = App::running("2f9c1e7");
    let journal = fs::read_dir(app.state().join("journal")).unwrap();
    let journal = journal
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .unwrap();
    let text = fs::read_to_string(&journal).unwrap();
    fs::write(&journal, text.replace("auth-service", "auth-servicf")).unwrap();
    let id = journal.file_stem().unwrap().to_str().unwrap().to_owned();
    let said = app
        .run(["resume", &id, "--environment", "staging", "--speed", "max"])
        .ends_with(5);
    let verified = follow(&app, &said, "audit verify");
    assert!(verified.stdout.contains(&id), "{verified:?}");
    assert!(verified.stdout.contains("changed"), "{verified:?}");
}

#[test]
fn a_simulator_that_is_not_started() {
    let (server, app) = Server::of_staging("manual");
    let address = server.address().to_owned();
    drop(server);
    let said = app.run(["status", "staging"]).ends_with(3);
    let mut serve = hinted(&said, "simulator serve");
    let (_, port) = address.split_once(':').unwrap();
    let directory = app.directory.to_str().unwrap().to_owned();
    serve.extend([
        "--port".to_owned(),
        port.to_owned(),
        "--app".to_owned(),
        directory,
    ]);
    let mut started = backstay()
        .args(serve)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    let out = started.stdout.as_mut().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut ready).unwrap();
    let again = app.run(["status", "staging"]);
    started.kill().unwrap();
    started.wait().unwrap();
    assert!(!again.stderr.contains("does not answer"), "{again:?}");
}

#[test]
fn what_is_wrong_in_the_users_own_file_points_at_it() {
    let app = App::new();
    let file = "services/catalog-service/task-definition.json";
    app.edit(file, "\"secrets\":", "\"secret\":");
    let rehearse = ["rehearse", "staging", "--version", "2f9c1e7"];
    let said = app.run(rehearse).ends_with(2);
    for word in [file, "`secret`", "did you mean `secrets`?"] {
        assert!(said.stderr.contains(word), "no `{word}`: {said:?}");
    }
    app.edit(file, "\"secret\":", "\"secrets\":");
    app.run(rehearse).ends_with(0);

    app.edit(file, "\"value\": \"INFO\"", "\"value\": 6379");
    for arguments in [&["check"][..], &rehearse] {
        let said = app.run(arguments.iter().copied()).ends_with(2);
        for word in [file, "is 6379, not a string", "write \"6379\""] {
            assert!(said.stderr.contains(word), "no `{word}`: {said:?}");
        }
    }
}

/// The arguments of the command of this name that a hint shows.
#[track_caller]
pub(crate) fn hinted(said: &Said, name: &str) -> Vec<String> {
    let hint = said.stderr.split("Hint: ").nth(1).unwrap_or_default();
    let command = hint.split('`').find_map(|part| {
        part.strip_prefix("backstay ")
            .filter(|part| part.starts_with(name))
    });
    let command = command.unwrap_or_else(|| panic!("no `backstay {name}` in: {hint}"));
    command.split_whitespace().map(str::to_owned).collect()
}
