//! Another partition: every ARN and every host that any service answers is of the Region's own.

use std::collections::BTreeSet;

use backstay_aws_model::model;
use rstest::rstest;
use serde_json::{Value, json};

use super::{Service, ask};
use crate::{Blueprint, Weather, World};

const NOW_MS: u64 = 1_800_000_000_000;

/// An account with something of everything in it.
fn world(region: &str) -> World {
    let definition = json!({ "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [{ "name": "web", "image": "web", "portMappings": [{ "containerPort": 80 }] }] });
    let blueprint = json!({ "account": "123456789012", "region": region, "cluster": "main",
        "repositories": [{ "name": "web", "images": [{ "tags": ["v1"] }] }],
        "target_groups": [{ "name": "web", "port": 80, "health_check_path": "/" }],
        "load_balancers": [{ "name": "front", "hosts": ["api.example.com"], "rules": [{ "path": "/*", "target_group": "web" }] }],
        "services": [{ "name": "web", "task_definition": definition, "desired_count": 1, "minimum_healthy_percent": 100,
            "maximum_percent": 200, "circuit_breaker": false, "circuit_breaker_rollback": false,
            "target_group": { "name": "web", "container_name": "web", "container_port": 80 } }],
        "log_groups": ["/ecs/web"],
    });
    let blueprint: Blueprint = serde_json::from_value(blueprint).expect("a blueprint");
    let mut world = World::new("123456789012", region, 1, Weather::Calm, NOW_MS);
    world.provision(&blueprint).expect("provisioned");
    world
}

/// What a client makes itself before everything is listed.
fn made(world: &mut World, region: &str) -> Vec<Value> {
    let alarm = json!({ "AlarmName": "cpu", "MetricName": "CPUUtilization", "Namespace": "AWS/ECS", "Statistic": "Average",
        "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold" });
    let instance = json!({ "DBInstanceIdentifier": "db", "DBInstanceClass": "db.t4g.micro", "Engine": "postgres",
        "MasterUsername": "postgres", "MasterUserPassword": "not-a-secret", "AllocatedStorage": 20 });
    let balancer = json!({ "Name": "two", "Subnets": ["subnet-1", "subnet-2"] });
    let asked = [
        (Service::Sns, "CreateTopic", json!({ "Name": "news" })),
        (Service::Events, "PutRule", json!({ "Name": "daily", "ScheduleExpression": "rate(1 day)" })),
        (Service::SecretsManager, "CreateSecret", json!({ "Name": "key", "SecretString": "x" })),
        (Service::Ssm, "PutParameter", json!({ "Name": "level", "Value": "x", "Type": "String" })),
        (Service::CloudWatch, "PutMetricAlarm", alarm),
        (Service::CloudWatch, "PutDashboard", json!({ "DashboardName": "d", "DashboardBody": "{\"widgets\":[]}" })),
        (Service::Rds, "CreateDBInstance", instance),
        (Service::Elb, "CreateLoadBalancer", balancer),
        (Service::CodeDeploy, "CreateApplication", json!({ "applicationName": "a", "computePlatform": "ECS" })),
        (Service::Ecr, "CreateRepository", json!({ "repositoryName": "two", "encryptionConfiguration": { "encryptionType": "KMS" } })),
        (Service::Ecr, "GetAuthorizationToken", json!({})),
        (Service::Sts, "GetCallerIdentity", json!({})),
        (Service::Ecs, "DescribeServices", json!({ "cluster": "main", "services": ["web"] })),
        (Service::Ecs, "DescribeTaskDefinition", json!({ "taskDefinition": "web" })),
        (Service::Ecs, "DescribeClusters", json!({ "clusters": ["main"] })),
    ];
    asked
        .into_iter()
        .map(|(service, operation, input)| {
            ask(world, service, operation, &input)
                .unwrap_or_else(|error| panic!("{region} {operation}: {error}"))
        })
        .collect()
}

/// Everything that can be asked without saying about what.
fn listed(world: &mut World) -> Vec<Value> {
    let services = Service::names().filter_map(Service::named);
    let served = services.filter_map(|service| Some((service, model(service.name())?)));
    let asked: Vec<(Service, String)> = served
        .flat_map(|(service, model)| {
            let reads = model.served().map(|(operation, _)| operation.to_owned());
            let reads = reads.filter(|it| it.starts_with("List") || it.starts_with("Describe"));
            reads.map(move |operation| (service, operation))
        })
        .collect();
    let answers = asked
        .into_iter()
        .filter_map(|(service, operation)| ask(world, service, &operation, &json!({})).ok());
    answers.collect()
}

fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(found.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[rstest]
#[case::here("sa-east-1", "arn:aws:", ".amazonaws.com")]
#[case::china("cn-north-1", "arn:aws-cn:", ".amazonaws.com.cn")]
#[case::government("us-gov-west-1", "arn:aws-us-gov:", ".amazonaws.com")]
#[case::sovereign("eusc-de-east-1", "arn:aws-eusc:", ".amazonaws.eu")]
fn every_arn_and_every_host_is_of_its_partition(
    #[case] region: &str,
    #[case] beginning: &str,
    #[case] suffix: &str,
) {
    let mut world = world(region);
    let mut found = BTreeSet::new();
    for answer in made(&mut world, region).iter().chain(&listed(&mut world)) {
        texts(answer, &mut found);
    }
    let arns: Vec<&String> = found.iter().filter(|text| text.starts_with("arn:")).collect();
    assert!(arns.len() >= 15, "there are ARNs: {arns:#?}");
    for arn in arns {
        assert!(arn.starts_with(beginning), "{region}: {arn}");
    }
    let hosts = found.iter().filter(|text| text.contains(region) && text.contains(".amazonaws."));
    let hosts: Vec<&String> = hosts.filter(|text| !text.starts_with("arn:")).collect();
    assert!(hosts.len() >= 3 || suffix == ".amazonaws.eu", "there are hosts: {hosts:#?}");
    for host in hosts {
        let name = host.trim_start_matches("https://").split(['/', ':']).next();
        assert!(name.is_some_and(|name| name.ends_with(suffix)), "{region}: {host}");
    }
}
