//! The view of a deployment that fits the reader: JSON lines, a live board, or plain lines.

use backstay_domain::journal::Record;
use backstay_domain::observation::Observation;
use backstay_domain::plan::Plan;
use backstay_domain::ports::Report;

use super::json::JsonLines;
use super::lines::Lines;
use super::live::Live;
use crate::shell::{Output, Shell};

/// One of the views.
pub enum AnyReport<'s> {
    /// For programs.
    Json(JsonLines<'s>),
    /// For people at a terminal.
    Live(Box<Live<'s>>),
    /// For people who read a log.
    Lines(Lines<'s>),
}

impl<'s> AnyReport<'s> {
    /// The view that fits.
    #[must_use]
    pub fn of(shell: &'s Shell, plan: &Plan) -> Self {
        match shell.output() {
            Output::Json => Self::Json(JsonLines::new(shell)),
            Output::Text if shell.is_watched() => Self::Live(Box::new(Live::new(shell, plan))),
            Output::Text => Self::Lines(Lines::new(shell)),
        }
    }
}

impl Report for AnyReport<'_> {
    fn recorded(&self, record: &Record) {
        match self {
            Self::Json(view) => view.recorded(record),
            Self::Live(view) => view.recorded(record),
            Self::Lines(view) => view.recorded(record),
        }
    }

    fn observed(&self, observation: &Observation) {
        match self {
            Self::Json(view) => view.observed(observation),
            Self::Live(view) => view.observed(observation),
            Self::Lines(view) => view.observed(observation),
        }
    }
}
