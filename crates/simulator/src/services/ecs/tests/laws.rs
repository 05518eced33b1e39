//! What holds at every instant, for every seed, weather and fault (ecs-semantics L).

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::stage::{Setting, Stage, pinned};
use crate::services::ecs::{RecordStatus, Rollout, Service};
use crate::{AlarmState, Fault, ServiceFault, Trigger, Weather, WorldEvent};

/// What was seen before, to compare with.
#[derive(Default)]
struct Memory {
    definitions: BTreeMap<String, String>,
    statuses: BTreeMap<String, RecordStatus>,
    failed_starts: BTreeMap<String, usize>,
    live: usize,
    completed: BTreeSet<String>,
    failures: BTreeMap<String, u32>,
}

fn check(stage: &Stage, memory: &mut Memory) {
    for service in stage.world.ecs.services.values() {
        let tasks: Vec<_> = stage
            .world
            .ecs
            .tasks_of(service)
            .filter(|task| task.is_live())
            .collect();
        // Scaling in can leave more than the upper bound; it never starts more.
        let most = service.upper().max(memory.live);
        assert!(
            tasks.len() <= most,
            "{} live tasks, upper {}, before {}",
            tasks.len(),
            service.upper(),
            memory.live
        );
        memory.live = tasks.len();
        let mut digits: Vec<&str> = service
            .deployments
            .iter()
            .map(|deployment| deployment.digits.as_str())
            .collect();
        assert!(!digits.is_empty(), "one PRIMARY always");
        digits.sort_unstable();
        digits.dedup();
        assert_eq!(digits.len(), service.deployments.len());
        definitions_stay(service, memory);
        edges(service, memory);
        failed_starts_nothing(stage, service, memory);
        rollbacks(service, memory);
        resets(stage, service, memory);
        events(service);
    }
    assert!(
        stage.world.violations().is_empty(),
        "{:?}",
        stage.world.violations()
    );
}

fn definitions_stay(service: &Service, memory: &mut Memory) {
    for deployment in &service.deployments {
        let known = memory
            .definitions
            .entry(deployment.digits.clone())
            .or_insert_with(|| deployment.definition.arn.clone());
        assert_eq!(
            *known, deployment.definition.arn,
            "a deployment id never changes its task definition"
        );
    }
}

fn edges(service: &Service, memory: &mut Memory) {
    for edge in super::edges::taken(service) {
        assert!(super::edges::EDGES.contains(&edge), "{edge:?} is not in B6");
    }
    for record in &service.records {
        let before = memory.statuses.insert(record.id.clone(), record.status);
        let left = before.is_none_or(|before| before == record.status || !before.is_terminal());
        assert!(left, "terminal states absorb");
    }
}

fn failed_starts_nothing(stage: &Stage, service: &Service, memory: &mut Memory) {
    for deployment in service
        .deployments
        .iter()
        .filter(|deployment| deployment.rollout == Rollout::Failed)
    {
        let tasks = stage.world.ecs.tasks_of(service);
        let started = tasks
            .filter(|task| task.deployment() == Some(deployment.digits.as_str()))
            .count();
        let before = memory
            .failed_starts
            .insert(deployment.digits.clone(), started)
            .unwrap_or(started);
        assert!(started <= before, "FAILED launches nothing");
    }
}

fn rollbacks(service: &Service, memory: &mut Memory) {
    for deployment in &service.deployments {
        if deployment.rollout == Rollout::Completed {
            memory.completed.insert(deployment.digits.clone());
        }
        let known = !deployment.rolling_back || memory.completed.contains(&deployment.digits);
        assert!(known, "a rollback goes to an earlier COMPLETED id");
    }
}

fn resets(stage: &Stage, service: &Service, memory: &mut Memory) {
    for deployment in service
        .deployments
        .iter()
        .filter(|deployment| !deployment.rolling_back)
    {
        let before = memory
            .failures
            .insert(deployment.digits.clone(), deployment.failures)
            .unwrap_or(0);
        let mut tasks = stage.world.ecs.tasks_of(service);
        let healthy = tasks
            .any(|task| task.was_healthy && task.deployment() == Some(deployment.digits.as_str()));
        assert!(
            deployment.failures >= before || healthy,
            "failureCount resets only on a healthy task"
        );
    }
}

fn events(service: &Service) {
    let times: Vec<u64> = service
        .events
        .newest_first()
        .map(|event| event.at_ms)
        .collect();
    assert!(times.len() <= 100);
    assert!(
        times.is_sorted_by(|newer, older| newer >= older),
        "newest first"
    );
}

fn faults() -> impl Strategy<Value = Option<(ServiceFault, Option<u64>)>> {
    use ServiceFault as F;
    let fault = prop::sample::select(vec![
        F::ImageMissing,
        F::WrongArchitecture,
        F::SecretDenied,
        F::Crash,
        F::Unhealthy,
        F::SlowStart,
        F::Errors5xx,
        F::OutOfMemory,
        F::NoCapacity,
        F::VcpuLimit,
        F::Throttled,
        F::LogDriver,
        F::Maintenance,
    ]);
    prop::option::of((fault, prop::option::of(0_u64..120_000)))
}

/// One play: a deployment, and what happens to it.
#[derive(Clone, Debug)]
struct Play {
    setting: Setting,
    fault: Option<(ServiceFault, Option<u64>)>,
    /// Seconds at which another deployment begins, this one is asked to stop, the service is scaled, an alarm goes off.
    second: Option<u64>,
    stop: Option<u64>,
    rescale: Option<(u64, u32)>,
    alarm: Option<(u64, bool, u32)>,
}

prop_compose! {
    fn plays(weather: Weather)(
        seed in any::<u64>(),
        desired in 1_u32..5,
        (minimum, maximum) in prop::sample::select(vec![(100, 200), (50, 200), (50, 100), (0, 100), (100, 150)]),
        (balanced, container_check, rollback) in any::<(bool, bool, bool)>(),
        grace_seconds in prop::sample::select(vec![0_u64, 60, 300]),
        fault in faults(),
        second in prop::option::of(1_u64..200),
        stop in prop::option::of(1_u64..200),
        rescale in prop::option::of((1_u64..200, 0_u32..5)),
        alarm in prop::option::of((1_u64..400, any::<bool>(), 0_u32..10)),
    ) -> Play {
        let setting = Setting {
            weather, seed, desired, minimum, maximum, balanced, container_check, rollback, grace_seconds, ..Setting::default()
        };
        Play { setting, fault, second, stop, rescale, alarm }
    }
}

/// Plays it, looking at everything after every event.
fn perform(play: &Play) {
    let (weather, container_check) = (play.setting.weather, play.setting.container_check);
    let mut stage = Stage::new(&play.setting);
    let mut memory = Memory::default();
    check(&stage, &mut memory);
    if let Some((fault, after_ms)) = play.fault {
        stage.spoil(fault, after_ms);
    }
    if let Some((at_s, rollback, minutes)) = play.alarm {
        watch(&mut stage, at_s, rollback, minutes);
    }
    let new = stage.deploy_to("web", &pinned("v2"), container_check);
    let (mut second, mut stop, mut rescale) = (play.second, play.stop, play.rescale);
    let mut events = 0_u32;
    while let Some(next_ms) = stage.world.next_event_ms() {
        let at_s = (next_ms - super::stage::START_MS) / 1_000;
        if at_s > 2 * 3_600 {
            break;
        }
        if second.is_some_and(|second_s| second_s <= at_s) {
            second = None;
            stage.deploy_to("web", &pinned("v3"), container_check);
        }
        if stop.is_some_and(|stop_s| stop_s <= at_s) && weather != Weather::Rough {
            stop = None;
            let record = stage.record(&new);
            let input =
                serde_json::json!({ "serviceDeploymentArn": record["serviceDeploymentArn"] });
            let _ = crate::front::ask(
                &mut stage.world,
                crate::front::Service::Ecs,
                "StopServiceDeployment",
                &input,
            );
        }
        if rescale.is_some_and(|(rescale_s, _)| rescale_s <= at_s)
            && let Some((_, count)) = rescale.take()
        {
            let input =
                serde_json::json!({ "cluster": "main", "service": "web", "desiredCount": count });
            stage.call("UpdateService", input);
        }
        stage.world.advance(next_ms);
        check(&stage, &mut memory);
        events += 1;
        assert!(events < 20_000, "too many events");
    }
    let web = &stage.world.ecs.services[&crate::base::agenda::ServiceKey::new("main", "web")];
    let stuck = web.lower() >= web.wanted() && web.upper() <= web.wanted();
    if play.fault.is_none() && play.alarm.is_none() && !stuck {
        let primary = web.primary().expect("one PRIMARY always");
        assert_eq!(
            primary.rollout,
            Rollout::Completed,
            "without faults every deployment ends"
        );
        assert_eq!(web.deployments.len(), 1);
    }
}

fn watch(stage: &mut Stage, at_s: u64, rollback: bool, minutes: u32) {
    let alarms =
        serde_json::json!({ "alarmNames": ["errors"], "enable": true, "rollback": rollback });
    let configuration = serde_json::json!({ "alarms": alarms, "bakeTimeInMinutes": minutes });
    let input = serde_json::json!({ "cluster": "main", "service": "web", "deploymentConfiguration": configuration });
    stage.call("UpdateService", input);
    stage.world.add_fault(Fault::World {
        when: Trigger::AfterMs(at_s * 1_000),
        event: WorldEvent::SetAlarm {
            name: "errors".to_owned(),
            state: AlarmState::Alarm,
        },
    });
}

// In shards, so that they are played side by side.
proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn hold_in_calm_weather(play in plays(Weather::Calm)) {
        perform(&play);
    }

    #[test]
    fn hold_in_typical_weather(play in plays(Weather::Typical)) {
        perform(&play);
    }

    #[test]
    fn hold_in_typical_weather_too(play in plays(Weather::Typical)) {
        perform(&play);
    }

    #[test]
    fn hold_in_rough_weather(play in plays(Weather::Rough)) {
        perform(&play);
    }

    /// One seed is one story, also across a snapshot.
    #[test]
    fn a_snapshot_goes_on_as_the_original(seed in any::<u64>(), at_s in 0_u64..100) {
        let setting = Setting { weather: Weather::Typical, seed, ..Setting::default() };
        let mut stage = Stage::new(&setting);
        stage.deploy(&pinned("v2"));
        stage.play_to_s(at_s);
        let snapshot = serde_json::to_string(&stage.world).expect("a snapshot");
        let mut copy = Stage { world: serde_json::from_str(&snapshot).expect("a world") };
        stage.play_to_s(1_000);
        copy.play_to_s(1_000);
        prop_assert_eq!(stage.story(), copy.story());
        prop_assert_eq!(stage.world.picture(), copy.world.picture());
    }
}
