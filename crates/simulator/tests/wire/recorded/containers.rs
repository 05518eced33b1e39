//! Services, rollouts, tasks, definitions and targets.

use std::time::Duration;

use aws_sdk_ecs::types::{
    AwsVpcConfiguration, CapacityProviderStrategyItem, DesiredStatus, LaunchType,
    NetworkConfiguration, ServiceField, TaskDefinitionField,
};
use backstay_simulator::{Cloud, Fault, TaskFault};
use serde_json::{Value, json};

use super::heard::{Heard, overheard};
use crate::stage::{self, CLUSTER, SERVICE, task_definition};

/// An ECS and load balancers that are overheard, and the time they are in.
struct Stage {
    cloud: Cloud,
    ecs: aws_sdk_ecs::Client,
    elb: aws_sdk_elasticloadbalancingv2::Client,
}

pub(crate) async fn play(heard: &Heard) {
    let cloud = stage::cloud();
    let stage = Stage {
        ecs: overheard!(aws_sdk_ecs, heard, &cloud),
        elb: overheard!(aws_sdk_elasticloadbalancingv2, heard, &cloud),
        cloud,
    };
    stage.definitions().await;
    stage.look().await;
    stage.roll_out("2f9c1e7").await;
    stage.fail_and_stop().await;
    stage.jobs().await;
    stage.with_everything().await;
    stage.blue_green().await;
}

impl Stage {
    async fn wait(&self, seconds: u64) {
        self.cloud.time().sleep(Duration::from_secs(seconds)).await;
    }

    /// Sends a document as it is: members that the SDK does not know, too.
    async fn register(&self, document: &Value) -> String {
        self.registered(document).await.unwrap()
    }

    /// Nothing where the simulated cloud refuses it.
    async fn registered(&self, document: &Value) -> Option<String> {
        let body = document.to_string();
        let container = aws_sdk_ecs::types::ContainerDefinition::builder().build();
        let register = self.ecs.register_task_definition().family("any");
        let register = register.container_definitions(container).customize();
        let sent = register.mutate_request(move |request| {
            let length = body.len().to_string();
            request.headers_mut().insert("content-length", length);
            *request.body_mut() = body.clone().into();
        });
        let registered = sent.send().await.ok()?;
        let arn = registered.task_definition()?.task_definition_arn()?;
        Some(arn.to_owned())
    }

    /// What was sent for the answers of AWS, where that is known.
    async fn definitions(&self) {
        let mut refused = Vec::new();
        for recorded in super::answers::all() {
            let Some(sent) = &recorded.sent else {
                continue;
            };
            match self.registered(&with_role(&recorded.name, sent)).await {
                Some(arn) => self.describe_definition(&arn).await,
                None => refused.push(recorded.name),
            }
        }
        assert_eq!(refused, [""; 0]);
    }

    async fn describe_definition(&self, name: &str) {
        let describe = self.ecs.describe_task_definition().task_definition(name);
        let describe = describe.include(TaskDefinitionField::Tags);
        describe.send().await.unwrap();
    }

    /// Everything that a deployer looks at.
    async fn look(&self) {
        self.look_at(SERVICE).await;
        self.describe_definition(SERVICE).await;
        let groups = self.elb.describe_target_groups().send().await.unwrap();
        for group in groups.target_groups() {
            let health = self.elb.describe_target_health();
            let health = health.set_target_group_arn(group.target_group_arn.clone());
            health.send().await.unwrap();
        }
    }

    async fn look_at(&self, service: &str) {
        let describe = self
            .ecs
            .describe_services()
            .cluster(CLUSTER)
            .services(service);
        let described = describe.include(ServiceField::Tags).send().await.unwrap();
        let found = &described.services()[0];
        if let Some(record) = found.current_service_deployment() {
            let records = self.ecs.describe_service_deployments();
            records
                .service_deployment_arns(record)
                .send()
                .await
                .unwrap();
        }
        let list = self.ecs.list_service_deployments().cluster(CLUSTER);
        let listed = list.service(service).send().await.unwrap();
        for brief in listed.service_deployments() {
            let revisions = self.ecs.describe_service_revisions();
            let arn = brief.target_service_revision_arn().unwrap();
            revisions.service_revision_arns(arn).send().await.unwrap();
        }
        for desired in [DesiredStatus::Running, DesiredStatus::Stopped] {
            let list = self.ecs.list_tasks().cluster(CLUSTER).service_name(service);
            let listed = list.desired_status(desired).send().await.unwrap();
            if !listed.task_arns().is_empty() {
                let describe = self.ecs.describe_tasks().cluster(CLUSTER);
                let describe = describe.set_tasks(listed.task_arns);
                describe.send().await.unwrap();
            }
        }
    }

    async fn roll_out(&self, tag: &str) {
        let arn = self.register(&task_definition(tag)).await;
        let update = self.ecs.update_service().cluster(CLUSTER).service(SERVICE);
        update.task_definition(arn).send().await.unwrap();
        for _ in 0..8 {
            self.look().await;
            self.wait(30).await;
        }
    }

    /// An image that is not there, and somebody who does not wait for the breaker.
    async fn fail_and_stop(&self) {
        let arn = self.register(&task_definition("nowhere")).await;
        let update = self.ecs.update_service().cluster(CLUSTER).service(SERVICE);
        update.task_definition(arn).send().await.unwrap();
        self.wait(60).await;
        self.look().await;
        let describe = self
            .ecs
            .describe_services()
            .cluster(CLUSTER)
            .services(SERVICE);
        let described = describe.send().await.unwrap();
        let record = described.services()[0]
            .current_service_deployment()
            .unwrap();
        let stop = self
            .ecs
            .stop_service_deployment()
            .service_deployment_arn(record);
        stop.send().await.unwrap();
        for _ in 0..6 {
            self.wait(30).await;
            self.look().await;
        }
    }

    async fn jobs(&self) {
        let network = || {
            let vpc = AwsVpcConfiguration::builder().subnets("subnet-1");
            NetworkConfiguration::builder()
                .awsvpc_configuration(vpc.build().unwrap())
                .build()
        };
        let run = |family: &str| {
            let run = self.ecs.run_task().cluster(CLUSTER).task_definition(family);
            run.launch_type(LaunchType::Fargate)
                .network_configuration(network())
        };
        let mut refused = task_definition("2f9c1e7");
        refused["family"] = json!("refused");
        self.register(&refused).await;
        self.cloud.with_world(|world| {
            world.add_fault(Fault::Task {
                family: "refused".to_owned(),
                fault: TaskFault::Refused,
            });
        });
        let nothing = run("refused").send().await.unwrap();
        assert!(!nothing.failures().is_empty());
        let mut definition = task_definition("2f9c1e7");
        definition["family"] = json!("job");
        definition["containerDefinitions"][0]["memory"] = json!(100);
        self.register(&definition).await;
        let provider = CapacityProviderStrategyItem::builder().capacity_provider("FARGATE");
        let run = self.ecs.run_task().cluster(CLUSTER).task_definition("job");
        let run = run.capacity_provider_strategy(provider.build().unwrap());
        let started = run.network_configuration(network()).send().await.unwrap();
        let task = started.tasks()[0].task_arn().unwrap().to_owned();
        // On its way, running, told to stop, and ended: it may be told at any time.
        for _ in 0..12 {
            let describe = self.ecs.describe_tasks().cluster(CLUSTER).tasks(&task);
            describe.send().await.unwrap();
            self.wait(20).await;
        }
        for _ in 0..8 {
            let stop = self.ecs.stop_task().cluster(CLUSTER).task(&task);
            stop.reason("late").send().await.unwrap();
            let describe = self.ecs.describe_tasks().cluster(CLUSTER).tasks(&task);
            describe.send().await.unwrap();
            self.wait(20).await;
        }
    }

    /// A call whose input is written as JSON.
    async fn create_service(&self, input: &Value) {
        let body = input.to_string();
        let create = self.ecs.create_service().service_name("any").customize();
        let sent = create.mutate_request(move |request| {
            let length = body.len().to_string();
            request.headers_mut().insert("content-length", length);
            *request.body_mut() = body.clone().into();
        });
        sent.send().await.unwrap();
    }

    /// What a service may have beside what it needs.
    async fn with_everything(&self) {
        let mut definition = task_definition("2f9c1e7");
        definition["taskRoleArn"] = json!("arn:aws:iam::123456789012:role/task");
        definition["containerDefinitions"][0]["cpu"] = json!(99);
        definition["containerDefinitions"][0]["memory"] = json!(100);
        let arn = self.register(&definition).await;
        let vpc = json!({"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "ENABLED"});
        let alarms = json!({"alarmNames": [], "enable": false, "rollback": false});
        let breaker = json!({"enable": true, "rollback": true});
        self.create_service(&json!({
            "cluster": CLUSTER, "serviceName": "whole", "taskDefinition": arn, "desiredCount": 1,
            "capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1, "base": 0}],
            "platformVersion": "LATEST",
            "networkConfiguration": {"awsvpcConfiguration": vpc},
            "deploymentConfiguration": {"alarms": alarms, "deploymentCircuitBreaker": breaker},
            "volumeConfigurations": [{"name": "data", "managedEBSVolume": {"roleArn": "arn:aws:iam::123456789012:role/ecs",
                "sizeInGiB": 10, "volumeType": "gp3", "iops": 3000, "throughput": 125, "filesystemType": "ext4"}}],
            "serviceConnectConfiguration": {"enabled": false},
            "enableExecuteCommand": true, "enableECSManagedTags": true, "propagateTags": "NONE",
            "tags": [{"key": "team", "value": "shop"}],
        }))
        .await;
        for _ in 0..4 {
            self.look_at("whole").await;
            self.wait(30).await;
        }
        let update = self.ecs.update_service().cluster(CLUSTER).service("whole");
        update.force_new_deployment(true).send().await.unwrap();
        self.look_at("whole").await;
    }

    /// A strategy whose hook waits for somebody.
    async fn blue_green(&self) {
        let hook = json!({"targetType": "PAUSE", "lifecycleStages": ["POST_PRODUCTION_TRAFFIC_SHIFT"],
            "timeoutConfiguration": {"timeoutInMinutes": 60, "action": "ROLLBACK"}});
        let vpc = json!({"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "ENABLED"});
        let arn = self.register(&task_definition("a1b2c3d")).await;
        self.create_service(&json!({
            "cluster": CLUSTER, "serviceName": "native", "taskDefinition": arn, "desiredCount": 1,
            "launchType": "FARGATE", "networkConfiguration": {"awsvpcConfiguration": vpc},
            "deploymentConfiguration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1, "lifecycleHooks": [hook]},
        }))
        .await;
        self.wait(120).await;
        let arn = self.register(&task_definition("2f9c1e7")).await;
        let update = self.ecs.update_service().cluster(CLUSTER).service("native");
        update.task_definition(arn).send().await.unwrap();
        for _ in 0..6 {
            self.look_at("native").await;
            self.wait(30).await;
        }
    }
}

/// Whoever published it left its role out: without one an image of ECR is refused on Fargate (hashicorp/terraform-provider-aws#3051).
fn with_role(name: &str, sent: &Value) -> Value {
    let mut sent = sent.clone();
    if name.ends_with("health-check") {
        sent["executionRoleArn"] = json!("arn:aws:iam::111122223333:role/shop-execution");
    }
    sent
}
