//! Targets that are reached for real: their checks are named when they are due, and what was seen turns them (D).

use serde_json::json;

use super::stage::{START_MS, ok, register_by_hand, set, told, world};
use crate::World;
use crate::services::elb::{HealthCheck, Seen};

const LOCAL: &str = "127.0.0.1";

fn local() -> World {
    let mut world = world();
    register_by_hand(&mut world, "blue", &[LOCAL]);
    world
}

fn only(world: &mut World) -> HealthCheck {
    let mut due = world.due_checks();
    assert_eq!(due.len(), 1);
    due.remove(0)
}

/// Makes the check that is due so many seconds after the start.
fn check_at(world: &mut World, second: u64, seen: Seen) -> String {
    world.advance(START_MS + second * 1_000);
    let check = only(world);
    world.checked(&check, seen);
    told(world, "blue", &[]).remove(0)
}

#[test]
fn a_check_is_due_at_the_interval_and_named_once() {
    let mut world = local();
    world.advance(START_MS + 9_999);
    assert_eq!(
        world.due_checks(),
        [],
        "the first one comes as it does to any target"
    );
    world.advance(START_MS + 10_000);
    let check = only(&mut world);
    assert_eq!(check.address, ([127, 0, 0, 1], 80).into());
    assert_eq!(
        (check.host.as_str(), check.path.as_deref()),
        ("127.0.0.1:80", Some("/health"))
    );
    assert_eq!(check.timeout_ms, 6_000);
    world.advance(START_MS + 45_000);
    assert_eq!(world.due_checks(), [], "it is under way");
    world.checked(&check, Seen::Status(200));
    let late = only(&mut world);
    world.checked(&late, Seen::Status(200));
    world.advance(START_MS + 69_999);
    assert_eq!(world.due_checks(), []);
    world.advance(START_MS + 70_000);
    only(&mut world);
}

#[test]
fn one_success_makes_a_new_target_healthy_and_thresholds_turn_it() {
    let mut world = local();
    let healthy = "127.0.0.1 healthy -";
    assert_eq!(
        check_at(&mut world, 10, Seen::Failed),
        "127.0.0.1 initial Elb.InitialHealthChecking"
    );
    assert_eq!(check_at(&mut world, 40, Seen::Status(200)), healthy);
    assert_eq!(
        check_at(&mut world, 70, Seen::Status(500)),
        healthy,
        "one of two"
    );
    assert_eq!(check_at(&mut world, 100, Seen::Status(200)), healthy);
    assert_eq!(
        check_at(&mut world, 130, Seen::Status(500)),
        healthy,
        "in a row"
    );
    let code = "127.0.0.1 unhealthy Target.ResponseCodeMismatch";
    assert_eq!(check_at(&mut world, 160, Seen::Status(500)), code);
    let timeout = "127.0.0.1 unhealthy Target.Timeout";
    assert_eq!(check_at(&mut world, 190, Seen::Nothing), timeout);
    let failed = "127.0.0.1 unhealthy Target.FailedHealthChecks";
    assert_eq!(check_at(&mut world, 220, Seen::Failed), failed);
    for round in 0..4 {
        let found = check_at(&mut world, 250 + 30 * round, Seen::Status(200));
        assert_eq!(found, failed, "four of five");
    }
    assert_eq!(check_at(&mut world, 370, Seen::Status(200)), healthy);
}

#[test]
fn nothing_is_planned_for_a_target_that_somebody_can_reach() {
    let mut world = local();
    world.advance(START_MS + 900_000);
    assert_eq!(
        told(&mut world, "blue", &[]),
        ["127.0.0.1 initial Elb.InitialHealthChecking"]
    );
}

#[test]
fn a_draining_target_and_one_of_an_unused_group_get_no_checks() {
    let mut world = local();
    register_by_hand(&mut world, "green", &[LOCAL]);
    assert_eq!(
        check_at(&mut world, 10, Seen::Status(200)),
        "127.0.0.1 healthy -"
    );
    let group = world.elb.groups["blue"].arn.clone();
    set(
        &mut world,
        "blue",
        &[("deregistration_delay.timeout_seconds", "60")],
    );
    let leave = json!({ "TargetGroupArn": group, "Targets": [{ "Id": LOCAL }] });
    world.advance(START_MS + 35_000);
    let check = world.due_checks();
    assert_eq!(check, []);
    world.advance(START_MS + 40_000);
    let under_way = only(&mut world);
    ok(&mut world, "DeregisterTargets", leave);
    world.checked(&under_way, Seen::Failed);
    world.advance(START_MS + 99_000);
    assert_eq!(world.due_checks(), []);
    let draining = ["127.0.0.1 draining Target.DeregistrationInProgress"];
    assert_eq!(told(&mut world, "blue", &[]), draining);
    world.advance(START_MS + 100_000);
    assert_eq!(told(&mut world, "blue", &[]), [""; 0], "it drained");
}

#[test]
fn a_check_has_a_port_of_its_own() {
    let mut world = local();
    let group = world.elb.groups["blue"].arn.clone();
    let change = json!({ "TargetGroupArn": group, "HealthCheckPort": "9000" });
    ok(&mut world, "ModifyTargetGroup", change);
    world.advance(START_MS + 10_000);
    let check = only(&mut world);
    assert_eq!(
        (check.address.port(), check.host.as_str()),
        (9000, "127.0.0.1:9000")
    );
}
