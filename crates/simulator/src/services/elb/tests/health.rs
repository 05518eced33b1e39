//! The health of targets and who gets traffic because of it (ecs-semantics D).

use serde_json::json;

use super::stage::{START_MS, ok, register, register_by_hand, set, spread, told, world};
use crate::base::here::here;
use crate::services::elb::Answers;

const DELAY: &str = "deregistration_delay.timeout_seconds";

#[test]
fn a_target_is_healthy_after_one_success() {
    let mut world = world();
    register(&mut world, "blue", 1);
    assert_eq!(
        told(&mut world, "blue", &[]),
        ["10.0.0.1 initial Elb.InitialHealthChecking"]
    );
    world.advance(START_MS + 9_999);
    assert_eq!(
        told(&mut world, "blue", &[]),
        ["10.0.0.1 initial Elb.InitialHealthChecking"]
    );
    world.advance(START_MS + 10_000);
    assert_eq!(
        told(&mut world, "blue", &[]),
        ["10.0.0.1 healthy -"],
        "neither reason nor description"
    );
}

#[test]
fn an_address_that_nobody_has_times_out() {
    let mut world = world();
    register_by_hand(&mut world, "blue", &["10.0.9.9"]);
    register_by_hand(&mut world, "green", &["10.0.9.9"]);
    world.advance(START_MS + 40_000);
    assert_eq!(
        told(&mut world, "blue", &[]),
        ["10.0.9.9 unhealthy Target.Timeout"]
    );
    assert_eq!(
        told(&mut world, "green", &[]),
        ["10.0.9.9 unused Target.NotInUse"]
    );
    let asked = ["10.0.9.9", "10.0.9.8"];
    assert_eq!(
        told(&mut world, "blue", &asked),
        [
            "10.0.9.9 unhealthy Target.Timeout",
            "10.0.9.8 unused Target.NotRegistered"
        ]
    );
}

#[test]
fn a_target_drains_until_the_delay_has_passed() {
    let mut world = world();
    register(&mut world, "blue", 1);
    register(&mut world, "blue", 2);
    set(&mut world, "blue", &[(DELAY, "120")]);
    world.advance(START_MS + 60_000);
    let group = world.elb.groups["blue"].arn.clone();
    let leave = json!({ "TargetGroupArn": group, "Targets": [{ "Id": "10.0.0.1" }, { "Id": "10.0.0.77" }] });
    ok(&mut world, "DeregisterTargets", leave);
    assert_eq!(spread(&mut world, 3), "222", "no new requests");
    world.advance(START_MS + 179_999);
    let draining = ["10.0.0.1 draining Target.DeregistrationInProgress"];
    assert_eq!(told(&mut world, "blue", &["10.0.0.1"]), draining);
    world.advance(START_MS + 180_000);
    assert_eq!(
        told(&mut world, "blue", &["10.0.0.1"]),
        ["10.0.0.1 unused Target.NotRegistered"]
    );
    assert_eq!(told(&mut world, "blue", &[]), ["10.0.0.2 healthy -"]);
}

#[test]
fn what_is_registered_again_while_it_drains_begins_anew() {
    let mut world = world();
    register_by_hand(&mut world, "blue", &["10.0.9.9"]);
    let group = world.elb.groups["blue"].arn.clone();
    ok(
        &mut world,
        "DeregisterTargets",
        json!({ "TargetGroupArn": group, "Targets": [{ "Id": "10.0.9.9" }] }),
    );
    register_by_hand(&mut world, "blue", &["10.0.9.9"]);
    assert_eq!(
        told(&mut world, "blue", &[]),
        ["10.0.9.9 initial Elb.InitialHealthChecking"]
    );
    world.advance(START_MS + 400_000);
    assert_eq!(
        told(&mut world, "blue", &[]),
        ["10.0.9.9 unhealthy Target.Timeout"],
        "it has not gone"
    );
}

/// A task that answers 503 from here on, in a group with checks every 30 s, two of which must fail.
#[test]
fn a_wrong_code_is_told_and_too_few_healthy_targets_open_the_group() {
    let mut world = world();
    register(&mut world, "blue", 1);
    let answers = Answers {
        ready_ms: Some(0),
        bad_from_ms: Some(START_MS + 20_000),
        status: 200,
    };
    world.register_target(&"blue".into(), 2, "10.0.0.2", 80, answers);
    world.advance(START_MS + 15_000);
    assert_eq!(spread(&mut world, 4), "1212");
    world.advance(START_MS + 70_000);
    let unhealthy = "10.0.0.2 unhealthy Target.ResponseCodeMismatch";
    assert_eq!(
        told(&mut world, "blue", &[]),
        ["10.0.0.1 healthy -", unhealthy]
    );
    assert_eq!(spread(&mut world, 4), "1111");
    let minimum = "target_group_health.unhealthy_state_routing.minimum_healthy_targets";
    for (what, value, expected) in [
        ("count", "2", "1212"),
        ("count", "1", "1111"),
        ("percentage", "51", "1212"),
        ("percentage", "50", "1111"),
        ("percentage", "off", "1111"),
    ] {
        set(&mut world, "blue", &[(&format!("{minimum}.{what}"), value)]);
        let mut found: Vec<char> = spread(&mut world, 4).chars().collect();
        found.sort_unstable();
        let mut expected: Vec<char> = expected.chars().collect();
        expected.sort_unstable();
        assert_eq!(found, expected, "{what} {value}");
    }
}

#[test]
fn a_new_matcher_fails_what_has_passed() {
    let mut world = world();
    register(&mut world, "blue", 1);
    world.advance(START_MS + 15_000);
    let group = world.elb.groups["blue"].arn.clone();
    let change = |code: &str| json!({ "TargetGroupArn": group, "Matcher": { "HttpCode": code } });
    ok(&mut world, "ModifyTargetGroup", change("204"));
    world.advance(START_MS + 75_000);
    assert_eq!(
        told(&mut world, "blue", &[]),
        ["10.0.0.1 unhealthy Target.ResponseCodeMismatch"]
    );
    ok(&mut world, "ModifyTargetGroup", change("200-299"));
    // Five successes, 30 s apart.
    world.advance(START_MS + 219_999);
    assert_eq!(
        told(&mut world, "blue", &[]),
        ["10.0.0.1 unhealthy Target.ResponseCodeMismatch"]
    );
    world.advance(START_MS + 220_000);
    assert_eq!(told(&mut world, "blue", &[]), ["10.0.0.1 healthy -"]);
}

#[test]
fn a_new_target_gets_a_growing_share_beside_an_experienced_one() {
    let mut world = world();
    set(
        &mut world,
        "blue",
        &[("slow_start.duration_seconds", "100")],
    );
    register(&mut world, "blue", 1);
    world.advance(START_MS + 100_000);
    register(&mut world, "blue", 2);
    // Healthy 10 s later.
    let share = |world: &mut _, at_s: u64| {
        crate::World::advance(world, START_MS + at_s * 1_000);
        spread(world, 110).matches('2').count()
    };
    assert_eq!(share(&mut world, 120), 10, "a tenth of the other's");
    assert_eq!(share(&mut world, 160), 37, "half of the other's");
    assert_eq!(share(&mut world, 210), 55, "its full share");
}

#[test]
fn a_client_stays_with_its_target() {
    let mut world = world();
    register(&mut world, "blue", 1);
    register(&mut world, "blue", 2);
    world.advance(START_MS + 15_000);
    let sticky = [
        ("stickiness.enabled", "true"),
        ("stickiness.lb_cookie.duration_seconds", "60"),
    ];
    set(&mut world, "blue", &sticky);
    let visit = |world: &mut crate::World, cookie: Option<&str>| {
        let mut visit = crate::base::visit::Visit::get(super::stage::HOST, "/web/");
        visit.headers = cookie
            .map(|it| ("cookie".to_owned(), it.to_owned()))
            .into_iter()
            .collect();
        match here!(world.elb).route(&visit) {
            Some(crate::services::elb::Routed::Target(backend)) => (backend.ip, backend.cookies),
            other => panic!("{other:?}"),
        }
    };
    let (first, cookies) = visit(&mut world, None);
    let cookie = cookies[0].split(';').next().expect("a value").to_owned();
    for _ in 0..5 {
        assert_eq!(visit(&mut world, Some(&cookie)).0, first);
    }
    assert_ne!(
        visit(&mut world, None).0,
        first,
        "others are still taken in turn"
    );
    world.advance(START_MS + 75_000);
    let answers: Vec<String> = (0..2).map(|_| visit(&mut world, Some(&cookie)).0).collect();
    assert_ne!(answers[0], answers[1], "the cookie is stale");
}
