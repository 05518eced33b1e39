//! A small account for tests of what services have to do with each other: the service `web` with two tasks and no load balancer, the
//! task definition `job`, images v1 and v2.

use serde_json::{Value, json};

use crate::front::{Service, ask};
use crate::{
    AppBlueprint, Blueprint, ClusterState, ImageBlueprint, Millis, RepositoryBlueprint,
    ServiceBlueprint, ServiceHistory, Weather, World,
};

/// 2026-01-01T00:00:00Z, a Thursday.
pub(crate) const START_MS: Millis = 1_767_225_600_000;

/// It stands still since long before its start.
pub(crate) fn small_account() -> World {
    let mut world = World::new("123456789012", "eu-west-1", 7, Weather::Calm, START_MS);
    world.provision(&blueprint()).expect("a possible account");
    world
}

#[track_caller]
pub(crate) fn done(world: &mut World, service: Service, operation: &str, input: &Value) -> Value {
    ask(world, service, operation, input)
        .unwrap_or_else(|error| panic!("{operation} {input}: {error}"))
}

#[track_caller]
pub(crate) fn refused(
    world: &mut World,
    service: Service,
    operation: &str,
    input: &Value,
) -> String {
    let error = ask(world, service, operation, input).expect_err("refused");
    format!("{}: {}", error.code, error.message)
}

/// `desired/running` of `web`.
#[track_caller]
pub(crate) fn web(world: &mut World) -> String {
    let input = json!({ "cluster": "main", "services": ["web"] });
    let answer = done(world, Service::Ecs, "DescribeServices", &input);
    let web = &answer["services"][0];
    format!("{}/{}", web["desiredCount"], web["runningCount"])
}

/// Deploys another image of `web`.
pub(crate) fn deploy(world: &mut World, tag: &str) {
    let registered = done(
        world,
        Service::Ecs,
        "RegisterTaskDefinition",
        &definition("web", tag),
    );
    let input = json!({
        "cluster": "main", "service": "web",
        "taskDefinition": registered["taskDefinition"]["taskDefinitionArn"],
    });
    done(world, Service::Ecs, "UpdateService", &input);
}

/// Lets so many minutes pass.
pub(crate) fn pass_minutes(world: &mut World, minutes: u64) {
    world.advance(world.now_ms() + minutes * 60_000);
}

fn definition(family: &str, tag: &str) -> Value {
    json!({
        "family": family,
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "containerDefinitions": [{
            "name": "app",
            "image": format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:{tag}"),
        }],
    })
}

fn blueprint() -> Blueprint {
    let image = |tag: &str| ImageBlueprint {
        tags: vec![tag.to_owned()],
        platforms: vec!["linux/amd64".to_owned()],
        schema_head: None,
    };
    let service = ServiceBlueprint {
        name: "web".to_owned(),
        task_definition: definition("web", "v1"),
        desired_count: 2,
        minimum_healthy_percent: 100,
        maximum_percent: 200,
        circuit_breaker: true,
        circuit_breaker_rollback: true,
        health_check_grace_period_seconds: 0,
        target_group: None,
        history: ServiceHistory::Steady,
        cluster: None,
        app: AppBlueprint::default(),
        capacity_provider: None,
        traffic: None,
        further_target_groups: Vec::new(),
    };
    Blueprint {
        account: "123456789012".to_owned(),
        region: "eu-west-1".to_owned(),
        cluster: "main".to_owned(),
        further_clusters: Vec::new(),
        cluster_state: ClusterState::Active,
        repositories: vec![RepositoryBlueprint {
            name: "web".to_owned(),
            images: vec![image("v1"), image("v2")],
        }],
        target_groups: Vec::new(),
        load_balancers: Vec::new(),
        network_load_balancers: Vec::new(),
        services: vec![service],
        task_definitions: vec![definition("job", "v1")],
        buckets: Vec::new(),
        distributions: Vec::new(),
        log_groups: Vec::new(),
        db_instances: Vec::new(),
        schedules: Vec::new(),
        databases: Vec::new(),
    }
}
