//! What others do to a service of CodeDeploy, and one that a blueprint has.

use serde_json::{Value, json};

use super::inputs;
use super::stage::{Setting, Stage, text};
use crate::front::{Service, ask};
use crate::{Blueprint, Fault, Trigger, Weather, World, WorldEvent};

impl Stage {
    /// Whether it has struck.
    fn happens(&mut self, event: WorldEvent) -> bool {
        let when = Trigger::AfterMs(0);
        let fault = self.world.add_fault(Fault::World { when, event });
        self.play_to_s(self.now_s() + 1);
        self.world.has_struck(fault)
    }

    fn newest(&mut self) -> String {
        let found = self.call(
            "ListDeployments",
            json!({ "applicationName": "app", "deploymentGroupName": "group" }),
        );
        text(&found["deployments"][0])
    }
}

fn web() -> String {
    "web".to_owned()
}

#[test]
fn somebody_deploys_or_restarts_it_by_a_deployment() {
    for event in [
        WorldEvent::ForeignDeployment { service: web() },
        WorldEvent::ForcedRedeployment { service: web() },
    ] {
        let mut stage = Stage::new(&Setting::default());
        assert!(stage.happens(event.clone()));
        let id = stage.newest();
        stage.play_until_status(&id, "Succeeded");
        assert_eq!(stage.weights(), "blue=0 green=100");
        // One at a time: beside another one it is refused.
        let busy = stage.deploy("v2");
        assert!(!stage.happens(event));
        assert_eq!(stage.newest(), busy);
    }
}

#[test]
fn somebody_stops_it_and_its_group_takes_it_back() {
    let mut stage = Stage::new(&Setting::default());
    let id = stage.deploy("v2");
    stage.play_until_event(&id, "Install=InProgress");
    assert!(stage.happens(WorldEvent::StoppedByHand { service: web() }));
    assert_eq!(stage.error(&id).0, "MANUAL_STOP");
    assert!(stage.rollback_of(&id).is_some());
}

#[test]
fn an_alarm_stops_what_is_going_on() {
    let mut stage = Stage::new(&Setting::default());
    let id = stage.deploy("v2");
    stage.play_until_event(&id, "Install=InProgress");
    assert!(stage.happens(WorldEvent::RollBackByAlarm { service: web() }));
    assert_eq!(stage.error(&id).0, "ALARM_ACTIVE");
    assert!(stage.rollback_of(&id).is_some());
}

#[test]
fn what_makes_nothing_has_not_struck() {
    let nobody = || "nobody".to_owned();
    for event in [
        WorldEvent::ForeignDeployment { service: nobody() },
        WorldEvent::ForcedRedeployment { service: nobody() },
        WorldEvent::RollBackByAlarm { service: nobody() },
        WorldEvent::SetDesiredCount {
            service: nobody(),
            count: 1,
        },
        WorldEvent::ForeignInvalidation {
            distribution: nobody(),
            paths: Vec::new(),
            lasting_ms: 1,
        },
        // Nothing goes on that could be stopped.
        WorldEvent::RollBackByAlarm { service: web() },
        WorldEvent::StoppedByHand { service: web() },
    ] {
        let mut stage = Stage::new(&Setting::default());
        assert!(!stage.happens(event.clone()), "{event:?}");
    }
    // A service that no group deploys.
    let mut stage = Stage::with_service();
    assert!(!stage.happens(WorldEvent::ForcedRedeployment { service: web() }));
}

/// A picture is of what is live: what is kept for the way back gets no requests.
#[test]
fn what_is_kept_is_no_part_of_the_picture() {
    let mut stage = Stage::new(&Setting::default());
    let id = stage.deploy("v2");
    let live = |stage: &Stage| {
        let picture = stage.world.picture();
        let web = &picture.services["web"];
        let running = web.running_task_definitions.iter().cloned();
        (
            running.collect::<Vec<_>>().join(" "),
            web.running,
            web.deploying,
        )
    };
    stage.play_until_event(&id, "AllowTraffic=InProgress");
    assert_eq!(live(&stage), ("web:1 web:2".to_owned(), 4, true));
    stage.play_until_event(&id, "AfterAllowTraffic=Succeeded");
    assert_eq!(live(&stage), ("web:2".to_owned(), 2, false));
    assert_eq!(stage.sets().len(), 2);
    let started = stage.world.started().rollouts;
    assert_eq!(started[&(web(), "web:2".to_owned())], 1);
}

/// `web` between `blue` and `green`, with somebody who answers.
fn of_code_deploy(pause: &Value) -> Blueprint {
    let mut blueprint = inputs::blueprint();
    blueprint.load_balancers[0].rules[0].alternate = Some("green".to_owned());
    let service = json!({
        "name": "web", "desired_count": 2, "minimum_healthy_percent": 100, "maximum_percent": 200,
        "circuit_breaker": false, "circuit_breaker_rollback": false,
        "target_group": { "name": "blue", "container_name": "web", "container_port": 8000 },
        "app": { "pause": pause },
        "traffic": {
            "configuration": null, "alternate": "green",
            "code_deploy": { "config": "CodeDeployDefault.ECSAllAtOnce", "ready_minutes": 5, "termination_minutes": 5 },
        },
        "task_definition": inputs::definition("v1"),
    });
    let service = serde_json::from_value(service).expect("a service");
    blueprint.services.push(service);
    blueprint
}

fn deployed(pause: &Value) -> (World, String) {
    const NOW_MS: u64 = 1_800_000_000_000;
    let mut world = World::new("123456789012", "sa-east-1", 1, Weather::Calm, NOW_MS);
    world
        .provision(&of_code_deploy(pause))
        .expect("a possible account");
    let again = WorldEvent::ForcedRedeployment { service: web() };
    let when = Trigger::AfterMs(0);
    world.add_fault(Fault::World { when, event: again });
    world.advance(NOW_MS + 240_000);
    let found = ask(
        &mut world,
        Service::CodeDeploy,
        "ListDeployments",
        &json!({}),
    );
    let id = text(&found.expect("deployments")["deployments"][0]);
    let input = json!({ "deploymentId": id });
    let found = ask(&mut world, Service::CodeDeploy, "GetDeployment", &input);
    let found = found.expect("a deployment");
    (world, text(&found["deploymentInfo"]["status"]))
}

#[test]
fn a_blueprints_service_is_steady_and_can_be_deployed() {
    let (world, status) = deployed(&json!({ "after_ms": 60_000, "action": "CONTINUE" }));
    assert_eq!(status, "InProgress");
    let picture = world.picture();
    let web = &picture.services["web"];
    assert_eq!((web.running, web.healthy, web.deploying), (2, 2, false));
}

#[test]
fn whoever_is_asked_lets_it_go_on_or_stops_it_or_is_late() {
    // What is stopped is taken back by a deployment of its own: that is the newest.
    for (after_ms, action, expected) in [
        (60_000, "CONTINUE", "InProgress"),
        (60_000, "ROLLBACK", "Succeeded"),
        (3_600_000, "CONTINUE", "Ready"),
    ] {
        let (_, status) = deployed(&json!({ "after_ms": after_ms, "action": action }));
        assert_eq!(status, expected, "{action} after {after_ms} ms");
    }
}
