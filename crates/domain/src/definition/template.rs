//! Task definitions with placeholders, and what is put in their place. Substitution is literal.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document::Definition;
use crate::Version;

/// A task definition in the cloud's own JSON format, in which strings may hold `{{ image }}` and `{{ version }}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DefinitionTemplate(pub Value);

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
