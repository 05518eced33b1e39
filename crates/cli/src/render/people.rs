//! The one error that people see: what happened, because of what, what it left behind and what to do. Chains are printed
//! here and nowhere else.

use std::error::Error;

use anstyle::{AnsiColor, Style};

use super::clean::clean;
use crate::shell::bold;

/// An error for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleError {
    /// What happened.
    pub message: String,
    /// Because of what: the nearest first.
    pub causes: Vec<String>,
    /// What runs now, or what is half done.
    pub left_behind: Vec<String>,
    /// What to do next.
    pub hint: Option<String>,
}

impl PeopleError {
    /// An error of which nothing more is known.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            message,
            ..Self::default()
        }
    }

    /// An error and all its sources.
    #[must_use]
    pub fn of(error: &dyn Error) -> Self {
        Self {
            causes: chain(error.source()),
            ..Self::new(error.to_string())
        }
    }

    /// Happened because of `error` and its sources.
    #[must_use]
    pub fn because(mut self, error: &dyn Error) -> Self {
        self.causes.extend(chain(Some(error)));
        self
    }

    /// What to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// As plain text.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines(Style::new(), Style::new())
    }

    /// With its heads in colour.
    #[must_use]
    pub fn painted(&self) -> String {
        self.lines(bold(AnsiColor::Red), Style::new().bold())
    }

    fn lines(&self, error: Style, head: Style) -> String {
        let mut out = format!("{error}Error:{error:#} {}\n", clean(&self.message));
        if !self.causes.is_empty() {
            out.push_str(&format!("{head}Caused by:{head:#}\n"));
        }
        for (number, cause) in (1..).zip(&self.causes) {
            out.push_str(&format!("{number:>3}: {}\n", clean(cause)));
        }
        if !self.left_behind.is_empty() {
            let left = clean(&self.left_behind.join("; "));
            out.push_str(&format!("{head}Left behind:{head:#} {left}\n"));
        }
        if let Some(hint) = &self.hint {
            out.push_str(&format!("{head}Hint:{head:#} {}\n", clean(hint)));
        }
        out
    }
}

fn chain(mut next: Option<&dyn Error>) -> Vec<String> {
    let mut causes = Vec::new();
    while let Some(error) = next {
        causes.push(error.to_string());
        next = error.source();
    }
    causes
}
