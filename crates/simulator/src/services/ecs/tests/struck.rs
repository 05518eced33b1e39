//! Whether a fault has made a difference: a task showed it, a call met it, its event happened.

use rstest::rstest;
use serde_json::json;

use super::stage::{Setting, Stage, pinned};
use crate::base::visit::Visit;
use crate::{CallFault, Fault, Millis, ServiceFault, TaskFault, Trigger, WorldEvent};

const HOUR_MS: Millis = 3_600_000;

fn of_web(fault: ServiceFault, after_ms: Option<Millis>) -> Fault {
    Fault::Service {
        service: "web".to_owned(),
        fault,
        after_ms,
    }
}

fn of_call(operation: &str) -> Fault {
    Fault::Call {
        operation: operation.to_owned(),
        containing: None,
        skip: 0,
        count: 1,
        fault: CallFault::Latency(1),
    }
}

fn scaled(when: Trigger) -> Fault {
    let service = "web".to_owned();
    let event = WorldEvent::SetDesiredCount { service, count: 3 };
    Fault::World { when, event }
}

fn never(service: &str) -> Trigger {
    let service = service.to_owned();
    Trigger::AfterDeploymentOf { service, ms: 1_000 }
}

#[rstest]
#[case::crash(of_web(ServiceFault::Crash, None), true)]
#[case::crash_in_time(of_web(ServiceFault::Crash, Some(30_000)), true)]
#[case::crash_too_late(of_web(ServiceFault::Crash, Some(2 * HOUR_MS)), false)]
#[case::unhealthy_too_late(of_web(ServiceFault::Unhealthy, Some(2 * HOUR_MS)), false)]
#[case::slow_start(of_web(ServiceFault::SlowStart, Some(20_000)), true)]
#[case::no_capacity(of_web(ServiceFault::NoCapacity, None), true)]
#[case::throttled(of_web(ServiceFault::Throttled, None), true)]
#[case::image(of_web(ServiceFault::ImageMissing, None), true)]
#[case::no_spot(of_web(ServiceFault::SpotInterruption, Some(10_000)), false)]
#[case::maintenance(of_web(ServiceFault::Maintenance, Some(10_000)), true)]
#[case::drain(of_web(ServiceFault::SlowDrain, None), true)]
#[case::another_service(Fault::Service { service: "api".to_owned(), fault: ServiceFault::Crash, after_ms: None }, false)]
#[case::another_call(of_call("s3.PutObject"), false)]
#[case::job(Fault::Task { family: "migration".to_owned(), fault: TaskFault::Exit(1) }, false)]
#[case::event(scaled(Trigger::AfterMs(5_000)), true)]
#[case::event_too_late(scaled(Trigger::AfterMs(2 * HOUR_MS)), false)]
#[case::event_of_a_deployment(scaled(never("web")), true)]
#[case::event_of_another(scaled(never("api")), false)]
#[case::expired(Fault::ImageExpired { repository: "web".to_owned(), tag: "v3".to_owned() }, true)]
#[case::expired_nothing(Fault::ImageExpired { repository: "web".to_owned(), tag: "v9".to_owned() }, false)]
fn a_deployment_of_ten_minutes_meets(#[case] fault: Fault, #[case] expected: bool) {
    let mut stage = Stage::new(&Setting {
        breaker: false,
        ..Setting::default()
    });
    let id = stage.world.add_fault(fault);
    stage.deploy(&pinned("v2"));
    stage.play_to_s(600);
    stage.web();
    assert_eq!(stage.world.has_struck(id), expected);
}

/// A task that is refused shows nothing else that would go wrong with it.
#[test]
fn a_refused_task_meets_nothing_else() {
    let mut stage = Stage::new(&Setting::default());
    let definition = stage.register("job", &pinned("v1"), false);
    let add = |stage: &mut Stage, fault| {
        let family = "job".to_owned();
        stage.world.add_fault(Fault::Task { family, fault })
    };
    let refused = add(&mut stage, TaskFault::Refused);
    let exits = add(&mut stage, TaskFault::Exit(1));
    let run = json!({ "cluster": "main", "taskDefinition": definition, "launchType": "FARGATE",
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } } });
    stage.call("RunTask", run);
    assert!(stage.world.has_struck(refused));
    assert!(!stage.world.has_struck(exits));
}

/// A program that answers errors makes a difference to whoever asks it, and to nobody else.
#[test]
fn errors_strike_whoever_asks() {
    let mut stage = Stage::new(&Setting::default());
    let id = stage.world.add_fault(of_web(ServiceFault::Errors5xx, None));
    stage.deploy(&pinned("v2"));
    stage.play_to_s(600);
    assert!(!stage.world.has_struck(id), "health checks are answered");
    let reply = stage
        .world
        .answer_viewer(&Visit::get("api.example.com", "/web/x"));
    assert_eq!(reply.expect("somebody").status, 500);
    assert!(stage.world.has_struck(id));
}

#[test]
fn what_has_struck_is_still_known_when_its_task_is_forgotten() {
    let mut stage = Stage::new(&Setting::default());
    let id = stage.world.add_fault(of_web(ServiceFault::Crash, None));
    stage.deploy(&pinned("v2"));
    stage.play_to_s(12 * 3_600);
    assert!(stage.world.has_struck(id));
    stage.world.clear_faults();
    assert!(stage.world.has_struck(id), "and when it is over");
}

/// 30 s of deregistration delay and 30 s of stopTimeout, and then SIGKILL.
#[test]
fn slow_drain_keeps_old_tasks_as_long_as_they_may() {
    let mut stage = Stage::new(&Setting::default());
    stage.spoil(ServiceFault::SlowDrain, None);
    stage.deploy(&pinned("v2"));
    let done = |stage: &mut Stage| stage.web()["deployments"][0]["rolloutState"] == "COMPLETED";
    let live_s = stage.play_until(900, done);
    stage.play_to_s(live_s.expect("it is live all the same") + 120);
    let input = json!({ "cluster": "main", "serviceName": "web", "desiredStatus": "STOPPED" });
    let arns = stage.call("ListTasks", input)["taskArns"].clone();
    let reply = stage.call("DescribeTasks", json!({ "cluster": "main", "tasks": arns }));
    for task in reply["tasks"].as_array().expect("tasks") {
        assert_eq!(task["containers"][0]["exitCode"], 137);
        let at = |member: &str| task[member].as_f64().expect("a time");
        let took_s = at("executionStoppedAt") - at("stoppingAt");
        assert!((60.0..80.0).contains(&took_s), "{took_s} s");
    }
}
