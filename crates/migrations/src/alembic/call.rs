//! Calls: who is called, with what.

use ruff_python_ast::{Expr, ExprCall};

use super::Lines;
use super::value::{Scope, Value};

/// The last part of a dotted name: `sa.Column` and `Column` are the same.
pub(super) fn tail(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        _ => None,
    }
}

/// The first part of a dotted name, or of a chain of calls.
pub(super) fn root(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => root(&attribute.value),
        Expr::Call(call) => root(&call.func),
        _ => None,
    }
}

/// Whether a call is `op.name(…)`.
pub(super) fn is_operation(call: &ExprCall, name: &str, scope: &Scope) -> bool {
    match call.func.as_ref() {
        Expr::Attribute(attribute) => {
            attribute.attr.as_str() == name && is_named(&attribute.value, scope)
        }
        _ => false,
    }
}

/// Whether an expression is `op` itself.
pub(super) fn is_named(expr: &Expr, scope: &Scope) -> bool {
    matches!(expr, Expr::Name(of) if scope.operations.iter().any(|op| op == of.id.as_str()))
}

/// Whether an expression is the connection: `op.get_bind()`.
pub(super) fn is_connection(expr: &Expr, scope: &Scope) -> bool {
    match expr {
        Expr::Call(call) => is_operation(call, "get_bind", scope),
        Expr::Name(name) => scope.connections.iter().any(|one| one == name.id.as_str()),
        _ => false,
    }
}

/// The table that `sa.table("users", …)` or `sa.Table("users", …)` stands for.
pub(super) fn table_of(expr: &Expr, scope: &Scope, lines: &Lines) -> Option<String> {
    match expr {
        Expr::Call(call) if matches!(tail(&call.func), Some("table" | "Table")) => {
            scope.text(call.arguments.args.first()?, lines)
        }
        Expr::Name(name) => scope.tables.get(name.id.as_str()).cloned(),
        _ => None,
    }
}

/// The arguments of an operation.
pub(super) struct Arguments<'p> {
    pub(super) call: &'p ExprCall,
    /// The table of the batch that it stands in.
    pub(super) batch: Option<&'p str>,
    pub(super) scope: &'p Scope,
    pub(super) lines: &'p Lines,
}

impl<'p> Arguments<'p> {
    /// An argument by its place, as it is without a batch, or by its name. `table` is the place of the table's name, which a
    /// batch leaves out.
    pub(super) fn get(&self, at: usize, name: &str, table: usize) -> Option<&'p Expr> {
        let at = match self.batch {
            Some(_) if at == table => return None,
            Some(_) if at > table => at - 1,
            Some(_) | None => at,
        };
        self.call
            .arguments
            .args
            .get(at)
            .or_else(|| self.named(name))
    }

    pub(super) fn named(&self, name: &str) -> Option<&'p Expr> {
        let mut keywords = self.call.arguments.keywords.iter();
        let is_it = |keyword: &&ruff_python_ast::Keyword| {
            keyword.arg.as_ref().is_some_and(|arg| arg.as_str() == name)
        };
        keywords.find(is_it).map(|keyword| &keyword.value)
    }

    pub(super) fn text(&self, at: usize, name: &str, table: usize) -> Option<String> {
        self.scope.text(self.get(at, name, table)?, self.lines)
    }

    /// What a keyword says; [`Value::Other`] where nobody knows.
    pub(super) fn value(&self, name: &str) -> Option<Value> {
        Some(self.scope.value(self.named(name)?, self.lines))
    }

    /// Whether anything is handed on that is not written out: `*columns`, `**options`.
    pub(super) fn is_open(&self) -> bool {
        let arguments = &self.call.arguments;
        arguments
            .args
            .iter()
            .any(|one| matches!(one, Expr::Starred(_)))
            || arguments
                .keywords
                .iter()
                .any(|keyword| keyword.arg.is_none())
    }

    /// A table's name, with the schema that it is in.
    pub(super) fn table(&self, at: usize, name: &str) -> Option<String> {
        let table = match self.batch {
            Some(batch) => batch.to_owned(),
            None => self.text(at, name, at)?,
        };
        match self.value("schema") {
            None | Some(Value::None) => Some(table),
            Some(Value::Text(schema, _)) if schema == "public" => Some(table),
            Some(Value::Text(schema, _)) => Some(format!("{schema}.{table}")),
            Some(_) => None,
        }
    }
}
