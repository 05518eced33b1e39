//! What each change means for the code that runs beside it: the table, as PostgreSQL's documentation has it. Every row is asked of
//! SQL and of Alembic in `fixtures/migrations/corpus.json`, where it says which sentence of the documentation decides.
//!
//! `[DOC]` marks what the documentation says. What it leaves open is judged for the worst: a reader of the table may declare otherwise.

mod columns;
mod constraints;
mod objects;
mod tables;

pub(crate) use columns::is_the_same;

use crate::change::{Change, What};
use crate::known::Known;

/// What a change means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether the code just before the revision runs on the schema after it.
    pub runs: Runs,
    /// Because of what.
    pub why: String,
    /// What it keeps out, and for how long.
    pub lock: Lock,
    /// Because of what.
    pub how: String,
}

/// Whether the code just before a revision runs on the schema after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Runs {
    /// Yes: something is added that it does not know.
    Expands,
    /// It may: that depends on what the code does, and only people know.
    Unknown,
    /// Something that it may use is taken away or demanded of it: only people know whether it does.
    Contracts,
    /// No: code of before cannot know what it would have to.
    Breaks,
}

/// What a change keeps out, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lock {
    /// For a moment: only the catalog changes. It still waits for who holds the table, and others wait behind it.
    Brief,
    /// It may take long, and neither reads nor writes wait.
    Online,
    /// Rows that it writes are held until the end of the transaction.
    Rows,
    /// Nobody can tell.
    Unknown,
    /// Writes wait while every row is looked at.
    Writes,
    /// Reads and writes wait while every row is looked at.
    All,
    /// Reads and writes wait while the table is written again.
    Rewrite,
}

impl Lock {
    /// Whether others go on meanwhile.
    #[must_use]
    pub fn is_online(self) -> bool {
        match self {
            Self::Brief | Self::Online => true,
            Self::Rows | Self::Unknown | Self::Writes | Self::All | Self::Rewrite => false,
        }
    }

    /// For people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Brief => "for a moment",
            Self::Online => "online",
            Self::Rows => "locks rows",
            Self::Unknown => "unknown",
            Self::Writes => "blocks writes",
            Self::All => "blocks reads and writes",
            Self::Rewrite => "rewrites the table",
        }
    }
}

impl Finding {
    fn new(runs: Runs, why: impl Into<String>, lock: Lock, how: impl Into<String>) -> Self {
        Self {
            runs,
            why: why.into(),
            lock,
            how: how.into(),
        }
    }

    /// The worse of two, each for itself.
    fn worse(self, other: Self) -> Self {
        let (runs, why) = match other.runs > self.runs {
            true => (other.runs, other.why),
            false => (self.runs, self.why),
        };
        let (lock, how) = match other.lock > self.lock {
            true => (other.lock, other.how),
            false => (self.lock, self.how),
        };
        Self::new(runs, why, lock, how)
    }

    /// Nothing that anybody would notice.
    fn nothing(why: &str) -> Self {
        Self::new(Runs::Expands, why, Lock::Brief, "only the catalog changes")
    }

    fn brief(runs: Runs, why: impl Into<String>) -> Self {
        Self::new(runs, why, Lock::Brief, "only the catalog changes")
    }
}

const NEW: &str = "it was made in this revision: nobody uses it yet";

/// What a change means, after what is known.
pub(crate) fn finding(change: &Change, known: &Known) -> Finding {
    match &change.0 {
        What::CreateTable { .. }
        | What::DropTable { .. }
        | What::RenameTable { .. }
        | What::RewriteTable { .. }
        | What::TableSetting { .. }
        | What::LockTable { .. }
        | What::AttachPartition { .. }
        | What::DetachPartition { .. }
        | What::Insert { .. }
        | What::Update { .. }
        | What::Delete { .. }
        | What::Truncate { .. } => tables::finding(&change.0, known),
        What::AddColumn { .. }
        | What::DropColumn { .. }
        | What::RenameColumn { .. }
        | What::SetNotNull { .. }
        | What::DropNotNull { .. }
        | What::SetDefault { .. }
        | What::DropDefault { .. }
        | What::SetType { .. }
        | What::AddIdentity { .. } => columns::finding(&change.0, known),
        What::AddConstraint { .. }
        | What::ValidateConstraint { .. }
        | What::DropConstraint { .. }
        | What::RenameConstraint { .. }
        | What::CreateIndex { .. }
        | What::DropIndex { .. }
        | What::RenameIndex { .. }
        | What::Reindex { .. } => constraints::finding(&change.0, known),
        What::AddEnumValue { .. }
        | What::RenameEnumValue { .. }
        | What::CreateView { .. }
        | What::Refresh { .. }
        | What::CreateObject { .. }
        | What::DropObject { .. }
        | What::RenameObject { .. }
        | What::Interferes { .. }
        | What::Nothing { .. }
        | What::Unknown { .. } => objects::finding(&change.0, known),
    }
}
