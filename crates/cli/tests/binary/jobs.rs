//! Scheduled jobs: run by hand, and what tasks write.

use serde_json::Value;

use crate::app::{App, at_once};

fn live() -> App {
    let app = App::orchard();
    app.run(at_once("2f9c1e7")).ends_with(0);
    app
}

fn run<'a>(job: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let all = ["run", "staging", job, "--speed", "max"].into_iter();
    all.chain(more.iter().copied()).collect()
}

#[test]
fn a_job_runs_now() {
    let app = live();
    let said = app.run(run("harvest-report", &[])).ends_with(0);
    let of = "harvest-report: orchard-staging-harvest-report:2 of 2f9c1e7, task ";
    assert!(said.stderr.starts_with(of), "{}", said.stderr);
    assert!(
        said.stderr.contains("harvest-report: exit code 0 after "),
        "{}",
        said.stderr
    );

    // Another command, and a rule that is disabled: it runs all the same.
    let said = app.run(run(
        "price-import",
        &["--output", "json", "--", "sh", "-c", "exit 3"],
    ));
    let said = said.ends_with(4);
    let ended: Value = serde_json::from_str(said.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(ended["type"], "job-ended");
    assert_eq!(
        (
            &ended["state"],
            &ended["container_exit_code"],
            &ended["exit_code"]
        ),
        (&Value::from("exited"), &Value::from(3), &Value::from(4))
    );

    let said = app.run(run("harvest-report", &["--detach"])).ends_with(0);
    assert!(
        said.stdout
            .starts_with("arn:aws:ecs:eu-central-1:211100000002:task/"),
        "{}",
        said.stdout
    );
}

#[test]
fn a_job_that_cannot_run() {
    let app = App::orchard();
    let said = app.run(run("harvest-repor", &[])).ends_with(2);
    assert!(
        said.stderr.contains("did you mean `harvest-report`?"),
        "{}",
        said.stderr
    );
    let said = app
        .run(run("harvest-report", &["--", "sh", "-c", "sleep 7200"]))
        .ends_with(4);
    let late = "it took too long and was stopped";
    assert!(said.stderr.contains(late), "{}", said.stderr);
    app.edit(
        "backstay.toml",
        "timeout = \"30m\"\nsubnets = [\"subnet-0a1b2c3d4e5f60001\"]",
        "timeout = \"30m\"",
    );
    let said = app.run(run("harvest-report", &[])).ends_with(2);
    let hint = "Hint: write `subnets` into [jobs.harvest-report]";
    assert!(said.stderr.contains(hint), "{}", said.stderr);
}

#[test]
fn what_tasks_write() {
    let app = live();
    let said = app.run(["logs", "staging", "--since", "1h"]).ends_with(0);
    for line in ["/mailer INFO:", "/picker INFO:", "/app INFO:"] {
        assert!(said.stdout.contains(line), "{}", said.stdout);
    }
    let said = app.run([
        "logs", "staging", "web", "--since", "1h", "--output", "json",
    ]);
    let said = said.ends_with(0);
    let lines: Vec<Value> = said
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(
        !lines.is_empty() && lines.iter().all(|line| line["part"] == "web"),
        "{lines:?}"
    );
    let said = app.run(["logs", "staging", "wev"]).ends_with(2);
    assert!(
        said.stderr.contains("did you mean `web`?"),
        "{}",
        said.stderr
    );
    let said = app.run(["logs", "staging", "--since", "soon"]).ends_with(2);
    assert!(
        said.stderr.contains("write for example 90s, 15m, 2h or 1d"),
        "{}",
        said.stderr
    );
}

/// The schedule is a witness of what is live, and a part of what differs.
#[test]
fn jobs_are_part_of_what_is_live() {
    let app = live();
    let said = app.run(["status", "staging"]).ends_with(0);
    assert!(
        said.stdout
            .contains("price-import          proven 1/1  schedule"),
        "{}",
        said.stdout
    );
    app.edit(
        "definitions/price-import.json",
        "dist/import-prices.js",
        "dist/import-all.js",
    );
    let plan = app
        .run(["plan", "staging", "--version", "2f9c1e7"])
        .ends_with(0);
    let moves = "price-import (rule orchard-staging-price-import, disabled): orchard-staging-price-import:2 → its next revision";
    assert!(plan.stdout.contains(moves), "{}", plan.stdout);
    assert!(
        plan.stdout
            .contains("orchard-staging-harvest-report:2, unchanged"),
        "{}",
        plan.stdout
    );
    let said = app.run(at_once("2f9c1e7")).ends_with(0);
    assert!(
        said.stdout
            .contains("price-import          proven 1/1  schedule"),
        "{}",
        said.stdout
    );
}
