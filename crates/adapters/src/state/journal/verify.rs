//! Verifying a journal: every line against itself, against the one before it, and against where it lies.

use backstay_domain::DeploymentId;
use backstay_domain::journal::Record;

use super::envelope::{self, Line, Unsound};
use super::problem::Problem;
use crate::state::store::LogLines;

/// What of a journal can be believed, and what is wrong with the rest.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Verified {
    /// The records before the first problem.
    pub(super) records: Vec<Record>,
    /// The hash of each of their lines.
    pub(super) hashes: Vec<String>,
    /// The fence of the last of them.
    pub(super) fence: u64,
    pub(super) problems: Vec<Problem>,
}

impl Verified {
    pub(super) fn last_hash(&self) -> &str {
        self.hashes.last().map_or("", String::as_str)
    }

    /// The first problem that matters.
    pub(super) fn first_problem(&self) -> Option<&Problem> {
        self.problems.iter().find(|problem| !problem.is_harmless())
    }
}

pub(super) fn verify(deployment: &DeploymentId, log: &LogLines) -> Verified {
    let mut chain = Chain {
        deployment,
        expected: 0,
        before: Some(String::new()),
        fence: 0,
        verified: Verified::default(),
    };
    for (position, bytes) in &log.lines {
        chain.link(*position, bytes);
    }
    if log.torn > 0 {
        chain.wrong(Problem::Torn { bytes: log.torn });
    }
    chain.verified
}

struct Chain<'d> {
    deployment: &'d DeploymentId,
    /// The number of the next record.
    expected: u64,
    /// The hash of the line before; unknown after a line that cannot be believed or is missing.
    before: Option<String>,
    fence: u64,
    verified: Verified,
}

impl Chain<'_> {
    fn wrong(&mut self, problem: Problem) {
        self.verified.problems.push(problem);
    }

    fn link(&mut self, position: u64, bytes: &[u8]) {
        match envelope::parse(bytes) {
            Ok(line) => self.sound(position, line, envelope::hash(bytes)),
            Err(unsound) => self.unsound(position, unsound),
        }
    }

    fn sound(&mut self, position: u64, line: Line, hash: String) {
        let so_far = self.verified.problems.len();
        let record = line.record.sequence;
        self.place(record, position);
        self.content(&line);
        let unchained = self
            .before
            .as_ref()
            .is_some_and(|before| *before != line.after);
        // What is wrong with its place explains why it does not follow.
        if unchained && self.verified.problems.len() == so_far {
            self.wrong(Problem::Unchained { record });
        }
        if self.verified.problems.is_empty() {
            self.verified.hashes.push(hash.clone());
            self.verified.records.push(line.record);
            self.verified.fence = line.fence;
        }
        self.before = Some(hash);
    }

    fn unsound(&mut self, position: u64, unsound: Unsound) {
        // Places tell of gaps only until something is wrong: a line that left a file moves all that follow.
        if position > self.expected && self.verified.problems.is_empty() {
            self.wrong(Problem::Missing {
                from: self.expected,
                to: position - 1,
            });
            self.expected = position;
        }
        let record = self.expected;
        self.wrong(match unsound {
            Unsound::Unreadable(why) => Problem::Unreadable { record, why },
            Unsound::Changed => Problem::Changed { record },
            Unsound::TooNew(what) => Problem::TooNew { record, what },
        });
        self.expected = record.saturating_add(1);
        self.before = None;
    }

    fn place(&mut self, record: u64, position: u64) {
        let expected = self.expected;
        if record < expected {
            self.wrong(Problem::Repeated { record, expected });
            return;
        }
        if record > expected {
            self.wrong(Problem::Missing {
                from: expected,
                to: record - 1,
            });
            self.before = None;
        } else if record != position && self.verified.problems.is_empty() {
            self.wrong(Problem::Misplaced { record, position });
        }
        self.expected = record.saturating_add(1);
    }

    fn content(&mut self, line: &Line) {
        let record = line.record.sequence;
        if line.record.deployment != *self.deployment {
            let deployment = line.record.deployment.clone();
            self.wrong(Problem::Foreign { record, deployment });
        }
        if line.fence < self.fence {
            let (fence, before) = (line.fence, self.fence);
            self.wrong(Problem::FenceFell {
                record,
                fence,
                before,
            });
        }
        self.fence = self.fence.max(line.fence);
    }
}
