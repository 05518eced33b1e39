//! Deployments that fail, and the deployments that take them back.

use serde_json::json;

use super::stage::{Setting, Stage, deployment, text};
use crate::{Fault, ServiceFault};

#[test]
fn a_replacement_that_never_gets_healthy_times_out_after_an_hour() {
    for fault in [
        ServiceFault::Unhealthy,
        ServiceFault::ImageMissing,
        ServiceFault::Crash,
    ] {
        let mut stage = Stage::new(&Setting::default());
        stage.spoil(fault, None);
        let id = stage.deploy("v2");
        let install_s = stage.play_until_event(&id, "Install=InProgress");
        let failed_s = stage.play_until_status(&id, "Failed");
        assert_eq!(failed_s - install_s, 3_600, "{fault:?}");
        assert_eq!(
            stage.error(&id),
            (
                "TIMEOUT".to_owned(),
                "The deployment timed out while waiting for the replacement task set to become healthy. This time out period is 60 \
                 minutes."
                    .to_owned()
            )
        );
        let events = stage.events(&id);
        assert_eq!(
            events[..2],
            ["BeforeInstall=Succeeded", "Install=Failed"],
            "{fault:?}"
        );
        assert!(
            events[2..].iter().all(|event| event.ends_with("=Skipped")),
            "{events:?}"
        );
        assert_eq!(stage.weights(), "blue=100 green=0", "{fault:?}");
    }
}

#[test]
fn a_rollback_is_a_deployment_of_its_own() {
    let mut stage = Stage::new(&Setting::default());
    stage.spoil(ServiceFault::Unhealthy, None);
    let id = stage.deploy("v2");
    stage.play_until_status(&id, "Failed");
    let rollback = stage.rollback_of(&id).expect("rolled back");
    let failed = stage.info(&id);
    assert_eq!(
        text(&failed["rollbackInfo"]["rollbackMessage"]),
        format!(
            "Deployment {id} terminated. Automatic rollback is triggered with a DeploymentId {rollback}."
        )
    );
    assert_eq!(failed["deploymentOverview"]["Failed"], 1);
    let limit = stage.refusal("CreateDeployment", deployment("web:1", json!([])));
    assert_eq!(limit.code, "DeploymentLimitExceededException");
    stage.play_until_status(&rollback, "Succeeded");
    let info = stage.info(&rollback);
    assert_eq!(info["creator"], "codeDeployRollback");
    assert_eq!(
        info["deploymentConfigName"],
        "CodeDeployDefault.ECSAllAtOnce"
    );
    assert_eq!(
        info["rollbackInfo"],
        json!({
            "rollbackTriggeringDeploymentId": id,
            "rollbackMessage": format!("Deployment {rollback} is triggered to roll back deployment {id}."),
        })
    );
    assert_eq!(stage.sets()[0], "PRIMARY web:1 2/2 STEADY_STATE");
    stage.play_to_s(stage.now_s() + 300);
    assert_eq!(stage.sets(), ["PRIMARY web:1 2/2 STEADY_STATE"]);
    assert_eq!(stage.world.violations(), [] as [String; 0]);
}

#[test]
fn without_automatic_rollback_the_replacement_stays() {
    let mut stage = Stage::new(&Setting {
        rollback: vec![],
        ..Setting::default()
    });
    stage.spoil(ServiceFault::Unhealthy, None);
    let id = stage.deploy("v2");
    stage.play_until_status(&id, "Failed");
    assert_eq!(stage.rollback_of(&id), None);
    stage.play_to_s(stage.now_s() + 600);
    let sets = stage.sets();
    assert_eq!(sets[0], "PRIMARY web:1 2/2 STEADY_STATE");
    assert!(sets[1].starts_with("ACTIVE web:2"), "{sets:?}");
}

#[test]
fn a_rollback_goes_back_to_the_last_good_revision() {
    let mut stage = Stage::new(&Setting::default());
    let good = stage.deploy("v2");
    stage.play_until_status(&good, "Succeeded");
    stage.spoil(ServiceFault::Unhealthy, None);
    let bad = stage.deploy("v3");
    stage.play_until_status(&bad, "Failed");
    let rollback = stage.rollback_of(&bad).expect("rolled back");
    stage.play_until_status(&rollback, "Succeeded");
    assert_eq!(
        stage.info(&rollback)["revision"],
        stage.info(&good)["revision"]
    );
    assert_eq!(stage.sets()[0], "PRIMARY web:2 2/2 STEADY_STATE");
    assert_eq!(stage.weights(), "blue=0 green=100");
}

/// What is wrong before there is a replacement: Install fails and nothing is rolled back.
#[test]
fn a_deployment_that_cannot_begin() {
    type Spoil = fn(&mut Stage) -> String;
    let cases: [(&str, Spoil, &str, &str); 3] = [
        (
            "production elsewhere",
            |stage| {
                stage.point_production_to("green");
                stage.register("v2")
            },
            "ELASTIC_LOAD_BALANCING_INVALID",
            "Primary taskset target group must be behind listener arn:",
        ),
        (
            "no task definition",
            |_| "web:99".to_owned(),
            "ECS_UPDATE_ERROR",
            "TaskDefinition not found.",
        ),
        (
            "inactive task definition",
            |stage| {
                let name = stage.register("v2");
                stage.ecs(
                    "DeregisterTaskDefinition",
                    json!({ "taskDefinition": name }),
                );
                name
            },
            "ECS_UPDATE_ERROR",
            "TaskDefinition is inactive",
        ),
    ];
    for (case, prepare, code, part) in cases {
        let mut stage = Stage::new(&Setting::default());
        let definition = prepare(&mut stage);
        let id = text(
            &stage.call("CreateDeployment", deployment(&definition, json!([])))["deploymentId"],
        );
        stage.play_until_status(&id, "Failed");
        let error = stage.error(&id);
        assert_eq!(error.0, code, "{case}");
        assert!(error.1.contains(part), "{case}: {}", error.1);
        assert_eq!(stage.events(&id)[1], "Install=Failed", "{case}");
        assert_eq!(stage.rollback_of(&id), None, "{case}");
        assert_eq!(stage.sets(), ["PRIMARY web:1 2/2 STEADY_STATE"], "{case}");
    }
}

#[test]
fn a_service_that_is_gone_fails_the_deployment() {
    let mut stage = Stage::new(&Setting::default());
    let id = stage.deploy("v2");
    stage.ecs(
        "DeleteService",
        json!({ "cluster": "main", "service": "web", "force": true }),
    );
    stage.play_until_status(&id, "Failed");
    assert_eq!(stage.error(&id).0, "INVALID_ECS_SERVICE");
}

#[test]
fn scaling_while_traffic_shifts_gives_five_minutes() {
    let setting = Setting {
        config: "CodeDeployDefault.ECSCanary10Percent15Minutes",
        ..Setting::default()
    };
    for expires in [false, true] {
        let mut stage = Stage::new(&setting);
        let id = stage.deploy("v2");
        stage.play_until(10_000, |stage| stage.weights() == "blue=90 green=10");
        let scaled_s = stage.now_s();
        if expires {
            stage.world.add_fault(Fault::ImageExpired {
                repository: "web".to_owned(),
                tag: "v2".to_owned(),
            });
        }
        stage.ecs(
            "UpdateService",
            json!({ "cluster": "main", "service": "web", "desiredCount": 3 }),
        );
        let expected = if expires { "Failed" } else { "Succeeded" };
        let ended_s = stage.play_until_status(&id, expected);
        if expires {
            assert!(
                (300..=320).contains(&(ended_s - scaled_s)),
                "{scaled_s} {ended_s}"
            );
            assert!(
                stage
                    .error(&id)
                    .1
                    .ends_with("This time out period is 5 minutes.")
            );
        }
    }
}
