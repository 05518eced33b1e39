//! Schedules as a client sees them, and what they call in virtual time.

mod called;

use serde_json::{Value, json};

use crate::World;
use crate::front::Service;
use crate::world::small_account::{self, START_MS, pass_minutes, small_account};

const ROLE: &str = "arn:aws:iam::123456789012:role/scheduler";

#[track_caller]
fn done(world: &mut World, operation: &str, input: Value) -> Value {
    small_account::done(world, Service::Scheduler, operation, &input)
}

#[track_caller]
fn refused(world: &mut World, operation: &str, input: Value) -> String {
    small_account::refused(world, Service::Scheduler, operation, &input)
}

/// A schedule that starts `job`, with other members.
fn of_job(name: &str, expression: &str, others: Value) -> Value {
    let mut input = json!({
        "Name": name,
        "ScheduleExpression": expression,
        "FlexibleTimeWindow": { "Mode": "OFF" },
        "Target": {
            "Arn": "arn:aws:ecs:eu-west-1:123456789012:cluster/main",
            "RoleArn": ROLE,
            "Input": "{\"containerOverrides\":[{\"name\":\"app\",\"command\":[\"nightly\"]}]}",
            "EcsParameters": {
                "TaskDefinitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/job",
                "LaunchType": "FARGATE",
                "EnableECSManagedTags": true,
                "NetworkConfiguration": { "awsvpcConfiguration": { "Subnets": ["subnet-1"], "AssignPublicIp": "DISABLED" } },
            },
        },
    });
    for (member, value) in others.as_object().into_iter().flatten() {
        input[member] = value.clone();
    }
    input
}

/// Who started tasks of `job`, and their commands.
fn started(world: &mut World) -> Vec<String> {
    let mut told = Vec::new();
    for status in ["RUNNING", "STOPPED"] {
        let input = json!({ "cluster": "main", "family": "job", "desiredStatus": status });
        let listed = small_account::done(world, Service::Ecs, "ListTasks", &input);
        if listed["taskArns"] == json!([]) {
            continue;
        }
        let input = json!({ "cluster": "main", "tasks": listed["taskArns"] });
        let described = small_account::done(world, Service::Ecs, "DescribeTasks", &input);
        for task in described["tasks"].as_array().unwrap() {
            let command = &task["overrides"]["containerOverrides"][0]["command"][0];
            told.push(format!(
                "{} {}",
                task["startedBy"].as_str().unwrap(),
                command.as_str().unwrap_or("-")
            ));
        }
    }
    told
}

#[test]
fn a_schedule_starts_a_task_when_it_is_due() {
    let mut world = small_account();
    let input = of_job(
        "gold-coast-data-lake-refresh",
        "cron(30 1 * * ? *)",
        json!({ "ScheduleExpressionTimezone": "Europe/Berlin" }),
    );
    let made = done(&mut world, "CreateSchedule", input);
    assert_eq!(
        made["ScheduleArn"],
        "arn:aws:scheduler:eu-west-1:123456789012:schedule/default/gold-coast-data-lake-refresh"
    );
    world.advance(START_MS + 30 * 60_000 - 1);
    assert!(started(&mut world).is_empty());
    world.advance(START_MS + 30 * 60_000);
    // As a real account has shown it: 36 characters.
    assert_eq!(
        started(&mut world),
        ["chronos-schedule/gold-coast-data-lak nightly"]
    );
    world.advance(START_MS + 24 * 3_600_000 + 30 * 60_000);
    // The one of the day before is forgotten.
    assert_eq!(started(&mut world).len(), 1);
}

#[test]
fn disabled_ended_and_deleted_schedules_start_nothing() {
    let mut world = small_account();
    let seconds = START_MS / 1_000;
    for (name, others) in [
        ("off", json!({ "State": "DISABLED" })),
        (
            "ended",
            json!({ "StartDate": seconds - 7_200, "EndDate": seconds - 3_600 }),
        ),
        ("later", json!({ "StartDate": seconds + 3_600 })),
        ("deleted", json!({})),
    ] {
        done(
            &mut world,
            "CreateSchedule",
            of_job(name, "rate(10 minutes)", others),
        );
    }
    done(&mut world, "DeleteSchedule", json!({ "Name": "deleted" }));
    pass_minutes(&mut world, 59);
    assert!(started(&mut world).is_empty());
    pass_minutes(&mut world, 2);
    assert_eq!(started(&mut world), ["chronos-schedule/later nightly"]);
    done(
        &mut world,
        "UpdateSchedule",
        of_job("off", "rate(5 minutes)", json!({})),
    );
    done(
        &mut world,
        "UpdateSchedule",
        of_job("later", "rate(5 minutes)", json!({ "State": "DISABLED" })),
    );
    pass_minutes(&mut world, 6);
    assert!(started(&mut world).contains(&"chronos-schedule/off nightly".to_owned()));
}

#[test]
fn a_schedule_goes_after_it_is_over_where_it_is_told_to() {
    let mut world = small_account();
    for (name, afterwards) in [("stays", "NONE"), ("goes", "DELETE")] {
        let others = json!({ "ActionAfterCompletion": afterwards });
        done(
            &mut world,
            "CreateSchedule",
            of_job(name, "at(2026-01-01T00:05:00)", others),
        );
    }
    pass_minutes(&mut world, 6);
    assert_eq!(started(&mut world).len(), 2);
    let listed = done(&mut world, "ListSchedules", json!({}));
    let names: Vec<&str> = listed["Schedules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["Name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["stays"]);
}

#[test]
fn schedules_are_described_with_their_defaults_and_refused() {
    let mut world = small_account();
    let input = of_job("nightly", "rate(1 days)", json!({ "ClientToken": "once" }));
    let made = done(&mut world, "CreateSchedule", input.clone());
    assert_eq!(done(&mut world, "CreateSchedule", input), made);
    let got = done(&mut world, "GetSchedule", json!({ "Name": "nightly" }));
    for (member, expected) in [
        ("ScheduleExpressionTimezone", json!("UTC")),
        ("State", json!("ENABLED")),
        ("ActionAfterCompletion", json!("NONE")),
        ("GroupName", json!("default")),
    ] {
        assert_eq!(got[member], expected, "{member}");
    }
    assert_eq!(
        got["Target"]["RetryPolicy"],
        json!({ "MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185 })
    );
    for (name, others, expected) in [
        (
            "nightly",
            json!({}),
            "ConflictException: Schedule nightly already exists.",
        ),
        (
            "a",
            json!({ "ScheduleExpression": "rate(5 parsecs)" }),
            "ValidationException: Invalid Schedule Expression rate(5 parsecs).",
        ),
        (
            "a",
            json!({ "ScheduleExpressionTimezone": "Mars" }),
            "ValidationException: Invalid ScheduleExpressionTimezone Mars.",
        ),
        (
            "a",
            json!({ "FlexibleTimeWindow": { "Mode": "FLEXIBLE" } }),
            "ValidationException: MaximumWindowInMinutes is required",
        ),
        (
            "a",
            json!({ "GroupName": "none" }),
            "ResourceNotFoundException: Schedule group none does not exist.",
        ),
        (
            "a",
            json!({ "Target": { "Arn": "arn:aws:ecs:eu-west-1:123456789012:cluster/main", "RoleArn": ROLE } }),
            "ValidationException: EcsParameters is required",
        ),
        (
            "a",
            json!({ "Target": { "Arn": "queue", "RoleArn": ROLE } }),
            "ValidationException: Provided Arn is not in correct format.",
        ),
    ] {
        let told = refused(
            &mut world,
            "CreateSchedule",
            of_job(name, "rate(5 minutes)", others),
        );
        assert!(told.starts_with(expected), "{told}");
    }
    assert_eq!(
        refused(&mut world, "GetSchedule", json!({ "Name": "none" })),
        "ResourceNotFoundException: Schedule none does not exist."
    );
}

#[test]
fn groups_hold_schedules_and_take_them_with_them() {
    let mut world = small_account();
    let made = done(
        &mut world,
        "CreateScheduleGroup",
        json!({ "Name": "cats", "Tags": [{ "Key": "team", "Value": "cats" }] }),
    );
    let arn = made["ScheduleGroupArn"].clone();
    done(
        &mut world,
        "TagResource",
        json!({ "ResourceArn": arn, "Tags": [{ "Key": "stage", "Value": "prod" }] }),
    );
    done(
        &mut world,
        "UntagResource",
        json!({ "ResourceArn": arn, "TagKeys": ["team"] }),
    );
    let tags = done(
        &mut world,
        "ListTagsForResource",
        json!({ "ResourceArn": arn }),
    );
    assert_eq!(tags["Tags"], json!([{ "Key": "stage", "Value": "prod" }]));
    done(
        &mut world,
        "CreateSchedule",
        of_job("nightly", "rate(5 minutes)", json!({ "GroupName": "cats" })),
    );
    let groups = done(&mut world, "ListScheduleGroups", json!({}));
    assert_eq!(groups["ScheduleGroups"].as_array().unwrap().len(), 2);
    let listed = done(
        &mut world,
        "ListSchedules",
        json!({ "GroupName": "cats", "NamePrefix": "n", "State": "ENABLED" }),
    );
    assert_eq!(
        listed["Schedules"][0]["Target"]["Arn"],
        "arn:aws:ecs:eu-west-1:123456789012:cluster/main"
    );
    done(&mut world, "DeleteScheduleGroup", json!({ "Name": "cats" }));
    pass_minutes(&mut world, 10);
    assert!(started(&mut world).is_empty());
    assert!(
        refused(
            &mut world,
            "DeleteScheduleGroup",
            json!({ "Name": "default" })
        )
        .starts_with("ValidationException: ")
    );
    assert!(
        refused(&mut world, "GetScheduleGroup", json!({ "Name": "cats" }))
            .starts_with("ResourceNotFoundException: ")
    );
}

/// Topics, buses, any operation; what cannot be called is counted, and lies in the dead letter queue.
#[test]
fn other_targets_are_called_too() {
    let mut world = small_account();
    world.logs.add_group("/events", START_MS);
    let topic = small_account::done(
        &mut world,
        Service::Sns,
        "CreateTopic",
        &json!({ "Name": "news" }),
    )["TopicArn"]
        .clone();
    small_account::done(
        &mut world,
        Service::Sqs,
        "CreateQueue",
        &json!({ "QueueName": "dead" }),
    );
    let rule = json!({ "Name": "cats", "EventPattern": "{\"source\":[\"cats\"]}" });
    small_account::done(&mut world, Service::Events, "PutRule", &rule);
    let targets = json!({ "Rule": "cats", "Targets": [{ "Id": "t", "Arn": topic, "InputPath": "$.detail.name" }] });
    small_account::done(&mut world, Service::Events, "PutTargets", &targets);
    let bus = "arn:aws:events:eu-west-1:123456789012:event-bus/default";
    let dead = json!({ "Arn": "arn:aws:sqs:eu-west-1:123456789012:dead" });
    for (name, target) in [
        (
            "topic",
            json!({ "Arn": topic, "Input": "at <aws.scheduler.scheduled-time>" }),
        ),
        (
            "bus",
            json!({ "Arn": bus, "Input": "{\"name\":\"tom\"}", "EventBridgeParameters": { "Source": "cats", "DetailType": "Purr" } }),
        ),
        (
            "scale",
            json!({ "Arn": "arn:aws:scheduler:::aws-sdk:ecs:updateService", "Input": "{\"Cluster\":\"main\",\"Service\":\"web\",\"DesiredCount\":3}" }),
        ),
        (
            "fails",
            json!({ "Arn": "arn:aws:sns:eu-west-1:123456789012:none", "Input": "lost", "DeadLetterConfig": dead }),
        ),
    ] {
        let mut target = target;
        target["RoleArn"] = json!(ROLE);
        let input = json!({ "Name": name, "ScheduleExpression": "at(2026-01-01T00:05:00)", "FlexibleTimeWindow": { "Mode": "OFF" }, "Target": target });
        done(&mut world, "CreateSchedule", input);
    }
    pass_minutes(&mut world, 6);
    let published: Vec<String> = world.sns.published().map(|it| it.message.clone()).collect();
    assert_eq!(published, ["at 2026-01-01T00:05:00Z", "\"tom\""]);
    assert!(small_account::web(&mut world).starts_with("3/"));
    let url = "https://sqs.eu-west-1.amazonaws.com/123456789012/dead";
    let dead = small_account::done(
        &mut world,
        Service::Sqs,
        "ReceiveMessage",
        &json!({ "QueueUrl": url }),
    );
    assert_eq!(dead["Messages"][0]["Body"], "lost");
    let seconds = START_MS / 1_000;
    let input = json!({ "Namespace": "AWS/Scheduler", "MetricName": "TargetErrorCount", "Dimensions": [{ "Name": "ScheduleGroup", "Value": "default" }],
        "Period": 3_600, "StartTime": seconds, "EndTime": seconds + 3_600, "Statistics": ["Sum"] });
    let errors = small_account::done(
        &mut world,
        Service::CloudWatch,
        "GetMetricStatistics",
        &input,
    );
    assert_eq!(errors["Datapoints"][0]["Sum"], json!(1.0));
}

#[test]
fn a_saved_world_goes_on_with_its_schedules() {
    let mut world = small_account();
    done(
        &mut world,
        "CreateSchedule",
        of_job("nightly", "at(2026-01-01T00:05:00)", json!({})),
    );
    let text = world.to_json().unwrap();
    let mut world = World::from_json(&text).unwrap();
    pass_minutes(&mut world, 6);
    assert_eq!(started(&mut world).len(), 1);
    let mut older: Value = serde_json::from_str(&text).unwrap();
    let members = older["world"].as_object_mut().unwrap();
    for name in ["scheduler", "sqs"] {
        members.remove(name).unwrap();
    }
    assert!(World::from_json(&older.to_string()).is_ok());
}
