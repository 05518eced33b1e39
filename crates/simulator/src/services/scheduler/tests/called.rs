//! When schedules begin, and what their targets get.

use serde_json::{Value, json};

use super::{ROLE, done, of_job, refused, started};
use crate::World;
use crate::front::Service;
use crate::world::small_account::{self, START_MS, pass_minutes, small_account};

/// A rate without a start begins now; one that is due once knows neither start nor end.
#[test]
fn a_rate_begins_at_once_and_a_single_time_has_no_bounds() {
    let mut world = small_account();
    done(
        &mut world,
        "CreateSchedule",
        of_job("rate", "rate(10 minutes)", json!({})),
    );
    world.advance(START_MS + 1_000);
    assert_eq!(started(&mut world).len(), 1);
    pass_minutes(&mut world, 9);
    assert_eq!(started(&mut world).len(), 1);
    pass_minutes(&mut world, 1);
    assert_eq!(started(&mut world).len(), 2);
    done(&mut world, "DeleteSchedule", json!({ "Name": "rate" }));
    let seconds = START_MS / 1_000;
    let bounds = json!({ "StartDate": seconds + 86_400, "EndDate": seconds + 172_800 });
    done(
        &mut world,
        "CreateSchedule",
        of_job("once", "at(2026-01-01T00:20:00)", bounds),
    );
    pass_minutes(&mut world, 10);
    assert_eq!(started(&mut world).len(), 3);
}

fn received(world: &mut World) -> Vec<Value> {
    let url = "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs";
    let input = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10 });
    let answer = small_account::done(world, Service::Sqs, "ReceiveMessage", &input);
    let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
    let bodies = messages.iter().map(|it| it["Body"].as_str().unwrap());
    bodies
        .map(|body| serde_json::from_str(body).unwrap())
        .collect()
}

fn queue(world: &mut World) -> &'static str {
    let input = json!({ "QueueName": "jobs" });
    small_account::done(world, Service::Sqs, "CreateQueue", &input);
    "arn:aws:sqs:eu-west-1:123456789012:jobs"
}

#[test]
fn a_target_without_input_gets_the_notification_of_aws() {
    let mut world = small_account();
    let arn = queue(&mut world);
    let input = json!({ "Name": "plain", "ScheduleExpression": "at(2026-01-01T00:05:00)", "FlexibleTimeWindow": { "Mode": "OFF" },
        "Target": { "Arn": arn, "RoleArn": ROLE } });
    done(&mut world, "CreateSchedule", input);
    pass_minutes(&mut world, 6);
    let mut body = received(&mut world).remove(0);
    assert_eq!(body["id"].as_str().unwrap().len(), 36);
    body["id"] = json!("");
    assert_eq!(
        body,
        json!({
            "version": "0", "id": "", "detail-type": "Scheduled Event", "source": "aws.scheduler", "account": "123456789012",
            "time": "2026-01-01T00:05:00Z", "region": "eu-west-1",
            "resources": ["arn:aws:scheduler:eu-west-1:123456789012:schedule/default/plain"], "detail": "{}",
        })
    );
}

/// As AWS's SDK for Java names services and members; keys of maps are left as they are.
#[test]
fn any_operation_is_called_by_the_names_of_the_sdk() {
    let mut world = small_account();
    let due = |name: &str, target: &str, input: Value| {
        json!({ "Name": name, "ScheduleExpression": "at(2026-01-01T00:05:00)", "FlexibleTimeWindow": { "Mode": "OFF" },
            "Target": { "Arn": format!("arn:aws:scheduler:::aws-sdk:{target}"), "RoleArn": ROLE, "Input": input.to_string() } })
    };
    for (name, target, input) in [
        (
            "group",
            "cloudwatchlogs:createLogGroup",
            json!({ "LogGroupName": "/cats", "Tags": { "Team": "cats" } }),
        ),
        (
            "rule",
            "eventbridge:putRule",
            json!({ "Name": "cats", "ScheduleExpression": "rate(1 hour)" }),
        ),
        (
            "target",
            "applicationautoscaling:registerScalableTarget",
            json!({ "ServiceNamespace": "ecs", "ResourceId": "service/main/web", "ScalableDimension": "ecs:service:DesiredCount",
                "MinCapacity": 1, "MaxCapacity": 4 }),
        ),
        (
            "repository",
            "ecr:createRepository",
            json!({ "RepositoryName": "cats" }),
        ),
        // By a name that no SDK has it is not called.
        (
            "wrong",
            "logs:createLogGroup",
            json!({ "LogGroupName": "/dogs" }),
        ),
    ] {
        done(&mut world, "CreateSchedule", due(name, target, input));
    }
    pass_minutes(&mut world, 6);
    let mut told = |service, operation, input: Value| {
        small_account::done(&mut world, service, operation, &input)
    };
    let groups = told(Service::Logs, "DescribeLogGroups", json!({}));
    let names: Vec<&Value> = groups["logGroups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["logGroupName"])
        .collect();
    assert_eq!(names, ["/cats"]);
    let tags = told(
        Service::Logs,
        "ListTagsLogGroup",
        json!({ "logGroupName": "/cats" }),
    );
    assert_eq!(tags["tags"], json!({ "Team": "cats" }));
    told(Service::Events, "DescribeRule", json!({ "Name": "cats" }));
    told(
        Service::Ecr,
        "DescribeRepositories",
        json!({ "repositoryNames": ["cats"] }),
    );
    let targets = told(
        Service::AutoScaling,
        "DescribeScalableTargets",
        json!({ "ServiceNamespace": "ecs" }),
    );
    assert_eq!(targets["ScalableTargets"][0]["MaxCapacity"], 4);
}

#[test]
fn what_only_reads_is_no_target() {
    let mut world = small_account();
    for operation in [
        "sqs:receiveMessage",
        "ecs:describeServices",
        "ecs:listTasks",
        "s3:getObject",
        "ecr:batchGetImage",
    ] {
        let input = json!({ "Name": "reads", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": { "Mode": "OFF" },
            "Target": { "Arn": format!("arn:aws:scheduler:::aws-sdk:{operation}"), "RoleArn": ROLE, "Input": "{}" } });
        let told = refused(&mut world, "CreateSchedule", input);
        assert!(told.starts_with("ValidationException: "), "{told}");
    }
}
