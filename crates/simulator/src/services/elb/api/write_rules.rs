//! Rules, created, changed, reordered and deleted.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::actions::{ActionInput, actions};
use super::conditions::{ConditionInput, conditions};
use super::errors::{invalid, no_listeners, no_rules, not_permitted, priority_in_use};
use super::group_checks::check_groups;
use super::read;
use super::rules::{default_json, rule_json};
use super::tags::{TagInput, tags};
use super::write_listeners::same_actions;
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::services::elb::Elb;
use crate::services::elb::{BalancerKind, Listener, LoadBalancer, Rule};
use crate::wire::{Flag, Whole};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Input {
    listener_arn: Option<String>,
    rule_arn: Option<String>,
    conditions: Option<Vec<ConditionInput>>,
    priority: Option<Whole>,
    actions: Option<Vec<ActionInput>>,
    #[serde(default)]
    tags: Vec<TagInput>,
    transforms: Option<Value>,
    reset_transforms: Option<Flag>,
}

/// Per load balancer, without default rules [DOC].
const MOST: usize = 100;

pub(super) fn create(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    untransformed(&input)?;
    let listener_arn = input.listener_arn.unwrap_or_default();
    let balancer = balancer_of(here, &listener_arn)?;
    let balancer_arn = balancer.arn.clone();
    let count: usize = balancer.listeners.iter().map(|it| it.rules.len()).sum();
    let listener = here.own.listener(&listener_arn).ok_or_else(no_listeners)?;
    let protocol = listener.protocol;
    if protocol.kind() == BalancerKind::Network {
        return Err(not_permitted(
            "Rules are not supported for listeners of load balancers of type 'network'",
        ));
    }
    let priority = priority(input.priority)?;
    if listener.rules.iter().any(|it| it.priority == priority) {
        return Err(priority_in_use(priority));
    }
    let conditions = conditions(&input.conditions.unwrap_or_default())?;
    let actions = actions(here, input.actions.unwrap_or_default())?;
    check_groups(here, &balancer_arn, protocol, &actions)?;
    let tags = tags(&input.tags)?;
    if count >= MOST {
        return Err(ApiError::client(
            "TooManyRules",
            format!("The maximum number of rules '{MOST}' per load balancer has been reached"),
        ));
    }
    let rule = Rule {
        arn: here.elb_child_arn(&listener_arn, ":listener/", ":listener-rule/"),
        priority,
        conditions,
        actions,
        tags,
    };
    let told = rule_json(here, &rule);
    if let Some(listener) = here.own.listener_mut(&listener_arn) {
        listener.rules.push(rule);
        listener.rules.sort_by_key(|it| it.priority);
    }
    here.reconsider_use();
    Ok(json!({ "Rules": [told] }))
}

/// What is not named stays; conditions and actions are replaced as wholes. A default rule has actions only [MODEL].
pub(super) fn modify(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    untransformed(&input)?;
    let arn = input.rule_arn.clone().unwrap_or_default();
    let before = here.own.actions(&arn).ok_or_else(no_rules)?.to_vec();
    if input.conditions.is_none() && input.actions.is_none() {
        return Err(invalid("Either conditions or actions must be specified"));
    }
    let is_default = here.own.rule(&arn).is_none();
    if is_default && input.conditions.is_some() {
        return Err(not_permitted(format!(
            "Conditions cannot be specified for default rule '{arn}'"
        )));
    }
    let new_conditions = input.conditions.map(|it| conditions(&it)).transpose()?;
    let new_actions = input.actions.map(|it| actions(here, it)).transpose()?;
    if let Some(new) = &new_actions {
        // A default rule is a listener's, whatever it speaks.
        let speaking = here.own.listener_of_rule(&arn).ok_or_else(no_rules)?;
        check_groups(here, &balancer_of(here, &arn)?.arn, speaking.protocol, new)?;
    }
    if let (Some(conditions), Some(rule)) = (new_conditions, here.own.rule_mut(&arn)) {
        rule.conditions = conditions;
    }
    if let Some(actions) = new_actions.filter(|new| !same_actions(new, &before))
        && let Some(place) = here.own.actions_mut(&arn)
    {
        *place = actions;
    }
    here.reconsider_use();
    Ok(json!({ "Rules": [told(here, &arn)?] }))
}

pub(super) fn delete(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Input = read(input)?;
    let arn = input.rule_arn.unwrap_or_default();
    if here.own.rule(&arn).is_none() {
        return Err(match here.own.actions(&arn) {
            Some(_) => not_permitted(format!("Default rule '{arn}' cannot be deleted")),
            None => no_rules(),
        });
    }
    for listener in here.own.listeners_mut() {
        listener.rules.retain(|it| it.arn != arn);
    }
    here.reconsider_use();
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Order {
    #[serde(default)]
    rule_priorities: Vec<Pair>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Pair {
    rule_arn: Option<String>,
    priority: Option<Whole>,
}

/// All at once: rules may change places, but not take the one of a rule that stays [MODEL].
pub(super) fn set_priorities(here: &mut Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Order = read(input)?;
    let mut wanted = Vec::with_capacity(input.rule_priorities.len());
    for pair in input.rule_priorities {
        let (arn, priority) = (pair.rule_arn.unwrap_or_default(), priority(pair.priority)?);
        if here.own.rule(&arn).is_none() {
            return Err(match here.own.actions(&arn) {
                Some(_) => not_permitted(format!(
                    "The priority of default rule '{arn}' cannot be changed"
                )),
                None => no_rules(),
            });
        }
        if wanted.iter().any(|(_, taken)| *taken == priority) {
            return Err(invalid(format!(
                "Priority '{priority}' was provided multiple times"
            )));
        }
        wanted.push((arn, priority));
    }
    let new = |rule: &Rule| {
        wanted
            .iter()
            .find(|(arn, _)| *arn == rule.arn)
            .map(|(_, priority)| *priority)
    };
    for listener in here.own.listeners() {
        let mut taken = BTreeSet::new();
        let priorities = listener
            .rules
            .iter()
            .map(|rule| new(rule).unwrap_or(rule.priority));
        for priority in priorities {
            if !taken.insert(priority) {
                return Err(priority_in_use(priority));
            }
        }
    }
    for listener in here.own.listeners_mut() {
        for rule in &mut listener.rules {
            rule.priority = new(rule).unwrap_or(rule.priority);
        }
        listener.rules.sort_by_key(|it| it.priority);
    }
    let told: Result<Vec<Value>, ApiError> =
        wanted.iter().map(|(arn, _)| told(here, arn)).collect();
    Ok(json!({ "Rules": told? }))
}

fn told(here: &Here<'_, Elb>, arn: &str) -> Result<Value, ApiError> {
    if let Some(rule) = here.own.rule(arn) {
        return Ok(rule_json(here, rule));
    }
    let mut listeners = here.own.listeners();
    let listener = listeners.find(|it| it.default_rule_arn == arn);
    listener
        .map(|it| default_json(here, it))
        .ok_or_else(no_rules)
}

/// By the ARN of one of its listeners or rules.
fn balancer_of<'a>(here: &'a Here<'_, Elb>, arn: &str) -> Result<&'a LoadBalancer, ApiError> {
    let has_it = |listener: &Listener| {
        listener.arn == arn
            || listener.default_rule_arn == arn
            || listener.rules.iter().any(|it| it.arn == arn)
    };
    let mut balancers = here.own.balancers.iter();
    balancers
        .find(|it| it.listeners.iter().any(has_it))
        .ok_or_else(no_listeners)
}

fn untransformed(input: &Input) -> Result<(), ApiError> {
    let resets = input.reset_transforms.is_some_and(|Flag(resets)| resets);
    if input.transforms.is_some() || resets {
        return Err(not_implemented("elbv2 rule transforms"));
    }
    Ok(())
}

fn priority(priority: Option<Whole>) -> Result<u32, ApiError> {
    let Whole(priority) = priority.ok_or_else(|| invalid("A priority must be specified"))?;
    Ok(u32::try_from(priority).unwrap_or_default())
}
