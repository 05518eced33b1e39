//! RunTask: migrations, tokens, exits and their evidence (C, G).

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{Setting, Stage, text};
use crate::{Fault, TaskFault};

fn input(command: &[&str], token: &str) -> Value {
    json!({
        "cluster": "main",
        "taskDefinition": "migration",
        "clientToken": token,
        "startedBy": "d-1",
        "launchType": "FARGATE",
        "overrides": { "containerOverrides": [{ "name": "web", "command": command }] },
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
    })
}

fn described(stage: &mut Stage, run: &Value) -> Value {
    let arn = run["tasks"][0]["taskArn"].clone();
    stage.call(
        "DescribeTasks",
        json!({ "cluster": "main", "tasks": [arn] }),
    )["tasks"][0]
        .clone()
}

#[test]
fn a_migration_runs_to_head_once() {
    let mut stage = Stage::new(&Setting::default());
    let request = input(&["alembic", "upgrade", "head"], "t1");
    let run = stage.call("RunTask", request.clone());
    assert_eq!(run["tasks"][0]["lastStatus"], "PROVISIONING");
    stage.play_to_s(25);
    assert_eq!(described(&mut stage, &run)["lastStatus"], "RUNNING");
    assert_eq!(stage.world.picture().databases["migration"], "8f2");
    stage.play_to_s(60);
    let task = described(&mut stage, &run);
    assert_eq!(task["lastStatus"], "STOPPED");
    assert_eq!(task["stopCode"], "EssentialContainerExited");
    assert_eq!(task["containers"][0]["exitCode"], 0);
    assert_eq!(task["startedBy"], "d-1");
    assert_eq!(stage.world.picture().databases["migration"], "9c1");
    let again = stage.call("RunTask", request);
    assert_eq!(
        again["tasks"][0]["taskArn"], task["taskArn"],
        "the same token is the same task"
    );
    let other = stage.refusal("RunTask", input(&["alembic", "current"], "t1"));
    assert_eq!(other.code, "ConflictException");
    assert!(other.message.contains(&text(&task["taskArn"])));
    let found = json!({ "cluster": "main", "startedBy": "d-1", "desiredStatus": "STOPPED" });
    assert_eq!(
        stage.call("ListTasks", found)["taskArns"][0],
        task["taskArn"]
    );
}

#[test]
fn down_again_and_what_it_says() {
    let mut stage = Stage::new(&Setting::default());
    for (number, (command, revision)) in [
        (&["alembic", "upgrade", "head"][..], "9c1"),
        (&["alembic", "downgrade", "8f2"][..], "8f2"),
        (&["alembic", "current"][..], "8f2"),
    ]
    .into_iter()
    .enumerate()
    {
        stage.call("RunTask", input(command, &format!("t{number}")));
        stage.play_to_s((number as u64 + 1) * 100);
        assert_eq!(
            stage.world.picture().databases["migration"],
            revision,
            "{command:?}"
        );
    }
    let logs = crate::front::ask(
        &mut stage.world,
        crate::front::Service::Logs,
        "FilterLogEvents",
        &json!({ "logGroupName": "/ecs/web", "logStreamNamePrefix": "ecs/web/" }),
    )
    .expect("lines");
    let lines: Vec<String> = logs["events"]
        .as_array()
        .expect("events")
        .iter()
        .map(|one| text(&one["message"]))
        .collect();
    assert!(
        lines.contains(&"INFO  [alembic.runtime.migration] Running upgrade 8f2 -> 9c1".to_owned()),
        "{lines:#?}"
    );
    assert!(
        lines
            .contains(&"INFO  [alembic.runtime.migration] Running downgrade 9c1 -> 8f2".to_owned()),
        "{lines:#?}"
    );
    assert!(lines.contains(&"8f2".to_owned()), "{lines:#?}");
}

#[rstest]
#[case::exit(TaskFault::Exit(1), "8f2", Some(1))]
#[case::after_effect(TaskFault::ExitAfterEffect(1), "9c1", Some(1))]
#[case::never_starts(TaskFault::NeverStarts, "8f2", None)]
#[case::out_of_memory(TaskFault::OutOfMemory, "8f2", Some(137))]
#[case::slow(TaskFault::Slow(60_000), "9c1", Some(0))]
fn how_a_migration_fails(
    #[case] fault: TaskFault,
    #[case] revision: &str,
    #[case] code: Option<i32>,
) {
    let mut stage = Stage::new(&Setting::default());
    stage.world.add_fault(Fault::Task {
        family: "migration".to_owned(),
        fault,
    });
    let run = stage.call("RunTask", input(&["alembic", "upgrade", "head"], "t"));
    stage.play_to_s(150);
    let task = described(&mut stage, &run);
    assert_eq!(task["lastStatus"], "STOPPED");
    assert_eq!(
        task["containers"][0]
            .get("exitCode")
            .and_then(Value::as_i64),
        code.map(i64::from)
    );
    assert_eq!(stage.world.picture().databases["migration"], revision);
}

#[test]
fn a_refused_task_is_a_failure_inside_a_200() {
    let mut stage = Stage::new(&Setting::default());
    stage.world.add_fault(Fault::Task {
        family: "migration".to_owned(),
        fault: TaskFault::Refused,
    });
    let run = stage.call("RunTask", input(&["alembic", "upgrade", "head"], "t"));
    assert_eq!(run["tasks"], json!([]));
    assert_eq!(run["failures"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_stopped_migration_has_no_effect() {
    let mut stage = Stage::new(&Setting::default());
    let run = stage.call("RunTask", input(&["alembic", "upgrade", "head"], "t"));
    stage.play_to_s(23);
    let arn = run["tasks"][0]["taskArn"].clone();
    stage.call(
        "StopTask",
        json!({ "cluster": "main", "task": arn, "reason": "deadline" }),
    );
    stage.play_to_s(100);
    let task = described(&mut stage, &run);
    assert_eq!(
        (&task["stopCode"], &task["stoppedReason"]),
        (&json!("UserInitiated"), &json!("deadline"))
    );
    assert_eq!(task["containers"][0]["exitCode"], 143);
    assert_eq!(stage.world.picture().databases["migration"], "8f2");
}

/// What a client alone sees of a one-off whose command ends: its code, and what it said.
#[rstest]
#[case::seven(&["sh", "-c", "echo counting; sleep 2; exit 7"], 7)]
#[case::none(&["true"], 0)]
#[case::unknown(&["./run"], 0)]
fn a_command_decides_the_exit_code(#[case] command: &[&str], #[case] code: i32) {
    let mut stage = Stage::new(&Setting::default());
    let mut request = input(command, "t1");
    request["taskDefinition"] = json!("web");
    let run = stage.call("RunTask", request);
    stage.play_to_s(100);
    let task = described(&mut stage, &run);
    assert_eq!(task["stopCode"], "EssentialContainerExited");
    assert_eq!(task["containers"][0]["exitCode"], code);
    let logs = crate::front::ask(
        &mut stage.world,
        crate::front::Service::Logs,
        "FilterLogEvents",
        &json!({ "logGroupName": "/ecs/web" }),
    );
    let logs = logs.expect("a group")["events"].to_string();
    assert_eq!(logs.contains("counting"), code == 7, "{logs}");
    assert!(!logs.contains("Traceback"), "{logs}");
}

/// 4,000 vCPU are 250 tasks of 16; the service `web` has two of a quarter.
#[test]
fn more_vcpus_than_an_account_has_are_a_failure() {
    use crate::front::Service;
    use crate::world::small_account::{done, small_account};
    let mut world = small_account();
    let definition = json!({
        "family": "large", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc",
        "cpu": "16384", "memory": "32768", "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "containerDefinitions": [{ "name": "app", "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:v1" }],
    });
    done(
        &mut world,
        Service::Ecs,
        "RegisterTaskDefinition",
        &definition,
    );
    let run = json!({
        "cluster": "main", "taskDefinition": "large", "launchType": "FARGATE", "count": 10,
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
    });
    let mut started = 0;
    for _ in 0..24 {
        world.advance(world.now_ms() + 500);
        let answer = done(&mut world, Service::Ecs, "RunTask", &run);
        started += answer["tasks"].as_array().map_or(0, Vec::len);
        assert_eq!(answer["failures"], json!([]));
    }
    world.advance(world.now_ms() + 500);
    let last = done(&mut world, Service::Ecs, "RunTask", &run);
    started += last["tasks"].as_array().map_or(0, Vec::len);
    assert_eq!(started, 249);
    assert_eq!(
        last["failures"],
        json!([{ "reason": "You’ve reached the limit on the number of vCPUs you can run concurrently" }])
    );
    let beyond = done(&mut world, Service::Ecs, "RunTask", &run);
    assert_eq!(beyond["tasks"], json!([]));
}

/// A hundred at once, and then twenty a second.
#[test]
fn fargate_launches_no_more_than_it_can_for_run_task_either() {
    use crate::front::Service;
    use crate::world::small_account::{done, small_account};
    let mut world = small_account();
    let run = json!({
        "cluster": "main", "taskDefinition": "job", "launchType": "FARGATE", "count": 10,
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
    });
    let started = |world: &mut crate::World| {
        let answer = done(world, Service::Ecs, "RunTask", &run);
        let failed = answer["failures"].as_array().map_or(0, Vec::len);
        (answer["tasks"].as_array().map_or(0, Vec::len), failed)
    };
    for _ in 0..10 {
        assert_eq!(started(&mut world), (10, 0));
    }
    assert_eq!(started(&mut world), (0, 1));
    world.advance(world.now_ms() + 250);
    assert_eq!(started(&mut world), (5, 1));
}
