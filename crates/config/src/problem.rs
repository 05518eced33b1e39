//! What is wrong with a configuration, and where. Rendering is the command line's.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

/// A file's name and text.
pub type Source = NamedSource<Arc<str>>;

/// Everything that is wrong with a configuration, in reading order. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What, in one sentence.
    pub message: String,
    /// The file it is in.
    pub source: Source,
    /// Where in the file, unless the file as a whole is meant.
    pub label: Option<Label>,
    /// What to do about it.
    pub help: Option<String>,
}

/// A place in a file, with a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The bytes meant.
    pub span: Range<usize>,
    /// What is there, or should be.
    pub text: String,
}

/// A line and a column as editors count them: from one, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Problem {
    /// A problem with a whole file.
    #[must_use]
    pub fn of(source: &Source, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: source.clone(),
            label: None,
            help: None,
        }
    }

    /// Points at some bytes, with a note. A place outside the text is brought back to its end.
    #[must_use]
    pub fn at(mut self, span: Range<usize>, text: impl Into<String>) -> Self {
        let source = self.source.inner();
        let start = boundary(source, span.start);
        let end = boundary(source, span.end).max(start);
        self.label = Some(Label {
            span: start..end,
            text: text.into(),
        });
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Where in the file.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        let label = self.label.as_ref()?;
        let before = self.source.inner().get(..label.span.start)?;
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Some(Position { line, column })
    }
}

fn boundary(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset)
        .rev()
        .find(|candidate| text.is_char_boundary(*candidate))
        .unwrap_or(0)
}

impl Problems {
    /// Puts problems in reading order: the configuration `first`, then the files it names, each from top to bottom.
    #[must_use]
    pub fn in_order(mut problems: Vec<Problem>, first: &str) -> Self {
        let start = |problem: &Problem| {
            problem
                .label
                .as_ref()
                .map(|label| (label.span.start, label.span.end))
        };
        problems.sort_by(|a, b| {
            let key = |p: &Problem| {
                (
                    p.source.name() != first,
                    p.source.name().to_owned(),
                    start(p),
                )
            };
            key(a).cmp(&key(b))
        });
        // What holds everywhere is read once for each environment.
        let mut kept: Vec<Problem> = Vec::with_capacity(problems.len());
        for problem in problems {
            if !kept.contains(&problem) {
                kept.push(problem);
            }
        }
        let problems = kept;
        Self(problems)
    }

    /// The problems, in reading order.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("the configuration has a problem"),
            many => write!(f, "the configuration has {many} problems"),
        }
    }
}

impl std::error::Error for Problem {}
impl std::error::Error for Problems {}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = self.label.as_ref()?;
        let text = (!label.text.is_empty()).then(|| label.text.clone());
        let span = LabeledSpan::new(text, label.span.start, label.span.len());
        Some(Box::new(std::iter::once(span)))
    }
}

impl Diagnostic for Problems {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(
            self.0.iter().map(|problem| problem as &dyn Diagnostic),
        ))
    }
}
