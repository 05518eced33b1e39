//! Tables, their partitions, and the rows in them.

use super::{Finding, Lock, NEW, Runs};
use crate::change::{Beside, Guard, What};
use crate::known::Known;

pub(super) fn finding(what: &What, known: &Known) -> Finding {
    match what {
        What::CreateTable {
            guard: Guard::New,
            refers,
            ..
        } => {
            let others = refers.iter().any(|table| !known.is_new(table));
            let how = match others {
                true => "the tables it refers to are locked against writes for a moment",
                false => "nobody uses it yet",
            };
            Finding::new(Runs::Expands, "a new table", Lock::Brief, how)
        }
        What::CreateTable { .. } => Finding::brief(
            Runs::Unknown,
            "`IF NOT EXISTS`: whether it is this table nobody knows",
        ),
        What::DropTable { table } if known.is_new(table) => Finding::nothing(NEW),
        What::DropTable { .. } => Finding::brief(
            Runs::Contracts,
            "the code before it may still use the table",
        ),
        What::RenameTable { table, .. } if known.is_new(table) => Finding::nothing(NEW),
        What::RenameTable { .. } => {
            Finding::brief(Runs::Breaks, "the code before it knows the old name only")
        }
        What::RewriteTable { table, .. } if known.is_new(table) => Finding::nothing(NEW),
        What::RewriteTable { how, .. } if *how == crate::down::UNLOGGED => Finding::new(
            Runs::Unknown,
            "a crash empties a table that is not logged",
            Lock::Rewrite,
            "the table is written again under an ACCESS EXCLUSIVE lock",
        ),
        // CLUSTER, VACUUM FULL, SET LOGGED, SET TABLESPACE [DOC].
        What::RewriteTable { .. } => Finding::new(
            Runs::Expands,
            "the schema stays as it is",
            Lock::Rewrite,
            "the table is written again under an ACCESS EXCLUSIVE lock",
        ),
        What::TableSetting { .. } => Finding::nothing("code does not see it"),
        What::LockTable { .. } => Finding::new(
            Runs::Expands,
            "the schema stays as it is",
            Lock::All,
            "the lock is held until the end of the transaction",
        ),
        // "ATTACH PARTITION" takes SHARE UPDATE EXCLUSIVE on the parent, and scans the partition [DOC].
        What::AttachPartition { partition, .. } if known.is_new(partition) => Finding::brief(
            Runs::Unknown,
            "rows may go to the partition that the code before it looked for elsewhere",
        ),
        What::AttachPartition { .. } => Finding::new(
            Runs::Unknown,
            "rows that were elsewhere appear in the table",
            Lock::All,
            "the partition is scanned under an ACCESS EXCLUSIVE lock on it, unless a check says what is in it",
        ),
        What::DetachPartition { way, .. } => Finding::new(
            Runs::Contracts,
            "its rows are no longer in the table",
            match way {
                Beside::Concurrently => Lock::Online,
                Beside::Locking => Lock::Brief,
            },
            match way {
                Beside::Concurrently => "`CONCURRENTLY` takes a lesser lock",
                Beside::Locking => "an ACCESS EXCLUSIVE lock, for a moment",
            },
        ),
        What::Insert { table } if known.is_new(table) => Finding::nothing(NEW),
        What::Insert { .. } => Finding::new(
            Runs::Unknown,
            "the code before it meets rows that it did not write",
            Lock::Brief,
            "new rows are in nobody's way",
        ),
        What::Update { table, columns } => update(table, columns, known),
        What::Delete { table } if known.is_new(table) => Finding::nothing(NEW),
        What::Delete { .. } => Finding::new(
            Runs::Contracts,
            "the code before it may need the rows",
            Lock::Rows,
            "the rows are locked until the transaction ends",
        ),
        What::Truncate { table } if known.is_new(table) => Finding::nothing(NEW),
        What::Truncate { .. } => {
            Finding::brief(Runs::Contracts, "the code before it may need the rows")
        }
        _ => super::objects::finding(what, known),
    }
}

/// An update of columns that this revision adds is seen by nobody but for its locks.
fn update(table: &str, columns: &[String], known: &Known) -> Finding {
    if known.is_new(table) {
        return Finding::nothing(NEW);
    }
    let fills = !columns.is_empty()
        && columns
            .iter()
            .all(|column| known.is_new_column(table, column));
    let (runs, why) = match fills {
        true => (
            Runs::Expands,
            "it fills columns that the code before it does not know",
        ),
        false => (
            Runs::Unknown,
            "it changes values that the code before it may depend on",
        ),
    };
    let how = "the rows are locked until the transaction ends: other writers of them wait";
    Finding::new(runs, why, Lock::Rows, how)
}
