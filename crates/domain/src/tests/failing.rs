//! When failing tasks are certain.

use super::story::{evidence, stopped};
use super::world::{name, rollout};
use crate::decide::{Suspicion, suspicion};
use crate::journal::Cause;
use crate::observation::StopCause::{self, *};

fn judged(causes: &[(&str, StopCause)]) -> String {
    let all = causes.iter().map(|(by, cause)| {
        let by = if by.is_empty() { None } else { Some(*by) };
        stopped(by, cause.clone())
    });
    match suspicion(&name("auth"), &rollout("auth-2"), &evidence(all.collect())) {
        Suspicion::None => "none".to_owned(),
        Suspicion::Suspicious(what) => format!("suspicious: {what}"),
        Suspicion::Certain(Cause::TasksFail { why, .. }) => format!("certain: {why}"),
        Suspicion::Certain(other) => format!("unexpected: {other}"),
    }
}

#[test]
fn suspicion_of_stopped_tasks() {
    let ours = |causes: Vec<StopCause>| -> Vec<(&'static str, StopCause)> {
        causes.into_iter().map(|cause| ("auth-2", cause)).collect()
    };
    let rows = [
        ("nothing stopped", vec![], "none"),
        (
            "image missing, once",
            ours(vec![ImageMissing]),
            "certain: its image is missing",
        ),
        (
            "wrong platform, once",
            ours(vec![WrongPlatform]),
            "certain: its image was built for another architecture",
        ),
        (
            "secret denied, once",
            ours(vec![SecretDenied]),
            "certain: a secret or the registry is denied",
        ),
        (
            "exit 1, once",
            ours(vec![Exited(1)]),
            "suspicious: exit code 1",
        ),
        (
            "exit 1, twice",
            ours(vec![Exited(1); 2]),
            "certain: exit code 1",
        ),
        (
            "exit 1 and 2",
            ours(vec![Exited(1), Exited(2)]),
            "suspicious: exit code 2",
        ),
        (
            "health check, twice",
            ours(vec![TargetCheck; 2]),
            "certain: load balancer health checks failed",
        ),
        (
            "no capacity, three times",
            ours(vec![NoCapacity; 3]),
            "suspicious: no capacity",
        ),
        (
            "no capacity, four times",
            ours(vec![NoCapacity; 4]),
            "certain: no capacity",
        ),
        (
            "three without capacity and one failure",
            ours(vec![NoCapacity, NoCapacity, NoCapacity, Other]),
            "suspicious: no capacity",
        ),
        (
            "four different causes",
            ours(vec![Exited(1), Exited(2), OutOfMemory, Other]),
            "certain: stopped",
        ),
        ("replaced, often", ours(vec![Replaced; 9]), "none"),
        ("stopped by a user, often", ours(vec![ByUser; 9]), "none"),
        (
            "infrastructure, often",
            ours(vec![Infrastructure; 9]),
            "none",
        ),
        (
            "another rollout's tasks",
            vec![("auth-1", ImageMissing), ("auth-0", Exited(1))],
            "none",
        ),
        (
            "one of ours, one of another's",
            vec![("auth-1", Exited(1)), ("auth-2", Exited(1))],
            "suspicious: exit code 1",
        ),
        (
            "nobody knows whose",
            vec![("", Exited(1)), ("", Exited(1))],
            "certain: exit code 1",
        ),
    ];
    for (situation, causes, expected) in rows {
        assert_eq!(judged(&causes), expected, "{situation}");
    }
}

#[test]
fn the_cause_names_a_task_and_what_its_log_said() {
    let mut found = evidence(vec![stopped(Some("auth-2"), Exited(1)); 2]);
    found.log = ["one", "two ", "three"].map(str::to_owned).to_vec();
    let Suspicion::Certain(cause) = suspicion(&name("auth"), &rollout("auth-2"), &found) else {
        panic!("two tasks are certain");
    };
    let expected = "auth: exit code 1; task 01234567: it stopped; 2 tasks ended like this; log: two; log: three";
    assert_eq!(cause.to_string(), expected);
}
