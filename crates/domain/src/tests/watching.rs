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

/// The services whose tasks and targets are asked.
fn heard(story: &Story) -> Vec<String> {
    let watch = watch(&story.plan, &story.progress, story.now);
    let names = watch.tasks.iter().map(|locator| locator.name.to_string());
    names.collect()
}

#[test]
fn tasks_are_witnesses_when_their_rollout_has_ended_and_nobody_heard_them_yet() {
    let ready = Story::of(plan_of(&app())).ready();
    let rows: [(&str, Story, &[&str]); 6] = [
        ("nothing has begun", ready.clone(), &[]),
        ("it goes on", ready.clone().begun("auth"), &[]),
        ("it has ended", ready.clone().ended("auth"), &["auth"]),
        ("it is proven", ready.clone().live("auth"), &[]),
        (
            "one of two has ended",
            ready.live("auth").ended("catalog").begun("proxy"),
            &["catalog"],
        ),
        (
            "it does not change",
            Story::of(auth_stays()).ready(),
            &["auth"],
        ),
    ];
    for (situation, story, expected) in rows {
        assert_eq!(heard(&story), expected, "{situation}");
    }
}

#[test]
fn at_the_end_of_the_watch_all_are_heard_once_more() {
    use crate::journal::Finding;
    let mut plan = plan_of(&app());
    plan.policy.bake = std::time::Duration::from_secs(60);
    let live = Story::of(plan).all_live();
    let began = live.find(Finding::BakeBegan);
    assert!(heard(&began.clone().later(59)).is_empty());
    let bake = began.plan.policy.bake.as_secs();
    let over = began.later(bake);
    assert_eq!(heard(&over), ["auth", "catalog", "proxy"]);
    let auth = crate::verdict::Component::Service(name("auth"));
    let again = over.proven(auth, Side::New);
    assert_eq!(
        heard(&again),
        ["auth", "catalog", "proxy"],
        "one look proves all, or none of it counts"
    );
}

#[test]
fn a_probe_asks_for_the_version_that_is_known_to_answer() {
    use crate::plan::Before;
    use crate::release::Origin;
    use crate::watch::probe_for;
    let mut plan = plan_of(&app());
    let mut service = plan.services[&name("auth")].clone();
    let mut check = super::world::check("auth");
    check.json = Some(("version".to_owned(), "{{ version }}".to_owned()));
    service.probe = Some(check);
    let asked = |plan: &Plan, service: &crate::plan::ServicePlan, side: Side| {
        let (check, version) = probe_for(plan, service, side).unwrap();
        (check.json.is_some(), version.to_string())
    };
    let with = |version: &str| (true, version.to_owned());
    let status_only = (false, "new".to_owned());
    assert_eq!(asked(&plan, &service, Side::New), with("new"));
    service.before.version = Some("v0".parse().unwrap());
    assert_eq!(asked(&plan, &service, Side::Old), with("v0"));
    let unknown = crate::plan::ServicePlan {
        before: crate::plan::ServiceBefore {
            version: None,
            ..service.before.clone()
        },
        ..service.clone()
    };
    assert_eq!(asked(&plan, &unknown, Side::Old), status_only);
    let unchanged = crate::plan::ServicePlan {
        change: Change::Unchanged,
        ..service.clone()
    };
    assert_eq!(asked(&plan, &unchanged, Side::New), status_only);
    // What ran before Backstay came answers nothing that anybody knows.
    plan.before = plan.before.map(|before| Before {
        origin: Origin::Found,
        ..before
    });
    let found = (false, "v0".to_owned());
    assert_eq!(asked(&plan, &service, Side::Old), found);
    assert_eq!(asked(&plan, &service, Side::New), with("new"));
    plan.release.origin = Origin::Found;
    assert_eq!(asked(&plan, &service, Side::New), status_only);
}
