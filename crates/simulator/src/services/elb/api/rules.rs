//! Rules, read.

use serde::Deserialize;
use serde_json::{Value, json};

use super::actions::actions_json;
use super::conditions::condition_json;
use super::errors::{invalid, no_listeners, no_rules};
use super::{paged, read};
use crate::ApiError;
use crate::base::here::Here;
use crate::services::elb::Elb;
use crate::services::elb::{Listener, Rule};
use crate::wire::Whole;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Describe {
    listener_arn: Option<String>,
    #[serde(default)]
    rule_arns: Vec<String>,
    marker: Option<String>,
    page_size: Option<Whole>,
}

/// The rules of a listener in priority order, the default one last; or those with the ARNs.
pub(super) fn describe(here: &Here<'_, Elb>, input: &Value) -> Result<Value, ApiError> {
    let input: Describe = read(input)?;
    let wanted = &input.rule_arns;
    let listeners: Vec<&Listener> = match (&input.listener_arn, wanted.is_empty()) {
        (Some(arn), true) => vec![here.own.listener(arn).ok_or_else(no_listeners)?],
        (None, false) => {
            let balancers = here.own.balancers.iter();
            balancers.flat_map(|balancer| &balancer.listeners).collect()
        }
        (None, true) | (Some(_), false) => {
            return Err(invalid(
                "You must specify either listener rule ARNs or a listener ARN",
            ));
        }
    };
    let is_wanted = |arn: &String| wanted.is_empty() || wanted.contains(arn);
    let mut told = Vec::new();
    for listener in listeners {
        let rules = listener.rules.iter().filter(|rule| is_wanted(&rule.arn));
        told.extend(rules.map(|rule| rule_json(here, rule)));
        if is_wanted(&listener.default_rule_arn) {
            told.push(default_json(here, listener));
        }
    }
    if told.len() < wanted.len() {
        return Err(no_rules());
    }
    paged("Rules", &told, input.page_size, input.marker.as_deref())
}

pub(super) fn rule_json(here: &Here<'_, Elb>, rule: &Rule) -> Value {
    let conditions: Vec<Value> = rule.conditions.iter().map(condition_json).collect();
    json!({
        "RuleArn": rule.arn,
        "Priority": rule.priority.to_string(),
        "Conditions": conditions,
        "Actions": actions_json(here, &rule.actions),
        "IsDefault": false,
    })
}

pub(super) fn default_json(here: &Here<'_, Elb>, listener: &Listener) -> Value {
    json!({
        "RuleArn": listener.default_rule_arn,
        "Priority": "default",
        "Conditions": [],
        "Actions": actions_json(here, &listener.default_actions),
        "IsDefault": true,
    })
}
