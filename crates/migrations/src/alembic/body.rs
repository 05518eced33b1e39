//! The body of `upgrade` and `downgrade`, statement by statement. What happens only sometimes, or elsewhere, is unknown.

use ruff_python_ast::{Expr, ExprCall, Stmt, StmtWith};
use ruff_text_size::Ranged;

use super::Lines;
use super::call::{self, Arguments, is_connection, is_operation, root, tail};
use super::operation;
use super::value::{Scope, Value};
use crate::change::{Guard, What};
use crate::sql;
use crate::written::{Operation, Within};

/// What a body does.
pub(super) fn operations(body: &[Stmt], lines: &Lines, scope: Scope) -> Vec<Operation> {
    let mut walk = Walk {
        lines,
        scope,
        within: Within::Transaction,
        found: Vec::new(),
    };
    walk.all(body);
    walk.found
}

struct Walk<'p> {
    lines: &'p Lines,
    scope: Scope,
    within: Within,
    found: Vec<Operation>,
}

impl Walk<'_> {
    fn all(&mut self, body: &[Stmt]) {
        for statement in body {
            self.statement(statement);
        }
    }

    fn add(&mut self, line: usize, what: What) {
        let operation = Operation::new(line, what).within(self.within);
        self.found.push(operation);
    }

    fn unknown(&mut self, at: &impl Ranged, what: impl Into<String>) {
        let what = What::Unknown { what: what.into() };
        self.add(self.lines.at(at.range()), what);
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Pass(_) | Stmt::Assert(_) | Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
            Stmt::Import(_) | Stmt::ImportFrom(_) => self.scope.learn(statement, self.lines),
            Stmt::Return(returns) => {
                if let Some(Expr::Call(call)) = returns.value.as_deref() {
                    self.call(call);
                }
            }
            Stmt::Expr(expr) => match expr.value.as_ref() {
                Expr::Call(call) => self.call(call),
                Expr::StringLiteral(_) | Expr::EllipsisLiteral(_) | Expr::NoneLiteral(_) => {}
                _ => self.unknown(statement, "an expression that is not a call"),
            },
            Stmt::Assign(assign) => match assign.targets.as_slice() {
                [Expr::Name(target)] => self.assign(target.id.as_ref(), &assign.value),
                _ => self.unknown(statement, "an assignment that is not to a name"),
            },
            Stmt::AnnAssign(assign) => match (assign.target.as_ref(), &assign.value) {
                (Expr::Name(target), Some(value)) => self.assign(target.id.as_ref(), value),
                (_, None) => {}
                _ => self.unknown(statement, "an assignment that is not to a name"),
            },
            Stmt::With(with) => self.with(with),
            Stmt::If(_) => self.unknown(statement, "`if`: what runs depends on a condition"),
            Stmt::For(_) => self.unknown(statement, "`for`: what runs depends on a loop"),
            Stmt::While(_) => self.unknown(statement, "`while`: what runs depends on a loop"),
            Stmt::Try(_) => self.unknown(statement, "`try`: what runs depends on what fails"),
            Stmt::Match(_) => self.unknown(statement, "`match`: what runs depends on a value"),
            Stmt::Raise(_) => self.unknown(statement, "`raise`"),
            _ => self.unknown(statement, "a statement that is not followed"),
        }
    }

    fn assign(&mut self, name: &str, value: &Expr) {
        if is_connection(value, &self.scope) {
            self.scope.connections.push(name.to_owned());
        } else if let Expr::Call(call) = value
            && !self.is_built(call)
        {
            self.call(call);
        }
        self.scope.assign(name, value, self.lines);
    }

    /// Whether a call only builds a value: SQLAlchemy's constructors, `op.f`, `op.get_context()`.
    fn is_built(&self, call: &ExprCall) -> bool {
        let harmless = ["f", "get_context", "inline_literal", "get_bind"];
        let of_operations = harmless
            .iter()
            .any(|name| is_operation(call, name, &self.scope));
        let of_builders =
            root(&call.func).is_some_and(|root| self.scope.builders.iter().any(|one| one == root));
        let runs = matches!(tail(&call.func), Some("create" | "drop" | "execute"));
        of_operations || (of_builders && !runs)
    }

    fn with(&mut self, with: &StmtWith) {
        let [item] = with.items.as_slice() else {
            return self.unknown(with, "`with` of several things");
        };
        let Expr::Call(call) = &item.context_expr else {
            return self.unknown(with, "`with`: what it does is not known");
        };
        if is_operation(call, "batch_alter_table", &self.scope) {
            let arguments = self.arguments(call, None);
            let table = arguments.table(0, "table_name");
            match (table, item.optional_vars.as_deref()) {
                (Some(table), Some(Expr::Name(name))) => {
                    self.scope.batches.insert(name.id.to_string(), table);
                    self.all(&with.body);
                }
                _ => self.unknown(with, "a batch whose table is not written out"),
            }
        } else if tail(&call.func) == Some("autocommit_block") {
            let before = std::mem::replace(&mut self.within, Within::Nothing);
            self.all(&with.body);
            self.within = before;
        } else {
            self.unknown(with, "`with`: what it does is not known");
        }
    }

    fn arguments<'c>(&'c self, call: &'c ExprCall, batch: Option<&'c str>) -> Arguments<'c> {
        Arguments {
            call,
            batch,
            scope: &self.scope,
            lines: self.lines,
        }
    }

    fn call(&mut self, call: &ExprCall) {
        let line = self.lines.at(call.range());
        let Expr::Attribute(attribute) = call.func.as_ref() else {
            let name = tail(&call.func).unwrap_or("a function");
            if !matches!(name, "print") && !self.is_built(call) {
                self.unknown(call, format!("`{name}()` is not followed"));
            }
            return;
        };
        let name = attribute.attr.as_str();
        let of = attribute.value.as_ref();
        let batch = match of {
            Expr::Name(of) => self.scope.batches.get(of.id.as_str()).cloned(),
            _ => None,
        };
        let is_op = is_operation(call, name, &self.scope);
        if (is_op || is_connection(of, &self.scope))
            && matches!(name, "execute" | "exec_driver_sql")
        {
            return self.execute(call);
        }
        if is_op || batch.is_some() {
            if self.is_built(call) {
                return;
            }
            let changes = operation::changes(name, &self.arguments(call, batch.as_deref()));
            return match changes {
                Some(changes) => changes.into_iter().for_each(|what| self.add(line, what)),
                None => self.unknown(
                    call,
                    format!("`{name}(…)`: what it does is not written out"),
                ),
            };
        }
        self.other(call, name, of);
    }

    /// `status.create(op.get_bind())`, and what says something to people.
    fn other(&mut self, call: &ExprCall, name: &str, of: &Expr) {
        let line = self.lines.at(call.range());
        let kind = super::column::enum_name(of, &self.scope, self.lines);
        match (name, kind) {
            ("create", Some(kind)) => self.add(
                line,
                What::CreateObject {
                    kind: "type",
                    name: kind,
                    guard: Guard::New,
                },
            ),
            ("drop", Some(kind)) => self.add(
                line,
                What::DropObject {
                    kind: "type",
                    name: kind,
                },
            ),
            ("info" | "debug" | "warning" | "error", _) => {}
            _ if self.is_built(call) => {}
            _ => self.unknown(call, format!("`{name}(…)` is not followed")),
        }
    }

    /// SQL as text, or as SQLAlchemy builds it.
    fn execute(&mut self, call: &ExprCall) {
        let first = call.arguments.args.first();
        let Some(first) = first.or_else(|| super::column::keyword(call, "sqltext")) else {
            return self.unknown(call, "`execute()` of nothing");
        };
        match self.scope.value(first, self.lines) {
            Value::Text(text, line) => {
                let within = self.within;
                let found = sql::read(&text).operations.into_iter().map(|operation| {
                    Operation {
                        line: line + operation.line - 1,
                        ..operation
                    }
                    .within(within)
                });
                self.found.extend(found);
            }
            _ => match built(first, &self.scope, self.lines) {
                Some(what) => self.add(self.lines.at(call.range()), what),
                None => self.unknown(call, "`execute(…)`: its SQL is not written out"),
            },
        }
    }
}

/// `users.update().where(…).values(name="…")`, where the table is known.
fn built(expr: &Expr, scope: &Scope, lines: &Lines) -> Option<What> {
    let mut columns = Vec::new();
    let mut at = expr;
    loop {
        let Expr::Call(call) = at else {
            return None;
        };
        match call.func.as_ref() {
            Expr::Attribute(attribute) => {
                let table = call::table_of(&attribute.value, scope, lines);
                match (attribute.attr.as_str(), table) {
                    ("update", Some(table)) => return Some(What::Update { table, columns }),
                    ("insert", Some(table)) => return Some(What::Insert { table }),
                    ("delete", Some(table)) => return Some(What::Delete { table }),
                    ("values", _) => columns.extend(assigned(call, scope, lines)),
                    _ => {}
                }
                at = &attribute.value;
            }
            // `sa.update(users)` and `update(users)` without anything behind it.
            _ => return None,
        }
    }
}

fn assigned(call: &ExprCall, scope: &Scope, lines: &Lines) -> Vec<String> {
    let named = call.arguments.keywords.iter();
    let named = named.filter_map(|keyword| keyword.arg.as_ref().map(ToString::to_string));
    let listed = call
        .arguments
        .args
        .iter()
        .flat_map(|argument| match argument {
            Expr::Dict(dict) => {
                let keys = dict.items.iter().filter_map(|item| item.key.as_ref());
                keys.map(|key| scope.text(key, lines).unwrap_or_default())
                    .collect()
            }
            _ => vec![String::new()],
        });
    named.chain(listed).collect()
}
