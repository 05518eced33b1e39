//! The targets of a service in its target groups, matched to tasks by address and port.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use aws_sdk_ecs::types::{Service, Task};
use aws_sdk_elasticloadbalancingv2::types::{
    TargetHealth, TargetHealthDescription, TargetHealthStateEnum,
};
use backstay_domain::observation::TargetState;
use backstay_domain::ports::PortFailure;
use futures_util::future::try_join_all;

use super::code_deploy::Deployer;
use crate::aws::AwsCloud;
use crate::aws::error::{Call, failure};

/// What each target group of a service says of its targets.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Targets {
    groups: Vec<BTreeMap<(String, i32), TargetState>>,
    ports: Vec<Option<i32>>,
    /// Their ARNs.
    arns: Vec<String>,
    /// A rule that says which of two groups serves names none: nobody's requests arrive.
    nowhere: bool,
}

impl Targets {
    /// The target groups that get requests.
    pub(super) fn arns(&self) -> &[String] {
        &self.arns
    }

    /// A task is healthy when every target group of its service says so.
    pub(super) fn of(&self, task: &Task) -> TargetState {
        if self.nowhere {
            let why = "its rule sends no requests to a target group";
            return TargetState::Unhealthy(why.to_owned());
        }
        let addresses = addresses(task);
        if addresses.is_empty() {
            return TargetState::Unhealthy("its address is not known yet".to_owned());
        }
        let groups = self.groups.iter().zip(&self.ports);
        let states = groups.map(|(group, port)| {
            let mut found = group.iter().filter(|((id, at), _)| {
                addresses.contains(id) && port.is_none_or(|port| port == *at)
            });
            found.next().map_or_else(
                || TargetState::Unhealthy("not registered".to_owned()),
                |(_, state)| state.clone(),
            )
        });
        let mut unhealthy = states.filter(|state| *state != TargetState::Healthy);
        unhealthy.next().unwrap_or(TargetState::Healthy)
    }
}

impl<T> AwsCloud<T> {
    /// `None`: no load balancer checks the service. One call per target group, and one per rule that shifts requests.
    pub(super) async fn targets_of(
        &self,
        service: &Service,
    ) -> Result<Option<Targets>, PortFailure> {
        if Deployer::of(service) == Deployer::CodeDeploy {
            let requested = self.requested(service).await?;
            return self.in_groups(requested).await.map(Some);
        }
        let balancers = service.load_balancers().iter();
        let groups = balancers.filter_map(|balancer| {
            Some((
                balancer.target_group_arn()?,
                balancer.advanced_configuration(),
                balancer.container_port(),
            ))
        });
        let groups = try_join_all(groups.map(async |(arn, advanced, port)| {
            let rule = advanced.and_then(|advanced| advanced.production_listener_rule());
            let arns: Vec<String> = match rule {
                // One of two that change places: the one that gets requests, or both of them.
                Some(rule) => {
                    let weights = self.weights(rule).await?;
                    weights.unwrap_or_default().into_keys().collect()
                }
                None => vec![arn.to_owned()],
            };
            let groups = arns.into_iter().map(|arn| (arn, port));
            Ok::<_, PortFailure>(groups.collect::<Vec<_>>())
        }))
        .await?;
        if groups.is_empty() {
            return Ok(None);
        }
        let nowhere = groups.iter().any(Vec::is_empty);
        let targets = self.in_groups(groups.into_iter().flatten().collect());
        let targets = targets.await?;
        let nowhere = nowhere || targets.nowhere;
        Ok(Some(Targets { nowhere, ..targets }))
    }

    async fn in_groups(&self, groups: Vec<(String, Option<i32>)>) -> Result<Targets, PortFailure> {
        let asked = try_join_all(groups.iter().map(|(arn, _)| self.target_group(arn))).await?;
        Ok(Targets {
            nowhere: groups.is_empty(),
            groups: asked,
            ports: groups.iter().map(|(_, port)| *port).collect(),
            arns: groups.into_iter().map(|(arn, _)| arn).collect(),
        })
    }

    async fn target_group(
        &self,
        arn: &str,
    ) -> Result<BTreeMap<(String, i32), TargetState>, PortFailure> {
        let reply = self
            .balancers
            .describe_target_health()
            .target_group_arn(arn)
            .send()
            .await
            .map_err(|error| failure("elbv2.DescribeTargetHealth", Call::Read, &error))?;
        Ok(reply
            .target_health_descriptions()
            .iter()
            .filter_map(target)
            .collect())
    }
}

fn target(description: &TargetHealthDescription) -> Option<((String, i32), TargetState)> {
    let target = description.target()?;
    let state = description
        .target_health()
        .map_or_else(|| TargetState::Unhealthy("unknown".to_owned()), state);
    Some((
        (normal(target.id()?), target.port().unwrap_or_default()),
        state,
    ))
}

fn state(health: &TargetHealth) -> TargetState {
    match health.state() {
        Some(TargetHealthStateEnum::Healthy) => TargetState::Healthy,
        state => {
            let word = state.map_or("unknown", |state| state.as_str());
            let why = health
                .description()
                .or_else(|| health.reason().map(|reason| reason.as_str()));
            TargetState::Unhealthy(
                why.map_or_else(|| word.to_owned(), |why| format!("{word}: {why}")),
            )
        }
    }
}

/// The addresses of a task's network interface: a target group knows it by one of them.
fn addresses(task: &Task) -> BTreeSet<String> {
    let details = task
        .attachments()
        .iter()
        .flat_map(|attachment| attachment.details());
    let attached = details
        .filter(|detail| {
            matches!(
                detail.name(),
                Some("privateIPv4Address" | "privateIPv6Address")
            )
        })
        .filter_map(|detail| detail.value());
    let interfaces = task
        .containers()
        .iter()
        .flat_map(|container| container.network_interfaces());
    let own = interfaces.flat_map(|one| [one.private_ipv4_address(), one.ipv6_address()]);
    attached.chain(own.flatten()).map(normal).collect()
}

/// One way to write an address: IPv6 has many.
fn normal(id: &str) -> String {
    id.parse::<IpAddr>()
        .map_or_else(|_| id.to_owned(), |address| address.to_string())
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::types::{Attachment, KeyValuePair};
    use aws_sdk_elasticloadbalancingv2::types::TargetDescription;
    use rstest::rstest;

    use super::*;

    fn task(address: Option<&str>) -> Task {
        let detail = KeyValuePair::builder()
            .name("privateIPv4Address")
            .set_value(address.map(str::to_owned))
            .build();
        Task::builder()
            .attachments(Attachment::builder().details(detail).build())
            .build()
    }

    fn group(port: i32, state: TargetState) -> BTreeMap<(String, i32), TargetState> {
        BTreeMap::from([(("10.0.0.1".to_owned(), port), state)])
    }

    #[rstest]
    #[case::healthy(task(Some("10.0.0.1")), TargetState::Healthy, TargetState::Healthy)]
    #[case::another(task(Some("10.0.0.2")), TargetState::Healthy, TargetState::Unhealthy("not registered".to_owned()))]
    #[case::early(task(None), TargetState::Healthy, TargetState::Unhealthy("its address is not known yet".to_owned()))]
    #[case::second_group(
        task(Some("10.0.0.1")),
        TargetState::Unhealthy("initial".to_owned()),
        TargetState::Unhealthy("initial".to_owned())
    )]
    fn every_group_has_to_say_healthy(
        #[case] task: Task,
        #[case] second: TargetState,
        #[case] expected: TargetState,
    ) {
        let groups = vec![group(80, TargetState::Healthy), group(9090, second)];
        assert_eq!(
            Targets {
                groups,
                ports: vec![Some(80), None],
                arns: Vec::new(),
                nowhere: false,
            }
            .of(&task),
            expected
        );
    }

    #[test]
    fn a_target_on_another_port_is_not_this_one() {
        let targets = Targets {
            groups: vec![group(8080, TargetState::Healthy)],
            ports: vec![Some(80)],
            arns: Vec::new(),
            nowhere: false,
        };
        assert_eq!(
            targets.of(&task(Some("10.0.0.1"))),
            TargetState::Unhealthy("not registered".to_owned())
        );
    }

    #[rstest]
    #[case::only_ipv6(&[("privateIPv6Address", "2600:1f13:0:0:0:0:0:a")], "2600:1f13::a")]
    #[case::dual_stack_by_ipv4(&[("privateIPv4Address", "10.0.0.1"), ("privateIPv6Address", "2600::a")], "10.0.0.1")]
    #[case::dual_stack_by_ipv6(&[("privateIPv4Address", "10.0.0.1"), ("privateIPv6Address", "2600:0::A")], "2600::a")]
    fn a_task_is_found_by_any_of_its_addresses(
        #[case] details: &[(&str, &str)],
        #[case] registered: &str,
    ) {
        let details = details.iter().map(|(name, value)| {
            let detail = KeyValuePair::builder().name(*name).value(*value);
            detail.build()
        });
        let attachment = Attachment::builder().set_details(Some(details.collect()));
        let task = Task::builder().attachments(attachment.build()).build();
        let id = TargetDescription::builder().id(registered).port(80).build();
        let health = TargetHealth::builder().state(TargetHealthStateEnum::Healthy);
        let described = TargetHealthDescription::builder()
            .target(id)
            .target_health(health.build())
            .build();
        let targets = Targets {
            groups: vec![target(&described).into_iter().collect()],
            ports: vec![Some(80)],
            arns: Vec::new(),
            nowhere: false,
        };
        assert_eq!(targets.of(&task), TargetState::Healthy);
    }
}
