//! A service `web` with controller CODE_DEPLOY between the target groups `blue` and `green`, live on image v1; v2 is there to deploy.

use serde_json::{Value, json};

use super::inputs::{blueprint, definition};
pub(super) use super::inputs::{deployment, text};
use crate::front::{Service, ask};
use crate::{
    AlarmState, ApiError, Fault, FunctionAnswer, Millis, ServiceFault, Trigger, Weather, World,
    WorldEvent,
};

pub(super) const START_MS: Millis = 1_800_000_000_000;

pub(super) struct Stage {
    pub(super) world: World,
    production: String,
    test: String,
}

/// What a test may choose.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) config: &'static str,
    /// STOP_DEPLOYMENT after so many minutes.
    pub(super) ready_minutes: Option<u32>,
    pub(super) termination_minutes: u32,
    /// Events of the automatic rollback.
    pub(super) rollback: Vec<&'static str>,
    pub(super) alarms: Vec<&'static str>,
    pub(super) test_listener: bool,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            config: "CodeDeployDefault.ECSAllAtOnce",
            ready_minutes: None,
            termination_minutes: 5,
            rollback: vec![
                "DEPLOYMENT_FAILURE",
                "DEPLOYMENT_STOP_ON_ALARM",
                "DEPLOYMENT_STOP_ON_REQUEST",
            ],
            alarms: Vec::new(),
            test_listener: true,
        }
    }
}

impl Stage {
    /// The clock stands at 0 when the service is steady and its deployment group made.
    pub(super) fn new(setting: &Setting) -> Self {
        Self::in_weather(setting, Weather::Calm, 1)
    }

    pub(super) fn in_weather(setting: &Setting, weather: Weather, seed: u64) -> Self {
        let mut stage = Self::with_service_in(weather, seed);
        stage.call(
            "CreateApplication",
            json!({ "applicationName": "app", "computePlatform": "ECS" }),
        );
        let group = stage.group(setting);
        stage.call("CreateDeploymentGroup", group);
        stage
    }

    /// Only the steady service.
    pub(super) fn with_service() -> Self {
        Self::with_service_in(Weather::Calm, 1)
    }

    fn with_service_in(weather: Weather, seed: u64) -> Self {
        let mut world = World::new(
            "123456789012",
            "sa-east-1",
            seed,
            weather,
            START_MS - 600_000,
        );
        world.provision(&blueprint()).expect("a possible account");
        let listener = |at: usize| world.elb.balancers[at].listeners[0].arn.clone();
        let (production, test) = (listener(0), listener(1));
        let mut stage = Self {
            world,
            production,
            test,
        };
        let service = stage.service_input("web", "blue");
        stage.register("v1");
        stage.ecs("CreateService", service);
        stage.world.advance(START_MS);
        stage
    }

    pub(super) fn service_input(&self, name: &str, group: &str) -> Value {
        let group = &self.world.elb.groups[group];
        json!({
            "cluster": "main", "serviceName": name, "taskDefinition": "web", "desiredCount": 2, "launchType": "FARGATE",
            "deploymentController": { "type": "CODE_DEPLOY" },
            "loadBalancers": [{ "targetGroupArn": group.arn, "containerName": "web", "containerPort": 8000 }],
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
        })
    }

    pub(super) fn group(&self, setting: &Setting) -> Value {
        let (action, wait) = match setting.ready_minutes {
            None => ("CONTINUE_DEPLOYMENT", 0),
            Some(minutes) => ("STOP_DEPLOYMENT", minutes),
        };
        let alarms: Vec<Value> = setting
            .alarms
            .iter()
            .map(|name| json!({ "name": name }))
            .collect();
        let mut pair = json!({
            "targetGroups": [{ "name": "blue" }, { "name": "green" }],
            "prodTrafficRoute": { "listenerArns": [self.production] },
        });
        if setting.test_listener {
            pair["testTrafficRoute"] = json!({ "listenerArns": [self.test] });
        }
        json!({
            "applicationName": "app", "deploymentGroupName": "group", "serviceRoleArn": "arn:aws:iam::123456789012:role/deploy",
            "deploymentConfigName": setting.config,
            "ecsServices": [{ "clusterName": "main", "serviceName": "web" }],
            "deploymentStyle": { "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL" },
            "loadBalancerInfo": { "targetGroupPairInfoList": [pair] },
            "blueGreenDeploymentConfiguration": {
                "deploymentReadyOption": { "actionOnTimeout": action, "waitTimeInMinutes": wait },
                "terminateBlueInstancesOnDeploymentSuccess": {
                    "action": "TERMINATE", "terminationWaitTimeInMinutes": setting.termination_minutes,
                },
            },
            "autoRollbackConfiguration": { "enabled": !setting.rollback.is_empty(), "events": setting.rollback },
            "alarmConfiguration": { "enabled": !alarms.is_empty(), "alarms": alarms },
        })
    }

    pub(super) fn call(&mut self, operation: &str, input: Value) -> Value {
        ask(&mut self.world, Service::CodeDeploy, operation, &input)
            .unwrap_or_else(|error| panic!("{operation} {input}: {error}"))
    }

    pub(super) fn refusal(&mut self, operation: &str, input: Value) -> ApiError {
        ask(&mut self.world, Service::CodeDeploy, operation, &input).expect_err("refused")
    }

    pub(super) fn ecs(&mut self, operation: &str, input: Value) -> Value {
        ask(&mut self.world, Service::Ecs, operation, &input)
            .unwrap_or_else(|error| panic!("{operation} {input}: {error}"))
    }

    pub(super) fn ecs_refusal(&mut self, operation: &str, input: Value) -> ApiError {
        ask(&mut self.world, Service::Ecs, operation, &input).expect_err("refused")
    }

    pub(super) fn register(&mut self, tag: &str) -> String {
        let reply = self.ecs("RegisterTaskDefinition", definition(tag));
        format!("web:{}", reply["taskDefinition"]["revision"])
    }

    /// Registers a revision with this image and deploys it; answers the deployment's id.
    pub(super) fn deploy(&mut self, tag: &str) -> String {
        self.deploy_with(tag, json!([]))
    }

    pub(super) fn deploy_with(&mut self, tag: &str, hooks: Value) -> String {
        let definition = self.register(tag);
        let input = deployment(&definition, hooks);
        let reply = self.call("CreateDeployment", input);
        text(&reply["deploymentId"])
    }

    pub(super) fn info(&mut self, id: &str) -> Value {
        self.call("GetDeployment", json!({ "deploymentId": id }))["deploymentInfo"].clone()
    }

    pub(super) fn status(&mut self, id: &str) -> String {
        text(&self.info(id)["status"])
    }

    pub(super) fn error(&mut self, id: &str) -> (String, String) {
        let error = self.info(id)["errorInformation"].clone();
        (text(&error["code"]), text(&error["message"]))
    }

    /// The deployment that takes this one back.
    pub(super) fn rollback_of(&mut self, id: &str) -> Option<String> {
        let info = self.info(id);
        info["rollbackInfo"]["rollbackDeploymentId"]
            .as_str()
            .map(str::to_owned)
    }

    pub(super) fn target(&mut self, id: &str) -> Value {
        let input = json!({ "deploymentId": id, "targetId": "main:web" });
        self.call("GetDeploymentTarget", input)["deploymentTarget"]["ecsTarget"].clone()
    }

    /// `Name=Status` of each lifecycle event.
    pub(super) fn events(&mut self, id: &str) -> Vec<String> {
        let target = self.target(id);
        let events = target["lifecycleEvents"].as_array().expect("events");
        let line = |event: &Value| {
            format!(
                "{}={}",
                text(&event["lifecycleEventName"]),
                text(&event["status"])
            )
        };
        events.iter().map(line).collect()
    }

    pub(super) fn service(&mut self) -> Value {
        self.ecs(
            "DescribeServices",
            json!({ "cluster": "main", "services": ["web"] }),
        )["services"][0]
            .clone()
    }

    /// `STATUS family:revision running/computed stability` of each task set.
    pub(super) fn sets(&mut self) -> Vec<String> {
        let reply = self.ecs(
            "DescribeTaskSets",
            json!({ "cluster": "main", "service": "web" }),
        );
        let line = |set: &Value| {
            let definition = text(&set["taskDefinition"]);
            let name = definition.rsplit('/').next().expect("a name").to_owned();
            format!(
                "{} {name} {}/{} {}",
                text(&set["status"]),
                set["runningCount"],
                set["computedDesiredCount"],
                text(&set["stabilityStatus"])
            )
        };
        reply["taskSets"]
            .as_array()
            .expect("task sets")
            .iter()
            .map(line)
            .collect()
    }

    /// What production sends where.
    pub(super) fn weights(&self) -> String {
        self.weights_of(&self.production)
    }

    pub(super) fn test_weights(&self) -> String {
        self.weights_of(&self.test)
    }

    fn weights_of(&self, listener: &str) -> String {
        let rule = self.world.elb.listener(listener).expect("a listener").rules[0]
            .arn
            .clone();
        let groups = self.world.elb.forward_weights(&rule).expect("a forward");
        let shown = groups
            .iter()
            .map(|it| format!("{}={}", it.group, it.weight));
        shown.collect::<Vec<_>>().join(" ")
    }

    /// Points production elsewhere, by hand.
    pub(super) fn point_production_to(&mut self, group: &str) {
        let rule = self
            .world
            .elb
            .listener(&self.production)
            .expect("a listener")
            .rules[0]
            .arn
            .clone();
        let groups = vec![crate::services::elb::WeightedGroup {
            group: group.into(),
            weight: 1,
        }];
        assert!(self.world.set_forward_weights(&rule, groups));
    }

    pub(super) fn spoil(&mut self, fault: ServiceFault, after_ms: Option<Millis>) {
        self.world.add_fault(Fault::Service {
            service: "web".to_owned(),
            fault,
            after_ms,
        });
    }

    pub(super) fn script(&mut self, function: &str, answer: FunctionAnswer) {
        self.world.add_fault(Fault::Function {
            function: function.to_owned(),
            answer,
        });
    }

    pub(super) fn alarm(&mut self, name: &str, state: AlarmState, after_s: u64) {
        self.world.add_fault(Fault::World {
            when: Trigger::AfterMs(after_s * 1_000),
            event: WorldEvent::SetAlarm {
                name: name.to_owned(),
                state,
            },
        });
    }

    pub(super) fn now_s(&self) -> u64 {
        (self.world.now_ms() - START_MS) / 1_000
    }

    pub(super) fn play_to_s(&mut self, seconds: u64) {
        self.world.advance(START_MS + seconds * 1_000);
    }

    /// Plays until the condition holds; answers the second.
    pub(super) fn play_until(
        &mut self,
        limit_s: u64,
        mut holds: impl FnMut(&mut Self) -> bool,
    ) -> u64 {
        loop {
            if holds(self) {
                return self.now_s();
            }
            let next_ms = self.world.next_event_ms().expect("something happens");
            assert!(
                next_ms <= START_MS + limit_s * 1_000,
                "not within {limit_s} s"
            );
            self.world.advance(next_ms);
        }
    }

    pub(super) fn play_until_status(&mut self, id: &str, status: &str) -> u64 {
        self.play_until(200_000, |stage| stage.status(id) == status)
    }

    /// Plays until the event has this status.
    pub(super) fn play_until_event(&mut self, id: &str, event: &str) -> u64 {
        self.play_until(200_000, |stage| {
            stage.info(id)["startTime"].is_number()
                && stage.events(id).iter().any(|one| one == event)
        })
    }

    /// Every change of status or production weights until the deployment is over: `+second status weights`.
    pub(super) fn story(&mut self, id: &str) -> Vec<String> {
        let mut told: Vec<String> = Vec::new();
        let mut last = String::new();
        loop {
            let status = self.status(id);
            let line = format!("{status} {}", self.weights());
            if line != last {
                told.push(format!("+{} {line}", self.now_s()));
                last = line;
            }
            if ["Succeeded", "Failed", "Stopped"].contains(&status.as_str()) {
                return told;
            }
            let next_ms = self.world.next_event_ms().expect("something happens");
            self.world.advance(next_ms);
        }
    }
}
