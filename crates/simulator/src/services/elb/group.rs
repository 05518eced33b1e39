//! Target groups and all that ELBv2 has, as data.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{BalancerKind, Change, Listener, LoadBalancer, Protocol, Target};
use crate::base::agenda::TaskSerial;

/// All of ELBv2 in the account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Elb {
    /// By name.
    pub(crate) groups: BTreeMap<Arc<str>, TargetGroup>,
    pub(crate) balancers: Vec<LoadBalancer>,
    /// The number of the latest target.
    #[serde(default)]
    pub(super) last_target: u64,
    /// What the API has changed of targets: whoever has let it in carries it on.
    #[serde(skip)]
    pub(crate) outbox: Vec<Change>,
}

impl Elb {
    pub(crate) fn group_by_arn(&self, arn: &str) -> Option<&TargetGroup> {
        self.groups.values().find(|group| group.arn == arn)
    }

    pub(super) fn group_by_arn_mut(&mut self, arn: &str) -> Option<&mut TargetGroup> {
        self.groups.values_mut().find(|group| group.arn == arn)
    }

    pub(super) fn balancer_by_arn(&self, arn: &str) -> Option<&LoadBalancer> {
        self.balancers.iter().find(|it| it.arn == arn)
    }

    pub(super) fn balancer_by_arn_mut(&mut self, arn: &str) -> Option<&mut LoadBalancer> {
        self.balancers.iter_mut().find(|it| it.arn == arn)
    }

    /// Whether any listener or rule names the group, at weight 0 too; otherwise its targets stay `unused` (D [MODEL]).
    pub(crate) fn in_use(&self, name: &str) -> bool {
        self.balancers_of(name).next().is_some()
    }

    /// The load balancers that name a group.
    pub(crate) fn balancers_of<'a>(
        &'a self,
        group: &'a str,
    ) -> impl Iterator<Item = &'a LoadBalancer> {
        self.balancers.iter().filter(move |balancer| {
            let mut actions = balancer.listeners.iter().flat_map(Listener::actions);
            actions.any(|action| action.names(group))
        })
    }

    /// A task's target in a group.
    pub(crate) fn target(&self, group: &str, task: TaskSerial) -> Option<&Target> {
        let targets = &self.groups.get(group)?.targets;
        targets.iter().find(|target| target.task == Some(task))
    }

    pub(crate) fn target_mut(&mut self, group: &str, task: TaskSerial) -> Option<&mut Target> {
        let targets = &mut self.groups.get_mut(group)?.targets;
        targets.iter_mut().find(|target| target.task == Some(task))
    }

    /// A target by its number.
    pub(crate) fn numbered(&self, group: &str, serial: u64) -> Option<&Target> {
        let targets = &self.groups.get(group)?.targets;
        targets.iter().find(|target| target.serial == serial)
    }

    pub(super) fn numbered_mut(&mut self, group: &str, serial: u64) -> Option<&mut Target> {
        let targets = &mut self.groups.get_mut(group)?.targets;
        targets.iter_mut().find(|target| target.serial == serial)
    }
}

/// A target group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TargetGroup {
    pub(crate) arn: String,
    pub(crate) name: Arc<str>,
    pub(crate) protocol: Protocol,
    /// `HTTP1`, `HTTP2` or `GRPC`.
    pub(crate) protocol_version: String,
    pub(crate) port: u16,
    pub(crate) vpc: String,
    pub(crate) target_type: TargetType,
    pub(crate) check_protocol: Protocol,
    /// `traffic-port` or a number.
    pub(crate) check_port: String,
    /// Where checks speak HTTP.
    pub(crate) health_check_path: String,
    pub(crate) interval_seconds: u64,
    pub(crate) timeout_seconds: u64,
    pub(crate) healthy_threshold: u32,
    pub(crate) unhealthy_threshold: u32,
    /// `200`, `200,202` or `200-299`, where checks speak HTTP.
    pub(crate) matcher: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) targets: Vec<Target>,
}

/// What its targets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TargetType {
    Ip,
    Instance,
}

impl TargetGroup {
    /// With AWS's defaults for HTTP (D [MODEL]).
    pub(crate) fn new(arn: String, name: Arc<str>, port: u16) -> Self {
        Self {
            arn,
            name,
            protocol: Protocol::Http,
            protocol_version: "HTTP1".to_owned(),
            port,
            vpc: "vpc-5b1a7a11".to_owned(),
            target_type: TargetType::Ip,
            check_protocol: Protocol::Http,
            check_port: "traffic-port".to_owned(),
            health_check_path: "/".to_owned(),
            interval_seconds: 30,
            timeout_seconds: 6,
            healthy_threshold: 5,
            unhealthy_threshold: 2,
            matcher: "200".to_owned(),
            attributes: super::attributes::of_group(BalancerKind::Application),
            tags: BTreeMap::new(),
            targets: Vec::new(),
        }
    }

    /// The same for TCP: its checks are connections (Network Load Balancer guide, health checks [DOC]).
    pub(super) fn for_connections(self) -> Self {
        Self {
            protocol: Protocol::Tcp,
            check_protocol: Protocol::Tcp,
            timeout_seconds: 10,
            matcher: "200-399".to_owned(),
            attributes: super::attributes::of_group(BalancerKind::Network),
            ..self
        }
    }

    /// A numeric attribute; `None` for `off`. Capped where no attribute gets to, so that a world somebody wrote by hand cannot
    /// overflow a sum.
    pub(super) fn number(&self, attribute: &str) -> Option<u64> {
        let number: u64 = self.attributes.get(attribute)?.parse().ok()?;
        Some(number.min(1_000_000))
    }

    pub(crate) fn deregistration_delay_ms(&self) -> u64 {
        self.number("deregistration_delay.timeout_seconds")
            .unwrap_or(300)
            * 1_000
    }

    /// The port that a target is checked at.
    pub(crate) fn check_port_of(&self, target: &Target) -> u16 {
        self.check_port.parse().unwrap_or(target.port)
    }

    /// Whose target group it is.
    pub(crate) fn kind(&self) -> BalancerKind {
        self.protocol.kind()
    }

    /// Whether a connection is all that its health check asks for.
    pub(crate) fn checks_connections(&self) -> bool {
        self.check_protocol == Protocol::Tcp
    }

    /// Whether an answer with this status passes its health check.
    pub(super) fn accepts(&self, status: u16) -> bool {
        self.matcher
            .split(',')
            .any(|part| match part.split_once('-') {
                Some((low, high)) => {
                    let within = |low: u16, high: u16| (low..=high).contains(&status);
                    low.parse()
                        .ok()
                        .zip(high.parse().ok())
                        .is_some_and(|(low, high)| within(low, high))
                }
                None => part.parse() == Ok(status),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers() {
        for (matcher, status, expected) in [
            ("200", 200, true),
            ("200", 201, false),
            ("200,202", 202, true),
            ("200-299,404", 250, true),
            ("200-299,404", 404, true),
            ("200-299", 301, false),
            ("x-y", 200, false),
        ] {
            let mut group = TargetGroup::new(String::new(), "web".into(), 80);
            matcher.clone_into(&mut group.matcher);
            assert_eq!(group.accepts(status), expected, "{matcher} {status}");
        }
    }
}
