//! Listeners and their rules, as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Action, BalancerKind, Condition};

/// One port of a load balancer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Listener {
    pub(crate) arn: String,
    pub(crate) port: u16,
    pub(crate) protocol: Protocol,
    /// Only with HTTPS and TLS.
    pub(crate) ssl_policy: Option<String>,
    /// The default one first; none where nothing is secured.
    pub(crate) certificates: Vec<String>,
    /// Only with TLS.
    #[serde(default)]
    pub(crate) alpn_policy: Option<String>,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    /// Its last rule has an ARN of its own, too.
    pub(crate) default_rule_arn: String,
    pub(crate) default_actions: Vec<Action>,
    /// In priority order.
    pub(crate) rules: Vec<Rule>,
}

impl Listener {
    /// Of the default rule and of all others.
    pub(crate) fn actions(&self) -> impl Iterator<Item = &Action> {
        let rules = self.rules.iter().flat_map(|rule| &rule.actions);
        self.default_actions.iter().chain(rules)
    }
}

/// What a load balancer speaks, to clients and to targets; TCP, TLS, HTTP and HTTPS in health checks too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Protocol {
    Http,
    Https,
    Tcp,
    Tls,
    Udp,
    TcpUdp,
}

impl Protocol {
    const ALL: [Self; 6] = [
        Self::Http,
        Self::Https,
        Self::Tcp,
        Self::Tls,
        Self::Udp,
        Self::TcpUdp,
    ];

    /// As the API writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::Udp => "UDP",
            Self::TcpUdp => "TCP_UDP",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Whose listeners and target groups speak it [MODEL].
    pub(crate) fn kind(self) -> BalancerKind {
        match self {
            Self::Http | Self::Https => BalancerKind::Application,
            Self::Tcp | Self::Tls | Self::Udp | Self::TcpUdp => BalancerKind::Network,
        }
    }

    /// Whether a listener that speaks it has a certificate.
    pub(super) fn is_secure(self) -> bool {
        matches!(self, Self::Https | Self::Tls)
    }

    /// Whether what a listener takes can be handed to a target group that speaks `group` (Network Load Balancer guide, target groups:
    /// "The following table summarizes the supported combinations of listener protocol and target group settings" [DOC]).
    pub(super) fn leads_to(self, group: Self) -> bool {
        match self {
            Self::Http | Self::Https => group.kind() == BalancerKind::Application,
            Self::Tcp => matches!(group, Self::Tcp | Self::TcpUdp),
            Self::Tls => matches!(group, Self::Tcp | Self::Tls),
            Self::Udp => matches!(group, Self::Udp | Self::TcpUdp),
            Self::TcpUdp => group == Self::TcpUdp,
        }
    }
}

/// A listener rule; the lowest priority that matches wins.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Rule {
    pub(crate) arn: String,
    pub(crate) priority: u32,
    /// All of them must hold.
    pub(crate) conditions: Vec<Condition>,
    pub(crate) actions: Vec<Action>,
    pub(crate) tags: BTreeMap<String, String>,
}
