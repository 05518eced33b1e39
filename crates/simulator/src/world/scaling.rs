//! Application Auto Scaling is told what ECS has and which alarms there are, and what it orders comes to them.

use serde_json::Value;

use crate::base::agenda::ServiceKey;
use crate::base::here::{Here, here};
use crate::front::{Service, ask};
use crate::services::autoscaling::{self, AutoScaling, Capacity, Deploying, Ordered, PolicyAlarm};
use crate::services::cloudwatch;
use crate::services::ecs::{Controller, Rollout, Service as EcsService, ServiceStatus};
use crate::{ApiError, World};

impl World {
    /// Serves an operation of Application Auto Scaling.
    pub(crate) fn autoscaling(&mut self, operation: &str, body: &Value) -> Result<Value, ApiError> {
        let alarms = cloudwatch::alarms_of_policies(&here!(self.cloudwatch)).into_iter();
        self.autoscaling.alarms = alarms
            .map(|(action, name, arn)| PolicyAlarm { action, name, arn })
            .collect();
        if operation == "PutScalingPolicy" {
            return self.put_policy(body);
        }
        self.scale(|here| autoscaling::call(here, operation, body))
    }

    /// A policy and its alarms, or nothing: an alarm that CloudWatch refuses is a policy that is refused.
    fn put_policy(&mut self, body: &Value) -> Result<Value, ApiError> {
        let before = (self.autoscaling.clone(), self.cloudwatch.clone());
        self.autoscaling.capacities = self.capacities().collect();
        let put = autoscaling::call(&mut here!(self.autoscaling), "PutScalingPolicy", body);
        let orders = std::mem::take(&mut self.autoscaling.outbox);
        let answer = put.and_then(|answer| {
            for ordered in orders {
                self.carry_order(ordered)?;
            }
            Ok(answer)
        });
        if answer.is_err() {
            (self.autoscaling, self.cloudwatch) = before;
        }
        answer
    }

    /// Lets Application Auto Scaling do something, and carries out what it orders.
    pub(crate) fn scale<T>(&mut self, act: impl FnOnce(&mut Here<'_, AutoScaling>) -> T) -> T {
        self.autoscaling.capacities = self.capacities().collect();
        let done = act(&mut here!(self.autoscaling));
        for ordered in std::mem::take(&mut self.autoscaling.outbox) {
            // Only PutScalingPolicy orders what can be refused.
            let _ = self.carry_order(ordered);
        }
        done
    }

    /// Services of ECS by their resource ids, as they are now.
    fn capacities(&self) -> impl Iterator<Item = (String, Capacity)> {
        let active = self.ecs.services.values();
        let active = active.filter(|service| service.status == ServiceStatus::Active);
        active.map(|service| {
            let (running, _) = self.ecs.counts(service, None);
            let capacity = Capacity {
                desired: service.desired,
                running: u32::try_from(running).unwrap_or(u32::MAX),
                change: deploying(service),
            };
            (
                format!("service/{}/{}", service.cluster, service.name),
                capacity,
            )
        })
    }

    fn carry_order(&mut self, ordered: Ordered) -> Result<(), ApiError> {
        match ordered {
            Ordered::Count { resource, count } => {
                let mut parts = resource.splitn(3, '/').skip(1);
                if let (Some(cluster), Some(service)) = (parts.next(), parts.next()) {
                    // A running deployment goes on, with another target: both of its revisions in one deployed by stages (A1 [DOC]).
                    self.set_desired(&ServiceKey::new(cluster, service), count);
                }
            }
            // Application Auto Scaling asks as a client does: a unit that it takes may be none, a name may be too long.
            Ordered::PutAlarm(alarm) => {
                ask(self, Service::CloudWatch, "PutMetricAlarm", &alarm)
                    .map_err(|error| ApiError::client("ValidationException", error.message))?;
            }
            Ordered::DeleteAlarms(names) => {
                let names = serde_json::json!({ "AlarmNames": names });
                // Somebody may have deleted them before.
                let _ = ask(self, Service::CloudWatch, "DeleteAlarms", &names);
            }
        }
        Ok(())
    }
}

/// "This behavior does not apply to Amazon ECS services using the external deployment controller" [DOC]: CodeDeploy's.
fn deploying(service: &EcsService) -> Deploying {
    let rolls = service
        .deployments
        .iter()
        .any(|one| one.rollout == Rollout::InProgress);
    if rolls && service.controller == Controller::Ecs {
        Deploying::Yes
    } else {
        Deploying::No
    }
}
