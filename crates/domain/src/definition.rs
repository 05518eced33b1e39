//! Task definitions as documents: a strict template, its rendering, and a canonical form whose hash tells equal from changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::Version;

/// A task definition in the cloud's own JSON format, in which strings may hold `{{ image }}` and `{{ version }}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DefinitionTemplate(pub Value);

/// A rendered task definition, in canonical form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// The document that is registered.
    pub document: Value,
    /// Hash of the canonical document, hexadecimal.
    pub hash: DefinitionHash,
}

/// Hash of a canonical task definition, 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DefinitionHash(pub String);

impl fmt::Display for DefinitionHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.get(..12).unwrap_or(&self.0))
    }
}

/// The placeholders that stay until a release is assembled.
pub const RELEASE_PLACEHOLDERS: [&str; 2] = ["image", "version"];

impl DefinitionTemplate {
    /// Fills in the release's version and image reference.
    #[must_use]
    pub fn render(&self, version: &Version, image: &str) -> Definition {
        Definition::new(map_strings(&self.0, &|text| {
            substitute(text, &|name| match name {
                "image" => Some(image.to_owned()),
                "version" => Some(version.as_str().to_owned()),
                _ => None,
            })
        }))
    }
}

impl Definition {
    /// The images of its containers, as it holds them.
    #[must_use]
    pub fn images(&self) -> Vec<String> {
        let containers = self.document.get("containerDefinitions");
        let containers = containers.and_then(Value::as_array).into_iter().flatten();
        containers
            .filter_map(|one| Some(one.get("image")?.as_str()?.to_owned()))
            .collect()
    }

    /// A definition from a document, which is brought to canonical form first.
    #[must_use]
    pub fn new(document: Value) -> Self {
        let document = canonical(document);
        let hash = DefinitionHash(sha256_hex(ordered_text(&document).as_bytes()));
        Self { document, hash }
    }

    /// The task definition's family.
    #[must_use]
    pub fn family(&self) -> &str {
        self.document
            .get("family")
            .and_then(Value::as_str)
            .unwrap_or("")
    }
}

/// A document as text with its members in order of their names, whatever order serde_json keeps them in: its
/// `preserve_order` feature is switched on for everybody by any crate of a build.
pub(crate) fn ordered_text(document: &Value) -> String {
    match document {
        Value::Object(members) => {
            let sorted: BTreeMap<&String, &Value> = members.iter().collect();
            let parts = sorted.into_iter().map(|(name, member)| {
                format!("{}:{}", Value::from(name.as_str()), ordered_text(member))
            });
            format!("{{{}}}", parts.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            let parts: Vec<String> = items.iter().map(ordered_text).collect();
            format!("[{}]", parts.join(","))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => document.to_string(),
    }
}

/// SHA-256 of some bytes, hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        out.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        out.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
    }
    out
}

/// Replaces `{{ name }}` in one string. Names for which `value` has no answer stay as they are.
#[must_use]
pub fn substitute(text: &str, value: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let Some(length) = rest[start..].find("}}") else {
            break;
        };
        let whole = &rest[start..start + length + 2];
        out.push_str(&rest[..start]);
        match value(whole[2..whole.len() - 2].trim()) {
            Some(found) => out.push_str(&found),
            None => out.push_str(whole),
        }
        rest = &rest[start + length + 2..];
    }
    out.push_str(rest);
    out
}

/// The names inside `{{ … }}` in every string of a document.
#[must_use]
pub fn placeholders(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(document, &mut found);
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let mut rest = text.as_str();
            while let Some(start) = rest.find("{{") {
                let Some(length) = rest[start..].find("}}") else {
                    break;
                };
                found.insert(rest[start + 2..start + length].trim().to_owned());
                rest = &rest[start + length + 2..];
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => members.values().for_each(|member| collect(member, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Applies `f` to every string value of a document (not to its member names).
#[must_use]
pub fn map_strings(value: &Value, f: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(f(text)),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| map_strings(item, f)).collect())
        }
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, member)| (name.clone(), map_strings(member, f)))
                .collect(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// Members that a cloud adds when a definition is read back; they cannot be registered again (trap 27).
const READ_ONLY: [&str; 9] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "deregisteredAt",
    "registeredBy",
    "tags",
];

/// Members that are lists whose order has no meaning, with the member they are sorted by.
const UNORDERED: [(&str, &str); 5] = [
    ("environment", "name"),
    ("secrets", "name"),
    ("volumes", "name"),
    ("mountPoints", "sourceVolume"),
    ("portMappings", "containerPort"),
];

/// Members whose own members are named by people: nothing in them is a default.
const FREE_FORM: [&str; 4] = ["options", "dockerLabels", "driverOpts", "labels"];

/// What a cloud fills in where this member is left out.
fn filled_in(name: &str, container_port: Option<&Value>) -> Option<Value> {
    match name {
        "essential" => Some(Value::Bool(true)),
        "cpu" => Some(Value::from(0)),
        "protocol" => Some(Value::from("tcp")),
        "readOnly" => Some(Value::Bool(false)),
        "hostPort" => container_port.cloned(),
        _ => None,
    }
}

fn canonical(document: Value) -> Value {
    let mut document = document;
    if let Value::Object(members) = &mut document {
        for name in READ_ONLY {
            members.remove(name);
        }
        for size in ["cpu", "memory"] {
            if let Some(found) = members.get(size).map(task_size) {
                members.insert(size.to_owned(), Value::String(found));
            }
        }
    }
    tidy(document)
}

/// "1 vCPU", "2 GB", 1024 and "1024" are the same size; the cloud normalises to integers in a string.
fn task_size(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    let lower = text.to_ascii_lowercase();
    let unit = lower
        .strip_suffix("vcpu")
        .or_else(|| lower.strip_suffix("gb"));
    match unit.and_then(|number| number.trim().parse::<f64>().ok()) {
        Some(number) => format!("{:.0}", number * 1024.0),
        None => text,
    }
}

fn tidy(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let port = members.get("containerPort").cloned();
            Value::Object(
                members
                    .into_iter()
                    .map(|(name, member)| {
                        if FREE_FORM.contains(&name.as_str()) {
                            return (name, member);
                        }
                        let member = sorted(&name, tidy(member));
                        (name, member)
                    })
                    .filter(|(name, member)| !is_default(name, member, port.as_ref()))
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.into_iter().map(tidy).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

fn sorted(name: &str, member: Value) -> Value {
    let Some((_, by)) = UNORDERED.iter().find(|(list, _)| *list == name) else {
        return member;
    };
    match member {
        Value::Array(mut items) => {
            items.sort_by_key(|item| item.get(by).map(Value::to_string).unwrap_or_default());
            Value::Array(items)
        }
        other => other,
    }
}

fn is_default(name: &str, member: &Value, container_port: Option<&Value>) -> bool {
    let empty = match member {
        Value::Null => true,
        // An empty command or entry point overrides the image's; other empty lists mean nothing.
        Value::Array(items) => items.is_empty() && name != "command" && name != "entryPoint",
        Value::Object(members) => members.is_empty() && name != "options",
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    };
    empty || filled_in(name, container_port).as_ref() == Some(member)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn read_back_definitions_hash_like_the_ones_that_were_sent() {
        let sent = json!({"family": "f", "cpu": "1 vCPU", "memory": "2 GB", "containerDefinitions": [
            {"name": "web", "image": "i", "portMappings": [{"containerPort": 80}],
             "environment": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]}]});
        let read = json!({"family": "f", "cpu": "1024", "memory": "2048", "revision": 7, "status": "ACTIVE",
            "taskDefinitionArn": "x", "volumes": [], "containerDefinitions": [
            {"name": "web", "image": "i", "essential": true, "cpu": 0, "mountPoints": [], "volumesFrom": [],
             "portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}],
             "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}]});
        assert_eq!(Definition::new(sent), Definition::new(read));
    }

    #[test]
    fn what_has_meaning_changes_the_hash() {
        let base = json!({"family": "f", "containerDefinitions": [{"name": "web", "image": "i"}]});
        let changed = [
            json!({"family": "f", "containerDefinitions": [{"name": "web", "image": "j"}]}),
            json!({"family": "f", "containerDefinitions": [{"name": "web", "image": "i", "essential": false}]}),
            json!({"family": "f", "containerDefinitions": [{"name": "web", "image": "i", "command": []}]}),
            json!({"family": "f", "containerDefinitions": [{"name": "web", "image": "i", "cpu": 10}]}),
        ];
        for other in changed {
            assert_ne!(
                Definition::new(base.clone()).hash,
                Definition::new(other.clone()).hash,
                "{other}"
            );
        }
    }

    #[test]
    fn the_order_of_members_does_not_change_the_hash() {
        let named = |names: [&str; 2]| {
            let members = names.map(|name| (name.to_owned(), json!({"z": 1, "a": name})));
            Value::Object(members.into_iter().collect())
        };
        let text = r#"{"a":{"a":"a","z":1},"b":{"a":"b","z":1}}"#;
        assert_eq!(ordered_text(&named(["a", "b"])), text);
        assert_eq!(ordered_text(&named(["b", "a"])), text);
        assert_eq!(
            ordered_text(&json!([{"b": "\"", "a": null}])),
            r#"[{"a":null,"b":"\""}]"#
        );
    }

    #[test]
    fn what_people_named_is_no_default() {
        let log = json!({"protocol": "tcp", "cpu": 0, "tags": []});
        let definition = Definition::new(json!({"family": "f", "containerDefinitions": [
            {"name": "web", "image": "i", "logConfiguration": {"options": log}, "dockerLabels": {"essential": true}}]}));
        let web = &definition.document["containerDefinitions"][0];
        assert_eq!(web["logConfiguration"]["options"], log);
        assert_eq!(web["dockerLabels"], json!({"essential": true}));
    }

    #[test]
    fn substitution_is_literal_and_leaves_unknown_names() {
        let value = |name: &str| (name == "version").then(|| "{{ image }}".to_owned());
        assert_eq!(
            substitute("a {{version}} b {{ other }} {{", &value),
            "a {{ image }} b {{ other }} {{"
        );
    }
}
