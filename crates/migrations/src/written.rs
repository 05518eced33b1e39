//! A revision as its tool reads it, before anybody judges it.

use crate::change::{Change, What};
use crate::problem::Problem;

/// One thing that is done, and where it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operation {
    pub(crate) line: usize,
    pub(crate) change: Change,
    pub(crate) within: Within,
}

/// Whether it is done inside a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Within {
    Transaction,
    /// Each statement for itself.
    Nothing,
    /// The tool decides, and how is not in the file.
    NotKnown,
}

impl Operation {
    pub(crate) fn new(line: usize, what: What) -> Self {
        Self {
            line,
            change: Change(what),
            within: Within::NotKnown,
        }
    }

    pub(crate) fn unknown(line: usize, what: impl Into<String>) -> Self {
        Self::new(line, What::unknown(what))
    }

    pub(crate) fn within(self, within: Within) -> Self {
        Self { within, ..self }
    }
}

/// One way of a revision.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Script {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) operations: Vec<Operation>,
}

/// A comment, without its marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comment {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// The name of another revision, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) id: String,
    pub(crate) line: usize,
}

/// A revision as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Written {
    pub(crate) id: String,
    /// The line of its name.
    pub(crate) line: usize,
    pub(crate) title: String,
    pub(crate) parents: Vec<Reference>,
    /// Revisions that have to be there before, and are no parents.
    pub(crate) needs: Vec<Reference>,
    pub(crate) labels: Vec<String>,
    pub(crate) up: Script,
    pub(crate) down: Down,
    pub(crate) comments: Vec<Comment>,
    /// Whether it is applied again whenever it changes.
    pub(crate) repeats: Repeats,
}

/// The way down, as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Down {
    Script(Script),
    /// There is none.
    Absent {
        file: String,
        line: usize,
        why: String,
    },
}

/// Whether a revision is applied once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeats {
    Once,
    WhenChanged,
}

/// What a layout finds in a directory: revisions, and how they follow each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    pub(crate) revisions: Vec<Written>,
    pub(crate) problems: Vec<Problem>,
}
