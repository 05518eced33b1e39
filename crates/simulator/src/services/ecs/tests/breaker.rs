//! The circuit breaker and what it leaves behind (B1-B5).

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{Setting, Stage, pinned, text};
use crate::{Fault, ServiceFault, ServiceHistory};

/// The second at which the PRIMARY deployment is no longer the new one.
fn tripped_s(stage: &mut Stage, new: &str) -> Option<u64> {
    let new = new.to_owned();
    stage.play_until(4 * 3_600, |stage| {
        let primary = &stage.web()["deployments"][0];
        text(&primary["id"]) != new || primary["rolloutState"] == "FAILED"
    })
}

/// B3: how long a failure takes to trip the breaker.
#[rstest]
#[case::missing_tag_alone(ServiceFault::ImageMissing, ":v2", 1, false, 660, 740)]
#[case::missing_tag_of_two(ServiceFault::ImageMissing, ":v2", 2, true, 660, 740)]
#[case::missing_tag_of_eight(ServiceFault::ImageMissing, ":v2", 8, true, 660, 740)]
#[case::wrong_architecture(ServiceFault::WrongArchitecture, ":v2", 1, false, 660, 740)]
#[case::crash_behind_a_load_balancer(ServiceFault::Crash, "pinned", 1, true, 120, 180)]
#[case::out_of_memory(ServiceFault::OutOfMemory, "pinned", 1, true, 120, 180)]
#[case::unhealthy(ServiceFault::Unhealthy, "pinned", 1, true, 150, 600)]
#[case::slow_start(ServiceFault::SlowStart, "pinned", 1, true, 150, 600)]
#[case::no_capacity(ServiceFault::NoCapacity, "pinned", 1, true, 400, 600)]
#[case::secret_denied(ServiceFault::SecretDenied, "pinned", 1, true, 400, 700)]
fn time_to_trip(
    #[case] fault: ServiceFault,
    #[case] reference: &str,
    #[case] desired: u32,
    #[case] balanced: bool,
    #[case] low_s: u64,
    #[case] high_s: u64,
) {
    let mut stage = Stage::new(&Setting {
        desired,
        balanced,
        ..Setting::default()
    });
    stage.spoil(fault, None);
    let reference = if reference == "pinned" {
        pinned("v2")
    } else {
        reference.to_owned()
    };
    let new = stage.deploy(&reference);
    let at_s = tripped_s(&mut stage, &new).expect("it trips");
    assert!(
        (low_s..=high_s).contains(&at_s),
        "{fault:?} tripped at {at_s} s"
    );
    assert!(
        stage.world.violations().is_empty(),
        "{:?}",
        stage.world.violations()
    );
}

#[test]
fn rollback_restores_the_old_id_and_the_failed_one_disappears() {
    let mut stage = Stage::new(&Setting::default());
    let old = text(&stage.web()["deployments"][0]["id"]);
    stage.spoil(ServiceFault::ImageMissing, None);
    let new = stage.deploy(&pinned("v2"));
    let known = [(old.as_str(), "OLD"), (new.as_str(), "NEW")];
    let at_s = tripped_s(&mut stage, &new).expect("it trips");
    assert_eq!(
        stage.deployments(&known)[..2],
        [
            "PRIMARY OLD IN_PROGRESS ECS deployment circuit breaker: rolling back to deploymentId OLD. 2+0/2",
            "ACTIVE NEW FAILED ECS deployment circuit breaker: tasks failed to start. 0+0/0",
        ]
    );
    let record = stage.record(&new);
    assert_eq!(record["status"], "ROLLBACK_IN_PROGRESS");
    assert_eq!(record["deploymentCircuitBreaker"]["status"], "TRIGGERED");
    assert!(
        text(&record["rollback"]["serviceRevisionArn"])
            .ends_with(old.trim_start_matches("ecs-svc/"))
    );
    stage.play_to_s(at_s + 80);
    assert_eq!(
        stage.deployments(&known),
        ["PRIMARY OLD COMPLETED ECS deployment OLD completed. 2+0/2"]
    );
    let record = stage.record(&new);
    assert_eq!(record["status"], "ROLLBACK_SUCCESSFUL");
    assert_eq!(
        record["statusReason"],
        "Service deployment rolled back because the circuit breaker threshold was exceeded."
    );
    let web = stage.web();
    assert!(
        text(&web["taskDefinition"]).ends_with(":1"),
        "the service is back on the old definition"
    );
    let is_stable = web["deployments"].as_array().map(Vec::len) == Some(1)
        && web["runningCount"] == web["desiredCount"];
    assert!(
        is_stable,
        "services-stable is green although the deployment failed (B5)"
    );
    let story = stage.story();
    let failed = story.iter().position(|line| {
        line.ends_with("(deployment D) deployment failed: tasks failed to start.")
    });
    let back = story
        .iter()
        .position(|line| line.ends_with("rolling back to deployment D."));
    assert_eq!(failed.map(|place| place + 1), back, "{story:#?}");
}

#[test]
fn the_evidence_of_a_missing_image() {
    let mut stage = Stage::new(&Setting {
        desired: 1,
        balanced: false,
        ..Setting::default()
    });
    stage.world.add_fault(Fault::ImageExpired {
        repository: "web".to_owned(),
        tag: "v2".to_owned(),
    });
    stage.deploy(":v2");
    stage.play_to_s(100);
    let story = stage.story();
    assert!(
        story[1].starts_with("+87 (service web) was unable to place a task. Reason: CannotPullContainerError: pull image"),
        "{story:#?}"
    );
    let task = stopped_task(&mut stage);
    assert_eq!(task["stopCode"], "TaskFailedToStart");
    assert!(text(&task["stoppedReason"]).starts_with("CannotPullContainerError"));
    assert_eq!(task["containers"][0].get("exitCode"), None);
}

#[rstest]
#[case::crash(ServiceFault::Crash, 1, None)]
#[case::out_of_memory(
    ServiceFault::OutOfMemory,
    137,
    Some("OutOfMemoryError: Container killed due to memory usage")
)]
fn the_evidence_of_an_exit(
    #[case] fault: ServiceFault,
    #[case] code: i32,
    #[case] reason: Option<&str>,
) {
    let mut stage = Stage::new(&Setting {
        desired: 1,
        ..Setting::default()
    });
    stage.spoil(fault, None);
    stage.deploy(&pinned("v2"));
    stage.play_to_s(40);
    let task = stopped_task(&mut stage);
    assert_eq!(task["stopCode"], "EssentialContainerExited");
    assert_eq!(task["stoppedReason"], "Essential container in task exited");
    assert_eq!(task["containers"][0]["exitCode"], code);
    assert_eq!(
        task["containers"][0].get("reason").and_then(Value::as_str),
        reason
    );
}

#[rstest]
#[case::target(true, false, "Task failed ELB health checks in (target-group ")]
#[case::container(false, true, "Task failed container health checks")]
fn the_evidence_of_bad_health(#[case] balanced: bool, #[case] check: bool, #[case] reason: &str) {
    let mut stage = Stage::new(&Setting {
        desired: 1,
        balanced,
        container_check: check,
        ..Setting::default()
    });
    stage.spoil(ServiceFault::Unhealthy, Some(200_000));
    let new = stage.deploy_to("web", &pinned("v2"), check);
    stage.play_to_s(200);
    assert_eq!(
        stage.record(&new)["status"],
        "SUCCESSFUL",
        "it turned bad only later"
    );
    stage.play_to_s(400);
    let task = stopped_task(&mut stage);
    assert_eq!(task["stopCode"], "ServiceSchedulerInitiated");
    assert!(text(&task["stoppedReason"]).starts_with(reason), "{task}");
    let story = stage.story();
    let replaced = story
        .iter()
        .position(|line| line.ends_with("Amazon ECS replaced 1 tasks due to an unhealthy status."));
    let replaced = replaced.unwrap_or_else(|| panic!("{story:#?}"));
    let check = if balanced {
        "due to (reason Health checks failed with these codes: [503])."
    } else {
        "failed container health checks."
    };
    assert!(story[replaced + 1].ends_with(check), "{story:#?}");
    assert!(
        story[replaced + 2].contains("has stopped 1 running tasks"),
        "{story:#?}"
    );
}

fn stopped_task(stage: &mut Stage) -> Value {
    let list = stage.call(
        "ListTasks",
        json!({ "cluster": "main", "serviceName": "web", "desiredStatus": "STOPPED" }),
    );
    let described = stage.call(
        "DescribeTasks",
        json!({ "cluster": "main", "tasks": list["taskArns"] }),
    );
    let tasks = described["tasks"].as_array().expect("a list");
    let of_new = tasks
        .iter()
        .find(|task| text(&task["taskDefinitionArn"]).ends_with("web:2"));
    of_new.expect("a stopped task of the new release").clone()
}

#[test]
fn without_rollback_it_fails_and_starts_nothing_more() {
    let mut stage = Stage::new(&Setting {
        rollback: false,
        ..Setting::default()
    });
    stage.spoil(ServiceFault::ImageMissing, None);
    let new = stage.deploy(&pinned("v2"));
    let at_s = tripped_s(&mut stage, &new).expect("it trips");
    stage.play_to_s(at_s + 3_600);
    let web = stage.web();
    assert_eq!(web["deployments"][0]["rolloutState"], "FAILED");
    assert_eq!(web["deployments"][0]["runningCount"], 0);
    assert_eq!(
        web["deployments"][1]["runningCount"], 2,
        "the old tasks keep serving"
    );
    assert_eq!(stage.record(&new)["status"], "STOPPED");
    let next = {
        stage.world.clear_faults();
        stage.deploy(&pinned("v3"))
    };
    stage.play_to_s(at_s + 3_600 + 200);
    assert_eq!(stage.record(&next)["status"], "SUCCESSFUL");
    assert_eq!(stage.web()["deployments"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_first_deployment_has_no_rollback_candidate() {
    let mut stage = Stage::new(&Setting {
        history: ServiceHistory::NeverCompleted,
        ..Setting::default()
    });
    stage.spoil(ServiceFault::Crash, None);
    let new = stage.deploy(&pinned("v2"));
    tripped_s(&mut stage, &new).expect("it trips");
    stage.play_to_s(3_000);
    let record = stage.record(&new);
    assert_eq!(record["status"], "ROLLBACK_FAILED");
    assert_eq!(
        record["statusReason"],
        "No rollback candidate was found to run the rollback."
    );
    let web = stage.web();
    assert_eq!(web["deployments"][0]["rolloutState"], "FAILED");
    assert_eq!(web["pendingCount"], 0);
}

#[test]
fn a_crash_without_any_health_check_is_never_counted() {
    let mut stage = Stage::new(&Setting {
        desired: 1,
        balanced: false,
        ..Setting::default()
    });
    stage.spoil(ServiceFault::Crash, None);
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(3_600);
    let record = stage.record(&new);
    assert_eq!(record["status"], "IN_PROGRESS");
    assert_eq!(record["deploymentCircuitBreaker"]["failureCount"], 0);
    let starts = stage
        .story()
        .iter()
        .filter(|line| line.contains("has started 1 tasks"))
        .count();
    assert!(
        (65..=75).contains(&starts),
        "a crash loop has a period of 50 s: {starts}"
    );
}

#[test]
fn a_task_that_becomes_healthy_first_resets_the_count() {
    let mut stage = Stage::new(&Setting {
        desired: 1,
        ..Setting::default()
    });
    stage.spoil(ServiceFault::Crash, Some(15_000));
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(1_800);
    assert_eq!(
        stage.record(&new)["status"],
        "IN_PROGRESS",
        "crashes after healthy never add up"
    );
}

#[test]
fn a_grace_period_ignores_bad_health_and_not_good_health() {
    let mut stage = Stage::new(&Setting {
        desired: 1,
        grace_seconds: 300,
        ..Setting::default()
    });
    stage.spoil(ServiceFault::SlowStart, Some(200_000));
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(600);
    let record = stage.record(&new);
    assert_eq!(record["status"], "SUCCESSFUL", "{:#?}", stage.story());
    assert_eq!(
        stage
            .story()
            .iter()
            .filter(|line| line.contains("has started"))
            .count(),
        1
    );
}

#[test]
fn a_failure_during_the_rollback_has_nothing_left_to_go_back_to() {
    let mut stage = Stage::new(&Setting {
        minimum: 0,
        maximum: 100,
        desired: 1,
        ..Setting::default()
    });
    let old_definition = "web:1";
    stage.spoil(ServiceFault::Crash, None);
    let new = stage.deploy(&pinned("v2"));
    stage.world.add_fault(Fault::ImageExpired {
        repository: "web".to_owned(),
        tag: "v1".to_owned(),
    });
    let at_s = tripped_s(&mut stage, &new).expect("it trips");
    stage.play_to_s(at_s + 3_000);
    let web = stage.web();
    assert!(text(&web["taskDefinition"]).ends_with(old_definition));
    assert_eq!(web["runningCount"], 0, "the old image is gone");
    assert_eq!(stage.record(&new)["status"], "ROLLBACK_FAILED");
}
