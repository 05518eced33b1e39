//! Alarms in virtual time, and the API through every protocol.

mod alarms;
mod api;
mod balancer;
mod protocols;

use serde_json::{Value, json};

use crate::front::{Service, ask};
use crate::{ApiError, Millis, Weather, World};

/// 2026-01-01T00:00:00Z.
const START_MS: Millis = 1_767_225_600_000;

fn world() -> World {
    World::new("123456789012", "sa-east-1", 7, Weather::Calm, START_MS)
}

#[track_caller]
fn done(world: &mut World, operation: &str, body: Value) -> Value {
    ask(world, Service::CloudWatch, operation, &body).unwrap()
}

#[track_caller]
fn refused(world: &mut World, operation: &str, body: Value) -> ApiError {
    ask(world, Service::CloudWatch, operation, &body).unwrap_err()
}

/// PutMetricAlarm on the sum of `App/Errors` above 5, with these members changed.
#[track_caller]
fn put_alarm(world: &mut World, name: &str, changes: Value) {
    let mut alarm = json!({
        "AlarmName": name,
        "Namespace": "App",
        "MetricName": "Errors",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 5.0,
        "ComparisonOperator": "GreaterThanThreshold",
    });
    for (member, value) in changes.as_object().into_iter().flatten() {
        alarm[member] = value.clone();
    }
    done(world, "PutMetricAlarm", alarm);
}

#[track_caller]
fn put_errors(world: &mut World, value: f64) {
    let data = json!([{ "MetricName": "Errors", "Value": value }]);
    done(
        world,
        "PutMetricData",
        json!({ "Namespace": "App", "MetricData": data }),
    );
}

/// StateValue and StateReason.
#[track_caller]
fn state(world: &mut World, name: &str) -> (String, String) {
    let types = ["MetricAlarm", "CompositeAlarm"];
    let body = json!({ "AlarmNames": [name], "AlarmTypes": types });
    let answer = done(world, "DescribeAlarms", body);
    let alarm = [&answer["MetricAlarms"][0], &answer["CompositeAlarms"][0]];
    let alarm = alarm.into_iter().find(|alarm| alarm.is_object()).unwrap();
    let text = |member: &str| alarm[member].as_str().unwrap().to_owned();
    (text("StateValue"), text("StateReason"))
}

fn pass(world: &mut World, seconds: u64) {
    world.advance(world.now_ms + seconds * 1_000);
}
