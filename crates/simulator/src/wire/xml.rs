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

    /// `<NAME>inner</NAME>`.
    pub(crate) fn nested(mut self, name: &str, inner: &Self) -> Self {
        let _ = write!(self.0, "<{name}>{}</{name}>", inner.0);
        self
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
