//! What is registered, described and refused.

use serde_json::{Value, json};

use super::{activities, bound, done, refused};
use crate::World;
use crate::front::{Service, ask};
use crate::world::small_account::{self, pass_minutes, small_account, web};

#[test]
fn a_target_is_registered_changed_and_described() {
    let mut world = small_account();
    let first = done(
        &mut world,
        "RegisterScalableTarget",
        json!({ "MinCapacity": 1, "MaxCapacity": 4, "Tags": { "team": "cats" } }),
    );
    let arn = first["ScalableTargetARN"].as_str().unwrap().to_owned();
    assert!(
        arn.starts_with("arn:aws:application-autoscaling:eu-west-1:123456789012:scalable-target/"),
        "{arn}"
    );
    let again = done(
        &mut world,
        "RegisterScalableTarget",
        json!({ "MaxCapacity": 6, "SuspendedState": { "DynamicScalingInSuspended": true } }),
    );
    assert_eq!(again["ScalableTargetARN"], json!(arn));
    let input = json!({ "ServiceNamespace": "ecs", "ResourceIds": ["service/main/web"] });
    let answer = small_account::done(
        &mut world,
        Service::AutoScaling,
        "DescribeScalableTargets",
        &input,
    );
    let target = &answer["ScalableTargets"][0];
    assert_eq!(target["MinCapacity"], json!(1));
    assert_eq!(target["MaxCapacity"], json!(6));
    assert_eq!(
        target["RoleARN"],
        "arn:aws:iam::123456789012:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/\
         AWSServiceRoleForApplicationAutoScaling_ECSService"
    );
    assert_eq!(
        target["SuspendedState"],
        json!({ "DynamicScalingInSuspended": true, "DynamicScalingOutSuspended": false, "ScheduledScalingSuspended": false })
    );
    let tags = |world: &mut World, operation: &str, others: Value| {
        let mut input = json!({ "ResourceARN": arn });
        for (name, value) in others.as_object().unwrap() {
            input[name] = value.clone();
        }
        small_account::done(world, Service::AutoScaling, operation, &input)
    };
    tags(
        &mut world,
        "TagResource",
        json!({ "Tags": { "stage": "prod" } }),
    );
    tags(&mut world, "UntagResource", json!({ "TagKeys": ["team"] }));
    let listed = tags(&mut world, "ListTagsForResource", json!({}));
    assert_eq!(listed["Tags"], json!({ "stage": "prod" }));
}

#[test]
fn what_is_refused() {
    let mut world = small_account();
    let register = "RegisterScalableTarget";
    let bounds = json!({ "MinCapacity": 1, "MaxCapacity": 2 });
    let with = |name: &str, value: &str| {
        let mut input = bounds.clone();
        input[name] = json!(value);
        input
    };
    for (given, expected) in [
        (
            with("ResourceId", "service/main/none"),
            "ValidationException: ECS service doesn't exist: service/main/none",
        ),
        (
            with("ResourceId", "web"),
            "ValidationException: Unsupported service namespace, resource type or scalable dimension",
        ),
        (
            with("ServiceNamespace", "dynamodb"),
            "ValidationException: Unsupported service namespace, resource type or scalable dimension",
        ),
        (
            json!({ "MaxCapacity": 2 }),
            "ValidationException: MinCapacity is required for a new scalable target",
        ),
        (
            json!({ "MinCapacity": 3, "MaxCapacity": 2 }),
            "ValidationException: Maximum capacity cannot be less than minimum capacity",
        ),
    ] {
        assert_eq!(refused(&mut world, register, given), expected);
    }
    let place = "service namespace: ecs, resource ID: service/main/web, scalable dimension: ecs:service:DesiredCount";
    let step = json!({ "AdjustmentType": "ChangeInCapacity", "StepAdjustments": [{ "ScalingAdjustment": 1, "MetricIntervalLowerBound": 0.0 }] });
    let policy = json!({ "PolicyName": "p", "StepScalingPolicyConfiguration": step });
    assert_eq!(
        refused(&mut world, "PutScalingPolicy", policy),
        format!("ObjectNotFoundException: No scalable target registered for {place}")
    );
    assert_eq!(
        refused(&mut world, "DeregisterScalableTarget", json!({})),
        format!("ObjectNotFoundException: No scalable target found for {place}")
    );
    bound(&mut world, 1, 4);
    let tracking = |metric: Value| {
        let mut configuration = json!({ "TargetValue": 50.0 });
        for (name, value) in metric.as_object().unwrap() {
            configuration[name] = value.clone();
        }
        json!({ "PolicyName": "t", "PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": configuration })
    };
    let predefined =
        |kind: &str| json!({ "PredefinedMetricSpecification": { "PredefinedMetricType": kind } });
    for (given, expected) in [
        (
            tracking(json!({})),
            "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification",
        ),
        (
            tracking(predefined("RDSReaderAverageCPUUtilization")),
            "is not supported for the service namespace ecs",
        ),
        (
            tracking(predefined("ALBRequestCountPerTarget")),
            "ResourceLabel must be app/",
        ),
        (
            json!({ "PolicyName": "s" }),
            "StepScalingPolicyConfiguration is required",
        ),
        (
            json!({ "PolicyName": "s", "StepScalingPolicyConfiguration": { "AdjustmentType": "ChangeInCapacity", "StepAdjustments": [
                { "ScalingAdjustment": 1, "MetricIntervalLowerBound": 0.0 }, { "ScalingAdjustment": 2, "MetricIntervalLowerBound": 5.0 }] } }),
            "can't overlap",
        ),
    ] {
        let told = refused(&mut world, "PutScalingPolicy", given);
        assert!(
            told.starts_with("ValidationException: ") && told.contains(expected),
            "{told}"
        );
    }
    let wrong = json!({ "ScheduledActionName": "a/b", "Schedule": "rate(1 hour)", "ScalableTargetAction": { "MinCapacity": 1 } });
    let told = refused(&mut world, "PutScheduledAction", wrong);
    assert!(
        told.contains("at 'scheduledActionName' failed to satisfy constraint"),
        "{told}"
    );
    let mut action = json!({ "ScheduledActionName": "a", "Schedule": "cron(x)", "ScalableTargetAction": { "MinCapacity": 1 } });
    assert!(refused(&mut world, "PutScheduledAction", action.clone()).contains("is not valid"));
    action["Schedule"] = json!("rate(1 hour)");
    action["Timezone"] = json!("Mars/Olympus");
    assert_eq!(
        refused(&mut world, "PutScheduledAction", action),
        "ValidationException: Timezone is not valid."
    );
}

/// "minimum capacity was set to": at once, and the activity goes on until ECS has its tasks.
#[test]
fn a_target_out_of_its_bounds_is_brought_into_them() {
    let mut world = small_account();
    bound(&mut world, 4, 6);
    assert_eq!(web(&mut world), "4/2");
    assert_eq!(
        activities(&mut world, json!({})),
        ["Setting desired count to 4. minimum capacity was set to 4 (InProgress)"]
    );
    pass_minutes(&mut world, 3);
    assert_eq!(web(&mut world), "4/4");
    let answer = done(&mut world, "DescribeScalingActivities", json!({}));
    let activity = &answer["ScalingActivities"][0];
    assert_eq!(
        activity["StatusMessage"],
        "Successfully set desired count to 4. Change successfully fulfilled by ecs."
    );
    assert!(
        activity["EndTime"].as_f64() > activity["StartTime"].as_f64(),
        "{activity}"
    );
    bound(&mut world, 1, 3);
    assert_eq!(web(&mut world), "3/4");
}

#[test]
fn a_tracking_policy_makes_its_alarms_and_takes_them_away() {
    let mut world = small_account();
    bound(&mut world, 1, 4);
    let label = "app/front/50dc6c495c0c9188/targetgroup/web/943f017f100becff";
    let custom = json!({ "Namespace": "Cats", "MetricName": "Backlog", "Statistic": "Average", "Unit": "Count",
        "Dimensions": [{ "Name": "Queue", "Value": "q" }] });
    let math = json!({ "Metrics": [
        { "Id": "m", "MetricStat": { "Metric": { "Namespace": "Cats", "MetricName": "Backlog" }, "Stat": "Sum" }, "ReturnData": false },
        { "Id": "e", "Expression": "m / 2", "ReturnData": true }] });
    for (name, metric, expected) in [
        (
            "cpu",
            json!({ "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" } }),
            "AWS/ECS CPUUtilization Average [ClusterName=main,ServiceName=web]",
        ),
        (
            "memory",
            json!({ "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageMemoryUtilization" } }),
            "AWS/ECS MemoryUtilization Average [ClusterName=main,ServiceName=web]",
        ),
        (
            "requests",
            json!({ "PredefinedMetricSpecification": { "PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": label } }),
            "AWS/ApplicationELB RequestCountPerTarget Sum [LoadBalancer=app/front/50dc6c495c0c9188,TargetGroup=targetgroup/web/943f017f100becff]",
        ),
        (
            "backlog",
            json!({ "CustomizedMetricSpecification": custom }),
            "Cats Backlog Average [Queue=q]",
        ),
        (
            "math",
            json!({ "CustomizedMetricSpecification": math }),
            "2 queries",
        ),
    ] {
        let mut configuration = metric;
        configuration["TargetValue"] = json!(75.0);
        let policy = json!({ "PolicyName": name, "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": configuration });
        let put = done(&mut world, "PutScalingPolicy", policy);
        let names: Vec<&str> = put["Alarms"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["AlarmName"].as_str().unwrap())
            .collect();
        assert!(
            names[0].starts_with("TargetTracking-service/main/web-AlarmHigh-"),
            "{names:?}"
        );
        assert!(
            names[1].starts_with("TargetTracking-service/main/web-AlarmLow-"),
            "{names:?}"
        );
        let input = json!({ "AlarmNames": names });
        let described =
            small_account::done(&mut world, Service::CloudWatch, "DescribeAlarms", &input);
        let told: Vec<String> = described["MetricAlarms"]
            .as_array()
            .unwrap()
            .iter()
            .map(alarm)
            .collect();
        assert_eq!(
            told,
            [
                format!("{expected} > 75.0 in 3"),
                format!("{expected} < 67.5 in 15"),
            ]
        );
        let action = described["MetricAlarms"][0]["AlarmActions"][0]
            .as_str()
            .unwrap();
        let arn = put["PolicyARN"].as_str().unwrap();
        assert!(action.starts_with(&format!("{arn}:createdBy/")), "{action}");
        assert!(
            arn.ends_with(&format!(":resource/ecs/service/main/web:policyName/{name}")),
            "{arn}"
        );
        let policies = done(
            &mut world,
            "DescribeScalingPolicies",
            json!({ "PolicyNames": [name] }),
        );
        assert_eq!(policies["ScalingPolicies"][0]["Alarms"], put["Alarms"]);
    }
    let same = json!({ "PolicyName": "again", "PolicyType": "TargetTrackingScaling", "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 10.0, "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" } } });
    assert!(
        refused(&mut world, "PutScalingPolicy", same)
            .contains("Only one TargetTrackingScaling policy")
    );
    done(
        &mut world,
        "DeleteScalingPolicy",
        json!({ "PolicyName": "cpu" }),
    );
    assert_eq!(count_alarms(&mut world), 8);
    done(&mut world, "DeregisterScalableTarget", json!({}));
    assert_eq!(count_alarms(&mut world), 0);
}

fn alarm(alarm: &Value) -> String {
    let text = |name: &str| alarm[name].as_str().unwrap_or_default();
    let sign = if text("ComparisonOperator") == "GreaterThanThreshold" {
        ">"
    } else {
        "<"
    };
    let watched = match alarm["Metrics"]
        .as_array()
        .filter(|queries| !queries.is_empty())
    {
        Some(queries) => format!("{} queries", queries.len()),
        None => {
            let dimensions = alarm["Dimensions"].as_array().unwrap().iter();
            let dimensions: Vec<String> = dimensions
                .map(|it| {
                    format!(
                        "{}={}",
                        it["Name"].as_str().unwrap(),
                        it["Value"].as_str().unwrap()
                    )
                })
                .collect();
            format!(
                "{} {} {} [{}]",
                text("Namespace"),
                text("MetricName"),
                text("Statistic"),
                dimensions.join(",")
            )
        }
    };
    format!(
        "{watched} {sign} {:.1} in {}",
        alarm["Threshold"].as_f64().unwrap(),
        alarm["EvaluationPeriods"]
    )
}

fn count_alarms(world: &mut World) -> usize {
    let answer = small_account::done(world, Service::CloudWatch, "DescribeAlarms", &json!({}));
    answer["MetricAlarms"].as_array().unwrap().len()
}

#[test]
fn other_namespaces_are_kept_and_never_move() {
    let mut world = small_account();
    let mut input = json!({ "ServiceNamespace": "dynamodb", "ResourceId": "table/cats", "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
        "MinCapacity": 5, "MaxCapacity": 10 });
    ask(
        &mut world,
        Service::AutoScaling,
        "RegisterScalableTarget",
        &input,
    )
    .unwrap();
    input = json!({ "ServiceNamespace": "dynamodb" });
    let answer = ask(
        &mut world,
        Service::AutoScaling,
        "DescribeScalableTargets",
        &input,
    )
    .unwrap();
    assert_eq!(answer["ScalableTargets"][0]["ResourceId"], "table/cats");
    let activities = ask(
        &mut world,
        Service::AutoScaling,
        "DescribeScalingActivities",
        &input,
    )
    .unwrap();
    assert_eq!(activities["ScalingActivities"], json!([]));
}

#[test]
fn a_saved_world_goes_on_scaling() {
    let mut world = small_account();
    bound(&mut world, 1, 9);
    let action = json!({ "ScheduledActionName": "morning", "Schedule": "at(2026-01-01T00:30:00)", "ScalableTargetAction": { "MinCapacity": 5 } });
    done(&mut world, "PutScheduledAction", action);
    let text = world.to_json().unwrap();
    let mut world = World::from_json(&text).unwrap();
    pass_minutes(&mut world, 31);
    assert!(web(&mut world).starts_with("5/"));
    // One that was saved before there was anything of the kind.
    let mut older: Value = serde_json::from_str(&text).unwrap();
    let members = older["world"].as_object_mut().unwrap();
    members.remove("autoscaling").unwrap();
    members.remove("utilization").unwrap();
    assert!(World::from_json(&older.to_string()).is_ok());
}
