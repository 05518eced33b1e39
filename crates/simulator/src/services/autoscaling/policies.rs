//! Scaling policies: PutScalingPolicy, DescribeScalingPolicies, DeleteScalingPolicy.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{Listing, missing, paged, registered, resource_arn, validation};
use super::policy_input::{self, StepScaling, Tracking};
use super::state::{AutoScaling, Ordered, Place, Policy, Rule};
use super::tracking;
use crate::ApiError;
use crate::base::here::Here;
use crate::base::not_implemented;
use crate::wire::{input, seconds};

/// Per target [DOC].
const MOST: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PutScalingPolicy {
    policy_name: String,
    service_namespace: String,
    resource_id: String,
    scalable_dimension: String,
    policy_type: Option<String>,
    step_scaling_policy_configuration: Option<Value>,
    target_tracking_scaling_policy_configuration: Option<Value>,
    predictive_scaling_policy_configuration: Option<Value>,
}

/// Makes a policy or replaces what it does; its ARN stays. The alarms of target tracking are made anew.
pub(super) fn put(
    here: &mut Here<'_, AutoScaling>,
    request: PutScalingPolicy,
) -> Result<Value, ApiError> {
    let place = Place::new(
        &request.service_namespace,
        &request.resource_id,
        &request.scalable_dimension,
    )?;
    registered(here, &place)?;
    let name = request.policy_name.clone();
    let rule = rule(request)?;
    let policies = here.own.policies.get(&place);
    let known = policies.and_then(|policies| policies.get(&name)).cloned();
    if known.is_none() && policies.is_some_and(|policies| policies.len() >= MOST) {
        return Err(ApiError::client(
            "LimitExceededException",
            format!("Maximum number of scaling policies per scalable target is {MOST}."),
        ));
    }
    if let Rule::Tracking(given) = &rule {
        alone_on_its_metric(here, &place, &name, given)?;
    }
    let mut policy = match known {
        Some(known) => known,
        None => Policy {
            arn: resource_arn(here, &place, "scalingPolicy", &format!("policyName/{name}")),
            created_ms: here.now_ms,
            rule: rule.clone(),
            created_by: here.random.uuid(),
            high: None,
            low: None,
            low_ms: None,
            low_wanted: None,
        },
    };
    remove_alarms(here, &policy);
    policy.rule = rule;
    policy.high = None;
    policy.low = None;
    policy.low_ms = None;
    policy.low_wanted = None;
    let alarms = tracking::alarms(here, &place, &mut policy)?;
    let answer = json!({ "PolicyARN": policy.arn, "Alarms": alarms });
    here.own
        .policies
        .entry(place)
        .or_default()
        .insert(name, policy);
    Ok(answer)
}

/// StepScaling is not the usual type: without one, and for a new policy, it is [MODEL].
fn rule(request: PutScalingPolicy) -> Result<Rule, ApiError> {
    let kind = request.policy_type.as_deref().unwrap_or("StepScaling");
    if kind == "PredictiveScaling" || request.predictive_scaling_policy_configuration.is_some() {
        return Err(not_implemented(
            "application-autoscaling policies of the type PredictiveScaling",
        ));
    }
    let needed = |name: &str| {
        validation(format!(
            "{name} is required for a policy of the type {kind}"
        ))
    };
    if kind == "TargetTrackingScaling" {
        let given = request.target_tracking_scaling_policy_configuration;
        let given = given.ok_or_else(|| needed("TargetTrackingScalingPolicyConfiguration"))?;
        policy_input::check_tracking(&input::<Tracking>(&given)?, &request.service_namespace)?;
        return Ok(Rule::Tracking(given));
    }
    let given = request.step_scaling_policy_configuration;
    let given = given.ok_or_else(|| needed("StepScalingPolicyConfiguration"))?;
    policy_input::check_steps(&input::<StepScaling>(&given)?)?;
    Ok(Rule::Step(given))
}

/// The words [MEM].
fn alone_on_its_metric(
    here: &Here<'_, AutoScaling>,
    place: &Place,
    name: &str,
    given: &Value,
) -> Result<(), ApiError> {
    let metric = |given: &Value| {
        let predefined = given.get("PredefinedMetricSpecification").cloned();
        predefined.or_else(|| given.get("CustomizedMetricSpecification").cloned())
    };
    let policies = here.own.policies.get(place).into_iter().flatten();
    let mut others = policies.filter(|(its, _)| *its != name);
    let taken = others.any(|(_, policy)| match &policy.rule {
        Rule::Tracking(other) => metric(other) == metric(given),
        Rule::Step(_) => false,
    });
    if taken {
        return Err(validation(
            "Only one TargetTrackingScaling policy for a given metric specification is allowed.",
        ));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeScalingPolicies {
    service_namespace: String,
    #[serde(default)]
    policy_names: Vec<String>,
    resource_id: Option<String>,
    scalable_dimension: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

/// With the alarms that have a policy as their action, whoever made them [MODEL].
pub(super) fn describe(
    here: &Here<'_, AutoScaling>,
    request: &DescribeScalingPolicies,
) -> Result<Value, ApiError> {
    let listing = Listing {
        namespace: &request.service_namespace,
        resources: request.resource_id.as_slice(),
        dimension: request.scalable_dimension.as_deref(),
    };
    listing.check()?;
    let places = here
        .own
        .policies
        .iter()
        .filter(|(place, _)| listing.has(place));
    let policies = places.flat_map(|(place, policies)| {
        let policies = policies.iter();
        policies.map(move |(name, policy)| (place, name, policy))
    });
    let wanted = policies.filter(|(_, name, _)| {
        request.policy_names.is_empty() || request.policy_names.contains(name)
    });
    let policies: Vec<Value> = wanted
        .map(|(place, name, policy)| policy.json(here, place, name))
        .collect();
    paged(
        "ScalingPolicies",
        &policies,
        request.max_results,
        request.next_token.as_deref(),
    )
}

impl Policy {
    fn json(&self, here: &Here<'_, AutoScaling>, place: &Place, name: &str) -> Value {
        let alarms = here.own.alarms.iter().filter(|alarm| {
            let action = alarm.action.split(":createdBy/").next();
            action == Some(self.arn.as_str())
        });
        let alarms: Vec<Value> = alarms
            .map(|alarm| json!({ "AlarmName": alarm.name, "AlarmARN": alarm.arn }))
            .collect();
        let mut json = place.json();
        json["PolicyName"] = json!(name);
        json["PolicyARN"] = json!(self.arn);
        json["PolicyType"] = json!(self.rule.kind());
        json["CreationTime"] = seconds(self.created_ms);
        json["Alarms"] = json!(alarms);
        match &self.rule {
            Rule::Step(given) => json["StepScalingPolicyConfiguration"] = given.clone(),
            Rule::Tracking(given) => {
                json["TargetTrackingScalingPolicyConfiguration"] = given.clone();
            }
        }
        json
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteScalingPolicy {
    policy_name: String,
    service_namespace: String,
    resource_id: String,
    scalable_dimension: String,
}

/// Alarms that somebody else made stay, without an action that is there [MODEL].
pub(super) fn delete(
    here: &mut Here<'_, AutoScaling>,
    request: &DeleteScalingPolicy,
) -> Result<Value, ApiError> {
    let place = Place::new(
        &request.service_namespace,
        &request.resource_id,
        &request.scalable_dimension,
    )?;
    let policies = here.own.policies.get_mut(&place);
    let removed = policies.and_then(|policies| policies.remove(&request.policy_name));
    let Some(policy) = removed else {
        return Err(missing(format!(
            "No scaling policy found for {}, policy name: {}",
            place.told(),
            request.policy_name
        )));
    };
    remove_alarms(here, &policy);
    Ok(json!({}))
}

/// The alarms that target tracking has made.
pub(super) fn remove_alarms(here: &mut Here<'_, AutoScaling>, policy: &Policy) {
    let names: Vec<String> = [&policy.high, &policy.low]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    if !names.is_empty() {
        here.own.outbox.push(Ordered::DeleteAlarms(names));
    }
}
