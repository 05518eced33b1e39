//! What clients see through the load balancer while tasks come, fail and go (D).

use rstest::rstest;

use super::stage::{Setting, Stage, pinned};
use crate::ServiceFault;
use crate::base::here::here;
use crate::base::visit::Visit;
use crate::services::elb::Routed;

/// The status a client gets for a path; 502 when the connection is refused.
fn status(stage: &mut Stage, path: &str) -> u16 {
    let world = &mut stage.world;
    match here!(world.elb)
        .route(&Visit::get("api.example.com", path))
        .expect("a known host")
    {
        Routed::Status(status) | Routed::Redirect(status, _) => status,
        Routed::Refused => 502,
        Routed::Fixed(response) => response.status,
        Routed::Target(backend) => stage
            .world
            .task_answer(&backend.ip, backend.port, path)
            .map_or(502, |answer| answer.status),
    }
}

#[test]
fn a_good_deployment_answers_every_request() {
    let mut stage = Stage::new(&Setting::default());
    stage.deploy(&pinned("v2"));
    for second in 1..150 {
        stage.play_to_s(second);
        assert_eq!(status(&mut stage, "/web/orders"), 200, "at +{second}");
    }
    assert_eq!(status(&mut stage, "/nobody"), 404);
    let world = &mut stage.world;
    let elsewhere = Visit::get("elsewhere.example.com", "/");
    assert_eq!(here!(world.elb).route(&elsewhere), None);
}

/// A service whose only tasks are bad: what the health path and another path answer.
#[rstest]
#[case::unhealthy(ServiceFault::Unhealthy, 503, 503)]
#[case::errors(ServiceFault::Errors5xx, 200, 500)]
#[case::slow(ServiceFault::SlowStart, 502, 502)]
fn bad_tasks_answer_badly(#[case] fault: ServiceFault, #[case] health: u16, #[case] other: u16) {
    let mut stage = Stage::new(&Setting {
        desired: 1,
        minimum: 0,
        maximum: 100,
        breaker: false,
        ..Setting::default()
    });
    stage.spoil(fault, None);
    stage.deploy(&pinned("v2"));
    stage.play_to_s(25);
    assert_eq!(
        status(&mut stage, "/web/health"),
        health,
        "no healthy target: traffic goes to all (fail-open)"
    );
    assert_eq!(status(&mut stage, "/web/orders"), other);
}

#[test]
fn without_targets_it_is_503() {
    let mut stage = Stage::new(&Setting {
        desired: 0,
        ..Setting::default()
    });
    assert_eq!(status(&mut stage, "/web/orders"), 503);
}

#[test]
fn a_release_that_answers_500_still_deploys() {
    let mut stage = Stage::new(&Setting::default());
    stage.spoil(ServiceFault::Errors5xx, None);
    let new = stage.deploy(&pinned("v2"));
    stage.play_to_s(200);
    assert_eq!(
        stage.record(&new)["status"],
        "SUCCESSFUL",
        "healthy but wrong is not caught (B2)"
    );
    assert_eq!(status(&mut stage, "/web/orders"), 500);
}
