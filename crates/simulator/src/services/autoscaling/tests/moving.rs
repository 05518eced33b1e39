//! Policies move a service: target tracking by its alarms, steps by somebody's.

use serde_json::{Value, json};

use super::{activities, bound, done};
use crate::front::Service;
use crate::world::small_account::{self, deploy, pass_minutes, small_account, web};
use crate::{Load, Utilization, World};

fn track_cpu(world: &mut World, others: Value) {
    let mut configuration = json!({ "TargetValue": 50.0,
        "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" } });
    for (name, value) in others.as_object().into_iter().flatten() {
        configuration[name] = value.clone();
    }
    done(
        world,
        "PutScalingPolicy",
        json!({ "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": configuration }),
    );
}

fn desired(world: &mut World) -> String {
    let told = web(world);
    told.split('/').next().unwrap_or_default().to_owned()
}

fn uses(world: &mut World, cpu: Load) {
    let utilization = Utilization {
        cpu: Some(cpu),
        memory: None,
    };
    assert!(world.set_utilization("main", "web", utilization));
}

/// Three minutes above the target, in proportion; fifteen below, and never below the minimum.
#[test]
fn a_service_follows_its_load() {
    let mut world = small_account();
    bound(&mut world, 2, 10);
    track_cpu(&mut world, json!({}));
    uses(&mut world, Load::Together(240.0));
    pass_minutes(&mut world, 2);
    assert_eq!(web(&mut world), "2/2");
    // 120 % of each: 2 * 120 / 50.
    pass_minutes(&mut world, 2);
    assert_eq!(desired(&mut world), "5");
    pass_minutes(&mut world, 10);
    assert_eq!(web(&mut world), "5/5");
    assert_eq!(
        activities(&mut world, json!({})),
        [
            "Setting desired count to 5. monitor alarm TargetTracking-service/main/web-AlarmHigh in state ALARM triggered policy cpu \
         (Successful)"
        ]
    );
    uses(&mut world, Load::Together(60.0));
    pass_minutes(&mut world, 14);
    assert_eq!(web(&mut world), "5/5");
    pass_minutes(&mut world, 4);
    // 12 % of each: 5 * 12 / 50, and never below the minimum.
    assert_eq!(web(&mut world), "2/2");
}

#[test]
fn a_larger_scale_out_does_not_wait_for_the_cooldown_and_a_scale_in_does() {
    let mut world = small_account();
    bound(&mut world, 1, 20);
    track_cpu(
        &mut world,
        json!({ "ScaleOutCooldown": 600, "ScaleInCooldown": 1800 }),
    );
    uses(&mut world, Load::Each(100.0));
    pass_minutes(&mut world, 4);
    // Every minute the alarm asks again: what was added counts as if it were there.
    assert_eq!(desired(&mut world), "4");
    pass_minutes(&mut world, 5);
    assert_eq!(web(&mut world), "4/4");
    uses(&mut world, Load::Each(200.0));
    pass_minutes(&mut world, 2);
    assert_eq!(desired(&mut world), "8");
    // Less, step by step, each after half an hour.
    uses(&mut world, Load::Each(40.0));
    pass_minutes(&mut world, 18);
    assert_eq!(desired(&mut world), "7");
    pass_minutes(&mut world, 25);
    assert_eq!(desired(&mut world), "7");
    pass_minutes(&mut world, 10);
    assert_eq!(desired(&mut world), "6");
}

#[test]
fn what_is_suspended_does_not_scale() {
    for (suspended, load, expected) in [
        (json!({ "DynamicScalingOutSuspended": true }), 100.0, "2/2"),
        (json!({ "DynamicScalingInSuspended": true }), 10.0, "2/2"),
        (json!({ "DynamicScalingInSuspended": true }), 100.0, "10/10"),
        (json!({ "DynamicScalingOutSuspended": true }), 10.0, "1/1"),
    ] {
        let mut world = small_account();
        done(
            &mut world,
            "RegisterScalableTarget",
            json!({ "MinCapacity": 1, "MaxCapacity": 10, "SuspendedState": suspended }),
        );
        track_cpu(&mut world, json!({}));
        uses(&mut world, Load::Each(load));
        pass_minutes(&mut world, 60);
        assert_eq!(web(&mut world), expected, "{suspended} at {load}");
    }
}

/// Scale-in is off while a deployment runs, scale-out is not.
#[test]
fn a_running_deployment_gets_more_tasks_and_never_fewer() {
    for (load, during, after) in [(Load::Each(100.0), "4", "4"), (Load::Each(10.0), "2", "1")] {
        let mut world = small_account();
        bound(&mut world, 1, 4);
        track_cpu(&mut world, json!({ "ScaleOutCooldown": 3600 }));
        uses(&mut world, load);
        // The alarms go off while the new tasks start: those of v3 never come.
        deploy(&mut world, "v3");
        pass_minutes(&mut world, if during == "4" { 5 } else { 20 });
        let input = json!({ "cluster": "main", "services": ["web"] });
        let answer = small_account::done(&mut world, Service::Ecs, "DescribeServices", &input);
        let service = &answer["services"][0];
        if service["deployments"].as_array().unwrap().len() > 1 {
            assert!(web(&mut world).starts_with(during), "{}", web(&mut world));
        }
        pass_minutes(&mut world, 60);
        assert!(web(&mut world).starts_with(after), "{}", web(&mut world));
    }
}

#[test]
fn steps_are_taken_by_how_far_an_alarm_is_beyond() {
    let mut world = small_account();
    bound(&mut world, 1, 10);
    let steps = json!({ "AdjustmentType": "ChangeInCapacity", "Cooldown": 600, "StepAdjustments": [
        { "ScalingAdjustment": 1, "MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 20.0 },
        { "ScalingAdjustment": 4, "MetricIntervalLowerBound": 20.0 }] });
    let put = done(
        &mut world,
        "PutScalingPolicy",
        json!({ "PolicyName": "steps", "PolicyType": "StepScaling", "StepScalingPolicyConfiguration": steps }),
    );
    assert_eq!(put["Alarms"], json!([]));
    let alarm = json!({ "AlarmName": "busy", "AlarmActions": [put["PolicyARN"]], "Namespace": "Cats", "MetricName": "Purring", "Statistic": "Average",
        "Period": 60, "EvaluationPeriods": 1, "Threshold": 60.0, "ComparisonOperator": "GreaterThanThreshold" });
    small_account::done(&mut world, Service::CloudWatch, "PutMetricAlarm", &alarm);
    let policies = done(&mut world, "DescribeScalingPolicies", json!({}));
    assert_eq!(
        policies["ScalingPolicies"][0]["Alarms"][0]["AlarmName"],
        "busy"
    );
    let purr = |world: &mut World, value: f64| {
        let input = json!({ "Namespace": "Cats", "MetricData": [{ "MetricName": "Purring", "Value": value }] });
        small_account::done(world, Service::CloudWatch, "PutMetricData", &input);
        pass_minutes(world, 1);
    };
    purr(&mut world, 61.0);
    assert_eq!(desired(&mut world), "3");
    pass_minutes(&mut world, 10);
    purr(&mut world, 90.0);
    assert_eq!(desired(&mut world), "7");
    assert_eq!(
        activities(&mut world, json!({}))[0],
        "Setting desired count to 7. monitor alarm busy in state ALARM triggered policy steps (InProgress)"
    );
}

/// SetAlarmState carries no value: the step at the threshold is taken, and at the maximum none.
#[test]
fn an_alarm_that_is_set_by_hand_triggers_too() {
    let mut world = small_account();
    bound(&mut world, 1, 3);
    let steps = json!({ "AdjustmentType": "ChangeInCapacity", "StepAdjustments": [{ "ScalingAdjustment": 1, "MetricIntervalLowerBound": 0.0 }] });
    let put = done(
        &mut world,
        "PutScalingPolicy",
        json!({ "PolicyName": "steps", "PolicyType": "StepScaling", "StepScalingPolicyConfiguration": steps }),
    );
    let alarm = json!({ "AlarmName": "busy", "AlarmActions": [put["PolicyARN"]], "Namespace": "Cats", "MetricName": "Purring", "Statistic": "Average",
        "Period": 60, "EvaluationPeriods": 1, "Threshold": 60.0, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching" });
    small_account::done(&mut world, Service::CloudWatch, "PutMetricAlarm", &alarm);
    for expected in ["3", "3"] {
        let input = json!({ "AlarmName": "busy", "StateValue": "ALARM", "StateReason": "by hand" });
        small_account::done(&mut world, Service::CloudWatch, "SetAlarmState", &input);
        assert_eq!(desired(&mut world), expected);
        pass_minutes(&mut world, 10);
    }
    assert_eq!(activities(&mut world, json!({})).len(), 1);
    let all = done(
        &mut world,
        "DescribeScalingActivities",
        json!({ "IncludeNotScaledActivities": true }),
    );
    let reason = &all["ScalingActivities"][0]["NotScaledReasons"][0];
    assert_eq!(
        *reason,
        json!({ "Code": "AlreadyAtMaxCapacity", "CurrentCapacity": 3, "MaxCapacity": 3 })
    );
}

#[test]
fn what_a_service_uses_is_a_metric_of_ecs() {
    let mut world = small_account();
    assert!(!world.set_utilization("main", "none", Utilization::default()));
    let utilization = Utilization {
        cpu: Some(Load::Together(80.0)),
        memory: Some(Load::Each(33.0)),
    };
    assert!(world.set_utilization("main", "web", utilization));
    pass_minutes(&mut world, 5);
    let now = world.now_ms() / 1_000;
    for (name, expected) in [("CPUUtilization", 40.0), ("MemoryUtilization", 33.0)] {
        let input = json!({ "Namespace": "AWS/ECS", "MetricName": name, "Period": 60, "Statistics": ["Average"],
            "Dimensions": [{ "Name": "ServiceName", "Value": "web" }, { "Name": "ClusterName", "Value": "main" }],
            "StartTime": now - 600, "EndTime": now });
        let answer = small_account::done(
            &mut world,
            Service::CloudWatch,
            "GetMetricStatistics",
            &input,
        );
        let points = answer["Datapoints"].as_array().unwrap();
        assert_eq!(points.len(), 5, "{name}");
        assert!(
            points
                .iter()
                .all(|point| point["Average"] == json!(expected) && point["Unit"] == "Percent"),
            "{points:?}"
        );
    }
}
