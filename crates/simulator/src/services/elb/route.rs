//! Which backend answers a request: the listener of its port, the first rule that holds, its action.

use super::choose::choose;
use super::{Action, BalancerKind, FixedResponse, GroupName, LoadBalancer};
use crate::base::here::Here;
use crate::base::visit::Visit;
use crate::services::elb::Elb;

/// Where the load balancer sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Routed {
    /// It answers by itself: 503 when nobody may get the request.
    Status(u16),
    /// A network load balancer whose connection comes to nobody.
    Refused,
    /// It answers by itself as a rule says.
    Fixed(FixedResponse),
    /// The client is sent to this `Location`.
    Redirect(u16, String),
    /// To this target; when the connection is refused the load balancer answers 502.
    Target(Backend),
}

/// A target's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Backend {
    pub(crate) group: GroupName,
    /// The target's number in the account.
    pub(crate) target: u64,
    pub(crate) ip: String,
    pub(crate) port: u16,
    /// What the client is to remember, as `Set-Cookie` says it.
    pub(crate) cookies: Vec<String>,
}

impl Here<'_, Elb> {
    /// Chooses a backend for a request; `None` when no load balancer has this host name or none listens at the port.
    ///
    /// A group without targets gets its share of the requests, too: there is no failover to another one [DOC].
    pub(crate) fn route(&mut self, visit: &Visit) -> Option<Routed> {
        let now_ms = self.now_ms;
        let reached = |it: &&mut LoadBalancer| it.is_reached_by(visit) && now_ms >= it.active_ms;
        let balancer = self.own.balancers.iter_mut().find(reached)?;
        let kind = balancer.kind;
        let listener = balancer.listener_at(visit.port)?;
        let mut rules = listener.rules.iter_mut();
        let rule = rules.find(|rule| rule.conditions.iter().all(|it| it.holds(visit)));
        let actions = rule.map_or(&mut listener.default_actions, |rule| &mut rule.actions);
        let forward = match actions.last_mut() {
            None => return Some(Routed::Status(503)),
            Some(Action::Fixed(response)) => return Some(Routed::Fixed(response.clone())),
            Some(Action::Redirect(it)) => {
                return Some(Routed::Redirect(it.status(), it.location(visit)));
            }
            Some(Action::Forward(forward)) => forward,
        };
        let backend = forward.choose(visit, now_ms).and_then(|(name, cookie)| {
            let mut backend = choose(self.own.groups.get_mut(&name)?, visit, now_ms)?;
            backend.cookies.extend(cookie);
            Some(backend)
        });
        Some(match (backend, kind) {
            (Some(backend), _) => Routed::Target(backend),
            (None, BalancerKind::Application) => Routed::Status(503),
            (None, BalancerKind::Network) => Routed::Refused,
        })
    }
}
