//! Changes as people read them.

use std::fmt;

use super::{Beside, Check, Guard, Takes, Unique, What};

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let beside = |way: &Beside| match way {
            Beside::Concurrently => " concurrently",
            Beside::Locking => "",
        };
        match self {
            Self::CreateTable { table, .. } => write!(f, "create table {table}"),
            Self::DropTable { table } => write!(f, "drop table {table}"),
            Self::RenameTable { table, to } => write!(f, "rename table {table} to {to}"),
            Self::AddColumn { table, column } => write!(f, "add column {table}.{}", column.name),
            Self::DropColumn { table, column } => write!(f, "drop column {table}.{column}"),
            Self::RenameColumn { table, column, to } => {
                write!(f, "rename column {table}.{column} to {to}")
            }
            Self::SetNotNull { table, column } => write!(f, "set {table}.{column} not null"),
            Self::DropNotNull { table, column } => write!(f, "allow NULL in {table}.{column}"),
            Self::SetDefault { table, column } => write!(f, "set the default of {table}.{column}"),
            Self::DropDefault { table, column } => {
                write!(f, "drop the default of {table}.{column}")
            }
            Self::SetType {
                table,
                column,
                from,
                to,
                ..
            } => match from {
                Some(from) => write!(f, "change {table}.{column} from {from} to {to}"),
                None => write!(f, "change {table}.{column} to {to}"),
            },
            Self::AddIdentity { table, column } => write!(f, "make {table}.{column} an identity"),
            Self::AddConstraint {
                table,
                name,
                kind,
                check,
            } => {
                write!(f, "add {} ", kind.words())?;
                if let Some(name) = name {
                    write!(f, "{name} ")?;
                }
                write!(f, "to {table}")?;
                match check {
                    Check::Now => Ok(()),
                    Check::NotYet => write!(f, ", not valid yet"),
                    Check::ByIndex => write!(f, ", by an index that is there"),
                }
            }
            Self::ValidateConstraint { table, name } => write!(f, "validate {name} of {table}"),
            Self::DropConstraint { table, name, .. } => {
                write!(f, "drop constraint {name} of {table}")
            }
            Self::RenameConstraint { table, name, to } => {
                write!(f, "rename constraint {name} of {table} to {to}")
            }
            Self::CreateIndex {
                name,
                table,
                unique,
                way,
            } => {
                let unique = match unique {
                    Unique::Yes => "unique ",
                    Unique::No => "",
                };
                write!(f, "create {unique}index ")?;
                if let Some(name) = name {
                    write!(f, "{name} ")?;
                }
                write!(f, "on {table}{}", beside(way))
            }
            Self::DropIndex { name, way } => write!(f, "drop index {name}{}", beside(way)),
            Self::RenameIndex { name, to } => write!(f, "rename index {name} to {to}"),
            Self::Reindex { what, way } => write!(f, "reindex {what}{}", beside(way)),
            Self::AddEnumValue { kind, value } => write!(f, "add value '{value}' to {kind}"),
            Self::RenameEnumValue { kind, value } => write!(f, "rename value '{value}' of {kind}"),
            Self::CreateView { view, .. } => write!(f, "create view {view}"),
            Self::Refresh { view, way } => write!(f, "refresh {view}{}", beside(way)),
            Self::AttachPartition { table, partition } => {
                write!(f, "attach partition {partition} to {table}")
            }
            Self::DetachPartition {
                table,
                partition,
                way,
            } => {
                write!(f, "detach partition {partition} of {table}{}", beside(way))
            }
            Self::RewriteTable { table, how } => write!(f, "{how} {table}"),
            Self::TableSetting { table, how } => write!(f, "alter {table}: {how}"),
            Self::LockTable { table } => write!(f, "lock {table}"),
            Self::Insert { table } => write!(f, "insert into {table}"),
            Self::Update { table, .. } => write!(f, "update {table}"),
            Self::Delete { table } => write!(f, "delete from {table}"),
            Self::Truncate { table } => write!(f, "truncate {table}"),
            Self::CreateObject { kind, name, guard } => match guard {
                Guard::New => write!(f, "create {kind} {name}"),
                Guard::MayBeThere => write!(f, "create or replace {kind} {name}"),
            },
            Self::DropObject { kind, name, takes } => match takes {
                Takes::Itself => write!(f, "drop {kind} {name}"),
                Takes::Dependents => write!(f, "drop {kind} {name} cascade"),
            },
            Self::RenameObject { kind, name, to } => write!(f, "rename {kind} {name} to {to}"),
            Self::Interferes { kind, name } => write!(f, "change {kind} {name}"),
            Self::Nothing { what } | Self::Unknown { what, .. } => f.write_str(what),
        }
    }
}
