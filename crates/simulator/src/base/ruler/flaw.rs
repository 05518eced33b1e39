//! Why a text is no pattern, in the words of event-ruler and of the parser beneath it.

/// Longer texts are not repeated in full.
const SHOWN: usize = 500;

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(super) reason: String,
    /// How far the parser had come, in characters: none, once, or twice for what is refused inside of a list.
    pub(super) places: Vec<usize>,
    pub(super) about: About,
}

/// What is wrong: the JSON, or the pattern that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    Json,
    Pattern,
}

impl Flaw {
    pub(super) fn at(place: usize, reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            places: vec![place],
            about: About::Pattern,
        }
    }

    pub(super) fn nowhere(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            places: Vec::new(),
            about: About::Pattern,
        }
    }

    /// It is JSON, and no pattern.
    pub(crate) fn is_json(&self) -> bool {
        self.about == About::Pattern
    }

    /// As AWS says it of this text (LocalStack's `test_event_pattern[..._EXC]`, recorded on AWS [OBS]).
    pub(crate) fn told(&self, source: &str) -> String {
        let length = source.chars().count();
        let mut shown: String = source.chars().take(SHOWN).collect();
        shown = format!("(String)\"{shown}\"");
        if length > SHOWN {
            shown = format!("{shown}[truncated {} chars]", length - SHOWN);
        }
        let mut told = self.reason.clone();
        for place in &self.places {
            let before: Vec<char> = source.chars().take(*place).collect();
            let line = 1 + before.iter().filter(|it| **it == '\n').count();
            let in_line = before.iter().rev().take_while(|it| **it != '\n').count();
            let column = in_line + 1;
            told.push_str(&format!(
                "\n at [Source: {shown}; line: {line}, column: {column}]"
            ));
        }
        told
    }
}
