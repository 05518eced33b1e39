//! Early success criteria (A6).

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{Setting, Stage, pinned, text};
use crate::Fault;

/// Four tasks, of which two are replaced at a time.
fn by_halves() -> Stage {
    Stage::new(&Setting {
        desired: 4,
        minimum: 50,
        maximum: 100,
        ..Setting::default()
    })
}

fn configure(stage: &mut Stage, percent: u32, cleanup: &str, bake_minutes: u32) {
    let input = json!({ "cluster": "main", "service": "web", "deploymentConfiguration": {
        "bakeTimeInMinutes": bake_minutes,
        "earlySuccessCriteria": { "enable": true, "healthyPercent": percent, "sourceServiceRevisionCleanup": cleanup },
    }});
    stage.call("UpdateService", input);
}

/// The second at which the record is SUCCESSFUL.
fn successful_s(stage: &mut Stage, new: &str) -> Option<u64> {
    stage.play_until(2_000, |stage| stage.record(new)["status"] == "SUCCESSFUL")
}

/// Two of four are healthy at +32; the old ones are told to stop at +33; the second half is healthy at +63.
#[rstest]
#[case::not_configured(None, 0, 93, 97)]
#[case::deferred(Some((50, "DEFERRED")), 0, 37, 42)]
#[case::deferred_bakes_first(Some((50, "DEFERRED")), 2, 151, 154)]
#[case::blocking(Some((50, "BLOCKING")), 0, 93, 97)]
#[case::blocking_bakes_and_cleans(Some((50, "BLOCKING")), 2, 213, 218)]
#[case::all_of_it(Some((100, "BLOCKING")), 0, 93, 97)]
fn when_it_is_successful(
    #[case] early: Option<(u32, &str)>,
    #[case] bake_minutes: u32,
    #[case] low_s: u64,
    #[case] high_s: u64,
) {
    let mut stage = by_halves();
    if let Some((percent, cleanup)) = early {
        configure(&mut stage, percent, cleanup, bake_minutes);
    }
    let new = stage.deploy(&pinned("v2"));
    let at_s = successful_s(&mut stage, &new).expect("it succeeds");
    assert!(
        (low_s..=high_s).contains(&at_s),
        "{early:?} succeeded at {at_s} s: {:#?}",
        stage.story()
    );
    stage.play_to_s(600);
    let picture = &stage.world.picture().services["web"];
    assert_eq!(
        (picture.healthy, picture.running_task_definitions.len()),
        (4, 1),
        "the rest follows as ordinary scaling"
    );
    let web = stage.web();
    assert_eq!(web["deployments"].as_array().map(Vec::len), Some(1));
    assert!(stage.world.violations().is_empty());
}

/// The second half never starts.
#[rstest]
#[case::not_configured(None, None)]
#[case::blocking(Some((50, "BLOCKING")), Some(94))]
#[case::not_enough(Some((51, "BLOCKING")), None)]
#[case::deferred(Some((50, "DEFERRED")), Some(37))]
fn the_rest_does_not_matter(#[case] early: Option<(u32, &str)>, #[case] expected: Option<u64>) {
    let mut stage = by_halves();
    if let Some((percent, cleanup)) = early {
        configure(&mut stage, percent, cleanup, 0);
    }
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(20);
    stage.world.add_fault(Fault::ImageExpired {
        repository: "web".to_owned(),
        tag: "v2".to_owned(),
    });
    let at_s = successful_s(&mut stage, &new);
    let near = |at_s: u64| expected.is_some_and(|expected| at_s.abs_diff(expected) <= 2);
    assert!(at_s.map_or(expected.is_none(), near), "{at_s:?}");
}

#[test]
fn the_source_is_kept_through_the_bake_and_cleaned_after_success() {
    let mut stage = by_halves();
    configure(&mut stage, 50, "DEFERRED", 2);
    let old = text(&stage.web()["deployments"][0]["id"]);
    let new = stage.deploy(&pinned("v2"));
    let known = [(old.as_str(), "OLD"), (new.as_str(), "NEW")];
    stage.play_to_s(150);
    assert_eq!(
        stage.deployments(&known),
        [
            "PRIMARY NEW IN_PROGRESS ECS deployment NEW in progress. 2+0/4",
            "ACTIVE OLD COMPLETED ECS deployment OLD completed. 2+0/2",
        ]
    );
    successful_s(&mut stage, &new).expect("it succeeds");
    assert_eq!(
        stage.deployments(&known),
        [
            "PRIMARY NEW COMPLETED ECS deployment NEW completed. 2+0/4",
            "ACTIVE OLD COMPLETED ECS deployment OLD completed. 2+0/2",
        ]
    );
}

#[test]
fn counts_of_the_record_are_a_snapshot() {
    let mut stage = by_halves();
    configure(&mut stage, 50, "DEFERRED", 0);
    let new = stage.deploy(&pinned("v2"));
    successful_s(&mut stage, &new).expect("it succeeds");
    let counts = |record: &Value| {
        let target = &record["targetServiceRevision"];
        (
            target["requestedTaskCount"].clone(),
            target["runningTaskCount"].clone(),
        )
    };
    let then = counts(&stage.record(&new));
    assert_eq!(then, (json!(4), json!(2)));
    stage.play_to_s(600);
    assert_eq!(counts(&stage.record(&new)), then);
    assert_eq!(stage.web()["deployments"][0]["runningCount"], 4);
    let story = stage.story();
    let of = |part: &str| story.iter().position(|line| line.contains(part));
    assert!(of("deployment completed.") < of("has reached a steady state."));
}

#[test]
fn after_success_nothing_takes_it_back() {
    let mut stage = by_halves();
    configure(&mut stage, 50, "DEFERRED", 0);
    let new = stage.deploy(&pinned("v2"));
    let at_s = successful_s(&mut stage, &new).expect("it succeeds");
    let arn = stage.record(&new)["serviceDeploymentArn"].clone();
    let refusal = stage.refusal(
        "StopServiceDeployment",
        json!({ "serviceDeploymentArn": arn }),
    );
    assert_eq!(refusal.code, "ConflictException");
    // The other half, which starts later, finds no image.
    stage.world.add_fault(Fault::ImageExpired {
        repository: "web".to_owned(),
        tag: "v2".to_owned(),
    });
    stage.play_to_s(at_s + 1_800);
    let web = stage.web();
    assert_eq!(text(&web["deployments"][0]["id"]), new);
    assert_eq!(web["deployments"][0]["rolloutState"], "COMPLETED");
    let record = stage.record(&new);
    assert_eq!(record["status"], "SUCCESSFUL");
    assert_eq!(
        record["deploymentCircuitBreaker"]["status"],
        "MONITORING_COMPLETE"
    );
}

#[rstest]
#[case::below_minimum(json!({ "enable": true, "healthyPercent": 49, "sourceServiceRevisionCleanup": "BLOCKING" }))]
#[case::too_much(json!({ "enable": true, "healthyPercent": 101, "sourceServiceRevisionCleanup": "BLOCKING" }))]
#[case::no_percent(json!({ "enable": true, "sourceServiceRevisionCleanup": "BLOCKING" }))]
#[case::no_cleanup(json!({ "enable": true, "healthyPercent": 60 }))]
#[case::unknown_cleanup(json!({ "enable": true, "healthyPercent": 60, "sourceServiceRevisionCleanup": "LATER" }))]
fn refused(#[case] criteria: Value) {
    let input = json!({ "cluster": "main", "service": "web",
        "deploymentConfiguration": { "earlySuccessCriteria": criteria } });
    let refusal = by_halves().refusal("UpdateService", input);
    assert_eq!(refusal.code, "InvalidParameterException");
}
