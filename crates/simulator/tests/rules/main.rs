//! `docs/simulator.md` is made of the rules that each room keeps, and every rule names a test that exists.
//!
//! `BACKSTAY_BLESS=1 cargo nextest run -p backstay-simulator --test rules` writes the page anew.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that reads the sources"
)]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const INTRODUCTION: &str = "# What the simulated cloud keeps

<!-- Made of crates/simulator/rules/*.md and crates/simulator/src/base/timings.rs by `just bless`. -->

`backstay simulator serve` is an AWS for the aws CLI, boto3, Terraform and Backstay itself. This page lists every rule of
AWS that it keeps, where the rule is known from, the test that holds it, and what is not modelled.

Evidence: [DOC] AWS documentation; [MODEL] the public service model; [OBS] the output of a real account in a public
repository; [CODE] another tool's source; [INF] inferred, and therefore a knob; [MEM] from memory. Letters and numbers such
as A4 name sections of the facts this is built on.
";

/// The parts of the page: a heading, and the room's file.
const ROOMS: [(&str, &str); 12] = [
    ("Every call, by AWS's model", "model.md"),
    ("ECS: rolling deployments, tasks, limits", "ecs.md"),
    ("ECS: task definitions", "task_definitions.md"),
    ("ECS: blue/green, linear, canary", "native.md"),
    ("CodeDeploy blue/green", "codedeploy.md"),
    ("Load balancers and targets", "elb.md"),
    ("S3 and CloudFront", "store.md"),
    (
        "ECR, Logs, Secrets Manager, SSM, SNS, SQS, STS",
        "neighbours.md",
    ),
    ("ECR's registry: docker login, push, pull", "registry.md"),
    ("CloudWatch, RDS, EventBridge", "monitoring.md"),
    ("Application Auto Scaling and schedules", "scaling.md"),
    ("The server", "server.md"),
];

#[test]
fn the_page_is_made_of_the_rooms() {
    let page = page();
    let path = repository().join("docs/simulator.md");
    if std::env::var_os("BACKSTAY_BLESS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == page,
        "docs/simulator.md is stale: run `just bless --test rules`"
    );
}

#[test]
fn every_rule_of_task_definitions_is_on_the_page() {
    let text = fs::read_to_string(rules().join("task_definitions.md")).unwrap();
    for rule in backstay_aws_model::task_definition::rules() {
        let row = format!("| {}: ", rule.name);
        let line = text.lines().find(|line| line.starts_with(&row));
        let known = line.is_some_and(|line| line.contains(&format!("| {} |", rule.known)));
        assert!(known, "{} is not there with {}", rule.name, rule.known);
    }
}

#[test]
fn every_rule_names_a_test_that_exists() {
    let tests = tests();
    let mut missing = Vec::new();
    for (_, file) in ROOMS {
        let text = fs::read_to_string(rules().join(file)).unwrap();
        let rows = rows(&text);
        assert!(!rows.is_empty(), "{file} has no rule");
        for row in rows {
            let [rule, evidence, named] = row.as_slice() else {
                panic!("{file}: not three columns: {row:?}");
            };
            assert!(!rule.is_empty() && !evidence.is_empty(), "{file}: {row:?}");
            let names = named.split(',').map(|name| name.trim().trim_matches('`'));
            for name in names {
                // A case of rstest is below its function; `*` is all tests of a module.
                let known = match name.strip_suffix("::*") {
                    Some(module) => {
                        let below = format!("{module}::");
                        tests.iter().any(|test| test.starts_with(&below))
                    }
                    None => tests.contains(name.split("::case_").next().unwrap_or_default()),
                };
                if !known {
                    missing.push(format!("{file}: {name:?} ({rule})"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "no such test:\n{}", missing.join("\n"));
}

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for (heading, file) in ROOMS {
        let text = fs::read_to_string(rules().join(file)).unwrap();
        // The rooms' own headings move one level down.
        let text = text.lines().filter(|line| !line.starts_with("# "));
        let text: Vec<String> = text
            .map(|line| {
                if line.starts_with('#') {
                    format!("#{line}")
                } else {
                    line.to_owned()
                }
            })
            .collect();
        let _ = write!(page, "\n## {heading}\n\n{}\n", text.join("\n").trim());
    }
    page + &weather()
}

/// The knobs of `timings.rs`: its comment and its three values.
fn weather() -> String {
    let mut table = "\n## Weather: the knobs of time

What AWS does not promise is drawn anew each time, by the seed, from a range: `--weather typical`. In `calm` weather (the
default) it is always the same; `rough` takes the slow end, answers late, and reads may be 2 s stale.

| knob | calm | typical | what, and evidence |
| --- | --- | --- | --- |
"
    .to_owned();
    let source = fs::read_to_string(sources().join("base/timings.rs")).unwrap();
    let mut said = String::new();
    for line in source.lines() {
        if let Some(comment) = line.strip_prefix("/// ") {
            let _ = write!(said, "{}{comment}", if said.is_empty() { "" } else { " " });
            continue;
        }
        let knob = line
            .strip_prefix("pub(crate) const ")
            .and_then(|rest| rest.split_once(": Knob = Knob::new("));
        if let Some((name, values)) = knob {
            let values: Vec<f64> = values
                .trim_end_matches(");")
                .split(", ")
                .map(|value| value.replace('_', "").parse::<f64>().unwrap() / 1000.0)
                .collect();
            let [calm, low, high] = values.as_slice() else {
                panic!("{line}");
            };
            let range = if low == high {
                format!("{low} s")
            } else {
                format!("{low}-{high} s")
            };
            let _ = writeln!(table, "| {name} | {calm} s | {range} | {said} |");
        }
        said.clear();
    }
    table
}

/// The cells of a file's table rows.
fn rows(text: &str) -> Vec<Vec<String>> {
    let rows = text.lines().filter(|line| line.starts_with('|'));
    let rows = rows.filter(|line| {
        !line.starts_with("| rule ") && !line.starts_with("| ---") && !line.starts_with("|---")
    });
    rows.map(|line| {
        let line = line
            .trim()
            .trim_start_matches('|')
            .trim_end_matches('|')
            .replace("\\|", "\u{1}");
        line.split('|')
            .map(|cell| cell.trim().replace('\u{1}', "|"))
            .collect()
    })
    .collect()
}

/// The full paths of all tests in this package: of the library's by their modules, of the others behind their target's name.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for base in [sources(), package().join("tests")] {
        let mut places = vec![base.clone()];
        while let Some(place) = places.pop() {
            for entry in fs::read_dir(place).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    places.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let text = fs::read_to_string(&path).unwrap();
                    names.extend(tests_of(
                        &text,
                        &module_of(path.strip_prefix(&base).unwrap()),
                    ));
                }
            }
        }
    }
    names
}

/// `ecs/tests/rolling.rs` is `ecs::tests::rolling`; `mod.rs`, `main.rs` and `lib.rs` are what they lie in.
fn module_of(path: &Path) -> Vec<String> {
    let path = path.with_extension("");
    let parts = path.iter().map(|part| part.to_str().unwrap().to_owned());
    let mut parts: Vec<String> = parts.collect();
    if matches!(
        parts.last().map(String::as_str),
        Some("mod" | "main" | "lib")
    ) {
        parts.pop();
    }
    parts
}

/// The functions of a source that are marked as tests, by their full paths.
fn tests_of(source: &str, module: &[String]) -> Vec<String> {
    let mut marked = false;
    let mut inner = None;
    let mut names = Vec::new();
    for line in source.lines() {
        // Modules inside a file are not indented, nor is their end.
        if let Some(name) = line
            .strip_prefix("mod ")
            .and_then(|rest| rest.strip_suffix(" {"))
        {
            inner = Some(name.to_owned());
        } else if line.starts_with('}') {
            inner = None;
        }
        let line = line.trim_start();
        marked |= ["#[test]", "#[tokio::test", "#[rstest]", "#[case"]
            .iter()
            .any(|mark| line.starts_with(mark));
        let function = line
            .strip_prefix("async ")
            .unwrap_or(line)
            .strip_prefix("fn ");
        if let Some(name) = function.and_then(|rest| rest.split(['(', '<']).next())
            && std::mem::take(&mut marked)
        {
            let path = module.iter().chain(&inner).map(String::as_str);
            names.push(path.chain([name]).collect::<Vec<_>>().join("::"));
        }
    }
    names
}

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> PathBuf {
    package().join("src")
}

fn rules() -> PathBuf {
    package().join("rules")
}

fn repository() -> PathBuf {
    package().join("../..")
}
