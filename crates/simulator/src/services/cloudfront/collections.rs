//! Origin access controls and policies: alike in everything but their names.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::CloudFront;
use super::consistent::consistent;
use super::defaults::filled;
use super::find::{Told, conflict, if_match, location, missing, names, paged, text};
use super::kind::{Collection, Row};
use super::state::{id_text, version_text};
use super::{managed, old_markup};
use crate::base::here::Here;
use crate::wire::instant;
use crate::{ApiError, Millis};

/// One of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Entity {
    #[serde(deserialize_with = "old_markup::document")]
    pub(super) config: Value,
    change: u64,
    modified_ms: Millis,
}

impl CloudFront {
    /// The configuration of one of them, managed ones included.
    pub(super) fn entity(&self, collection: Collection, id: &str) -> Option<Value> {
        let own = self.entities.get(&collection).and_then(|all| all.get(id));
        let own = own.map(|entity| entity.config.clone());
        own.or_else(|| managed::one(collection, id))
    }
}

fn found(here: &Here<'_, CloudFront>, row: &Row, id: &str) -> Result<Entity, ApiError> {
    let own = here.own.entities.get(&row.collection);
    if let Some(entity) = own.and_then(|all| all.get(id)) {
        return Ok(entity.clone());
    }
    let config = here.own.entity(row.collection, id);
    let config = config.ok_or_else(|| {
        let message = format!("The specified {} does not exist.", row.words);
        missing(row.missing, message)
    })?;
    Ok(Entity {
        config,
        change: 0,
        modified_ms: 0,
    })
}

pub(super) fn get(
    here: &mut Here<'_, CloudFront>,
    row: &Row,
    input: &Value,
) -> Result<Value, ApiError> {
    let id = text(input, "Id");
    Ok(answer(row, id, &found(here, row, id)?))
}

pub(super) fn get_config(
    here: &mut Here<'_, CloudFront>,
    row: &Row,
    input: &Value,
) -> Result<Value, ApiError> {
    let id = text(input, "Id");
    let entity = found(here, row, id)?;
    Ok(json!({ row.config: entity.config, "ETag": etag(id, &entity) }))
}

pub(super) fn create(
    here: &mut Here<'_, CloudFront>,
    row: &Row,
    input: &Value,
) -> Result<Value, ApiError> {
    let config = configured(here, row, input, None)?;
    let change = here.own.next_change();
    let id = match row.collection {
        Collection::OriginAccessControl => {
            format!("E{}", id_text(&format!("{}/{change}", here.account)))
        }
        _ => uuid(&format!("{}/{change}", here.account)),
    };
    let mut answer = put(here, row, &id, config, change);
    answer["Location"] = json!(location(&format!("{}/{id}", row.path)));
    Ok(answer)
}

pub(super) fn update(
    here: &mut Here<'_, CloudFront>,
    row: &Row,
    input: &Value,
) -> Result<Value, ApiError> {
    let id = text(input, "Id");
    let old = found(here, row, id)?;
    if old.change == 0 {
        let message = "The update contains modifications that are not allowed.";
        return Err(ApiError::client("IllegalUpdate", message));
    }
    if_match(input, &etag(id, &old))?;
    let config = configured(here, row, input, Some(id))?;
    let change = here.own.next_change();
    Ok(put(here, row, id, config, change))
}

fn put(here: &mut Here<'_, CloudFront>, row: &Row, id: &str, config: Value, change: u64) -> Value {
    let entity = Entity {
        config,
        change,
        modified_ms: here.now_ms,
    };
    let answer = answer(row, id, &entity);
    let all = here.own.entities.entry(row.collection).or_default();
    all.insert(id.to_owned(), entity);
    answer
}

pub(super) fn delete(
    here: &mut Here<'_, CloudFront>,
    row: &Row,
    input: &Value,
) -> Result<Value, ApiError> {
    let id = text(input, "Id");
    let old = found(here, row, id)?;
    if old.change == 0 {
        let message = "Deletion is not allowed for this entity.";
        return Err(ApiError::client("IllegalDelete", message));
    }
    if_match(input, &etag(id, &old))?;
    let member = format!("{}Id", row.name);
    if here.own.configs().any(|config| names(config, &member, id)) {
        let message = format!(
            "Cannot delete the {} because it is in use by one or more distributions.",
            row.words
        );
        return Err(conflict(row.in_use, message));
    }
    if let Some(all) = here.own.entities.get_mut(&row.collection) {
        all.remove(id);
    }
    Ok(json!({}))
}

/// The configuration that a request brings. Names are unique among the custom ones.
fn configured(
    here: &Here<'_, CloudFront>,
    row: &Row,
    input: &Value,
    except: Option<&str>,
) -> Result<Value, ApiError> {
    let given = &input[row.config];
    consistent(given)?;
    let config = filled(row.config, given.clone());
    let others = here.own.entities.get(&row.collection);
    let mut others = others.into_iter().flatten();
    let taken = others.any(|(id, other)| {
        Some(id.as_str()) != except && text(&other.config, "Name") == text(&config, "Name")
    });
    if taken {
        let message = format!("A {} with the same name already exists.", row.words);
        return Err(conflict(row.exists, message));
    }
    Ok(config)
}

fn answer(row: &Row, id: &str, entity: &Entity) -> Value {
    json!({ row.name: described(row, id, entity), "ETag": etag(id, entity) })
}

fn described(row: &Row, id: &str, entity: &Entity) -> Value {
    let mut told = json!({ "Id": id, row.config: entity.config });
    if row.collection != Collection::OriginAccessControl {
        told["LastModifiedTime"] = instant(entity.modified_ms);
    }
    told
}

/// Managed and custom ones, or those of the `Type` that is asked for.
pub(super) fn list(
    here: &mut Here<'_, CloudFront>,
    row: &Row,
    input: &Value,
) -> Result<Value, ApiError> {
    let wanted = text(input, "Type");
    let wants = |kind: &str| wanted.is_empty() || wanted == kind;
    let mut all: Vec<(&str, String, Entity)> = Vec::new();
    if wants("managed") {
        let managed = managed::all(row.collection);
        all.extend(managed.map(|(id, config)| {
            let entity = Entity {
                config,
                change: 0,
                modified_ms: 0,
            };
            ("managed", id.to_owned(), entity)
        }));
    }
    if wants("custom") {
        let own = here.own.entities.get(&row.collection);
        let own = own.into_iter().flatten();
        all.extend(own.map(|(id, entity)| ("custom", id.clone(), entity.clone())));
    }
    let page = paged(input, &all)?;
    let is_control = row.collection == Collection::OriginAccessControl;
    let summary = |(kind, id, entity): &(&str, String, Entity)| {
        if is_control {
            let mut told = entity.config.clone();
            told["Id"] = json!(id);
            return told;
        }
        json!({ "Type": kind, row.name: described(row, id, entity) })
    };
    let summaries = page.items.iter().map(summary).collect();
    let told = if is_control {
        Told::Whole
    } else {
        Told::WithoutMarker
    };
    Ok(json!({ format!("{}List", row.name): page.list(summaries, told) }))
}

fn etag(id: &str, entity: &Entity) -> String {
    version_text(id, entity.change)
}

/// Policies have ids like those of the managed ones.
fn uuid(of: &str) -> String {
    use sha2::{Digest, Sha256};
    let hex: String = Sha256::digest(of)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-4{}-8{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 15),
        part(15, 18),
        part(18, 30)
    )
}
