//! What a revision file says of itself: `revision`, `down_revision`, `branch_labels`, `depends_on`.

use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged;

use super::Lines;
use super::value::{Scope, Value};
use crate::problem::{Place, Problem};
use crate::written::Reference;

#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) revision: Option<Reference>,
    pub(super) parents: Vec<Reference>,
    pub(super) needs: Vec<Reference>,
    pub(super) labels: Vec<String>,
}

impl Header {
    pub(super) fn read(
        file: &str,
        module: &[Stmt],
        lines: &Lines,
        scope: &Scope,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut header = Self::default();
        let mut says_parents = false;
        for statement in module {
            let Some((name, value, line)) = assigned(statement, lines) else {
                continue;
            };
            let mut names = || match names(&scope.value(value, lines)) {
                Some(names) => names,
                None => {
                    problems.push(Problem::error(
                        Place::new(file, line),
                        format!("`{name}` is not written out"),
                        "write the revision's name as a string, or several as a tuple",
                    ));
                    Vec::new()
                }
            };
            let references = |names: Vec<String>| {
                let all = names.into_iter().map(|id| Reference { id, line });
                all.collect::<Vec<_>>()
            };
            match name {
                "revision" => header.revision = references(names()).into_iter().next(),
                "down_revision" => {
                    says_parents = true;
                    header.parents = references(names());
                }
                "depends_on" => header.needs = references(names()),
                "branch_labels" => header.labels = names(),
                _ => {}
            }
        }
        if let Some(revision) = header.revision.as_ref().filter(|_| !says_parents) {
            problems.push(Problem::warning(
                Place::new(file, revision.line),
                format!("`{}` has no `down_revision`", revision.id),
                "write `down_revision = None` for the first one",
            ));
        }
        header
    }
}

fn assigned<'p>(statement: &'p Stmt, lines: &Lines) -> Option<(&'p str, &'p Expr, usize)> {
    let (target, value) = match statement {
        Stmt::Assign(assign) => (assign.targets.first()?, assign.value.as_ref()),
        Stmt::AnnAssign(assign) => (assign.target.as_ref(), assign.value.as_deref()?),
        _ => return None,
    };
    match target {
        Expr::Name(name) => Some((name.id.as_str(), value, lines.at(statement.range()))),
        _ => None,
    }
}

/// One name, several, or none; nothing where nobody knows.
fn names(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::None => Some(Vec::new()),
        Value::Text(text, _) => Some(vec![text.clone()]),
        Value::List(values) => {
            let one = |value: &Value| match value {
                Value::Text(text, _) => Some(text.clone()),
                _ => None,
            };
            values.iter().map(one).collect()
        }
        Value::True | Value::False | Value::Number | Value::Other => None,
    }
}
