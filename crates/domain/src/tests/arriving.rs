//! Nothing ends while something that was sent again may still arrive; what is left behind is said of what ran, not of what is recorded.

use super::story::{Story, check, roll_out, row, well};
use super::world::{definition_ref, name, plan_of, rollout, survey, try_plan, whole_app};
use crate::decide::back::left;
use crate::journal::{Act, Finding, Left, Published, Remains, Runs, Side};
use crate::observation::{PrimaryState, Seen};
use crate::plan::Plan;
use crate::ports::{Effect, FailureKind};
use crate::survey::Activity;
use crate::verdict::Component;

/// Everything is live; the answer to the first attempt at the page was lost.
fn baked(plan: Plan) -> Story {
    let page = Act::Point {
        frontend: Default::default(),
        side: Side::New,
    };
    Story::of(plan)
        .all_live()
        .find(Finding::ChecksPassed)
        .failed(page.clone(), FailureKind::Unavailable, Effect::Unknown)
        .later(1)
        .done(page)
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
        .find(Finding::BakeEnded)
}

/// Everything is put back and proven; the answer to the first attempt at `auth` was lost.
fn back(plan: Plan) -> Story {
    let story = Story::of(plan)
        .ready()
        .ended("auth")
        .turned_back()
        .failed(
            roll_out("auth", Side::Old),
            FailureKind::Unavailable,
            Effect::Unknown,
        )
        .later(1)
        .done(roll_out("auth", Side::Old))
        .put_back("auth")
        .find(Finding::Undone);
    super::world::SERVICES
        .into_iter()
        .fold(story, Story::home)
        .proven(Component::Frontend(Default::default()), Side::Old)
}

#[test]
fn nothing_ends_while_something_that_was_sent_again_may_arrive() {
    let looking = |act: &str| {
        format!("wait 5s: the answer to `{act}` was lost; looking whether it took effect")
    };
    let page = looking("point the frontend at the new release");
    let auth = looking("roll auth back");
    let plan = plan_of(&whole_app());
    let rows = [
        ("the page may arrive", baked(plan.clone()), page.as_str()),
        (
            "and may no more",
            baked(plan.clone()).later(95),
            "act: record the release",
        ),
        ("the old code may arrive", back(plan.clone()), auth.as_str()),
        (
            "and may no more",
            back(plan).later(95),
            "finish: rolled back, 4 proofs: check `login` failed: 500",
        ),
    ];
    let rows = rows.map(|(situation, story, expected)| {
        let expected: &'static str = Box::leak(expected.to_owned().into_boxed_str());
        row(situation, &story, well, expected)
    });
    check(rows.into());
}

/// Forward a rollout is looked for before it is sent again; scaling to zero is sent again at once.
#[test]
fn only_what_is_sent_again_without_a_look_is_waited_for_forward() {
    let mut new = whole_app();
    new.services.remove(&name("proxy"));
    let plan = try_plan(&new, &survey(&whole_app())).unwrap();
    let begun = |story: Story, service: &str| {
        let lost = (FailureKind::Unavailable, Effect::Unknown);
        let act = roll_out(service, Side::New);
        story.failed(act.clone(), lost.0, lost.1).later(1).done(act)
    };
    let ended = |story: Story| {
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
            .find(Finding::Retired {
                service: name("proxy"),
            })
            .find(Finding::BakeBegan)
            .find(Finding::BakeEnded)
    };
    let proven = |story: Story, service: &str| {
        let rolled = story.find(Finding::RolloutEnded {
            service: name(service),
            side: Side::New,
        });
        rolled.proven(Component::Service(name(service)), Side::New)
    };
    let ready = Story::of(plan).ready();
    let looked_for = proven(begun(ready.clone(), "auth"), "auth").live("catalog");
    let looked_for = ended(looked_for.done(roll_out("proxy", Side::New)));
    let sent_again = ended(begun(ready.live("auth").live("catalog"), "proxy"));
    check(vec![
        row("a rollout", &looked_for, well, "act: record the release"),
        row(
            "scaling to zero",
            &sent_again,
            well,
            "wait 5s: the answer to `roll out proxy` was lost; looking whether it took effect",
        ),
    ]);
}

#[test]
fn what_is_left_behind_names_no_release_that_did_not_run() {
    let app = whole_app();
    let mut before = survey(&app);
    // An unrecorded release got that far.
    let auth = before.services.get_mut(&name("auth")).unwrap();
    auth.definition = definition_ref("auth:9");
    auth.document = super::world::release(&app, "half").services[&name("auth")]
        .definition
        .clone();
    (auth.rollout, auth.activity) = (rollout("auth-9"), Activity::Settled);
    before.of_the_frontend().live = [("index.html".to_owned(), "half".to_owned())].into();
    let story = Story::of(try_plan(&app, &before).unwrap())
        .ready()
        .turned_back()
        .find(Finding::Undone);
    let story = super::world::SERVICES
        .into_iter()
        .fold(story, Story::home)
        .proven(Component::Frontend(Default::default()), Side::Old);
    let mut seen = story.look();
    seen.pointers.insert(
        Default::default(),
        Seen::Known(before.of_the_frontend().live.clone()),
    );
    let mut said = Vec::new();
    for left in left(&story.plan, &story.progress, &seen) {
        let Left::Fact(fact) = left else { continue };
        match fact.remains {
            Remains::Service {
                runs,
                rollout: PrimaryState::Completed,
                ..
            } => said.push(match runs {
                Runs::Old(version) => format!("{}: old {version:?}", fact.component),
                other => format!("{}: {other:?}", fact.component),
            }),
            Remains::Frontend {
                published: Published::Old(version),
                ..
            } => {
                said.push(format!("{}: old {version:?}", fact.component));
            }
            _ => {}
        }
    }
    let expected = [
        "auth: old None",
        "catalog: old Some(Version(\"old\"))",
        "proxy: old Some(Version(\"old\"))",
        "frontend: old None",
    ];
    assert_eq!(said, expected);
}
