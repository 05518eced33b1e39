//! Columns as they are defined, and what their defaults are: the same for every row, or another one for each.

use sqlparser::ast::{
    ColumnDef, ColumnOption, DataType, Expr, FunctionArg, FunctionArgExpr, FunctionArguments,
    GeneratedExpressionMode, NullsDistinctOption, Value as Literal,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

use super::names::{ident, name};
use crate::change::{Column, Kinds, Null, Value};
use crate::kind::Kind;

/// Functions that give the same value for every row of a statement.
const STABLE: [&str; 23] = [
    "now",
    "current_timestamp",
    "transaction_timestamp",
    "statement_timestamp",
    "current_date",
    "current_time",
    "localtime",
    "localtimestamp",
    "current_user",
    "session_user",
    "user",
    "current_role",
    "current_schema",
    "current_database",
    "to_timestamp",
    "date_trunc",
    "timezone",
    "lower",
    "upper",
    "make_interval",
    "jsonb_build_object",
    "json_build_object",
    "jsonb_build_array",
];

/// Functions that give another value for every row.
const VOLATILE: [&str; 14] = [
    "clock_timestamp",
    "random",
    "random_normal",
    "gen_random_uuid",
    "gen_random_bytes",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
    "nextval",
    "timeofday",
    "setval",
    "txid_current",
];

pub(super) fn kind(kind: &DataType) -> Kind {
    Kind::parse(&kind.to_string())
}

pub(super) fn column(defined: &ColumnDef) -> Column {
    let mut column = Column {
        kind: (defined.data_type != DataType::Unspecified).then(|| kind(&defined.data_type)),
        ..Column::new(ident(&defined.name))
    };
    for option in &defined.options {
        match &option.option {
            ColumnOption::NotNull => column.null = Null::Not,
            ColumnOption::Default(expr) => column.value = of(expr),
            ColumnOption::PrimaryKey(_) => {
                column.null = Null::Not;
                column.unique = Some(Kinds::Primary);
            }
            // Where one NULL is like another, not even two rows without a value go.
            ColumnOption::Unique(unique) => {
                column.unique = Some(match unique.nulls_distinct {
                    NullsDistinctOption::NotDistinct => Kinds::Exclude,
                    NullsDistinctOption::Distinct | NullsDistinctOption::None => Kinds::Unique,
                });
            }
            ColumnOption::ForeignKey(key) => column.refers = Some(name(&key.foreign_table)),
            ColumnOption::Check(check) => column.checked = Some(checks(&check.expr)),
            ColumnOption::Generated {
                generation_expr,
                generation_expr_mode,
                ..
            } => {
                column.value = match (generation_expr, generation_expr_mode) {
                    (None, _) => Value::Identity,
                    (Some(_), Some(GeneratedExpressionMode::Stored)) => Value::Stored,
                    // Since PostgreSQL 18 that is what it is without a word.
                    (Some(_), Some(GeneratedExpressionMode::Virtual) | None) => Value::Virtual,
                };
            }
            ColumnOption::Identity(_) => column.value = Value::Identity,
            ColumnOption::Null
            | ColumnOption::Collation(_)
            | ColumnOption::Comment(_)
            | ColumnOption::CharacterSet(_) => {}
            other => column.value = Value::Unknown(other.to_string()),
        }
    }
    if column.kind.as_ref().is_some_and(Kind::is_serial) {
        column.null = Null::Not;
        column.value = Value::Identity;
    }
    column
}

/// What a check says, where it is no more than that a column is never NULL.
pub(super) fn checks(expr: &Expr) -> Kinds {
    match expr {
        Expr::Nested(inner) => checks(inner),
        Expr::IsNotNull(inner) => match inner.as_ref() {
            Expr::Identifier(column) => Kinds::Check(Some(ident(column))),
            _ => Kinds::Check(None),
        },
        _ => Kinds::Check(None),
    }
}

/// A default as it is written.
pub(crate) fn value(text: &str) -> Value {
    let dialect = PostgreSqlDialect {};
    let read = Parser::new(&dialect)
        .try_with_sql(text)
        .and_then(|mut parser| parser.parse_expr());
    match read {
        Ok(expr) => of(&expr),
        Err(_) => Value::Unknown(text.to_owned()),
    }
}

pub(super) fn of(expr: &Expr) -> Value {
    match expr {
        Expr::Value(literal) => match &literal.value {
            Literal::Null => Value::None,
            Literal::Placeholder(_) => Value::Unknown(expr.to_string()),
            _ => Value::Constant,
        },
        Expr::TypedString(_) | Expr::Interval(_) => Value::Constant,
        Expr::Nested(inner) => of(inner),
        Expr::Cast { expr, .. } | Expr::UnaryOp { expr, .. } | Expr::Collate { expr, .. } => {
            of(expr)
        }
        Expr::AtTimeZone { timestamp, .. } => of(timestamp),
        Expr::BinaryOp { left, right, .. } => worse(of(left), of(right)),
        Expr::Array(array) => array.elem.iter().map(of).fold(Value::Constant, worse),
        Expr::Function(function) => {
            let called = name(&function.name);
            let called = called.rsplit('.').next().unwrap_or_default();
            if VOLATILE.contains(&called) {
                Value::Volatile
            } else if STABLE.contains(&called) {
                // As constant as what it is given.
                arguments(&function.args)
            } else {
                Value::Unknown(expr.to_string())
            }
        }
        other => Value::Unknown(other.to_string()),
    }
}

fn arguments(given: &FunctionArguments) -> Value {
    let list = match given {
        FunctionArguments::None => return Value::Constant,
        FunctionArguments::Subquery(query) => return Value::Unknown(query.to_string()),
        FunctionArguments::List(list) => list,
    };
    let each = list.args.iter().map(|argument| {
        let (FunctionArg::Named { arg, .. }
        | FunctionArg::ExprNamed { arg, .. }
        | FunctionArg::Unnamed(arg)) = argument;
        match arg {
            FunctionArgExpr::Expr(expr) => of(expr),
            other => Value::Unknown(other.to_string()),
        }
    });
    each.fold(Value::Constant, worse)
}

/// Of two parts of an expression, what the whole of it is.
pub(crate) fn worse(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Volatile, _) | (_, Value::Volatile) => Value::Volatile,
        (Value::Unknown(what), _) | (_, Value::Unknown(what)) => Value::Unknown(what),
        _ => Value::Constant,
    }
}
