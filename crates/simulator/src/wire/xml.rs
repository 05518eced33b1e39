//! XML answers: a writer that escapes every text, and AWS's timestamps.

use std::fmt::{Display, Write};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::{Map, Value};

use super::mark::{Marked, marked};
use crate::Millis;

/// XML under construction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Xml(String);

impl Xml {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// `<NAME>value</NAME>`.
    pub(crate) fn text(mut self, name: &str, value: impl Display) -> Self {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "<{name}>{}</{name}>", escape(&value.to_string()));
        self
    }

    /// `<NAME>value</NAME>`, or nothing.
    pub(crate) fn maybe(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// `<NAME>inner</NAME>`.
    pub(crate) fn nested(mut self, name: &str, inner: &Self) -> Self {
        let _ = write!(self.0, "<{name}>{}</{name}>", inner.0);
        self
    }

    /// What another one has, behind what this has.
    pub(crate) fn then(mut self, more: &Self) -> Self {
        self.0.push_str(&more.0);
        self
    }

    /// `<NAME><member>item</member>...</NAME>`, the query protocol's list.
    pub(crate) fn members(self, name: &str, items: impl IntoIterator<Item = Self>) -> Self {
        self.list(name, "member", items)
    }

    /// `<NAME><ITEM>item</ITEM>...</NAME>`.
    pub(crate) fn list(
        self,
        name: &str,
        item_name: &str,
        items: impl IntoIterator<Item = Self>,
    ) -> Self {
        let inner = items
            .into_iter()
            .fold(Self::new(), |list, item| list.nested(item_name, &item));
        self.nested(name, &inner)
    }

    /// `<NAME><entry><key>k</key><value>v</value></entry>...</NAME>`, the query protocol's map.
    pub(crate) fn entries<'a>(
        self,
        name: &str,
        pairs: impl IntoIterator<Item = (&'a str, String)>,
    ) -> Self {
        let entry =
            |(key, value): (&str, String)| Self::new().text("key", key).text("value", value);
        self.list(name, "entry", pairs.into_iter().map(entry))
    }

    /// CloudFront's list: `<NAME><Quantity>n</Quantity><Items><ITEM>text</ITEM>...</Items></NAME>`.
    pub(crate) fn counted(self, name: &str, item_name: &str, items: &[impl Display]) -> Self {
        let texts = items
            .iter()
            .fold(Self::new(), |list, item| list.text(item_name, item));
        let counted = Self::new().text("Quantity", items.len());
        self.nested(
            name,
            &if items.is_empty() {
                counted
            } else {
                counted.nested("Items", &texts)
            },
        )
    }

    /// One after the other.
    pub(crate) fn append(mut self, other: Self) -> Self {
        self.0.push_str(&other.0);
        self
    }

    /// A tree as the query protocol writes it. A member that is null is left out.
    pub(crate) fn tree(members: &Map<String, Value>) -> Self {
        members
            .iter()
            .fold(Self::new(), |xml, (name, value)| xml.branch(name, value))
    }

    fn branch(self, name: &str, value: &Value) -> Self {
        match (value, marked(value)) {
            (_, Some(Marked::Instant(at_ms))) => self.text(name, iso8601(at_ms)),
            (_, Some(Marked::Map(map))) => {
                let entries = map.as_object().into_iter().flatten();
                let entries =
                    entries.map(|(key, value)| Self::new().text("key", key).branch("value", value));
                self.list(name, "entry", entries)
            }
            (Value::Null, None) => self,
            (Value::String(text), None) => self.text(name, text),
            (Value::Bool(_) | Value::Number(_), None) => self.text(name, value),
            (Value::Object(members), None) => self.nested(name, &Self::tree(members)),
            (Value::Array(items), None) => {
                let inner = items
                    .iter()
                    .fold(Self::new(), |list, item| list.branch("member", item));
                self.nested(name, &inner)
            }
        }
    }

    /// The whole document with one root element and no namespace.
    pub(crate) fn bare(&self, root: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root}>{}</{root}>",
            self.0
        )
    }

    /// The whole document with one root element.
    pub(crate) fn document(&self, root: &str, namespace: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{namespace}\">{}</{root}>",
            self.0
        )
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// `2026-01-01T00:00:00Z`, as XML protocols carry timestamps.
pub(crate) fn iso8601(at_ms: Millis) -> String {
    let at = DateTime::from_millis(i64::try_from(at_ms).unwrap_or(i64::MAX));
    at.fmt(Format::DateTime).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::{instant, map};

    #[test]
    fn a_tree_is_written() {
        let percentiles = json!({ "p99": 1.5 }).as_object().cloned().unwrap();
        let answer = json!({
            "At": instant(1_500),
            "Label": "a<b",
            "None": null,
            "On": true,
            "Points": [{ "Of": map(percentiles) }, { "Sum": 2 }],
            "Values": [1.0],
        });
        let found = Xml::tree(answer.as_object().unwrap()).document("R", "n");
        let expected = "<R xmlns=\"n\"><At>1970-01-01T00:00:01.5Z</At><Label>a&lt;b</Label><On>true</On>\
            <Points><member><Of><entry><key>p99</key><value>1.5</value></entry></Of></member>\
            <member><Sum>2</Sum></member></Points><Values><member>1.0</member></Values></R>";
        assert_eq!(found.lines().last(), Some(expected));
    }
}
