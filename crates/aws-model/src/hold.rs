//! A reply held against its shape: what nobody checks in life, and every test here does.

use serde_json::Value;

use crate::model::{Kind, Model, Presence, ShapeId};
use crate::path::Path;

/// What is wrong with a reply: members that the shape does not have, members that are missing, values of another type or of no enum.
#[must_use]
pub fn faults(model: &Model, shape: ShapeId, reply: &Value) -> Vec<String> {
    let mut found = Vec::new();
    look(model, shape, reply, &Path::ROOT, &mut found);
    found
}

fn look(model: &Model, id: ShapeId, value: &Value, path: &Path<'_>, found: &mut Vec<String>) {
    let shape = model.shape(id);
    match (&shape.kind, value) {
        (Kind::Structure(structure), Value::Object(members)) => {
            for (name, inner) in members {
                match structure.member(name) {
                    Some(member) => look(model, member.shape, inner, &path.member(name), found),
                    None => found.push(format!("{path}: {} has no member {name}", shape.name)),
                }
            }
            for member in structure.members() {
                if member.presence == Presence::Required && !members.contains_key(&member.name) {
                    found.push(format!("{path}: {} lacks {}", shape.name, member.name));
                }
            }
        }
        (Kind::List(list), Value::Array(items)) => {
            for (place, item) in items.iter().enumerate() {
                look(model, list.item, item, &path.item(place), found);
            }
        }
        (Kind::Map(map), Value::Object(entries)) => {
            for (key, inner) in entries {
                look(model, map.value, inner, &path.value(key), found);
            }
        }
        (Kind::Text(text), Value::String(given)) => {
            if !text.values.is_empty() && !text.values.contains(given) {
                found.push(format!("{path}: {given:?} is none of {:?}", text.values));
            }
        }
        (Kind::Whole(size, _), Value::Number(number))
            if number.as_i64().is_some_and(|whole| size.holds(whole)) => {}
        (Kind::Blob(_), Value::String(_))
        | (Kind::Real(_), Value::Number(_))
        | (Kind::Boolean, Value::Bool(_))
        | (Kind::Instant, Value::Number(_) | Value::String(_))
        | (Kind::Document, _) => {}
        (_, given) => found.push(format!("{path}: {given} is no {}", shape.name)),
    }
}
