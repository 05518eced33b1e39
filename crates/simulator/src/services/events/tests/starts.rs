//! Rules that start tasks: when their schedule is due, and when an event comes.

use serde_json::{Value, json};

use super::{NEW_YEAR_MS, done};
use crate::World;
use crate::front::{Service, ask};

/// Who started tasks of `job`, and their commands.
fn started(world: &mut World) -> Vec<String> {
    let mut told = Vec::new();
    for status in ["RUNNING", "STOPPED"] {
        let input = json!({ "cluster": "main", "family": "job", "desiredStatus": status });
        let listed = ask(world, Service::Ecs, "ListTasks", &input).unwrap();
        if listed["taskArns"] == json!([]) {
            continue;
        }
        let input = json!({ "cluster": "main", "tasks": listed["taskArns"] });
        let described = ask(world, Service::Ecs, "DescribeTasks", &input).unwrap();
        for task in described["tasks"].as_array().unwrap() {
            let command = &task["overrides"]["containerOverrides"][0]["command"][0];
            let starter = task["startedBy"].as_str().unwrap();
            told.push(format!("{starter} {}", command.as_str().unwrap_or("-")));
        }
    }
    told
}

fn job_target(others: &Value) -> Value {
    let mut target = json!({
        "Id": "job",
        "Arn": "arn:aws:ecs:eu-west-1:123456789012:cluster/main",
        "RoleArn": "arn:aws:iam::123456789012:role/events",
        "EcsParameters": {
            "TaskDefinitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/job",
            "TaskCount": 2,
            "LaunchType": "FARGATE",
            "PlatformVersion": "LATEST",
            "NetworkConfiguration": { "awsvpcConfiguration": { "Subnets": ["subnet-1"], "SecurityGroups": ["sg-1"] } },
        },
    });
    for (member, value) in others.as_object().unwrap() {
        target[member] = value.clone();
    }
    target
}

/// What AWS/Events has counted of a rule within the first hour.
fn counted(world: &mut World, rule: &str, metric: &str) -> f64 {
    let seconds = NEW_YEAR_MS / 1_000;
    let input = json!({ "Namespace": "AWS/Events", "MetricName": metric, "Dimensions": [{ "Name": "RuleName", "Value": rule }],
        "Period": 3_600, "StartTime": seconds, "EndTime": seconds + 3_600, "Statistics": ["Sum"] });
    let counted = ask(world, Service::CloudWatch, "GetMetricStatistics", &input).unwrap();
    counted["Datapoints"][0]["Sum"].as_f64().unwrap_or_default()
}

#[test]
fn a_rule_with_a_schedule_starts_tasks_when_it_is_due() {
    let mut world = crate::world::small_account::small_account();
    done(
        &mut world,
        "PutRule",
        &json!({ "Name": "every-ten-minutes-of-the-whole-day-long", "ScheduleExpression": "rate(10 minutes)" }),
    );
    done(
        &mut world,
        "PutRule",
        &json!({ "Name": "off", "ScheduleExpression": "cron(0/5 * * * ? *)", "State": "DISABLED" }),
    );
    let input =
        json!({ "containerOverrides": [{ "name": "app", "command": ["nightly"] }] }).to_string();
    for rule in ["every-ten-minutes-of-the-whole-day-long", "off"] {
        let targets = [job_target(&json!({ "Input": input }))];
        done(
            &mut world,
            "PutTargets",
            &json!({ "Rule": rule, "Targets": targets }),
        );
    }
    world.advance(NEW_YEAR_MS + 600_000 - 1);
    assert!(started(&mut world).is_empty());
    world.advance(NEW_YEAR_MS + 601_000);
    let both = "events-rule/every-ten-minutes-of-the nightly";
    assert_eq!(started(&mut world), [both, both]);
    world.advance(NEW_YEAR_MS + 1_201_000);
    assert_eq!(started(&mut world).len(), 4);
    done(
        &mut world,
        "DisableRule",
        &json!({ "Name": "every-ten-minutes-of-the-whole-day-long" }),
    );
    done(&mut world, "EnableRule", &json!({ "Name": "off" }));
    world.advance(NEW_YEAR_MS + 1_501_000);
    assert_eq!(
        started(&mut world)
            .iter()
            .filter(|it| it.starts_with("events-rule/off"))
            .count(),
        2
    );
    world.advance(NEW_YEAR_MS + 1_801_000);
    assert_eq!(
        started(&mut world).iter().filter(|it| *it == both).count(),
        4
    );
}

#[test]
fn an_event_starts_a_task_and_makes_its_input() {
    let mut world = crate::world::small_account::small_account();
    let pattern = json!({ "source": ["cats"] }).to_string();
    done(
        &mut world,
        "PutRule",
        &json!({ "Name": "purr", "EventPattern": pattern }),
    );
    let transformer = json!({ "InputPathsMap": { "name": "$.detail.name" },
        "InputTemplate": "{\"containerOverrides\":[{\"name\":\"app\",\"command\":[\"<name>\"]}]}" });
    let with_input = job_target(&json!({ "InputTransformer": transformer }));
    let mut plain = job_target(&json!({ "Id": "plain" }));
    plain["EcsParameters"]["TaskCount"] = json!(1);
    // What is wrong with it is only known when it is called.
    let mut broken = job_target(&json!({ "Id": "broken" }));
    broken["EcsParameters"]["TaskDefinitionArn"] = json!("none");
    done(
        &mut world,
        "PutTargets",
        &json!({ "Rule": "purr", "Targets": [with_input, plain, broken] }),
    );
    let entry = json!({ "Source": "cats", "DetailType": "Purr", "Detail": "{\"name\":\"tom\"}" });
    done(&mut world, "PutEvents", &json!({ "Entries": [entry] }));
    world.advance(NEW_YEAR_MS + 2_000);
    let mut told = started(&mut world);
    told.sort();
    assert_eq!(
        told,
        [
            "events-rule/purr -",
            "events-rule/purr tom",
            "events-rule/purr tom"
        ]
    );
    for (metric, expected) in [("Invocations", 3.0), ("FailedInvocations", 1.0)] {
        let sum = counted(&mut world, "purr", metric);
        assert_eq!(json!(sum), json!(expected), "{metric}");
    }
}

/// Every change of every task starts one more: without a limit there would be twice as many after every moment.
#[test]
fn a_rule_without_a_status_starts_as_many_tasks_as_fargate_takes() {
    let mut world = crate::world::small_account::small_account();
    let pattern = json!({ "source": ["aws.ecs"], "detail-type": ["ECS Task State Change"] });
    done(
        &mut world,
        "PutRule",
        &json!({ "Name": "storm", "EventPattern": pattern.to_string() }),
    );
    let mut target = job_target(&json!({}));
    target["EcsParameters"]["TaskCount"] = json!(1);
    done(
        &mut world,
        "PutTargets",
        &json!({ "Rule": "storm", "Targets": [target] }),
    );
    let input = json!({ "cluster": "main", "taskDefinition": "job", "launchType": "FARGATE",
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } } });
    ask(&mut world, Service::Ecs, "RunTask", &input).unwrap();
    world.advance(NEW_YEAR_MS + 60_000);
    let tasks = world.ecs.tasks.len();
    // A burst of 100, and 20 a second.
    assert!((100..=100 + 60 * 20 + 10).contains(&tasks), "{tasks}");
    let refused = counted(&mut world, "storm", "FailedInvocations");
    assert!(refused > 0.0, "{refused}");
}

/// A rule that starts a task because a task was started goes on for ever, one after the other.
#[test]
fn a_rule_that_feeds_itself_takes_its_time() {
    let mut world = crate::world::small_account::small_account();
    let pattern = json!({ "source": ["aws.ecs"], "detail-type": ["ECS Task State Change"], "detail": { "lastStatus": ["PROVISIONING"] } });
    done(
        &mut world,
        "PutRule",
        &json!({ "Name": "loop", "EventPattern": pattern.to_string() }),
    );
    let mut target = job_target(&json!({}));
    target["EcsParameters"]["TaskCount"] = json!(1);
    done(
        &mut world,
        "PutTargets",
        &json!({ "Rule": "loop", "Targets": [target] }),
    );
    let input = json!({ "cluster": "main", "taskDefinition": "job", "launchType": "FARGATE",
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } } });
    ask(&mut world, Service::Ecs, "RunTask", &input).unwrap();
    world.advance(NEW_YEAR_MS + 10_000);
    let calls = world.events.delivered.len();
    assert!((10..=30).contains(&calls), "{calls}");
}

/// Before rules were called on time nothing was kept of when they are due.
#[test]
fn a_rule_of_an_older_saved_world_is_planned() {
    let mut world = crate::world::small_account::small_account();
    done(
        &mut world,
        "PutRule",
        &json!({ "Name": "often", "ScheduleExpression": "rate(10 minutes)" }),
    );
    let targets = [job_target(&json!({}))];
    done(
        &mut world,
        "PutTargets",
        &json!({ "Rule": "often", "Targets": targets }),
    );
    let mut older: Value = serde_json::from_str(&world.to_json().unwrap()).unwrap();
    let rule = older["world"]["events"]["rules"]["default"]["often"]
        .as_object_mut()
        .unwrap();
    for member in ["made_ms", "next_ms"] {
        rule.remove(member).unwrap();
    }
    let mut world = World::from_json(&older.to_string()).unwrap();
    world.advance(NEW_YEAR_MS + 601_000);
    assert_eq!(started(&mut world).len(), 2);
}
