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

/// Java's short classes as what they are there.
fn translated(pattern: &str) -> String {
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
        // Looking ahead: only that something is there besides blanks.
        assert_eq!(unread, ["^(?!\\s*$).+"]);
    }
}
