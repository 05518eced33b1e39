//! Laws of native deployments: they hold after every event, whatever happens.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::stage::{Native, PRODUCTION, blue_green, canary, linear};
use crate::base::agenda::ServiceKey;
use crate::services::ecs::tests::stage::{Setting, Stage};
use crate::services::ecs::{RecordStatus, Rollout, TaskStatus};
use crate::services::elb::TargetState;
use crate::{ServiceFault, Weather};

fn check(
    native: &Native,
    total: u32,
    faultless: bool,
    memory: &mut BTreeMap<String, RecordStatus>,
) {
    let world = &native.stage.world;
    let web = &world.ecs.services[&ServiceKey::new("main", "web")];
    let groups = world
        .elb
        .forward_weights(&native.production_rule)
        .expect("it forwards");
    let sum: u32 = groups.iter().map(|it| u32::from(it.weight)).sum();
    assert!([100, total].contains(&sum), "weights add up to {sum}");
    for group in groups.iter().filter(|it| it.weight > 0 && faultless) {
        let targets = &world.elb.groups[&group.group].targets;
        let mut healthy = targets
            .iter()
            .filter(|target| target.state == TargetState::Healthy);
        assert!(
            healthy.next().is_some() || web.desired == 0,
            "traffic to {} without a healthy target, stage {:?}",
            group.group,
            web.native().and_then(|run| run.stage)
        );
    }
    for record in &web.records {
        let before = memory.insert(record.id.clone(), record.status);
        if let Some(before) = before.filter(|before| *before != record.status) {
            let middle = [
                RecordStatus::InProgress,
                RecordStatus::StopRequested,
                RecordStatus::RollbackRequested,
                RecordStatus::RollbackInProgress,
            ];
            let over = middle
                .iter()
                .any(|middle| before.may_become(*middle) && middle.may_become(record.status));
            let direct = before.may_become(record.status);
            assert!(direct || over, "{before:?} -> {:?}", record.status);
        }
    }
    let running = world
        .ecs
        .tasks_of(web)
        .filter(|task| task.is_live() && task.status == TaskStatus::Running);
    let most = 2 * web.upper();
    let running = running.count();
    assert!(
        !faultless || running <= most.max(8),
        "{running} running tasks of {most}"
    );
    assert!(world.violations().is_empty(), "{:?}", world.violations());
}

fn faults() -> impl Strategy<Value = Option<(ServiceFault, Option<u64>)>> {
    let fault = prop::sample::select(vec![
        ServiceFault::ImageMissing,
        ServiceFault::SecretDenied,
        ServiceFault::Crash,
        ServiceFault::Unhealthy,
        ServiceFault::OutOfMemory,
        ServiceFault::NoCapacity,
    ]);
    prop::option::weighted(0.3, (fault, prop::option::of(0_u64..900_000)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn hold_whatever_happens(
        seed in any::<u64>(),
        weather in prop::sample::select(vec![Weather::Calm, Weather::Typical, Weather::Rough]),
        desired in 1_u32..4,
        rollback in any::<bool>(),
        kind in 0_u8..4,
        fault in faults(),
        second in prop::option::of(1_u64..900),
        stop in prop::option::of(1_u64..900),
        rescale in prop::option::of((1_u64..900, 1_u32..4)),
    ) {
        let setting = Setting { weather, seed, desired, rollback, ..Setting::default() };
        let mut native = Native::on(&setting);
        if let Some((fault, after_ms)) = fault {
            native.stage.spoil(fault, after_ms);
        }
        let (configuration, total) = match kind {
            0 => (blue_green(3), 100),
            1 => (canary(10.0, 3, 1), 100),
            2 => (canary(0.5, 3, 1), 999),
            _ => (linear(30.0, 1, 1), 100),
        };
        let faultless = fault.is_none();
        let mut memory = BTreeMap::new();
        check(&native, total, faultless, &mut memory);
        native.deploy("v2", &configuration);
        let (mut second, mut stop, mut rescale) = (second, stop, rescale);
        let mut events = 0_u32;
        while let Some(next_ms) = native.stage.world.next_event_ms() {
            let at_s = (next_ms - crate::services::ecs::tests::stage::START_MS) / 1_000;
            if at_s > 3 * 3_600 {
                break;
            }
            if second.is_some_and(|second_s| second_s <= at_s) {
                second = None;
                native.deploy("v3", &configuration);
            }
            if stop.is_some_and(|stop_s| stop_s <= at_s) && weather != Weather::Rough {
                stop = None;
                let arn = native.stage.web()["currentServiceDeployment"].clone();
                let input = json!({ "serviceDeploymentArn": arn });
                let _ = crate::front::ask(&mut native.stage.world, crate::front::Service::Ecs, "StopServiceDeployment", &input);
            }
            if rescale.is_some_and(|(rescale_s, _)| rescale_s <= at_s)
                && let Some((_, count)) = rescale.take()
            {
                let input = json!({ "cluster": "main", "service": "web", "desiredCount": count });
                native.stage.call("UpdateService", input);
            }
            native.stage.world.advance(next_ms);
            check(&native, total, faultless, &mut memory);
            events += 1;
            prop_assert!(events < 20_000, "too many events");
        }
        if faultless {
            let web = &native.stage.world.ecs.services[&ServiceKey::new("main", "web")];
            let primary = web.primary().expect("one PRIMARY always");
            prop_assert_eq!(primary.rollout, Rollout::Completed, "without faults every deployment ends");
            prop_assert_eq!(web.deployments.len(), 1);
            let served = native.served(PRODUCTION, 10);
            prop_assert_eq!(served.len(), 1);
            prop_assert!(!served.contains_key("-"));
        }
    }

    /// One seed is one story, also across a snapshot.
    #[test]
    fn a_snapshot_goes_on_as_the_original(seed in any::<u64>(), at_s in 0_u64..500) {
        let setting = Setting { weather: Weather::Typical, seed, ..Setting::default() };
        let mut native = Native::on(&setting);
        native.deploy("v2", &canary(10.0, 2, 1));
        native.stage.play_to_s(at_s);
        let snapshot = serde_json::to_string(&native.stage.world).expect("a snapshot");
        let mut copy = Stage { world: serde_json::from_str(&snapshot).expect("a world") };
        native.stage.play_to_s(2_000);
        copy.play_to_s(2_000);
        prop_assert_eq!(native.stage.story(), copy.story());
        prop_assert_eq!(native.stage.web(), copy.web());
    }
}
