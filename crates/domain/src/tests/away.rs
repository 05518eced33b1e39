//! Trouble of the process: it looks again, then leaves, and nothing is said of the release.

use super::story::{Row, Story, check, failure, roll_out, row, service, well};
use super::world::{plan_of, whole_app};
use crate::journal::{Act, Cause, Event, Finding, Job, Side};
use crate::observation::{Observation, PrimaryState, Seen};
use crate::ports::{Effect, FailureKind};
use crate::reason::Reason;

const EXPIRED: FailureKind = FailureKind::Unauthenticated;
const SILENT: FailureKind = FailureKind::Unavailable;

/// Nothing that is asked of the cloud is seen.
fn none(kind: FailureKind) -> impl Fn(&mut Observation) {
    move |seen| {
        let failed = || failure(kind, Effect::None);
        seen.services = Seen::Unseen(failed());
        for tasks in seen.tasks.values_mut() {
            *tasks = Seen::Unseen(failed());
        }
        if seen.job.is_some() {
            seen.job = Some(Seen::Unseen(failed()));
        }
    }
}

fn waiting(story: Story, kind: FailureKind) -> Story {
    let failure = failure(kind, Effect::None);
    let reason = match kind {
        FailureKind::Unauthenticated => Reason::Unauthenticated { failure },
        _ => Reason::Unanswered { failure },
    };
    story.then(Event::Waiting { reason })
}

fn rolling() -> Story {
    Story::of(plan_of(&whole_app()))
        .ready()
        .done(roll_out("auth", Side::New))
}

fn back(story: Story) -> Story {
    let signal = "SIGTERM".to_owned();
    story.find(Finding::TurnedBack {
        cause: Cause::Interrupted { signal },
    })
}

const UNKNOWN: &str =
    "wait 5s: the cloud does not know these credentials (call: unauthenticated); looking again";
const UNANSWERED: &str = "wait 5s: the cloud does not answer (call: unavailable); looking again";
const LEFT_UNKNOWN: &str =
    "leave: the cloud does not know these credentials any more: call: unauthenticated";
const LEFT_UNANSWERED: &str = "leave: the cloud does not answer any more: call: unavailable";

#[test]
fn a_look_that_nobody_answers_is_repeated_for_a_while() {
    let migrating = Story::of(plan_of(&whole_app()))
        .prepared()
        .done(Act::StartJob { job: Job::Up });
    let mut rows: Vec<Row> = Vec::new();
    for story in [rolling(), back(rolling()), migrating] {
        let (unknown, silent) = (
            waiting(story.clone(), EXPIRED),
            waiting(story.clone(), SILENT),
        );
        rows.extend([
            row("expired", &story, none(EXPIRED), UNKNOWN),
            row("still", &unknown.clone().later(120), none(EXPIRED), UNKNOWN),
            row("for good", &unknown.later(121), none(EXPIRED), LEFT_UNKNOWN),
            row("silent", &story, none(SILENT), UNANSWERED),
            row(
                "still",
                &silent.clone().later(240),
                none(SILENT),
                UNANSWERED,
            ),
            row(
                "for good",
                &silent.later(241),
                none(SILENT),
                LEFT_UNANSWERED,
            ),
            row(
                "however long it went on before",
                &story.clone().later(3600),
                none(EXPIRED),
                UNKNOWN,
            ),
        ]);
    }
    check(rows);
}

#[test]
fn time_in_which_nobody_could_look_does_not_count() {
    let in_progress = service("auth", |view| view.primary_state = PrimaryState::InProgress);
    let limit = 600;
    let away = waiting(rolling().later(limit - 60), EXPIRED).later(100);
    let reason = Reason::RollingOut { services: vec![] };
    let again = away.then(Event::Waiting { reason });
    let overdue = "find: back: the rollout of auth took longer than 600 s; ECS said so";
    let still_following = |seen: &mut Observation| {
        in_progress(seen);
        super::story::followed("auth", crate::observation::RolloutStatus::InProgress)(seen);
    };
    check(vec![
        row(
            "the limit has moved",
            &again.clone().later(60),
            still_following,
            "wait 5s: waiting for auth",
        ),
        row("and passes", &again.later(61), still_following, overdue),
    ]);
}

#[test]
fn an_act_that_nobody_knows_us_for_is_tried_again_then_left() {
    let auth = || roll_out("auth", Side::New);
    let ready = Story::of(plan_of(&whole_app())).ready();
    let mut failing = ready.clone();
    for _ in 0..8 {
        failing = failing.failed(auth(), EXPIRED, Effect::None).later(20);
    }
    let mut to_the_last = ready.clone();
    for _ in 0..7 {
        to_the_last = to_the_last.failed(auth(), EXPIRED, Effect::None).later(20);
    }
    let resumed = failing.clone().then(Event::Resumed {
        by: None,
        operator: crate::operator::Operator::default(),
        fence: 2,
    });
    check(vec![
        row(
            "once",
            &ready.clone().failed(auth(), EXPIRED, Effect::None),
            well,
            "wait 1s: roll out auth was not possible (call: unauthenticated); trying again",
        ),
        row(
            "once, a little later",
            &ready.failed(auth(), EXPIRED, Effect::None).later(1),
            well,
            "act: roll out auth",
        ),
        row("for good", &failing, well, LEFT_UNKNOWN),
        row(
            "to the last moment",
            &to_the_last,
            well,
            "wait 5s: roll out auth was not possible (call: unauthenticated); trying again",
        ),
        row(
            "whoever resumes it has credentials of his own",
            &resumed.later(2),
            well,
            "act: roll out auth",
        ),
    ]);
}

#[test]
fn a_denied_read_ends_the_wait_at_once() {
    let denied = |seen: &mut Observation| {
        seen.services = Seen::Unseen(failure(FailureKind::Denied, Effect::None));
    };
    let turned = "find: back: not allowed to look at what must be proven: call: denied";
    check(vec![row("forward", &rolling(), denied, turned)]);
    let found = row("on the way back", &back(rolling()), denied, "").found;
    assert!(!found.starts_with("find: back"), "{found}");
}

/// That nobody answers, only all that were asked can say.
#[test]
fn one_answer_is_enough_to_be_somebody() {
    let proving = rolling().find(Finding::RolloutEnded {
        service: super::world::name("auth"),
        side: Side::New,
    });
    let some = |tasks: Option<FailureKind>| {
        move |seen: &mut Observation| {
            seen.services = Seen::Unseen(failure(SILENT, Effect::None));
            for one in seen.tasks.values_mut() {
                if let Some(kind) = tasks {
                    *one = Seen::Unseen(failure(kind, Effect::None));
                }
            }
        }
    };
    for tasks in [None, Some(FailureKind::Throttled)] {
        let found = row("one is silent", &proving, some(tasks), "").found;
        assert!(!found.contains("the cloud does not answer"), "{found}");
    }
    let all = row("all are", &proving, some(Some(SILENT)), "").found;
    assert_eq!(all, UNANSWERED);
}
