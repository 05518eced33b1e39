//! The revision after a migration: read while the release is watched, or beside the proofs of the way back, and nothing waits for it
//! but the end.

use std::time::Duration;

use super::story::{Story, check, row, well};
use super::world::{SERVICES, migration, plan_of, whole_app};
use crate::app::{App, Compatibility, WayDown};
use crate::decide::next_job;
use crate::journal::{Act, Finding, Job, Side};
use crate::observation::{JobState, JobView, Observation, Seen};
use crate::plan::Plan;
use crate::ports::{Effect, FailureKind};
use crate::verdict::Component;
use crate::watch::watch;

const READ: Act = Act::StartJob {
    job: Job::RevisionAfter,
};

fn migrated(compatibility: Compatibility) -> Story {
    let app = App {
        migration: Some(migration(compatibility, WayDown::Lossless)),
        ..whole_app()
    };
    let mut plan = plan_of(&app);
    plan.policy.bake = Duration::from_secs(60);
    let story = Story::of(plan).prepared();
    let story = match next_job(&story.plan, &story.progress) {
        Job::RevisionBefore => story.job(Job::RevisionBefore, JobState::Exited(0), &["r1"]),
        _ => story,
    };
    story.job(Job::Up, JobState::Exited(0), &[])
}

/// All is live, and the watch begins.
fn watched() -> Story {
    let story = migrated(Compatibility::Compatible);
    let story = SERVICES.into_iter().fold(story, Story::live);
    story
        .find(Finding::ChecksPassed)
        .done(Act::Point {
            frontend: Default::default(),
            side: Side::New,
        })
        .done(Act::Invalidate {
            frontend: Default::default(),
            side: Side::New,
        })
        .find(Finding::Invalidated {
            frontend: Default::default(),
            side: Side::New,
        })
        .proven(Component::Frontend(Default::default()), Side::New)
        .find(Finding::BakeBegan)
}

fn ends(state: JobState, log: &'static [&'static str]) -> impl Fn(&mut Observation) {
    move |seen| {
        seen.job = Some(Seen::Known(JobView {
            state: state.clone(),
            log: log.iter().map(|line| (*line).to_owned()).collect(),
            unread: None,
        }));
    }
}

fn bake(plan: &Plan) -> u64 {
    plan.policy.bake.as_secs()
}

#[test]
fn the_first_wave_waits_only_where_old_code_may_not_live_with_it() {
    check(vec![
        row(
            "compatible",
            &migrated(Compatibility::Compatible),
            well,
            "act: roll out auth",
        ),
        row(
            "breaking",
            &migrated(Compatibility::Breaking),
            well,
            "act: read the schema's revision again",
        ),
    ]);
}

#[test]
fn the_watch_is_used_for_it_and_lasts_until_it_is_read() {
    let watched = watched();
    let reading = watched.clone().done(READ);
    let over = reading.clone().later(bake(&watched.plan));
    let denied = watched
        .clone()
        .failed(READ, FailureKind::Denied, Effect::None);
    check(vec![
        row(
            "begun",
            &watched,
            well,
            "act: read the schema's revision again",
        ),
        row(
            "it is being read",
            &reading,
            ends(JobState::Running, &[]),
            "wait 5s: watching the new release",
        ),
        row(
            "and is not at its end",
            &over,
            ends(JobState::Running, &[]),
            "wait 5s: read the schema's revision again is running",
        ),
        row(
            "it is read",
            &over,
            ends(JobState::Exited(0), &["r2 (head)"]),
            "find: read the schema's revision again: Exited(0)",
        ),
        row(
            "it may not be read",
            &denied,
            well,
            "find: read the schema's revision again: NeverStarted(\"read the schema's revision again: call: denied\")",
        ),
    ]);
    let looked_at = watch(&reading.plan, &reading.progress, reading.now);
    assert!(looked_at.job.is_some());
    assert!(!looked_at.follow.is_empty());
}

#[test]
fn the_way_back_does_not_wait_for_it_and_ends_with_it() {
    let running = watched().done(READ).turned_back();
    let undone = migrated(Compatibility::Compatible)
        .live("auth")
        .turned_back();
    let undone = SERVICES.into_iter().fold(undone, Story::home);
    let undone = undone.find(Finding::Undone);
    check(vec![
        row(
            "something is put back first, while it runs",
            &running,
            ends(JobState::Running, &[]),
            "act: point the frontend at the old release",
        ),
        row(
            "it was not read",
            &undone,
            well,
            "act: read the schema's revision again",
        ),
        row(
            "everything is proven, and it runs",
            &undone
                .clone()
                .done(READ)
                .proven(Component::Frontend(Default::default()), Side::Old),
            ends(JobState::Running, &[]),
            "wait 5s: read the schema's revision again is running",
        ),
    ]);
}
