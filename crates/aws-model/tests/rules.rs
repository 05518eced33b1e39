//! Every rule of task definitions has a definition that keeps it and one that breaks it: `fixtures/task-definitions/rules.json`. The
//! simulated ECS and `backstay check` are asked the same rows by their own tests.

#![expect(clippy::unwrap_used, reason = "a test that reads its rows")]

use std::collections::BTreeSet;

use backstay_aws_model::task_definition::{
    Refused, compatibilities, oddities, problems, refusals, rules,
};
use serde_json::{Value, json};

const ROWS: &str = include_str!("../../../fixtures/task-definitions/rules.json");

/// A rule that would fill a page: its row is made here.
const MADE: &str = "document-size";

fn rows() -> Vec<Value> {
    serde_json::from_str(ROWS).unwrap()
}

#[test]
fn who_keeps_a_rule_has_no_problem_and_who_breaks_it_has_this_one() {
    let mut wrong = Vec::new();
    for row in rows() {
        let name = row["rule"].as_str().unwrap();
        for side in ["keeps", "breaks"] {
            let odd = oddities(&row[side]);
            if !odd.is_empty() {
                wrong.push(format!("{name} {side}: {odd:?}"));
            }
        }
        let kept: Vec<String> = problems(&row["keeps"])
            .into_iter()
            .map(|p| p.text)
            .collect();
        if !kept.is_empty() {
            wrong.push(format!("{name} keeps: {kept:?}"));
        }
        let broken: Vec<Value> = problems(&row["breaks"])
            .iter()
            .map(|p| {
                json!([
                    p.rule,
                    p.at.as_str(),
                    p.text,
                    p.code.text(),
                    p.refused == Refused::Later
                ])
            })
            .collect();
        let code = row.get("code").cloned().unwrap_or(json!("ClientException"));
        let later = row.get("later").cloned().unwrap_or(json!(false));
        if broken != [json!([name, row["at"], row["text"], code, later])] {
            wrong.push(format!("{name} breaks: {}", json!(broken)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_a_row_and_says_how_it_is_known() {
    let named: BTreeSet<String> = rows()
        .iter()
        .map(|row| row["rule"].as_str().unwrap().to_owned())
        .chain([MADE.to_owned()])
        .collect();
    let all: BTreeSet<String> = rules().map(|rule| rule.name.to_owned()).collect();
    assert_eq!(named, all);
    assert_eq!(rules().count(), all.len(), "two rules have one name");
    for rule in rules() {
        assert!(rule.known.starts_with('['), "{}: {}", rule.name, rule.known);
    }
}

#[test]
fn a_document_is_at_most_64_kib() {
    let sized = |bytes: usize| {
        let mut document = json!({ "family": "web", "containerDefinitions": [
            { "name": "web", "image": "nginx", "memory": 64, "command": [""] }] });
        let rest = bytes - document.to_string().len();
        document["containerDefinitions"][0]["command"][0] = json!("x".repeat(rest));
        document
    };
    assert_eq!(refusals(&sized(65_536)).next(), None);
    let refused = refusals(&sized(65_537)).next().unwrap();
    assert_eq!(refused.rule, MADE);
    assert_eq!(
        refused.text,
        "Actual length: '65537'. Max allowed length is '65536' bytes."
    );
}

#[test]
fn what_a_definition_can_run_on() {
    let container = json!({ "name": "web", "image": "nginx", "memory": 64 });
    let with = |more: Value| {
        let mut document = json!({ "family": "web", "containerDefinitions": [container] });
        for (name, value) in more.as_object().unwrap() {
            document[name] = value.clone();
        }
        compatibilities(&document).join(" ")
    };
    let fargate = "EC2 FARGATE MANAGED_INSTANCES";
    for (more, expected) in [
        (json!({}), "EC2"),
        (
            json!({ "networkMode": "bridge", "cpu": "256", "memory": "512" }),
            "EC2",
        ),
        (
            json!({ "networkMode": "host", "cpu": "256", "memory": "512" }),
            "EC2",
        ),
        (
            json!({ "networkMode": "none", "cpu": "256", "memory": "512" }),
            "EC2",
        ),
        (json!({ "networkMode": "awsvpc" }), "EC2"),
        (
            json!({ "networkMode": "awsvpc", "cpu": "256", "memory": "512" }),
            fargate,
        ),
        (
            json!({ "networkMode": "awsvpc", "cpu": "300", "memory": "512" }),
            "EC2",
        ),
        (
            json!({ "networkMode": "awsvpc", "cpu": "256", "memory": "512", "ipcMode": "task" }),
            "EC2",
        ),
        (
            json!({ "requiresCompatibilities": ["EXTERNAL"] }),
            "EXTERNAL EC2",
        ),
    ] {
        assert_eq!(with(more.clone()), expected, "{more}");
    }
}
