//! Scalable targets.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{Listing, capacity, in_order, linked_role, missing, paged, validation};
use super::policies::remove_alarms;
use super::scale::keep_within_bounds;
use super::state::{AutoScaling, Place, Suspended, Target};
use crate::ApiError;
use crate::base::arn::regional_arn;
use crate::base::here::Here;
use crate::wire::{Tags, seconds};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct RegisterScalableTarget {
    service_namespace: String,
    resource_id: String,
    scalable_dimension: String,
    min_capacity: Option<i64>,
    max_capacity: Option<i64>,
    #[serde(rename = "RoleARN")]
    role_arn: Option<String>,
    suspended_state: Option<PartlySuspended>,
    tags: Option<Tags>,
}

/// What is not said stays as it is [MODEL].
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct PartlySuspended {
    dynamic_scaling_in_suspended: Option<bool>,
    dynamic_scaling_out_suspended: Option<bool>,
    scheduled_scaling_suspended: Option<bool>,
}

/// Makes a target, or changes what is given of one; what is out of its bounds is brought into them at once ("minimum capacity was set
/// to", within a second [OBS]).
pub(super) fn register(
    here: &mut Here<'_, AutoScaling>,
    request: RegisterScalableTarget,
) -> Result<Value, ApiError> {
    let place = Place::new(
        &request.service_namespace,
        &request.resource_id,
        &request.scalable_dimension,
    )?;
    if place.moves() && !here.own.capacities.contains_key(&place.resource) {
        // [OBS].
        return Err(validation(format!(
            "ECS service doesn't exist: {}",
            place.resource
        )));
    }
    let known = here.own.targets.get(&place).cloned();
    if known.is_some() && request.tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
        // [MODEL]: "This parameter is only used for new targets".
        return Err(validation(
            "Tags can only be specified when registering a new scalable target.",
        ));
    }
    let given = (
        capacity("Minimum", request.min_capacity)?,
        capacity("Maximum", request.max_capacity)?,
    );
    let (min, max) = match (given, &known) {
        ((Some(min), Some(max)), _) => (min, max),
        ((min, max), Some(known)) => (min.unwrap_or(known.min), max.unwrap_or(known.max)),
        // [MODEL]: "This property is required when registering a new scalable target."
        ((None, _), None) => {
            return Err(validation(
                "MinCapacity is required for a new scalable target",
            ));
        }
        ((_, None), None) => {
            return Err(validation(
                "MaxCapacity is required for a new scalable target",
            ));
        }
    };
    in_order(min, max)?;
    let mut target = match known {
        Some(known) => known,
        None => new_target(here, &place, &request)?,
    };
    target.min = min;
    target.max = max;
    if let Some(given) = request.suspended_state {
        target.suspended.change(given);
    }
    let answer = json!({ "ScalableTargetARN": target.arn });
    here.own.targets.insert(place.clone(), target);
    keep_within_bounds(here, &place);
    Ok(answer)
}

fn new_target(
    here: &mut Here<'_, AutoScaling>,
    place: &Place,
    request: &RegisterScalableTarget,
) -> Result<Target, ApiError> {
    // "This parameter is required for services that do not support service-linked roles", and used for no other [MODEL].
    let role = linked_role(here, &place.namespace).or_else(|| request.role_arn.clone());
    let role = role.ok_or_else(|| validation("A role is required for this service namespace"))?;
    let mut id = here.random.hex();
    id.push_str(here.random.hex().get(..4).unwrap_or_default());
    Ok(Target {
        arn: regional_arn(
            "application-autoscaling",
            here.region,
            here.account,
            format_args!("scalable-target/{id}"),
        ),
        min: 0,
        max: 0,
        role,
        created_ms: here.now_ms,
        suspended: Suspended::default(),
        tags: request.tags.clone().unwrap_or_default(),
        last_out: None,
        last_in: None,
    })
}

impl Suspended {
    fn change(&mut self, given: PartlySuspended) {
        let into = |place: &mut bool, given: Option<bool>| *place = given.unwrap_or(*place);
        into(
            &mut self.dynamic_scaling_in_suspended,
            given.dynamic_scaling_in_suspended,
        );
        into(
            &mut self.dynamic_scaling_out_suspended,
            given.dynamic_scaling_out_suspended,
        );
        into(
            &mut self.scheduled_scaling_suspended,
            given.scheduled_scaling_suspended,
        );
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeScalableTargets {
    service_namespace: String,
    #[serde(default)]
    resource_ids: Vec<String>,
    scalable_dimension: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

pub(super) fn describe(
    here: &Here<'_, AutoScaling>,
    request: &DescribeScalableTargets,
) -> Result<Value, ApiError> {
    let listing = Listing {
        namespace: &request.service_namespace,
        resources: &request.resource_ids,
        dimension: request.scalable_dimension.as_deref(),
    };
    listing.check()?;
    let targets = here
        .own
        .targets
        .iter()
        .filter(|(place, _)| listing.has(place));
    let targets: Vec<Value> = targets.map(|(place, target)| target.json(place)).collect();
    paged(
        "ScalableTargets",
        &targets,
        request.max_results,
        request.next_token.as_deref(),
    )
}

impl Target {
    fn json(&self, place: &Place) -> Value {
        let mut json = place.json();
        json["MinCapacity"] = json!(self.min);
        json["MaxCapacity"] = json!(self.max);
        json["RoleARN"] = json!(self.role);
        json["CreationTime"] = seconds(self.created_ms);
        json["SuspendedState"] = json!(self.suspended);
        json["ScalableTargetARN"] = json!(self.arn);
        json
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct OfPlace {
    service_namespace: String,
    resource_id: String,
    scalable_dimension: String,
}

/// Its policies, their alarms and its scheduled actions go with it [MODEL].
pub(super) fn deregister(
    here: &mut Here<'_, AutoScaling>,
    request: &OfPlace,
) -> Result<Value, ApiError> {
    let place = Place::new(
        &request.service_namespace,
        &request.resource_id,
        &request.scalable_dimension,
    )?;
    if here.own.targets.remove(&place).is_none() {
        return Err(missing(format!(
            "No scalable target found for {}",
            place.told()
        )));
    }
    here.own.scheduled.remove(&place);
    for policy in here
        .own
        .policies
        .remove(&place)
        .unwrap_or_default()
        .values()
    {
        remove_alarms(here, policy);
    }
    Ok(json!({}))
}
