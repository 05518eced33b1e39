//! When failing tasks are certain.

use super::story::{evidence, stopped};
use super::world::{name, rollout};
use crate::decide::failing::{Suspicion, suspicion};
use crate::journal::Cause;
use crate::observation::StopCause::{self, *};

fn judged(causes: &[(&str, StopCause)]) -> String {
    judged_of(causes, 2)
}

fn judged_of(causes: &[(&str, StopCause)], desired: u32) -> String {
    let all = causes.iter().map(|(by, cause)| {
        let by = if by.is_empty() { None } else { Some(*by) };
        stopped(by, cause.clone())
    });
    let found = evidence(all.collect());
    match suspicion(&name("auth"), &rollout("auth-2"), desired, &found) {
        Suspicion::None => "none".to_owned(),
        Suspicion::Suspicious(doubt) => format!("suspicious: {}", doubt.why),
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
            ours(vec![Exited(1), Exited(2), OutOfMemory, CannotStart]),
            "certain: out of memory",
        ),
        (
            "stopped for reasons that nobody knows: never certain",
            ours(vec![Other; 9]),
            "suspicious: stopped",
        ),
        (
            "an unknown reason beside a known one does not count",
            ours(vec![Exited(1), Other, Other, Other]),
            "suspicious: exit code 1",
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
fn thresholds_grow_with_the_service() {
    let rows = [
        (1, 2, "certain: exit code 1"),
        (10, 2, "certain: exit code 1"),
        (11, 2, "suspicious: exit code 1"),
        (50, 9, "suspicious: exit code 1"),
        (50, 10, "certain: exit code 1"),
    ];
    for (desired, ended, expected) in rows {
        let causes = vec![("auth-2", Exited(1)); ended];
        assert_eq!(
            judged_of(&causes, desired),
            expected,
            "{ended} of {desired}"
        );
    }
    // Of whatever causes it takes twice as many.
    for (of_each, expected) in [(3, "suspicious: "), (4, "certain: ")] {
        let mixed = [Exited(1), OutOfMemory].map(|cause| vec![("auth-2", cause); of_each]);
        let mixed = [mixed.concat(), vec![("auth-2", ContainerCheck)]].concat();
        let found = judged_of(&mixed, 20 + 1);
        assert!(found.starts_with("suspicious: "), "{of_each}: {found}");
        let found = judged_of(&mixed, 20);
        assert!(found.starts_with(expected), "{of_each}: {found}");
    }
    let plain = [("auth-2", ImageMissing)];
    assert_eq!(judged_of(&plain, 50), "certain: its image is missing");
}

#[test]
fn the_grounds_name_tasks_and_what_the_log_said() {
    let mut found = evidence(vec![stopped(Some("auth-2"), Exited(1)); 5]);
    found.log = ["one", "two ", "three"].map(str::to_owned).to_vec();
    let Suspicion::Certain(cause) = suspicion(&name("auth"), &rollout("auth-2"), 2, &found) else {
        panic!("five tasks are certain");
    };
    assert_eq!(cause.to_string(), "auth: exit code 1");
    let grounds = cause.grounds().unwrap();
    assert_eq!((grounds.tasks.len(), grounds.alike), (3, 5));
    assert_eq!(grounds.tasks[0].end.to_string(), "it stopped");
    assert_eq!(grounds.log, ["two ", "three"]);
}
