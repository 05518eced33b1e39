//! Task definitions: what was described, or answered to its registration, stands for what was sent.

use backstay_domain::definition::Definition;
use backstay_domain::ports::{Effect, FailureKind, Services};
use backstay_domain::registered::Revisions;
use serde_json::{Value, json};

use super::{Recorded, nothing, of, replay};
use crate::scripted::{Answer, Aws};

/// An AWS whose family has this revision, and that would register another.
fn having(newest: Value) -> Aws {
    Aws::new(move |asked| match asked.operation.as_str() {
        "DescribeTaskDefinition" => Answer::Json(newest.clone()),
        "RegisterTaskDefinition" => {
            Answer::Json(json!({"taskDefinition": {"taskDefinitionArn": "arn:td/another:1"}}))
        }
        other => panic!("{other}"),
    })
}

fn all() -> Vec<Recorded> {
    let described = of("DescribeTaskDefinition").into_iter();
    described.chain(of("RegisterTaskDefinition")).collect()
}

async fn register(answer: &Value, sent: &Value) -> (String, usize) {
    let aws = having(answer.clone());
    let wanted = Definition::new(sent.clone());
    let registered = aws.cloud().register(&wanted, &Revisions::default()).await;
    (
        registered.unwrap().as_str().to_owned(),
        aws.count("RegisterTaskDefinition"),
    )
}

#[tokio::test]
async fn what_is_answered_stands_for_what_was_sent() {
    for recorded in all() {
        let (answer, sent) = (recorded.json(), recorded.sent.clone().unwrap());
        let (handle, registrations) = register(&answer, &sent).await;
        let arn = &answer["taskDefinition"]["taskDefinitionArn"];
        assert_eq!(
            (json!(handle), registrations),
            (arn.clone(), 0),
            "{}",
            recorded.name
        );
    }
}

/// Every text of what was sent, one at a time: another one is another revision.
#[tokio::test]
async fn whatever_else_is_sent_is_another_revision() {
    let mut changes = 0;
    for recorded in all() {
        let (answer, sent) = (recorded.json(), recorded.sent.clone().unwrap());
        let count = texts(&mut sent.clone()).len();
        for at in 0..count {
            let mut other = sent.clone();
            let text = texts(&mut other).into_iter().nth(at).unwrap();
            *text = json!(format!("{}x", text.as_str().unwrap()));
            // The family is what is asked for: another one has revisions of its own.
            if other["family"] != sent["family"] {
                continue;
            }
            let (_, registrations) = register(&answer, &other).await;
            assert_eq!(registrations, 1, "{}: {other}", recorded.name);
            changes += 1;
        }
    }
    println!("definitions: {changes} changes of one text, each another revision");
    assert!(changes > 60, "{changes}");
}

fn texts(value: &mut Value) -> Vec<&mut Value> {
    match value {
        Value::String(_) => vec![value],
        Value::Array(items) => items.iter_mut().flat_map(texts).collect(),
        Value::Object(members) => members.values_mut().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

#[tokio::test]
async fn a_registration_is_known_by_its_arn() {
    for recorded in of("RegisterTaskDefinition") {
        // No family of that name is there yet.
        let aws = replay(&[&recorded], |asked| match asked.operation.as_str() {
            "DescribeTaskDefinition" => Answer::Error(400, "ClientException"),
            _ => nothing(asked),
        });
        let sent = Definition::new(recorded.sent.clone().unwrap());
        let handle = aws.cloud().register(&sent, &Revisions::default()).await;
        let arn = &recorded.json()["taskDefinition"]["taskDefinitionArn"];
        assert_eq!(json!(handle.unwrap().as_str()), *arn, "{}", recorded.name);
        assert_eq!(aws.asked("RegisterTaskDefinition")[0].json(), sent.document);
    }
}

/// Half of an answer is none: it may have been registered.
#[tokio::test]
async fn an_answer_that_breaks_off_may_have_registered_it() {
    for mut recorded in of("RegisterTaskDefinition") {
        recorded.body.truncate(recorded.body.len() / 2);
        let aws = replay(&[&recorded], |asked| match asked.operation.as_str() {
            "DescribeTaskDefinition" => Answer::Error(400, "ClientException"),
            _ => nothing(asked),
        });
        let sent = Definition::new(recorded.sent.clone().unwrap());
        let failure = aws.cloud().register(&sent, &Revisions::default()).await;
        let failure = failure.unwrap_err();
        let told = (failure.kind, failure.effect);
        assert_eq!(told, (FailureKind::Unavailable, Effect::Unknown));
    }
}
