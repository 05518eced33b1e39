//! Patterns as AWS writes them, in Java's dialect: all of a text must match, `\w`, `\d` and `\s` are ASCII.

use std::sync::OnceLock;

use regex::Regex;

/// A pattern, read when it is first asked.
#[derive(Debug)]
pub(crate) struct Pattern {
    text: String,
    read: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(crate) fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            read: OnceLock::new(),
        }
    }

    /// As AWS writes it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it can be read here.
    pub(crate) fn is_read(&self) -> bool {
        self.regex().is_some()
    }

    /// Whether all of a text matches; a pattern that cannot be read asks for nothing.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.regex().is_none_or(|regex| regex.is_match(text))
    }

    fn regex(&self) -> Option<&Regex> {
        let read = self
            .read
            .get_or_init(|| Regex::new(&format!("^(?:{})$", translated(&self.text))).ok());
        read.as_ref()
    }
}

/// Java's letters beyond the first plane are two halves, from the first pair to the last.
const HALVES: &str = "\\uD800\\uDC00-\\uDBFF\\uDFFF";

/// Java's short classes as what they are there.
fn translated(pattern: &str) -> String {
    let pattern = pattern.replace(HALVES, "\\x{10000}-\\x{10FFFF}");
    let pattern = pattern.replace("\\p{Print}", "[ -~]");
    let mut translated = String::with_capacity(pattern.len() + 16);
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            translated.push(character);
            continue;
        }
        match characters.next() {
            Some('w') => translated.push_str("[0-9A-Za-z_]"),
            Some('d') => translated.push_str("[0-9]"),
            Some('s') => translated.push_str("[ \\t\\n\\x0B\\f\\r]"),
            Some('S') => translated.push_str("[^ \\t\\n\\x0B\\f\\r]"),
            Some(other) => translated.extend(['\\', other]),
            None => translated.push('\\'),
        }
    }
    translated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_a_text_must_match() {
        for (pattern, text, expected) in [
            ("[\\.\\-_A-Za-z0-9]+", "a.b-c", true),
            ("[\\.\\-_A-Za-z0-9]+", "a b", false),
            ("[\\w+=,.@-]*", "ci@example", true),
            ("[\\w+=,.@-]*", "é", false),
            ("^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$", "é 1", true),
            ("[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+", "sha256:ab", true),
            ("^(?!\\s*$).+", " ", true),
            ("\\p{Print}+", "a b~", true),
            ("\\p{Print}+", "é", false),
            (
                "[\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\r\\n\\t]*",
                "a\n😺",
                true,
            ),
            (
                "[\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\r\\n\\t]*",
                "\u{1}",
                false,
            ),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), expected, "{pattern}");
        }
    }

    #[test]
    fn what_cannot_be_read_has_a_name() {
        let mut unread: Vec<String> = crate::services()
            .filter_map(crate::model)
            .flat_map(crate::Model::unread_patterns)
            .map(str::to_owned)
            .collect();
        unread.sort();
        unread.dedup();
        // Looking ahead: what the name of a scheduled action must not have, which its service refuses itself; whose events a schedule
        // must not put; and only that something is there besides blanks.
        let action =
            "(?!((^[ ]+.*)|(.*([\\u0000-\\u001f]|[\\u007f-\\u009f]|[:/|])+.*)|(.*[ ]+$))).+";
        let source =
            "(?=[/\\.\\-_A-Za-z0-9]+)((?!aws\\.).*)|(\\$(\\.[\\w_-]+(\\[(\\d+|\\*)\\])*)*)";
        assert_eq!(unread, [action, source, "^(?!\\s*$).+"]);
    }
}
