//! What AWS answered in public (`fixtures/aws`), through the SDK's own deserialisers and the adapters.

#[path = "../../../../../fixtures/aws/recorded.rs"]
mod answers;
mod definitions;
mod edge;
mod refusals;
mod services;
mod store;
mod tasks;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::scripted::{Answer, Asked, Aws};
use answers::{REFUSALS, Recorded};

/// What adapters call, with the least number of answers. Of `StopServiceDeployment` one is known, and it is one ARN long.
const CALLS: [(&str, usize); 27] = [
    ("BatchGetImage", 2),
    ("CopyObject", 2),
    ("CreateInvalidation", 2),
    ("DeleteObject", 2),
    ("DescribeRepositories", 2),
    ("DescribeServiceDeployments", 2),
    ("DescribeServiceRevisions", 2),
    ("DescribeServices", 2),
    ("DescribeTargetHealth", 2),
    ("DescribeTaskDefinition", 2),
    ("DescribeTasks", 2),
    ("GetCallerIdentity", 2),
    ("GetInvalidation", 2),
    ("GetLogEvents", 2),
    ("GetObject", 2),
    ("GetObjectAcl", 2),
    ("HeadBucket", 2),
    ("HeadObject", 2),
    ("ListObjectsV2", 2),
    ("ListServiceDeployments", 2),
    ("ListTasks", 2),
    ("PutObject", 2),
    ("RegisterTaskDefinition", 2),
    ("RunTask", 2),
    ("StopServiceDeployment", 1),
    ("StopTask", 2),
    ("UpdateService", 2),
];

#[test]
fn every_call_has_answers_and_every_answer_a_source_and_a_day() {
    let all = answers::all();
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for recorded in all.iter().filter(|one| one.operation != REFUSALS) {
        *found.entry(&recorded.operation).or_default() += 1;
    }
    let calls: BTreeSet<&str> = CALLS.iter().map(|(call, _)| *call).collect();
    let with: BTreeSet<&str> = found.keys().copied().collect();
    assert_eq!(with, calls);
    for (call, least) in CALLS {
        assert!(found[call] >= least, "{call} has {}", found[call]);
    }
    for recorded in &all {
        let day: Vec<&str> = recorded.date.split('-').collect();
        let digits = |part: &&str| part.bytes().all(|b| b.is_ascii_digit());
        let whole = day.iter().map(|part| part.len()).collect::<Vec<_>>() == [4, 2, 2];
        assert!(whole && day.iter().all(digits), "{recorded:?}");
        assert!(recorded.source.len() > 20, "{recorded:?}");
        let text = String::from_utf8_lossy(&recorded.body).into_owned();
        for account in accounts(&text) {
            assert!(
                NOBODYS.contains(&account),
                "{} names {account}",
                recorded.name
            );
        }
    }
    let answers: usize = found.values().sum();
    println!(
        "fixtures/aws: {} operations, {answers} answers, {} refusals",
        found.len(),
        all.len() - answers
    );
}

/// Accounts that documents use.
const NOBODYS: [&str; 3] = ["000000000000", "111122223333", "123456789012"];

/// Twelve digits that stand alone between the colons of an ARN, or before a registry's host.
fn accounts(text: &str) -> impl Iterator<Item = &str> {
    text.split([':', '/', '.', '"'])
        .filter(|part| part.len() == 12 && part.bytes().all(|b| b.is_ascii_digit()))
}

/// The answers of one operation.
fn of(operation: &str) -> Vec<Recorded> {
    let all = answers::all().into_iter();
    all.filter(|one| one.operation == operation).collect()
}

/// One answer by its name.
fn named(operation: &str, name: &str) -> Recorded {
    let found = of(operation).into_iter().find(|one| one.name == name);
    found.unwrap_or_else(|| panic!("no {operation}/{name}"))
}

impl Recorded {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// As it was.
    fn answer(&self) -> Answer {
        let headers = self.headers.iter();
        // The lengths are those of the whole objects, which nobody published.
        let headers = headers.filter(|(name, _)| *name != "content-length" || self.body.is_empty());
        let headers = headers.map(|(name, value)| (&*name.clone().leak(), value.clone()));
        Answer::Raw(self.status, headers.collect(), self.body.clone())
    }
}

/// An AWS that gives these answers, each to its own operation, and what `other` says to the rest.
fn replay(recorded: &[&Recorded], other: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Aws {
    let answers: BTreeMap<String, Recorded> = recorded
        .iter()
        .map(|one| (one.operation.clone(), (*one).clone()))
        .collect();
    Aws::new(move |asked| match answers.get(&asked.operation) {
        Some(recorded) => recorded.answer(),
        None => other(asked),
    })
}

/// Nothing else is asked.
fn nothing(asked: &Asked) -> Answer {
    panic!("{}", asked.operation)
}

/// What came of each answer, held against what is expected of it: a new answer needs an expectation.
fn hold(operation: &str, came: BTreeMap<String, String>, expected: &[(&str, &str)]) {
    let expected: BTreeMap<String, String> = expected
        .iter()
        .map(|(name, line)| ((*name).to_owned(), (*line).to_owned()))
        .collect();
    let lines = |all: &BTreeMap<String, String>| {
        let lines = all
            .iter()
            .map(|(name, line)| format!("(\"{name}\", \"{line}\"),"));
        lines.collect::<Vec<_>>().join("\n")
    };
    let (came, expected) = (lines(&came), lines(&expected));
    assert!(
        came == expected,
        "{operation} came to\n{came}\n\nnot to\n{expected}"
    );
}

/// A service that is balanced on port 80, for calls that need one.
fn shop() -> Value {
    json!({"services": [{"serviceName": "web", "serviceArn": "arn:service/c/web", "status": "ACTIVE",
        "desiredCount": 1, "runningCount": 1, "pendingCount": 0, "taskDefinition": "arn:td/web:2",
        "loadBalancers": [{"targetGroupArn": "tg", "containerName": "web", "containerPort": 80}],
        "deployments": [{"id": "ecs-svc/2", "status": "PRIMARY", "taskDefinition": "arn:td/web:2",
            "rolloutState": "COMPLETED"}]}]})
}
