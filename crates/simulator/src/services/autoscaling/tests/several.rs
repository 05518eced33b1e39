//! Several policies of one target, alarms that repeat themselves, and policies that are refused.

use serde_json::{Value, json};

use super::{bound, done, refused};
use crate::World;
use crate::front::{Service, ask};
use crate::world::small_account::{self, START_MS, pass_minutes, small_account, web};
use crate::{Load, Utilization};

fn tracking(metric: Value) -> Value {
    let mut configuration = metric;
    configuration["TargetValue"] = json!(50.0);
    json!({ "PolicyName": "track", "PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": configuration })
}

fn predefined(metric: &str) -> Value {
    let mut policy =
        tracking(json!({ "PredefinedMetricSpecification": { "PredefinedMetricType": metric } }));
    policy["PolicyName"] = json!(metric);
    policy
}

fn alarms(world: &mut World) -> Value {
    small_account::done(world, Service::CloudWatch, "DescribeAlarms", &json!({}))["MetricAlarms"]
        .clone()
}

/// Half empty by one metric, and nearly as full as it should be by the other: the larger wish wins.
#[test]
fn of_several_policies_the_largest_wish_wins_in_scale_in_too() {
    let mut world = small_account();
    bound(&mut world, 4, 10);
    pass_minutes(&mut world, 5);
    bound(&mut world, 1, 10);
    for metric in [
        "ECSServiceAverageCPUUtilization",
        "ECSServiceAverageMemoryUtilization",
    ] {
        done(&mut world, "PutScalingPolicy", predefined(metric));
    }
    let utilization = Utilization {
        cpu: Some(Load::Each(10.0)),
        memory: Some(Load::Each(35.0)),
    };
    assert!(world.set_utilization("main", "web", utilization));
    pass_minutes(&mut world, 40);
    // 4 * 35 / 50 and then 3 * 35 / 50; the other one wants a single task.
    assert_eq!(web(&mut world), "3/3");
}

/// A resource of another namespace may have the name of a service of ECS.
#[test]
fn a_policy_of_another_namespace_moves_no_service() {
    let mut world = small_account();
    let place = json!({ "ServiceNamespace": "custom-resource", "ResourceId": "service/main/web",
        "ScalableDimension": "custom-resource:ResourceType:Property" });
    let with = |others: Value| {
        let mut input = place.clone();
        for (name, value) in others.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        input
    };
    let bounds = with(json!({ "MinCapacity": 1, "MaxCapacity": 9 }));
    ask(
        &mut world,
        Service::AutoScaling,
        "RegisterScalableTarget",
        &bounds,
    )
    .unwrap();
    let policy = with(exactly_five());
    let put = ask(
        &mut world,
        Service::AutoScaling,
        "PutScalingPolicy",
        &policy,
    )
    .unwrap();
    watch(&mut world, &put["PolicyARN"], 60);
    let set = json!({ "AlarmName": "busy", "StateValue": "ALARM", "StateReason": "by hand" });
    small_account::done(&mut world, Service::CloudWatch, "SetAlarmState", &set);
    pass_minutes(&mut world, 5);
    assert_eq!(web(&mut world), "2/2");
}

fn exactly_five() -> Value {
    let steps = json!({ "AdjustmentType": "ExactCapacity", "Cooldown": 0,
        "StepAdjustments": [{ "ScalingAdjustment": 5, "MetricIntervalLowerBound": 0.0 }] });
    json!({ "PolicyName": "steps", "PolicyType": "StepScaling", "StepScalingPolicyConfiguration": steps })
}

fn watch(world: &mut World, action: &Value, period_s: u64) {
    let alarm = json!({ "AlarmName": "busy", "AlarmActions": [action], "Namespace": "Cats", "MetricName": "Purring", "Statistic": "Average",
        "Period": period_s, "EvaluationPeriods": 1, "Threshold": 60.0, "ComparisonOperator": "GreaterThanThreshold" });
    small_account::done(world, Service::CloudWatch, "PutMetricAlarm", &alarm);
}

/// An alarm with a period of ten seconds is evaluated six times a minute, and triggers its policy once.
#[test]
fn an_alarm_triggers_its_policy_once_a_minute() {
    let mut world = small_account();
    bound(&mut world, 1, 9);
    let put = done(&mut world, "PutScalingPolicy", exactly_five());
    let seconds = START_MS / 1_000;
    let samples: Vec<Value> = (0..15)
        .map(|number| json!({ "MetricName": "Purring", "Value": 90.0, "StorageResolution": 1, "Timestamp": seconds + number * 10 }))
        .collect();
    let input = json!({ "Namespace": "Cats", "MetricData": samples });
    small_account::done(&mut world, Service::CloudWatch, "PutMetricData", &input);
    watch(&mut world, &put["PolicyARN"], 10);
    world.advance(START_MS + 15_000);
    let desired = |world: &mut World| web(world).split('/').next().unwrap_or_default().to_owned();
    assert_eq!(desired(&mut world), "5");
    let back = json!({ "cluster": "main", "service": "web", "desiredCount": 2 });
    small_account::done(&mut world, Service::Ecs, "UpdateService", &back);
    world.advance(START_MS + 65_000);
    assert_eq!(desired(&mut world), "2");
    world.advance(START_MS + 75_000);
    assert_eq!(desired(&mut world), "5");
}

/// CloudWatch does not know the unit: there is neither a policy nor an alarm of it, and what was there is as it was.
#[test]
fn a_policy_that_is_refused_changes_nothing() {
    let mut world = small_account();
    bound(&mut world, 1, 4);
    let good = tracking(
        json!({ "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" } }),
    );
    done(&mut world, "PutScalingPolicy", good);
    let before = (
        alarms(&mut world),
        done(&mut world, "DescribeScalingPolicies", json!({})),
    );
    let unit = json!({ "CustomizedMetricSpecification": {
        "Namespace": "Cats", "MetricName": "Backlog", "Statistic": "Average", "Unit": "Parsecs" } });
    let nothing =
        json!({ "CustomizedMetricSpecification": { "Namespace": "Cats", "Statistic": "Average" } });
    for metric in [unit, nothing] {
        let told = refused(&mut world, "PutScalingPolicy", tracking(metric));
        assert!(told.starts_with("ValidationException: "), "{told}");
        let after = (
            alarms(&mut world),
            done(&mut world, "DescribeScalingPolicies", json!({})),
        );
        assert_eq!(after, before);
    }
}
