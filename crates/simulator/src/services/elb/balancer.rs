//! Load balancers, as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Listener;
use crate::Millis;

/// A load balancer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LoadBalancer {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) kind: BalancerKind,
    pub(crate) arn: String,
    pub(crate) dns_name: String,
    /// Further host names that reach it.
    pub(crate) hosts: Vec<String>,
    pub(crate) scheme: Scheme,
    /// `ipv4`, `dualstack` or `dualstack-without-public-ipv4`.
    pub(crate) address_type: String,
    pub(crate) subnets: Vec<String>,
    /// By subnet: those that a network load balancer was given.
    #[serde(default)]
    pub(crate) addresses: BTreeMap<String, Address>,
    pub(crate) security_groups: Vec<String>,
    /// `on` or `off`, of network load balancers with security groups.
    #[serde(default)]
    pub(crate) private_link_rules: Option<String>,
    pub(crate) created_ms: Millis,
    /// Provisioning before, active from here on.
    pub(crate) active_ms: Millis,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) listeners: Vec<Listener>,
}

/// What it understands of what it carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BalancerKind {
    /// Requests.
    #[default]
    Application,
    /// Connections.
    Network,
}

impl BalancerKind {
    /// As the API writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Network => "network",
        }
    }

    /// As ARNs write it.
    pub(super) fn short(self) -> &'static str {
        match self {
            Self::Application => "app",
            Self::Network => "net",
        }
    }
}

/// An address of a network load balancer in one subnet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Address {
    /// Of an Elastic IP address.
    pub(crate) allocation: Option<String>,
    pub(crate) private: Option<String>,
}

/// Who can reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Scheme {
    InternetFacing,
    Internal,
}

impl LoadBalancer {
    /// Whether a request for this host name arrives here.
    pub(crate) fn answers_to(&self, host: &str) -> bool {
        self.dns_name.eq_ignore_ascii_case(host) || self.hosts.iter().any(|known| known == host)
    }

    /// The listener of a port. A blueprint's application load balancer, which has one, answers at every port.
    pub(super) fn listener_at(&mut self, port: u16) -> Option<&mut Listener> {
        let index = self.listeners.iter().position(|it| it.port == port);
        let answers_at_all = self.kind == BalancerKind::Application && !self.hosts.is_empty();
        let index = index.or(answers_at_all.then_some(0))?;
        self.listeners.get_mut(index)
    }
}
