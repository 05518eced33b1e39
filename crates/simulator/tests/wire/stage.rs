//! A running application: one service of two tasks behind a load balancer, provisioned and steady.

use backstay_simulator::{
    AppBlueprint, Blueprint, Cloud, ClusterState, DatabaseBlueprint, GroupProtocol, ImageBlueprint,
    LoadBalancerBlueprint, RepositoryBlueprint, RuleBlueprint, ServiceBlueprint, ServiceHistory,
    ServiceTargetGroup, TargetGroupBlueprint, Weather, World,
};
use serde_json::{Value, json};

use crate::support::{START_MS, image};

pub(crate) const CLUSTER: &str = "cat-house";
pub(crate) const SERVICE: &str = "auth-service";
pub(crate) const HOST: &str = "api.cat-house.example";

/// RegisterTaskDefinition's input for a tag.
pub(crate) fn task_definition(tag: &str) -> Value {
    json!({
        "family": SERVICE,
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "containerDefinitions": [{
            "name": "auth",
            "image": format!("123456789012.dkr.ecr.sa-east-1.amazonaws.com/cat-house/auth:{tag}"),
            "essential": true,
            "portMappings": [{ "containerPort": 8000 }],
            "environment": [{ "name": "APP_VERSION", "value": tag }],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": "/ecs/cat-house",
                    "awslogs-region": "sa-east-1",
                    "awslogs-stream-prefix": "api",
                },
            },
        }],
    })
}

pub(crate) fn world() -> World {
    let mut world = World::new("123456789012", "sa-east-1", 7, Weather::Calm, START_MS);
    world.provision(&blueprint()).unwrap();
    world
}

pub(crate) fn cloud() -> Cloud {
    Cloud::new(world(), 1.0)
}

fn blueprint() -> Blueprint {
    Blueprint {
        account: "123456789012".to_owned(),
        region: "sa-east-1".to_owned(),
        cluster: CLUSTER.to_owned(),
        further_clusters: Vec::new(),
        cluster_state: ClusterState::Active,
        repositories: vec![RepositoryBlueprint {
            name: "cat-house/auth".to_owned(),
            images: images(),
        }],
        target_groups: vec![target_group("auth"), target_group("spare")],
        load_balancers: vec![load_balancer()],
        network_load_balancers: Vec::new(),
        services: vec![service()],
        task_definitions: Vec::new(),
        buckets: Vec::new(),
        distributions: Vec::new(),
        log_groups: vec!["/ecs/cat-house".to_owned()],
        db_instances: Vec::new(),
        schedules: Vec::new(),
        databases: vec![DatabaseBlueprint {
            migration_family: "migrate".to_owned(),
            revision: "8f2".to_owned(),
            tool: None,
        }],
    }
}

fn images() -> Vec<ImageBlueprint> {
    vec![
        image(&["a1b2c3d"], &["linux/amd64"]),
        image(&["2f9c1e7"], &["linux/amd64"]),
    ]
}

fn target_group(name: &str) -> TargetGroupBlueprint {
    TargetGroupBlueprint {
        name: name.to_owned(),
        port: 8000,
        health_check_path: Some("/health".to_owned()),
        protocol: GroupProtocol::Http,
        health_check_interval_seconds: 30,
        health_check_timeout_seconds: 6,
        healthy_threshold: 5,
        unhealthy_threshold: 2,
        deregistration_delay_seconds: 30,
    }
}

fn load_balancer() -> LoadBalancerBlueprint {
    let rule = |path: &str, group: Option<&str>, status| RuleBlueprint {
        path: path.to_owned(),
        hosts: Vec::new(),
        target_group: group.map(str::to_owned),
        alternate: None,
        fixed_status: status,
    };
    LoadBalancerBlueprint {
        name: "cat-house".to_owned(),
        hosts: vec![HOST.to_owned()],
        rules: vec![
            rule("/auth/*", Some("auth"), None),
            rule("/teapot", None, Some(418)),
        ],
    }
}

fn service() -> ServiceBlueprint {
    ServiceBlueprint {
        name: SERVICE.to_owned(),
        task_definition: task_definition("a1b2c3d"),
        desired_count: 2,
        minimum_healthy_percent: 100,
        maximum_percent: 200,
        circuit_breaker: true,
        circuit_breaker_rollback: true,
        health_check_grace_period_seconds: 0,
        target_group: Some(ServiceTargetGroup {
            name: "auth".to_owned(),
            container_name: "auth".to_owned(),
            container_port: 8000,
        }),
        history: ServiceHistory::Steady,
        cluster: None,
        app: AppBlueprint::default(),
        capacity_provider: None,
        traffic: None,
        further_target_groups: Vec::new(),
    }
}
