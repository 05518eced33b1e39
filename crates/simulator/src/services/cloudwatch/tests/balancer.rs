//! Alarms on what a load balancer says of itself.

use serde_json::{Value, json};

use super::{START_MS, done, pass, put_alarm, state};
use crate::base::visit::Visit;
use crate::services::elb::TargetState;
use crate::{Weather, World};

const HOST: &str = "api.example";

/// One service of two tasks behind a load balancer, steady.
fn world() -> World {
    let task_definition = json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "containerDefinitions": [{
            "name": "web", "image": "123456789012.dkr.ecr.sa-east-1.amazonaws.com/web:v1", "essential": true,
            "portMappings": [{ "containerPort": 8000 }],
        }],
    });
    let blueprint = json!({
        "account": "123456789012", "region": "sa-east-1", "cluster": "main",
        "repositories": [{ "name": "web", "images": [{ "tags": ["v1"], "platforms": ["linux/amd64"] }] }],
        "target_groups": [{ "name": "web", "port": 8000, "health_check_path": "/health" }],
        "load_balancers": [{ "name": "front", "hosts": [HOST], "rules": [
            { "path": "/teapot", "fixed_status": 503 },
            { "path": "/*", "target_group": "web" },
        ] }],
        "services": [{
            "name": "web", "task_definition": task_definition, "desired_count": 2,
            "minimum_healthy_percent": 100, "maximum_percent": 200,
            "circuit_breaker": false, "circuit_breaker_rollback": false,
            "target_group": { "name": "web", "container_name": "web", "container_port": 8000 },
        }],
    });
    let mut world = World::new("123456789012", "sa-east-1", 7, Weather::Calm, START_MS);
    world
        .provision(&serde_json::from_value(blueprint).unwrap())
        .unwrap();
    world
}

fn dimensions(world: &mut World, metric: &str) -> Value {
    let body = json!({ "Namespace": "AWS/ApplicationELB", "MetricName": metric, "Dimensions": [{ "Name": "TargetGroup" }] });
    done(world, "ListMetrics", body)["Metrics"][0]["Dimensions"].clone()
}

fn on_balancer(world: &mut World, name: &str, metric: &str, changes: Value) {
    let mut alarm = json!({
        "Namespace": "AWS/ApplicationELB", "MetricName": metric, "Dimensions": dimensions(world, metric),
    });
    for (member, value) in changes.as_object().unwrap() {
        alarm[member] = value.clone();
    }
    put_alarm(world, name, alarm);
}

#[test]
fn hosts_are_counted_as_long_as_an_alarm_looks() {
    let mut world = world();
    let few = json!({ "Statistic": "Minimum", "Threshold": 2.0, "ComparisonOperator": "LessThanThreshold" });
    on_balancer(&mut world, "few", "HealthyHostCount", few);
    let sick = json!({ "Statistic": "Maximum", "Threshold": 0.0 });
    on_balancer(&mut world, "sick", "UnHealthyHostCount", sick);
    pass(&mut world, 60);
    assert_eq!(state(&mut world, "few").0, "OK");
    assert_eq!(state(&mut world, "sick").0, "OK");
    for target in world
        .elb
        .groups
        .values_mut()
        .flat_map(|group| &mut group.targets)
    {
        target.state = TargetState::UnhealthyTimeout;
    }
    pass(&mut world, 60);
    assert_eq!(state(&mut world, "few").0, "ALARM");
    assert_eq!(state(&mut world, "sick").0, "ALARM");
}

#[test]
fn requests_are_counted_by_whose_answer_it_was() {
    let mut world = world();
    for path in ["/a", "/b", "/teapot"] {
        world.answer_viewer(&Visit::get(HOST, path)).unwrap();
    }
    let sum = |world: &mut World, metric: &str, per_group: bool| -> Option<f64> {
        let mut found = dimensions(world, "RequestCount");
        if !per_group {
            found = json!([found[0]]);
        }
        let body = json!({
            "Namespace": "AWS/ApplicationELB", "MetricName": metric, "Dimensions": found, "Period": 60,
            "StartTime": START_MS / 1_000 - 60, "EndTime": START_MS / 1_000 + 60, "Statistics": ["Sum"],
        });
        done(world, "GetMetricStatistics", body)["Datapoints"][0]["Sum"].as_f64()
    };
    for (metric, per_group, expected) in [
        ("RequestCount", false, Some(3.0)),
        ("RequestCount", true, Some(2.0)),
        ("HTTPCode_Target_2XX_Count", true, Some(2.0)),
        // Two targets are healthy.
        ("RequestCountPerTarget", true, Some(1.0)),
        ("HTTPCode_Target_5XX_Count", false, None),
        ("HTTPCode_ELB_5XX_Count", false, Some(1.0)),
    ] {
        assert_eq!(
            sum(&mut world, metric, per_group),
            expected,
            "{metric} {per_group}"
        );
    }
}

/// In seconds, of what targets answered; the load balancer's own answers took no target any time.
#[test]
fn targets_are_timed() {
    let mut world = world();
    let slow = crate::AnswerBlueprint {
        path: "/slow".to_owned(),
        status: 200,
        body: String::new(),
        headers: [].into(),
        after_ms: 750,
    };
    let app = crate::AppBlueprint {
        answers: vec![slow],
        ..crate::AppBlueprint::default()
    };
    world
        .apps
        .insert(crate::base::agenda::ServiceKey::new("main", "web"), app);
    for path in ["/a", "/slow", "/teapot"] {
        world.answer_viewer(&Visit::get(HOST, path)).unwrap();
    }
    let found = dimensions(&mut world, "TargetResponseTime");
    let body = json!({
        "Namespace": "AWS/ApplicationELB", "MetricName": "TargetResponseTime", "Dimensions": found, "Period": 60,
        "StartTime": START_MS / 1_000 - 60, "EndTime": START_MS / 1_000 + 60,
        "Statistics": ["Maximum", "Average", "SampleCount"],
    });
    let point = done(&mut world, "GetMetricStatistics", body)["Datapoints"][0].clone();
    assert_eq!(point["Maximum"], 0.75);
    assert_eq!(point["Average"], 0.375);
    assert_eq!(point["SampleCount"], 2.0);
    assert_eq!(point["Unit"], "Seconds");
}
