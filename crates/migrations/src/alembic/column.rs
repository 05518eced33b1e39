//! Columns as SQLAlchemy writes them.

use ruff_python_ast::{Expr, ExprCall};

use super::Lines;
use super::call::{root, tail};
use super::value::{Scope, Value as Python};
use crate::change::{Column, Kinds, Null, Value};
use crate::kind::Kind;
use crate::sql;

/// SQLAlchemy's types, and what PostgreSQL calls them.
const KINDS: [(&str, &str); 39] = [
    ("String", "varchar"),
    ("Unicode", "varchar"),
    ("VARCHAR", "varchar"),
    ("NVARCHAR", "varchar"),
    ("AutoString", "varchar"),
    ("Text", "text"),
    ("UnicodeText", "text"),
    ("TEXT", "text"),
    ("CHAR", "char"),
    ("Integer", "integer"),
    ("INTEGER", "integer"),
    ("Boolean", "boolean"),
    ("BOOLEAN", "boolean"),
    ("BigInteger", "bigint"),
    ("BIGINT", "bigint"),
    ("SmallInteger", "smallint"),
    ("SMALLINT", "smallint"),
    ("Numeric", "numeric"),
    ("NUMERIC", "numeric"),
    ("DECIMAL", "numeric"),
    ("Float", "double precision"),
    ("FLOAT", "double precision"),
    ("Double", "double precision"),
    ("DOUBLE_PRECISION", "double precision"),
    ("REAL", "real"),
    ("Date", "date"),
    ("DATE", "date"),
    ("Interval", "interval"),
    ("INTERVAL", "interval"),
    ("LargeBinary", "bytea"),
    ("BYTEA", "bytea"),
    ("JSON", "json"),
    ("JSONB", "jsonb"),
    ("UUID", "uuid"),
    ("Uuid", "uuid"),
    ("INET", "inet"),
    ("CIDR", "cidr"),
    ("TSVECTOR", "tsvector"),
    ("HSTORE", "hstore"),
];

/// A type; nothing where it is the team's own.
pub(super) fn kind(expr: &Expr, scope: &Scope, lines: &Lines) -> Option<Kind> {
    if let Some(name) = enum_name(expr, scope, lines) {
        return Some(Kind::parse(&name));
    }
    let call = match expr {
        Expr::Call(call) => Some(call),
        _ => None,
    };
    let name = tail(call.map_or(expr, |call| call.func.as_ref()))?;
    let keyword = |wanted: &str| call.and_then(|call| keyword(call, wanted));
    if let "DateTime" | "TIMESTAMP" | "Time" | "TIME" = name {
        let first = call.and_then(|call| call.arguments.args.first());
        let zone = match first.or_else(|| keyword("timezone")) {
            None => false,
            Some(expr) => match scope.value(expr, lines) {
                Python::True => true,
                Python::False => false,
                _ => return None,
            },
        };
        let given = call.map_or(0, |call| call.arguments.len());
        if given > usize::from(first.is_some() || keyword("timezone").is_some()) {
            return None;
        }
        let base = match (name, zone) {
            ("DateTime" | "TIMESTAMP", true) => "timestamptz",
            ("DateTime" | "TIMESTAMP", false) => "timestamp",
            (_, true) => "timetz",
            (_, false) => "time",
        };
        return Some(Kind::parse(base));
    }
    if name == "ARRAY" {
        let of = kind(call?.arguments.args.first()?, scope, lines)?;
        return Some(Kind::parse(&format!("{of}[]")));
    }
    let (_, base) = KINDS.iter().find(|(known, _)| *known == name)?;
    let sizes = match call {
        Some(call) => sizes(call, base, scope, lines)?,
        None => Vec::new(),
    };
    let sizes: Vec<String> = sizes.iter().map(u64::to_string).collect();
    Some(match sizes.is_empty() {
        true => Kind::parse(base),
        false => Kind::parse(&format!("{base}({})", sizes.join(", "))),
    })
}

/// The sizes of a type; nothing where they are not written out, or it says something else that is not known.
fn sizes(call: &ExprCall, base: &str, scope: &Scope, lines: &Lines) -> Option<Vec<u64>> {
    // What Python makes of the values, and no database sees.
    const HARMLESS: [&str; 8] = [
        "asdecimal",
        "decimal_return_scale",
        "as_uuid",
        "native_uuid",
        "none_as_null",
        "astext_type",
        "create_constraint",
        "collation",
    ];
    let sized = matches!(base, "varchar" | "char" | "numeric");
    let whole = matches!(base, "json" | "jsonb" | "uuid" | "bytea" | "boolean");
    let size = |expr: &Expr| match expr {
        Expr::NumberLiteral(number) => match &number.value {
            ruff_python_ast::Number::Int(number) => Some(number.as_u64()),
            _ => None,
        },
        expr if scope.value(expr, lines) == Python::None => Some(None),
        _ => None,
    };
    let mut found = Vec::new();
    for argument in &call.arguments.args {
        match (sized, whole) {
            (true, _) => found.extend(size(argument)?),
            (false, true) => {}
            (false, false) => return None,
        }
    }
    for name in ["length", "precision", "scale"] {
        if let Some(written) = keyword(call, name) {
            match (sized, whole) {
                (true, _) => found.extend(size(written)?),
                (false, true) => {}
                (false, false) => return None,
            }
        }
    }
    let known =
        |name: &str| HARMLESS.contains(&name) || matches!(name, "length" | "precision" | "scale");
    let mut keywords = call.arguments.keywords.iter();
    let all = keywords.all(|keyword| keyword.arg.as_ref().is_some_and(|arg| known(arg.as_str())));
    all.then_some(found)
}

/// The name of the type that `sa.Enum("a", "b", name="status")` stands for.
pub(super) fn enum_name(expr: &Expr, scope: &Scope, lines: &Lines) -> Option<String> {
    match expr {
        // Without a type of its own it is a text.
        Expr::Call(call)
            if matches!(tail(&call.func), Some("Enum" | "ENUM"))
                && keyword(call, "native_enum")
                    .is_none_or(|native| scope.value(native, lines) == Python::True) =>
        {
            scope.text(keyword(call, "name")?, lines)
        }
        Expr::Name(name) => scope.kinds.get(name.id.as_str()).cloned(),
        _ => None,
    }
}

pub(super) fn keyword<'p>(call: &'p ExprCall, name: &str) -> Option<&'p Expr> {
    let mut keywords = call.arguments.keywords.iter();
    let is_it =
        |one: &&ruff_python_ast::Keyword| one.arg.as_ref().is_some_and(|arg| arg.as_str() == name);
    keywords.find(is_it).map(|one| &one.value)
}

/// `sa.Column("name", sa.Integer(), sa.ForeignKey("users.id"), nullable=False, server_default="0")`
pub(super) fn column(expr: &Expr, scope: &Scope, lines: &Lines) -> Option<Column> {
    let Expr::Call(call) = expr else {
        return None;
    };
    if tail(&call.func) != Some("Column") {
        return None;
    }
    // What is handed on from elsewhere may say anything.
    if call.arguments.keywords.iter().any(|one| one.arg.is_none()) {
        return None;
    }
    let mut typed = false;
    let mut arguments = call.arguments.args.iter();
    let mut column = Column::new(scope.text(arguments.next()?, lines)?);
    let is_yes = |name: &str| keyword(call, name).map(|expr| scope.value(expr, lines));
    for argument in arguments {
        let call = match argument {
            Expr::Call(call) => Some(call),
            Expr::Starred(_) => return None,
            _ => None,
        };
        match call.and_then(|call| tail(&call.func)) {
            Some("ForeignKey") => {
                let to = call.and_then(|call| call.arguments.args.first());
                let to = to.and_then(|to| scope.text(to, lines));
                column.refers = Some(table_before_column(&to.unwrap_or_default()));
            }
            Some("Identity") => column.value = Value::Identity,
            Some("Computed") => column.value = call.map_or(Value::Stored, computed),
            Some("CheckConstraint") => column.checked = Some(Kinds::Check(None)),
            Some("Sequence") => column.value = Value::Volatile,
            _ if typed => return None,
            _ => {
                typed = true;
                column.kind = kind(argument, scope, lines);
            }
        }
    }
    match is_yes("primary_key") {
        None | Some(Python::False) => {}
        Some(_) => {
            column.unique = Some(Kinds::Primary);
            column.null = Null::Not;
        }
    }
    match is_yes("nullable") {
        None | Some(Python::True) => {}
        Some(Python::False) => column.null = Null::Not,
        // Whatever it is, it may say no.
        Some(_) => return None,
    }
    match is_yes("unique") {
        None | Some(Python::False | Python::None) => {}
        Some(_) => column.unique = column.unique.or(Some(Kinds::Unique)),
    }
    if let Some(default) = keyword(call, "server_default") {
        column.value = server_default(default, scope, lines);
    }
    Some(column)
}

/// SQLAlchemy stores what is computed, where it does not say otherwise.
fn computed(call: &ExprCall) -> Value {
    match keyword(call, "persisted") {
        Some(Expr::BooleanLiteral(persisted)) if !persisted.value => Value::Virtual,
        _ => Value::Stored,
    }
}

/// `"0"` is a literal, `sa.text("now()")` an expression, `sa.func.now()` a function.
pub(super) fn server_default(expr: &Expr, scope: &Scope, lines: &Lines) -> Value {
    match (scope.value(expr, lines), expr) {
        (Python::None, _) => Value::None,
        (Python::Text(text, _), Expr::Call(_)) => sql::default_value(&text),
        // A name may stand for a text, and for an expression that is one.
        (Python::Text(text, _), Expr::Name(_)) => sql::default_value(&text),
        (Python::Text(..), _) => Value::Constant,
        (_, Expr::Call(call)) => match tail(&call.func) {
            Some("false" | "true") => Value::Constant,
            Some("null") => Value::None,
            Some("Identity") => Value::Identity,
            Some("Computed") => computed(call),
            Some(function) if is_function(&call.func) => {
                let of = |argument: &Expr| match argument {
                    Expr::StringLiteral(_) | Expr::NumberLiteral(_) | Expr::BooleanLiteral(_) => {
                        Value::Constant
                    }
                    other => server_default(other, scope, lines),
                };
                let given = call.arguments.args.iter().map(of);
                given.fold(sql::default_value(&format!("{function}()")), sql::worse)
            }
            Some(other) => Value::Unknown(other.to_owned()),
            None => Value::Unknown("a default".to_owned()),
        },
        _ => Value::Unknown("a default that is not written out".to_owned()),
    }
}

/// `sa.func.now`, `func.now`
fn is_function(expr: &Expr) -> bool {
    match expr {
        Expr::Attribute(attribute) => tail(&attribute.value) == Some("func"),
        _ => root(expr) == Some("func"),
    }
}

/// `users.id`, `auth.users.id`
pub(super) fn table_before_column(text: &str) -> String {
    match text.rsplit_once('.') {
        Some((table, _)) => table.to_owned(),
        None => text.to_owned(),
    }
}
