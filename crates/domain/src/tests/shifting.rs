//! Strategies that shift requests between two rollouts: what is refused, what does not count as slow, and who is waited for.

use std::collections::BTreeMap;
use std::time::Duration;

use super::story::{Story, check, roll_out, row, service, well};
use super::world::{app, name, plan_of, survey, try_plan};
use crate::journal::{Act, Finding, Side};
use crate::observation::{Observation, PrimaryState};
use crate::plan::{Plan, Warning};
use crate::survey::Bounds;
use crate::traffic::{Answer, Hold, Moves, Route, Shift, Shifting, Strategy};

pub(super) const BAKES: u64 = 600;

/// Target groups and their weights.
type Weights<'w> = Option<&'w [(&'w str, u32)]>;

fn route(weights: Weights<'_>) -> Route {
    let weights = weights.map(|weights| {
        let named = weights
            .iter()
            .map(|(group, weight)| ((*group).to_owned(), *weight));
        named.collect::<BTreeMap<String, u32>>()
    });
    Route {
        rule: "listener-rule/1".to_owned(),
        groups: ["blue".to_owned(), "green".to_owned()],
        weights,
    }
}

fn canary(route: Route) -> Strategy {
    Strategy::Shifting(Shifting {
        kind: "CANARY".to_owned(),
        bakes: Duration::from_secs(BAKES),
        pauses: vec!["POST_SCALE_UP".to_owned()],
        routes: vec![route],
    })
}

/// `auth` is a canary, where its requests go as they should.
pub(super) fn plan() -> Plan {
    let mut survey = survey(&app());
    let auth = survey.services.get_mut(&name("auth")).unwrap();
    auth.strategy = canary(route(Some(&[("blue", 1)])));
    try_plan(&app(), &survey).unwrap()
}

#[test]
fn only_a_rule_that_sends_everything_to_one_of_the_two_groups_can_be_shifted() {
    let refusal = |weights: Weights<'_>| {
        let mut survey = survey(&app());
        let auth = survey.services.get_mut(&name("auth")).unwrap();
        auth.strategy = canary(route(weights));
        let refused = try_plan(&app(), &survey).err();
        refused.map(|refusals| {
            refusals
                .0
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(refusal(Some(&[("blue", 1)])), None);
    assert_eq!(
        refusal(Some(&[("green", 100)])),
        None,
        "they have changed places"
    );
    let of = "auth: listener-rule/1";
    let why = "the cloud shifts traffic without looking and takes for granted that all of it goes to one of the service's two target groups";
    let rows: [(Weights<'_>, &str); 4] = [
        (
            Some(&[("blue", 90), ("green", 10)]),
            "sends requests to blue (90) and green (10)",
        ),
        (Some(&[("third", 1)]), "sends requests to third (1)"),
        (Some(&[]), "sends requests to no target group"),
        (None, "does not forward requests"),
    ];
    for (weights, how) in rows {
        assert_eq!(refusal(weights), Some(vec![format!("{of} {how}; {why}")]));
    }
}

#[test]
fn bounds_are_for_rolling_services_and_pauses_are_said() {
    let mut survey = survey(&app());
    let auth = survey.services.get_mut(&name("auth")).unwrap();
    auth.bounds = Bounds {
        minimum_healthy_percent: 100,
        maximum_percent: 100,
    };
    assert!(try_plan(&app(), &survey).is_err(), "rolling it would hang");
    let auth = survey.services.get_mut(&name("auth")).unwrap();
    auth.strategy = canary(route(Some(&[("blue", 1)])));
    let plan = try_plan(&app(), &survey).unwrap();
    let waits = Warning::Waits(name("auth"), vec!["POST_SCALE_UP".to_owned()]);
    assert!(plan.warnings.contains(&waits), "{:?}", plan.warnings);
}

pub(super) fn shifted(
    of: &'static str,
    stage: &'static str,
    percent: u32,
    hold: Option<&'static str>,
) -> impl Fn(&mut Observation) {
    service(of, move |view| {
        view.primary_state = PrimaryState::InProgress;
        let hold = hold.map(|id| Hold {
            id: id.to_owned(),
            until: None,
            then: Answer::TurnBack,
        });
        view.followed.as_mut().unwrap().shift = Some(Shift {
            stage: stage.to_owned(),
            percent,
            moves: match stage.ends_with("TRAFFIC_SHIFT") && !stage.starts_with("POST_") {
                true => Moves::Maybe,
                false => Moves::NoMore,
            },
            hold,
        });
    })
}

/// It waits at a hook.
pub(super) fn paused(of: &'static str) -> impl Fn(&mut Observation) {
    shifted(of, "POST_SCALE_UP", 0, Some("hook-1"))
}

/// That was found.
pub(super) fn held(stage: &str) -> Finding {
    Finding::Held {
        service: name("auth"),
        stage: stage.to_owned(),
        hold: Hold {
            id: "hook-1".to_owned(),
            until: None,
            then: Answer::TurnBack,
        },
    }
}

#[test]
fn what_is_configured_to_take_long_is_not_slow_and_waiting_for_somebody_does_not_count() {
    let usual = plan_of(&app()).services[&name("auth")].timeout.as_secs();
    let begun = Story::of(plan()).ready().begun("auth");
    let paused = || paused("auth");
    let held = begun.clone().find(held("POST_SCALE_UP"));
    let night = 12 * 3600;
    let went_on = held.clone().later(night).find(Finding::WentOn {
        service: name("auth"),
    });
    let waits = "wait 5s: auth waits at POST_SCALE_UP for somebody: `backstay continue` lets it go on, `backstay abort` takes the \
                 release back";
    let baking = || shifted("auth", "BAKE_TIME", 50, None);
    let bakes = "wait 5s: auth: BAKE_TIME, its new tasks get 50 % of the requests";
    let late = format!(
        "find: back: the rollout of auth took longer than {} s; ECS said so",
        usual + BAKES
    );
    let late: &'static str = Box::leak(late.into_boxed_str());
    check(vec![
        row(
            "it bakes beyond a rolling one's time",
            &begun.clone().later(usual + BAKES),
            baking(),
            bakes,
        ),
        row(
            "but not for ever",
            &begun.clone().later(usual + BAKES + 1),
            baking(),
            late,
        ),
        row(
            "it waits for somebody",
            &begun,
            paused(),
            "find: held auth POST_SCALE_UP",
        ),
        row("which is said once", &held, paused(), waits),
        row(
            "all night long",
            &held.clone().later(night),
            paused(),
            waits,
        ),
        row(
            "somebody answered",
            &held.clone().later(night),
            baking(),
            "find: went on auth",
        ),
        row(
            "the night does not count",
            &went_on.clone().later(usual + BAKES),
            baking(),
            bakes,
        ),
        row(
            "the rest does",
            &went_on.later(usual + BAKES + 1),
            baking(),
            late,
        ),
    ]);
}

#[test]
fn it_serves_when_all_requests_go_to_its_tasks_though_what_it_replaces_runs_beside_them() {
    let begun = Story::of(plan()).ready().begun("auth");
    let beside = |stage: &'static str, percent: u32| {
        let shifted = shifted("auth", stage, percent, None);
        move |seen: &mut Observation| {
            shifted(seen);
            service("auth", |view| (view.running, view.primary_running) = (4, 2))(seen);
            super::serving::two_tasks("auth", "auth:2", seen);
            super::serving::another_task("auth", "auth:1", seen);
        }
    };
    check(vec![
        row(
            "it bakes",
            &begun,
            beside("BAKE_TIME", 100),
            "find: new auth serves 2",
        ),
        row(
            "it still shifts",
            &begun,
            beside("PRODUCTION_TRAFFIC_SHIFT", 100),
            "wait 5s: auth: PRODUCTION_TRAFFIC_SHIFT, its new tasks get 100 % of the requests",
        ),
        row(
            "some requests go to the old ones",
            &begun,
            beside("BAKE_TIME", 99),
            "wait 5s: auth: BAKE_TIME, its new tasks get 99 % of the requests",
        ),
    ]);
}

#[test]
fn on_the_way_back_nobody_is_asked() {
    let back = Story::of(plan())
        .all_live()
        .turned_back()
        .put_back("catalog")
        .put_back("proxy")
        .done(roll_out("auth", Side::Old));
    let paused = || {
        let shifted = shifted("auth", "POST_SCALE_UP", 0, Some("hook-2"));
        move |seen: &mut Observation| {
            shifted(seen);
            service("auth", |view| view.primary_running = 0)(seen);
        }
    };
    let answered = back.clone().done(Act::GoOn {
        service: name("auth"),
        hold: "hook-2".to_owned(),
    });
    let waits = "wait 5s: auth returning to the previous release";
    check(vec![
        row(
            "it pauses",
            &back,
            paused(),
            "act: let the return of auth go on",
        ),
        row("it was answered", &answered, paused(), waits),
        row("it has ended", &answered, well, "find: ended auth old"),
    ]);
}
