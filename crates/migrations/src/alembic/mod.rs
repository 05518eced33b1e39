//! Revision files of Alembic: parsed as Python, never run. What depends on anything but what is written is unknown, by place.

mod body;
mod call;
mod column;
mod harmless;
mod header;
mod operation;
mod value;

use ruff_python_ast::{Expr, Mod, Stmt};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::{Ranged, TextRange};

use crate::problem::{Place, Problem};
use crate::written::{Comment, Down, Operation, Repeats, Script, Written};
use header::Header;
use value::Scope;

/// Where the lines of a text begin.
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        Self(std::iter::once(0).chain(starts).collect())
    }

    /// The line of a place, counted from 1.
    pub(crate) fn at(&self, range: TextRange) -> usize {
        let offset = range.start().to_usize();
        self.0.partition_point(|start| *start <= offset)
    }
}

/// A file that was read.
pub(crate) struct Read {
    /// Its revision; nothing where the file declares none.
    pub(crate) written: Option<Written>,
    pub(crate) problems: Vec<Problem>,
}

/// Reads one file.
pub(crate) fn read(file: &str, text: &str) -> Read {
    let lines = Lines::of(text);
    let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
    let mut problems: Vec<Problem> = parsed
        .errors()
        .iter()
        .take(1)
        .map(|error| {
            Problem::error(
                Place::new(file, lines.at(error.location)),
                format!("this is not Python: {}", error.error),
                "no migration can run before the file can be read",
            )
        })
        .collect();
    let broken = problems.first().map(|problem| problem.place.line);
    let comments = parsed
        .tokens()
        .iter()
        .filter(|token| token.kind().is_comment())
        .filter_map(|token| {
            let range = token.range();
            let text = text.get(range.start().to_usize()..range.end().to_usize())?;
            Some(Comment {
                file: file.to_owned(),
                line: lines.at(range),
                text: text.trim_start_matches('#').trim().to_owned(),
            })
        })
        .collect();
    let Mod::Module(module) = parsed.syntax() else {
        return Read {
            written: None,
            problems,
        };
    };
    let mut scope = Scope::default();
    for statement in &module.body {
        scope.learn(statement, &lines);
    }
    let header = Header::read(file, &module.body, &lines, &scope, &mut problems);
    let Some(revision) = header.revision else {
        return Read {
            written: None,
            problems,
        };
    };
    let mut up = match function(&module.body, "upgrade") {
        Some(body) => script(file, body, &lines, &scope),
        None => Script {
            file: file.to_owned(),
            line: revision.line,
            operations: vec![Operation::unknown(revision.line, "there is no `upgrade()`")],
        },
    };
    if let Some(line) = broken {
        let operation = Operation::unknown(line, "the file cannot be read");
        up.operations.push(operation);
    }
    let down = down(file, &module.body, &lines, &scope, revision.line);
    let written = Written {
        title: title(&module.body),
        id: revision.id,
        line: revision.line,
        parents: header.parents,
        needs: header.needs,
        labels: header.labels,
        up,
        down,
        comments,
        repeats: Repeats::Once,
    };
    Read {
        written: Some(written),
        problems,
    }
}

/// The body of a function, and where it begins.
struct Body<'p> {
    line: TextRange,
    statements: &'p [Stmt],
}

fn function<'p>(module: &'p [Stmt], name: &str) -> Option<Body<'p>> {
    module.iter().rev().find_map(|statement| match statement {
        Stmt::FunctionDef(function) if function.name.as_str() == name => Some(Body {
            line: function.name.range(),
            statements: &function.body,
        }),
        _ => None,
    })
}

fn script(file: &str, body: Body<'_>, lines: &Lines, scope: &Scope) -> Script {
    Script {
        file: file.to_owned(),
        line: lines.at(body.line),
        operations: body::operations(body.statements, lines, scope.clone()),
    }
}

/// A way down that raises is none.
fn down(file: &str, module: &[Stmt], lines: &Lines, scope: &Scope, revision: usize) -> Down {
    let absent = |line: usize, why: &str| Down::Absent {
        file: file.to_owned(),
        line,
        why: why.to_owned(),
    };
    let Some(body) = function(module, "downgrade") else {
        return absent(revision, "there is no `downgrade()`");
    };
    let raises = body
        .statements
        .iter()
        .find_map(|statement| match statement {
            Stmt::Raise(raise) => Some(raise.range()),
            _ => None,
        });
    match raises {
        Some(range) => absent(lines.at(range), "`downgrade()` raises"),
        None => Down::Script(script(file, body, lines, scope)),
    }
}

/// The first line of what is said of the file.
fn title(module: &[Stmt]) -> String {
    let text = match module.first() {
        Some(Stmt::Expr(statement)) => match statement.value.as_ref() {
            Expr::StringLiteral(text) => text.value.to_str(),
            _ => "",
        },
        _ => "",
    };
    let first = text.lines().map(str::trim).find(|line| !line.is_empty());
    first.unwrap_or_default().to_owned()
}
