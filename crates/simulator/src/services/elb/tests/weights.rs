//! Weights decide who answers, and being named decides whose targets are checked.

use super::stage::{START_MS, register, spread, state, world};
use crate::World;
use crate::services::elb::{TargetState, WeightedGroup};

fn shift(world: &mut World, weights: &[(&str, u16)]) -> bool {
    let rule = world.elb.balancers[0].listeners[0].rules[0].arn.clone();
    let groups = weights.iter().map(|(group, weight)| WeightedGroup {
        group: (*group).into(),
        weight: *weight,
    });
    world.set_forward_weights(&rule, groups.collect())
}

#[test]
fn traffic_follows_the_weights() {
    let mut world = world();
    assert!(shift(&mut world, &[("blue", 1), ("green", 0)]));
    register(&mut world, "blue", 1);
    register(&mut world, "green", 2);
    world.advance(START_MS + 60_000);
    for (weights, expected) in [
        ([("blue", 1), ("green", 0)], "11111111"),
        ([("blue", 3), ("green", 1)], "11211121"),
        ([("blue", 0), ("green", 100)], "22222222"),
        ([("blue", 0), ("green", 0)], "--------"),
    ] {
        assert!(shift(&mut world, &weights));
        assert_eq!(spread(&mut world, 8), expected, "{weights:?}");
    }
}

#[test]
fn targets_are_checked_only_while_their_group_is_named() {
    let mut world = world();
    register(&mut world, "green", 2);
    world.advance(START_MS + 60_000);
    assert_eq!(state(&world, "green", 2), TargetState::Unused);
    shift(&mut world, &[("blue", 1), ("green", 0)]);
    assert_eq!(
        state(&world, "green", 2),
        TargetState::Initial,
        "named, though at weight 0"
    );
    world.advance(START_MS + 120_000);
    assert_eq!(state(&world, "green", 2), TargetState::Healthy);
    shift(&mut world, &[("blue", 1)]);
    assert_eq!(state(&world, "green", 2), TargetState::Unused);
    assert_eq!(world.next_event_ms(), None, "and nothing is planned for it");
}

#[test]
fn weights_are_found_by_the_arn_of_a_listener_its_default_rule_or_a_rule() {
    let mut world = world();
    let listener = world.elb.balancers[0].listeners[0].clone();
    let weights = |world: &World, arn: &str| world.elb.forward_weights(arn).map(<[_]>::len);
    assert_eq!(weights(&world, &listener.rules[0].arn), Some(1));
    assert_eq!(
        weights(&world, &listener.arn),
        None,
        "its default action answers 404"
    );
    assert_eq!(weights(&world, &listener.default_rule_arn), None);
    assert!(world.elb.actions(&listener.default_rule_arn).is_some());
    assert!(!world.set_forward_weights("arn:nobody", Vec::new()));
}
