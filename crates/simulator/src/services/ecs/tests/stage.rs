//! A small account to play on: services `web`, `web2`, ... behind a load balancer or not, with images v1 (live), v2 and v3.

use serde_json::{Value, json};

use crate::front::{Service, ask};
use crate::{
    AppBlueprint, Blueprint, ClusterState, DatabaseBlueprint, Fault, GroupProtocol, ImageBlueprint,
    LoadBalancerBlueprint, Millis, RepositoryBlueprint, RuleBlueprint, ServiceBlueprint,
    ServiceFault, ServiceHistory, ServiceTargetGroup, TargetGroupBlueprint, Weather, World,
};

pub(super) const START_MS: Millis = 1_800_000_000_000;

pub(super) struct Stage {
    pub(super) world: World,
}

/// What a test may choose.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pub(super) weather: Weather,
    pub(super) seed: u64,
    pub(super) desired: u32,
    pub(super) minimum: u32,
    pub(super) maximum: u32,
    pub(super) balanced: bool,
    pub(super) container_check: bool,
    pub(super) breaker: bool,
    pub(super) rollback: bool,
    pub(super) grace_seconds: u64,
    pub(super) history: ServiceHistory,
    pub(super) services: usize,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            weather: Weather::Calm,
            seed: 1,
            desired: 2,
            minimum: 100,
            maximum: 200,
            balanced: true,
            container_check: false,
            breaker: true,
            rollback: true,
            grace_seconds: 0,
            history: ServiceHistory::Steady,
            services: 1,
        }
    }
}

impl Stage {
    pub(super) fn new(setting: &Setting) -> Self {
        let mut world = World::new(
            "123456789012",
            "sa-east-1",
            setting.seed,
            setting.weather,
            START_MS,
        );
        world
            .provision(&blueprint(setting))
            .expect("a possible account");
        Self { world }
    }

    pub(super) fn call(&mut self, operation: &str, input: Value) -> Value {
        ask(&mut self.world, Service::Ecs, operation, &input)
            .unwrap_or_else(|error| panic!("{operation} {input}: {error}"))
    }

    pub(super) fn refusal(&mut self, operation: &str, input: Value) -> crate::ApiError {
        ask(&mut self.world, Service::Ecs, operation, &input).expect_err("refused")
    }

    /// Registers a revision of `web` with this image tag or digest; answers `family:revision`.
    pub(super) fn register(
        &mut self,
        service: &str,
        reference: &str,
        container_check: bool,
    ) -> String {
        let reply = self.call(
            "RegisterTaskDefinition",
            definition(service, reference, container_check),
        );
        format!("{service}:{}", reply["taskDefinition"]["revision"])
    }

    /// Deploys an image of `web`; answers the id of the new deployment.
    pub(super) fn deploy(&mut self, reference: &str) -> String {
        self.deploy_to("web", reference, false)
    }

    pub(super) fn deploy_to(
        &mut self,
        service: &str,
        reference: &str,
        container_check: bool,
    ) -> String {
        let definition = self.register(service, reference, container_check);
        let input = json!({ "cluster": "main", "service": service, "taskDefinition": definition });
        let reply = self.call("UpdateService", input);
        text(&reply["service"]["deployments"][0]["id"])
    }

    pub(super) fn spoil(&mut self, fault: ServiceFault, after_ms: Option<Millis>) {
        self.world.add_fault(Fault::Service {
            service: "web".to_owned(),
            fault,
            after_ms,
        });
    }

    pub(super) fn service(&mut self, name: &str) -> Value {
        self.call(
            "DescribeServices",
            json!({ "cluster": "main", "services": [name] }),
        )["services"][0]
            .clone()
    }

    pub(super) fn web(&mut self) -> Value {
        self.service("web")
    }

    /// The record of the deployment with this id.
    pub(super) fn record(&mut self, deployment: &str) -> Value {
        let digits = deployment.trim_start_matches("ecs-svc/").to_owned();
        let list = self.call(
            "ListServiceDeployments",
            json!({ "cluster": "main", "service": "web" }),
        );
        let briefs = list["serviceDeployments"]
            .as_array()
            .expect("a list")
            .clone();
        let brief = briefs
            .iter()
            .find(|brief| text(&brief["targetServiceRevisionArn"]).ends_with(&digits));
        let arn = brief.expect("a record")["serviceDeploymentArn"].clone();
        self.call(
            "DescribeServiceDeployments",
            json!({ "serviceDeploymentArns": [arn] }),
        )["serviceDeployments"][0]
            .clone()
    }

    /// Seconds since the start of the play.
    pub(super) fn now_s(&self) -> u64 {
        (self.world.now_ms() - START_MS) / 1_000
    }

    /// Plays until so many seconds after the start.
    pub(super) fn play_to_s(&mut self, seconds: u64) {
        self.world.advance(START_MS + seconds * 1_000);
    }

    /// Plays event by event until the condition holds; answers the second.
    pub(super) fn play_until(
        &mut self,
        limit_s: u64,
        mut holds: impl FnMut(&mut Self) -> bool,
    ) -> Option<u64> {
        loop {
            if holds(self) {
                return Some(self.now_s());
            }
            let next_ms = self.world.next_event_ms()?;
            if next_ms > START_MS + limit_s * 1_000 {
                return None;
            }
            self.world.advance(next_ms);
        }
    }

    /// Service events since the start, oldest first, with their second; ids are taken out.
    pub(super) fn story(&mut self) -> Vec<String> {
        let web = self.web();
        let events = web["events"].as_array().expect("events");
        let told = events.iter().rev().filter_map(|event| {
            let at_ms = (event["createdAt"].as_f64().expect("a time") * 1_000.0).round() as Millis;
            let at_s = at_ms.checked_sub(START_MS)? / 1_000;
            Some(format!("+{at_s} {}", plain(&text(&event["message"]))))
        });
        told.collect()
    }

    /// `status id rolloutState reason` of each deployment, ids as letters in the order of `known`.
    pub(super) fn deployments(&mut self, known: &[(&str, &str)]) -> Vec<String> {
        let web = self.web();
        let list = web["deployments"].as_array().expect("deployments");
        let line = |one: &Value| {
            let mut line = format!(
                "{} {} {} {} {}+{}/{}",
                text(&one["status"]),
                text(&one["id"]),
                text(&one["rolloutState"]),
                text(&one["rolloutStateReason"]),
                one["runningCount"],
                one["pendingCount"],
                one["desiredCount"],
            );
            for (id, letter) in known {
                line = line.replace(id, letter);
            }
            line
        };
        list.iter().map(line).collect()
    }
}

pub(super) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

/// A message without task ids, digits and ARNs.
fn plain(message: &str) -> String {
    let words = message.split(' ').map(|word| {
        let bare = word.trim_end_matches(['.', ')', ':', ',']);
        let rest = &word[bare.len()..];
        let is_id = bare.len() == 32 && bare.chars().all(|one| one.is_ascii_hexdigit());
        if is_id {
            format!("T{rest}")
        } else if bare.starts_with("ecs-svc/") {
            format!("D{rest}")
        } else if bare.starts_with("arn:") {
            format!("ARN{rest}")
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

pub(super) fn definition(service: &str, reference: &str, container_check: bool) -> Value {
    let mut container = json!({
        "name": service,
        "image": format!("123456789012.dkr.ecr.sa-east-1.amazonaws.com/{service}{reference}"),
        "portMappings": [{ "containerPort": 8000 }],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": { "awslogs-group": "/ecs/web", "awslogs-stream-prefix": "ecs", "awslogs-region": "sa-east-1" },
        },
    });
    if container_check {
        container["healthCheck"] =
            json!({ "command": ["CMD-SHELL", "true"], "interval": 30, "startPeriod": 60 });
    }
    json!({
        "family": service,
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "containerDefinitions": [container],
    })
}

/// The digest reference of an image of `web`.
pub(super) fn pinned(tag: &str) -> String {
    format!("@{}", crate::image_digest("web", &[tag.to_owned()]))
}

fn blueprint(setting: &Setting) -> Blueprint {
    let names: Vec<String> = (1..=setting.services)
        .map(|n| {
            if n == 1 {
                "web".to_owned()
            } else {
                format!("web{n}")
            }
        })
        .collect();
    let image = |tag: &str, head: &str| ImageBlueprint {
        tags: vec![tag.to_owned()],
        platforms: vec!["linux/amd64".to_owned()],
        schema_head: Some(head.to_owned()),
    };
    let repositories = names.iter().map(|name| RepositoryBlueprint {
        name: name.clone(),
        images: vec![image("v1", "8f2"), image("v2", "9c1"), image("v3", "9c1")],
    });
    let group = |name: &String| TargetGroupBlueprint {
        name: name.clone(),
        port: 8000,
        health_check_path: Some("/health".to_owned()),
        protocol: GroupProtocol::Http,
        health_check_interval_seconds: 15,
        health_check_timeout_seconds: 5,
        healthy_threshold: 2,
        unhealthy_threshold: 3,
        deregistration_delay_seconds: 30,
    };
    let rule = |name: &String| RuleBlueprint {
        path: format!("/{name}/*"),
        hosts: Vec::new(),
        target_group: Some(name.clone()),
        alternate: None,
        fixed_status: None,
    };
    let service = |name: &String| ServiceBlueprint {
        name: name.clone(),
        task_definition: definition(name, ":v1", setting.container_check),
        desired_count: setting.desired,
        minimum_healthy_percent: setting.minimum,
        maximum_percent: setting.maximum,
        circuit_breaker: setting.breaker,
        circuit_breaker_rollback: setting.rollback,
        health_check_grace_period_seconds: setting.grace_seconds,
        target_group: setting.balanced.then(|| ServiceTargetGroup {
            name: name.clone(),
            container_name: name.clone(),
            container_port: 8000,
        }),
        history: setting.history,
        cluster: None,
        app: AppBlueprint::default(),
        capacity_provider: None,
        traffic: None,
        further_target_groups: Vec::new(),
    };
    let mut migration = definition("web", ":v2", false);
    migration["family"] = json!("migration");
    Blueprint {
        account: "123456789012".to_owned(),
        region: "sa-east-1".to_owned(),
        cluster: "main".to_owned(),
        further_clusters: Vec::new(),
        cluster_state: ClusterState::Active,
        repositories: repositories.collect(),
        target_groups: names.iter().map(group).collect(),
        load_balancers: vec![LoadBalancerBlueprint {
            name: "front".to_owned(),
            hosts: vec!["api.example.com".to_owned()],
            rules: names.iter().map(rule).collect(),
        }],
        network_load_balancers: Vec::new(),
        services: names.iter().map(service).collect(),
        task_definitions: vec![migration],
        buckets: Vec::new(),
        distributions: Vec::new(),
        log_groups: vec!["/ecs/web".to_owned()],
        db_instances: Vec::new(),
        schedules: Vec::new(),
        databases: vec![DatabaseBlueprint {
            migration_family: "migration".to_owned(),
            revision: "8f2".to_owned(),
            tool: None,
        }],
    }
}
