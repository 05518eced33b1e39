//! The database over several deployments: what the schema record refuses, what it lets through, and that every printed choice
//! works. The simulated database is the judge: an older migration cannot run on a newer schema there, as with Alembic.

use std::process::{Child, Command};

use serde_json::{Value, json};

use crate::app::App;
use crate::served::Server;

const FAMILY: &str = "cat-house-staging-migration";

const CRASH: &str = r#"{"where":"service","service":"cat-house-staging-catalog-service","fault":"crash","after_ms":null}"#;
const AUTH_CRASH: &str = r#"{"where":"service","service":"cat-house-staging-auth-service","fault":"crash","after_ms":null}"#;

/// A cloud with `aaaa111` live and recorded, its app, and the next image's migrations ahead of it.
fn staging(compatibility: &str, way_down: &str) -> (Server, App) {
    let (server, app) = Server::of_staging("manual");
    next_head(&app, "9c1", "8f2");
    app.run(deploy("aaaa111", &[])).ends_with(0);
    next_head(&app, "8f2", "9c1");
    declare(&app, compatibility, way_down);
    (server, app)
}

fn declare(app: &App, compatibility: &str, way_down: &str) {
    app.edit(
        "backstay.toml",
        "compatibility = \"compatible\"",
        &format!("compatibility = \"{compatibility}\""),
    );
    if way_down == "absent" {
        app.edit(
            "backstay.toml",
            "down_command = [\"alembic\", \"downgrade\", \"{{ revision }}\"]\n",
            "",
        );
    }
    app.edit(
        "backstay.toml",
        "way_down = \"lossless\"",
        &format!("way_down = \"{way_down}\""),
    );
}

/// What the next image's migrations lead to.
fn next_head(app: &App, from: &str, to: &str) {
    let text = |head: &str| format!("schema = {{ before = \"8f2\", after = \"{head}\" }}");
    app.edit("backstay.toml", &text(from), &text(to));
}

fn revision(server: &Server) -> String {
    let picture = server.ask("GET picture", "");
    picture["databases"][FAMILY]
        .as_str()
        .unwrap_or("no database")
        .to_owned()
}

/// Nothing goes wrong any more, and what was left rolling out has ended.
fn settled(server: &Server) {
    server.ask("DELETE faults", "");
    server.ask("POST advance", r#"{"by_ms":1800000}"#);
}

fn deploy<'a>(version: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["deploy", "staging", "--version", version], more].concat()
}

fn plan_says(app: &App, command: &[&str], code: i32, says: &str) {
    let said = app.run(command.iter().copied()).ends_with(code);
    let all = format!("{}{}", said.stdout, said.stderr);
    assert!(all.contains(says), "no `{says}`:\n{all}");
}

#[test]
fn after_a_stuck_breaking_migration_old_code_goes_back_only_with_a_humans_word() {
    let (server, app) = staging("breaking", "absent");
    server.ask("POST faults", CRASH);
    let stuck = app.run(deploy("bbbb222", &[])).ends_with(5);
    assert!(
        stuck
            .stderr
            .contains("old code cannot run on the new schema"),
        "{stuck:?}"
    );
    assert_eq!(revision(&server), "9c1");
    settled(&server);
    let refused = "aaaa111 cannot run on the schema that bbbb222 made: its migration has no lossless way down";
    plan_says(&app, &["rollback", "staging"], 3, refused);
    plan_says(&app, &["rollback", "staging", "--dry-run"], 3, refused);
    plan_says(&app, &deploy("aaaa111", &["--allow-older"]), 3, refused);
    plan_says(
        &app,
        &["plan", "staging", "--version", "aaaa111"],
        3,
        refused,
    );
    // Forward is the one choice: the fixed release's migration runs, whether or not it changes anything.
    app.run(deploy("cccc333", &[])).ends_with(0);
    assert_eq!(revision(&server), "9c1");
}

#[test]
fn and_restoring_the_database_is_the_other_choice() {
    let (server, app) = staging("breaking", "absent");
    server.ask("POST faults", CRASH);
    app.run(deploy("bbbb222", &[])).ends_with(5);
    settled(&server);
    let returned = app
        .run(["rollback", "staging", "--accept-schema-risk"])
        .ends_with(0);
    assert!(
        returned.stderr.contains("a human answered for it"),
        "{returned:?}"
    );
    assert_eq!(
        server.version(&["aaaa111", "bbbb222"]).as_deref(),
        Ok("aaaa111")
    );
    // What a human said once is recorded: nothing is refused for it again, and the migration runs again.
    let again = app.run(deploy("bbbb222", &[])).ends_with(0);
    assert!(again.stdout.contains("migration"), "{again:?}");
    assert!(ups(&server) >= 2, "{}", ups(&server));
}

/// How many migrations up were started.
fn ups(server: &Server) -> u64 {
    let calls = server.ask("GET calls", "");
    calls["calls"]["ecs.RunTask"]
        .as_u64()
        .or(calls["ecs.RunTask"].as_u64())
        .unwrap_or(0)
}

#[test]
fn after_a_lowered_schema_the_release_that_was_left_migrates_again() {
    let (server, app) = staging("breaking", "lossless");
    app.run(deploy("bbbb222", &[])).ends_with(0);
    assert_eq!(revision(&server), "9c1");
    server.ask("POST faults", AUTH_CRASH);
    let stuck = app
        .run(["rollback", "staging", "--to", "aaaa111"])
        .ends_with(5);
    assert!(
        stuck.stderr.contains("the schema was migrated down"),
        "{stuck:?}"
    );
    assert_eq!(revision(&server), "8f2");
    settled(&server);
    let planned = app
        .run(["plan", "staging", "--version", "bbbb222"])
        .ends_with(0);
    assert!(
        planned.stdout.contains("alembic upgrade head"),
        "{planned:?}"
    );
    app.run(deploy("bbbb222", &[])).ends_with(0);
    assert_eq!(revision(&server), "9c1");
    assert_eq!(
        server.version(&["aaaa111", "bbbb222"]).as_deref(),
        Ok("bbbb222")
    );
}

#[test]
fn or_the_rollback_goes_on_where_the_schema_is_already() {
    let (server, app) = staging("breaking", "lossless");
    app.run(deploy("bbbb222", &[])).ends_with(0);
    server.ask("POST faults", AUTH_CRASH);
    app.run(["rollback", "staging", "--to", "aaaa111"])
        .ends_with(5);
    settled(&server);
    app.run(["rollback", "staging", "--to", "aaaa111"])
        .ends_with(0);
    assert_eq!(revision(&server), "8f2");
    assert_eq!(
        server.version(&["aaaa111", "bbbb222"]).as_deref(),
        Ok("aaaa111")
    );
    // Its own migration was taken back: it is deployed, not returned to.
    plan_says(
        &app,
        &["rollback", "staging", "--to", "bbbb222"],
        3,
        "bbbb222 needs its own migration",
    );
    app.run(deploy("bbbb222", &[])).ends_with(0);
    assert_eq!(revision(&server), "9c1");
}

#[test]
fn compatible_is_said_of_one_migration() {
    let (server, app) = staging("compatible", "absent");
    app.run(deploy("bbbb222", &[])).ends_with(0);
    next_head(&app, "9c1", "ad3");
    app.run(deploy("cccc333", &[])).ends_with(0);
    assert_eq!(revision(&server), "ad3");
    plan_says(
        &app,
        &["rollback", "staging", "--to", "aaaa111", "--dry-run"],
        3,
        "aaaa111 cannot run on the schema that cccc333 made",
    );
    // One release back is what was declared.
    app.run(["rollback", "staging"]).ends_with(0);
    assert_eq!(
        server
            .version(&["aaaa111", "bbbb222", "cccc333"])
            .as_deref(),
        Ok("bbbb222")
    );
    assert_eq!(revision(&server), "ad3");
    // Both migrations are in the schema still: once more back is not.
    app.run(["rollback", "staging"]).ends_with(3);
    app.run(["rollback", "staging", "--accept-schema-risk"])
        .ends_with(0);
    assert_eq!(
        server
            .version(&["aaaa111", "bbbb222", "cccc333"])
            .as_deref(),
        Ok("aaaa111")
    );
}

#[test]
fn a_migration_that_changed_nothing_does_not_count() {
    let (server, app) = staging("compatible", "absent");
    for version in ["bbbb222", "cccc333", "dddd444"] {
        app.run(deploy(version, &[])).ends_with(0);
    }
    // Only the first of the three changed anything, and the revision was read after each.
    app.run(["rollback", "staging", "--to", "aaaa111"])
        .ends_with(0);
    assert_eq!(
        server.version(&["aaaa111", "dddd444"]).as_deref(),
        Ok("aaaa111")
    );
}

#[test]
fn more_than_one_goes_down_where_that_loses_nothing() {
    let (server, app) = staging("compatible", "lossless");
    app.run(deploy("bbbb222", &[])).ends_with(0);
    next_head(&app, "9c1", "ad3");
    app.run(deploy("cccc333", &[])).ends_with(0);
    let shown = app
        .run(["rollback", "staging", "--to", "aaaa111", "--dry-run"])
        .ends_with(0);
    assert!(shown.stdout.contains("down to 9c1"), "{shown:?}");
    app.run(["rollback", "staging", "--to", "aaaa111"])
        .ends_with(0);
    assert_eq!(revision(&server), "9c1");
}

#[test]
fn a_taken_back_release_leaves_its_migration_in_the_schema() {
    let (server, app) = staging("compatible", "absent");
    server.ask("POST faults", CRASH);
    app.run(deploy("bbbb222", &[])).ends_with(4);
    settled(&server);
    assert_eq!(revision(&server), "9c1");
    // The next one would be the second that old code was not declared for.
    let planned = app
        .run(["plan", "staging", "--version", "cccc333"])
        .ends_with(0);
    assert!(
        planned
            .stdout
            .contains("the migration of bbbb222 stayed in the schema"),
        "{planned:?}"
    );
    // It changes nothing, which is read: so its way back is whole all the same.
    server.ask("POST faults", CRASH);
    app.run(deploy("cccc333", &[])).ends_with(4);
    assert_eq!(
        server.version(&["aaaa111", "cccc333"]).as_deref(),
        Ok("aaaa111")
    );
}

fn signal(child: &Child) {
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
}

/// Whether the schema record knows a migration that may run.
fn may_run(app: &App) -> bool {
    let Ok(text) = std::fs::read_to_string(app.state().join("schema")) else {
        return false;
    };
    let record: Value = serde_json::from_str(&text).unwrap();
    let entries = record["record"]["entries"].as_array().unwrap();
    entries
        .last()
        .is_some_and(|entry| entry["end"] == Value::Null)
}

#[test]
fn a_signal_waits_for_a_compatible_migration_too() {
    let (server, app) = Server::of_staging("60x");
    let slow = json!({"where": "task", "family": FAMILY, "fault": {"slow": 60_000}});
    server.ask("POST faults", &slow.to_string());
    let running = app.begin(deploy("bbbb222", &[]));
    while !may_run(&app) {
        std::thread::yield_now();
    }
    signal(&running);
    let ended = running.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(4), "{said}");
    // Its end was seen before anything was called rolled back.
    assert!(said.contains("migrate the database: exit code 0"), "{said}");
    assert!(!may_run(&app));
    assert_eq!(revision(&server), "9c1");
}

/// Somebody else starts the migration, by hand.
fn run_task(server: &Server) {
    let body = json!({
        "cluster": "cat-house-staging", "taskDefinition": FAMILY, "launchType": "FARGATE",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-0a10000000000001a"]}},
    })
    .to_string();
    let answer = server.ecs("RunTask", &body);
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("taskArn"),
        "{answer}"
    );
}

#[test]
fn a_migration_that_runs_keeps_others_away_whoever_started_it() {
    let (server, app) = staging("compatible", "absent");
    app.run(deploy("bbbb222", &[])).ends_with(0);
    let slow = json!({"where": "task", "family": FAMILY, "fault": {"slow": 3_600_000}});
    server.ask("POST faults", &slow.to_string());
    run_task(&server);
    plan_says(
        &app,
        &["plan", "staging", "--version", "cccc333"],
        3,
        "a migration is running: task",
    );
    plan_says(
        &app,
        &["rollback", "staging"],
        3,
        "a migration is running: task",
    );
    server.ask("DELETE faults", "");
}
