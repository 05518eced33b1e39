//! What the stage is made of, and what is asked of it.

use serde_json::{Value, json};

use crate::Blueprint;

pub(super) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

pub(super) fn deployment(definition: &str, hooks: Value) -> Value {
    let spec = json!({
        "version": 0.0,
        "Resources": [{ "TargetService": { "Type": "AWS::ECS::Service", "Properties": {
            "TaskDefinition": definition,
            "LoadBalancerInfo": { "ContainerName": "web", "ContainerPort": 8000 },
        } } }],
        "Hooks": hooks,
    });
    json!({
        "applicationName": "app", "deploymentGroupName": "group",
        "revision": { "revisionType": "AppSpecContent", "appSpecContent": { "content": spec.to_string() } },
    })
}

pub(super) fn definition(tag: &str) -> Value {
    json!({
        "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "containerDefinitions": [{
            "name": "web", "portMappings": [{ "containerPort": 8000 }],
            "image": format!("123456789012.dkr.ecr.sa-east-1.amazonaws.com/web:{tag}"),
        }],
    })
}

pub(super) fn blueprint() -> Blueprint {
    let group = |name: &str| {
        json!({
            "name": name, "port": 8000, "health_check_path": "/health", "health_check_interval_seconds": 15,
            "health_check_timeout_seconds": 5, "healthy_threshold": 2, "unhealthy_threshold": 3, "deregistration_delay_seconds": 30,
        })
    };
    let balancer = |name: &str, host: &str| json!({ "name": name, "hosts": [host], "rules": [{ "path": "*", "target_group": "blue" }] });
    serde_json::from_value(json!({
        "account": "123456789012", "region": "sa-east-1", "cluster": "main",
        "repositories": [{ "name": "web", "images": [{ "tags": ["v1"] }, { "tags": ["v2"] }, { "tags": ["v3"] }] }],
        "target_groups": [group("blue"), group("green")],
        "load_balancers": [balancer("front", "api.example.com"), balancer("test", "test.example.com")],
    }))
    .expect("a blueprint")
}
