//! Rolling deployments that end well, and those that never end (A1-A8).

use rstest::rstest;
use serde_json::json;

use super::stage::{Setting, Stage, pinned, text};
use crate::{Fault, ServiceHistory, Trigger, Weather, WorldEvent};

#[test]
fn a_steady_service_has_always_been_steady() {
    for balanced in [true, false] {
        let mut stage = Stage::new(&Setting {
            balanced,
            ..Setting::default()
        });
        let web = stage.web();
        assert_eq!(
            (&web["runningCount"], &web["pendingCount"]),
            (&json!(2), &json!(0))
        );
        assert_eq!(web["deployments"][0]["rolloutState"], "COMPLETED");
        assert!(text(&web["events"][0]["message"]).ends_with("has reached a steady state."));
        let id = text(&web["deployments"][0]["id"]);
        assert_eq!(stage.record(&id)["status"], "SUCCESSFUL");
        assert!(
            web["deployments"][0]["createdAt"].as_f64()
                < Some(stage.world.now_ms() as f64 / 1_000.0)
        );
        let before = stage.world.picture();
        stage.play_to_s(5 * 3_600);
        assert_eq!(stage.world.picture(), before);
        assert!(stage.world.violations().is_empty());
    }
}

#[test]
fn one_task_after_the_other_is_never_less() {
    let mut stage = Stage::new(&Setting::default());
    let old = text(&stage.web()["deployments"][0]["id"]);
    let new = stage.deploy(&pinned("v2"));
    let known = [(old.as_str(), "OLD"), (new.as_str(), "NEW")];
    assert_eq!(
        stage.deployments(&known),
        [
            "PRIMARY NEW IN_PROGRESS ECS deployment NEW in progress. 0+0/0",
            "ACTIVE OLD COMPLETED ECS deployment OLD completed. 2+0/2",
        ]
    );
    assert_eq!(stage.record(&new)["status"], "PENDING");
    stage.play_to_s(3);
    assert_eq!(stage.record(&new)["status"], "IN_PROGRESS");
    stage.play_to_s(200);
    assert_eq!(
        stage.story(),
        [
            "+2 (service web) has started 2 tasks: (task T) (task T).",
            "+22 (service web) registered 2 targets in (target-group ARN)",
            "+33 (service web) has stopped 2 running tasks: (task T) (task T).",
            "+42 (service web) deregistered 2 targets in (target-group ARN)",
            "+42 (service web, taskSet D) has begun draining connections on 2 tasks.",
            "+94 (service web) (deployment D) deployment completed.",
            "+94 (service web) has reached a steady state.",
        ]
    );
    assert_eq!(
        stage.deployments(&known),
        ["PRIMARY NEW COMPLETED ECS deployment NEW completed. 2+0/2"]
    );
    let record = stage.record(&new);
    assert_eq!(record["status"], "SUCCESSFUL");
    assert_eq!(
        record["deploymentCircuitBreaker"]["status"],
        "MONITORING_COMPLETE"
    );
    assert!(stage.world.violations().is_empty());
    assert_eq!(
        stage
            .world
            .health_floor("web")
            .and_then(|floor| floor.minimum),
        Some(2)
    );
}

/// A2 and A4: how many tasks of each kind there are after the first pass.
#[rstest]
#[case::ordinary(2, 100, 200, 2, 2)]
#[case::nothing_may_start(3, 100, 125, 3, 0)]
#[case::documented_example(6, 50, 134, 3, 5)]
#[case::half(2, 50, 100, 1, 1)]
#[case::all_at_once(2, 0, 100, 0, 2)]
#[case::three_quarters_of_two(2, 75, 100, 2, 0)]
#[case::one(1, 100, 200, 1, 1)]
#[case::zero(0, 100, 200, 0, 0)]
fn first_pass(
    #[case] desired: u32,
    #[case] minimum: u32,
    #[case] maximum: u32,
    #[case] old: u64,
    #[case] new: u64,
) {
    let mut stage = Stage::new(&Setting {
        desired,
        minimum,
        maximum,
        ..Setting::default()
    });
    stage.deploy(&pinned("v2"));
    stage.play_to_s(3);
    let web = stage.web();
    assert_eq!(web["deployments"][0]["pendingCount"], json!(new));
    assert_eq!(web["deployments"][1]["runningCount"], json!(old));
}

/// A3: the second at which a task that started at +2 and runs at +22 counts, seen by the stop of the old one a second later.
#[rstest]
#[case::nothing(false, false, 22 + 40)]
#[case::container(false, true, 22 + 30)]
#[case::target(true, false, 22 + 10)]
#[case::both(true, true, 22 + 30)]
fn counts_as_healthy(#[case] balanced: bool, #[case] container_check: bool, #[case] expected: u64) {
    let mut stage = Stage::new(&Setting {
        desired: 1,
        balanced,
        container_check,
        ..Setting::default()
    });
    stage.deploy_to("web", &pinned("v2"), container_check);
    let at_s = stage.play_until(300, |stage| {
        stage.world.picture().services["web"].healthy == 2
    });
    assert_eq!(at_s, Some(expected));
}

#[test]
fn stuck_bounds_hang_and_say_so_once() {
    let mut stage = Stage::new(&Setting {
        desired: 3,
        minimum: 100,
        maximum: 125,
        ..Setting::default()
    });
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(4 * 3_600);
    assert_eq!(stage.record(&new)["status"], "IN_PROGRESS");
    let story = stage.story();
    assert_eq!(story.len(), 1, "{story:?}");
    assert!(
        story[0].contains("was unable to stop or start tasks during a deployment"),
        "{story:?}"
    );
}

#[test]
fn a_tag_is_resolved_by_the_first_task_alone() {
    let mut stage = Stage::new(&Setting {
        desired: 3,
        ..Setting::default()
    });
    stage.deploy(":v2");
    stage.play_to_s(200);
    let story = stage.story();
    assert!(story[0].contains("has started 1 tasks"), "{story:#?}");
    assert!(
        story
            .iter()
            .any(|line| line.contains("has started 2 tasks")),
        "{story:#?}"
    );
    let picture = &stage.world.picture().services["web"];
    assert_eq!((picture.running, picture.image_digests.len()), (3, 1));
}

#[test]
fn desired_count_changes_the_running_deployment() {
    let mut stage = Stage::new(&Setting::default());
    stage.world.add_fault(Fault::World {
        when: Trigger::AfterDeploymentOf {
            service: "web".to_owned(),
            ms: 10_000,
        },
        event: WorldEvent::SetDesiredCount {
            service: "web".to_owned(),
            count: 4,
        },
    });
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(300);
    let picture = &stage.world.picture().services["web"];
    assert_eq!(
        (picture.running, picture.desired, picture.healthy),
        (4, 4, 4)
    );
    assert_eq!(stage.record(&new)["status"], "SUCCESSFUL");
    stage.call(
        "UpdateService",
        json!({ "cluster": "main", "service": "web", "desiredCount": 1 }),
    );
    stage.play_to_s(400);
    assert_eq!(stage.world.picture().services["web"].running, 1);
    assert_eq!(text(&stage.web()["deployments"][0]["id"]), new);
    assert!(
        stage.world.violations().is_empty(),
        "{:?}",
        stage.world.violations()
    );
}

#[test]
fn an_update_without_change_makes_no_deployment_and_force_always_does() {
    let mut stage = Stage::new(&Setting::default());
    let old = text(&stage.web()["deployments"][0]["id"]);
    let update = |stage: &mut Stage, more: serde_json::Value| {
        let mut input = json!({ "cluster": "main", "service": "web" });
        for (name, value) in more.as_object().expect("members") {
            input[name] = value.clone();
        }
        text(&stage.call("UpdateService", input)["service"]["deployments"][0]["id"])
    };
    assert_eq!(update(&mut stage, json!({})), old);
    assert_eq!(update(&mut stage, json!({ "taskDefinition": "web" })), old);
    assert_eq!(
        update(&mut stage, json!({ "healthCheckGracePeriodSeconds": 5 })),
        old
    );
    assert_eq!(
        update(&mut stage, json!({ "propagateTags": "SERVICE" })),
        old
    );
    assert_ne!(
        update(&mut stage, json!({ "forceNewDeployment": true })),
        old
    );
}

#[test]
fn an_old_task_that_dies_is_replaced_by_an_old_one() {
    let mut stage = Stage::new(&Setting {
        balanced: false,
        ..Setting::default()
    });
    stage.spoil(crate::ServiceFault::ImageMissing, None);
    stage.deploy(&pinned("v2"));
    stage.play_to_s(10);
    let tasks = stage.call(
        "ListTasks",
        json!({ "cluster": "main", "serviceName": "web" }),
    );
    let arns: Vec<String> = tasks["taskArns"]
        .as_array()
        .expect("a list")
        .iter()
        .map(text)
        .collect();
    let described = stage.call("DescribeTasks", json!({ "cluster": "main", "tasks": arns }));
    let old = described["tasks"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|task| task["lastStatus"] == "RUNNING");
    let arn = old.expect("an old task")["taskArn"].clone();
    let stopped = stage.call("StopTask", json!({ "cluster": "main", "task": arn }));
    assert_eq!(stopped["task"]["lastStatus"], "DEACTIVATING");
    assert_eq!(stopped["task"]["stopCode"], "UserInitiated");
    // It is not counted any more while it stops.
    let web = stage.web();
    assert_eq!(web["deployments"][1]["runningCount"], 1);
    assert!(
        !stage.world.violations().is_empty(),
        "someone stopped a task"
    );
    stage.play_to_s(70);
    let web = stage.web();
    assert_eq!(web["deployments"][1]["runningCount"], 2);
}

#[test]
fn a_created_service_completes_its_first_deployment() {
    let mut stage = Stage::new(&Setting {
        history: ServiceHistory::Missing,
        ..Setting::default()
    });
    let definition = stage.register("web", &pinned("v1"), false);
    let group = stage.world.elb.groups["web"].arn.clone();
    let input = json!({
        "cluster": "main", "serviceName": "web", "taskDefinition": definition, "desiredCount": 1,
        "launchType": "FARGATE",
        "loadBalancers": [{ "targetGroupArn": group, "containerName": "web", "containerPort": 8000 }],
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
    });
    let created = stage.call("CreateService", input.clone());
    assert_eq!(
        stage.call("CreateService", input.clone())["service"]["deployments"][0]["id"],
        created["service"]["deployments"][0]["id"],
        "the same once more is the same service"
    );
    let mut other = input;
    other["desiredCount"] = json!(2);
    assert_eq!(
        stage.refusal("CreateService", other).message,
        "Creation of service was not idempotent."
    );
    stage.play_to_s(100);
    assert_eq!(stage.web()["deployments"][0]["rolloutState"], "COMPLETED");
    stage.call(
        "DeleteService",
        json!({ "cluster": "main", "service": "web", "force": true }),
    );
    assert_eq!(stage.web()["status"], "DRAINING");
    stage.play_to_s(200);
    assert_eq!(stage.web()["status"], "INACTIVE");
    let listed = stage.call("ListServices", json!({ "cluster": "main" }));
    assert_eq!(listed["serviceArns"], json!([]));
}

#[test]
fn every_weather_gets_there() {
    for weather in [Weather::Calm, Weather::Typical, Weather::Rough] {
        let mut stage = Stage::new(&Setting {
            weather,
            seed: 7,
            ..Setting::default()
        });
        stage.deploy(&pinned("v2"));
        stage.play_to_s(900);
        let picture = &stage.world.picture().services["web"];
        assert_eq!(
            (picture.running, picture.deploying),
            (2, false),
            "{weather:?}"
        );
        assert_eq!(picture.task_definition, "web:2");
    }
}
