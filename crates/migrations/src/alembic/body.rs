//! The body of `upgrade` and `downgrade`, statement by statement. What happens only sometimes, or elsewhere, is unknown.

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, ExprCall, Stmt, StmtClassDef, StmtWith};
use ruff_text_size::Ranged;

use super::Lines;
use super::call::{self, Arguments, is_connection, is_named, is_operation, tail};
use super::harmless::{is_harmless, is_made, takes_types};
use super::operation;
use super::value::{Scope, Value};
use crate::change::{Guard, Takes, What};
use crate::sql;
use crate::written::{Operation, Within};

/// What a body does.
pub(super) fn operations(body: &[Stmt], lines: &Lines, scope: Scope) -> Vec<Operation> {
    let mut walk = Walk {
        lines,
        scope,
        within: Within::Transaction,
        found: Vec::new(),
        ended: false,
    };
    walk.all(body);
    walk.found
}

struct Walk<'p> {
    lines: &'p Lines,
    scope: Scope,
    within: Within,
    found: Vec<Operation>,
    /// Whether nothing runs any more: it returned.
    ended: bool,
}

impl Walk<'_> {
    fn all(&mut self, body: &[Stmt]) {
        for statement in body {
            if !self.ended {
                self.statement(statement);
            }
        }
    }

    fn add(&mut self, line: usize, what: What) {
        let operation = Operation::new(line, what).within(self.within);
        self.found.push(operation);
    }

    fn unknown(&mut self, at: &impl Ranged, what: impl Into<String>) {
        self.add(self.lines.at(at.range()), What::unknown(what));
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Pass(_) => {}
            Stmt::Import(_) | Stmt::ImportFrom(_) => self.scope.learn(statement, self.lines),
            Stmt::Return(returns) => {
                if let Some(value) = returns.value.as_deref() {
                    self.expr(value);
                }
                self.ended = true;
            }
            Stmt::Expr(expr) => self.expr(&expr.value),
            Stmt::Assert(assert) => self.expr(&assert.test),
            Stmt::Assign(assign) => match assign.targets.as_slice() {
                [Expr::Name(target)] => self.assign(target.id.as_ref(), &assign.value),
                _ => self.unknown(statement, "an assignment that is not to a name"),
            },
            Stmt::AnnAssign(assign) => match (assign.target.as_ref(), &assign.value) {
                (Expr::Name(target), Some(value)) => self.assign(target.id.as_ref(), value),
                (_, None) => {}
                _ => self.unknown(statement, "an assignment that is not to a name"),
            },
            // Its body runs when it is called, which is not followed; the rest runs here.
            Stmt::FunctionDef(function) => {
                let decorators = function.decorator_list.iter().map(|one| &one.expression);
                let defaults = function.parameters.iter_non_variadic_params();
                let defaults = defaults.filter_map(|parameter| parameter.default.as_deref());
                for expr in decorators.chain(defaults) {
                    self.expr(expr);
                }
            }
            Stmt::ClassDef(class) => self.class(class),
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
        self.expr(value);
        self.scope.connections.retain(|one| one != name);
        if is_connection(value, &self.scope) {
            self.scope.connections.push(name.to_owned());
        }
        self.scope.batches.remove(name);
        self.scope.assign(name, value, self.lines);
    }

    /// The body of a class runs where it stands.
    fn class(&mut self, class: &StmtClassDef) {
        let mut inside = self.aside();
        for decorator in &class.decorator_list {
            inside.expr(&decorator.expression);
        }
        inside.all(&class.body);
        if inside.does_something() {
            self.unknown(class, "`class`: what runs in it is not followed");
        }
    }

    /// Another walk of the same place, for what may not run, or more than once.
    fn aside(&self) -> Self {
        Self {
            lines: self.lines,
            scope: self.scope.clone(),
            within: self.within,
            found: Vec::new(),
            ended: false,
        }
    }

    fn does_something(&self) -> bool {
        let lasts = |one: &Operation| !matches!(one.change.0, What::Nothing { .. });
        self.found.iter().any(lasts)
    }

    /// Everything that runs while an expression is computed.
    fn expr(&mut self, expr: &Expr) {
        let sometimes = match expr {
            Expr::Call(call) => return self.call(call),
            Expr::Attribute(attribute) => {
                if is_named(&attribute.value, &self.scope) {
                    return self.unknown(expr, "an operation that is handed on is not followed");
                }
                return self.expr(&attribute.value);
            }
            Expr::Named(named) => {
                return match named.target.as_ref() {
                    Expr::Name(target) => self.assign(target.id.as_ref(), &named.value),
                    _ => self.unknown(expr, "an assignment that is not to a name"),
                };
            }
            Expr::If(_) => "`… if … else …`: what runs depends on a condition",
            Expr::BoolOp(_) => "`and`, `or`: what runs depends on a value",
            Expr::Compare(compare) if compare.ops.len() > 1 => {
                "a comparison: what runs depends on a value"
            }
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                "a comprehension: what runs depends on a loop"
            }
            Expr::Lambda(_) => "`lambda`: when it runs is not followed",
            Expr::Yield(_) | Expr::YieldFrom(_) => {
                return self.unknown(expr, "`yield`: what runs is not followed");
            }
            _ => return walk_expr(self, expr),
        };
        let mut inside = self.aside();
        walk_expr(&mut inside, expr);
        if inside.does_something() {
            self.unknown(expr, sometimes);
        }
    }

    fn with(&mut self, with: &StmtWith) {
        let [item] = with.items.as_slice() else {
            return self.unknown(with, "`with` of several things");
        };
        let Expr::Call(call) = &item.context_expr else {
            return self.unknown(with, "`with`: what it does is not known");
        };
        if is_operation(call, "batch_alter_table", &self.scope) {
            self.handed(call);
            let arguments = self.arguments(call, None);
            // Where the table is made anew, everything of it is.
            let table = match arguments.text(usize::MAX, "recreate", usize::MAX) {
                Some(how) if how != "auto" && how != "never" => None,
                None if arguments.named("recreate").is_some() => None,
                Some(_) | None => arguments.table(0, "table_name"),
            };
            match (table, item.optional_vars.as_deref()) {
                (Some(table), Some(Expr::Name(name))) => {
                    self.scope.batches.insert(name.id.to_string(), table);
                    self.all(&with.body);
                }
                _ => self.unknown(with, "a batch whose table is not written out, or made anew"),
            }
        } else if let (Some("autocommit_block"), Expr::Attribute(of)) =
            (tail(&call.func), call.func.as_ref())
        {
            self.handed(call);
            self.expr(&of.value);
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

    /// What runs while the arguments of a call are computed. Types of somebody's own are made, and nothing is done.
    fn handed(&mut self, call: &ExprCall) {
        let types = takes_types(call, &self.scope);
        let keywords = call.arguments.keywords.iter().map(|keyword| &keyword.value);
        for argument in call.arguments.args.iter().chain(keywords) {
            match is_made(argument).filter(|_| types) {
                Some(made) => self.handed(made),
                None => self.expr(argument),
            }
        }
    }

    fn call(&mut self, call: &ExprCall) {
        self.handed(call);
        let line = self.lines.at(call.range());
        let Expr::Attribute(attribute) = call.func.as_ref() else {
            if !is_harmless(call, &self.scope, self.lines) {
                if !matches!(call.func.as_ref(), Expr::Name(_)) {
                    self.expr(&call.func);
                }
                let name = tail(&call.func).unwrap_or("a function");
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
        let harmless = is_harmless(call, &self.scope, self.lines);
        if is_op || batch.is_some() {
            if harmless {
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
        if !matches!(of, Expr::Name(_)) {
            self.expr(of);
        }
        // `status.create(op.get_bind())`
        let kind = super::column::enum_name(of, &self.scope, self.lines);
        match (name, kind) {
            ("create", Some(name)) => self.add(
                line,
                What::CreateObject {
                    kind: "type",
                    name,
                    guard: Guard::New,
                },
            ),
            ("drop", Some(name)) => self.add(
                line,
                What::DropObject {
                    kind: "type",
                    name,
                    takes: Takes::Itself,
                },
            ),
            _ if harmless => {}
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

impl<'a> Visitor<'a> for Walk<'_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        self.expr(expr);
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
                    // It updates rows that are there.
                    ("on_conflict_do_update", _) => return None,
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
