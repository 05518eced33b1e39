//! Values that are written out: strings, lists, names of them. Nothing is computed but what cannot be otherwise.

use std::collections::BTreeMap;

use ruff_python_ast::{Expr, Operator, Stmt};
use ruff_text_size::Ranged;

use super::Lines;

/// A value that is written out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// A text, and the line on which it begins.
    Text(String, usize),
    None,
    True,
    False,
    Number,
    List(Vec<Value>),
    /// Anything else.
    Other,
}

/// What names stand for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    values: BTreeMap<String, Value>,
    /// `op`, by whatever name.
    pub(super) operations: Vec<String>,
    /// Names of SQLAlchemy and what is imported from it: calling them builds a value and does nothing.
    pub(super) builders: Vec<String>,
    /// Connections to the database.
    pub(super) connections: Vec<String>,
    /// Tables by the names of variables.
    pub(super) tables: BTreeMap<String, String>,
    /// Types by the names of variables.
    pub(super) kinds: BTreeMap<String, String>,
    /// Tables that are altered in a batch, by the names of variables.
    pub(super) batches: BTreeMap<String, String>,
}

impl Scope {
    /// What a statement outside of functions tells.
    pub(super) fn learn(&mut self, statement: &Stmt, lines: &Lines) {
        match statement {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).to_string();
                    match alias.name.as_str() {
                        "alembic.op" => self.operations.push(name),
                        other if other.starts_with("sqlalchemy") => {
                            let root = name.split('.').next().unwrap_or_default();
                            self.builders.push(root.to_owned());
                        }
                        _ => {}
                    }
                }
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map_or("", |module| module.as_str());
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).to_string();
                    if module == "alembic" && alias.name.as_str() == "op" {
                        self.operations.push(name);
                    } else if module.starts_with("sqlalchemy") {
                        self.builders.push(name);
                    }
                }
            }
            Stmt::Assign(assign) => {
                if let [Expr::Name(target)] = assign.targets.as_slice() {
                    self.assign(&target.id, &assign.value, lines);
                }
            }
            Stmt::AnnAssign(assign) => {
                if let (Expr::Name(target), Some(value)) = (assign.target.as_ref(), &assign.value) {
                    self.assign(&target.id, value, lines);
                }
            }
            _ => {}
        }
    }

    /// A name stands for something from here on.
    pub(super) fn assign(&mut self, name: &str, expr: &Expr, lines: &Lines) {
        let value = self.value(expr, lines);
        match super::call::table_of(expr, self, lines) {
            Some(table) => drop(self.tables.insert(name.to_owned(), table)),
            None => drop(self.tables.remove(name)),
        }
        match super::column::enum_name(expr, self, lines) {
            Some(kind) => drop(self.kinds.insert(name.to_owned(), kind)),
            None => drop(self.kinds.remove(name)),
        }
        self.values.insert(name.to_owned(), value);
    }

    /// What an expression is, as far as it is written out.
    pub(super) fn value(&self, expr: &Expr, lines: &Lines) -> Value {
        match expr {
            Expr::StringLiteral(text) => {
                Value::Text(text.value.to_str().to_owned(), lines.at(text.range()))
            }
            Expr::NoneLiteral(_) => Value::None,
            Expr::BooleanLiteral(literal) => match literal.value {
                true => Value::True,
                false => Value::False,
            },
            Expr::NumberLiteral(_) => Value::Number,
            Expr::UnaryOp(_) => Value::Other,
            Expr::Tuple(tuple) => self.list(&tuple.elts, lines),
            Expr::List(list) => self.list(&list.elts, lines),
            Expr::Name(name) => {
                let known = self.values.get(name.id.as_str());
                known.cloned().unwrap_or(Value::Other)
            }
            Expr::BinOp(sum) if sum.op == Operator::Add => {
                match (self.value(&sum.left, lines), self.value(&sum.right, lines)) {
                    (Value::Text(one, line), Value::Text(other, _)) => {
                        Value::Text(one + &other, line)
                    }
                    _ => Value::Other,
                }
            }
            Expr::Call(call) => self.wrapped(call, lines),
            _ => Value::Other,
        }
    }

    fn list(&self, elements: &[Expr], lines: &Lines) -> Value {
        Value::List(elements.iter().map(|one| self.value(one, lines)).collect())
    }

    /// Calls that leave a text as it is: `op.f("…")`, `sa.text("…")`, `textwrap.dedent("…")`, `"…".strip()`.
    fn wrapped(&self, call: &ruff_python_ast::ExprCall, lines: &Lines) -> Value {
        let Some(name) = super::call::tail(&call.func) else {
            return Value::Other;
        };
        let first = call.arguments.args.first();
        let inside = match name {
            "f" | "text" | "dedent" | "DDL" | "cleandoc" | "quoted_name" | "literal_column" => {
                first
            }
            "strip" | "lstrip" | "rstrip" | "bindparams" | "execution_options" => {
                match call.func.as_ref() {
                    Expr::Attribute(attribute) => Some(attribute.value.as_ref()),
                    _ => None,
                }
            }
            _ => None,
        };
        let stripped = |text: String, line: usize| {
            let from = text.len() - text.trim_start().len();
            let skipped = text.get(..from).unwrap_or_default().matches('\n').count();
            Value::Text(text.trim().to_owned(), line + skipped)
        };
        match inside.map(|inside| self.value(inside, lines)) {
            Some(Value::Text(text, line)) if name == "strip" => stripped(text, line),
            Some(Value::Text(text, line)) => Value::Text(text, line),
            _ => Value::Other,
        }
    }

    pub(super) fn text(&self, expr: &Expr, lines: &Lines) -> Option<String> {
        match self.value(expr, lines) {
            Value::Text(text, _) => Some(text),
            _ => None,
        }
    }
}
