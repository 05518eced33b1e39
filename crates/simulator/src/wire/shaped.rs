//! An answer as XML has it: its shape says in which order it is told, what is a list, what a map and what a moment.

use backstay_aws_model::model::Kind;
use backstay_aws_model::{Model, ShapeId};
use serde_json::Value;

use super::mark::{Marked, marked};
use super::xml::{Xml, iso8601};

/// The inside of an answer's element. A member that is null is left out.
pub(crate) fn shaped(model: &Model, shape: ShapeId, value: &Value) -> Xml {
    inside(model, shape, value)
}

fn inside(model: &Model, shape: ShapeId, value: &Value) -> Xml {
    match (&model.shape(shape).kind, unmarked(value)) {
        (Kind::Structure(structure), Value::Object(members)) => {
            structure
                .in_order()
                .fold(Xml::new(), |xml, member| match members.get(&member.name) {
                    Some(inner) => element(xml, model, member.wire_name(), member.shape, inner),
                    None => xml,
                })
        }
        (Kind::List(list), Value::Array(items)) => items.iter().fold(Xml::new(), |xml, item| {
            element(xml, model, &list.item_name, list.item, item)
        }),
        (Kind::Map(map), Value::Object(entries)) => {
            entries.iter().fold(Xml::new(), |xml, (key, inner)| {
                let entry = Xml::new().text(&map.key_name, key);
                let entry = element(entry, model, &map.value_name, map.value, inner);
                xml.nested("entry", &entry)
            })
        }
        _ => Xml::new(),
    }
}

fn element(xml: Xml, model: &Model, name: &str, shape: ShapeId, value: &Value) -> Xml {
    let is_moment = matches!(model.shape(shape).kind, Kind::Instant);
    match (marked(value), value) {
        (Some(Marked::Instant(at_ms)), _) => xml.text(name, iso8601(at_ms)),
        (None, Value::Null) => xml,
        (None, Value::Number(seconds)) if is_moment => {
            let at_ms = seconds.as_f64().unwrap_or_default() * 1000.0;
            xml.text(name, iso8601(at_ms.round() as u64))
        }
        (None, Value::String(text)) => xml.text(name, text),
        (None, Value::Bool(_) | Value::Number(_)) => xml.text(name, value),
        (None | Some(Marked::Map(_)), _) => xml.nested(name, &inside(model, shape, value)),
    }
}

fn unmarked(value: &Value) -> &Value {
    match marked(value) {
        Some(Marked::Map(map)) => map,
        Some(Marked::Instant(_)) | None => value,
    }
}

#[cfg(test)]
mod tests {
    use backstay_aws_model::{Known, model};
    use serde_json::json;

    use super::*;
    use crate::wire::{instant, map};

    #[test]
    fn an_answer_is_written_by_its_shape() {
        let model = model("cloudwatch").expect("a model");
        let Known::Served(operation) = model.operation("DescribeAlarms") else {
            panic!("it is served");
        };
        let alarms = json!({ "MetricAlarms": [{
            "AlarmName": "a<b", "ActionsEnabled": true, "Threshold": 1.0, "AlarmActions": ["x"],
            "StateUpdatedTimestamp": instant(1_500), "Unit": null,
        }] });
        let output = operation.output.expect("an output");
        let found = shaped(model, output, &alarms).document("R", "n");
        let expected = "<R xmlns=\"n\"><MetricAlarms><member><AlarmName>a&lt;b</AlarmName><ActionsEnabled>true</ActionsEnabled>\
            <AlarmActions><member>x</member></AlarmActions><StateUpdatedTimestamp>1970-01-01T00:00:01.5Z</StateUpdatedTimestamp>\
            <Threshold>1.0</Threshold></member></MetricAlarms></R>";
        assert_eq!(found.lines().last(), Some(expected));
    }

    #[test]
    fn a_map_is_written_in_entries() {
        let model = backstay_aws_model::model("sns").expect("a model");
        let Known::Served(operation) = model.operation("GetTopicAttributes") else {
            panic!("it is served");
        };
        let entries = json!({ "k": "v" }).as_object().cloned().expect("a map");
        let found = shaped(
            model,
            operation.output.expect("an output"),
            &json!({ "Attributes": map(entries) }),
        );
        let expected = "<R xmlns=\"\"><Attributes><entry><key>k</key><value>v</value></entry></Attributes></R>";
        assert_eq!(found.document("R", "").lines().last(), Some(expected));
    }
}
