//! What is looked at: what the next decision needs, and nothing more, since every look costs calls.

use super::story::{Story, roll_out, without_proxy};
use super::world::{app, name, plan_of, release, survey, try_plan};
use crate::RolloutHandle;
use crate::journal::Side;
use crate::plan::{Change, Plan};
use crate::watch::watch;

/// The services that are looked at, and the rollouts that are followed.
fn followed(story: &Story) -> Vec<(String, Option<RolloutHandle>)> {
    let watch = watch(&story.plan, &story.progress, story.now);
    let one = |follow: &crate::ports::Follow| {
        let name = follow.locator.name.to_string();
        (name, follow.rollout.clone())
    };
    watch.follow.iter().map(one).collect()
}

fn names(story: &Story) -> Vec<String> {
    followed(story).into_iter().map(|(name, _)| name).collect()
}

/// Two of three change; the first wave does not.
fn auth_stays() -> Plan {
    let app = app();
    let mut survey = survey(&app);
    let new = release(&app, "new");
    let live = survey.services.get_mut(&name("auth")).unwrap();
    live.document = new.services[&name("auth")].definition.clone();
    let plan = try_plan(&app, &survey).unwrap();
    assert_eq!(plan.services[&name("auth")].change, Change::Unchanged);
    plan
}

#[test]
fn a_service_that_does_not_change_is_looked_at_in_its_own_wave_only() {
    let story = Story::of(auth_stays()).ready();
    assert_eq!(names(&story), ["auth"]);
    let service = crate::verdict::Component::Service(name("auth"));
    let proven = story.proven(service, Side::New);
    assert!(names(&proven).is_empty(), "nothing has begun");
    assert_eq!(names(&proven.begun("catalog")), ["catalog"]);
}

#[test]
fn a_service_that_leaves_has_no_rollout_to_follow() {
    let leaving = without_proxy().done(roll_out("proxy", Side::New));
    let proxy = followed(&leaving).into_iter().next_back();
    assert_eq!(proxy, Some(("proxy".to_owned(), None)));
    let begun = Story::of(plan_of(&app())).ready().begun("auth");
    let gave = leaving.progress.rollout(&name("proxy"), Side::New);
    assert!(gave.is_some(), "though the call gave one");
    assert!(
        followed(&begun)
            .iter()
            .all(|(_, rollout)| rollout.is_some())
    );
}
