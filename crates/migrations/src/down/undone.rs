//! What takes back what.

use crate::change::{Guard, What};
use crate::written::Operation;

/// Whether something has to be undone for the schema to be what it was.
pub(super) fn needs(what: &What) -> bool {
    match what {
        // They go on, and nobody minds.
        What::ValidateConstraint { .. }
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

/// Whether one change takes another one back.
pub(super) fn undoes(down: &What, up: &What) -> bool {
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
        ) => table == of && name.as_ref() == Some(dropped),
        (
            What::DropConstraint { table, name, .. },
            What::AddConstraint {
                table: of,
                name: added,
                ..
            },
        ) => table == of && added.as_ref() == Some(name),
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
            name.as_ref() == Some(dropped)
        }
        (What::DropIndex { name, .. }, What::CreateIndex { name: created, .. }) => {
            created.as_ref() == Some(name)
        }
        // What replaced another one is not undone by dropping it: the other one is gone.
        (
            What::CreateView {
                view,
                replaces: Guard::New,
            },
            What::DropObject { name, .. },
        )
        | (What::DropObject { name, .. }, What::CreateView { view, .. })
        | (
            What::CreateView {
                view,
                replaces: Guard::MayBeThere,
            },
            What::CreateView { view: name, .. },
        ) => view == name,
        (
            What::CreateObject {
                kind,
                name,
                guard: Guard::New,
            },
            What::DropObject {
                kind: of,
                name: other,
                ..
            },
        )
        | (
            What::DropObject { kind, name, .. },
            What::CreateObject {
                kind: of,
                name: other,
                ..
            },
        )
        | (
            What::CreateObject {
                kind,
                name,
                guard: Guard::MayBeThere,
            },
            What::CreateObject {
                kind: of,
                name: other,
                ..
            },
        )
        | (
            What::Interferes { kind, name },
            What::DropObject {
                kind: of,
                name: other,
                ..
            },
        )
        | (
            What::DropObject { kind, name, .. },
            What::Interferes {
                kind: of,
                name: other,
            },
        ) => kind == of && name == other,
        // Made twice, it is not what it was.
        (
            What::Interferes { kind, name },
            What::Interferes {
                kind: of,
                name: other,
            },
        ) => kind == of && name == other && !matches!(*kind, "trigger" | "policy"),
        (What::AttachPartition { partition, .. }, What::DetachPartition { partition: of, .. })
        | (What::DetachPartition { partition, .. }, What::AttachPartition { partition: of, .. }) => {
            partition == of
        }
        _ => false,
    }
}

/// What belongs to a table or column goes with it.
pub(super) fn is_within(operation: &Operation, up: &[Operation], down: &[Operation]) -> bool {
    let (table, columns) = match &operation.change.0 {
        What::CreateIndex { table, .. }
        | What::AddConstraint { table, .. }
        | What::AddColumn { table, .. } => (table, [].as_slice()),
        What::SetNotNull { table, column }
        | What::SetDefault { table, column }
        | What::DropDefault { table, column } => (table, std::slice::from_ref(column)),
        What::Update { table, columns } => (table, columns.as_slice()),
        _ => return false,
    };
    let created = |what: &What| matches!(what, What::CreateTable { table: of, .. } if of == table);
    let dropped = |what: &What| matches!(what, What::DropTable { table: of } if of == table);
    let any = |operations: &[Operation], is_it: &dyn Fn(&What) -> bool| {
        operations.iter().any(|one| is_it(&one.change.0))
    };
    let with_table = any(up, &created) && any(down, &dropped);
    let goes = |name: &String| {
        let added = |what: &What| matches!(what, What::AddColumn { table: of, column } if of == table && column.name == *name);
        let dropped = |what: &What| matches!(what, What::DropColumn { table: of, column } if of == table && column == name);
        any(up, &added) && any(down, &dropped)
    };
    let with_columns = !columns.is_empty() && columns.iter().all(goes);
    with_table || with_columns
}
