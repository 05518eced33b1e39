//! Unstructured filter patterns: words, "phrases", -excluded and ?optional ones ([DOC], filter pattern syntax).

use crate::ApiError;
use crate::base::not_implemented;

/// A parsed pattern.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pattern {
    required: Vec<String>,
    excluded: Vec<String>,
    /// If there are any, one of them.
    optional: Vec<String>,
}

impl Pattern {
    /// JSON, column and regular-expression patterns are not read here.
    pub(super) fn parse(text: &str) -> Result<Self, ApiError> {
        let text = text.trim();
        if text.starts_with(['{', '[']) || text.contains('%') {
            return Err(not_implemented(&format!("the filter pattern {text}")));
        }
        let mut pattern = Self::default();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (list, term) = match first {
                '-' => (&mut pattern.excluded, &rest[1..]),
                '?' => (&mut pattern.optional, &rest[1..]),
                _ => (&mut pattern.required, rest),
            };
            let (word, after) = word(term);
            if !word.is_empty() {
                list.push(word.to_owned());
            }
            rest = after.trim_start();
        }
        Ok(pattern)
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        let has = |word: &String| message.contains(word.as_str());
        self.required.iter().all(has)
            && !self.excluded.iter().any(has)
            && (self.optional.is_empty() || self.optional.iter().any(has))
    }
}

/// The first word or quoted phrase, and what follows it.
fn word(text: &str) -> (&str, &str) {
    match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
        None => text.split_once(char::is_whitespace).unwrap_or((text, "")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_phrases_and_their_signs() {
        for (pattern, message, expected) in [
            ("", "anything", true),
            ("ERROR", "an ERROR here", true),
            ("ERROR", "an error here", false),
            ("a b", "b then a", true),
            ("\"a b\"", "b then a", false),
            ("\"a b\"", "a b", true),
            ("ERROR -timeout", "ERROR timeout", false),
            ("ERROR -\"time out\"", "ERROR time", true),
            ("?a ?b", "only b", true),
            ("?a ?b", "neither", false),
            ("\"\"", "x", true),
            ("-", "x", true),
        ] {
            let parsed = Pattern::parse(pattern).expect("a pattern");
            assert_eq!(parsed.matches(message), expected, "{pattern} / {message}");
        }
        for unread in ["{ $.level = \"error\" }", "[ip, user]", "%a.b%"] {
            assert_eq!(
                Pattern::parse(unread).map_err(|error| error.status),
                Err(501)
            );
        }
    }
}
