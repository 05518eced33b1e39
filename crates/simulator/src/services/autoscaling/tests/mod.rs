//! Targets, policies and schedules as a client sees them, and what they do to a service of ECS in virtual time.

mod api;
mod moving;
mod scheduled;
mod several;

use serde_json::{Value, json};

use crate::World;
use crate::front::Service;
use crate::world::small_account;

/// The three members that name `web`, and others.
fn of_web(others: Value) -> Value {
    let mut input = json!({
        "ServiceNamespace": "ecs",
        "ResourceId": "service/main/web",
        "ScalableDimension": "ecs:service:DesiredCount",
    });
    for (name, value) in others.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    input
}

#[track_caller]
fn done(world: &mut World, operation: &str, others: Value) -> Value {
    small_account::done(world, Service::AutoScaling, operation, &of_web(others))
}

#[track_caller]
fn refused(world: &mut World, operation: &str, others: Value) -> String {
    small_account::refused(world, Service::AutoScaling, operation, &of_web(others))
}

/// Registers `web` between two bounds.
fn bound(world: &mut World, min: u32, max: u32) {
    done(
        world,
        "RegisterScalableTarget",
        json!({ "MinCapacity": min, "MaxCapacity": max }),
    );
}

/// Description, cause and status of the activities, newest first.
fn activities(world: &mut World, with_none: Value) -> Vec<String> {
    let answer = done(world, "DescribeScalingActivities", with_none);
    let activities = answer["ScalingActivities"].as_array().expect("a list");
    let told = activities.iter().map(|it| {
        let text = |name: &str| it[name].as_str().unwrap_or_default();
        let cause = text("Cause");
        // The name of an alarm ends with a UUID.
        let cause = match cause.split_once("-Alarm") {
            Some((before, after)) => {
                let (side, rest) = after.split_once(" in state").unwrap_or((after, ""));
                let side = side.split('-').next().unwrap_or_default();
                format!("{before}-Alarm{side} in state{rest}")
            }
            None => cause.to_owned(),
        };
        format!("{} {} ({})", text("Description"), cause, text("StatusCode"))
    });
    told.collect()
}
