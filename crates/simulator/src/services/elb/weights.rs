//! The weights of a listener's or rule's forward: what a deployment that shifts traffic reads and sets.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Action, Change, Elb, Forward, Listener, Rule, TargetState, WeightedGroup};
use crate::base::here::Here;

impl Elb {
    pub(crate) fn listeners(&self) -> impl Iterator<Item = &Listener> {
        self.balancers.iter().flat_map(|it| &it.listeners)
    }

    pub(crate) fn listeners_mut(&mut self) -> impl Iterator<Item = &mut Listener> {
        self.balancers.iter_mut().flat_map(|it| &mut it.listeners)
    }

    pub(crate) fn listener(&self, arn: &str) -> Option<&Listener> {
        self.listeners().find(|listener| listener.arn == arn)
    }

    pub(crate) fn listener_mut(&mut self, arn: &str) -> Option<&mut Listener> {
        self.listeners_mut().find(|listener| listener.arn == arn)
    }

    /// Not the default rule, which is part of its listener.
    pub(crate) fn rule(&self, arn: &str) -> Option<&Rule> {
        let mut rules = self.listeners().flat_map(|it| &it.rules);
        rules.find(|rule| rule.arn == arn)
    }

    pub(crate) fn rule_mut(&mut self, arn: &str) -> Option<&mut Rule> {
        let mut rules = self.listeners_mut().flat_map(|it| &mut it.rules);
        rules.find(|rule| rule.arn == arn)
    }

    /// Of a listener (its default actions), of its default rule or of another rule, by ARN.
    pub(crate) fn actions(&self, arn: &str) -> Option<&[Action]> {
        let own = self
            .listeners()
            .find(|it| it.arn == arn || it.default_rule_arn == arn);
        match own {
            Some(listener) => Some(&listener.default_actions),
            None => self.rule(arn).map(|rule| rule.actions.as_slice()),
        }
    }

    /// The first rule that forwards to this group, at whatever weight.
    pub(crate) fn rule_to(&self, group: &str) -> Option<&str> {
        let mut rules = self.listeners().flat_map(|listener| &listener.rules);
        let forwards = |rule: &&Rule| rule.actions.iter().any(|action| action.names(group));
        rules.find(forwards).map(|rule| rule.arn.as_str())
    }

    /// The listener with a rule that forwards to a target group.
    pub(crate) fn listener_to(&self, group: &str) -> Option<&str> {
        let rule = self.rule_to(group)?;
        self.listener_of_rule(rule)
            .map(|listener| listener.arn.as_str())
    }

    /// The listener of a rule, of its own default rule too.
    pub(super) fn listener_of_rule(&self, arn: &str) -> Option<&Listener> {
        let has_it = |it: &&Listener| {
            it.default_rule_arn == arn || it.rules.iter().any(|rule| rule.arn == arn)
        };
        self.listeners().find(has_it)
    }

    pub(super) fn actions_mut(&mut self, arn: &str) -> Option<&mut Vec<Action>> {
        for listener in self.listeners_mut() {
            if listener.arn == arn || listener.default_rule_arn == arn {
                return Some(&mut listener.default_actions);
            }
            if let Some(rule) = listener.rules.iter_mut().find(|rule| rule.arn == arn) {
                return Some(&mut rule.actions);
            }
        }
        None
    }

    /// Where a listener or rule forwards to; `None` when there is no such ARN or it does not forward.
    pub(crate) fn forward_weights(&self, arn: &str) -> Option<&[WeightedGroup]> {
        self.actions(arn)?.iter().find_map(|action| match action {
            Action::Forward(forward) => Some(forward.groups.as_slice()),
            Action::Redirect(_) | Action::Fixed(_) => None,
        })
    }
}

impl Here<'_, Elb> {
    /// Changes where a listener or rule forwards to, as ModifyListener or ModifyRule would; its stickiness stays. `false` when
    /// there is no such ARN or it does not forward.
    pub(crate) fn set_forward_weights(&mut self, arn: &str, groups: Vec<WeightedGroup>) -> bool {
        let forward = self.own.actions_mut(arn).and_then(|actions| {
            actions.iter_mut().find_map(|action| match action {
                Action::Forward(forward) => Some(forward),
                Action::Redirect(_) | Action::Fixed(_) => None,
            })
        });
        let Some(forward) = forward else {
            return false;
        };
        *forward = Forward::new(groups).sticking(forward.stickiness);
        self.reconsider_use();
        true
    }

    /// After any change of listeners or rules: targets of groups that nothing names any more are `unused`, those of groups that
    /// are named now get their initial health checks (D [MODEL]).
    pub(crate) fn reconsider_use(&mut self) {
        let used: BTreeSet<Arc<str>> = self.own.groups.keys().cloned().collect();
        let used: BTreeSet<Arc<str>> = used
            .into_iter()
            .filter(|name| self.own.in_use(name))
            .collect();
        let mut restarted = Vec::new();
        for (name, group) in &mut self.own.groups {
            let in_use = used.contains(name);
            for target in &mut group.targets {
                let state = match (target.state, in_use) {
                    (TargetState::Unused, true) => TargetState::Initial,
                    (TargetState::Unused | TargetState::Draining, _) | (_, true) => continue,
                    (_, false) => TargetState::Unused,
                };
                target.state = state;
                restarted.push(Change::Restarted {
                    group: Arc::clone(name),
                    target: target.serial,
                    task: target.task,
                });
            }
        }
        self.own.outbox.extend(restarted);
    }
}
