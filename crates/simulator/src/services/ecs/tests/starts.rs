//! Tasks that do not start, and what holds starts up: texts, back-off, digests, launch rates (A8, A9, A10, C, F2).

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{Setting, Stage, definition, pinned, text};
use crate::{Fault, ServiceFault, Weather};

/// The seconds at which a story tells this.
fn told_at(stage: &mut Stage, part: &str) -> Vec<u64> {
    let lines = stage.story();
    let told = lines.iter().filter(|line| line.contains(part));
    told.map(|line| {
        let second = line.trim_start_matches('+').split(' ').next();
        second.and_then(|text| text.parse().ok()).expect("a second")
    })
    .collect()
}

#[rstest]
#[case::capacity(
    ServiceFault::NoCapacity,
    "was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different \
     availability zone."
)]
#[case::tasks(
    ServiceFault::TaskLimit,
    "was unable to place a task. Reason: You've reached the limit on the number of tasks you can run concurrently"
)]
#[case::vcpus(
    ServiceFault::VcpuLimit,
    "was unable to place a task. Reason: You’ve reached the limit on the number of vCPUs you can run concurrently"
)]
#[case::internal(
    ServiceFault::InternalError,
    "was unable to place a task. Reason: Internal error."
)]
#[case::throttled(
    ServiceFault::Throttled,
    "operations are being throttled. Will try again later."
)]
fn without_a_task(#[case] fault: ServiceFault, #[case] expected: &str) {
    let mut stage = Stage::new(&Setting {
        breaker: false,
        ..Setting::default()
    });
    stage.spoil(fault, None);
    stage.deploy(&pinned("v2"));
    stage.play_to_s(5 * 3_600);
    let story = stage.story();
    let same = story.iter().filter(|line| line.ends_with(expected));
    assert_eq!(same.count(), 1, "told once in 6 hours: {story:#?}");
    stage.play_to_s(13 * 3_600);
    let story = stage.story();
    let same = story.iter().filter(|line| line.ends_with(expected));
    assert!(same.count() >= 2, "and again after that");
    stage.world.clear_faults();
    stage.play_to_s(15 * 3_600);
    assert_eq!(stage.web()["deployments"][0]["rolloutState"], "COMPLETED");
}

/// stopCode, stoppedReason, reason of the container; exitCode is absent (C).
#[rstest]
#[case::image(
    ServiceFault::ImageMissing,
    "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref "
)]
#[case::platform(
    ServiceFault::WrongArchitecture,
    "CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not contain descriptor matching platform 'linux/amd64'"
)]
#[case::secret(
    ServiceFault::SecretDenied,
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: "
)]
#[case::no_secret(
    ServiceFault::SecretMissing,
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: "
)]
#[case::logs(
    ServiceFault::LogDriver,
    "ResourceInitializationError: failed to initialize logging driver: "
)]
fn with_a_task_that_never_runs(#[case] fault: ServiceFault, #[case] reason: &str) {
    let mut stage = Stage::new(&Setting::default());
    stage.spoil(fault, None);
    stage.deploy(&pinned("v2"));
    stage.play_to_s(100);
    let task = stopped(&mut stage);
    assert_eq!(task["stopCode"], "TaskFailedToStart");
    assert!(text(&task["stoppedReason"]).starts_with(reason), "{task}");
    assert!(text(&task["containers"][0]["reason"]).starts_with(reason));
    assert_eq!(task["containers"][0].get("exitCode"), None);
    assert!(stage.story().iter().any(|line| {
        line.contains("was unable to place a task. Reason: ") && line.contains(&reason[..20])
    }));
}

fn stopped(stage: &mut Stage) -> Value {
    let list = stage.call(
        "ListTasks",
        json!({ "cluster": "main", "serviceName": "web", "desiredStatus": "STOPPED" }),
    );
    let input = json!({ "cluster": "main", "tasks": list["taskArns"] });
    stage.call("DescribeTasks", input)["tasks"][0].clone()
}

/// 32 s, then minutes, doubling, never more than 27 minutes, for ever (A9).
#[test]
fn the_pause_between_starts_grows_to_27_minutes() {
    let mut stage = Stage::new(&Setting {
        desired: 1,
        breaker: false,
        ..Setting::default()
    });
    stage.spoil(ServiceFault::NoCapacity, None);
    stage.deploy(&pinned("v2"));
    let mut pauses = Vec::new();
    let mut last = 0;
    while stage.now_s() < 4 * 3_600 {
        let next_ms = stage.world.next_event_ms().expect("it goes on");
        stage.world.advance(next_ms);
        let web = &stage.world.ecs.services[&crate::base::agenda::ServiceKey::new("main", "web")];
        let back_off = &web.primary().expect("a deployment").back_off;
        if back_off.times > last {
            last = back_off.times;
            pauses.push(back_off.last_ms / 1_000);
        }
    }
    assert_eq!(pauses[..5], [32, 400, 800, 1_600, 1_620], "{pauses:?}");
    assert!(pauses.iter().all(|pause| *pause <= 27 * 60));
    assert!(pauses.len() > 8, "it never gives up");
    assert_eq!(
        told_at(
            &mut stage,
            "is unable to consistently start tasks successfully."
        )
        .len(),
        1
    );
    stage.world.clear_faults();
    stage.deploy(&pinned("v3"));
    let asked_s = stage.now_s();
    stage.play_to_s(asked_s + 200);
    assert_eq!(
        stage.web()["deployments"][0]["rolloutState"],
        "COMPLETED",
        "a new definition does not wait"
    );
}

/// The third failed first pull trips the breaker, whatever its threshold (A10).
#[rstest]
#[case::by_tag(":v2", true, true)]
#[case::by_digest("pinned", true, false)]
#[case::by_tag_without_breaker(":v2", false, false)]
fn three_failed_resolutions(#[case] reference: &str, #[case] breaker: bool, #[case] trips: bool) {
    let mut stage = Stage::new(&Setting {
        breaker,
        ..Setting::default()
    });
    threshold(&mut stage, json!({ "type": "COUNT", "value": 50 }), breaker);
    stage.spoil(ServiceFault::ImageMissing, None);
    let reference = match reference {
        "pinned" => pinned("v2"),
        tag => tag.to_owned(),
    };
    let new = stage.deploy(&reference);
    stage.play_to_s(1_500);
    let record = stage.record(&new);
    assert_eq!(record["status"] != "IN_PROGRESS", trips, "{record}");
    if !trips {
        // It goes on without digests: all tasks are tried, and the service heals when the image is there.
        stage.world.clear_faults();
        stage.play_to_s(6_000);
        assert_eq!(stage.record(&new)["status"], "SUCCESSFUL");
    }
}

fn threshold(stage: &mut Stage, threshold: Value, enable: bool) {
    let breaker =
        json!({ "enable": enable, "rollback": true, "thresholdConfiguration": threshold });
    let input = json!({ "cluster": "main", "service": "web",
        "deploymentConfiguration": { "deploymentCircuitBreaker": breaker } });
    stage.call("UpdateService", input);
}

/// Without version consistency nothing is resolved: all tasks start at once, and a moved tag is seen by later ones (A10).
#[test]
fn version_consistency_can_be_turned_off() {
    let mut stage = Stage::new(&Setting {
        desired: 3,
        ..Setting::default()
    });
    let mut input = definition("web", ":v2", false);
    input["containerDefinitions"][0]["versionConsistency"] = json!("disabled");
    stage.call("RegisterTaskDefinition", input);
    stage.call(
        "UpdateService",
        json!({ "cluster": "main", "service": "web", "taskDefinition": "web" }),
    );
    stage.play_to_s(5);
    let story = stage.story();
    assert!(story[0].contains("has started 3 tasks"), "{story:?}");
}

/// 100 at once, then 20 a second (F2 [DOC]).
#[test]
fn fargate_launches_so_many_a_second() {
    let mut stage = Stage::new(&Setting {
        desired: 150,
        balanced: false,
        ..Setting::default()
    });
    let count = |stage: &Stage| stage.world.picture().services["web"].pending;
    stage.deploy(&pinned("v2"));
    stage.play_to_s(2);
    assert_eq!(count(&stage), 100);
    stage.play_to_s(3);
    assert_eq!(count(&stage), 120);
    stage.play_to_s(6);
    assert_eq!(count(&stage), 150);
    stage.play_to_s(400);
    assert_eq!(stage.web()["deployments"][0]["rolloutState"], "COMPLETED");
}

/// AWS takes a task away: nobody's failure, and another one starts (C).
#[rstest]
#[case::spot(
    ServiceFault::SpotInterruption,
    "SpotInterruption",
    "Your Spot Task was interrupted.",
    0
)]
#[case::maintenance(
    ServiceFault::Maintenance,
    "ServiceSchedulerInitiated",
    "ECS is performing maintenance on the underlying infrastructure hosting the task",
    137
)]
fn taken_away(
    #[case] fault: ServiceFault,
    #[case] code: &str,
    #[case] reason: &str,
    #[case] exit: i32,
) {
    let mut stage = Stage::new(&Setting::default());
    stage.spoil(fault, Some(300_000));
    let definition = stage.register("web", &pinned("v2"), false);
    let spot = json!([{ "capacityProvider": "FARGATE_SPOT", "weight": 1 }]);
    stage.call(
        "UpdateService",
        json!({ "cluster": "main", "service": "web", "taskDefinition": definition,
        "capacityProviderStrategy": spot }),
    );
    stage.play_to_s(300);
    stage.world.clear_faults();
    stage.play_to_s(400);
    let task = stopped_of(&mut stage, "web:2");
    assert_eq!(task["stopCode"], code);
    assert_eq!(task["stoppedReason"], reason);
    assert_eq!(task["containers"][0]["exitCode"], exit);
    assert_eq!(stage.web()["runningCount"], 2);
    assert_eq!(stage.web()["deployments"][0]["failedTasks"], 0);
}

fn stopped_of(stage: &mut Stage, definition: &str) -> Value {
    let list = stage.call(
        "ListTasks",
        json!({ "cluster": "main", "serviceName": "web", "desiredStatus": "STOPPED" }),
    );
    let input = json!({ "cluster": "main", "tasks": list["taskArns"] });
    let tasks = stage.call("DescribeTasks", input);
    let mut tasks = tasks["tasks"].as_array().expect("tasks").iter();
    let of = tasks.find(|task| text(&task["taskDefinitionArn"]).ends_with(definition));
    of.expect("a stopped task").clone()
}

/// Only tasks on Spot are interrupted.
#[test]
fn on_demand_tasks_are_not_interrupted() {
    let mut stage = Stage::new(&Setting::default());
    stage.spoil(ServiceFault::SpotInterruption, Some(100_000));
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(1_000);
    assert_eq!(stage.record(&new)["status"], "SUCCESSFUL");
    let started = told_at(&mut stage, "has started");
    assert_eq!(started.len(), 1);
}

/// Stopped tasks stay describable for an hour (C [MODEL]).
#[test]
fn a_stopped_task_is_forgotten_after_an_hour() {
    let mut stage = Stage::new(&Setting::default());
    let tasks = stage.call("ListTasks", json!({ "cluster": "main" }))["taskArns"].clone();
    stage.deploy(&pinned("v2"));
    stage.play_to_s(200);
    let describe = |stage: &mut Stage| {
        let reply = stage.call(
            "DescribeTasks",
            json!({ "cluster": "main", "tasks": tasks }),
        );
        (
            reply["tasks"].as_array().map_or(0, Vec::len),
            reply["failures"].as_array().map_or(0, Vec::len),
        )
    };
    assert_eq!(describe(&mut stage), (2, 0));
    stage.play_to_s(3_600);
    assert_eq!(describe(&mut stage), (2, 0));
    stage.play_to_s(3_800);
    assert_eq!(describe(&mut stage), (0, 2));
}

/// Right after RunTask and UpdateService a read may not know yet (C [MODEL], B6 [CODE]).
#[rstest]
#[case::calm(Weather::Calm, true)]
#[case::rough(Weather::Rough, false)]
fn reads_right_after_writes(#[case] weather: Weather, #[case] known: bool) {
    let mut stage = Stage::new(&Setting {
        weather,
        ..Setting::default()
    });
    let run = stage.call(
        "RunTask",
        json!({ "cluster": "main", "taskDefinition": "migration", "launchType": "FARGATE",
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } } }),
    );
    let arn = run["tasks"][0]["taskArn"].clone();
    stage.deploy(&pinned("v2"));
    let seen = |stage: &mut Stage| {
        let tasks = stage.call(
            "DescribeTasks",
            json!({ "cluster": "main", "tasks": [arn] }),
        );
        let records = stage.call(
            "ListServiceDeployments",
            json!({ "cluster": "main", "service": "web" }),
        );
        (
            tasks["failures"].as_array().map_or(0, Vec::len) == 0,
            records["serviceDeployments"].as_array().map_or(0, Vec::len) == 2,
        )
    };
    assert_eq!(seen(&mut stage), (known, known));
    stage.play_to_s(3);
    assert_eq!(seen(&mut stage), (true, true));
}

/// The real ones put the parenthesis around `service NAME`; a missing image is told as a failed placement (A8).
#[test]
fn a_missing_image_by_tag_is_told_with_its_reference() {
    let mut stage = Stage::new(&Setting {
        desired: 1,
        ..Setting::default()
    });
    stage.world.add_fault(Fault::ImageExpired {
        repository: "web".to_owned(),
        tag: "v2".to_owned(),
    });
    stage.deploy(":v2");
    stage.play_to_s(100);
    let web = stage.web();
    let message = text(&web["events"][0]["message"]);
    assert!(
        message.starts_with(
            "(service web) was unable to place a task. Reason: CannotPullContainerError: "
        ) && message.ends_with("web:v2: not found."),
        "{message}"
    );
}
