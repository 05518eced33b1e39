//! Questions to the data after a migration, and a database that is where its migration leads already.

use std::time::Duration;

use super::cloud::Fake;
use super::engine::run;
use super::story::{Story, check, row, well};
use super::words::ending;
use super::world::{app, migration, plan_of, survey, try_plan, whole_app};
use crate::anchor::{Anchor, AnchorOf, Database};
use crate::app::{App, Compatibility, DataCheck, WayDown};
use crate::decide::back::{SchemaReturn, schema_return};
use crate::decide::job_request;
use crate::journal::{Act, Job, Stuck};
use crate::observation::JobState;
use crate::plan::Plan;
use crate::schema::{Revision, Way, noted};

fn asking(compatibility: Compatibility, codes: &[&str]) -> App {
    let mut migration = migration(compatibility, WayDown::Lossless);
    migration.checks = codes
        .iter()
        .enumerate()
        .map(|(place, code)| DataCheck {
            name: format!("question {place}"),
            command: vec!["ask".to_owned(), (*code).to_owned()],
            timeout: Duration::from_secs(60),
        })
        .collect();
    App {
        migration: Some(migration),
        ..whole_app()
    }
}

#[test]
fn the_data_is_asked_when_the_revision_is_read_and_before_any_service() {
    let plan = plan_of(&asking(Compatibility::Compatible, &["0", "0"]));
    let good = JobState::Exited(0);
    let migrated = Story::of(plan).prepared().job(Job::Up, good.clone(), &[]);
    let read = migrated
        .clone()
        .job(Job::RevisionAfter, good.clone(), &["r1"]);
    let first = read.clone().job(Job::Check(0), good.clone(), &[]);
    let both = first.clone().job(Job::Check(1), good, &[]);
    let running = read.clone().done(Act::StartJob { job: Job::Check(0) });
    let ended = |state| read.clone().job(Job::Check(0), state, &["boom"]);
    check(vec![
        row(
            "migrated",
            &migrated,
            well,
            "act: read the schema's revision again",
        ),
        row("read", &read, well, "act: ask data check 1"),
        row(
            "it runs",
            &running,
            well,
            "wait 5s: data check `question 0` is running",
        ),
        row(
            "it takes too long",
            &running.clone().later(61),
            well,
            "act: stop the task: ask data check 1",
        ),
        row("the next one", &first, well, "act: ask data check 2"),
        row("all passed", &both, well, "find: new migration proven 3/3"),
        row(
            "it says no",
            &ended(JobState::Exited(1)),
            well,
            "find: back: migration: data check `question 0`: exit code 1; boom",
        ),
        row(
            "it never ran",
            &ended(JobState::NeverStarted("no image".to_owned())),
            well,
            "find: back: migration: data check `question 0`: its container never started: no image; boom",
        ),
        row(
            "nobody knows",
            &ended(JobState::Vanished),
            well,
            "find: back: migration: data check `question 0`: its task vanished; how it ended is unknown; boom",
        ),
    ]);
    let request = job_request(&running.plan, &running.progress, Job::Check(0)).unwrap();
    assert_eq!(request.command, ["ask", "0"]);
    assert!(request.key.as_str().ends_with("-check-0"));
}

#[test]
fn one_that_fails_goes_the_way_back_of_the_schema_table() {
    let rows = [
        (Compatibility::Compatible, "r1"),
        (Compatibility::Breaking, "r0"),
    ];
    for (compatibility, revision) in rows {
        let plan = plan_of(&asking(compatibility, &["0", "7"]));
        let fake = Fake::of(&plan);
        let outcome = run(&plan, &fake).unwrap();
        assert_eq!(
            ending(&outcome),
            "rolled back, 4 proofs: migration: data check `question 1`: exit code 7"
        );
        assert_eq!(fake.database.borrow().revision, revision);
    }
}

#[test]
fn nothing_is_taken_back_while_a_question_may_run() {
    let plan = plan_of(&asking(Compatibility::Breaking, &["0"]));
    let good = JobState::Exited(0);
    let read = Story::of(plan)
        .prepared()
        .job(Job::RevisionBefore, good.clone(), &["r0"])
        .job(Job::Up, good.clone(), &[])
        .job(Job::RevisionAfter, good, &["r1"]);
    let of = |story: &Story| schema_return(&story.plan, &story.progress);
    let asked = read.clone().done(Act::StartJob { job: Job::Check(0) });
    assert_eq!(of(&asked.turned_back()), SchemaReturn::Needs(Job::Check(0)));
    let lost = read.job(Job::Check(0), JobState::Running, &[]);
    let task = "task Check(0)".to_owned();
    assert_eq!(
        of(&lost.turned_back()),
        SchemaReturn::Halt(Stuck::MigrationRuns { task })
    );
}

/// The files say that nothing is to be applied, the database is said to be on `r1`.
fn at(head: &str, anchor: Option<Anchor>) -> Plan {
    let mut migration = migration(Compatibility::Compatible, WayDown::Lossless);
    migration.anchor = anchor;
    let app = App {
        migration: Some(migration),
        ..app()
    };
    let mut survey = survey(&app);
    survey.applies = Some(vec![]);
    survey.head = Some(Revision::new(head));
    try_plan(&app, &survey).unwrap()
}

#[test]
fn a_database_that_is_there_already_is_not_migrated() {
    let there = at("r0", None);
    let fake = Fake::of(&there);
    let outcome = run(&there, &fake).unwrap();
    assert_eq!(ending(&outcome), "live, 4 proofs, unproven []");
    assert!(fake.database.borrow().ups.is_empty());
    let log = fake.log.borrow();
    let started: Vec<&String> = log
        .iter()
        .filter(|l| l.starts_with("effect start"))
        .collect();
    assert_eq!(started, ["effect start d-test-before"]);
    // The next plan knows that this release's migration is in the schema.
    let entry = &fake.schema.borrow().entries[0];
    assert_eq!(
        (&entry.way, &entry.end),
        (&Way::Up, &Some(JobState::Exited(0)))
    );
    assert_eq!(entry.after, Some(Revision::new("r0")));
    let unread = Story::of(there).prepared();
    assert!(noted(&unread.plan, &unread.progress).is_empty());
}

#[test]
fn a_database_that_is_elsewhere_is_migrated_unless_it_were_without_its_anchor() {
    let elsewhere = at("r9", None);
    let fake = Fake::of(&elsewhere);
    let outcome = run(&elsewhere, &fake).unwrap();
    assert_eq!(ending(&outcome), "live, 4 proofs, unproven []");
    assert_eq!(fake.database.borrow().ups.len(), 1);
    let anchor = Anchor {
        of: AnchorOf::Snapshot {
            database: Database::Instance("shop".to_owned()),
        },
        timeout: Duration::from_secs(600),
        keep: None,
    };
    let unanchored = at("r9", Some(anchor));
    let fake = Fake::of(&unanchored);
    let outcome = run(&unanchored, &fake).unwrap();
    assert_eq!(
        ending(&outcome),
        "rolled back, 3 proofs: migration: not begun: the database is on r0, not on r9 as the schema record says, and no anchor was made for that"
    );
    assert!(fake.database.borrow().ups.is_empty());
}
