//! Who has nothing to say before the first change, and is asked all the same.

use super::cloud::Fake;
use super::hearing::{Row, judged, plan, play, said};
use super::world::{check, name, start};
use crate::plan::{Direction, Plan};
use crate::ports::{Clock, FailureKind};
use crate::survey::History;
use crate::verdict::{Component, WitnessKind};

/// Nothing is live and nothing recorded.
fn first() -> Plan {
    let mut plan = plan();
    plan.before = None;
    for service in plan.services.values_mut() {
        service.before.history = History::Never;
    }
    plan.the_frontend().before.clear();
    plan
}

#[test]
fn who_has_nothing_to_say_yet_is_asked_all_the_same() {
    use FailureKind::{Denied, Throttled, Unavailable};
    use WitnessKind::{Bucket, Edge, Probe, Rollout, Targets, Tasks};
    let rows: [Row; 9] = [
        ("all well", |_| {}, 0, "fine"),
        (
            "an error is an answer",
            |it| it.unheard = Some((Probe, Denied)),
            0,
            "fine",
        ),
        (
            "nobody answers the probe",
            |it| it.unreached = true,
            125,
            "refused: auth: nobody answers its probe: https://shop.test/auth: no connection",
        ),
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
            "targets throttled all the time",
            |it| it.unheard = Some((Targets, Throttled)),
            125,
            "refused: auth, catalog, proxy: targets cannot be heard",
        ),
        (
            "the bucket may not be read",
            |it| it.unheard = Some((Bucket, Denied)),
            0,
            "refused: frontend: bucket cannot be heard",
        ),
        (
            "edge unreachable",
            |it| it.unheard = Some((Edge, Unavailable)),
            125,
            "refused: frontend: edge cannot be heard",
        ),
        ("nobody sees", |it| it.blind = true, 125, "refused: "),
    ];
    play(&rows, first);
}

#[test]
fn a_probe_that_nobody_can_answer_yet_is_accepted_by_name() {
    let plan = first();
    let mut fake = Fake::of(&plan);
    fake.unreached = true;
    let accepted = judged(&plan, &fake, &[Component::Service(name("auth"))]);
    assert!(
        said(&accepted).starts_with("warned: auth: nobody answers its probe"),
        "{}",
        said(&accepted)
    );
    assert_eq!(fake.now(), start(), "nobody waits for what is known");
}

/// A plan with one smoke check, of a host at which nobody answers.
fn checked(mut plan: Plan) -> (Plan, Fake) {
    plan.checks = vec![check("login")];
    let mut fake = Fake::of(&plan);
    fake.unreached = true;
    for service in plan.services.values_mut() {
        service.probe = None;
    }
    (plan, fake)
}

#[test]
fn a_smoke_check_that_nobody_answers_is_told_before_the_first_change() {
    let backward = || Plan {
        direction: Direction::Backward,
        ..plan()
    };
    let rows = [
        (
            "everything is live: somebody should answer",
            plan(),
            125,
            "refused: check `login`: nobody answers at https://shop.test/login: no connection",
        ),
        (
            "nothing is live yet: it may be the new service that is to answer",
            first(),
            0,
            "warned: check `login`: nobody answers at https://shop.test/login yet (no connection)",
        ),
        (
            "on the way back nothing is refused, and nobody waits",
            backward(),
            0,
            "warned: check `login`: nobody answers",
        ),
    ];
    for (situation, plan, seconds, expected) in rows {
        let (plan, fake) = checked(plan);
        let found = said(&judged(&plan, &fake, &[]));
        assert!(found.starts_with(expected), "{situation}: {found}");
        let took = fake.now().duration_since(start()).as_secs();
        assert!(
            (seconds - 5..=seconds).contains(&took),
            "{situation}: {took} s"
        );
        assert_eq!(fake.changes(), 0, "{situation}");
    }
}

#[test]
fn what_a_smoke_check_answers_is_not_judged_before_the_release_runs() {
    let (plan, mut fake) = checked(plan());
    fake.unreached = false;
    fake.unheard = Some((WitnessKind::Probe, FailureKind::Denied));
    assert_eq!(said(&judged(&plan, &fake, &[])), "fine");
}

#[test]
fn a_service_that_gets_no_task_is_not_asked() {
    let mut plan = first();
    plan.checks.clear();
    let idle = plan.services.get_mut(&name("auth")).unwrap();
    idle.before.desired = 0;
    idle.target.as_mut().unwrap().desired = None;
    let mut fake = Fake::of(&plan);
    fake.unreached = true;
    assert_eq!(said(&judged(&plan, &fake, &[])), "fine");
    assert_eq!(*fake.asked.borrow(), ["catalog", "proxy"]);
}

#[test]
fn where_headers_are_put_right_the_grants_are_asked_for() {
    let mut plan = first();
    let frontend = plan.the_frontend();
    frontend.correct = [("a.js".to_owned(), "another type".to_owned())].into();
    let fake = Fake::of(&plan);
    assert_eq!(said(&judged(&plan, &fake, &[])), "fine");
    assert!(fake.asked.borrow().contains(&"a.js".to_owned()));
}
