//! `ALTER TABLE`, action by action.

use sqlparser::ast::{
    AlterColumnOperation, AlterTable, AlterTableOperation, CreateTable, DetachPartitionMode,
    DropBehavior, GeneratedAs, Ident, ObjectName, RenameTableNameKind, TableConstraint,
};

use super::column::{checks, column, kind};
use super::names::{ident, name};
use crate::change::{Beside, Check, Column, Guard, Kinds, Takes, Value, What};

/// A constraint: its name, what it is, and whether an index that is there says so.
pub(super) fn constraint(written: &TableConstraint) -> Option<(Option<String>, Kinds, Check)> {
    let named = |name: &Option<Ident>| name.as_ref().map(ident);
    Some(match written {
        TableConstraint::Unique(one) => (named(&one.name), Kinds::Unique, Check::Now),
        TableConstraint::PrimaryKey(one) => (named(&one.name), Kinds::Primary, Check::Now),
        TableConstraint::ForeignKey(one) => (named(&one.name), Kinds::ForeignKey, Check::Now),
        TableConstraint::Check(one) => (named(&one.name), checks(&one.expr), Check::Now),
        TableConstraint::Exclude(one) => (named(&one.name), Kinds::Exclude, Check::Now),
        TableConstraint::PrimaryKeyUsingIndex(one) => {
            (named(&one.name), Kinds::Primary, Check::ByIndex)
        }
        TableConstraint::UniqueUsingIndex(one) => (named(&one.name), Kinds::Unique, Check::ByIndex),
        TableConstraint::Index(_) | TableConstraint::FulltextOrSpatial(_) => return None,
    })
}

pub(super) fn create(written: &CreateTable) -> Option<Vec<What>> {
    let table = name(&written.name);
    if written.temporary {
        let what = format!("create temporary table {table}");
        return Some(vec![What::Nothing { what }]);
    }
    let columns: Vec<_> = written.columns.iter().map(column).collect();
    let of_columns = columns.iter().filter_map(|column| column.refers.clone());
    let of_constraints = written.constraints.iter().filter_map(|one| match one {
        TableConstraint::ForeignKey(key) => Some(name(&key.foreign_table)),
        _ => None,
    });
    let constraints = written.constraints.iter().filter_map(constraint);
    Some(vec![What::CreateTable {
        guard: match written.if_not_exists {
            true => Guard::MayBeThere,
            false => Guard::New,
        },
        refers: of_columns.chain(of_constraints).collect(),
        constraints: constraints
            .filter_map(|(name, kind, _)| Some((name?, kind)))
            .collect(),
        table,
        columns,
    }])
}

pub(super) fn alter(written: &AlterTable) -> Option<Vec<What>> {
    let table = name(&written.name);
    let mut changes = Vec::new();
    for operation in &written.operations {
        changes.extend(action(&table, operation)?);
    }
    Some(changes)
}

fn action(table: &str, operation: &AlterTableOperation) -> Option<Vec<What>> {
    let table = table.to_owned();
    let setting = |table: String, how: &str| What::TableSetting {
        table,
        how: how.to_owned(),
    };
    let one = match operation {
        AlterTableOperation::AddColumn {
            column_def,
            if_not_exists,
            ..
        } => What::AddColumn {
            table,
            column: Column {
                guard: match if_not_exists {
                    true => Guard::MayBeThere,
                    false => Guard::New,
                },
                ..column(column_def)
            },
        },
        AlterTableOperation::DropColumn {
            column_names,
            drop_behavior,
            ..
        } => {
            let drops = column_names.iter().flat_map(|column| {
                let column = ident(column);
                let others = dependents(&format!("{table}.{column}"), drop_behavior.as_ref());
                let table = table.clone();
                [What::DropColumn { table, column }]
                    .into_iter()
                    .chain(others)
            });
            return Some(drops.collect());
        }
        AlterTableOperation::RenameColumn {
            old_column_name,
            new_column_name,
        } => What::RenameColumn {
            table,
            column: ident(old_column_name),
            to: ident(new_column_name),
        },
        AlterTableOperation::RenameTable {
            table_name: RenameTableNameKind::To(to) | RenameTableNameKind::As(to),
        } => What::RenameTable {
            table,
            to: name(to),
        },
        AlterTableOperation::AlterColumn { column_name, op } => {
            alter_column(table, ident(column_name), op)?
        }
        AlterTableOperation::AddConstraint {
            constraint: written,
            not_valid,
        } => {
            let (name, kind, check) = constraint(written)?;
            let check = match not_valid {
                true => Check::NotYet,
                false => check,
            };
            What::AddConstraint {
                table,
                name,
                kind,
                check,
            }
        }
        AlterTableOperation::ValidateConstraint { name } => What::ValidateConstraint {
            table,
            name: ident(name),
        },
        AlterTableOperation::DropConstraint {
            name,
            drop_behavior,
            ..
        } => {
            let name = ident(name);
            let others = dependents(&format!("{table}.{name}"), drop_behavior.as_ref());
            let kind = None;
            let dropped = What::DropConstraint { table, name, kind };
            return Some([dropped].into_iter().chain(others).collect());
        }
        AlterTableOperation::RenameConstraint { old_name, new_name } => What::RenameConstraint {
            table,
            name: ident(old_name),
            to: ident(new_name),
        },
        AlterTableOperation::AttachPartitionOf { partition, .. } => What::AttachPartition {
            table,
            partition: name(partition),
        },
        AlterTableOperation::DetachPartitionOf { partition, mode } => {
            detach(table, partition, mode.as_ref())
        }
        AlterTableOperation::SetLogged => What::RewriteTable {
            table,
            how: "make logged:",
        },
        AlterTableOperation::SetUnlogged => What::RewriteTable {
            table,
            how: crate::down::UNLOGGED,
        },
        // The rights of the one before go with it.
        AlterTableOperation::OwnerTo { .. } => What::Interferes {
            kind: "owner of",
            name: table,
        },
        AlterTableOperation::ReplicaIdentity { .. } => setting(table, "replica identity"),
        AlterTableOperation::SetOptionsParens { .. } | AlterTableOperation::ResetOptions { .. } => {
            setting(table, "storage parameters")
        }
        AlterTableOperation::EnableRowLevelSecurity
        | AlterTableOperation::ForceRowLevelSecurity
        | AlterTableOperation::DisableRowLevelSecurity
        | AlterTableOperation::NoForceRowLevelSecurity => What::Interferes {
            kind: "row level security",
            name: table,
        },
        AlterTableOperation::EnableTrigger { name }
        | AlterTableOperation::DisableTrigger { name }
        | AlterTableOperation::EnableAlwaysTrigger { name }
        | AlterTableOperation::EnableReplicaTrigger { name } => What::Interferes {
            kind: "the state of trigger",
            name: ident(name),
        },
        AlterTableOperation::EnableRule { name } | AlterTableOperation::DisableRule { name } => {
            What::Interferes {
                kind: "rule",
                name: ident(name),
            }
        }
        // The rest is another database's, or what it does is not known.
        _ => return None,
    };
    Some(vec![one])
}

/// `CASCADE`: what depends on a column or constraint goes with it, whatever it is.
fn dependents(of: &str, behavior: Option<&DropBehavior>) -> Option<What> {
    (behavior == Some(&DropBehavior::Cascade)).then(|| What::DropObject {
        kind: "what depends on",
        name: of.to_owned(),
        takes: Takes::Dependents,
    })
}

fn alter_column(table: String, column: String, op: &AlterColumnOperation) -> Option<What> {
    Some(match op {
        AlterColumnOperation::SetNotNull => What::SetNotNull { table, column },
        AlterColumnOperation::DropNotNull => What::DropNotNull { table, column },
        AlterColumnOperation::SetDefault { value } => match super::column::of(value) {
            Value::None => What::DropDefault { table, column },
            _ => What::SetDefault { table, column },
        },
        AlterColumnOperation::DropDefault => What::DropDefault { table, column },
        AlterColumnOperation::SetDataType {
            data_type, using, ..
        } => What::SetType {
            table,
            column,
            from: None,
            to: kind(data_type),
            using: using.as_ref().map(ToString::to_string),
        },
        AlterColumnOperation::AddGenerated { generated_as, .. } => match generated_as {
            Some(GeneratedAs::Always | GeneratedAs::ByDefault) | None => {
                What::AddIdentity { table, column }
            }
            Some(GeneratedAs::ExpStored) => return None,
        },
        AlterColumnOperation::GenericOptions { .. } => return None,
    })
}

fn detach(table: String, partition: &ObjectName, mode: Option<&DetachPartitionMode>) -> What {
    What::DetachPartition {
        table,
        partition: name(partition),
        way: match mode {
            Some(DetachPartitionMode::Concurrently | DetachPartitionMode::Finalize) => {
                Beside::Concurrently
            }
            None => Beside::Locking,
        },
    }
}
