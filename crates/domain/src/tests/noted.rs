//! What a deployment adds to the schema record, as far as it has come.

use super::story::{Story, failure};
use super::world::{app, migration, plan_of, release, survey};
use crate::app::{App, Compatibility, WayDown};
use crate::journal::{Act, Event, Job};
use crate::ledger::Entry;
use crate::observation::JobState;
use crate::plan::{MigrationChange, SchemaRisk, plan};
use crate::ports::{Effect, FailureKind};
use crate::schema::{Revision, SchemaEntry, SchemaRecord, Undone, Way, noted};
use crate::survey::{Ancestry, Survey};

fn migrating() -> App {
    App {
        migration: Some(migration(Compatibility::Breaking, WayDown::Lossless)),
        ..app()
    }
}

fn entries(story: &Story) -> Vec<SchemaEntry> {
    noted(&story.plan, &story.progress)
}

fn told(story: &Story) -> Vec<String> {
    let one = |entry: &SchemaEntry| {
        let revision =
            |it: &Option<Revision>| it.as_ref().map_or("-".to_owned(), ToString::to_string);
        let way = match &entry.way {
            Way::Up => "up".to_owned(),
            Way::Down { to, .. } => format!("down to {to}"),
            Way::Accepted => "accepted".to_owned(),
        };
        let (before, after) = (revision(&entry.before), revision(&entry.after));
        format!("{way} {before}..{after} {:?}", entry.end)
    };
    entries(story).iter().map(one).collect()
}

#[test]
fn each_migration_that_may_have_run_is_noted_with_what_was_read_around_it() {
    let read = |story: Story, job, revision| story.job(job, JobState::Exited(0), &[revision]);
    let up = || Act::StartJob { job: Job::Up };
    let fresh = Story::of(plan_of(&migrating())).prepared();
    let asked = read(fresh.clone(), Job::RevisionBefore, "r1");
    let intended = asked.clone().intend(up());
    let refused = failure(FailureKind::Denied, Effect::None);
    let denied = intended.clone().then(Event::Failed {
        act: up(),
        failure: refused,
    });
    let migrated = asked.clone().job(Job::Up, JobState::Exited(0), &[]);
    let after = read(migrated.clone(), Job::RevisionAfter, "r2");
    let failed = asked.clone().job(Job::Up, JobState::Exited(1), &[]);
    let unseen = asked.clone().job(Job::Up, JobState::Running, &[]);
    let down = after
        .clone()
        .turned_back()
        .job(Job::Down, JobState::Exited(0), &[]);
    let rows = [
        ("nothing is begun", &fresh, vec![]),
        ("the revision was read", &asked, vec![]),
        (
            "it may start at any moment",
            &intended,
            vec!["up r1..- None"],
        ),
        (
            "it was not started",
            &denied,
            vec!["up r1..- Some(NeverStarted(\"it was not started\"))"],
        ),
        ("it failed", &failed, vec!["up r1..- Some(Exited(1))"]),
        ("nobody saw it end", &unseen, vec!["up r1..- None"]),
        ("migrated", &migrated, vec!["up r1..- Some(Exited(0))"]),
        (
            "and the revision read",
            &after,
            vec!["up r1..r2 Some(Exited(0))"],
        ),
        (
            "and lowered again",
            &down,
            vec![
                "up r1..r2 Some(Exited(0))",
                "down to r1 -..- Some(Exited(0))",
            ],
        ),
    ];
    for (situation, story, expected) in rows {
        assert_eq!(told(story), expected, "{situation}");
    }
    let noted = entries(&down);
    let own = Undone {
        deployment: Some(down.plan.deployment.clone()),
        release: down.plan.release.id.clone(),
    };
    assert!(matches!(&noted[1].way, Way::Down { undoes, .. } if *undoes == own));
    for entry in &noted {
        assert_eq!(entry.migration, down.plan.release.migration);
        assert_eq!(entry.version, down.plan.release.version);
        assert_eq!(entry.intended, Some(down.now));
    }
}

#[test]
fn a_rollback_notes_what_it_undoes_of_another_deployment() {
    let mut plan = plan_of(&migrating());
    let theirs = Undone {
        deployment: Some("d-other".parse().unwrap()),
        release: release(&migrating(), "other").id,
    };
    let change = plan.migration.as_mut().unwrap();
    change.change = MigrationChange::Down(Revision::new("r0"));
    change.undoes = Some(theirs.clone());
    let story = Story::of(plan.ordered()).prepared();
    let story = story.intend(Act::StartJob { job: Job::Down });
    assert_eq!(told(&story), ["down to r0 -..- None"]);
    assert!(matches!(&entries(&story)[0].way, Way::Down { undoes, .. } if *undoes == theirs));
}

#[test]
fn a_human_s_word_is_noted_when_the_release_stands_on_it() {
    let app = migrating();
    let newer = Entry::bare(release(&app, "newer"));
    let survey = Survey {
        schema: SchemaRecord::of_ledger(&[newer]),
        schema_ancestry: Ancestry::Older,
        schema_risk: SchemaRisk::Accepted,
        ..survey(&app)
    };
    let deployment = "d-test".parse().unwrap();
    let plan = plan(deployment, &app, release(&app, "new"), &survey).unwrap();
    let answered = plan.migration.as_ref().unwrap().schema_risk;
    assert_eq!(answered, SchemaRisk::Accepted);
    let story = Story::of(plan);
    assert!(told(&story).is_empty());
    let recorded = story.intend(Act::RecordRelease);
    assert_eq!(told(&recorded), ["accepted -..- None"]);
}
