//! Listeners and their rules, as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Action, Condition};

/// One port of a load balancer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Listener {
    pub(crate) arn: String,
    pub(crate) port: u16,
    pub(crate) protocol: WebProtocol,
    /// Only with HTTPS.
    pub(crate) ssl_policy: Option<String>,
    /// The default one first; none with HTTP.
    pub(crate) certificates: Vec<String>,
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

/// What an application load balancer speaks, to clients and to targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum WebProtocol {
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
    pub(crate) tags: BTreeMap<String, String>,
}
