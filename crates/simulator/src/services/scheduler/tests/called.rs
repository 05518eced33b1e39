//! When schedules begin, and what their targets get.

use serde_json::{Value, json};

use super::{ROLE, done, of_job, started};
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
