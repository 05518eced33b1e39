//! Which backend answers a request: listener rules, healthy targets, fail-open.

use super::{Action, Condition, LoadBalancer, Rule, TargetGroup, TargetState};
use crate::World;

/// Where the load balancer sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Routed {
    /// It answers by itself: a fixed response, 404 when no rule matches, 503 when the target group is empty.
    Status(u16),
    /// To this target; when the connection is refused the load balancer answers 502.
    Target(Backend),
}

/// A target's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Backend {
    pub(crate) ip: String,
    pub(crate) port: u16,
}

impl World {
    /// Chooses a backend for a request; `None` when no load balancer has this host name.
    ///
    /// Healthy targets take turns. When fewer than one is healthy, traffic goes to all targets (D, fail-open [MODEL]).
    pub(crate) fn route(&mut self, host: &str, path: &str) -> Option<Routed> {
        let known = |balancer: &&mut LoadBalancer| balancer.hosts.iter().any(|known| known == host);
        let balancer = self.elb.balancers.iter_mut().find(known)?;
        let path = path.split('?').next().unwrap_or(path);
        let Some(listener) = balancer.listeners.first_mut() else {
            return Some(Routed::Status(503));
        };
        let rule = listener.rules.iter_mut().find(|rule| holds(rule, path));
        let actions = rule.map_or(&mut listener.default_actions, |rule| &mut rule.actions);
        let group_name = match actions.last_mut() {
            None => None,
            Some(Action::Fixed(status)) => return Some(Routed::Status(*status)),
            Some(Action::Forward(forward)) => forward.next(),
        };
        // A group without targets gets its share, too: there is no failover to another one [DOC].
        let backend = group_name
            .and_then(|name| self.elb.groups.get_mut(&name))
            .and_then(choose);
        Some(backend.map_or(Routed::Status(503), Routed::Target))
    }
}

fn holds(rule: &Rule, path: &str) -> bool {
    rule.conditions.iter().all(|condition| match condition {
        Condition::Path(patterns) => patterns.iter().any(|pattern| matches(pattern, path)),
    })
}

fn choose(group: &mut TargetGroup) -> Option<Backend> {
    let in_state = |wanted: fn(TargetState) -> bool| -> Vec<Backend> {
        let matching = group.targets.iter().filter(|target| wanted(target.state));
        matching
            .map(|target| Backend {
                ip: target.ip.clone(),
                port: target.port,
            })
            .collect()
    };
    let mut candidates = in_state(|state| state == TargetState::Healthy);
    if candidates.is_empty() {
        candidates = in_state(|state| state == TargetState::Initial || state.is_unhealthy());
    }
    if candidates.is_empty() {
        return None;
    }
    let index = usize::try_from(group.turn).unwrap_or(0) % candidates.len();
    group.turn = group.turn.wrapping_add(1);
    Some(candidates.swap_remove(index))
}

/// ALB path patterns: `*` is any text, `?` any character; case matters.
fn matches(pattern: &str, path: &str) -> bool {
    fn from(pattern: &[u8], path: &[u8]) -> bool {
        match pattern.split_first() {
            None => path.is_empty(),
            Some((b'*', rest)) => (0..=path.len()).any(|taken| from(rest, &path[taken..])),
            Some((wanted, rest)) => path.split_first().is_some_and(|(found, path)| {
                (*wanted == b'?' || wanted == found) && from(rest, path)
            }),
        }
    }
    from(pattern.as_bytes(), path.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn path_patterns() {
        for (pattern, path, expected) in [
            ("*", "/anything", true),
            ("/api/v1/auth/*", "/api/v1/auth/health", true),
            ("/api/v1/auth/*", "/api/v1/auth", false),
            ("/health", "/health", true),
            ("/health", "/healthy", false),
            ("/a?c", "/abc", true),
            ("/*/health", "/api/v1/health", true),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }
}
