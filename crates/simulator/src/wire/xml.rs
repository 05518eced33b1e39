//! XML answers: a writer that escapes every text, and AWS's timestamps.

use std::fmt::{Display, Write};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

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
