//! Scheduled jobs: what starts them is moved when the rest is proven, proven by what is read back, and put back before the schema is.

use super::cloud::Fake;
use super::engine::{resume, run};
use super::planned_jobs::planned;
use super::story::{Story, check, row, unseen, well};
use super::world::{app, definition_ref, job, job_name, migration, name, plan_of, starts};
use crate::TaskId;
use crate::app::{App, Compatibility, WayDown};
use crate::journal::{Act, Finding, Obstacle, Outcome, Side};
use crate::observation::{Observation, RunningJob, Seen};
use crate::plan::{Plan, What};
use crate::ports::{Effect, FailureKind};
use crate::scheduled::{JobSeen, TriggerState};
use crate::verdict::{Component, Witness, WitnessKind};

/// Three services, a job that a rule starts, and one that only people start.
pub(super) fn shop() -> App {
    App {
        jobs: ["nightly", "by-hand"]
            .map(|text| (job_name(text), job(text)))
            .into(),
        ..app()
    }
}

fn schedule(side: Side) -> Act {
    let job = job_name("nightly");
    Act::Schedule { job, side }
}

fn live() -> Story {
    // Long before: what happened then must not shorten the time that reading gets.
    Story::of(plan_of(&shop())).later(3600).all_live()
}

/// Checks have passed where there are none; the schedules are next.
fn moved() -> Story {
    live().done(schedule(Side::New))
}

fn sees(edit: impl Fn(&mut JobSeen)) -> impl Fn(&mut Observation) {
    move |seen| match seen.schedules.get_mut(&job_name("nightly")) {
        Some(Seen::Known(seen)) => edit(seen),
        Some(Seen::Unseen(_)) | None => panic!("it is looked at"),
    }
}

fn starts_instead(definition: &'static str) -> impl Fn(&mut Observation) {
    sees(move |seen| seen.starts = Some(starts(definition)))
}

fn blind(seen: &mut Observation) {
    seen.schedules.insert(job_name("nightly"), unseen());
}

fn whats(plan: &Plan) -> Vec<What> {
    plan.steps().iter().map(|step| step.what.clone()).collect()
}

#[test]
fn forward() {
    let moved = moved();
    let running = |seen: &mut JobSeen| {
        let task = TaskId::parse("task/0123456789").unwrap();
        let started_by = Some("events-rule/nightly".to_owned());
        let one = RunningJob { task, started_by };
        seen.running = vec![one.clone(), one];
    };
    let disabled = |seen: &mut JobSeen| {
        seen.starts.as_mut().unwrap().state = TriggerState::Disabled;
    };
    let refused = |kind, effect| live().failed(schedule(Side::New), kind, effect);
    check(vec![
        row(
            "the rest is live",
            &live(),
            well,
            "act: let nightly start this release's revision",
        ),
        row("read back", &moved, well, "find: new nightly proven 1/1"),
        row(
            "a task of it runs on",
            &moved,
            sees(running),
            "find: new nightly proven 1/1",
        ),
        row(
            "it is disabled",
            &moved,
            sees(disabled),
            "find: new nightly proven 1/1",
        ),
        row(
            "still read as it was",
            &moved,
            starts_instead("nightly:1"),
            "wait 5s: nightly: not proven yet (schedule: rule nightly starts nightly:1, not nightly:2)",
        ),
        row(
            "to the last moment",
            &moved.clone().later(120),
            starts_instead("nightly:1"),
            "wait 5s: nightly: not proven yet (schedule: rule nightly starts nightly:1, not nightly:2)",
        ),
        row(
            "and after it",
            &moved.clone().later(121),
            starts_instead("nightly:1"),
            "find: back: nightly: schedule: rule nightly starts nightly:1, not nightly:2",
        ),
        row(
            "gone",
            &moved.clone().later(121),
            sees(|seen| seen.starts = None),
            "find: back: nightly: schedule: there is no rule nightly",
        ),
        row(
            "not seen",
            &moved,
            blind,
            "wait 5s: cannot see nightly now (call: throttled)",
        ),
        row(
            "never seen",
            &moved.clone().later(121),
            blind,
            "find: back: nightly: schedule: could not be heard (call: throttled)",
        ),
        row(
            "the answer was lost: again",
            &refused(FailureKind::Unavailable, Effect::Unknown).later(1),
            well,
            "act: let nightly start this release's revision",
        ),
        row(
            "somebody else changed it",
            &refused(FailureKind::Conflict, Effect::None),
            well,
            "find: back: let nightly start this release's revision: call: conflict",
        ),
    ]);
}

#[test]
fn back() {
    let turned = moved().turned_back();
    let written = turned.clone().done(schedule(Side::Old));
    let lost = live()
        .failed(
            schedule(Side::New),
            FailureKind::Unavailable,
            Effect::Unknown,
        )
        .turned_back();
    let never = live()
        .failed(schedule(Side::New), FailureKind::Conflict, Effect::None)
        .turned_back();
    check(vec![
        row(
            "moved",
            &turned,
            well,
            "act: let nightly start the old revision",
        ),
        row("read back", &written, well, "find: old nightly proven 1/1"),
        row(
            "still the new one",
            &written,
            starts_instead("nightly:2"),
            "wait 5s: nightly: not proven yet (schedule: rule nightly starts nightly:2, not nightly:1)",
        ),
        row(
            "for ever: it is said, and the rest goes on",
            &written.clone().later(601),
            starts_instead("nightly:2"),
            "find: nightly stays: schedule: rule nightly starts nightly:2, not nightly:1",
        ),
        row(
            "it may not be written",
            &turned
                .clone()
                .failed(schedule(Side::Old), FailureKind::Denied, Effect::None),
            well,
            "find: nightly stays: let nightly start the old revision: call: denied",
        ),
        row(
            "what was sent may still arrive",
            &lost,
            well,
            "wait 5s: the answer to `let nightly start this release's revision` was lost; looking whether it took effect",
        ),
        row(
            "and after that",
            &lost.clone().later(3600),
            well,
            "act: let nightly start the old revision",
        ),
        row(
            "never moved: services are put back",
            &never,
            well,
            "act: roll catalog back, roll proxy back",
        ),
    ]);
}

/// Old code on the new schema is what a breaking migration forbids: a job is started by its old revision before the schema goes down.
#[test]
fn before_the_schema() {
    let app = App {
        migration: Some(migration(Compatibility::Breaking, WayDown::Lossless)),
        ..shop()
    };
    let story = Story::of(plan_of(&app)).later(3600).all_live();
    let turned = story.done(schedule(Side::New)).turned_back();
    let home = turned
        .clone()
        .done(schedule(Side::Old))
        .proven(Component::Job(job_name("nightly")), Side::Old);
    check(vec![
        row(
            "first",
            &turned,
            well,
            "act: let nightly start the old revision",
        ),
        row("then", &home, well, "act: migrate the database down"),
    ]);
}

/// What stays is what a human is told.
#[test]
fn what_is_left() {
    let stays = Finding::ScheduleStays {
        job: job_name("nightly"),
        obstacle: Obstacle::Wrong {
            witness: Witness::silent(WitnessKind::Schedule, "it is not said"),
        },
    };
    let story = moved().turned_back().find(stays);
    let home = ["auth", "catalog", "proxy"]
        .into_iter()
        .fold(story, |story, service| story.put_back(service))
        .find(Finding::Undone);
    let home = ["auth", "catalog", "proxy"]
        .into_iter()
        .fold(home, Story::home);
    let mut seen = home.look();
    starts_instead("nightly:2")(&mut seen);
    let found = home.decide(&seen);
    assert!(
        found.starts_with("finish: stuck: nightly may go on starting the new revision"),
        "{found}"
    );
}

#[test]
fn its_place() {
    let forward = whats(&plan_of(&shop()));
    let at = |steps: &[What], what: &What| steps.iter().position(|one| one == what);
    let schedules = What::Schedules(vec![job_name("nightly")]);
    assert!(at(&forward, &schedules) > at(&forward, &What::Checks));
    let registered = forward.iter().find_map(|what| match what {
        What::Register(components) => Some(components.len()),
        _ => None,
    });
    // Three services and both jobs.
    assert_eq!(registered, Some(5));
}

/// A trigger that names a family starts what is registered last: it is put back to the revision that it meant.
#[test]
fn a_family_is_put_back_to_a_revision() {
    let plan = planned(|survey| {
        let live = survey.jobs.get_mut(&job_name("nightly")).unwrap();
        live.starts = starts("nightly");
    });
    let plan = plan.unwrap();
    let job = &plan.jobs[&job_name("nightly")];
    assert_eq!(job.before.as_ref(), Some(&starts("nightly:1")));
    assert_eq!(job.unpinned, Some(definition_ref("nightly")));
    let registered = Story::of(plan).later(3600).prepared().turned_back();
    let written = registered.clone().done(schedule(Side::Old));
    check(vec![
        row(
            "the new revision is registered, and so it is started",
            &registered,
            well,
            "act: let nightly start the old revision",
        ),
        row("read back", &written, well, "find: old nightly proven 1/1"),
    ]);
}

/// What was sent twice may still arrive: nothing ends before it cannot.
#[test]
fn a_late_write_is_waited_for() {
    let lost = live()
        .failed(
            schedule(Side::New),
            FailureKind::Unavailable,
            Effect::Unknown,
        )
        .done(schedule(Side::New))
        .proven(Component::Job(job_name("nightly")), Side::New)
        .find(Finding::BakeBegan)
        .find(Finding::BakeEnded);
    check(vec![
        row(
            "it may still arrive",
            &lost,
            well,
            "wait 5s: the answer to `let nightly start this release's revision` was lost; looking whether it took effect",
        ),
        row(
            "and after that",
            &lost.clone().later(3600),
            well,
            "act: record the release",
        ),
    ]);
}

fn starts_now(fake: &Fake) -> String {
    let schedules = fake.schedules.borrow();
    schedules["rule nightly"].definition.to_string()
}

#[test]
fn a_whole_deployment_and_its_way_back() {
    let plan = plan_of(&shop());
    let fake = Fake::of(&plan);
    let outcome = run(&plan, &fake).unwrap();
    assert!(matches!(outcome, Outcome::Live { .. }), "{outcome:?}");
    assert_eq!(starts_now(&fake), "nightly:2");
    let recorded = fake.recorded.borrow();
    let jobs = &recorded.last().unwrap().jobs;
    assert_eq!(jobs[&job_name("nightly")], definition_ref("nightly:2"));
    assert_eq!(jobs[&job_name("by-hand")], definition_ref("by-hand:2"));
    let mut broken = Fake::of(&plan);
    broken.broken = [name("proxy")].into();
    let outcome = run(&plan, &broken).unwrap();
    assert!(matches!(outcome, Outcome::RolledBack { .. }), "{outcome:?}");
    assert_eq!(starts_now(&broken), "nightly:1");
}

/// The process dies after any record, or the answer to any change is lost: another one comes to the same end.
#[test]
fn a_crash_or_a_lost_answer_ends_the_same() {
    let plan = plan_of(&shop());
    let whole = Fake::of(&plan);
    run(&plan, &whole).unwrap();
    let records = whole.records.borrow().len();
    for room in 0..records {
        let fake = Fake::of(&plan);
        fake.room.set(room);
        assert!(run(&plan, &fake).is_err(), "{room}");
        fake.room.set(usize::MAX);
        let outcome = resume(&plan, &fake);
        assert!(
            matches!(outcome, Ok(Outcome::Live { .. })),
            "{room}: {outcome:?}"
        );
        assert_eq!(starts_now(&fake), "nightly:2", "{room}");
    }
    for change in 0..whole.changes() {
        let mut fake = Fake::of(&plan);
        fake.lost = Some(change);
        let outcome = run(&plan, &fake);
        assert!(
            matches!(outcome, Ok(Outcome::Live { .. })),
            "{change}: {outcome:?}"
        );
        assert_eq!(starts_now(&fake), "nightly:2", "{change}");
    }
}
