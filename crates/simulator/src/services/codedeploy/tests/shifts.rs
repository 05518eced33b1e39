//! Deployments that go well, at each pace.

use serde_json::json;

use super::stage::{Setting, Stage, text};

const ALL_SUCCEEDED: [&str; 8] = [
    "BeforeInstall=Succeeded",
    "Install=Succeeded",
    "AfterInstall=Succeeded",
    "AllowTestTraffic=Succeeded",
    "AfterAllowTestTraffic=Succeeded",
    "BeforeAllowTraffic=Succeeded",
    "AllowTraffic=Succeeded",
    "AfterAllowTraffic=Succeeded",
];

#[test]
fn all_at_once_succeeds_only_when_blue_goes() {
    let mut stage = Stage::new(&Setting::default());
    assert_eq!(stage.weights(), "blue=100 green=0");
    let id = stage.deploy("v2");
    stage.play_until_event(&id, "AfterAllowTraffic=Succeeded");
    let shifted_s = stage.now_s();
    assert_eq!(stage.events(&id), ALL_SUCCEEDED);
    assert_eq!(stage.status(&id), "InProgress");
    assert_eq!(stage.info(&id)["instanceTerminationWaitTimeStarted"], false);
    assert_eq!(stage.target(&id)["status"], "Succeeded");
    assert_eq!(
        stage.sets(),
        [
            "PRIMARY web:2 2/2 STEADY_STATE",
            "ACTIVE web:1 2/2 STEADY_STATE"
        ]
    );
    assert_eq!(stage.weights(), "blue=0 green=100");
    let done_s = stage.play_until_status(&id, "Succeeded");
    assert_eq!(done_s - shifted_s, 300);
    let sets = stage.sets();
    assert_eq!(sets[0], "PRIMARY web:2 2/2 STEADY_STATE");
    assert!(sets[1].starts_with("DRAINING web:1 2/0"), "{sets:?}");
    assert_eq!(stage.info(&id)["deploymentOverview"]["Succeeded"], 1);
    stage.play_to_s(done_s + 300);
    assert_eq!(stage.sets(), ["PRIMARY web:2 2/2 STEADY_STATE"]);
    assert!(text(&stage.service()["taskDefinition"]).ends_with("web:2"));
    assert_eq!(stage.world.violations(), [] as [String; 0]);
}

#[test]
fn the_next_deployment_goes_the_other_way() {
    let mut stage = Stage::new(&Setting::default());
    let first = stage.deploy("v2");
    stage.play_until_status(&first, "Succeeded");
    let second = stage.deploy("v3");
    stage.play_until_status(&second, "Succeeded");
    assert_eq!(stage.weights(), "blue=100 green=0");
    let previous = stage.info(&second)["previousRevision"].clone();
    assert_eq!(previous, stage.info(&first)["revision"]);
}

#[test]
fn canary_shifts_in_two_steps() {
    let mut stage = Stage::new(&Setting {
        config: "CodeDeployDefault.ECSCanary10Percent5Minutes",
        ..Setting::default()
    });
    let id = stage.deploy("v2");
    let story = stage.story(&id);
    let steps: Vec<&str> = story
        .iter()
        .filter_map(|line| Some(line.split_once("InProgress ")?.1))
        .collect();
    assert_eq!(
        steps,
        ["blue=100 green=0", "blue=90 green=10", "blue=0 green=100"]
    );
    let at = |weights: &str| -> u64 {
        let line = story.iter().find(|line| line.ends_with(weights)).unwrap();
        line[1..].split(' ').next().unwrap().parse().unwrap()
    };
    assert_eq!(at("green=100") - at("green=10"), 300);
}

#[test]
fn linear_shifts_every_minute_and_ends_at_everything() {
    let mut stage = Stage::new(&Setting {
        config: "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
        ..Setting::default()
    });
    let id = stage.deploy("v2");
    let begun_s = stage.play_until_event(&id, "AllowTraffic=InProgress");
    for step in 1..=10 {
        stage.play_to_s(begun_s + (step - 1) * 60 + 1);
        assert_eq!(
            stage.weights(),
            format!("blue={} green={}", 100 - step * 10, step * 10)
        );
        let target = stage.target(&id);
        assert_eq!(target["taskSetsInfo"][0]["taskSetLabel"], "Green");
        assert_eq!(
            target["taskSetsInfo"][0]["trafficWeight"],
            json!((step * 10) as f64)
        );
    }
    let ended_s = stage.play_until_event(&id, "AllowTraffic=Succeeded");
    assert!(ended_s - begun_s <= 9 * 60 + 2, "{begun_s} {ended_s}");
}

#[test]
fn the_test_listener_sees_green_first() {
    let mut stage = Stage::new(&Setting::default());
    let id = stage.deploy_with("v2", json!([{ "AfterAllowTestTraffic": "probe" }]));
    stage.script("probe", crate::FunctionAnswer::Wait);
    stage.play_until_event(&id, "AfterAllowTestTraffic=InProgress");
    assert_eq!(stage.test_weights(), "blue=0 green=100");
    assert_eq!(stage.weights(), "blue=100 green=0");
}

#[test]
fn without_a_test_listener_two_events_are_missing() {
    let mut stage = Stage::new(&Setting {
        test_listener: false,
        ..Setting::default()
    });
    let id = stage.deploy("v2");
    stage.play_until_status(&id, "Succeeded");
    let events = stage.events(&id);
    assert_eq!(events.len(), 6, "{events:?}");
    assert!(events.iter().all(|event| !event.contains("Test")));
}

#[test]
fn a_configuration_of_ones_own_sets_the_pace() {
    let mut stage = Stage::new(&Setting::default());
    stage.call("CreateDeploymentConfig", json!({
        "deploymentConfigName": "half", "computePlatform": "ECS",
        "trafficRoutingConfig": { "type": "TimeBasedLinear", "timeBasedLinear": { "linearPercentage": 50, "linearInterval": 2 } },
    }));
    let definition = stage.register("v2");
    let mut input = super::stage::deployment(&definition, json!([]));
    input["deploymentConfigName"] = json!("half");
    let id = text(&stage.call("CreateDeployment", input)["deploymentId"]);
    let begun_s = stage.play_until_event(&id, "AllowTraffic=InProgress");
    assert_eq!(stage.weights(), "blue=50 green=50");
    let ended_s = stage.play_until(100_000, |stage| stage.weights() == "blue=0 green=100");
    assert_eq!(ended_s - begun_s, 120);
}

#[test]
fn what_a_deployment_goes_through() {
    let mut stage = Stage::new(&Setting {
        termination_minutes: 60,
        ..Setting::default()
    });
    let id = stage.deploy("v2");
    let statuses: Vec<String> = stage
        .story(&id)
        .iter()
        .map(|line| line.split(' ').nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(
        statuses,
        ["Created", "Queued", "InProgress", "InProgress", "Succeeded"]
    );
    let info = stage.info(&id);
    assert_eq!(info["creator"], "user");
    // The deployment waiter gives up after 30 minutes: this deployment is good, and takes more than an hour.
    assert!(stage.now_s() > 3_600);
}
