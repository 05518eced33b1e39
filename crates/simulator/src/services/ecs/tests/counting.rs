//! What the circuit breaker counts, and against which threshold (B1, B2).

use rstest::rstest;
use serde_json::{Value, json};

use super::stage::{Setting, Stage, pinned};
use crate::{ServiceFault, ServiceHistory, Weather};

fn configure(stage: &mut Stage, members: &Value) {
    let mut breaker = json!({ "enable": true, "rollback": true });
    for (name, value) in members.as_object().expect("members") {
        breaker[name] = value.clone();
    }
    let input = json!({ "cluster": "main", "service": "web",
        "deploymentConfiguration": { "deploymentCircuitBreaker": breaker } });
    stage.call("UpdateService", input);
}

/// The failure count at the moment it trips.
fn count_at_trip(stage: &mut Stage, new: &str) -> Option<u64> {
    stage.play_until(3 * 3_600, |stage| {
        stage.record(new)["deploymentCircuitBreaker"]["status"] == "TRIGGERED"
    })?;
    stage.record(new)["deploymentCircuitBreaker"]["failureCount"].as_u64()
}

#[rstest]
#[case::default(1, json!({}), 3)]
#[case::one(2, json!({ "thresholdConfiguration": { "type": "COUNT", "value": 1 } }), 1)]
#[case::five(1, json!({ "thresholdConfiguration": { "type": "COUNT", "value": 5 } }), 5)]
#[case::bounded_below(4, json!({ "thresholdConfiguration": { "type": "BOUNDED_PERCENT", "value": 10 } }), 3)]
#[case::unbounded(4, json!({ "thresholdConfiguration": { "type": "UNBOUNDED_PERCENT", "value": 50 } }), 2)]
fn it_trips_when_the_count_equals_the_threshold(
    #[case] desired: u32,
    #[case] members: Value,
    #[case] threshold: u64,
) {
    let mut stage = Stage::new(&Setting {
        desired,
        maximum: 100,
        minimum: 0,
        ..Setting::default()
    });
    configure(&mut stage, &members);
    stage.spoil(ServiceFault::Crash, None);
    let new = stage.deploy(&pinned("v2"));
    let reached = count_at_trip(&mut stage, &new).expect("it trips");
    assert!(reached >= threshold, "{reached}");
    let record = stage.record(&new);
    assert_eq!(record["deploymentCircuitBreaker"]["threshold"], threshold);
}

/// Tasks that turn healthy and then fail: the count starts again each time, unless that is turned off (B2).
#[rstest]
#[case::resets(true, false)]
#[case::does_not_reset(false, true)]
fn a_healthy_task_resets_the_count(#[case] resets: bool, #[case] trips: bool) {
    let mut stage = Stage::new(&Setting {
        desired: 1,
        ..Setting::default()
    });
    configure(&mut stage, &json!({ "resetOnHealthyTask": resets }));
    // It cannot complete between two failures.
    let bake = json!({ "cluster": "main", "service": "web", "deploymentConfiguration": { "bakeTimeInMinutes": 60 } });
    stage.call("UpdateService", bake);
    // Healthy 10 s after RUNNING; from 12 s on its checks fail, until it is replaced.
    stage.spoil(ServiceFault::Unhealthy, Some(12_000));
    let new = stage.deploy(&pinned("v2"));
    assert_eq!(count_at_trip(&mut stage, &new).is_some(), trips);
    if !trips {
        let web = stage.web();
        assert!(web["deployments"][0]["failedTasks"].as_u64() <= Some(1));
    }
}

/// The threshold follows the desired count of the moment (A1, B1).
#[test]
fn scaling_during_a_deployment_moves_the_threshold() {
    let mut stage = Stage::new(&Setting::default());
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(5);
    let threshold =
        |stage: &mut Stage| stage.record(&new)["deploymentCircuitBreaker"]["threshold"].clone();
    assert_eq!(threshold(&mut stage), 3);
    stage.call(
        "UpdateService",
        json!({ "cluster": "main", "service": "web", "desiredCount": 20 }),
    );
    assert_eq!(threshold(&mut stage), 10);
    stage.play_to_s(300);
    assert_eq!(stage.web()["runningCount"], 20);
    assert_eq!(stage.record(&new)["status"], "SUCCESSFUL");
}

/// Stuck bounds and tasks that are healthy but wrong are not caught (B2).
#[rstest]
#[case::stuck(100, 100, None)]
#[case::healthy_but_wrong(100, 200, Some(ServiceFault::Errors5xx))]
fn not_caught(#[case] minimum: u32, #[case] maximum: u32, #[case] fault: Option<ServiceFault>) {
    let mut stage = Stage::new(&Setting {
        minimum,
        maximum,
        ..Setting::default()
    });
    if let Some(fault) = fault {
        stage.spoil(fault, None);
    }
    let new = stage.deploy(&pinned("v2"));
    assert_eq!(count_at_trip(&mut stage, &new), None);
}

/// With the breaker off a crash loop goes on for ever, and the record says DISABLED.
#[test]
fn without_a_breaker_nothing_ends() {
    let mut stage = Stage::new(&Setting {
        breaker: false,
        ..Setting::default()
    });
    stage.spoil(ServiceFault::Crash, None);
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(3_600);
    let record = stage.record(&new);
    assert_eq!(record["status"], "IN_PROGRESS");
    assert_eq!(record["deploymentCircuitBreaker"]["status"], "DISABLED");
    assert!(record["deploymentCircuitBreaker"]["failureCount"].as_u64() > Some(20));
}

/// AWS fills it in (B1 [OBS]); a wrong threshold is refused.
#[rstest]
#[case(json!({ "type": "COUNT", "value": 0 }))]
#[case(json!({ "type": "BOUNDED_PERCENT", "value": 101 }))]
#[case(json!({ "type": "SOME", "value": 1 }))]
fn thresholds_that_cannot_be(#[case] threshold: Value) {
    let mut stage = Stage::new(&Setting::default());
    assert_eq!(
        stage.web()["deploymentConfiguration"]["deploymentCircuitBreaker"]["resetOnHealthyTask"],
        true
    );
    let breaker = json!({ "enable": true, "rollback": true, "thresholdConfiguration": threshold });
    let input = json!({ "cluster": "main", "service": "web",
        "deploymentConfiguration": { "deploymentCircuitBreaker": breaker } });
    assert_eq!(
        stage.refusal("UpdateService", input).code,
        "InvalidParameterException"
    );
}

/// The failed deployment was once seen as DRAINING (A7 [OBS]): rough weather shows it so.
#[rstest]
#[case(Weather::Calm, "ACTIVE")]
#[case(Weather::Rough, "DRAINING")]
fn how_the_failed_deployment_reads(#[case] weather: Weather, #[case] status: &str) {
    let mut stage = Stage::new(&Setting {
        weather,
        history: ServiceHistory::Steady,
        ..Setting::default()
    });
    stage.spoil(ServiceFault::Crash, None);
    stage.deploy(&pinned("v2"));
    let failed = |stage: &mut Stage| {
        let web = stage.web();
        let list = web["deployments"].as_array().expect("deployments").clone();
        let mut failed = list
            .into_iter()
            .filter(|one| one["rolloutState"] == "FAILED");
        failed.next().map(|one| one["status"].clone())
    };
    stage
        .play_until(3_600, |stage| failed(stage).is_some())
        .expect("it fails");
    assert_eq!(failed(&mut stage), Some(json!(status)));
}
