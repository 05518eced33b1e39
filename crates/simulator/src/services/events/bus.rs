//! Event buses.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::find::{missing, paged, validation};
use super::state::DEFAULT;
use super::tags::{self, Tag};
use crate::base::arn::regional_arn;
use crate::base::here::Here;
use crate::services::events::EventBridge;
use crate::wire::seconds;
use crate::{ApiError, Millis};

/// A bus besides the default one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Bus {
    description: Option<String>,
    created_ms: Millis,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateEventBus {
    name: String,
    description: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

pub(super) fn create(
    here: &mut Here<'_, EventBridge>,
    request: CreateEventBus,
) -> Result<Value, ApiError> {
    let name = request.name;
    if name == DEFAULT || here.own.buses.contains_key(&name) {
        return Err(ApiError::client(
            "ResourceAlreadyExistsException",
            format!("Event bus {name} already exists."),
        ));
    }
    let arn = arn(here, &name);
    let bus = Bus {
        description: request.description.clone(),
        created_ms: here.now_ms,
    };
    here.own.buses.insert(name, bus);
    tags::put(here, &arn, request.tags);
    let mut answer = json!({ "EventBusArn": arn });
    if let Some(description) = request.description {
        answer["Description"] = json!(description);
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ByName {
    name: Option<String>,
}

/// One that is not there is no error [MODEL]; one with rules stays.
pub(super) fn delete(
    here: &mut Here<'_, EventBridge>,
    request: &ByName,
) -> Result<Value, ApiError> {
    let name = request.name.clone().unwrap_or_default();
    if name == DEFAULT {
        return Err(validation("Cannot delete event bus default."));
    }
    let rules = here.own.rules.get(&name);
    if rules.is_some_and(|rules| !rules.is_empty()) {
        return Err(validation("Event bus can't be deleted since it has rules."));
    }
    here.own.rules.remove(&name);
    here.own.buses.remove(&name);
    let arn = arn(here, &name);
    here.own.tags.remove(&arn);
    Ok(json!({}))
}

pub(super) fn describe(here: &Here<'_, EventBridge>, request: &ByName) -> Result<Value, ApiError> {
    let name = known(here, request.name.as_deref())?;
    Ok(described(here, &name))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ListEventBuses {
    name_prefix: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
}

pub(super) fn list(
    here: &Here<'_, EventBridge>,
    request: &ListEventBuses,
) -> Result<Value, ApiError> {
    let prefix = request.name_prefix.as_deref().unwrap_or_default();
    let buses = here.own.buses.keys().map(String::as_str);
    let buses = std::iter::once(DEFAULT).chain(buses);
    let buses = buses.filter(|name| name.starts_with(prefix));
    let buses: Vec<Value> = buses.map(|name| described(here, name)).collect();
    paged(
        "EventBuses",
        &buses,
        request.limit,
        request.next_token.as_deref(),
    )
}

fn described(here: &Here<'_, EventBridge>, name: &str) -> Value {
    let mut described = json!({ "Name": name, "Arn": arn(here, name) });
    if let Some(bus) = here.own.buses.get(name) {
        described["CreationTime"] = seconds(bus.created_ms);
        described["LastModifiedTime"] = seconds(bus.created_ms);
        if let Some(description) = &bus.description {
            described["Description"] = json!(description);
        }
    }
    described
}

/// The name of a bus that is there, from its name or ARN; the default one when nothing is given.
pub(super) fn known(here: &Here<'_, EventBridge>, given: Option<&str>) -> Result<String, ApiError> {
    let given = given.unwrap_or(DEFAULT);
    let name = given
        .split_once(":event-bus/")
        .map_or(given, |(_, name)| name);
    if name == DEFAULT || here.own.buses.contains_key(name) {
        return Ok(name.to_owned());
    }
    Err(missing(format!("Event bus {name} does not exist.")))
}

pub(super) fn arn(here: &Here<'_, EventBridge>, name: &str) -> String {
    regional_arn(
        "events",
        here.region,
        here.account,
        format_args!("event-bus/{name}"),
    )
}
