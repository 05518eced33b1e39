//! Whole deployments against the cloud in memory: write-ahead, crash anywhere, lose any reply, never spin.

use futures_util::FutureExt;

use super::cloud::Fake;
use super::words::ending;
use super::world::{name, plan_of, whole_app};
use crate::engine::{Begun, Halted, Ports, Resumption, deploy};
use crate::journal::Outcome;
use crate::observation::JobState;
use crate::plan::Plan;
use crate::ports::Uninterrupted;
use crate::progress::Progress;
use crate::schema::Revision;

fn ports(fake: &Fake) -> Ports<'_, Fake, Fake, Fake, Fake, Fake, Uninterrupted> {
    Ports {
        cloud: fake,
        journal: fake,
        ledger: fake,
        clock: fake,
        report: fake,
        interrupts: &Uninterrupted,
    }
}

pub(super) fn run(plan: &Plan, fake: &Fake) -> Result<Outcome, Halted> {
    deploy(&ports(fake), plan, Begun::default())
        .now_or_never()
        .expect("the fake never waits")
}

/// Goes on from the journal, as after a crash.
pub(super) fn resume(plan: &Plan, fake: &Fake) -> Result<Outcome, Halted> {
    let records = fake.records.borrow().clone();
    let fold = |progress: Progress, record| progress.apply(record);
    let progress = records.iter().try_fold(Progress::default(), fold).unwrap();
    if records.is_empty() {
        return run(plan, fake);
    }
    let resumption = Resumption {
        begun: Begun::default(),
        fence: 2,
        back: None,
    };
    crate::engine::resume(&ports(fake), plan, progress, resumption)
        .now_or_never()
        .expect("the fake never waits")
}

const LIVE: &str = "live, 5 proofs, unproven []";
const BACK: &str = "rolled back, 4 proofs: catalog: exit code 1";

fn healthy(plan: &Plan) -> Fake {
    Fake::of(plan)
}

fn broken(plan: &Plan) -> Fake {
    let mut fake = Fake::of(plan);
    fake.broken = [name("catalog")].into();
    fake
}

/// A way to set the cloud up, how the deployment ends there, and what every service runs then.
type Ending = (fn(&Plan) -> Fake, &'static str, [&'static str; 3]);

const ENDINGS: [Ending; 2] = [
    (healthy, LIVE, ["auth:2", "catalog:2", "proxy:2"]),
    (broken, BACK, ["auth:1", "catalog:1", "proxy:1"]),
];

fn check(
    situation: &str,
    plan: &Plan,
    fake: &Fake,
    outcome: Result<Outcome, Halted>,
    ending_is: (&str, [&str; 3]),
) {
    let (expected, runs) = ending_is;
    assert_eq!(
        outcome.as_ref().map(ending),
        Ok(expected.to_owned()),
        "{situation}"
    );
    assert_eq!(fake.runs(), runs, "{situation}");
    let frontend = plan.frontends.values().next().unwrap();
    let live = expected == LIVE;
    let old = fake.pointers.borrow()[&frontend.frontend.bucket] == frontend.before;
    assert_eq!(old, !live, "{situation}: the frontend");
    assert_eq!(
        fake.recorded.borrow().len(),
        usize::from(live),
        "{situation}: the ledger"
    );
}

#[test]
fn to_the_end_or_back() {
    let plan = plan_of(&whole_app());
    for (cloud, expected, runs) in ENDINGS {
        let fake = cloud(&plan);
        let outcome = run(&plan, &fake);
        check("undisturbed", &plan, &fake, outcome, (expected, runs));
        let seconds = u32::try_from(fake.seconds()).unwrap();
        assert!(
            fake.looks.get() < 4 * seconds,
            "{} looks in {seconds} s",
            fake.looks.get()
        );
    }
}

#[test]
fn the_intent_is_written_before_the_effect() {
    let plan = plan_of(&whole_app());
    for (cloud, ..) in ENDINGS {
        let fake = cloud(&plan);
        run(&plan, &fake).unwrap();
        let (mut intents, mut effects) = (0, 0);
        for line in fake.log.borrow().iter() {
            match line.split(' ').next() {
                Some("intent") => intents += 1,
                Some("effect") => effects += 1,
                // The schema record: of what is intended, before it is begun.
                _ => assert!(effects < intents || line.contains("Some("), "{line}"),
            }
            assert!(effects <= intents, "{line}");
        }
        assert_eq!(effects, intents);
    }
}

/// What may change the schema is in its record before it is begun: where that cannot be written, nothing is.
#[test]
fn without_a_schema_record_no_migration_starts() {
    let plan = plan_of(&whole_app());
    let mut fake = Fake::of(&plan);
    fake.forgetful = true;
    let halted = run(&plan, &fake);
    assert!(matches!(halted, Err(Halted::Schema(_))), "{halted:?}");
    let log = fake.log.borrow();
    assert!(
        !log.iter().any(|line| line.starts_with("effect start")),
        "{log:?}"
    );
    drop(log);
    // Its intent is in the journal: it goes on from there.
    fake.forgetful = false;
    let outcome = resume(&plan, &fake).unwrap();
    assert_eq!(ending(&outcome), LIVE);
    let record = fake.schema.borrow();
    let [up] = record.entries.as_slice() else {
        panic!("{record:?}");
    };
    assert_eq!(up.end, Some(JobState::Exited(0)));
    assert_eq!(up.after, Some(Revision::new("r1")));
}

#[test]
fn a_crash_after_any_record_resumed_ends_the_same() {
    let plan = plan_of(&whole_app());
    for (cloud, expected, runs) in ENDINGS {
        let whole = cloud(&plan);
        run(&plan, &whole).unwrap();
        let count = whole.records.borrow().len();
        for room in 0..count {
            let fake = cloud(&plan);
            fake.room.set(room);
            let halted = run(&plan, &fake);
            assert!(
                matches!(halted, Err(Halted::Journal(_))),
                "{room}: {halted:?}"
            );
            let last = fake.log.borrow().last().cloned();
            assert_eq!(
                last.as_deref(),
                Some("journal full"),
                "{room}: no effect after it"
            );
            fake.room.set(usize::MAX);
            let outcome = resume(&plan, &fake);
            check(
                &format!("crashed after {room} records"),
                &plan,
                &fake,
                outcome,
                (expected, runs),
            );
        }
    }
}

#[test]
fn any_reply_lost_ends_the_same() {
    let plan = plan_of(&whole_app());
    for (cloud, expected, runs) in ENDINGS {
        let whole = cloud(&plan);
        run(&plan, &whole).unwrap();
        for lost in 0..whole.changes() {
            let mut fake = cloud(&plan);
            fake.lost = Some(lost);
            let outcome = run(&plan, &fake);
            check(
                &format!("reply {lost} lost"),
                &plan,
                &fake,
                outcome,
                (expected, runs),
            );
        }
    }
}

#[test]
fn blind_it_ends_stuck_and_does_not_spin() {
    let mut app = whole_app();
    app.migration = None;
    let plan = plan_of(&app);
    let mut fake = Fake::of(&plan);
    fake.blind = true;
    let outcome = run(&plan, &fake).unwrap();
    assert!(
        ending(&outcome).starts_with("stuck: "),
        "{}",
        ending(&outcome)
    );
    let seconds = u32::try_from(fake.seconds()).unwrap();
    assert!(seconds > 600, "{seconds} s");
    assert!(
        fake.looks.get() < 4 * seconds,
        "{} looks in {seconds} s",
        fake.looks.get()
    );
}
