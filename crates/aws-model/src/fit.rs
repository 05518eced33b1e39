//! An input as its shape has it: types are held, and what AWS does not know is dropped, as its JSON and query services do.

use serde_json::{Map, Number, Value};

use crate::model::{Kind, Model, ShapeId, Size, Structure};

/// A value of another type than its shape's; AWS's text (SerializationException).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistyped(pub String);

/// Holds a JSON or CBOR input against its shape; nothing is copied.
///
/// # Errors
///
/// When a value is of another type than its shape's.
pub fn fit(model: &Model, shape: ShapeId, value: &mut Value) -> Result<(), Mistyped> {
    match (&model.shape(shape).kind, &mut *value) {
        (Kind::Structure(structure), Value::Object(members)) => {
            drop_unknown(structure, members);
            for (name, inner) in members.iter_mut() {
                if let Some(member) = structure.member(name) {
                    fit(model, member.shape, inner)?;
                }
            }
            Ok(())
        }
        (Kind::List(list), Value::Array(items)) => items
            .iter_mut()
            .try_for_each(|item| fit(model, list.item, item)),
        (Kind::Map(map), Value::Object(entries)) => {
            if entries.values().any(Value::is_null) {
                entries.retain(|_, inner| !inner.is_null());
            }
            entries
                .values_mut()
                .try_for_each(|inner| fit(model, map.value, inner))
        }
        (Kind::Whole(size, _), Value::Number(number)) => match whole(number, *size) {
            Some(whole) => {
                *number = Number::from(whole);
                Ok(())
            }
            None => Err(converted("NUMBER_VALUE", size.java())),
        },
        (Kind::Text(_) | Kind::Blob(_), Value::String(_))
        | (Kind::Real(_), Value::Number(_))
        | (Kind::Boolean, Value::Bool(_))
        | (Kind::Instant, Value::Number(_) | Value::String(_))
        | (Kind::Document, _) => Ok(()),
        (kind, given) => Err(mistyped(kind, &model.shape(shape).name, given)),
    }
}

fn drop_unknown(structure: &Structure, members: &mut Map<String, Value>) {
    let is_known = |name: &str, inner: &Value| !inner.is_null() && structure.member(name).is_some();
    if !members.iter().all(|(name, inner)| is_known(name, inner)) {
        members.retain(|name, inner| is_known(name, inner));
    }
}

/// A number as a whole one; what is behind its point is cut off.
fn whole(number: &Number, size: Size) -> Option<i64> {
    let whole = match number.as_i64() {
        Some(whole) => whole,
        None => {
            let real = number.as_f64()?;
            // Whoever is further out is no number that 64 bits hold.
            (real.abs() < 9.0e18).then_some(real.trunc() as i64)?
        }
    };
    size.holds(whole).then_some(whole)
}

/// In the words that ECS's and DynamoDB's front doors have (aws-actions/amazon-ecs-deploy-task-definition#587 and #610).
fn mistyped(kind: &Kind, shape: &str, given: &Value) -> Mistyped {
    let java = match kind {
        Kind::Text(_) => "String",
        Kind::Whole(size, _) => size.java(),
        Kind::Real(_) => "Double",
        Kind::Boolean => "Boolean",
        Kind::Blob(_) => "ByteBuffer",
        Kind::Instant => "Date",
        Kind::Structure(_) | Kind::List(_) | Kind::Map(_) | Kind::Document => "",
    };
    match (given, java) {
        (Value::Object(_), _) => {
            Mistyped("Start of structure or map found where not expected.".to_owned())
        }
        (Value::Array(_), "") => Mistyped(format!("Unrecognized collection type class {shape}")),
        (Value::Array(_), java) => Mistyped(format!(
            "Unrecognized collection type class java.lang.{java}"
        )),
        (_, "") => Mistyped("Unexpected field type".to_owned()),
        (Value::String(_), java) => converted("STRING_VALUE", java),
        (Value::Number(_), java) => converted("NUMBER_VALUE", java),
        (Value::Bool(true), java) => converted("TRUE_VALUE", java),
        (Value::Bool(false), java) => converted("FALSE_VALUE", java),
        (Value::Null, java) => converted("NULL_VALUE", java),
    }
}

fn converted(token: &str, java: &str) -> Mistyped {
    Mistyped(format!("{token} cannot be converted to {java}"))
}
