//! Several containers in a task: who is the app, what waits for what, what ends by itself (C, dependsOn).

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{Setting, Stage, definition, pinned, text};
use crate::base::visit::Visit;
use crate::{AnswerBlueprint, AppBlueprint, ServiceFault};

const PUBLIC: &str = "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable";

/// A log router, an agent and an init container before the app, as a real definition has them.
fn sidecars_first(prepare: &[&str]) -> Value {
    let mut definition = definition("web", &pinned("v2"), false);
    let mut web = definition["containerDefinitions"][0].take();
    web["environment"] =
        json!([{ "name": "APP_VERSION", "value": "v2" }, { "name": "RELEASE", "value": "r2" }]);
    web["dependsOn"] = json!([
        { "containerName": "prepare", "condition": "SUCCESS" },
        { "containerName": "router", "condition": "START" },
    ]);
    let mut init = json!({ "name": "prepare", "image": web["image"], "essential": false, "dependsOn": [
        { "containerName": "agent", "condition": "HEALTHY" },
    ]});
    init["logConfiguration"] = web["logConfiguration"].clone();
    if !prepare.is_empty() {
        init["command"] = json!(prepare);
    }
    definition["containerDefinitions"] = json!([
        { "name": "router", "image": PUBLIC, "essential": true, "memoryReservation": 50 },
        { "name": "agent", "image": "datadog/agent:7", "essential": false, "healthCheck": {
            "command": ["CMD-SHELL", "agent health"], "interval": 20, "timeout": 5, "retries": 3 } },
        init,
        web,
    ]);
    definition
}

fn deploy(stage: &mut Stage, definition: Value) -> String {
    let reply = stage.call("RegisterTaskDefinition", definition);
    let revision = format!("web:{}", reply["taskDefinition"]["revision"]);
    let input = json!({ "cluster": "main", "service": "web", "taskDefinition": revision });
    let reply = stage.call("UpdateService", input);
    text(&reply["service"]["deployments"][0]["id"])
}

fn tasks(stage: &mut Stage, status: &str) -> Vec<Value> {
    let input = json!({ "cluster": "main", "serviceName": "web", "desiredStatus": status });
    let list = stage.call("ListTasks", input)["taskArns"].clone();
    let input = json!({ "cluster": "main", "tasks": list });
    let reply = stage.call("DescribeTasks", input);
    reply["tasks"].as_array().expect("tasks").clone()
}

/// `name status exitCode` of each container.
fn containers(task: &Value) -> Vec<String> {
    let each = task["containers"].as_array().expect("containers").iter();
    each.map(|it| {
        format!(
            "{} {} {}",
            text(&it["name"]),
            text(&it["lastStatus"]),
            it["exitCode"]
        )
    })
    .collect()
}

#[test]
fn the_app_answers_behind_its_sidecars() {
    let mut stage = Stage::new(&Setting::default());
    let deployment = deploy(&mut stage, sidecars_first(&[]));
    stage.play_until(600, |stage| {
        stage.web()["deployments"][0]["rolloutState"] == "COMPLETED"
    });
    assert_eq!(text(&stage.web()["deployments"][0]["id"]), deployment);
    for task in tasks(&mut stage, "RUNNING") {
        assert_eq!(
            containers(&task),
            [
                "router RUNNING null",
                "agent RUNNING null",
                "prepare STOPPED 0",
                "web RUNNING null"
            ]
        );
        // 20 s until the agent's first check, 5 s for the init container.
        let started = task["startedAt"].as_f64().expect("a time");
        let created = task["createdAt"].as_f64().expect("a time");
        assert_eq!((started - created).round(), f64::from(8 + 4 + 8 + 20 + 5));
    }
    let reply = stage
        .world
        .answer_viewer(&Visit::get("api.example.com", "/web/x"));
    let body: Value = serde_json::from_slice(&reply.expect("somebody").body).expect("JSON");
    assert_eq!(
        body,
        json!({ "status": "healthy", "service": "web", "version": "v2" })
    );
}

/// The exit codes and the words of aws/amazon-ecs-agent#3218.
#[test]
fn an_init_container_that_fails_keeps_the_app_from_starting() {
    let mut stage = Stage::new(&Setting::default());
    let failing = ["sh", "-c", "echo no assets; exit 3"];
    deploy(&mut stage, sidecars_first(&failing));
    stage.play_to_s(90);
    let task = tasks(&mut stage, "STOPPED").remove(0);
    assert_eq!(task["stopCode"], "TaskFailedToStart");
    assert_eq!(
        containers(&task)[2..],
        ["prepare STOPPED 3", "web STOPPED 143"]
    );
    let reason = text(&task["containers"][3]["reason"]);
    assert!(
        reason.starts_with("CannotStartContainerError: dependency graph: failed to resolve container ordering dependency [prepare("),
        "{reason}"
    );
    assert!(
        reason.ends_with("as dependency did not exit successfully."),
        "{reason}"
    );
    let log = crate::front::ask(
        &mut stage.world,
        crate::front::Service::Logs,
        "FilterLogEvents",
        &json!({ "logGroupName": "/ecs/web", "filterPattern": "assets" }),
    );
    let log = log.expect("a group")["events"].clone();
    assert_eq!(log[0]["message"], "no assets");
    assert!(text(&log[0]["logStreamName"]).starts_with("ecs/prepare/"));
    let is_back = |stage: &mut Stage| stage.web()["deployments"][0]["rolloutState"] == "COMPLETED";
    assert!(
        stage.play_until(3 * 3_600, is_back).is_some(),
        "the breaker brings it back"
    );
}

/// A client alone sees a service whose command ends: EssentialContainerExited with its code, again and again.
#[rstest]
#[case::shell(&["sh", "-c", "sleep 3; exit 9"], 9)]
#[case::word(&["false"], 1)]
fn a_service_whose_command_ends(#[case] command: &[&str], #[case] code: i32) {
    let mut stage = Stage::new(&Setting {
        breaker: false,
        ..Setting::default()
    });
    let mut input = definition("web", &pinned("v2"), false);
    input["containerDefinitions"][0]["command"] = json!(command);
    deploy(&mut stage, input);
    stage.play_to_s(300);
    let ended = tasks(&mut stage, "STOPPED");
    assert!(ended.len() > 2, "it is tried again: {}", ended.len());
    assert_eq!(ended[0]["stopCode"], "EssentialContainerExited");
    assert_eq!(ended[0]["containers"][0]["exitCode"], code);
    assert_eq!(stage.web()["deployments"][0]["rolloutState"], "IN_PROGRESS");
}

#[test]
fn a_fault_is_the_apps_and_not_its_sidecars() {
    let mut stage = Stage::new(&Setting::default());
    stage.spoil(ServiceFault::Crash, None);
    deploy(&mut stage, sidecars_first(&[]));
    stage.play_to_s(150);
    let ended = tasks(&mut stage, "STOPPED").remove(0);
    assert_eq!(containers(&ended)[3], "web STOPPED 1");
    assert_eq!(containers(&ended)[0], "router STOPPED 0");
}

/// Nobody runs that registry; Docker Hub is there for everybody.
#[test]
fn an_image_of_a_registry_that_is_not_there() {
    let mut stage = Stage::new(&Setting::default());
    let mut input = definition("web", &pinned("v2"), false);
    input["containerDefinitions"][0]["image"] = json!("registry.nobody.example/web:1");
    deploy(&mut stage, input);
    stage.play_to_s(110);
    let task = tasks(&mut stage, "STOPPED").remove(0);
    let reason = text(&task["stoppedReason"]);
    assert!(
        reason.ends_with("lookup registry.nobody.example: no such host"),
        "{reason}"
    );
}

#[test]
fn what_a_program_answers_is_said_by_its_blueprint() {
    let mut stage = Stage::new(&Setting::default());
    let answer = |path: &str, status, body: &str| AnswerBlueprint {
        path: path.to_owned(),
        status,
        body: body.to_owned(),
        headers: [("content-type".to_owned(), "text/plain".to_owned())].into(),
        after_ms: 250,
    };
    let app = AppBlueprint {
        version_variable: Some("RELEASE".to_owned()),
        answers: vec![answer("/web/version", 203, "is ${RELEASE}, ${NOTHING}.")],
        log: vec!["listening".to_owned()],
        start_ms: 7_000,
        ..AppBlueprint::default()
    };
    stage
        .world
        .apps
        .insert(crate::base::agenda::ServiceKey::new("main", "web"), app);
    deploy(&mut stage, sidecars_first(&[]));
    let done = |stage: &mut Stage| stage.web()["deployments"][0]["rolloutState"] == "COMPLETED";
    stage.play_until(600, done).expect("it is live");
    let mut ask = |path: &str| {
        let reply = stage
            .world
            .answer_viewer(&Visit::get("api.example.com", path));
        let reply = reply.expect("somebody");
        let body = String::from_utf8_lossy(&reply.body).into_owned();
        (reply.status, body, reply.after.as_millis())
    };
    assert_eq!(ask("/web/version"), (203, "is r2, .".to_owned(), 250));
    assert!(ask("/web/x").1.contains("\"version\":\"r2\""));
}

/// An answer of its own on the path that the load balancer asks: 503 is what it sees.
#[test]
fn a_health_check_gets_what_the_program_answers() {
    let mut stage = Stage::new(&Setting {
        breaker: false,
        ..Setting::default()
    });
    let app = AppBlueprint {
        answers: vec![AnswerBlueprint {
            path: "/health".to_owned(),
            status: 503,
            body: String::new(),
            headers: [].into(),
            after_ms: 0,
        }],
        ..AppBlueprint::default()
    };
    stage
        .world
        .apps
        .insert(crate::base::agenda::ServiceKey::new("main", "web"), app);
    stage.deploy(&pinned("v2"));
    stage.play_to_s(300);
    assert!(
        stage
            .story()
            .iter()
            .any(|line| line.contains("is unhealthy")),
        "{:#?}",
        stage.story()
    );
}

/// SIGTERM is heard late: SIGKILL when `stopTimeout` is over.
#[rstest]
#[case::in_time(20_000, 0)]
#[case::too_late(45_000, 137)]
fn a_program_that_takes_its_time_to_end(#[case] stop_ms: u64, #[case] code: i32) {
    let mut stage = Stage::new(&Setting::default());
    let app = AppBlueprint {
        stop_ms: Some(stop_ms),
        ..AppBlueprint::default()
    };
    stage
        .world
        .apps
        .insert(crate::base::agenda::ServiceKey::new("main", "web"), app);
    stage.deploy(&pinned("v2"));
    stage.play_to_s(400);
    let ended = tasks(&mut stage, "STOPPED");
    assert_eq!(ended[0]["containers"][0]["exitCode"], code, "{}", ended[0]);
}

/// A service that a blueprint has is as one that was deployed.
#[test]
fn what_ended_long_ago_has_ended() {
    let blueprint = json!({ "account": "123456789012", "region": "sa-east-1", "cluster": "main",
        "repositories": [{ "name": "web", "images": [{ "tags": ["v2"] }] }], "log_groups": ["/ecs/web"],
        "services": [{ "name": "web", "task_definition": sidecars_first(&[]), "desired_count": 1,
            "minimum_healthy_percent": 100, "maximum_percent": 200, "circuit_breaker": false,
            "circuit_breaker_rollback": false }] });
    let blueprint: crate::Blueprint = serde_json::from_value(blueprint).expect("a blueprint");
    let start_ms = super::stage::START_MS;
    let mut world = crate::World::new(
        "123456789012",
        "sa-east-1",
        1,
        crate::Weather::Calm,
        start_ms,
    );
    world.provision(&blueprint).expect("provisioned");
    let mut stage = Stage { world };
    let task = tasks(&mut stage, "RUNNING").remove(0);
    assert_eq!(
        containers(&task)[2..],
        ["prepare STOPPED 0", "web RUNNING null"]
    );
}
