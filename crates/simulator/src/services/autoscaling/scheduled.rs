//! Scheduled actions: at a time, and again and again, in time zones.

use serde::Deserialize;
use serde_json::{Value, json};

use super::activities::{self, Cause};
use super::find::{
    Listing, capacity, in_order, missing, paged, registered, resource_arn, validation,
};
use super::scale::keep_within_bounds;
use super::state::{AutoScaling, Place, Scheduled};
use crate::ApiError;
use crate::base::agenda::Due;
use crate::base::here::Here;
use crate::base::schedule::{Course, Expression, Units, Zone};
use crate::wire::{Moment, seconds};

/// Per target [DOC].
const MOST: usize = 200;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct PutScheduledAction {
    service_namespace: String,
    scheduled_action_name: String,
    resource_id: String,
    scalable_dimension: String,
    schedule: Option<String>,
    timezone: Option<String>,
    start_time: Option<Moment>,
    end_time: Option<Moment>,
    scalable_target_action: Option<Action>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Action {
    min_capacity: Option<i64>,
    max_capacity: Option<i64>,
}

/// Of one that is there, what is not given stays, but start and end, which go [MODEL].
pub(super) fn put(
    here: &mut Here<'_, AutoScaling>,
    request: PutScheduledAction,
) -> Result<Value, ApiError> {
    let place = Place::new(
        &request.service_namespace,
        &request.resource_id,
        &request.scalable_dimension,
    )?;
    registered(here, &place)?;
    let name = request.scheduled_action_name;
    check_name(&name)?;
    let actions = here.own.scheduled.get(&place);
    if actions.is_some_and(|actions| actions.len() >= MOST && !actions.contains_key(&name)) {
        return Err(ApiError::client(
            "LimitExceededException",
            format!("Maximum number of scheduled actions per scalable target is {MOST}."),
        ));
    }
    let known = actions.and_then(|actions| actions.get(&name)).cloned();
    let known_course = known.as_ref().map(|known| &known.course);
    let expression = request
        .schedule
        .or_else(|| known_course.map(|it| it.expression.clone()));
    // [MODEL] does not ask for it, since it may be there already.
    let expression =
        expression.ok_or_else(|| validation("Schedule is required for a new scheduled action"))?;
    if Expression::parse(&expression, Units::Either).is_none() {
        return Err(validation(format!(
            "Schedule expression '{expression}' is not valid."
        )));
    }
    let zone = request
        .timezone
        .or_else(|| known_course.and_then(|it| it.zone.clone()));
    if zone
        .as_deref()
        .is_some_and(|zone| Zone::named(zone).is_none())
    {
        return Err(validation("Timezone is not valid."));
    }
    let (min, max) = match (request.scalable_target_action, &known) {
        (Some(action), _) => (
            capacity("Minimum", action.min_capacity)?,
            capacity("Maximum", action.max_capacity)?,
        ),
        (None, Some(known)) => (known.min, known.max),
        (None, None) => (None, None),
    };
    if min.is_none() && max.is_none() {
        return Err(validation(
            "At least one of MinCapacity and MaxCapacity must be specified",
        ));
    }
    in_order(min.unwrap_or(0), max.unwrap_or(u32::MAX))?;
    let (start_ms, end_ms) = (
        request.start_time.map(|at| at.0),
        request.end_time.map(|at| at.0),
    );
    if start_ms
        .zip(end_ms)
        .is_some_and(|(start_ms, end_ms)| start_ms >= end_ms)
    {
        return Err(validation("End time must be after start time"));
    }
    let arn = match &known {
        Some(known) => known.arn.clone(),
        None => resource_arn(
            here,
            &place,
            "scheduledAction",
            &format!("scheduledActionName/{name}"),
        ),
    };
    let course = Course {
        expression,
        zone,
        start_ms,
        end_ms,
        made_ms: known_course.map_or(here.now_ms, |course| course.made_ms),
        next_ms: None,
    };
    let scheduled = Scheduled {
        arn,
        course,
        min,
        max,
    };
    let actions = here.own.scheduled.entry(place.clone()).or_default();
    actions.insert(name.clone(), scheduled);
    plan(here, &place, &name);
    Ok(json!({}))
}

/// What its model's pattern refuses, which looks ahead and cannot be read [MODEL].
fn check_name(name: &str) -> Result<(), ApiError> {
    let is_wrong = |letter: char| letter.is_control() || [':', '/', '|'].contains(&letter);
    if name.trim_matches(' ') == name && !name.contains(is_wrong) {
        return Ok(());
    }
    Err(validation(format!(
        "1 validation error detected: Value '{name}' at 'scheduledActionName' failed to satisfy constraint: Member must satisfy regular \
         expression pattern: (?!((^[ ]+.*)|(.*([\\u0000-\\u001f]|[\\u007f-\\u009f]|[:/|])+.*)|(.*[ ]+$))).+"
    )))
}

/// The next time goes into the agenda.
fn plan(here: &mut Here<'_, AutoScaling>, place: &Place, name: &str) {
    let now_ms = here.now_ms;
    let actions = here.own.scheduled.get_mut(place);
    let Some(action) = actions.and_then(|actions| actions.get_mut(name)) else {
        return;
    };
    action.course.next_ms = action.course.later_than(now_ms, Units::Either);
    if let Some(at_ms) = action.course.next_ms {
        here.agenda
            .add(at_ms, Due::ScheduledScaling(action.arn.as_str().into()));
    }
}

/// A scheduled action is due, if it is still the time that was planned: the bounds of its target change, and with them what is out of
/// them [DOC].
pub(crate) fn scheduled_action_is_due(here: &mut Here<'_, AutoScaling>, arn: &str) {
    let now_ms = here.now_ms;
    let all = here.own.scheduled.iter().flat_map(|(place, actions)| {
        let actions = actions.iter();
        actions.map(move |(name, action)| (place, name, action))
    });
    let mut due =
        all.filter(|(_, _, action)| action.arn == arn && action.course.next_ms == Some(now_ms));
    let Some((place, name, action)) = due.next() else {
        return;
    };
    let (place, name, action) = (place.clone(), name.clone(), action.clone());
    plan(here, &place, &name);
    let Some(target) = here.own.targets.get_mut(&place) else {
        return;
    };
    if target.suspended.scheduled_scaling_suspended {
        return;
    }
    // A bound that is not given gives way to one that is [INF].
    target.min = action
        .min
        .unwrap_or(target.min.min(action.max.unwrap_or(u32::MAX)));
    target.max = action.max.unwrap_or(target.max.max(target.min));
    let bounds = match (action.min, action.max) {
        (Some(min), Some(max)) => format!("min capacity to {min} and max capacity to {max}"),
        (Some(min), None) => format!("min capacity to {min}"),
        (None, max) => format!("max capacity to {}", max.unwrap_or_default()),
    };
    let cause = format!("scheduled action name {name} was triggered");
    activities::bounds_set(
        here,
        Cause {
            place: &place,
            cause,
        },
        &bounds,
    );
    keep_within_bounds(here, &place);
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeScheduledActions {
    service_namespace: String,
    #[serde(default)]
    scheduled_action_names: Vec<String>,
    resource_id: Option<String>,
    scalable_dimension: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

pub(super) fn describe(
    here: &Here<'_, AutoScaling>,
    request: &DescribeScheduledActions,
) -> Result<Value, ApiError> {
    let listing = Listing {
        namespace: &request.service_namespace,
        resources: request.resource_id.as_slice(),
        dimension: request.scalable_dimension.as_deref(),
    };
    listing.check()?;
    let places = here
        .own
        .scheduled
        .iter()
        .filter(|(place, _)| listing.has(place));
    let actions = places.flat_map(|(place, actions)| {
        let actions = actions.iter();
        actions.map(move |(name, action)| (place, name, action))
    });
    let names = &request.scheduled_action_names;
    let wanted = actions.filter(|(_, name, _)| names.is_empty() || names.contains(name));
    let actions: Vec<Value> = wanted
        .map(|(place, name, action)| action.json(place, name))
        .collect();
    paged(
        "ScheduledActions",
        &actions,
        request.max_results,
        request.next_token.as_deref(),
    )
}

impl Scheduled {
    fn json(&self, place: &Place, name: &str) -> Value {
        let course = &self.course;
        let mut json = place.json();
        json["ScheduledActionName"] = json!(name);
        json["ScheduledActionARN"] = json!(self.arn);
        json["Schedule"] = json!(course.expression);
        json["CreationTime"] = seconds(course.made_ms);
        let mut action = json!({});
        for (member, bound) in [("MinCapacity", self.min), ("MaxCapacity", self.max)] {
            if let Some(bound) = bound {
                action[member] = json!(bound);
            }
        }
        json["ScalableTargetAction"] = action;
        if let Some(zone) = &course.zone {
            json["Timezone"] = json!(zone);
        }
        for (member, at_ms) in [("StartTime", course.start_ms), ("EndTime", course.end_ms)] {
            if let Some(at_ms) = at_ms {
                json[member] = seconds(at_ms);
            }
        }
        json
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DeleteScheduledAction {
    service_namespace: String,
    scheduled_action_name: String,
    resource_id: String,
    scalable_dimension: String,
}

pub(super) fn delete(
    here: &mut Here<'_, AutoScaling>,
    request: &DeleteScheduledAction,
) -> Result<Value, ApiError> {
    let place = Place::new(
        &request.service_namespace,
        &request.resource_id,
        &request.scalable_dimension,
    )?;
    let name = &request.scheduled_action_name;
    let actions = here.own.scheduled.get_mut(&place);
    if actions.and_then(|actions| actions.remove(name)).is_none() {
        return Err(missing(format!(
            "No scheduled action found for {}, scheduled action name: {name}",
            place.told()
        )));
    }
    Ok(json!({}))
}
