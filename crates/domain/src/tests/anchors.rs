//! The database's anchor: before a migration that changes something, waited for, never removed but by a later deployment.

use std::time::Duration;

use jiff::SignedDuration;

use super::cloud::Fake;
use super::engine::{resume, run};
use super::story::{Story, anchored, check, row, unseen, well};
use super::words::ending;
use super::world::{app, migration, plan_of, start, survey, try_plan, whole_app};
use crate::anchor::{Anchor, AnchorOf, AnchorView, Database};
use crate::app::{App, Compatibility, WayDown};
use crate::decide::anchor_request;
use crate::journal::{Act, Job, Left, LeftBehind, Outcome, Remains};
use crate::observation::{JobState, Observation, Seen};
use crate::plan::{Direction, Plan, What};
use crate::ports::{Effect, FailureKind};
use crate::schema::{Applied, Reach, Repeats, Revision, noted};

fn anchor(keep: Option<u64>) -> Anchor {
    Anchor {
        of: AnchorOf::Snapshot {
            database: Database::Instance("shop".to_owned()),
        },
        timeout: Duration::from_secs(600),
        keep: keep.map(Duration::from_secs),
    }
}

fn with(compatibility: Compatibility, way_down: WayDown, keep: Option<u64>) -> App {
    let mut migration = migration(compatibility, way_down);
    migration.anchor = Some(anchor(keep));
    App {
        migration: Some(migration),
        ..whole_app()
    }
}

fn plain() -> Plan {
    plan_of(&with(
        Compatibility::Compatible,
        WayDown::Lossless,
        Some(60),
    ))
}

fn sees(view: AnchorView) -> impl Fn(&mut Observation) {
    move |seen| seen.anchor = Some(Seen::Known(view.clone()))
}

#[test]
fn it_is_made_first_and_waited_for() {
    let fresh = Story::of(plain());
    let begun = fresh.clone().done(Act::Anchor);
    let again = |kind, effect| fresh.clone().failed(Act::Anchor, kind, effect);
    check(vec![
        row("fresh", &fresh, well, "act: anchor the database"),
        row(
            "the reply was lost: by its name it is found",
            &again(FailureKind::Unavailable, Effect::Unknown).later(1),
            well,
            "act: anchor the database",
        ),
        row(
            "throttled",
            &again(FailureKind::Throttled, Effect::None),
            well,
            "wait 1s: anchor the database was not possible (call: throttled); trying again",
        ),
        row(
            "denied",
            &again(FailureKind::Denied, Effect::None),
            well,
            "find: back: anchor the database: call: denied",
        ),
        row(
            "a quota is reached",
            &again(FailureKind::Rejected, Effect::None),
            well,
            "find: back: anchor the database: call: rejected",
        ),
        row(
            "it is being made",
            &begun,
            well,
            "wait 5s: the database's anchor is being made (30 %)",
        ),
        row(
            "nobody says how far",
            &begun,
            sees(AnchorView::Making(None)),
            "wait 5s: the database's anchor is being made",
        ),
        row(
            "to the last moment",
            &begun.clone().later(600),
            well,
            "wait 5s: the database's anchor is being made (30 %)",
        ),
        row(
            "too late",
            &begun.clone().later(601),
            well,
            "find: back: database anchor: the RDS snapshot of shop was not there after 600 s, 37 % of it; nothing was migrated",
        ),
        row(
            "unseen",
            &begun,
            |seen| seen.anchor = Some(unseen()),
            "wait 5s: cannot see the database's anchor now (call: throttled)",
        ),
        row(
            "unseen for too long",
            &begun.clone().later(601),
            |seen| seen.anchor = Some(unseen()),
            "find: back: database anchor: the RDS snapshot of shop was not there after 600 s: it could not be seen: call: throttled; nothing was migrated",
        ),
        row(
            "it failed",
            &begun,
            sees(AnchorView::Failed("storage-full".to_owned())),
            "find: back: database anchor: storage-full; nothing was migrated",
        ),
        row(
            "it is there",
            &begun,
            sees(AnchorView::Ready(anchored("backstay-d-1", start()))),
            "find: anchored: backstay-d-1",
        ),
        row(
            "and then all else",
            &fresh.clone().anchored(),
            well,
            "act: register the task definition of migration, register the task definition of auth, register the task definition of catalog, register the task definition of proxy",
        ),
    ]);
}

fn applied(name: &str) -> Applied {
    Applied {
        revision: Revision::new(name),
        title: String::new(),
        reach: Reach::All,
        way_down: WayDown::Lossless,
        because: String::new(),
        repeats: Repeats::Once,
    }
}

/// Whether the plan makes one, and whether it removes earlier ones.
fn steps(plan: &Plan) -> (bool, bool) {
    let has = |what: What| plan.steps().iter().any(|step| step.what == what);
    (has(What::Anchor), has(What::ForgetAnchors))
}

#[test]
fn only_before_a_migration_that_changes_something() {
    let app = with(Compatibility::Compatible, WayDown::Lossless, Some(60));
    let plan = |edit: &dyn Fn(&mut crate::survey::Survey)| {
        let mut survey = survey(&app);
        edit(&mut survey);
        try_plan(&app, &survey).unwrap()
    };
    assert_eq!(steps(&plan(&|_| ())), (true, true));
    let changes = plan(&|survey| survey.applies = Some(vec![applied("r1")]));
    assert_eq!(steps(&changes), (true, true));
    let nothing = plan(&|survey| survey.applies = Some(vec![]));
    assert_eq!(steps(&nothing), (false, true));
    let mut back = plan(&|_| ());
    back.direction = Direction::Backward;
    assert!(back.outlives().is_none());
    let mut bare = app.clone();
    bare.migration.as_mut().unwrap().anchor = Some(anchor(None));
    assert_eq!(steps(&plan_of(&bare)), (true, false));
    bare.migration.as_mut().unwrap().anchor = None;
    assert_eq!(steps(&plan_of(&bare)), (false, false));
    // What nobody made cannot be removed.
    let moment = AnchorOf::PointInTime {
        database: Database::Instance("shop".to_owned()),
    };
    bare.migration.as_mut().unwrap().anchor = Some(Anchor {
        of: moment,
        ..anchor(Some(60))
    });
    assert_eq!(steps(&plan_of(&bare)), (true, false));
}

#[test]
fn what_was_lost_or_crashed_on_the_way_leaves_one_anchor_only() {
    let plan = plain();
    let mut whole = Fake::of(&plan);
    whole.anchoring.seconds = 60;
    run(&plan, &whole).unwrap();
    let positions = whole.records.borrow().len();
    let changes = whole.changes();
    for stop in 1..positions {
        let mut fake = Fake::of(&plan);
        fake.anchoring.seconds = 60;
        fake.room.set(stop);
        run(&plan, &fake).unwrap_err();
        fake.room.set(usize::MAX);
        let outcome = resume(&plan, &fake).unwrap();
        assert_eq!(ending(&outcome), "live, 5 proofs, unproven []", "{stop}");
        assert_eq!(fake.anchors.borrow().len(), 1, "{stop}");
    }
    for lost in 0..changes {
        let mut fake = Fake::of(&plan);
        fake.anchoring.seconds = 60;
        fake.lost = Some(lost);
        let outcome = run(&plan, &fake).unwrap();
        assert_eq!(ending(&outcome), "live, 5 proofs, unproven []", "{lost}");
        assert_eq!(fake.anchors.borrow().len(), 1, "{lost}");
    }
}

/// A try later on would be another database: the first moment stands for all of them.
#[test]
fn the_moment_is_that_of_the_first_try() {
    let lost = Story::of(plain()).failed(Act::Anchor, FailureKind::Unavailable, Effect::Unknown);
    let asked = |story: &Story| anchor_request(&story.plan, &story.progress).unwrap().moment;
    let first = asked(&lost);
    let again = lost
        .later(60)
        .failed(Act::Anchor, FailureKind::Unavailable, Effect::Unknown);
    assert_eq!(asked(&again), first);
    assert_eq!(asked(&again.later(60).done(Act::Anchor)), first);
}

#[test]
fn one_that_fails_leaves_everything_as_it_was() {
    let plan = plain();
    let mut fake = Fake::of(&plan);
    fake.anchoring.seconds = 100;
    fake.anchoring.fails = Some("failed");
    let outcome = run(&plan, &fake).unwrap();
    let cause = "database anchor: failed; nothing was migrated";
    assert_eq!(ending(&outcome), format!("rolled back, 4 proofs: {cause}"));
    let effects = fake.log.borrow();
    let effects: Vec<&String> = effects.iter().filter(|l| l.starts_with("effect")).collect();
    assert_eq!(effects, ["effect anchor backstay-d-test"]);
}

#[test]
fn earlier_ones_are_removed_when_the_release_is_recorded() {
    let plan = plain();
    let fake = Fake::of(&plan);
    let ago = |seconds| start() - SignedDuration::from_secs(seconds);
    let known = [("old", ago(3600)), ("young", ago(-3600))];
    let known = known.map(|(name, at)| (name.to_owned(), at));
    fake.anchors.borrow_mut().extend(known);
    run(&plan, &fake).unwrap();
    let left: Vec<String> = fake.anchors.borrow().keys().cloned().collect();
    assert_eq!(left, ["backstay-d-test", "young"]);
    let last = fake
        .log
        .borrow()
        .iter()
        .rev()
        .take(3)
        .cloned()
        .collect::<Vec<_>>();
    assert_eq!(last[0], "effect forget old", "{last:?}");
    // Whoever came back from a failure removes none.
    let mut broken = Fake::of(&plan);
    broken.broken = [super::world::name("catalog")].into();
    broken
        .anchors
        .borrow_mut()
        .insert("old".to_owned(), ago(3600));
    run(&plan, &broken).unwrap();
    assert_eq!(broken.anchors.borrow().len(), 2);
}

#[test]
fn that_they_stay_is_in_nobody_s_way() {
    let plan = plain();
    for kind in [
        FailureKind::Denied,
        FailureKind::Throttled,
        FailureKind::Unauthenticated,
        FailureKind::Unavailable,
    ] {
        let mut fake = Fake::of(&plan);
        fake.anchoring.stays = Some(kind);
        let outcome = run(&plan, &fake).unwrap();
        assert_eq!(ending(&outcome), "live, 5 proofs, unproven []", "{kind}");
        assert_eq!(fake.recorded.borrow().len(), 1, "{kind}");
    }
}

#[test]
fn it_is_in_the_records_and_offered_where_a_human_is_needed() {
    let app = with(Compatibility::Breaking, WayDown::Lossy, None);
    let plan = plan_of(&app);
    let mut fake = Fake::of(&plan);
    fake.broken = [super::world::name("catalog")].into();
    let outcome = run(&plan, &fake).unwrap();
    let Outcome::Stuck { left, .. } = outcome else {
        panic!("{}", ending(&outcome));
    };
    let offered = left.iter().find_map(|left| match left {
        Left::Fact(LeftBehind {
            remains: Remains::Anchor(anchor),
            ..
        }) => Some(anchor.clone()),
        _ => None,
    });
    let name = "backstay-d-test";
    assert_eq!(offered, Some(anchored(name, start())));
    let noted = fake.schema.borrow().entries[0].anchor.clone();
    assert_eq!(noted, Some(anchored(name, start())));
    // Before the migration began nobody has to go back to it.
    let early = Story::of(plan).anchored().turned_back();
    assert!(noted_of(&early).is_empty());
    let good = Fake::of(&plain());
    run(&plain(), &good).unwrap();
    assert_eq!(good.recorded.borrow()[0].anchor.as_deref(), Some(name));
}

fn noted_of(story: &Story) -> Vec<crate::schema::SchemaEntry> {
    noted(&story.plan, &story.progress)
}

#[test]
fn an_app_without_a_migration_has_none() {
    assert!(plan_of(&app()).anchors().is_none());
    let ran = Story::of(plain())
        .anchored()
        .prepared()
        .job(Job::Up, JobState::Exited(0), &[]);
    assert!(ran.progress.anchored().is_some());
}
