//! What JSON has no type for, marked in a tree: an answer is built once and its protocol decides how it is written.

use serde_json::{Map, Value, json};

use crate::Millis;

/// No member of any AWS shape has such a name.
const INSTANT: &str = "\u{0}instant";
const MAP: &str = "\u{0}map";

/// A timestamp: tagged epoch seconds in CBOR, epoch seconds in JSON, ISO 8601 in XML. Only for services whose answer goes
/// through [`super::reply::tree`].
pub(crate) fn instant(at_ms: Millis) -> Value {
    json!({ INSTANT: at_ms })
}

/// A map, which XML writes in another way than a structure.
pub(crate) fn map(entries: Map<String, Value>) -> Value {
    json!({ MAP: entries })
}

/// A marked value.
pub(super) enum Marked<'a> {
    Instant(Millis),
    Map(&'a Value),
}

pub(super) fn marked(value: &Value) -> Option<Marked<'_>> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    if let Some(at_ms) = members.get(INSTANT).and_then(Value::as_u64) {
        return Some(Marked::Instant(at_ms));
    }
    members.get(MAP).map(Marked::Map)
}

/// The tree as JSON has it. A member that is null is left out.
pub(crate) fn to_json(value: Value) -> Value {
    match marked(&value) {
        Some(Marked::Instant(at_ms)) => return super::seconds(at_ms),
        Some(Marked::Map(map)) => return to_json(map.clone()),
        None => {}
    }
    match value {
        Value::Object(members) => {
            let there = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(there.map(|(key, value)| (key, to_json(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(to_json).collect()),
        leaf => leaf,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_what_json_has_for_them() {
        let entries = json!({ "p99": 1.5 })
            .as_object()
            .cloned()
            .unwrap_or_default();
        let answer =
            json!({ "at": instant(1_500), "all": [instant(0)], "of": map(entries), "none": null });
        assert_eq!(
            to_json(answer),
            json!({ "at": 1.5, "all": [0.0], "of": { "p99": 1.5 } })
        );
    }
}
