//! What holds at every instant of a deployment, for every seed, weather, pace and trouble.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::stage::{Setting, Stage};
use crate::services::codedeploy::deployment::Status;
use crate::services::codedeploy::lifecycle::EventStatus;
use crate::services::ecs::TaskSetStatus;
use crate::{AlarmState, FunctionAnswer, ServiceFault, Weather};

/// What was seen before, to compare with.
#[derive(Default)]
struct Memory {
    ended: BTreeMap<String, Status>,
}

fn check(stage: &Stage, memory: &mut Memory) {
    let service = stage.world.ecs.services.values().next().expect("a service");
    let sets = service
        .deployments
        .iter()
        .filter_map(|it| it.task_set.as_ref());
    let primary: Vec<_> = sets
        .filter(|set| set.status == TaskSetStatus::Primary)
        .collect();
    assert_eq!(primary.len(), 1, "one task set is PRIMARY");
    assert_eq!(
        service.definition.arn, service.deployments[0].definition.arn,
        "the service is what its PRIMARY task set is"
    );
    let weights: u32 = stage
        .weights()
        .split(' ')
        .map(|one| one.split_once('=').expect("a weight").1)
        .map(|weight| weight.parse::<u32>().expect("a number"))
        .sum();
    assert_eq!(weights, 100, "production goes somewhere");
    let running = &stage.world.codedeploy.deployments;
    let active = running.iter().filter(|it| !it.status.is_terminal());
    assert!(active.count() <= 1, "one deployment at a time");
    for deployment in running {
        let events = &deployment.target.events;
        let order: Vec<EventStatus> = events.iter().map(|event| event.status).collect();
        let over = order
            .iter()
            .position(|status| *status != EventStatus::Succeeded)
            .unwrap_or(order.len());
        let later = order.get(over + 1..).unwrap_or_default();
        assert!(
            later
                .iter()
                .all(|status| matches!(status, EventStatus::Pending | EventStatus::Skipped)),
            "events happen in order: {order:?}"
        );
        if let Some(ended) = memory.ended.get(&deployment.id) {
            assert_eq!(*ended, deployment.status, "terminal states absorb");
        }
        if deployment.status.is_terminal() {
            memory
                .ended
                .insert(deployment.id.clone(), deployment.status);
            assert!(deployment.completed_ms.is_some() && deployment.next_ms.is_none());
        }
    }
    assert_eq!(stage.world.violations(), [] as [String; 0]);
}

fn weather() -> impl Strategy<Value = Weather> {
    prop_oneof![
        Just(Weather::Calm),
        Just(Weather::Typical),
        Just(Weather::Rough)
    ]
}

fn trouble() -> impl Strategy<Value = Option<ServiceFault>> {
    prop_oneof![
        4 => Just(None),
        1 => Just(Some(ServiceFault::Unhealthy)),
        1 => Just(Some(ServiceFault::SlowStart)),
        1 => Just(Some(ServiceFault::ImageMissing)),
        1 => Just(Some(ServiceFault::Crash)),
    ]
}

fn pace() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("CodeDeployDefault.ECSAllAtOnce"),
        Just("CodeDeployDefault.ECSCanary10Percent5Minutes"),
        Just("CodeDeployDefault.ECSLinear10PercentEvery3Minutes"),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn hold_whatever_happens(
        seed in any::<u64>(),
        weather in weather(),
        config in pace(),
        fault in trouble(),
        ready in prop::option::of(1_u32..30),
        rolls_back in any::<bool>(),
        alarm_s in prop::option::of(0_u64..3_000),
        stop_s in prop::option::of((0_u64..3_000, prop::option::of(any::<bool>()))),
        failing_hook in prop::option::of(prop_oneof![Just("BeforeInstall"), Just("AfterAllowTraffic")]),
        scale in prop::option::of((0_u64..3_000, 0_u32..5)),
    ) {
        let setting = Setting {
            config,
            ready_minutes: ready,
            alarms: vec!["errors"],
            rollback: if rolls_back { Setting::default().rollback } else { Vec::new() },
            ..Setting::default()
        };
        let mut stage = Stage::in_weather(&setting, weather, seed);
        if let Some(fault) = fault {
            stage.spoil(fault, None);
        }
        if let Some(hook) = failing_hook {
            stage.script(hook, FunctionAnswer::Failed);
        }
        if let Some(alarm_s) = alarm_s {
            stage.alarm("errors", AlarmState::Alarm, alarm_s);
        }
        let hooks = json!([{ "BeforeInstall": "BeforeInstall" }, { "AfterAllowTraffic": "AfterAllowTraffic" }]);
        let id = stage.deploy_with("v2", hooks);
        let mut memory = Memory::default();
        let (mut stop, mut scale) = (stop_s, scale);
        while stage.now_s() < 9_000 {
            check(&stage, &mut memory);
            if let Some((at_s, rolls_back)) = stop.filter(|(at_s, _)| stage.now_s() >= *at_s) {
                stop = None;
                let input = json!({ "deploymentId": id, "autoRollbackEnabled": rolls_back });
                let ended = memory.ended.contains_key(&id);
                let stopped = crate::front::ask(&mut stage.world, crate::front::Service::CodeDeploy, "StopDeployment", &input);
                prop_assert_eq!(stopped.is_ok(), !ended, "at {}", at_s);
            }
            if let Some((_, count)) = scale.filter(|(at_s, _)| stage.now_s() >= *at_s) {
                scale = None;
                stage.ecs("UpdateService", json!({ "cluster": "main", "service": "web", "desiredCount": count }));
            }
            let next_ms = stage.world.next_event_ms().expect("something happens");
            stage.world.advance(next_ms);
        }
        let unfinished = stage.world.codedeploy.deployments.iter().find(|it| !it.status.is_terminal());
        prop_assert!(unfinished.is_none(), "{:?} is over after two hours", unfinished.map(|it| it.stage));
    }
}
