//! Where a load balancer is reached, and how it reaches its targets: at a socket of this machine, or only in a script.

use std::net::SocketAddr;
use std::sync::Arc;

use super::{Backend, BalancerKind, Elb, Listener, LoadBalancer, Protocol, TargetState};
use crate::Millis;
use crate::base::here::Here;
use crate::base::visit::Visit;

/// Who answers at a target's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The script of its task, or nobody.
    Scripted,
    /// A program that listens there.
    At(SocketAddr),
    /// A task that runs for real and has no such port: the connection is refused.
    Closed,
}

/// Where users come in: one port of a load balancer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entrance {
    /// Of the listener.
    pub(crate) arn: String,
    pub(crate) balancer_arn: String,
    pub(crate) name: String,
    pub(crate) protocol: &'static str,
    pub(crate) port: u16,
    /// Its names: those it was given, then its own.
    pub(crate) hosts: Vec<String>,
}

/// How a request is handed on to a target, as the load balancer's attributes say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Manner {
    pub(crate) kind: BalancerKind,
    pub(crate) idle_ms: Millis,
    /// `append`, `preserve` or `remove`.
    pub(crate) forwarded_for: String,
    /// Whether X-Forwarded-For tells the client's port, too.
    pub(crate) client_port: ClientPort,
    /// What X-Forwarded-Proto says.
    pub(crate) scheme: String,
    /// What X-Forwarded-Port says.
    pub(crate) port: u16,
}

/// `routing.http.xff_client_port.enabled`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientPort {
    Told,
    Untold,
}

impl Here<'_, Elb> {
    /// The listeners of load balancers that are active.
    pub(crate) fn entrances(&self) -> Vec<Entrance> {
        let now_ms = self.now_ms;
        let active = self.own.balancers.iter();
        let active = active.filter(|balancer| now_ms >= balancer.active_ms);
        active
            .flat_map(|balancer| {
                // Nobody here speaks UDP.
                let listeners = balancer.listeners.iter();
                let listeners = listeners.filter(|it| it.protocol != Protocol::Udp);
                listeners.map(|listener| entrance(balancer, listener))
            })
            .collect()
    }

    /// The port at which a load balancer takes requests for this host name: this one if it listens there, else that of HTTPS, else
    /// any. Nothing when no active load balancer has the name.
    pub(crate) fn port_for(&self, host: &str, preferred: u16) -> Option<(u16, &'static str)> {
        let balancers = self.own.balancers.iter();
        let listeners = &balancers
            .filter(|it| it.answers_to(host) && self.now_ms >= it.active_ms)
            .find(|it| !it.listeners.is_empty())?
            .listeners;
        let at = |port: u16| listeners.iter().find(|listener| listener.port == port);
        let listener = at(preferred).or_else(|| at(443)).or(listeners.first())?;
        Some((listener.port, scheme(listener.protocol)))
    }
}

impl Elb {
    /// How the load balancer that a request has reached hands it on.
    pub(crate) fn manner(&self, visit: &Visit) -> Manner {
        let balancer = self.balancers.iter().find(|it| it.is_reached_by(visit));
        let attribute = |key: &str| {
            let value = balancer.and_then(|balancer| balancer.attributes.get(key));
            value.map_or("", String::as_str)
        };
        let kind = balancer.map(|balancer| balancer.kind).unwrap_or_default();
        let usual_s = match kind {
            BalancerKind::Application => 60,
            BalancerKind::Network => 350,
        };
        let idle_s = attribute("idle_timeout.timeout_seconds");
        Manner {
            kind,
            idle_ms: idle_s.parse::<u64>().unwrap_or(usual_s).min(4_000) * 1_000,
            forwarded_for: attribute("routing.http.xff_header_processing.mode").to_owned(),
            client_port: match attribute("routing.http.xff_client_port.enabled") {
                "true" => ClientPort::Told,
                _ => ClientPort::Untold,
            },
            scheme: visit.scheme.clone(),
            port: visit.port,
        }
    }

    /// A request is on its way to a target.
    pub(crate) fn begin_passage(&mut self, backend: &Backend) {
        if let Some(target) = self.numbered_mut(&backend.group, backend.target) {
            target.in_flight += 1;
        }
    }

    /// It has come back, or never will.
    pub(crate) fn end_passage(&mut self, backend: &Backend) {
        if let Some(target) = self.numbered_mut(&backend.group, backend.target) {
            target.in_flight = target.in_flight.saturating_sub(1);
        }
    }

    /// Whether the load balancer still has anything to do with a target: it is registered, or it drains. When the deregistration
    /// delay has elapsed it has not, and what is in flight is cut ([DOC] Troubleshoot your Application Load Balancers, HTTP 502).
    pub(crate) fn has_target(&self, group: &str, serial: u64) -> bool {
        let group = self.groups.get(group);
        group.is_some_and(|group| group.targets.iter().any(|it| it.serial == serial))
    }
}

impl LoadBalancer {
    /// Whether a request has arrived here: by the address that it was sent to, else by its host name.
    pub(crate) fn is_reached_by(&self, visit: &Visit) -> bool {
        match &visit.balancer {
            Some(arn) => self.arn == *arn,
            None => self.answers_to(&visit.host),
        }
    }
}

fn entrance(balancer: &LoadBalancer, listener: &Listener) -> Entrance {
    let mut hosts = balancer.hosts.clone();
    if !hosts.contains(&balancer.dns_name) {
        hosts.push(balancer.dns_name.clone());
    }
    Entrance {
        arn: listener.arn.clone(),
        balancer_arn: balancer.arn.clone(),
        name: balancer.name.clone(),
        protocol: listener.protocol.name(),
        port: listener.port,
        hosts,
    }
}

fn scheme(protocol: Protocol) -> &'static str {
    if protocol.is_secure() {
        "https"
    } else {
        "http"
    }
}

/// A target that gets no checks.
pub(super) fn is_unchecked(state: TargetState) -> bool {
    matches!(state, TargetState::Draining | TargetState::Unused)
}

/// A group's name, shared.
pub(crate) type GroupName = Arc<str>;
