//! Scaling activities: what was done, why, and what came of it. Kept for six weeks, as AWS keeps them [DOC], and at most so many.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{Listing, paged};
use super::state::{Activity, AutoScaling, Ordered, Place, Status};
use crate::base::agenda::Due;
use crate::base::here::Here;
use crate::wire::seconds;
use crate::{ApiError, Millis};

const KEPT: usize = 1_000;
const KEPT_MS: Millis = 42 * 86_400_000;
/// How often it is looked whether ECS has the tasks that it was told to have [INF].
const LOOK_MS: Millis = 10_000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeScalingActivities {
    service_namespace: String,
    resource_id: Option<String>,
    scalable_dimension: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
    include_not_scaled_activities: Option<bool>,
}

/// Newest first.
pub(super) fn describe(
    here: &Here<'_, AutoScaling>,
    request: &DescribeScalingActivities,
) -> Result<Value, ApiError> {
    let listing = Listing {
        namespace: &request.service_namespace,
        resources: request.resource_id.as_slice(),
        dimension: request.scalable_dimension.as_deref(),
    };
    listing.check()?;
    let with_none = request.include_not_scaled_activities == Some(true);
    let is_meant = |activity: &&Activity| {
        let place = &activity.place;
        listing.has(place)
            && (with_none || activity.not_scaled.is_none())
            && activity.start_ms.saturating_add(KEPT_MS) > here.now_ms
    };
    let activities = here.own.activities.iter().rev().filter(is_meant);
    let activities: Vec<Value> = activities.map(Activity::json).collect();
    paged(
        "ScalingActivities",
        &activities,
        request.max_results,
        request.next_token.as_deref(),
    )
}

impl Activity {
    fn json(&self) -> Value {
        let mut json = self.place.json();
        json["ActivityId"] = json!(self.id);
        json["Description"] = json!(self.description);
        json["Cause"] = json!(self.cause);
        json["StartTime"] = seconds(self.start_ms);
        json["StatusCode"] = json!(match self.status {
            Status::InProgress => "InProgress",
            Status::Successful => "Successful",
            Status::Overridden => "Overridden",
            Status::Failed => "Failed",
        });
        json["StatusMessage"] = json!(self.message);
        if let Some(end_ms) = self.end_ms {
            json["EndTime"] = seconds(end_ms);
        }
        if let Some(reason) = &self.not_scaled {
            json["NotScaledReasons"] = json!([reason]);
        }
        json
    }
}

/// What has moved, and why.
pub(super) struct Cause<'a> {
    pub(super) place: &'a Place,
    pub(super) cause: String,
}

/// ECS is told to have so many tasks; it is looked at until it has them ("Waiting for change to be fulfilled by ecs" [DOC]).
pub(super) fn begin(here: &mut Here<'_, AutoScaling>, cause: Cause<'_>, wanted: u32) {
    let Cause { place, cause } = cause;
    let words = place.dimension_in_words();
    for earlier in &mut here.own.activities {
        if earlier.place == *place && earlier.status == Status::InProgress {
            earlier.end(
                here.now_ms,
                Status::Overridden,
                "The scaling activity was overridden by a later one.".to_owned(),
            );
        }
    }
    let id = here.random.uuid();
    let namespace = &place.namespace;
    add(
        here,
        Activity {
            id: id.clone(),
            place: place.clone(),
            description: format!("Setting {words} to {wanted}."),
            cause,
            start_ms: here.now_ms,
            end_ms: None,
            status: Status::InProgress,
            message: format!(
                "Successfully set {words} to {wanted}. Waiting for change to be fulfilled by {namespace}."
            ),
            wanted: Some(wanted),
            not_scaled: None,
        },
    );
    let resource = place.resource.clone();
    let count = wanted;
    here.own.outbox.push(Ordered::Count { resource, count });
    look_again(here, &id);
}

/// A scheduled action has set the bounds of a target.
pub(super) fn bounds_set(here: &mut Here<'_, AutoScaling>, cause: Cause<'_>, bounds: &str) {
    let id = here.random.uuid();
    let now_ms = here.now_ms;
    add(
        here,
        Activity {
            id,
            place: cause.place.clone(),
            description: format!("Setting {bounds}"),
            cause: cause.cause,
            start_ms: now_ms,
            end_ms: Some(now_ms),
            status: Status::Successful,
            message: format!("Successfully set {bounds}"),
            wanted: None,
            not_scaled: None,
        },
    );
}

/// Nothing was scaled, and why: told once, until something else happens to the target.
pub(super) fn not_scaled(here: &mut Here<'_, AutoScaling>, cause: Cause<'_>, reason: Value) {
    let mut of_target = here.own.activities.iter().rev();
    let last = of_target.find(|activity| activity.place == *cause.place);
    if last.is_some_and(|last| last.not_scaled.as_ref() == Some(&reason)) {
        return;
    }
    let words = cause.place.dimension_in_words();
    let id = here.random.uuid();
    let now_ms = here.now_ms;
    add(
        here,
        Activity {
            id,
            place: cause.place.clone(),
            description: format!("Attempting to scale the {words}."),
            cause: cause.cause,
            start_ms: now_ms,
            end_ms: Some(now_ms),
            status: Status::Failed,
            message: "The target was not scaled.".to_owned(),
            wanted: None,
            not_scaled: Some(reason),
        },
    );
}

fn add(here: &mut Here<'_, AutoScaling>, activity: Activity) {
    here.own.activities.push_back(activity);
    while here.own.activities.len() > KEPT {
        here.own.activities.pop_front();
    }
}

fn look_again(here: &mut Here<'_, AutoScaling>, id: &str) {
    let at_ms = here.now_ms + LOOK_MS;
    here.agenda.add(at_ms, Due::ScalingActivity(id.into()));
}

/// It is time to look whether ECS has what it was told to have.
pub(crate) fn look_at_activity(here: &mut Here<'_, AutoScaling>, id: &str) {
    let now_ms = here.now_ms;
    let capacities = &here.own.capacities;
    let mut activities = here.own.activities.iter_mut();
    let Some(activity) = activities.find(|activity| activity.id == id) else {
        return;
    };
    let (Status::InProgress, Some(wanted)) = (activity.status, activity.wanted) else {
        return;
    };
    let words = activity.place.dimension_in_words();
    match capacities.get(&activity.place.resource) {
        None => activity.end(
            now_ms,
            Status::Failed,
            format!("Failed to set {words} to {wanted}. Reason: the service does not exist."),
        ),
        Some(capacity) if capacity.desired != wanted => activity.end(
            now_ms,
            Status::Overridden,
            format!("The {words} was set to {} meanwhile.", capacity.desired),
        ),
        Some(capacity) if capacity.running == wanted => {
            let namespace = activity.place.namespace.clone();
            activity.end(
                now_ms,
                Status::Successful,
                format!("Successfully set {words} to {wanted}. Change successfully fulfilled by {namespace}."),
            );
        }
        Some(_) => look_again(here, id),
    }
}

impl Activity {
    fn end(&mut self, now_ms: Millis, status: Status, message: String) {
        self.end_ms = Some(now_ms);
        self.status = status;
        self.message = message;
    }
}
