//! Where a target really is: at a socket of this machine, or only in this world's script.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::{
    Backend, Listener, LoadBalancer, Target, TargetGroup, TargetState, Visit, WebProtocol,
};
use crate::base::agenda::TaskSerial;
use crate::services::ecs::Task;
use crate::{Millis, World};

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

impl World {
    /// Who answers at this address. A loopback address, which only a target that was registered by hand has, is this machine's own.
    pub(crate) fn reach(&self, ip: &str, port: u16) -> Reach {
        if let Some(address) = loopback(ip) {
            return Reach::At(SocketAddr::new(address, port));
        }
        let task = self.ecs.tasks.values().rev().find(|task| task.ip == ip);
        task.map_or(Reach::Scripted, |task| in_task(self, task, port))
    }

    /// The listeners of load balancers that are active.
    pub(crate) fn entrances(&self) -> Vec<Entrance> {
        let now_ms = self.now_ms;
        let active = self.elb.balancers.iter();
        let active = active.filter(|balancer| now_ms >= balancer.active_ms);
        active
            .flat_map(|balancer| {
                let listeners = balancer.listeners.iter();
                listeners.map(|listener| entrance(balancer, listener))
            })
            .collect()
    }

    /// The port at which a load balancer takes requests for this host name: this one if it listens there, else that of HTTPS, else
    /// any. Nothing when no active load balancer has the name.
    pub(crate) fn port_for(&self, host: &str, preferred: u16) -> Option<(u16, &'static str)> {
        let balancers = self.elb.balancers.iter();
        let listeners = &balancers
            .filter(|it| it.answers_to(host) && self.now_ms >= it.active_ms)
            .find(|it| !it.listeners.is_empty())?
            .listeners;
        let at = |port: u16| listeners.iter().find(|listener| listener.port == port);
        let listener = at(preferred).or_else(|| at(443)).or(listeners.first())?;
        Some((listener.port, scheme(listener.protocol)))
    }

    /// How the load balancer that a request has reached hands it on.
    pub(crate) fn manner(&self, visit: &Visit) -> Manner {
        let balancer = self.elb.balancers.iter().find(|it| it.is_reached_by(visit));
        let attribute = |key: &str| {
            let value = balancer.and_then(|balancer| balancer.attributes.get(key));
            value.map_or("", String::as_str)
        };
        let idle_s = attribute("idle_timeout.timeout_seconds");
        Manner {
            idle_ms: idle_s.parse::<u64>().unwrap_or(60).min(4_000) * 1_000,
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
        if let Some(target) = self.elb.numbered_mut(&backend.group, backend.target) {
            target.in_flight += 1;
        }
    }

    /// It has come back, or never will.
    pub(crate) fn end_passage(&mut self, backend: &Backend) {
        if let Some(target) = self.elb.numbered_mut(&backend.group, backend.target) {
            target.in_flight = target.in_flight.saturating_sub(1);
        }
    }

    /// Whether the load balancer still has anything to do with a target: it is registered, or it drains. When the deregistration
    /// delay has elapsed it has not, and what is in flight is cut ([DOC] Troubleshoot your Application Load Balancers, HTTP 502).
    pub(crate) fn has_target(&self, group: &str, serial: u64) -> bool {
        let group = self.elb.groups.get(group);
        group.is_some_and(|group| group.targets.iter().any(|it| it.serial == serial))
    }

    /// Whether a task that leaves still answers requests that its targets had got before: the load balancer waits for them, until
    /// the deregistration delay has elapsed ([DOC] Target group attributes, deregistration delay).
    pub(crate) fn is_answering(&self, task: TaskSerial) -> bool {
        let groups = self.ecs.task(task).map_or(&[][..], |it| &it.registered);
        let mut targets = groups.iter().filter_map(|it| self.elb.target(it, task));
        targets.any(|target| target.drains() && target.in_flight > 0)
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

/// Who answers a group's target: of one that ECS registered, its task.
pub(super) fn reach_of(world: &World, target: &Target) -> Reach {
    reach_at(world, target, target.port)
}

/// Who answers its health checks.
pub(super) fn check_reach(world: &World, group: &TargetGroup, target: &Target) -> Reach {
    reach_at(world, target, group.check_port_of(target))
}

fn reach_at(world: &World, target: &Target, port: u16) -> Reach {
    match target.task {
        // It may have been forgotten.
        Some(task) => world
            .ecs
            .task(task)
            .map_or(Reach::Scripted, |task| in_task(world, task, port)),
        None => world.reach(&target.ip, port),
    }
}

fn in_task(world: &World, task: &Task, port: u16) -> Reach {
    let is_scripted = task.reached.is_empty() && !world.containers.run_for_real();
    match task.reached.get(&port) {
        _ if is_scripted => Reach::Scripted,
        Some(address) => Reach::At(*address),
        None => Reach::Closed,
    }
}

/// An address that is this machine's own.
pub(super) fn loopback(ip: &str) -> Option<IpAddr> {
    ip.parse().ok().filter(IpAddr::is_loopback)
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
        protocol: match listener.protocol {
            WebProtocol::Http => "HTTP",
            WebProtocol::Https => "HTTPS",
        },
        port: listener.port,
        hosts,
    }
}

fn scheme(protocol: WebProtocol) -> &'static str {
    match protocol {
        WebProtocol::Http => "http",
        WebProtocol::Https => "https",
    }
}

/// A target that gets no checks.
pub(super) fn is_unchecked(state: TargetState) -> bool {
    matches!(state, TargetState::Draining | TargetState::Unused)
}

/// A group's name, shared.
pub(crate) type GroupName = Arc<str>;
