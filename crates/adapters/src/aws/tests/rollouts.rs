//! Starting and stopping rollouts.

use aws_sdk_ecs::operation::describe_service_deployments::DescribeServiceDeploymentsOutput;
use aws_sdk_ecs::operation::list_service_deployments::ListServiceDeploymentsOutput;
use aws_sdk_ecs::operation::stop_service_deployment::{
    StopServiceDeploymentInput, StopServiceDeploymentOutput,
};
use aws_sdk_ecs::operation::update_service::{UpdateServiceInput, UpdateServiceOutput};
use aws_sdk_ecs::types::StopServiceDeploymentStopType;
use aws_smithy_mocks::mock;
use backstay_domain::ports::{Effect, FailureKind, PortFailure, Renewal, RolloutRequest};
use rstest::rstest;

use super::*;

fn request(desired: Option<u32>, renewal: Renewal) -> RolloutRequest {
    RolloutRequest {
        locator: locator("web"),
        definition: definition("arn:td/web:2"),
        desired,
        renewal,
    }
}

/// The whole input is compared: nothing else is sent.
#[rstest]
#[case(None, Renewal::IfChanged, None)]
#[case(Some(3), Renewal::IfChanged, None)]
#[case(None, Renewal::Forced, Some(true))]
#[tokio::test]
async fn one_update_without_a_count_unless_asked(
    #[case] desired: Option<u32>,
    #[case] renewal: Renewal,
    #[case] forced: Option<bool>,
) {
    let wanted = UpdateServiceInput::builder()
        .cluster("c")
        .service("web")
        .task_definition("arn:td/web:2")
        .set_desired_count(desired.map(|desired| i32::try_from(desired).unwrap()))
        .set_force_new_deployment(forced)
        .build()
        .unwrap();
    let updated = mock!(aws_sdk_ecs::Client::update_service)
        .match_requests(move |sent| *sent == wanted)
        .sequence()
        .output(|| {
            let older = Deployment::builder().id("ecs-svc/1").status("ACTIVE");
            let service = service("web", "ecs-svc/2", "sd-2")
                .set_deployments(Some(vec![older.build(), newest("ecs-svc/2").build()]));
            UpdateServiceOutput::builder()
                .service(service.build())
                .build()
        })
        .build();
    let found = ecs(&[&updated])
        .update_service(&request(desired, renewal))
        .await;
    assert_eq!(found.unwrap().as_str(), "ecs-svc/2");
    assert_eq!(updated.num_calls(), 1);
}

#[tokio::test]
async fn an_answer_without_a_rollout_was_one_all_the_same() {
    let reply = || UpdateServiceOutput::builder().build();
    let updated = always!(aws_sdk_ecs, update_service, reply());
    let request = request(None, Renewal::IfChanged);
    let failure = ecs(&[&updated]).update_service(&request).await.unwrap_err();
    assert_eq!(
        (failure.kind, failure.effect),
        (FailureKind::Unavailable, Effect::Applied)
    );
}

fn recorded(arn: &'static str, digits: &'static str, status: &'static str) -> Rule {
    always!(
        aws_sdk_ecs,
        describe_service_deployments,
        DescribeServiceDeploymentsOutput::builder()
            .service_deployments(record(arn, digits, status))
            .build()
    )
}

fn stopped() -> Rule {
    let wanted = StopServiceDeploymentInput::builder()
        .service_deployment_arn("sd-2")
        .stop_type(StopServiceDeploymentStopType::Rollback)
        .build()
        .unwrap();
    mock!(aws_sdk_ecs::Client::stop_service_deployment)
        .match_requests(move |sent| *sent == wanted)
        .sequence()
        .output(|| StopServiceDeploymentOutput::builder().build())
        .build()
}

async fn turned_back(rules: &[&Rule]) -> Result<(), PortFailure> {
    let (locator, rollout) = (locator("web"), handle("ecs-svc/2"));
    ecs(rules).stop_rollout(&locator, &rollout).await
}

#[rstest]
#[case("PENDING", 1)]
#[case("IN_PROGRESS", 1)]
#[case("SOMETHING_NEW", 1)]
#[case("SUCCESSFUL", 0)]
#[case("STOP_REQUESTED", 0)]
#[case("STOPPED", 0)]
#[case("ROLLBACK_REQUESTED", 0)]
#[case("ROLLBACK_IN_PROGRESS", 0)]
#[case("ROLLBACK_SUCCESSFUL", 0)]
#[case("ROLLBACK_FAILED", 0)]
#[tokio::test]
async fn only_a_running_rollout_is_stopped(#[case] status: &'static str, #[case] stops: usize) {
    let stopped = stopped();
    let rules = [
        &described("ecs-svc/2", "sd-2"),
        &recorded("sd-2", "2", status),
        &stopped,
    ];
    turned_back(&rules).await.unwrap();
    assert_eq!(stopped.num_calls(), stops);
}

#[tokio::test]
async fn a_rollout_that_ends_meanwhile_is_no_failure() {
    let conflict = refused!(
        aws_sdk_ecs,
        stop_service_deployment,
        StopServiceDeploymentError,
        "ConflictException"
    );
    let rules = [
        &described("ecs-svc/2", "sd-2"),
        &recorded("sd-2", "2", "IN_PROGRESS"),
        &conflict,
    ];
    turned_back(&rules).await.unwrap();
    assert_eq!(conflict.num_calls(), 1, "and it is not asked again");
}

#[tokio::test]
async fn a_rollout_without_a_visible_record_cannot_be_stopped() {
    let stopped = stopped();
    let none = ListServiceDeploymentsOutput::builder().build();
    let rules = [
        &described("ecs-svc/9", "sd-9"),
        &recorded("sd-9", "9", "IN_PROGRESS"),
        &always!(aws_sdk_ecs, list_service_deployments, none.clone()),
        &stopped,
    ];
    let failure = turned_back(&rules).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotFound);
    assert_eq!(stopped.num_calls(), 0, "never somebody else's");
}
