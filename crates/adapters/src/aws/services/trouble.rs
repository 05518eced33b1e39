//! Signs that tasks of a service fail. A sign only: it decides whether evidence is worth its calls, nothing else.

use aws_sdk_ecs::types::{DeploymentRolloutState, Service, ServiceEvent};
use aws_smithy_types::DateTime;
use backstay_domain::observation::{RolloutView, Trouble};

use super::describe::{deployment, primary};
use super::records::Record;

/// Events looked at, newest first. ECS suppresses repeated ones, so silence means nothing.
const RECENT: usize = 10;

/// What events of failing tasks say.
const SIGNS: [&str; 4] = [
    "unable to place",
    "unhealthy",
    "failed",
    "unable to consistently",
];

/// Whether something seems to go wrong.
pub(super) fn suspected(
    service: &Service,
    followed: Option<&RolloutView>,
    record: Option<&Record>,
) -> Trouble {
    let listed = match followed {
        Some(followed) => deployment(service, &followed.handle),
        None => primary(service),
    };
    let since = listed
        .and_then(|listed| listed.created_at())
        .or(record.and_then(|record| record.created_at.as_ref()));
    let failed = listed.is_some_and(|listed| listed.failed_tasks() > 0)
        || followed.is_some_and(|f| f.failures.0 > 0);
    let said = is_said(service, since);
    let completed = primary(service).and_then(|p| p.rollout_state())
        == Some(&DeploymentRolloutState::Completed);
    let short = completed && service.running_count() < service.desired_count();
    if failed || said || short {
        Trouble::Suspected
    } else {
        Trouble::None
    }
}

/// Of a service with task sets: nobody counts failed tasks of one, and one that comes up says no more than that tasks are missing.
pub(super) fn of_task_sets(service: &Service, since: Option<&DateTime>) -> Trouble {
    let mut sets = service.task_sets().iter();
    let short = sets.any(|set| set.running_count() < set.computed_desired_count());
    match is_said(service, since) || short {
        true => Trouble::Suspected,
        false => Trouble::None,
    }
}

fn is_said(service: &Service, since: Option<&DateTime>) -> bool {
    let events = service.events().iter();
    let mut recent = events.take(RECENT);
    recent.any(|event| is_recent(event, since) && is_sign(event))
}

/// Both times are AWS's: no clock of ours takes part.
fn is_recent(event: &ServiceEvent, since: Option<&DateTime>) -> bool {
    match (event.created_at(), since) {
        (Some(at), Some(since)) => at >= since,
        (None, _) | (_, None) => false,
    }
}

fn is_sign(event: &ServiceEvent) -> bool {
    event
        .message()
        .is_some_and(|message| SIGNS.iter().any(|sign| message.contains(sign)))
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::types::Deployment;
    use rstest::rstest;

    use super::*;

    fn event(at: i64, message: &str) -> ServiceEvent {
        ServiceEvent::builder()
            .created_at(DateTime::from_secs(at))
            .message(message)
            .build()
    }

    fn deployment(state: DeploymentRolloutState, failed: i32) -> Deployment {
        Deployment::builder()
            .id("ecs-svc/1")
            .status("PRIMARY")
            .created_at(DateTime::from_secs(100))
            .rollout_state(state)
            .failed_tasks(failed)
            .build()
    }

    #[rstest]
    #[case::failed_tasks(
        deployment(DeploymentRolloutState::InProgress, 1),
        None,
        0,
        Trouble::Suspected
    )]
    #[case::quiet(
        deployment(DeploymentRolloutState::InProgress, 0),
        None,
        0,
        Trouble::None
    )]
    #[case::short(
        deployment(DeploymentRolloutState::Completed, 0),
        None,
        1,
        Trouble::Suspected
    )]
    #[case::full(
        deployment(DeploymentRolloutState::Completed, 0),
        None,
        2,
        Trouble::None
    )]
    #[case::placement(
        deployment(DeploymentRolloutState::InProgress, 0),
        Some(event(
            101,
            "(service s) was unable to place a task. Reason: CannotPullContainerError: x"
        )),
        0,
        Trouble::Suspected
    )]
    #[case::before_the_rollout(
        deployment(DeploymentRolloutState::InProgress, 0),
        Some(event(99, "(service s) was unable to place a task.")),
        0,
        Trouble::None
    )]
    #[case::progress(
        deployment(DeploymentRolloutState::InProgress, 0),
        Some(event(101, "(service s) has started 1 tasks: (task t).")),
        0,
        Trouble::None
    )]
    fn signs(
        #[case] newest: Deployment,
        #[case] event: Option<ServiceEvent>,
        #[case] running: i32,
        #[case] expected: Trouble,
    ) {
        let service = Service::builder()
            .deployments(newest)
            .set_events(Some(event.into_iter().collect()))
            .desired_count(2)
            .running_count(running)
            .build();
        assert_eq!(suspected(&service, None, None), expected);
    }
}
