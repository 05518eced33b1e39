//! JSON lines: each valid, each with its version.

use std::collections::BTreeMap;

use backstay_domain::journal::{Event, Finding, Outcome};
use backstay_domain::plan::{Refusal, Refusals};
use backstay_domain::ports::Report;
use insta::assert_snapshot;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::build::{ok, plan, proofs, records};
use super::story::{found, intended, roll_out, started, tasks_fail};
use crate::render::json::{self, End, JsonLines, Rehearsed};
use crate::shell::{ColorChoice, Output, PeopleError, Shell};

#[test]
fn every_line_is_an_object_with_its_version() {
    let (shell, captured) = Shell::captured(Output::Json, ColorChoice::Always);
    let report = JsonLines::new(&shell);
    let outcome = Outcome::Live {
        proofs: proofs(),
        unproven: vec![],
    };
    for record in records(vec![
        (0, started()),
        (1, intended(roll_out("auth-service"))),
        (
            2,
            found(Finding::TurnedBack {
                cause: tasks_fail(),
            }),
        ),
        (
            3,
            Event::Finished {
                outcome: outcome.clone(),
            },
        ),
    ]) {
        report.recorded(&record);
    }
    shell.object(&json::plan(&plan()));
    shell.object(&json::status(&super::status::report(None), 0));
    shell.object(&json::nothing_to_do(&plan(), &proofs(), 0));
    shell.object(&json::refusals(&Refusals(vec![Refusal::Irreversible]), 3));
    shell.object(&json::failure(&PeopleError::new("no"), 1));
    let rehearsed = Some(Rehearsed {
        calls: BTreeMap::from([("ecs.DescribeServices".to_owned(), 12)]),
        never_struck: vec!["worker=alarm".to_owned()],
        below_minimum: vec![],
    });
    let end = End {
        took: SignedDuration::from_millis(75_500),
        rehearsed,
    };
    shell.object(&json::end(&outcome, 0, &end));
    let text = captured.stdout();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| ok(serde_json::from_str(line)))
        .collect();
    let types: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["type"].as_str())
        .collect();
    assert_eq!(
        types.join(" "),
        "record record record record plan status nothing-to-do refusal error end"
    );
    assert!(lines.iter().all(|line| line["v"] == json!(1)), "{text}");
    assert_eq!(lines[9]["calls"]["ecs.DescribeServices"], json!(12));
    assert_eq!(lines[9]["never_struck"], json!(["worker=alarm"]));
    assert_eq!(captured.stderr(), "");
}

#[test]
fn a_record_and_an_end() {
    let records = records(vec![(0, intended(roll_out("auth-service")))]);
    assert_snapshot!(json::record(&records[0]), @r#"{"v":1,"type":"record","at":"1970-01-01T00:00:00.3Z","deployment":"d-7f3a","sequence":0,"kind":"act","text":"roll out auth-service","event":"intended","act":{"act":"roll-out","service":"auth-service","side":"new"}}"#);
    let end = End {
        took: SignedDuration::from_secs(75),
        rehearsed: None,
    };
    let outcome = Outcome::Live {
        proofs: vec![],
        unproven: vec![],
    };
    assert_snapshot!(json::end(&outcome, 0, &end), @r#"{"v":1,"type":"end","exit_code":0,"outcome":"live","text":"live: the new release proven 0/0","details":{"outcome":"live","proofs":[],"unproven":[]},"calls":null,"seconds":75.0}"#);
}

#[test]
fn a_plans_service() {
    let plan = json::plan(&plan());
    assert_eq!(plan["way_back"]["kind"], json!("whole"));
    assert_snapshot!(plan["steps"][3]["services"][0], @r#"{"service":"auth-service","change":"update","text":"roll out, 2 tasks of auth-service:41 → its next revision","desired":2,"before":"arn:aws:ecs:x:1:task-definition/auth-service:41","image":"sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","definition":[{"path":"containerDefinitions.web.dockerLabels.token","change":"changed"},{"path":"containerDefinitions.web.environment.PASSWORD","change":"changed"},{"path":"containerDefinitions.web.image","change":"changed","from":"sha256:aaaaaaaa","to":"sha256:bbbbbbbb"}]}"#);
}
