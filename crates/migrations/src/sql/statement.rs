//! Statements.

use sqlparser::ast::{
    AlterIndexOperation, AlterTypeOperation, AssignmentTarget, Delete, DropBehavior, FromTable,
    ObjectName, ObjectType, OnConflictAction, OnInsert, Query, ReferentialAction, SchemaName,
    SetExpr, Statement, TableFactor, TableObject, TableWithJoins, Update,
};

use super::names::{ident, name};
use super::table;
use crate::change::{Beside, Guard, Takes, Unique, What};

/// What a statement does; nothing where nobody knows.
pub(super) fn changes(statement: &Statement) -> Option<Vec<What>> {
    Some(vec![match statement {
        Statement::CreateTable(written) => return table::create(written),
        Statement::AlterTable(written) => return table::alter(written),
        Statement::Drop {
            object_type,
            names,
            cascade,
            ..
        } => {
            let takes = takes(Some(cascade), &true);
            let drops: Option<Vec<What>> = names
                .iter()
                .map(|name| dropped(*object_type, name, takes))
                .collect();
            return drops;
        }
        Statement::CreateIndex(index) => What::CreateIndex {
            name: index.name.as_ref().map(name),
            table: name(&index.table_name),
            unique: match index.unique {
                true => Unique::Yes,
                false => Unique::No,
            },
            way: match index.concurrently {
                true => Beside::Concurrently,
                false => Beside::Locking,
            },
        },
        Statement::AlterIndex {
            name: index,
            operation,
        } => match operation {
            AlterIndexOperation::RenameIndex { index_name } => What::RenameIndex {
                name: name(index),
                to: name(index_name),
            },
        },
        Statement::CreateView(view) => What::CreateView {
            view: name(&view.name),
            replaces: guard(&[view.or_replace, view.if_not_exists]),
        },
        Statement::CreateType { name: kind, .. } => object("type", name(kind), Guard::New),
        Statement::CreateDomain(domain) => object("domain", name(&domain.name), Guard::New),
        Statement::CreateSequence {
            name: sequence,
            if_not_exists,
            ..
        } => object("sequence", name(sequence), guard(&[*if_not_exists])),
        Statement::CreateFunction(function) => object(
            "function",
            name(&function.name),
            guard(&[function.or_replace, function.if_not_exists]),
        ),
        Statement::CreateExtension(extension) => {
            // Whether it was there makes no difference: nothing of it is replaced.
            object("extension", ident(&extension.name), Guard::New)
        }
        Statement::CreateSchema { schema_name, .. } => {
            object("schema", schema(schema_name), Guard::New)
        }
        Statement::CreateRole(role) => {
            let names: Vec<String> = role.names.iter().map(name).collect();
            object("role", names.join(", "), Guard::New)
        }
        Statement::DropFunction(function) => {
            let takes = takes(function.drop_behavior.as_ref(), &DropBehavior::Cascade);
            let names = function.func_desc.iter().map(|one| name(&one.name));
            let drops = names.map(|name| removed("function", name, takes));
            return Some(drops.collect());
        }
        Statement::DropDomain(domain) => {
            let takes = takes(domain.drop_behavior.as_ref(), &DropBehavior::Cascade);
            removed("domain", name(&domain.name), takes)
        }
        Statement::DropExtension(extension) => {
            let takes = takes(
                extension.cascade_or_restrict.as_ref(),
                &ReferentialAction::Cascade,
            );
            let names = extension.names.iter().map(ident);
            let drops = names.map(|name| removed("extension", name, takes));
            return Some(drops.collect());
        }
        // A trigger's name is its table's own.
        Statement::DropTrigger(trigger) => {
            let takes = takes(trigger.option.as_ref(), &ReferentialAction::Cascade);
            let table = name(trigger.table_name.as_ref()?);
            removed("trigger", of(&name(&trigger.trigger_name), &table), takes)
        }
        Statement::CreateTrigger(trigger) => {
            let kind = match trigger.or_replace {
                true => "replaced trigger",
                false => "trigger",
            };
            interferes(kind, of(&name(&trigger.name), &name(&trigger.table_name)))
        }
        Statement::CreatePolicy(policy) => interferes(
            "policy",
            of(&ident(&policy.name), &name(&policy.table_name)),
        ),
        Statement::DropPolicy(policy) => {
            let takes = takes(policy.drop_behavior.as_ref(), &DropBehavior::Cascade);
            removed(
                "policy",
                of(&ident(&policy.name), &name(&policy.table_name)),
                takes,
            )
        }
        Statement::AlterPolicy(policy) => interferes(
            "altered policy",
            of(&ident(&policy.name), &name(&policy.table_name)),
        ),
        Statement::AlterType(written) => altered_type(&name(&written.name), &written.operation),
        Statement::Comment { object_name, .. } => nothing(format!("comment on {object_name}")),
        Statement::Set(set) => nothing(set.to_string()),
        Statement::StartTransaction { .. } | Statement::Commit { .. } => {
            nothing("transaction".to_owned())
        }
        Statement::Grant(_) => nothing("grant".to_owned()),
        Statement::Revoke(_) => removed("right", "of somebody".to_owned(), Takes::Itself),
        Statement::Lock(lock) => {
            let tables = lock.tables.iter().map(|table| name(&table.name));
            return Some(tables.map(|table| What::LockTable { table }).collect());
        }
        Statement::Truncate(truncate) => {
            let tables = truncate.table_names.iter().map(|table| name(&table.name));
            return Some(tables.map(|table| What::Truncate { table }).collect());
        }
        // What it reads may be what it deletes.
        Statement::Insert(insert)
            if insert
                .source
                .as_ref()
                .is_some_and(|query| query.with.is_some()) =>
        {
            return None;
        }
        Statement::Insert(insert) => match (&insert.table, &insert.on) {
            // It updates the rows that are there.
            (TableObject::TableName(table), Some(OnInsert::OnConflict(conflict)))
                if conflict.action != OnConflictAction::DoNothing =>
            {
                let (table, columns) = (name(table), Vec::new());
                What::Update { table, columns }
            }
            (TableObject::TableName(table), _) => What::Insert { table: name(table) },
            _ => return None,
        },
        Statement::Update(written) => update(written)?,
        Statement::Delete(written) => delete(written)?,
        Statement::Query(query) => selects_nothing(query)?,
        _ => return None,
    }])
}

/// `OR REPLACE`, `IF NOT EXISTS`: any of them means that something may be there.
fn guard(clauses: &[bool]) -> Guard {
    match clauses.contains(&true) {
        true => Guard::MayBeThere,
        false => Guard::New,
    }
}

fn object(kind: &'static str, name: String, guard: Guard) -> What {
    What::CreateObject { kind, name, guard }
}

/// What is called so on a table of its own.
fn of(name: &str, table: &str) -> String {
    format!("{name} of {table}")
}

fn removed(kind: &'static str, name: String, takes: Takes) -> What {
    What::DropObject { kind, name, takes }
}

/// What was said behind the name, and what it would be to take along whatever depends on it.
fn takes<B: PartialEq>(said: Option<&B>, cascade: &B) -> Takes {
    match said {
        Some(said) if said == cascade => Takes::Dependents,
        Some(_) | None => Takes::Itself,
    }
}

fn interferes(kind: &'static str, name: String) -> What {
    What::Interferes { kind, name }
}

fn nothing(what: String) -> What {
    What::Nothing { what }
}

fn schema(written: &SchemaName) -> String {
    match written {
        SchemaName::Simple(simple) | SchemaName::NamedAuthorization(simple, _) => name(simple),
        SchemaName::UnnamedAuthorization(owner) => ident(owner),
    }
}

fn dropped(kind: ObjectType, of: &ObjectName, takes: Takes) -> Option<What> {
    let removed = |kind: &'static str, name: String| removed(kind, name, takes);
    let name = name(of);
    Some(match kind {
        ObjectType::Table | ObjectType::ForeignTable => What::DropTable { table: name },
        ObjectType::Index => What::DropIndex {
            name,
            way: Beside::Locking,
        },
        ObjectType::View => removed("view", name),
        ObjectType::MaterializedView => removed("materialized view", name),
        ObjectType::Schema => removed("schema", name),
        ObjectType::Sequence => removed("sequence", name),
        ObjectType::Type => removed("type", name),
        ObjectType::Role | ObjectType::User | ObjectType::Group => removed("role", name),
        ObjectType::Collation => removed("collation", name),
        ObjectType::Database | ObjectType::Stage | ObjectType::Stream | ObjectType::Warehouse => {
            return None;
        }
    })
}

fn altered_type(kind: &str, operation: &AlterTypeOperation) -> What {
    let kind = kind.to_owned();
    match operation {
        AlterTypeOperation::AddValue(added) => What::AddEnumValue {
            kind,
            value: added.value.value.clone(),
        },
        AlterTypeOperation::RenameValue(renamed) => What::RenameEnumValue {
            kind,
            value: renamed.from.value.clone(),
        },
        AlterTypeOperation::Rename(renamed) => What::RenameObject {
            kind: "type",
            name: kind,
            to: ident(&renamed.new_name),
        },
    }
}

fn update(written: &Update) -> Option<What> {
    let mut columns = Vec::new();
    for assignment in &written.assignments {
        match &assignment.target {
            AssignmentTarget::ColumnName(column) => columns.push(name(column)),
            AssignmentTarget::Tuple(several) => columns.extend(several.iter().map(name)),
        }
    }
    let table = table_of(&written.table)?;
    Some(What::Update { table, columns })
}

fn delete(written: &Delete) -> Option<What> {
    let (FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables)) = &written.from;
    let table = table_of(tables.first()?)?;
    Some(What::Delete { table })
}

fn table_of(table: &TableWithJoins) -> Option<String> {
    match &table.relation {
        TableFactor::Table { name: table, .. } => Some(name(table)),
        _ => None,
    }
}

/// A query changes nothing, unless a function in it does, or a statement in its `WITH`.
fn selects_nothing(query: &Query) -> Option<What> {
    let text = query.to_string();
    // What pg_dump writes at the beginning of a baseline.
    const SETTINGS: [&str; 2] = ["SELECT pg_catalog.set_config(", "SELECT pg_catalog.setval("];
    if SETTINGS.iter().any(|start| text.starts_with(start)) {
        return Some(nothing("settings".to_owned()));
    }
    let plain = query.with.is_none()
        && matches!(query.body.as_ref(), SetExpr::Select(select) if select.into.is_none())
        && !text.contains('(');
    plain.then(|| nothing("select".to_owned()))
}
