//! Tasks that run for real: their targets are what their checks have shown, and they answer what they have got before they go.

use std::net::SocketAddr;

use serde_json::Value;

use super::stage::{Setting, Stage, pinned, text};
use crate::base::here::here;
use crate::base::visit::Visit;
use crate::services::elb::{Backend, HealthCheck, Routed, Seen};

/// Plays second by second; every task runs for real, and this is what comes of its checks.
fn play_real(stage: &mut Stage, to_s: u64, seen: impl Fn(&HealthCheck) -> Seen) {
    for second in stage.now_s()..=to_s {
        stage.play_to_s(second);
        for task in stage.world.ecs.tasks.values_mut() {
            let own = SocketAddr::from(([127, 0, 0, 1], 9_000 + task.serial as u16));
            task.reached.insert(8000, own);
        }
        for check in stage.world.due_checks() {
            stage.world.checked(&check, seen(&check));
        }
    }
}

fn good(_: &HealthCheck) -> Seen {
    Seen::Status(200)
}

fn rollout(stage: &mut Stage) -> String {
    text(&stage.web()["deployments"][0]["rolloutState"])
}

fn backend(stage: &mut Stage) -> Backend {
    let world = &mut stage.world;
    match here!(world.elb).route(&Visit::get("api.example.com", "/web/slow")) {
        Some(Routed::Target(backend)) => backend,
        other => panic!("no target: {other:?}"),
    }
}

/// `lastStatus` of the task whose address it is.
fn status(stage: &Stage, ip: &str) -> &'static str {
    let mut tasks = stage.world.ecs.tasks.values();
    let task = tasks.find(|task| task.ip == ip).expect("a task");
    task.status.text()
}

#[test]
fn a_deployment_waits_for_what_its_checks_show() {
    let mut stage = Stage::new(&Setting::default());
    play_real(&mut stage, 0, good);
    stage.deploy(&pinned("v2"));
    // The script says that it is good: nobody listens to the script.
    play_real(&mut stage, 60, |check| match check.address.port() {
        9_001 | 9_002 => Seen::Status(200),
        _ => Seen::Failed,
    });
    assert_eq!(rollout(&mut stage), "IN_PROGRESS");
    let events = stage.web()["events"].to_string();
    assert!(!events.contains("is unhealthy"), "{events}");
    play_real(&mut stage, 100, |_| Seen::Failed);
    let events = stage.web()["events"].to_string();
    assert!(
        events.contains("due to (reason Health checks failed)"),
        "{events}"
    );
    play_real(&mut stage, 400, good);
    assert_eq!(rollout(&mut stage), "COMPLETED");
}

/// The deregistration delay is 30 s.
fn with_a_request_under_way() -> (Stage, Backend) {
    let mut stage = Stage::new(&Setting {
        desired: 1,
        ..Setting::default()
    });
    play_real(&mut stage, 0, good);
    let backend = backend(&mut stage);
    stage.world.elb.begin_passage(&backend);
    stage.deploy(&pinned("v2"));
    while stage.world.elb.has_target("web", backend.target)
        && drains(&stage, &backend) != Some(true)
    {
        let next = stage.now_s() + 1;
        play_real(&mut stage, next, good);
    }
    (stage, backend)
}

fn drains(stage: &Stage, backend: &Backend) -> Option<bool> {
    let targets = &stage.world.elb.groups.get("web")?.targets;
    let target = targets.iter().find(|it| it.serial() == backend.target)?;
    Some(target.drains())
}

#[test]
fn a_task_answers_what_it_has_got_before_it_is_stopped() {
    let (mut stage, backend) = with_a_request_under_way();
    let drained_s = stage.now_s();
    play_real(&mut stage, drained_s + 25, good);
    assert_eq!(status(&stage, &backend.ip), "DEACTIVATING");
    stage.world.elb.end_passage(&backend);
    play_real(&mut stage, drained_s + 27, good);
    assert_ne!(
        status(&stage, &backend.ip),
        "DEACTIVATING",
        "before the delay has elapsed"
    );
}

#[test]
fn a_task_is_stopped_when_the_delay_has_elapsed_whatever_it_answers() {
    let (mut stage, backend) = with_a_request_under_way();
    let drained_s = stage.now_s();
    play_real(&mut stage, drained_s + 29, good);
    assert_eq!(status(&stage, &backend.ip), "DEACTIVATING");
    assert!(stage.world.elb.has_target("web", backend.target));
    play_real(&mut stage, drained_s + 32, good);
    assert!(
        !stage.world.elb.has_target("web", backend.target),
        "what is under way is cut"
    );
    assert_ne!(status(&stage, &backend.ip), "DEACTIVATING");
}

#[test]
fn a_port_that_a_real_task_does_not_have_is_closed() {
    let mut stage = Stage::new(&Setting::default());
    for task in stage.world.ecs.tasks.values_mut() {
        task.reached.insert(9, ([127, 0, 0, 1], 9).into());
    }
    let reply = stage
        .world
        .answer_viewer(&Visit::get("api.example.com", "/web/x"));
    assert_eq!(reply.unwrap().status, 502);
    play_real_checks_fail(&mut stage);
}

fn play_real_checks_fail(stage: &mut Stage) {
    for second in 0..120 {
        stage.play_to_s(second);
        assert_eq!(
            stage.world.due_checks(),
            [],
            "there is nowhere to send it to"
        );
    }
    let told: Value = stage.web()["events"].clone();
    let told = told.to_string();
    assert!(
        told.contains("due to (reason Health checks failed)"),
        "{told}"
    );
}
