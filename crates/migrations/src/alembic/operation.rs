//! `op.add_column(…)` and all the others: what each does, where its arguments are written out.

use ruff_python_ast::Expr;

use super::call::{Arguments, tail};
use super::column::{self, column, keyword, table_before_column};
use super::value::Value as Python;
use crate::change::{Beside, Check, Guard, Kinds, Unique, Value, What};

/// What an operation does; nothing where nobody can tell.
pub(super) fn changes(name: &str, arguments: &Arguments<'_>) -> Option<Vec<What>> {
    // Alembic's own names and orders of arguments.
    if arguments.is_open() && name != "create_table" {
        return None;
    }
    let one = match name {
        "create_table" => create_table(arguments)?,
        "drop_table" => What::DropTable {
            table: arguments.table(0, "table_name")?,
        },
        "rename_table" => What::RenameTable {
            table: arguments.table(0, "old_table_name")?,
            to: arguments.text(1, "new_table_name", 0)?,
        },
        "add_column" => return add_column(arguments),
        "drop_column" => What::DropColumn {
            table: arguments.table(0, "table_name")?,
            column: arguments.text(1, "column_name", 0)?,
        },
        "alter_column" => return alter_column(arguments),
        "create_index" => What::CreateIndex {
            name: arguments.text(0, "index_name", 1),
            table: arguments.table(1, "table_name")?,
            unique: match arguments.value("unique") {
                None | Some(Python::False | Python::None) => Unique::No,
                Some(_) => Unique::Yes,
            },
            way: beside(arguments),
        },
        "drop_index" => What::DropIndex {
            name: arguments.text(0, "index_name", 1)?,
            way: beside(arguments),
        },
        "create_foreign_key" => constraint(arguments, Kinds::ForeignKey)?,
        "create_unique_constraint" => constraint(arguments, Kinds::Unique)?,
        "create_primary_key" => constraint(arguments, Kinds::Primary)?,
        "create_exclude_constraint" => constraint(arguments, Kinds::Exclude)?,
        "create_check_constraint" => {
            let condition = arguments.text(2, "condition", 1).unwrap_or_default();
            constraint(arguments, Kinds::Check(never_null(&condition)))?
        }
        "drop_constraint" => What::DropConstraint {
            name: arguments.text(0, "constraint_name", 1)?,
            table: arguments.table(1, "table_name")?,
            kind: match arguments.text(2, "type_", 1).as_deref() {
                Some("foreignkey") => Some(Kinds::ForeignKey),
                Some("unique") => Some(Kinds::Unique),
                Some("primary") => Some(Kinds::Primary),
                Some("check") => Some(Kinds::Check(None)),
                Some(_) | None => None,
            },
        },
        "bulk_insert" => {
            let table = arguments.get(0, "table", usize::MAX)?;
            What::Insert {
                table: super::call::table_of(table, arguments.scope, arguments.lines)?,
            }
        }
        "create_table_comment" | "drop_table_comment" => What::Nothing {
            what: "comment on a table".to_owned(),
        },
        _ => return None,
    };
    Some(vec![one])
}

fn beside(arguments: &Arguments<'_>) -> Beside {
    match arguments.value("postgresql_concurrently") {
        Some(Python::True) => Beside::Concurrently,
        Some(_) | None => Beside::Locking,
    }
}

/// `email IS NOT NULL`
fn never_null(condition: &str) -> Option<String> {
    let bare = condition
        .trim()
        .trim_start_matches('(')
        .trim_end_matches(')');
    let words: Vec<&str> = bare.split_whitespace().collect();
    match words.as_slice() {
        [column, is, not, null]
            if is.eq_ignore_ascii_case("is")
                && not.eq_ignore_ascii_case("not")
                && null.eq_ignore_ascii_case("null") =>
        {
            Some(column.trim_matches('"').to_lowercase())
        }
        _ => None,
    }
}

fn constraint(arguments: &Arguments<'_>, kind: Kinds) -> Option<What> {
    let table = match kind {
        Kinds::ForeignKey => arguments.table(1, "source_table")?,
        _ => arguments.table(1, "table_name")?,
    };
    let check = match arguments.value("postgresql_not_valid") {
        Some(Python::True) => Check::NotYet,
        Some(_) | None => Check::Now,
    };
    Some(What::AddConstraint {
        table,
        name: arguments.text(0, "constraint_name", 1),
        kind,
        check,
    })
}

fn create_table(arguments: &Arguments<'_>) -> Option<What> {
    let (scope, lines) = (arguments.scope, arguments.lines);
    let table = arguments.table(0, "table_name")?;
    let mut columns = Vec::new();
    let mut refers = Vec::new();
    let mut constraints = Vec::new();
    for argument in arguments.call.arguments.args.iter().skip(1) {
        if let Some(column) = column(argument, scope, lines) {
            refers.extend(column.refers.clone());
            columns.push(column);
            continue;
        }
        let Expr::Call(call) = argument else {
            continue;
        };
        let kind = match tail(&call.func) {
            Some("PrimaryKeyConstraint") => Kinds::Primary,
            Some("UniqueConstraint") => Kinds::Unique,
            Some("CheckConstraint") => Kinds::Check(None),
            Some("ForeignKeyConstraint") => {
                if let Some(Python::List(to)) =
                    call.arguments.args.get(1).map(|to| scope.value(to, lines))
                {
                    refers.extend(to.iter().filter_map(|to| match to {
                        Python::Text(to, _) => Some(table_before_column(to)),
                        _ => None,
                    }));
                }
                Kinds::ForeignKey
            }
            _ => continue,
        };
        let name = keyword(call, "name").and_then(|name| scope.text(name, lines));
        constraints.extend(name.map(|name| (name, kind)));
    }
    let guard = match arguments.value("if_not_exists") {
        None | Some(Python::False | Python::None) => Guard::New,
        Some(_) => Guard::MayBeThere,
    };
    Some(What::CreateTable {
        table,
        guard,
        columns,
        refers,
        constraints,
    })
}

/// A column with `index=True` brings its index.
fn add_column(arguments: &Arguments<'_>) -> Option<Vec<What>> {
    let table = arguments.table(0, "table_name")?;
    let written = arguments.get(1, "column", 0)?;
    let mut column = column(written, arguments.scope, arguments.lines)?;
    column.guard = match arguments.value("if_not_exists") {
        None | Some(Python::False | Python::None) => Guard::New,
        Some(_) => Guard::MayBeThere,
    };
    let indexed = match written {
        Expr::Call(call) => keyword(call, "index"),
        _ => None,
    };
    let indexed = indexed.map(|expr| arguments.scope.value(expr, arguments.lines));
    let mut changes = vec![What::AddColumn {
        table: table.clone(),
        column,
    }];
    match indexed {
        None | Some(Python::False | Python::None) => {}
        Some(_) => changes.push(What::CreateIndex {
            name: None,
            table,
            unique: Unique::No,
            way: Beside::Locking,
        }),
    }
    Some(changes)
}

/// One call changes type, default, NULL and name, as far as they are named.
fn alter_column(arguments: &Arguments<'_>) -> Option<Vec<What>> {
    let (scope, lines) = (arguments.scope, arguments.lines);
    let table = arguments.table(0, "table_name")?;
    let column = arguments.text(1, "column_name", 0)?;
    let at = || (table.clone(), column.clone());
    let mut changes = Vec::new();
    if let Some(kind) = arguments.named("type_") {
        let (table, column) = at();
        let existing = arguments.named("existing_type");
        changes.push(What::SetType {
            table,
            column,
            from: existing.and_then(|kind| column::kind(kind, scope, lines)),
            to: column::kind(kind, scope, lines)?,
            using: match arguments.value("postgresql_using") {
                None | Some(Python::None) => None,
                Some(Python::Text(using, _)) => Some(using),
                Some(_) => return None,
            },
        });
    }
    if let Some(default) = arguments.named("server_default") {
        let (table, column) = at();
        changes.push(match scope.value(default, lines) {
            Python::None => What::DropDefault { table, column },
            // Neither set nor dropped.
            Python::False => What::Nothing {
                what: "the default stays".to_owned(),
            },
            _ => match column::server_default(default, scope, lines) {
                Value::None => What::DropDefault { table, column },
                _ => What::SetDefault { table, column },
            },
        });
    }
    if let Some(nullable) = arguments.value("nullable") {
        let (table, column) = at();
        changes.push(match nullable {
            Python::True => What::DropNotNull { table, column },
            Python::False => What::SetNotNull { table, column },
            Python::None => What::Nothing {
                what: "whether it may be NULL stays".to_owned(),
            },
            _ => return None,
        });
    }
    match arguments.value("new_column_name") {
        None | Some(Python::None) => {}
        Some(Python::Text(to, _)) => changes.push(What::RenameColumn { table, column, to }),
        Some(_) => return None,
    }
    if changes.is_empty() {
        let what = "comment on a column".to_owned();
        changes.push(What::Nothing { what });
    }
    Some(changes)
}
