//! A deployment survives its world being saved, and others are told of it.

use super::stage::{Setting, Stage};
use crate::World;

/// Saved in each stage and restored, it ends as it would have ended.
#[test]
fn a_saved_deployment_goes_on() {
    let setting = Setting {
        config: "CodeDeployDefault.ECSCanary10Percent5Minutes",
        ready_minutes: Some(10),
        alarms: vec!["errors"],
        ..Setting::default()
    };
    for event in [
        "BeforeInstall=InProgress",
        "Install=InProgress",
        "AfterAllowTestTraffic=Succeeded",
    ] {
        let mut stage = Stage::new(&setting);
        let id = stage.deploy("v2");
        stage.play_until_event(&id, event);
        let text = stage.world.to_json().expect("a text");
        let expected = stage.story(&id);
        stage.world = World::from_json(&text).expect("a world");
        assert_eq!(stage.story(&id), expected, "{event}");
    }
}

#[test]
fn event_bridge_is_told() {
    let mut stage = Stage::new(&Setting {
        ready_minutes: Some(10),
        ..Setting::default()
    });
    let id = stage.deploy("v2");
    stage.play_until_status(&id, "Stopped");
    let rollback = stage.rollback_of(&id).expect("rolled back");
    stage.play_until_status(&rollback, "Succeeded");
    let told = stage.world.events.told.iter();
    let told = told.filter(|told| told.source == "aws.codedeploy");
    let told: Vec<(String, String)> = told
        .map(|told| {
            let detail = told.detail.tree();
            let member = |name: &str| super::stage::text(&detail[name]);
            (member("deploymentId"), member("state"))
        })
        .collect();
    let expected = [
        (&id, "START"),
        (&id, "READY"),
        (&id, "STOP"),
        (&rollback, "START"),
        (&rollback, "SUCCESS"),
    ];
    assert_eq!(
        told,
        expected.map(|(id, state)| (id.clone(), state.to_owned()))
    );
}
