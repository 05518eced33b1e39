//! Whoever cannot be heard, or does not confirm, before the first change.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::FutureExt;

use super::cloud::{Digests, Fake};
use super::world::{check, name, plan_of, start, whole_app};
use crate::engine::{Facts, Ours, Then, preflight};
use crate::hearing::{Hearing, Verdict, hear, verdict};
use crate::journal::Side;
use crate::plan::{Direction, Plan, Refusals, ServicePlan, Warning};
use crate::ports::{Clock, FailureKind};
use crate::progress::after;
use crate::verdict::{Component, WitnessKind};

/// One of everything, and a probe of `auth`.
pub(super) fn plan() -> Plan {
    let mut app = whole_app();
    app.services.get_mut(&name("auth")).unwrap().probe = Some(check("auth"));
    plan_of(&app)
}

pub(super) fn judged(
    plan: &Plan,
    fake: &Fake,
    accepted: &[Component],
) -> Result<Vec<Warning>, Refusals> {
    let facts = Facts {
        accepted: accepted.iter().cloned().collect(),
        ..Facts::default()
    };
    preflight(fake, fake, plan, &facts)
        .now_or_never()
        .expect("the fake never waits")
}

pub(super) fn said(judged: &Result<Vec<Warning>, Refusals>) -> String {
    match judged {
        Ok(warnings) if warnings.is_empty() => "fine".to_owned(),
        Ok(warnings) => format!("warned: {}", warnings[0]),
        Err(Refusals(all)) => format!("refused: {}", all[0]),
    }
}

/// Who is silent and why, how long it takes at most, and what is said.
pub(super) type Row = (&'static str, fn(&mut Fake), u64, &'static str);

/// Each row against a plan of its own: what is said, how long it takes, and that nothing is begun.
pub(super) fn play(rows: &[Row], plan: fn() -> Plan) {
    for (situation, change, seconds, expected) in rows {
        let plan = plan();
        let mut fake = Fake::of(&plan);
        change(&mut fake);
        let judged = judged(&plan, &fake, &[]);
        let said = said(&judged);
        assert!(said.starts_with(expected), "{situation}: {said}");
        let took = fake.now().duration_since(start()).as_secs();
        let most = i64::try_from(*seconds).unwrap();
        assert!((most - 5..=most).contains(&took), "{situation}: {took} s");
        assert_eq!(fake.changes(), 0, "{situation}");
        for refusal in judged.err().into_iter().flat_map(|all| all.0) {
            assert!(!refusal.hint().is_empty());
        }
    }
}

#[test]
fn who_is_silent_is_named_and_nothing_is_begun() {
    use FailureKind::{Denied, Throttled, Unavailable};
    use WitnessKind::{Edge, Probe, Rollout, Targets, Tasks};
    let rows: [Row; 9] = [
        ("all well", |_| {}, 0, "fine"),
        (
            "records denied",
            |it| it.unheard = Some((Rollout, Denied)),
            0,
            "refused: auth, catalog, proxy: rollout cannot be heard",
        ),
        (
            "tasks denied",
            |it| it.unheard = Some((Tasks, Denied)),
            0,
            "refused: auth, catalog, proxy: tasks cannot be heard",
        ),
        (
            "targets denied",
            |it| it.unheard = Some((Targets, Denied)),
            0,
            "refused: auth, catalog, proxy: targets cannot be heard",
        ),
        (
            "edge unreachable",
            |it| it.unheard = Some((Edge, Unavailable)),
            125,
            "refused: frontend: edge cannot be heard",
        ),
        (
            "throttled all the time",
            |it| it.unheard = Some((Rollout, Throttled)),
            125,
            "refused: auth, catalog, proxy: rollout cannot be heard",
        ),
        (
            "the probe fails",
            |it| it.unheard = Some((Probe, Denied)),
            125,
            "refused: auth: what is live does not pass probe: https://shop.test/auth: status 503",
        ),
        (
            "a task just starts",
            |it| it.short = Some((1, after(start(), Duration::from_secs(40)))),
            45,
            "fine",
        ),
        (
            "no task says its image",
            |it| it.digests = Digests::Unsaid,
            125,
            "refused: auth: what is live does not pass tasks: task ",
        ),
    ];
    play(&rows, plan);
}

#[test]
fn what_is_ill_is_accepted_by_name_and_what_is_unheard_is_not() {
    let plan = plan();
    let auth = Component::Service(name("auth"));
    let mut fake = Fake::of(&plan);
    fake.unheard = Some((WitnessKind::Probe, FailureKind::Denied));
    let ill = judged(&plan, &fake, std::slice::from_ref(&auth));
    assert!(
        said(&ill).starts_with("warned: auth: what is live does not pass probe"),
        "{}",
        said(&ill)
    );
    assert_eq!(fake.now(), start(), "nobody waits for what is known");
    fake.unheard = Some((WitnessKind::Targets, FailureKind::Denied));
    let unheard = judged(&plan, &fake, &[auth]);
    assert!(said(&unheard).starts_with("refused: auth, catalog, proxy: targets cannot be heard"));
}

#[test]
fn a_way_back_is_never_refused_for_what_it_leaves() {
    let mut plan = plan();
    plan.direction = Direction::Backward;
    for (who, expected) in [
        (WitnessKind::Probe, "fine"),
        (
            WitnessKind::Targets,
            "warned: auth: targets: could not be heard",
        ),
    ] {
        let mut fake = Fake::of(&plan);
        fake.unheard = Some((who, FailureKind::Denied));
        let found = judged(&plan, &fake, &[]);
        assert!(said(&found).starts_with(expected), "{}", said(&found));
        assert_eq!(fake.now(), start(), "and nobody waits");
    }
}

fn ours(then: Then) -> Ours {
    let auth = Component::Service(name("auth"));
    Ours {
        deployment: "d-stuck".parse().unwrap(),
        version: crate::Version::parse("bbb2222").unwrap(),
        rollouts: BTreeSet::new(),
        parts: [auth, Component::Frontend(Default::default())].into(),
        then,
    }
}

#[test]
fn what_a_stuck_deployment_of_ours_left_is_mended_by_the_next_one() {
    use WitnessKind::{Probe, Rollout};
    let rows = [
        (
            Then::Stays,
            (Probe, FailureKind::Denied),
            0,
            "warned: auth: what d-stuck (bbb2222) left there does not pass probe: https://shop.test/auth: status 503",
        ),
        // Whoever cannot be heard cannot prove the cure.
        (
            Then::Stays,
            (Rollout, FailureKind::Denied),
            0,
            "refused: auth, catalog, proxy: rollout cannot be heard",
        ),
        // What has no end yet left nothing.
        (
            Then::EndsFirst,
            (Probe, FailureKind::Denied),
            120,
            "refused: auth: what is live does not pass probe",
        ),
    ];
    for (then, unheard, seconds, expected) in rows {
        let plan = plan();
        let mut fake = Fake::of(&plan);
        fake.unheard = Some(unheard);
        let facts = Facts {
            ours: Some(ours(then)),
            ..Facts::default()
        };
        let judged = preflight(&fake, &fake, &plan, &facts).now_or_never();
        let said = said(&judged.expect("the fake never waits"));
        assert!(said.starts_with(expected), "{then:?}: {said}");
        let took = fake.now().duration_since(start()).as_secs();
        assert_eq!(took, seconds, "{then:?}, {unheard:?}");
    }
}

#[test]
fn what_a_stuck_deployment_of_ours_had_no_part_in_is_not_its_doing() {
    let plan = plan();
    let mut fake = Fake::of(&plan);
    fake.short = Some((1, after(start(), Duration::from_secs(6000))));
    let facts = Facts {
        ours: Some(ours(Then::Stays)),
        ..Facts::default()
    };
    let judged = preflight(&fake, &fake, &plan, &facts).now_or_never();
    let Some(Err(Refusals(all))) = judged else {
        panic!("{judged:?}");
    };
    let named: Vec<String> = all.iter().map(ToString::to_string).collect();
    assert_eq!(named.len(), 2, "{named:?}");
    assert!(
        named[0].starts_with("catalog: ") && named[1].starts_with("proxy: "),
        "{named:?}"
    );
}

#[test]
fn a_scale_out_of_a_second_ago_is_waited_for() {
    let plan = plan();
    let mut fake = Fake::of(&plan);
    let hearing = Hearing {
        plan: &plan,
        side: Side::Old,
        within: crate::hearing::PROVE_WITHIN,
        waived: &BTreeSet::new(),
        missing: &|_| {},
    };
    let services: Vec<&ServicePlan> = plan.services.values().collect();
    let heard = |fake: &Fake| {
        let (proofs, _) = hear(fake, fake, hearing, &services)
            .now_or_never()
            .expect("the fake never waits");
        verdict(&proofs)
    };
    fake.short = Some((1, after(start(), Duration::from_secs(60))));
    assert_eq!(heard(&fake), Verdict::Proven);
    fake.short = Some((1, after(start(), Duration::from_secs(6000))));
    assert_eq!(heard(&fake), Verdict::Unproven);
    fake.unheard = Some((WitnessKind::Probe, FailureKind::Denied));
    assert_eq!(heard(&fake), Verdict::Contradicted);
}
