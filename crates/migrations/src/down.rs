//! What going down again loses. That nothing is lost is only said where it is seen; what a release has written since, the way down
//! may take with it.

use crate::change::{Change, Check, Kinds, Value, What};
use crate::known::Known;
use crate::problem::Place;
use crate::rules::{Runs, finding};
use crate::verdict::{By, Judged};
use crate::written::{Down, Operation, Written};

/// Whether what a revision does can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayDown {
    /// Yes, and nothing is lost.
    Lossless,
    /// Yes, and data is lost.
    Lossy,
    /// No.
    Absent,
}

/// Whether people may say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certain {
    /// It is so.
    Yes,
    /// It is not known that nothing is lost: somebody may know more.
    No,
}

/// What the way down of a revision is, as far as it can be seen. `known` is what was known before the revision.
pub(crate) fn way_down(written: &Written, known: &Known) -> (Judged<WayDown>, Certain) {
    let up = &written.up.operations;
    let of_up = |operation: &Operation| Place::new(&written.up.file, operation.line);
    let lasts = |operation: &&Operation| !matches!(operation.change.0, What::Nothing { .. });
    let script = match &written.down {
        Down::Absent { file, line, why } => {
            let place = Place::new(file, *line);
            return (
                judged(WayDown::Absent, By::Linted, place, why),
                Certain::Yes,
            );
        }
        Down::Script(script) => script,
    };
    let at_down = Place::new(&script.file, script.line);
    let of_down = |operation: &Operation| Place::new(&script.file, operation.line);
    let Some(first) = up.iter().find(lasts) else {
        let why = "it changes nothing that lasts";
        return (
            judged(WayDown::Lossless, By::Linted, at_down, why),
            Certain::No,
        );
    };
    if !script.operations.iter().any(|one| lasts(&one)) {
        let why = format!("it does nothing, and \"{}\" is not undone", first.change);
        return (
            judged(WayDown::Absent, By::Linted, at_down, &why),
            Certain::Yes,
        );
    }
    let moves = up.iter().any(|one| moves_data(&one.change.0));
    if let Some((operation, why)) = up
        .iter()
        .find_map(|one| Some((one, destroys(&one.change.0, known)?)))
    {
        let certain = match moves {
            true => Certain::No,
            false => Certain::Yes,
        };
        let why = format!("\"{}\": {why}", operation.change);
        return (
            judged(WayDown::Lossy, By::Linted, of_up(operation), &why),
            certain,
        );
    }
    let unknown = |operation: &&Operation| matches!(operation.change.0, What::Unknown { .. });
    let soft =
        |place: Place, why: String| (judged(WayDown::Lossy, By::Nobody, place, &why), Certain::No);
    if let Some(operation) = up.iter().find(unknown) {
        return soft(
            of_up(operation),
            format!("what it does nobody can tell: {}", operation.change),
        );
    }
    if let Some(operation) = script.operations.iter().find(unknown) {
        return soft(
            of_down(operation),
            format!("what it does nobody can tell: {}", operation.change),
        );
    }
    let undone = |operation: &&Operation| {
        let down = &script.operations;
        down.iter()
            .any(|one| undoes(&one.change.0, &operation.change.0))
            || is_within(operation, up, down)
    };
    if let Some(operation) = up
        .iter()
        .filter(lasts)
        .find(|one| needs(&one.change.0) && !undone(one))
    {
        return soft(
            of_up(operation),
            format!("\"{}\" is not undone", operation.change),
        );
    }
    let loses = |operation: &Operation| loses(&operation.change.0, up, known);
    if let Some((operation, why)) = script
        .operations
        .iter()
        .find_map(|one| Some((one, loses(one)?)))
    {
        return soft(
            of_down(operation),
            format!("\"{}\": {why}", operation.change),
        );
    }
    let why = "everything is undone, and nothing that was written is lost";
    (
        judged(WayDown::Lossless, By::Linted, at_down, why),
        Certain::No,
    )
}

fn judged(value: WayDown, by: By, place: Place, why: &str) -> Judged<WayDown> {
    Judged {
        value,
        by,
        place,
        why: why.to_owned(),
    }
}

/// Data may have been put in safety first.
fn moves_data(what: &What) -> bool {
    match what {
        What::Insert { .. } | What::Update { .. } | What::Unknown { .. } => true,
        // `CREATE TABLE … AS`
        What::CreateTable { columns, .. } => columns.is_empty(),
        _ => false,
    }
}

/// What is gone when the way up is done.
fn destroys(what: &What, known: &Known) -> Option<&'static str> {
    match what {
        What::DropTable { .. } => Some("its rows are gone when it is done"),
        What::DropColumn { table, column } if known.is_computed(table, column) => None,
        What::DropColumn { .. } => Some("its values are gone when it is done"),
        What::Truncate { .. } | What::Delete { .. } => Some("the rows are gone when it is done"),
        _ => None,
    }
}

/// What going down loses of what was written since.
fn loses(what: &What, up: &[Operation], known: &Known) -> Option<&'static str> {
    match what {
        What::DropTable { .. } => Some("what was written to it since is lost"),
        What::DropColumn { table, column } => {
            let computed = up.iter().any(|one| match &one.change.0 {
                What::AddColumn {
                    table: of,
                    column: added,
                } => {
                    of == table
                        && added.name == *column
                        && matches!(added.value, Value::Stored | Value::Virtual)
                }
                _ => false,
            });
            (!computed).then_some("what was written to it since is lost")
        }
        What::Truncate { .. } | What::Delete { .. } => Some("the rows are lost"),
        What::Update { .. } => Some("whether it restores what was there nobody can tell"),
        What::SetNotNull { .. } => Some("it fails where a NULL was written since"),
        What::AddConstraint {
            check: Check::Now,
            kind,
            ..
        } => match kind {
            Kinds::Check(_)
            | Kinds::ForeignKey
            | Kinds::Unique
            | Kinds::Primary
            | Kinds::Exclude => Some("it fails where rows were written since that it refuses"),
        },
        What::SetType {
            table,
            column,
            from,
            to,
            using,
        } => {
            let made = up.iter().rev().find_map(|one| match &one.change.0 {
                What::SetType {
                    table: of,
                    column: other,
                    to,
                    ..
                } if of == table && other == column => Some(to.clone()),
                _ => None,
            });
            let change = Change(What::SetType {
                table: table.clone(),
                column: column.clone(),
                from: made.or(from.clone()),
                to: to.clone(),
                using: using.clone(),
            });
            (finding(&change, known).runs != Runs::Expands)
                .then_some("what was written since may not fit any more")
        }
        _ => None,
    }
}

/// Whether something has to be undone for the schema to be what it was.
fn needs(what: &What) -> bool {
    match what {
        // They go on, and nobody minds.
        What::AddEnumValue { .. }
        | What::ValidateConstraint { .. }
        | What::RewriteTable { .. }
        | What::TableSetting { .. }
        | What::LockTable { .. }
        | What::Refresh { .. }
        | What::Reindex { .. }
        | What::Nothing { .. }
        | What::Insert { .. } => false,
        What::CreateObject { kind, .. } => !matches!(*kind, "extension" | "schema" | "role"),
        _ => true,
    }
}

fn undoes(down: &What, up: &What) -> bool {
    match (up, down) {
        (What::CreateTable { table, .. }, What::DropTable { table: of }) => table == of,
        (What::DropTable { table }, What::CreateTable { table: of, .. }) => table == of,
        (
            What::RenameTable { table, to },
            What::RenameTable {
                table: of,
                to: back,
            },
        ) => to == of && table == back,
        (
            What::AddColumn { table, column },
            What::DropColumn {
                table: of,
                column: dropped,
            },
        ) => table == of && column.name == *dropped,
        (
            What::DropColumn { table, column },
            What::AddColumn {
                table: of,
                column: added,
            },
        ) => table == of && added.name == *column,
        (
            What::RenameColumn { table, column, to },
            What::RenameColumn {
                table: of,
                column: renamed,
                to: back,
            },
        ) => table == of && to == renamed && column == back,
        (
            What::SetNotNull { table, column },
            What::DropNotNull {
                table: of,
                column: other,
            },
        )
        | (
            What::DropNotNull { table, column },
            What::SetNotNull {
                table: of,
                column: other,
            },
        )
        | (
            What::SetDefault { table, column } | What::DropDefault { table, column },
            What::SetDefault {
                table: of,
                column: other,
            }
            | What::DropDefault {
                table: of,
                column: other,
            },
        )
        | (
            What::SetType { table, column, .. },
            What::SetType {
                table: of,
                column: other,
                ..
            },
        ) => table == of && column == other,
        (
            What::AddConstraint { table, name, .. },
            What::DropConstraint {
                table: of,
                name: dropped,
                ..
            },
        ) => table == of && name.as_ref().is_none_or(|name| name == dropped),
        (
            What::DropConstraint { table, name, .. },
            What::AddConstraint {
                table: of,
                name: added,
                ..
            },
        ) => table == of && added.as_ref().is_none_or(|added| added == name),
        (
            What::RenameConstraint { name, to, .. },
            What::RenameConstraint {
                name: renamed,
                to: back,
                ..
            },
        )
        | (
            What::RenameIndex { name, to },
            What::RenameIndex {
                name: renamed,
                to: back,
            },
        ) => to == renamed && name == back,
        (What::CreateIndex { name, .. }, What::DropIndex { name: dropped, .. }) => {
            name.as_ref().is_none_or(|name| name == dropped)
        }
        (What::DropIndex { name, .. }, What::CreateIndex { name: created, .. }) => {
            created.as_ref().is_none_or(|created| created == name)
        }
        (What::CreateView { view, .. }, What::DropObject { name, .. })
        | (What::DropObject { name, .. }, What::CreateView { view, .. })
        | (What::CreateView { view, .. }, What::CreateView { view: name, .. }) => view == name,
        (What::CreateObject { name, .. }, What::DropObject { name: other, .. })
        | (What::DropObject { name, .. }, What::CreateObject { name: other, .. })
        | (What::CreateObject { name, .. }, What::CreateObject { name: other, .. })
        | (What::Interferes { name, .. }, What::Interferes { name: other, .. }) => name == other,
        (What::AttachPartition { partition, .. }, What::DetachPartition { partition: of, .. })
        | (What::DetachPartition { partition, .. }, What::AttachPartition { partition: of, .. }) => {
            partition == of
        }
        _ => false,
    }
}

/// What belongs to a table or column goes with it.
fn is_within(operation: &Operation, up: &[Operation], down: &[Operation]) -> bool {
    let table = match &operation.change.0 {
        What::CreateIndex { table, .. }
        | What::AddConstraint { table, .. }
        | What::AddColumn { table, .. }
        | What::SetNotNull { table, .. }
        | What::SetDefault { table, .. }
        | What::DropDefault { table, .. }
        | What::Update { table, .. } => table,
        _ => return false,
    };
    let created = |what: &What| matches!(what, What::CreateTable { table: of, .. } if of == table);
    let added = |what: &What| matches!(what, What::AddColumn { table: of, .. } if of == table);
    let dropped = |what: &What| matches!(what, What::DropTable { table: of } if of == table);
    let column = |what: &What| matches!(what, What::DropColumn { table: of, .. } if of == table);
    let any = |operations: &[Operation], is_it: &dyn Fn(&What) -> bool| {
        operations.iter().any(|one| is_it(&one.change.0))
    };
    let with_table = any(up, &created) && any(down, &dropped);
    let with_column = any(up, &added)
        && any(down, &column)
        && !matches!(operation.change.0, What::AddColumn { .. });
    with_table || with_column
}
