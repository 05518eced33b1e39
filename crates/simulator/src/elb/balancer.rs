//! Load balancers, their listeners and the listeners' rules, as data.

use serde::{Deserialize, Serialize};

use super::Action;

/// An application load balancer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LoadBalancer {
    pub(crate) name: String,
    pub(crate) arn: String,
    /// Host names that reach it.
    pub(crate) hosts: Vec<String>,
    pub(crate) listeners: Vec<Listener>,
}

/// One port of a load balancer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Listener {
    pub(crate) arn: String,
    pub(crate) port: u16,
    pub(crate) protocol: ListenerProtocol,
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

/// What an application load balancer listens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ListenerProtocol {
    Http,
    Https,
}

/// A listener rule; the lowest priority that matches wins.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Rule {
    pub(crate) arn: String,
    pub(crate) priority: u32,
    /// All of them must hold.
    pub(crate) conditions: Vec<Condition>,
    pub(crate) actions: Vec<Action>,
}

/// What a rule looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Condition {
    /// One of these patterns fits the path.
    Path(Vec<String>),
}
