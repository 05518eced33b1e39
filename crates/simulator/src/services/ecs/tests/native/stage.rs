//! `web` with two target groups: `/web/*` is production (all to `web`), `/preview/*` is the test rule (all to `green`).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::base::agenda::ServiceKey;
use crate::base::here::here;
use crate::base::visit::Visit;
use crate::services::ecs::tests::stage::{Setting, Stage, pinned, text};
use crate::services::elb::{Action, Condition, Forward, Routed, Rule, WeightedGroup};
use crate::{Fault, HookAnswer, LifecycleStage, TargetGroupBlueprint};

pub(super) const PRODUCTION: &str = "/web/orders";
pub(super) const TEST: &str = "/preview/orders";

pub(super) struct Native {
    pub(super) stage: Stage,
    pub(super) production_rule: String,
    pub(super) test_rule: String,
}

impl Native {
    pub(super) fn new() -> Self {
        Self::on(&Setting::default())
    }

    pub(super) fn on(setting: &Setting) -> Self {
        let mut stage = Stage::new(setting);
        let green = TargetGroupBlueprint {
            name: "green".to_owned(),
            port: 8000,
            health_check_path: Some("/health".to_owned()),
            protocol: crate::GroupProtocol::Http,
            health_check_interval_seconds: 15,
            health_check_timeout_seconds: 5,
            healthy_threshold: 2,
            unhealthy_threshold: 3,
            deregistration_delay_seconds: 30,
        };
        let world = &mut stage.world;
        here!(world.elb)
            .provision_target_group(&green)
            .expect("one more group");
        let listener = &mut stage.world.elb.balancers[0].listeners[0];
        let production_rule = listener.rules[0].arn.clone();
        let test_rule = format!("{production_rule}e");
        listener.rules.push(Rule {
            arn: test_rule.clone(),
            priority: 2,
            conditions: vec![Condition::Path(vec!["/preview/*".to_owned()])],
            actions: vec![Action::Forward(Forward::to("green"))],
            tags: BTreeMap::new(),
        });
        let mut native = Self {
            stage,
            production_rule,
            test_rule,
        };
        native.weigh(&[("web", 100), ("green", 0)]);
        native
    }

    /// Sets the production rule by hand.
    pub(super) fn weigh(&mut self, weights: &[(&str, u16)]) {
        let groups = weights.iter().map(|(group, weight)| WeightedGroup {
            group: (*group).into(),
            weight: *weight,
        });
        let rule = self.production_rule.clone();
        self.stage
            .world
            .set_forward_weights(&rule, groups.collect());
    }

    pub(super) fn arn(&self, group: &str) -> String {
        self.stage.world.elb.groups[group].arn.clone()
    }

    /// `loadBalancers` with both rules.
    pub(super) fn balancers(&self) -> Value {
        json!([{
            "targetGroupArn": self.arn("web"),
            "containerName": "web",
            "containerPort": 8000,
            "advancedConfiguration": {
                "alternateTargetGroupArn": self.arn("green"),
                "productionListenerRule": self.production_rule,
                "testListenerRule": self.test_rule,
                "roleArn": "arn:aws:iam::123456789012:role/ecs-infrastructure",
            },
        }])
    }

    /// Deploys an image with this configuration; answers the id of the new deployment.
    pub(super) fn deploy(&mut self, tag: &str, configuration: &Value) -> String {
        let definition = self.stage.register("web", &pinned(tag), false);
        let input = json!({
            "cluster": "main", "service": "web", "taskDefinition": definition,
            "loadBalancers": self.balancers(), "deploymentConfiguration": configuration,
        });
        let reply = self.stage.call("UpdateService", input);
        text(&reply["service"]["deployments"][0]["id"])
    }

    pub(super) fn script(&mut self, stage: LifecycleStage, answers: &[HookAnswer]) {
        self.stage.world.add_fault(Fault::Hook {
            service: "web".to_owned(),
            stage,
            answers: answers.to_vec(),
        });
    }

    /// Production traffic to blue (`web`) and green, test traffic to both, by weight.
    pub(super) fn weights(&self) -> [(u16, u16); 2] {
        [&self.production_rule, &self.test_rule].map(|rule| {
            let groups = self
                .stage
                .world
                .elb
                .forward_weights(rule)
                .expect("forwards");
            let of = |name: &str| {
                let it = groups.iter().find(|it| &*it.group == name);
                it.map_or(0, |it| it.weight)
            };
            (of("web"), of("green"))
        })
    }

    /// How many of so many requests each image version answers; `-` for those without an answer.
    pub(super) fn served(&mut self, path: &str, requests: usize) -> BTreeMap<String, usize> {
        let mut served = BTreeMap::new();
        for _ in 0..requests {
            let world = &mut self.stage.world;
            let who = match here!(world.elb).route(&Visit::get("api.example.com", path)) {
                Some(Routed::Target(backend)) => world
                    .ecs
                    .tasks
                    .values()
                    .find(|task| task.ip == backend.ip)
                    .map(|task| task.definition.name()),
                Some(_) | None => None,
            };
            *served.entry(who.unwrap_or("-".to_owned())).or_default() += 1;
        }
        served
    }

    pub(super) fn record(&mut self, deployment: &str) -> Value {
        self.stage.record(deployment)
    }

    /// The second at which the deployment's stage is this one (or already a later one is not enough).
    pub(super) fn until_stage(&mut self, deployment: &str, stage: &str) -> u64 {
        let found = self.stage.play_until(40 * 24 * 3_600, |play| {
            play.record(deployment)["lifecycleStage"] == stage
        });
        found.unwrap_or_else(|| panic!("never at {stage}: {}", self.record(deployment)))
    }

    pub(super) fn until_status(&mut self, deployment: &str, status: &str) -> u64 {
        let found = self.stage.play_until(40 * 24 * 3_600, |play| {
            play.record(deployment)["status"] == status
        });
        found.unwrap_or_else(|| panic!("never {status}: {}", self.record(deployment)))
    }

    /// Every stage with the second it began, up to the end of the deployment.
    pub(super) fn stages(&mut self, deployment: &str) -> Vec<String> {
        let mut seen: Vec<String> = Vec::new();
        let ended = self.stage.play_until(40 * 24 * 3_600, |play| {
            let record = play.record(deployment);
            let at_s = play.now_s();
            if let Some(stage) = record["lifecycleStage"].as_str() {
                let last = seen.last().and_then(|line| line.split(' ').nth(1));
                if last != Some(stage) {
                    seen.push(format!("+{at_s} {stage}"));
                }
            }
            record["finishedAt"].is_number()
        });
        let status = text(&self.record(deployment)["status"]);
        seen.push(format!("+{} {status}", ended.expect("it ends")));
        seen
    }

    /// `(running, healthy)` tasks by `family:revision`.
    pub(super) fn running(&self) -> BTreeMap<String, (usize, usize)> {
        let mut running: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        let world = &self.stage.world;
        let web = &world.ecs.services[&ServiceKey::new("main", "web")];
        let live = world.ecs.tasks_of(web).filter(|task| task.is_live());
        for task in live {
            let counts = running.entry(task.definition.name()).or_default();
            counts.0 += 1;
            counts.1 += usize::from(task.healthy);
        }
        running
    }

    pub(super) fn no_violations(&self) {
        let violations = self.stage.world.violations();
        assert!(violations.is_empty(), "{violations:?}");
    }
}

pub(super) fn blue_green(bake: u32) -> Value {
    json!({ "strategy": "BLUE_GREEN", "bakeTimeInMinutes": bake })
}

pub(super) fn canary(percent: f64, canary_bake: u32, bake: u32) -> Value {
    json!({
        "strategy": "CANARY", "bakeTimeInMinutes": bake,
        "canaryConfiguration": { "canaryPercent": percent, "canaryBakeTimeInMinutes": canary_bake },
    })
}

pub(super) fn linear(percent: f64, step_bake: u32, bake: u32) -> Value {
    json!({
        "strategy": "LINEAR", "bakeTimeInMinutes": bake,
        "linearConfiguration": { "stepPercent": percent, "stepBakeTimeInMinutes": step_bake },
    })
}

/// A Lambda hook at these stages.
pub(super) fn lambda(stages: &[&str]) -> Value {
    json!({
        "hookTargetArn": "arn:aws:lambda:sa-east-1:123456789012:function:check",
        "roleArn": "arn:aws:iam::123456789012:role/invoke",
        "lifecycleStages": stages,
    })
}

pub(super) fn with_hooks(mut configuration: Value, hooks: &[Value]) -> Value {
    configuration["lifecycleHooks"] = json!(hooks);
    configuration
}
