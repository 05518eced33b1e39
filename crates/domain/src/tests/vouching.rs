//! Who has to vouch for a service that serves: a load balancer, and its containers' own health checks where they have one.

use super::serving::{WAITING, both, ours, tasks};
use super::story::{Story, check, row};
use super::world::{app, name, plan_of};
use crate::observation::ContainerHealth;
use crate::plan::Plan;
use crate::survey::Balanced;
use crate::watch::watch;

#[test]
fn a_service_that_no_load_balancer_vouches_for_serves_when_it_is_complete() {
    let mut plan: Plan = plan_of(&app());
    let auth = plan.services.get_mut(&name("auth")).unwrap();
    auth.before.balanced = Balanced::No;
    let story = Story::of(plan).ready().begun("auth");
    assert!(
        watch(&story.plan, &story.progress, story.now)
            .serving
            .is_empty()
    );
    check(vec![row("all its tasks run", &story, ours(), WAITING)]);
}

#[test]
fn where_a_container_has_a_health_check_that_has_to_confirm_as_well() {
    let mut plan: Plan = plan_of(&app());
    let auth = plan.services.get_mut(&name("auth")).unwrap();
    let definition = &mut auth.target.as_mut().unwrap().definition;
    definition.document["containerDefinitions"][0]["healthCheck"] =
        serde_json::json!({"command": ["CMD", "true"]});
    let story = Story::of(plan).ready().begun("auth");
    let all = |health: ContainerHealth, last: ContainerHealth| {
        both(
            ours(),
            tasks("auth", move |view| {
                view.tasks[0].health = health;
                view.tasks[1].health = last;
            }),
        )
    };
    let (healthy, unknown) = (ContainerHealth::Healthy, ContainerHealth::Unknown);
    check(vec![
        row(
            "all confirm",
            &story,
            all(healthy, healthy),
            "find: new auth serves 2",
        ),
        row(
            "one has not answered yet",
            &story,
            all(healthy, unknown),
            WAITING,
        ),
        row(
            "one does not",
            &story,
            all(ContainerHealth::Unhealthy, healthy),
            WAITING,
        ),
    ]);
}
