//! Task definitions are registered as documents, and only when they differ.

use std::io::ErrorKind;

use backstay_domain::definition::Definition;
use backstay_domain::ports::{Effect, FailureKind, Services};
use backstay_domain::registered::Revisions;
use serde_json::{Value, json};

use crate::scripted::{Answer, Aws};

fn document(image: &str) -> Value {
    json!({"family": "web", "cpu": "256", "memberOfTomorrow": {"deep": [1, 2]},
        "containerDefinitions": [{"name": "web", "image": image, "environment": [{"name": "A", "value": "s3cret"}]}]})
}

fn described(image: &str, status: &str) -> Value {
    let mut document = document(image);
    document["taskDefinitionArn"] = json!("arn:td/web:7");
    document["status"] = json!(status);
    document["revision"] = json!(7);
    json!({"taskDefinition": document})
}

fn registered(asked: &str, newest: Value) -> Answer {
    match asked {
        "DescribeTaskDefinition" => Answer::Json(newest),
        "RegisterTaskDefinition" => {
            Answer::Json(json!({"taskDefinition": {"taskDefinitionArn": "arn:td/web:8"}}))
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_equal_definition_is_not_registered_again() {
    let aws = Aws::new(|asked| registered(&asked.operation, described("i:1", "ACTIVE")));
    let found = aws
        .cloud()
        .register(&Definition::new(document("i:1")), &Revisions::default())
        .await
        .unwrap();
    assert_eq!(found.as_str(), "arn:td/web:7");
    assert_eq!(aws.picture(), ["DescribeTaskDefinition"]);
    assert_eq!(
        aws.asked("DescribeTaskDefinition")[0].json(),
        json!({"taskDefinition": "web", "include": ["TAGS"]})
    );
}

#[tokio::test]
async fn another_one_is_sent_whole_with_members_that_the_sdk_does_not_know() {
    let aws = Aws::new(|asked| registered(&asked.operation, described("i:1", "ACTIVE")));
    let definition = Definition::new(document("i:2"));
    assert_eq!(
        aws.cloud()
            .register(&definition, &Revisions::default())
            .await
            .unwrap()
            .as_str(),
        "arn:td/web:8"
    );
    let sent = &aws.asked("RegisterTaskDefinition")[0];
    assert_eq!(sent.json(), definition.document);
    assert_eq!(sent.headers["content-length"], sent.body.len().to_string());
    assert!(
        sent.headers["authorization"].contains("content-length")
            || sent.headers.contains_key("authorization")
    );
}

#[tokio::test]
async fn a_deregistered_one_is_registered_again() {
    let aws = Aws::new(|asked| registered(&asked.operation, described("i:1", "INACTIVE")));
    assert_eq!(
        aws.cloud()
            .register(&Definition::new(document("i:1")), &Revisions::default())
            .await
            .unwrap()
            .as_str(),
        "arn:td/web:8"
    );
}

/// `web` 3 is recorded with image `i:1`, `web` 7 is the newest of its family, with image `i:2`.
async fn back_to_the_third(third: fn() -> Answer) -> (Aws, String, Option<String>) {
    let aws = Aws::new(move |asked| match asked.json()["taskDefinition"].as_str() {
        Some("arn:td/web:3") => third(),
        _ => registered(&asked.operation, described("i:2", "ACTIVE")),
    });
    let cloud = aws.cloud();
    let wanted = Definition::new(document("i:1"));
    let known = recorded_as("arn:td/web:3", &wanted);
    let again = cloud.registered(&wanted, &known).await.unwrap();
    assert_eq!(aws.count("RegisterTaskDefinition"), 0, "it was only asked");
    let used = cloud.register(&wanted, &known).await.unwrap();
    let again = again.map(|revision| revision.to_string());
    (aws, used.to_string(), again)
}

/// What the ledger knows: this was sent for that revision.
fn recorded_as(revision: &str, sent: &Definition) -> Revisions {
    let hashes = json!({ revision: sent.hash });
    serde_json::from_value(hashes).unwrap()
}

fn third(image: &str, status: &str) -> Answer {
    let mut answer = described(image, status);
    answer["taskDefinition"]["taskDefinitionArn"] = json!("arn:td/web:3");
    // What AWS adds to an answer is no difference: what was sent is recorded.
    answer["taskDefinition"]["pidMode"] = json!("task");
    Answer::Json(answer)
}

#[tokio::test]
async fn a_recorded_revision_is_used_again_while_it_is_active() {
    let (aws, used, again) = back_to_the_third(|| third("i:1", "ACTIVE")).await;
    assert_eq!(
        (used.as_str(), again.as_deref()),
        ("arn:td/web:3", Some("arn:td/web:3"))
    );
    assert_eq!(aws.count("RegisterTaskDefinition"), 0);
    type Gone = fn() -> Answer;
    let rows = [
        ("deregistered", (|| third("i:1", "INACTIVE")) as Gone),
        ("being deleted", || third("i:1", "DELETE_IN_PROGRESS")),
        ("deleted", || Answer::Error(400, "ClientException")),
        ("of another cloud", || third("i:9", "ACTIVE")),
    ];
    for (row, gone) in rows {
        let (aws, used, again) = back_to_the_third(gone).await;
        assert_eq!((used.as_str(), again), ("arn:td/web:8", None), "{row}");
        assert_eq!(aws.count("RegisterTaskDefinition"), 1, "{row}");
    }
}

#[tokio::test]
async fn a_family_that_does_not_exist_yet_is_begun() {
    let aws = Aws::new(|asked| match asked.operation.as_str() {
        "DescribeTaskDefinition" => Answer::Error(400, "ClientException"),
        other => registered(other, Value::Null),
    });
    assert_eq!(
        aws.cloud()
            .register(&Definition::new(document("i:1")), &Revisions::default())
            .await
            .unwrap()
            .as_str(),
        "arn:td/web:8"
    );
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_is_unknown_and_not_repeated() {
    let aws = Aws::new(|asked| match asked.operation.as_str() {
        "RegisterTaskDefinition" => Answer::Lost(ErrorKind::ConnectionReset),
        other => registered(other, described("i:1", "ACTIVE")),
    });
    let failure = aws
        .cloud()
        .register(&Definition::new(document("i:2")), &Revisions::default())
        .await
        .unwrap_err();
    assert_eq!(
        (failure.kind, failure.effect),
        (FailureKind::Unavailable, Effect::Unknown)
    );
    assert_eq!(aws.count("RegisterTaskDefinition"), 1);
    assert!(
        !format!("{failure:?}").contains("s3cret"),
        "no values in errors"
    );
}

#[tokio::test]
async fn tags_are_sent_and_another_tag_is_another_revision() {
    let tagged = |value: &str| {
        let mut document = document("i:1");
        document["tags"] = json!([{"key": "team", "value": value}]);
        Definition::new(document)
    };
    let mut answer = described("i:1", "ACTIVE");
    answer["tags"] = json!([{"key": "team", "value": "shop"}]);
    for (value, registrations) in [("shop", 0), ("billing", 1)] {
        let answer = answer.clone();
        let aws = Aws::new(move |asked| registered(&asked.operation, answer.clone()));
        let cloud = aws.cloud();
        let wanted = tagged(value);
        cloud
            .register(&wanted, &Revisions::default())
            .await
            .unwrap();
        let sent = aws.asked("RegisterTaskDefinition");
        assert_eq!(sent.len(), registrations, "{value}");
        for sent in sent {
            assert_eq!(sent.json()["tags"][0]["value"], value);
        }
    }
}
