//! What starts scheduled jobs is written whole, with another revision in it; nothing else of it changes.

use backstay_domain::DefinitionRef;
use backstay_domain::ports::{Effect, FailureKind, PortFailure, Schedules};
use backstay_domain::scheduled::{Reschedule, Started, Trigger, TriggerState};
use serde_json::{Value, json};

use crate::scripted::{Answer, Aws};

fn rule(target: Option<&str>) -> Trigger {
    Trigger::Rule {
        bus: "shop".to_owned(),
        rule: "nightly".to_owned(),
        target: target.map(str::to_owned),
    }
}

fn schedule() -> Trigger {
    Trigger::Schedule {
        group: "shop".to_owned(),
        schedule: "nightly".to_owned(),
    }
}

fn revision(number: u32) -> DefinitionRef {
    DefinitionRef::parse(format!("arn:td/nightly:{number}")).unwrap()
}

fn to_the_second(trigger: Trigger) -> Reschedule {
    Reschedule {
        trigger,
        to: revision(2),
        from: vec![revision(1), revision(2)],
    }
}

/// With a member that no SDK of today knows.
fn target(id: &str, number: u32) -> Value {
    json!({"Id": id, "Arn": "arn:cluster", "RoleArn": "arn:role", "Input": "{\"a\": 1}",
        "EcsParameters": {"TaskDefinitionArn": revision(number), "TaskCount": 2, "OfTomorrow": {"deep": [1]},
            "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": ["subnet-1"]}}}})
}

fn queue() -> Value {
    json!({"Id": "queue", "Arn": "arn:queue"})
}

/// Rules answer these targets, in pages of one.
fn rules(state: &'static str, targets: Vec<Value>, put: fn() -> Answer) -> Aws {
    Aws::new(move |asked| match asked.operation.as_str() {
        "DescribeRule" => Answer::Json(json!({"Name": "nightly", "State": state})),
        "ListTargetsByRule" => {
            let page = asked.json()["NextToken"].as_str().map(str::to_owned);
            let at: usize = page.map_or(0, |page| page.parse().unwrap());
            let next = (at + 1 < targets.len()).then(|| (at + 1).to_string());
            Answer::Json(json!({"Targets": targets.get(at..=at).unwrap_or(&[]), "NextToken": next}))
        }
        "PutTargets" => put(),
        other => panic!("{other}"),
    })
}

fn well() -> Answer {
    Answer::Json(json!({"FailedEntryCount": 0, "FailedEntries": []}))
}

fn never() -> Answer {
    panic!("nothing is to be written")
}

#[tokio::test]
async fn what_a_rule_starts() {
    for (state, expected) in [
        ("ENABLED", TriggerState::Enabled),
        ("DISABLED", TriggerState::Disabled),
    ] {
        let aws = rules(state, vec![queue(), target("task", 1)], never);
        let found = aws.cloud().starts(&rule(None)).await.unwrap();
        let expected = Started {
            definition: revision(1),
            state: expected,
        };
        assert_eq!(found, Some(expected), "{state}");
    }
    let asked = rules("ENABLED", vec![target("task", 1)], never);
    asked.cloud().starts(&rule(None)).await.unwrap();
    let list = &asked.asked("ListTargetsByRule")[0];
    assert_eq!(
        list.json(),
        json!({"Rule": "nightly", "EventBusName": "shop"})
    );
}

#[tokio::test]
async fn a_rule_or_target_that_is_not_there() {
    let gone = Aws::new(|_| Answer::Error(400, "ResourceNotFoundException"));
    assert_eq!(gone.cloud().starts(&rule(None)).await, Ok(None));
    let empty = rules("ENABLED", vec![queue()], never);
    assert_eq!(empty.cloud().starts(&rule(None)).await, Ok(None));
    let other = rules("ENABLED", vec![target("task", 1)], never);
    assert_eq!(other.cloud().starts(&rule(Some("job"))).await, Ok(None));
    let queue = rules("ENABLED", vec![queue()], never);
    let failure = queue
        .cloud()
        .starts(&rule(Some("queue")))
        .await
        .unwrap_err();
    assert_eq!(
        failure.to_string(),
        "events.ListTargetsByRule: it starts no task of ECS"
    );
    let two = rules("ENABLED", vec![target("a", 1), target("b", 1)], never);
    let failure = two.cloud().starts(&rule(None)).await.unwrap_err();
    assert_eq!(
        failure.to_string(),
        "events.ListTargetsByRule: rule nightly has 2 targets that start tasks of ECS: `target` has to name one"
    );
    let named = two.cloud().starts(&rule(Some("b"))).await.unwrap();
    assert_eq!(named.map(|it| it.definition), Some(revision(1)));
}

#[tokio::test]
async fn a_target_is_written_whole() {
    let aws = rules("DISABLED", vec![queue(), target("task", 1)], well);
    aws.cloud()
        .reschedule(&to_the_second(rule(None)))
        .await
        .unwrap();
    let sent = &aws.asked("PutTargets")[0];
    let expected =
        json!({"Rule": "nightly", "EventBusName": "shop", "Targets": [target("task", 2)]});
    assert_eq!(sent.json(), expected);
    assert_eq!(sent.headers["content-length"], sent.body.len().to_string());
    // Nothing but the target is written: a rule that is disabled stays so.
    assert_eq!(
        aws.picture(),
        ["ListTargetsByRule", "ListTargetsByRule", "PutTargets"]
    );
}

#[tokio::test]
async fn nothing_is_written_twice_or_over_somebody_else() {
    let there = rules("ENABLED", vec![target("task", 2)], never);
    there
        .cloud()
        .reschedule(&to_the_second(rule(None)))
        .await
        .unwrap();
    let other = rules("ENABLED", vec![target("task", 7)], never);
    let failure = other.cloud().reschedule(&to_the_second(rule(None))).await;
    let failure = failure.unwrap_err();
    assert_eq!(
        (failure.kind, failure.effect),
        (FailureKind::Conflict, Effect::None)
    );
    assert_eq!(
        failure.message,
        "rule nightly starts nightly:7: somebody else changed that"
    );
}

async fn failed(put: fn() -> Answer) -> PortFailure {
    let aws = rules("ENABLED", vec![target("task", 1)], put);
    let answer = aws.cloud().reschedule(&to_the_second(rule(None))).await;
    assert_eq!(aws.count("PutTargets"), 1, "no attempt is hidden");
    answer.unwrap_err()
}

fn entry(code: &str) -> Answer {
    Answer::Json(json!({"FailedEntryCount": 1, "FailedEntries": [
        {"TargetId": "task", "ErrorCode": code, "ErrorMessage": "why"}]}))
}

#[tokio::test]
async fn a_good_answer_with_a_failed_entry() {
    let passing = failed(|| entry("ConcurrentModificationException")).await;
    assert_eq!(
        (passing.kind, passing.effect),
        (FailureKind::Unavailable, Effect::None)
    );
    let lasting = failed(|| entry("ManagedRuleException")).await;
    assert_eq!(
        (lasting.kind, lasting.message.as_str()),
        (FailureKind::Rejected, "why")
    );
    let lost = failed(|| Answer::Lost(std::io::ErrorKind::ConnectionReset)).await;
    assert_eq!(lost.effect, Effect::Unknown);
}

/// As GetSchedule answers, dates and all.
fn kept(number: u32) -> Value {
    let mut target = target("-", number);
    target.as_object_mut().unwrap().remove("Id");
    json!({"Arn": "arn:schedule", "Name": "nightly", "GroupName": "shop", "CreationDate": 1.5, "LastModificationDate": 2.5,
        "StartDate": 1_700_000_000.0, "EndDate": 4_100_000_000.0, "ScheduleExpression": "cron(0 3 * * ? *)", "ScheduleExpressionTimezone": "Europe/Rome",
        "State": "DISABLED", "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5},
        "ActionAfterCompletion": "NONE", "OfTomorrow": true, "Target": target})
}

fn schedules(number: u32) -> Aws {
    Aws::new(move |asked| match asked.operation.as_str() {
        "GET /schedules/nightly" => Answer::Json(kept(number)),
        "PUT /schedules/nightly" => Answer::Json(json!({"ScheduleArn": "arn:schedule"})),
        other => panic!("{other}"),
    })
}

#[tokio::test]
async fn a_schedule_is_written_whole() {
    let aws = schedules(1);
    let found = aws.cloud().starts(&schedule()).await.unwrap().unwrap();
    assert_eq!(
        (found.definition, found.state),
        (revision(1), TriggerState::Disabled)
    );
    assert_eq!(
        aws.asked("GET /schedules/nightly")[0].parameter("groupName"),
        "shop"
    );
    aws.cloud()
        .reschedule(&to_the_second(schedule()))
        .await
        .unwrap();
    let sent = &aws.asked("PUT /schedules/nightly")[0];
    let mut expected = kept(2);
    // It has begun: AWS takes no date that is past.
    for read_only in [
        "Arn",
        "Name",
        "CreationDate",
        "LastModificationDate",
        "StartDate",
    ] {
        expected.as_object_mut().unwrap().remove(read_only);
    }
    assert_eq!(sent.json(), expected);
    let again = schedules(2);
    again
        .cloud()
        .reschedule(&to_the_second(schedule()))
        .await
        .unwrap();
    assert_eq!(again.count("PUT /schedules/nightly"), 0);
}

#[tokio::test]
async fn a_schedule_that_is_not_there() {
    let gone = Aws::new(|_| {
        let code = ("x-amzn-errortype", "ResourceNotFoundException".to_owned());
        Answer::Raw(404, vec![code], b"{\"Message\": \"no\"}".to_vec())
    });
    assert_eq!(gone.cloud().starts(&schedule()).await, Ok(None));
    let failure = gone.cloud().reschedule(&to_the_second(schedule())).await;
    let failure = failure.unwrap_err();
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (FailureKind::NotFound, "there is no schedule nightly")
    );
}
