//! The one target of a deployment, the service: at which lifecycle event it stands, and what percentage of the requests the
//! replacement gets.

use aws_sdk_codedeploy::types::{
    DeploymentStatus, EcsTarget, LifecycleEventStatus, TargetLabel, TargetStatus,
};
use aws_sdk_ecs::types::Service;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::traffic::{Answer, Hold, Moves, Shift};

use super::deployment::{Deployment, Leaves};
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure};
use crate::aws::services::traffic::percent;

/// What an answer names: a deployment has one place to wait for somebody.
pub(super) const READY_WAIT: &str = "READY_WAIT";

/// The lifecycle event that shifts.
const SHIFTS: &str = "AllowTraffic";

impl<T> AwsCloud<T> {
    /// Where a deployment stands; nothing before it has started. Whether the original may go is told there as well.
    pub(super) async fn standing(
        &self,
        service: &Service,
        deployment: &mut Deployment,
    ) -> Result<Option<Shift>, PortFailure> {
        let cluster = service.cluster_arn().unwrap_or_default();
        let cluster = cluster.rsplit('/').next().unwrap_or_default();
        // "pairs of Amazon ECS clusters and services specified using the format <clustername>:<servicename>" [DOC].
        let id = format!("{cluster}:{}", service.service_name().unwrap_or_default());
        let asked = self.codedeploy.get_deployment_target();
        let asked = asked.deployment_id(&deployment.id).target_id(id);
        let reply = asked.send().await;
        let reply = match reply
            .map_err(|error| failure("codedeploy.GetDeploymentTarget", Call::Read, &error))
        {
            Ok(reply) => reply,
            Err(failure) if is_not_there(&failure) => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let target = reply.deployment_target();
        let Some(target) = target.and_then(|target| target.ecs_target()) else {
            return Ok(None);
        };
        let shift = shift(&deployment.status, target);
        // It says so when the wait for termination begins; the deployment's own flag does not (containers-roadmap#269).
        let over = target.status() == Some(&TargetStatus::Succeeded) && shift.is_over();
        if over && deployment.status == DeploymentStatus::InProgress {
            deployment.leaves = Leaves::Waits;
        }
        Ok(Some(shift))
    }
}

/// A deployment that has not started has no target.
fn is_not_there(failure: &PortFailure) -> bool {
    match failure.kind {
        FailureKind::NotFound | FailureKind::Conflict | FailureKind::Rejected => true,
        FailureKind::Denied
        | FailureKind::Throttled
        | FailureKind::Unauthenticated
        | FailureKind::Unavailable => false,
    }
}

impl Leaves {
    /// Its name, where no lifecycle event has one.
    fn stage(self) -> &'static str {
        match self {
            Self::NotYet => "PENDING",
            Self::Waits => "TERMINATION_WAIT",
        }
    }
}

fn shift(status: &DeploymentStatus, target: &EcsTarget) -> Shift {
    let waits = *status == DeploymentStatus::Ready;
    let events = target.lifecycle_events();
    let is = |wanted: LifecycleEventStatus| {
        let mut events = events.iter();
        events.find(move |event| event.status() == Some(&wanted))
    };
    let succeeded = |name: Option<&str>| {
        let mut named = events
            .iter()
            .filter(|event| name.is_none_or(|name| event.lifecycle_event_name() == Some(name)))
            .peekable();
        named.peek().is_some()
            && named.all(|event| event.status() == Some(&LifecycleEventStatus::Succeeded))
    };
    let current = is(LifecycleEventStatus::InProgress).or(is(LifecycleEventStatus::Failed));
    let stage = match current.and_then(|event| event.lifecycle_event_name()) {
        _ if waits => READY_WAIT,
        Some(name) => name,
        None if succeeded(None) => Leaves::Waits.stage(),
        None => Leaves::NotYet.stage(),
    };
    let green = target
        .task_sets_info()
        .iter()
        .find(|set| set.task_set_label() == Some(&TargetLabel::Green));
    Shift {
        stage: stage.to_owned(),
        percent: percent(green.map_or(0.0, |green| green.traffic_weight())),
        moves: match succeeded(Some(SHIFTS)) {
            true => Moves::NoMore,
            false => Moves::Maybe,
        },
        hold: waits.then(|| Hold {
            id: READY_WAIT.to_owned(),
            until: None,
            then: Answer::TurnBack,
        }),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_codedeploy::types::{EcsTaskSet, LifecycleEvent};
    use rstest::rstest;

    use super::*;

    fn target(events: &[(&str, &str)], weight: f64) -> EcsTarget {
        let events = events.iter().map(|(name, status)| {
            LifecycleEvent::builder()
                .lifecycle_event_name(*name)
                .status((*status).into())
                .build()
        });
        let green = EcsTaskSet::builder()
            .task_set_label(TargetLabel::Green)
            .traffic_weight(weight)
            .build();
        EcsTarget::builder()
            .set_lifecycle_events(Some(events.collect()))
            .task_sets_info(green)
            .build()
    }

    #[rstest]
    #[case::comes_up(&[("Install", "InProgress"), ("AllowTraffic", "Pending")], 0.0, ("Install", 0, Moves::Maybe))]
    #[case::in_between(&[("Install", "Succeeded"), ("AllowTraffic", "Pending")], 0.0, ("PENDING", 0, Moves::Maybe))]
    #[case::shifts(&[("AllowTraffic", "InProgress"), ("AfterAllowTraffic", "Pending")], 10.0, ("AllowTraffic", 10, Moves::Maybe))]
    #[case::judged(&[("AllowTraffic", "Succeeded"), ("AfterAllowTraffic", "InProgress")], 100.0, ("AfterAllowTraffic", 100, Moves::NoMore))]
    #[case::shifted(&[("AllowTraffic", "Succeeded"), ("AfterAllowTraffic", "Succeeded")], 100.0, ("TERMINATION_WAIT", 100, Moves::NoMore))]
    #[case::nothing_yet(&[], 0.0, ("PENDING", 0, Moves::Maybe))]
    fn where_it_stands(
        #[case] events: &[(&str, &str)],
        #[case] weight: f64,
        #[case] expected: (&str, u32, Moves),
    ) {
        let found = shift(&DeploymentStatus::InProgress, &target(events, weight));
        assert_eq!((found.stage.as_str(), found.percent, found.moves), expected);
        assert_eq!(found.hold, None);
    }

    #[test]
    fn one_that_is_ready_waits_for_somebody() {
        let events = [("AfterInstall", "Succeeded"), ("AllowTraffic", "Pending")];
        let found = shift(&DeploymentStatus::Ready, &target(&events, 0.0));
        assert_eq!(found.stage, READY_WAIT);
        assert_eq!(found.hold.unwrap().then, Answer::TurnBack);
    }
}
