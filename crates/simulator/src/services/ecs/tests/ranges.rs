//! Every quantity of section L in typical weather, over a thousand seeds: the range that was seen, and what is played.

use rstest::rstest;
use serde_json::json;

use super::stage::{START_MS, Setting, Stage, pinned};
use crate::{AlarmState, Fault, ServiceFault, Trigger, Weather, WorldEvent};

/// Good deployments; in shards, so that they are played side by side.
const SEEDS: u64 = 1_000;
const SHARDS: u64 = 4;

fn typical(seed: u64, desired: u32, balanced: bool) -> Stage {
    Stage::new(&Setting {
        weather: Weather::Typical,
        seed,
        desired,
        balanced,
        ..Setting::default()
    })
}

/// When a service event with this text came for the nth time, in milliseconds since the start.
fn at(stage: &Stage, part: &str, nth: usize) -> Option<u64> {
    let events = stage.world.service_events();
    let mut found = events
        .iter()
        .filter(|event| event.at_ms >= START_MS && event.message.contains(part));
    found.nth(nth).map(|event| event.at_ms - START_MS)
}

const STARTED: &str = "has started";
const REGISTERED: &str = "registered 1 targets";
const STOPPED: &str = "has stopped";
const DRAINING: &str = "has begun draining";
const COMPLETED: &str = "deployment completed";

/// From, to, the range in seconds; an empty text is the moment of UpdateService.
const SPANS: &[(&str, &str, (f64, f64))] = &[
    ("", STARTED, (1.0, 17.1)),
    (STARTED, REGISTERED, (20.0, 51.1)),
    // ~50 s with default checks of 30 s; here 15 s, and the scheduler's look.
    (REGISTERED, STOPPED, (2.0, 60.0)),
    (STOPPED, DRAINING, (9.0, 10.3)),
    (DRAINING, COMPLETED, (50.0, 54.0)),
];

#[rstest]
#[case(0)]
#[case(1)]
#[case(2)]
#[case(3)]
fn of_a_good_deployment(#[case] shard: u64) {
    let mut spans = vec![Vec::new(); SPANS.len()];
    for seed in (0..SEEDS).filter(|seed| seed % SHARDS == shard) {
        let mut stage = typical(seed, 1, true);
        stage.deploy(&pinned("v2"));
        stage.play_to_s(260);
        for (values, (from, to, _)) in spans.iter_mut().zip(SPANS) {
            let from_ms = if from.is_empty() {
                0
            } else {
                at(&stage, from, 0).expect("the first event")
            };
            values.push(at(&stage, to, 0).expect("the second event") - from_ms);
        }
    }
    for (values, (from, to, range)) in spans.into_iter().zip(SPANS) {
        check(&format!("{from} -> {to}"), values, *range);
    }
}

/// All values are in the range that was observed.
fn check(name: &str, mut values: Vec<u64>, (low_s, high_s): (f64, f64)) {
    values.sort_unstable();
    let seconds = |place: usize| values.get(place).map_or(0.0, |ms| *ms as f64 / 1_000.0);
    let (least, median, most) = (
        seconds(0),
        seconds(values.len() / 2),
        seconds(values.len() - 1),
    );
    println!(
        "{name}: {least:.1} / {median:.1} / {most:.1} s of {low_s}-{high_s} s, n={}",
        values.len()
    );
    assert!(
        least >= low_s && most <= high_s,
        "{name}: {least} to {most} s is not within {low_s}-{high_s} s"
    );
}

/// Spoiled deployments: what `measure` sees.
fn spoiled(
    fault: ServiceFault,
    reference: &str,
    balanced: bool,
    until_s: u64,
    measure: impl Fn(&mut Stage) -> u64,
) -> Vec<u64> {
    let seeds = 0..SEEDS / 10;
    let played = seeds.map(|seed| {
        let mut stage = typical(seed, 1, balanced);
        stage.spoil(fault, None);
        stage.deploy(reference);
        stage.play_to_s(until_s);
        measure(&mut stage)
    });
    played.collect()
}

#[test]
fn crash_loop_period() {
    let values = spoiled(ServiceFault::Crash, &pinned("v2"), false, 200, |stage| {
        at(stage, "has started", 2).expect("a third start")
            - at(stage, "has started", 1).expect("a second start")
    });
    // A start can only follow the crash of a task whose own start took longer.
    check("crash loop", values, (50.0, 63.0));
}

#[test]
fn pull_failure_and_the_first_back_off() {
    let failure = spoiled(ServiceFault::ImageMissing, ":v2", false, 300, |stage| {
        at(stage, "unable to place", 0).expect("a failure")
            - at(stage, "has started", 0).expect("a start")
    });
    check("start -> placement failure", failure, (85.0, 92.0));
    let pause = spoiled(ServiceFault::ImageMissing, ":v2", false, 300, |stage| {
        at(stage, "has started", 1).expect("a second start")
            - at(stage, "unable to place", 0).expect("a failure")
    });
    check("placement failure -> next start", pause, (31.0, 42.0));
}

#[test]
fn a_missing_image_trips_the_breaker_after_eleven_or_twelve_minutes() {
    let trip = spoiled(ServiceFault::ImageMissing, ":v2", false, 900, |stage| {
        at(stage, "deployment failed", 0).expect("it trips")
    });
    check("missing image -> breaker", trip, (640.0, 760.0));
}

#[test]
fn breaker_lag_and_rollback_with_the_old_tasks_still_up() {
    let played = |measure: fn(&Stage, u64) -> u64| {
        spoiled(ServiceFault::Crash, &pinned("v2"), true, 900, |stage| {
            let failed = at(stage, "deployment failed", 0).expect("it trips");
            measure(stage, failed)
        })
    };
    let rollback =
        played(|stage, failed| at(stage, "deployment completed", 0).expect("rolled back") - failed);
    check("rollback -> completed", rollback, (24.0, 79.0));
    let trip = played(|_, failed| failed);
    // 2m38 after the first start in one trace, four starts.
    check(
        "crash behind a load balancer -> breaker",
        trip,
        (110.0, 330.0),
    );
}

/// An alarm is seen within one poll of ~21 s.
#[test]
fn alarm_to_rollback() {
    let seeds = 0..SEEDS / 10;
    let values: Vec<u64> = seeds
        .map(|seed| {
            let mut stage = typical(seed, 1, true);
            let alarms = json!({ "alarmNames": ["errors"], "enable": true, "rollback": true });
            stage.call(
                "UpdateService",
                json!({ "cluster": "main", "service": "web",
                "deploymentConfiguration": { "alarms": alarms } }),
            );
            stage.deploy(&pinned("v2"));
            stage.world.add_fault(Fault::World {
                when: Trigger::AfterMs(20_000 + seed * 97 % 21_000),
                event: WorldEvent::SetAlarm {
                    name: "errors".to_owned(),
                    state: AlarmState::Alarm,
                },
            });
            stage.play_to_s(100);
            at(&stage, "alarm detected", 0).expect("it is seen") - (20_000 + seed * 97 % 21_000)
        })
        .collect();
    check("alarm -> rollback", values, (0.0, 24.0));
}

/// ~45 s to the old count in one trace; with the old tasks still there.
#[test]
fn stop_to_rolled_back() {
    let seeds = 0..SEEDS / 10;
    let values: Vec<u64> = seeds
        .map(|seed| {
            let mut stage = typical(seed, 2, true);
            let new = stage.deploy(&pinned("v2"));
            stage.play_to_s(20);
            let arn = stage.record(&new)["serviceDeploymentArn"].clone();
            stage.call(
                "StopServiceDeployment",
                json!({ "serviceDeploymentArn": arn }),
            );
            stage.play_to_s(200);
            assert_eq!(stage.record(&new)["status"], "ROLLBACK_SUCCESSFUL");
            at(&stage, "deployment completed", 0).expect("rolled back") - 20_000
        })
        .collect();
    check("stop -> rolled back", values, (20.0, 90.0));
}

/// With relaunch: start and health time on top (191 s in one trace).
#[test]
fn rollback_with_relaunch() {
    let seeds = 0..SEEDS / 10;
    let values: Vec<u64> = seeds
        .map(|seed| {
            let mut stage = typical(seed, 2, true);
            let bake = json!({ "bakeTimeInMinutes": 30 });
            stage.call(
                "UpdateService",
                json!({ "cluster": "main", "service": "web", "deploymentConfiguration": bake }),
            );
            let new = stage.deploy(&pinned("v2"));
            stage.play_to_s(300);
            let arn = stage.record(&new)["serviceDeploymentArn"].clone();
            stage.call(
                "StopServiceDeployment",
                json!({ "serviceDeploymentArn": arn }),
            );
            stage.play_to_s(900);
            at(&stage, "deployment completed", 0).expect("rolled back") - 300_000
        })
        .collect();
    check("stop -> rolled back, old tasks gone", values, (60.0, 300.0));
}

#[test]
fn the_steady_state_repeats_every_six_hours() {
    let mut stage = typical(1, 1, true);
    stage.play_to_s(19 * 3_600);
    let (first, second) = (
        at(&stage, "has reached a steady state", 0).expect("one"),
        at(&stage, "has reached a steady state", 1).expect("another"),
    );
    assert_eq!(second - first, 6 * 3_600_000);
}
