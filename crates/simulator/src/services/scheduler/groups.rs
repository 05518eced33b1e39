//! Groups of schedules.

use serde::Deserialize;
use serde_json::{Value, json};

use super::find::{conflict, group, group_arn, validation};
use super::state::{DEFAULT, Group, Scheduler};
use crate::ApiError;
use crate::base::here::Here;
use crate::wire::{TagEntry, seconds, tags_of};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct CreateScheduleGroup {
    name: String,
    tags: Option<Vec<TagEntry>>,
    client_token: Option<String>,
}

pub(super) fn create(
    here: &mut Here<'_, Scheduler>,
    request: CreateScheduleGroup,
) -> Result<Value, ApiError> {
    let name = request.name;
    let answer = json!({ "ScheduleGroupArn": group_arn(here, &name) });
    let known = here.own.groups.get(&name);
    let same = known.is_some_and(|known| {
        known.client_token.is_some() && known.client_token == request.client_token
    });
    if same {
        return Ok(answer);
    }
    if name == DEFAULT || known.is_some() {
        return Err(conflict(format!("Schedule group {name} already exists.")));
    }
    let group = Group {
        created_ms: here.now_ms,
        tags: tags_of(request.tags),
        client_token: request.client_token,
    };
    here.own.groups.insert(name, group);
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ByName {
    name: String,
    #[serde(rename = "ClientToken")]
    _client_token: Option<String>,
}

pub(super) fn get(here: &Here<'_, Scheduler>, request: &ByName) -> Result<Value, ApiError> {
    let name = group(here.own, Some(&request.name))?;
    Ok(described(here, &name))
}

pub(super) fn described(here: &Here<'_, Scheduler>, name: &str) -> Value {
    let mut answer = json!({
        "Arn": group_arn(here, name),
        "Name": name,
        "State": "ACTIVE",
    });
    if let Some(group) = here.own.groups.get(name) {
        answer["CreationDate"] = seconds(group.created_ms);
        answer["LastModificationDate"] = seconds(group.created_ms);
    }
    answer
}

/// Its schedules go with it [MODEL], here at once.
pub(super) fn delete(here: &mut Here<'_, Scheduler>, request: &ByName) -> Result<Value, ApiError> {
    let name = group(here.own, Some(&request.name))?;
    if name == DEFAULT {
        return Err(validation("The default schedule group cannot be deleted."));
    }
    here.own.groups.remove(&name);
    here.own.schedules.remove(&name);
    Ok(json!({}))
}
