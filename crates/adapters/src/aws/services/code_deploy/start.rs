//! Starts a deployment: one CreateDeployment, sent once. What a deployment of ours keeps for the way back is had at once, by stopping
//! that; what is somebody else's is never touched.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_sdk_codedeploy::types::{
    AppSpecContent, DeploymentWaitType, RevisionLocation, RevisionLocationType,
};
use aws_sdk_ecs::types::Service;
use backstay_domain::RolloutHandle;
use backstay_domain::ports::{Effect, FailureKind, PortFailure, Renewal, RolloutRequest};

use super::deployment::{Deployment, Leaves, OURS, Whose};
use super::group::Group;
use super::sets;
use super::steer::Stop;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure, refusal};
use crate::aws::services::describe::count;

const CREATE: &str = "codedeploy.CreateDeployment";

/// How often a deployment that was asked to end is looked at, and how many times before the call is given up for now.
const LOOK_AGAIN: (Duration, u32) = (Duration::from_secs(2), 5);

/// What to do about what the group is busy with.
#[derive(Debug, PartialEq)]
enum Next {
    /// It is what was asked for.
    Is(RolloutHandle),
    /// What was asked for is what it replaces, and still there: it only has to be stopped.
    Return(RolloutHandle),
    /// It only waits until what it replaced may go.
    Finish,
    /// It is ours, and another one is wanted now.
    Stop,
    /// It takes another one back, and ends by itself.
    Await,
    /// It is not ours.
    Leave,
}

impl<T> AwsCloud<T> {
    /// The handle is the deployment's id, or the task set's that is had back.
    pub(in crate::aws::services) async fn start_code_deploy(
        &self,
        request: &RolloutRequest,
    ) -> Result<RolloutHandle, PortFailure> {
        let service = self.describe_service(&request.locator).await?;
        let group = self.group_of(&service).await?;
        if let Some(mut busy) = self.busy_with(&group).await? {
            self.standing(&service, &mut busy).await?;
            match next(request, &service, &busy) {
                Next::Is(handle) => {
                    self.resize(request, &service).await?;
                    return Ok(handle);
                }
                Next::Return(handle) => {
                    if self.stop_deployment(&busy.id).await? == Stop::Begun {
                        self.resize(request, &service).await?;
                        return Ok(handle);
                    }
                    // It has ended meanwhile: there is nothing left to go back to at once.
                }
                Next::Finish => self.end_deployment(&busy.id).await?,
                Next::Stop => drop(self.stop_deployment(&busy.id).await?),
                Next::Await => {}
                Next::Leave => {
                    let message =
                        format!("{} of {} is running and is not ours", busy.id, group.name);
                    return Err(refusal(CREATE, FailureKind::Conflict, message));
                }
            }
            self.until_idle(&group).await?;
        } else if request.renewal == Renewal::IfChanged
            && let Some(handle) = as_it_is(request, &service)
        {
            self.resize(request, &service).await?;
            return Ok(handle);
        }
        self.resize(request, &service).await?;
        self.create_deployment(request, &service, &group).await
    }

    /// The number of tasks is ECS's: CodeDeploy takes none.
    async fn resize(&self, request: &RolloutRequest, service: &Service) -> Result<(), PortFailure> {
        const UPDATE: &str = "ecs.UpdateService";
        let is = count(service.desired_count());
        let Some(desired) = request.desired.filter(|desired| *desired != is) else {
            return Ok(());
        };
        self.in_time(UPDATE).await?;
        let sent = self
            .ecs
            .update_service()
            .cluster(&request.locator.cluster)
            .service(&request.locator.cluster_name)
            .desired_count(i32::try_from(desired).unwrap_or(i32::MAX))
            .customize()
            .config_override(
                aws_sdk_ecs::config::Builder::new().retry_config(RetryConfig::disabled()),
            )
            .send()
            .await;
        sent.map_err(|error| failure(UPDATE, Call::Once, &error))?;
        Ok(())
    }

    async fn create_deployment(
        &self,
        request: &RolloutRequest,
        service: &Service,
        group: &Group,
    ) -> Result<RolloutHandle, PortFailure> {
        let group = self.group_now(group).await?;
        let spec = sets::primary(service)
            .and_then(|primary| group.revision.next(request.definition.as_str(), primary));
        let spec = spec.ok_or_else(|| {
            let message = "no AppSpec can be made of what was deployed last";
            refusal(CREATE, FailureKind::Rejected, message)
        })?;
        self.in_time(CREATE).await?;
        let sent = self
            .codedeploy
            .create_deployment()
            .application_name(&group.application)
            .deployment_group_name(&group.name)
            .description(format!("{OURS}{}", request.definition.short()))
            .revision(
                RevisionLocation::builder()
                    .revision_type(RevisionLocationType::AppSpecContent)
                    .app_spec_content(AppSpecContent::builder().content(spec).build())
                    .build(),
            )
            .customize()
            .config_override(
                aws_sdk_codedeploy::config::Builder::new().retry_config(RetryConfig::disabled()),
            )
            .send()
            .await;
        let reply = match sent.map_err(|error| failure(CREATE, Call::Once, &error)) {
            // Another one began just now: whose it is, the next attempt finds.
            Err(failure) if failure.kind == FailureKind::Conflict => {
                return Err(PortFailure {
                    kind: FailureKind::Unavailable,
                    ..failure
                });
            }
            reply => reply?,
        };
        let id = reply.deployment_id();
        id.and_then(|id| RolloutHandle::parse(id).ok())
            .ok_or_else(|| PortFailure {
                effect: Effect::Applied,
                ..refusal(
                    CREATE,
                    FailureKind::Unavailable,
                    "the answer has no deployment",
                )
            })
    }

    /// What the original was kept for is over: the next deployment has another way back.
    async fn end_deployment(&self, id: &str) -> Result<(), PortFailure> {
        let sent = self
            .codedeploy
            .continue_deployment()
            .deployment_id(id)
            .deployment_wait_type(DeploymentWaitType::TerminationWait)
            .send()
            .await;
        match sent.map_err(|error| failure("codedeploy.ContinueDeployment", Call::Repeated, &error))
        {
            Err(failure) if failure.kind == FailureKind::Conflict => Ok(()),
            Err(failure) => Err(failure),
            Ok(_) => Ok(()),
        }
    }

    /// A group takes no deployment beside another one. What does not end in some seconds is looked at again later.
    async fn until_idle(&self, group: &Group) -> Result<(), PortFailure> {
        let (pause, looks) = LOOK_AGAIN;
        for _ in 0..looks {
            if self.busy_with(group).await?.is_none() {
                return Ok(());
            }
            self.time.sleep(pause).await;
        }
        let message = "the deployment before it has not ended yet";
        Err(refusal(CREATE, FailureKind::Unavailable, message))
    }
}

fn next(request: &RolloutRequest, service: &Service, busy: &Deployment) -> Next {
    let wanted = Some(request.definition.as_str());
    let original = sets::original(service, busy.takes_back.as_deref().unwrap_or(&busy.id));
    let original = original.filter(|set| set.task_definition() == wanted);
    let original = original.and_then(sets::handle);
    let same = busy.definition.as_ref() == Some(&request.definition);
    let unforced = request.renewal == Renewal::IfChanged;
    match (busy.whose, &busy.takes_back, original, busy.handle()) {
        // It returns there already, whoever asked it to.
        (_, Some(_), Some(original), _) if unforced => Next::Is(original),
        (_, None, _, Some(handle)) if unforced && same => Next::Is(handle),
        (_, Some(_), _, _) => Next::Await,
        (Whose::Ours, None, Some(original), _) if unforced => Next::Return(original),
        (Whose::Ours, None, _, _) if busy.leaves == Leaves::Waits => Next::Finish,
        (Whose::Ours, None, _, _) => Next::Stop,
        (Whose::Others, None, _, _) => Next::Leave,
    }
}

/// The newest rollout, where it runs what is asked for and nothing is left of another one.
fn as_it_is(request: &RolloutRequest, service: &Service) -> Option<RolloutHandle> {
    let primary = sets::primary(service)?;
    let same = primary.task_definition() == Some(request.definition.as_str());
    (same && !sets::has_leftovers(service))
        .then(|| sets::handle(primary))
        .flatten()
}

#[cfg(test)]
mod tests {
    use aws_sdk_codedeploy::types::DeploymentStatus;
    use aws_sdk_ecs::types::TaskSet;
    use backstay_domain::app::ServiceLocator;
    use backstay_domain::{DefinitionRef, ServiceName};
    use rstest::rstest;

    use super::*;

    fn request(definition: &str, renewal: Renewal) -> RolloutRequest {
        RolloutRequest {
            locator: ServiceLocator {
                name: ServiceName::parse("web").unwrap(),
                cluster: "c".to_owned(),
                cluster_name: "web".to_owned(),
            },
            definition: DefinitionRef::parse(definition).unwrap(),
            desired: None,
            renewal,
        }
    }

    fn set(id: &str, made_by: Option<&str>, status: &str, definition: &str) -> TaskSet {
        TaskSet::builder()
            .id(id)
            .set_external_id(made_by.map(str::to_owned))
            .status(status)
            .task_definition(definition)
            .build()
    }

    /// `web:1` was there, and `d-1` brings `web:2`.
    fn both() -> Service {
        Service::builder()
            .task_sets(set("ecs-svc/1", None, "ACTIVE", "web:1"))
            .task_sets(set("ecs-svc/2", Some("d-1"), "PRIMARY", "web:2"))
            .build()
    }

    fn busy(whose: Whose, leaves: Leaves) -> Deployment {
        Deployment {
            id: "d-1".to_owned(),
            status: DeploymentStatus::InProgress,
            definition: Some(DefinitionRef::parse("web:2").unwrap()),
            whose,
            takes_back: None,
            taken_back_by: None,
            leaves,
            message: None,
        }
    }

    fn handle(text: &str) -> RolloutHandle {
        RolloutHandle::parse(text).unwrap()
    }

    #[rstest]
    #[case::the_same("web:2", Whose::Others, Leaves::NotYet, Next::Is(handle("d-1")))]
    #[case::back("web:1", Whose::Ours, Leaves::Waits, Next::Return(handle("ecs-svc/1")))]
    #[case::back_midway(
        "web:1",
        Whose::Ours,
        Leaves::NotYet,
        Next::Return(handle("ecs-svc/1"))
    )]
    #[case::the_next_one("web:3", Whose::Ours, Leaves::Waits, Next::Finish)]
    #[case::instead("web:3", Whose::Ours, Leaves::NotYet, Next::Stop)]
    #[case::not_ours("web:1", Whose::Others, Leaves::Waits, Next::Leave)]
    #[case::not_ours_at_all("web:3", Whose::Others, Leaves::Waits, Next::Leave)]
    fn what_to_do_about_what_is_going_on(
        #[case] definition: &str,
        #[case] whose: Whose,
        #[case] leaves: Leaves,
        #[case] expected: Next,
    ) {
        let request = request(definition, Renewal::IfChanged);
        assert_eq!(next(&request, &both(), &busy(whose, leaves)), expected);
    }

    #[test]
    fn what_is_forced_is_not_what_is_there() {
        let request = request("web:2", Renewal::Forced);
        let busy = busy(Whose::Ours, Leaves::Waits);
        assert_eq!(next(&request, &both(), &busy), Next::Finish);
    }

    #[test]
    fn what_returns_already_is_not_stopped() {
        let rollback = Deployment {
            id: "d-2".to_owned(),
            takes_back: Some("d-1".to_owned()),
            ..busy(Whose::Others, Leaves::NotYet)
        };
        let back = request("web:1", Renewal::IfChanged);
        assert_eq!(
            next(&back, &both(), &rollback),
            Next::Is(handle("ecs-svc/1"))
        );
        let other = request("web:3", Renewal::IfChanged);
        assert_eq!(next(&other, &both(), &rollback), Next::Await);
    }

    #[test]
    fn nothing_is_started_where_nothing_changes() {
        let alone = Service::builder()
            .task_sets(set("ecs-svc/2", Some("d-1"), "PRIMARY", "web:2"))
            .build();
        let same = request("web:2", Renewal::IfChanged);
        assert_eq!(as_it_is(&same, &alone), Some(handle("d-1")));
        assert_eq!(
            as_it_is(&request("web:3", Renewal::IfChanged), &alone),
            None
        );
        // What a deployment left behind does not go by itself.
        assert_eq!(as_it_is(&same, &both()), None);
    }
}
