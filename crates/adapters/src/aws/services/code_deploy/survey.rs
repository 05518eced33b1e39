//! What there is of a service that CodeDeploy deploys before a deployment starts, and why it could not be deployed so.

use std::time::Duration;

use aws_sdk_ecs::types::Service;
use backstay_domain::ports::{FailureKind, PortFailure};
use backstay_domain::survey::{Activity, Breaker};
use backstay_domain::traffic::{Shifting, Strategy};

use super::app_spec::Revision;
use super::deployment::Deployment;
use super::group::{Failing, Group, Ready};
use super::sets;
use super::target::READY_WAIT;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure};
use crate::aws::services::completed::LastCompleted;
use crate::aws::services::survey::Looked;

impl<T> AwsCloud<T> {
    /// Nothing where it has no task set.
    pub(in crate::aws::services) async fn look_at_code_deploy(
        &self,
        service: &Service,
    ) -> Result<Option<Looked>, PortFailure> {
        let group = match self.group_of(service).await {
            Ok(group) => group,
            Err(failure) if failure.kind == FailureKind::NotFound => {
                let how = "is deployed by CodeDeploy, and no deployment group deploys it";
                return Ok(without_group(service, how));
            }
            Err(failure) => return Err(failure),
        };
        let mut busy = self.busy_with(&group).await?;
        if let Some(busy) = busy.as_mut().filter(|busy| busy.takes_back.is_none()) {
            self.standing(service, busy).await?;
        }
        let Some(newest) = sets::newest(service, busy.as_ref()) else {
            return Ok(None);
        };
        let primary = sets::primary(service);
        let completed = primary.filter(|set| sets::is_complete(set));
        let earlier = completed
            .filter(|set| sets::handle(set).as_ref() != Some(&newest.handle))
            .and_then(|set| LastCompleted::earlier(set.task_definition()?));
        let unsupported = self.unsupported(&group).await?;
        Ok(Some(Looked {
            rollout: newest.handle,
            definition: newest.definition,
            last: match (completed, &group.succeeded) {
                (None, None) => LastCompleted::Never,
                (Some(_), _) | (None, Some(_)) => earlier.unwrap_or(LastCompleted::Newest),
            },
            activity: activity(service, busy.as_ref()),
            strategy: self.code_deploy_strategy(&group).await?,
            // It gives up by itself, after an hour.
            breaker: match group.failing {
                Failing::Stays => Breaker::Stops,
                Failing::TakenBack => Breaker::RollsBack,
            },
            alarms: group.alarms.clone(),
            unsupported,
        }))
    }

    async fn code_deploy_strategy(&self, group: &Group) -> Result<Strategy, PortFailure> {
        let bakes = match group.config.as_str() {
            "" => Duration::ZERO,
            config => self.steps_of_config(config).await?,
        };
        let waits = match group.ready {
            Ready::GoesOn => None,
            Ready::Waits => Some(READY_WAIT.to_owned()),
        };
        Ok(Strategy::Shifting(Shifting {
            kind: format!("CODE_DEPLOY ({})", group.config),
            bakes,
            pauses: waits.into_iter().collect(),
            routes: self.routes_of(group).await?,
        }))
    }

    /// What stands in the way of a deployment, whatever it deploys.
    async fn unsupported(&self, group: &Group) -> Result<Option<String>, PortFailure> {
        if let Revision::Elsewhere(what) = &group.revision {
            return Ok(Some(format!(
                "was deployed last by {what}, whose hooks nobody here can read"
            )));
        }
        let Some(pair) = &group.pair else {
            let name = &group.name;
            return Ok(Some(format!(
                "is deployed by CodeDeploy, whose group {name} has no pair of target groups"
            )));
        };
        let asked = self.balancers.describe_target_groups();
        let asked = asked.set_names(Some(pair.groups.to_vec())).send().await;
        match asked.map_err(|error| failure("elbv2.DescribeTargetGroups", Call::Read, &error)) {
            Ok(_) => Ok(None),
            Err(failure) if failure.kind == FailureKind::NotFound => {
                let both = pair.groups.join(" and ");
                Ok(Some(format!(
                    "is deployed by CodeDeploy between {both}, of which one is not there"
                )))
            }
            Err(failure) => Err(failure),
        }
    }
}

fn without_group(service: &Service, how: &str) -> Option<Looked> {
    let newest = sets::newest(service, None)?;
    Some(Looked {
        rollout: newest.handle,
        definition: newest.definition,
        last: LastCompleted::Never,
        activity: Activity::Settled,
        strategy: Strategy::Rolling,
        breaker: Breaker::Stops,
        alarms: Vec::new(),
        unsupported: Some(how.to_owned()),
    })
}

/// One of ours that only waits until the original may go is in nobody's way. What was left behind did not complete.
fn activity(service: &Service, busy: Option<&Deployment>) -> Activity {
    match busy {
        Some(busy) if busy.is_ours_and_over() => Activity::Settled,
        Some(_) => Activity::RollingOut,
        None if sets::has_leftovers(service) => Activity::Failed,
        None => Activity::Settled,
    }
}
