//! A small account with one load balancer, two target groups and a few targets.

use serde_json::{Value, json};

use crate::base::agenda::TaskSerial;
use crate::base::here::here;
use crate::base::visit::Visit;
use crate::services::elb::{Answers, Routed, TargetState};
use crate::{ApiError, Blueprint, Millis, Weather, World};

pub(super) const START_MS: Millis = 1_800_000_000_000;
pub(super) const HOST: &str = "api.example.com";

/// `/web/*` forwards to `blue`; nothing forwards to `green`.
pub(super) fn world() -> World {
    let group = |name: &str| json!({ "name": name, "port": 80, "health_check_path": "/health" });
    let blueprint: Blueprint = serde_json::from_value(json!({
        "account": "123456789012", "region": "sa-east-1", "cluster": "main",
        "target_groups": [group("blue"), group("green")],
        "load_balancers": [{ "name": "front", "hosts": [HOST], "rules": [
            { "path": "/web/*", "target_group": "blue" }] }],
    }))
    .expect("a blueprint");
    let mut world = World::new("123456789012", "sa-east-1", 1, Weather::Calm, START_MS);
    world.provision(&blueprint).expect("provisioned");
    world
}

/// Registers a task that answers well from now on.
pub(super) fn register(world: &mut World, group: &str, task: TaskSerial) {
    let answers = Answers {
        ready_ms: Some(0),
        bad_from_ms: None,
        status: 200,
    };
    let ip = format!("10.0.0.{task}");
    world.register_target(&group.into(), task, &ip, 80, answers);
}

pub(super) fn state(world: &World, group: &str, task: TaskSerial) -> TargetState {
    world.elb.target(group, task).expect("registered").state
}

/// Where `count` requests go, by the last part of the address; `-` where they go nowhere.
pub(super) fn spread(world: &mut World, count: usize) -> String {
    let mut answers = String::new();
    for _ in 0..count {
        match here!(world.elb).route(&Visit::get(HOST, "/web/orders")) {
            Some(Routed::Target(backend)) => {
                answers.push_str(backend.ip.rsplit('.').next().unwrap())
            }
            Some(Routed::Status(_) | Routed::Refused | Routed::Fixed(_) | Routed::Redirect(..))
            | None => answers.push('-'),
        }
    }
    answers
}

/// One API call.
pub(super) fn call(world: &mut World, operation: &str, input: Value) -> Result<Value, ApiError> {
    crate::front::ask_as_form(world, crate::front::Service::Elb, operation, &input)
}

/// One API call that works.
pub(super) fn ok(world: &mut World, operation: &str, input: Value) -> Value {
    call(world, operation, input.clone())
        .unwrap_or_else(|error| panic!("{operation} {input}: {error}"))
}

/// The ARN at this place of an answer.
pub(super) fn arn(answer: &Value, place: &str) -> String {
    let found = answer.pointer(place).and_then(Value::as_str);
    found
        .unwrap_or_else(|| panic!("{place} in {answer}"))
        .to_owned()
}

/// State and reason of the targets of a group, as DescribeTargetHealth tells them.
pub(super) fn told(world: &mut World, group: &str, targets: &[&str]) -> Vec<String> {
    let group = world.elb.groups[group].arn.clone();
    let targets: Vec<Value> = targets.iter().map(|id| json!({ "Id": id })).collect();
    let input = json!({ "TargetGroupArn": group, "Targets": targets });
    let told = ok(world, "DescribeTargetHealth", input);
    let told = told["TargetHealthDescriptions"]
        .as_array()
        .expect("a list")
        .clone();
    told.iter()
        .map(|one| {
            let health = &one["TargetHealth"];
            let part = |name: &str| health[name].as_str().unwrap_or("-").to_owned();
            format!(
                "{} {} {}",
                one["Target"]["Id"].as_str().unwrap(),
                part("State"),
                part("Reason")
            )
        })
        .collect()
}

/// Adds hand-registered addresses.
pub(super) fn register_by_hand(world: &mut World, group: &str, ids: &[&str]) {
    let targets: Vec<Value> = ids
        .iter()
        .map(|id| json!({ "Id": id, "Port": "80" }))
        .collect();
    let input = json!({ "TargetGroupArn": world.elb.groups[group].arn, "Targets": targets });
    ok(world, "RegisterTargets", input);
}

/// Sets attributes of a group.
pub(super) fn set(world: &mut World, group: &str, attributes: &[(&str, &str)]) {
    let attributes: Vec<Value> = attributes
        .iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    let input = json!({ "TargetGroupArn": world.elb.groups[group].arn, "Attributes": attributes });
    ok(world, "ModifyTargetGroupAttributes", input);
}
