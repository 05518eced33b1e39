//! Lines that tasks write, as people read them: which part, when, and what; the containers' names where there are several.

use std::collections::BTreeMap;

use anstyle::{AnsiColor, Style};
use backstay_domain::ports::Printed;

use super::clean::clean;

const COLORS: [AnsiColor; 6] = [
    AnsiColor::Cyan,
    AnsiColor::Green,
    AnsiColor::Yellow,
    AnsiColor::Blue,
    AnsiColor::Magenta,
    AnsiColor::BrightCyan,
];

/// How the lines of some parts are shown.
#[derive(Debug)]
pub struct Lines {
    width: usize,
    styles: BTreeMap<String, Style>,
}

impl Lines {
    /// Each part has its colour, where there are any.
    #[must_use]
    pub fn of<'p>(parts: impl Iterator<Item = &'p str>, colored: Colored) -> Self {
        let styles: BTreeMap<String, Style> = parts
            .zip(COLORS.iter().cycle())
            .map(|(part, color)| {
                let style = match colored {
                    Colored::Yes => color.on_default(),
                    Colored::No => Style::new(),
                };
                (part.to_owned(), style)
            })
            .collect();
        Self {
            width: styles.keys().map(String::len).max().unwrap_or(0),
            styles,
        }
    }

    /// A line, cleaned.
    #[must_use]
    pub fn line(&self, part: &str, line: &Printed) -> String {
        let style = self.styles.get(part).copied().unwrap_or_default();
        let width = self.width;
        let at = line.at.strftime("%H:%M:%S");
        let text = clean(&line.text);
        format!(
            "{style}{part:<width$}{style:#} {at} {}/{} {text}",
            line.task, line.container
        )
    }
}

/// Whether parts have colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colored {
    /// They have.
    Yes,
    /// They have not.
    No,
}

#[cfg(test)]
mod tests {
    use super::{Colored, Lines};
    use backstay_domain::ports::Printed;

    #[test]
    fn a_line_is_cleaned_and_aligned() {
        let lines = Lines::of(["web", "picker"].into_iter(), Colored::No);
        let line = Printed {
            at: "2026-11-28T09:10:11.5Z".parse().expect("a moment"),
            container: "app".to_owned(),
            task: "0123abcd".to_owned(),
            id: "1".to_owned(),
            text: "\u{1b}[31mred\u{1b}[0m at postgres://shop:hunter2@db/shop\n".to_owned(),
        };
        assert_eq!(
            lines.line("web", &line),
            "web    09:10:11 0123abcd/app red at postgres://***@db/shop"
        );
    }
}
