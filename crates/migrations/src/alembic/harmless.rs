//! Calls that only build a value, or say something: whatever is not among them is followed, or unknown. A list of what may be
//! called, never of what may not.

use ruff_python_ast::{Expr, ExprCall};

use super::Lines;
use super::call::{is_operation, root, table_of, tail};
use super::value::{Scope, Value};

/// Functions of SQLAlchemy that build a statement, an expression, a type or a table.
const FUNCTIONS: [&str; 47] = [
    "text",
    "table",
    "column",
    "select",
    "insert",
    "update",
    "delete",
    "literal",
    "literal_column",
    "bindparam",
    "and_",
    "or_",
    "not_",
    "cast",
    "case",
    "exists",
    "null",
    "true",
    "false",
    "asc",
    "desc",
    "distinct",
    "type_coerce",
    "extract",
    "tuple_",
    "union",
    "union_all",
    "any_",
    "all_",
    "over",
    "array",
    "values",
    "join",
    "outerjoin",
    "collate",
    "nullsfirst",
    "nullslast",
    "aggregate_order_by",
    "quoted_name",
    "declarative_base",
    "mapped_column",
    "relationship",
    "sessionmaker",
    // Both read alone.
    "inspect",
    "from_engine",
    "dialect",
    "as_mutable",
];

/// What goes on building where something was built.
const METHODS: [&str; 41] = [
    "where",
    "values",
    "returning",
    "from_select",
    "order_by",
    "group_by",
    "having",
    "limit",
    "offset",
    "distinct",
    "select_from",
    "join",
    "outerjoin",
    "label",
    "cast",
    "is_",
    "is_not",
    "isnot",
    "in_",
    "not_in",
    "notin_",
    "like",
    "ilike",
    "between",
    "desc",
    "asc",
    "nullsfirst",
    "nullslast",
    "bindparams",
    "columns",
    "with_variant",
    "execution_options",
    "scalar_subquery",
    "as_scalar",
    "subquery",
    "exists",
    "alias",
    "contains",
    "startswith",
    "on_conflict_do_nothing",
    "on_conflict_do_update",
];

/// What a result is asked.
const RESULTS: [&str; 13] = [
    "fetchall",
    "fetchone",
    "first",
    "all",
    "one",
    "one_or_none",
    "scalar",
    "scalars",
    "scalar_one",
    "scalar_one_or_none",
    "mappings",
    "keys",
    "partitions",
];

/// Of Python's own.
const BUILTINS: [&str; 17] = [
    "print",
    "len",
    "str",
    "repr",
    "int",
    "float",
    "bool",
    "list",
    "tuple",
    "dict",
    "set",
    "range",
    "enumerate",
    "zip",
    "isinstance",
    "min",
    "max",
];

/// Of texts.
const TEXTS: [&str; 12] = [
    "format",
    "strip",
    "lstrip",
    "rstrip",
    "join",
    "lower",
    "upper",
    "replace",
    "split",
    "splitlines",
    "encode",
    "title",
];

const LOGS: [&str; 6] = ["info", "debug", "warning", "error", "critical", "log"];

/// `op.f`, `op.get_context()`: what they give, and nothing else.
const OPERATIONS: [&str; 4] = ["f", "get_context", "inline_literal", "get_bind"];

/// Whether a call does nothing but build, say or read, given that its arguments and what it is called on do nothing else.
pub(super) fn is_harmless(call: &ExprCall, scope: &Scope, lines: &Lines) -> bool {
    match call.func.as_ref() {
        Expr::Name(name) => BUILTINS.contains(&name.id.as_str()) || is_builder(&call.func, scope),
        Expr::Attribute(attribute) => {
            let (name, of) = (attribute.attr.as_str(), attribute.value.as_ref());
            let of_batch =
                matches!(of, Expr::Name(of) if scope.batches.contains_key(of.id.as_str()));
            let operation =
                OPERATIONS.contains(&name) && (of_batch || is_operation(call, name, scope));
            operation
                || is_builder(&call.func, scope)
                || is_chained(name, of, scope, lines)
                || is_result(name, of)
                || is_of_text(name, of, scope, lines)
                || is_log(name, of)
        }
        _ => false,
    }
}

/// `sa.text`, `postgresql.JSONB`, `sa.func.now`: a dotted name of SQLAlchemy's, and the last part of it builds.
fn is_builder(func: &Expr, scope: &Scope) -> bool {
    let (Some(root), Some(name)) = (dotted(func), tail(func)) else {
        return false;
    };
    let of_alchemy = scope.builders.iter().any(|one| one == root);
    of_alchemy && (FUNCTIONS.contains(&name) || is_class(name) || is_function(func))
}

/// `func.now`, `sa.func.now`
fn is_function(func: &Expr) -> bool {
    match func {
        Expr::Attribute(attribute) => tail(&attribute.value) == Some("func"),
        _ => false,
    }
}

/// The first part of a dotted name in which nothing is called.
fn dotted(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => dotted(&attribute.value),
        _ => None,
    }
}

/// `Column`, `JSONB`: made, and nothing done.
fn is_class(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Whether a call takes types: an operation, what SQLAlchemy builds, another type.
pub(super) fn takes_types(call: &ExprCall, scope: &Scope) -> bool {
    let Some(root) = dotted(&call.func) else {
        return false;
    };
    let known = |names: &[String]| names.iter().any(|one| one == root);
    known(&scope.operations)
        || known(&scope.builders)
        || scope.batches.contains_key(root)
        || tail(&call.func).is_some_and(is_class)
}

/// A type of somebody's own as an argument: `Vector(3)`, `models.GUID()`.
pub(super) fn is_made(expr: &Expr) -> Option<&ExprCall> {
    match expr {
        Expr::Call(call)
            if dotted(&call.func).is_some() && tail(&call.func).is_some_and(is_class) =>
        {
            Some(call)
        }
        _ => None,
    }
}

/// `sa.text("…").bindparams(…)`, `users.update().where(…)`, `users.c.id.is_(None)`
fn is_chained(name: &str, of: &Expr, scope: &Scope, lines: &Lines) -> bool {
    if matches!(name, "update" | "insert" | "delete" | "select") {
        return table_of(of, scope, lines).is_some();
    }
    let root = root(of);
    let built = root.is_some_and(|root| {
        scope.builders.iter().any(|one| one == root) || scope.tables.contains_key(root)
    });
    built && METHODS.contains(&name)
}

/// `conn.execute(…).fetchall()`: what is executed is followed.
fn is_result(name: &str, of: &Expr) -> bool {
    let executed = match of {
        Expr::Call(call) => match tail(&call.func) {
            Some("execute" | "exec_driver_sql") => true,
            Some(tail) => RESULTS.contains(&tail),
            None => false,
        },
        _ => false,
    };
    executed && RESULTS.contains(&name)
}

fn is_of_text(name: &str, of: &Expr, scope: &Scope, lines: &Lines) -> bool {
    let text = matches!(of, Expr::StringLiteral(_) | Expr::FString(_))
        || matches!(scope.value(of, lines), Value::Text(..));
    let helps = matches!(
        (of, name),
        (Expr::Name(of), "dedent" | "cleandoc") if matches!(of.id.as_str(), "textwrap" | "inspect")
    );
    (text && TEXTS.contains(&name)) || helps
}

fn is_log(name: &str, of: &Expr) -> bool {
    let logger = match of {
        Expr::Call(call) => tail(&call.func) == Some("getLogger"),
        other => dotted(other).is_some_and(|root| {
            let bare = root.trim_matches('_').to_lowercase();
            matches!(bare.as_str(), "log" | "logger" | "logging")
        }),
    };
    let made = name == "getLogger" && matches!(of, Expr::Name(of) if of.id.as_str() == "logging");
    made || (logger && LOGS.contains(&name))
}
