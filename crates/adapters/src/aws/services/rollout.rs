//! A rollout's view: from its record, else from the service's list of deployments, else not visible.

use aws_sdk_ecs::types::{Deployment, DeploymentRolloutState, Service};
use backstay_domain::RolloutHandle;
use backstay_domain::observation::{RolloutStatus, RolloutView};

use super::describe::{count, deployment};
use super::records::Record;

/// What is known of a rollout.
pub(super) fn view(
    handle: &RolloutHandle,
    service: &Service,
    record: Option<&Record>,
) -> RolloutView {
    let listed = deployment(service, handle);
    let status = match (record, listed) {
        (Some(record), _) => status_of(&record.status),
        (None, Some(listed)) => listed_status(listed),
        (None, None) => RolloutStatus::NotVisible,
    };
    let counted = listed.map_or(0, |listed| count(listed.failed_tasks()));
    let failures = record
        .and_then(|record| record.failures)
        .unwrap_or((counted, None));
    let said = record.and_then(|record| record.reason.clone());
    let reason = said.or_else(|| {
        listed
            .and_then(Deployment::rollout_state_reason)
            .map(str::to_owned)
    });
    // The record's counts become a snapshot once it has succeeded; the list's are live.
    let running = listed
        .map(|listed| count(listed.running_count()))
        .or_else(|| record.map(|record| record.running))
        .unwrap_or(0);
    RolloutView {
        handle: handle.clone(),
        status,
        reason,
        failures,
        running,
        shift: record.and_then(|record| record.shift.clone()),
    }
}

/// One to one; the list of words is open.
fn status_of(word: &str) -> RolloutStatus {
    match word {
        "PENDING" => RolloutStatus::Pending,
        "IN_PROGRESS" => RolloutStatus::InProgress,
        "SUCCESSFUL" => RolloutStatus::Succeeded,
        "STOP_REQUESTED" => RolloutStatus::Stopping,
        "STOPPED" => RolloutStatus::Stopped,
        "ROLLBACK_REQUESTED" => RolloutStatus::RollbackRequested,
        "ROLLBACK_IN_PROGRESS" => RolloutStatus::RollingBack,
        "ROLLBACK_SUCCESSFUL" => RolloutStatus::RolledBack,
        "ROLLBACK_FAILED" => RolloutStatus::RollbackFailed,
        other => RolloutStatus::Other(other.to_owned()),
    }
}

fn listed_status(listed: &Deployment) -> RolloutStatus {
    let newest = listed.status() == Some("PRIMARY");
    match listed.rollout_state() {
        Some(DeploymentRolloutState::Completed) => RolloutStatus::Succeeded,
        Some(DeploymentRolloutState::InProgress) => RolloutStatus::InProgress,
        // A failed one that is still the newest stays; otherwise ECS has put another in its place.
        Some(DeploymentRolloutState::Failed) if newest => RolloutStatus::Stopped,
        Some(DeploymentRolloutState::Failed) => RolloutStatus::RollingBack,
        Some(other) => RolloutStatus::Other(other.as_str().to_owned()),
        None => RolloutStatus::Pending,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("PENDING", RolloutStatus::Pending)]
    #[case("IN_PROGRESS", RolloutStatus::InProgress)]
    #[case("SUCCESSFUL", RolloutStatus::Succeeded)]
    #[case("STOP_REQUESTED", RolloutStatus::Stopping)]
    #[case("STOPPED", RolloutStatus::Stopped)]
    #[case("ROLLBACK_REQUESTED", RolloutStatus::RollbackRequested)]
    #[case("ROLLBACK_IN_PROGRESS", RolloutStatus::RollingBack)]
    #[case("ROLLBACK_SUCCESSFUL", RolloutStatus::RolledBack)]
    #[case("ROLLBACK_FAILED", RolloutStatus::RollbackFailed)]
    #[case("PAUSED_SOMEHOW", RolloutStatus::Other("PAUSED_SOMEHOW".to_owned()))]
    fn words_of_the_record(#[case] word: &str, #[case] expected: RolloutStatus) {
        assert_eq!(status_of(word), expected);
    }

    #[rstest]
    #[case(
        "PRIMARY",
        DeploymentRolloutState::InProgress,
        RolloutStatus::InProgress
    )]
    #[case("PRIMARY", DeploymentRolloutState::Completed, RolloutStatus::Succeeded)]
    #[case("PRIMARY", DeploymentRolloutState::Failed, RolloutStatus::Stopped)]
    #[case("ACTIVE", DeploymentRolloutState::Failed, RolloutStatus::RollingBack)]
    #[case("DRAINING", DeploymentRolloutState::Failed, RolloutStatus::RollingBack)]
    fn without_a_record_the_list_counts(
        #[case] status: &str,
        #[case] state: DeploymentRolloutState,
        #[case] expected: RolloutStatus,
    ) {
        let listed = Deployment::builder()
            .id("ecs-svc/1")
            .status(status)
            .rollout_state(state)
            .running_count(2)
            .build();
        let service = Service::builder().deployments(listed).build();
        let seen = view(&RolloutHandle::parse("ecs-svc/1").unwrap(), &service, None);
        assert_eq!((seen.status, seen.running), (expected, 2));
        let other = view(&RolloutHandle::parse("ecs-svc/2").unwrap(), &service, None);
        assert_eq!(other.status, RolloutStatus::NotVisible);
    }
}
