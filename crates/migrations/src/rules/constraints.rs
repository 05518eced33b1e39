//! Constraints and indexes.

use super::{Finding, Lock, NEW, Runs};
use crate::change::{Beside, Check, Kinds, Unique, What};
use crate::known::Known;

pub(super) fn finding(what: &What, known: &Known) -> Finding {
    match what {
        What::AddConstraint { table, .. } | What::CreateIndex { table, .. }
            if known.is_new(table) =>
        {
            Finding::nothing(NEW)
        }
        What::AddConstraint { kind, check, .. } => add(kind, *check),
        // "validation acquires only a SHARE UPDATE EXCLUSIVE lock on the table being altered" [DOC].
        What::ValidateConstraint { .. } => Finding::new(
            Runs::Expands,
            "new rows have to pass it already",
            Lock::Online,
            "every row is looked at under a SHARE UPDATE EXCLUSIVE lock: reads and writes go on",
        ),
        What::DropConstraint { table, name, kind } => {
            drop_constraint(kind.as_ref().or_else(|| known.constraint(table, name)))
        }
        What::RenameConstraint { .. } => Finding::brief(
            Runs::Unknown,
            "`ON CONFLICT ON CONSTRAINT` and what reads errors know the old name",
        ),
        What::CreateIndex { unique, way, .. } => create_index(*unique, *way),
        What::DropIndex { name, way } => drop_index(known.index(name), *way),
        What::RenameIndex { .. } => Finding::nothing("statements do not name indexes"),
        // "REINDEX locks out writes but not reads of the index's parent table. It also takes an ACCESS EXCLUSIVE lock on the
        // specific index being processed" [DOC].
        What::Reindex { way, .. } => match way {
            Beside::Concurrently => Finding::new(
                Runs::Expands,
                "the schema stays as it is",
                Lock::Online,
                "`CONCURRENTLY` locks out no writes",
            ),
            Beside::Locking => Finding::new(
                Runs::Expands,
                "the schema stays as it is",
                Lock::All,
                "writes wait, and reads that would use the index",
            ),
        },
        _ => super::objects::finding(what, known),
    }
}

fn add(kind: &Kinds, check: Check) -> Finding {
    let why = match kind {
        Kinds::Check(_) => "rows of the code before it may not pass the check",
        Kinds::ForeignKey => "the code before it may write or delete what the foreign key refuses",
        Kinds::Unique | Kinds::Primary | Kinds::Exclude => {
            "the code before it may write what is there already"
        }
    };
    let (lock, how) = match (kind, check) {
        (_, Check::NotYet) => (Lock::Brief, "rows that are there are not looked at"),
        // "if … the index's columns are not already marked NOT NULL, then this command will attempt to do ALTER COLUMN SET NOT NULL
        // against each such column. That requires a full table scan" [DOC].
        (Kinds::Primary, Check::ByIndex) => (
            Lock::All,
            "columns that allow NULL are scanned under an ACCESS EXCLUSIVE lock",
        ),
        (_, Check::ByIndex) => (Lock::Brief, "the index is there already"),
        // "ADD FOREIGN KEY requires only a SHARE ROW EXCLUSIVE lock" [DOC].
        (Kinds::ForeignKey, Check::Now) => (
            Lock::Writes,
            "every row is looked at while both tables are locked against writes: `NOT VALID` first, `VALIDATE` later",
        ),
        (Kinds::Check(_), Check::Now) => (
            Lock::All,
            "every row is looked at under an ACCESS EXCLUSIVE lock: `NOT VALID` first, `VALIDATE` later",
        ),
        (Kinds::Unique | Kinds::Primary | Kinds::Exclude, Check::Now) => (
            Lock::All,
            "its index is built under an ACCESS EXCLUSIVE lock: `CREATE UNIQUE INDEX CONCURRENTLY` first, `USING INDEX` later",
        ),
    };
    // A unique index that is there is what refuses rows, not its new name.
    let runs = match (kind, check) {
        (Kinds::Unique, Check::ByIndex) => Runs::Expands,
        _ => Runs::Contracts,
    };
    Finding::new(runs, why, lock, how)
}

fn drop_constraint(kind: Option<&Kinds>) -> Finding {
    let why = match kind {
        Some(Kinds::Check(_)) => "the code before it may not expect what the check kept out",
        Some(Kinds::ForeignKey) => {
            "the code before it may rely on it: `ON DELETE`, rows that always have their parent"
        }
        Some(Kinds::Unique | Kinds::Primary | Kinds::Exclude) => {
            "`ON CONFLICT` of the code before it needs it"
        }
        None => "the code before it may rely on it, whatever it is",
    };
    let runs = match kind {
        Some(Kinds::Unique | Kinds::Primary | Kinds::Exclude) => Runs::Contracts,
        Some(Kinds::Check(_) | Kinds::ForeignKey) | None => Runs::Unknown,
    };
    Finding::brief(runs, why)
}

/// "Other transactions can still read the table, but if they try to insert, update, or delete rows in the table they will block
/// until the index build is finished." [DOC]
fn create_index(unique: Unique, way: Beside) -> Finding {
    let (runs, why) = match unique {
        Unique::Yes => (
            Runs::Contracts,
            "the code before it may write what is there already",
        ),
        Unique::No => (Runs::Expands, "statements do not name indexes"),
    };
    match way {
        Beside::Concurrently => Finding::new(
            runs,
            why,
            Lock::Online,
            "`CONCURRENTLY` takes no lock that keeps out writes",
        ),
        Beside::Locking => Finding::new(
            runs,
            why,
            Lock::Writes,
            "writes wait until the index is built: `CONCURRENTLY`",
        ),
    }
}

fn drop_index(unique: Option<Unique>, way: Beside) -> Finding {
    let (runs, why) = match unique {
        Some(Unique::No) => (
            Runs::Expands,
            "statements do not name indexes; those that used it are slower",
        ),
        Some(Unique::Yes) => (
            Runs::Contracts,
            "`ON CONFLICT` of the code before it needs it",
        ),
        None => (
            Runs::Unknown,
            "if it is unique, `ON CONFLICT` of the code before it needs it",
        ),
    };
    match way {
        Beside::Concurrently => Finding::new(
            runs,
            why,
            Lock::Online,
            "`CONCURRENTLY` waits, and locks nobody out",
        ),
        Beside::Locking => Finding::brief(runs, why),
    }
}
