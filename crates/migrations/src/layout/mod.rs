//! How tools lay out their directories: which files are revisions, and which follows which.

mod alembic;
mod flyway;
mod plain;
mod prisma;

use std::collections::BTreeMap;

use crate::problem::{Place, Problem};
use crate::sql;
use crate::written::{Comment, Found, Operation, Reference, Script, Within, Written};

/// The tool that applies the migrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Revision files in Python.
    Alembic,
    /// `<timestamp>_name/migration.sql`
    Prisma,
    /// `V1__name.sql`, `U1__name.sql`, `R__name.sql`
    Flyway,
    /// `001_name.up.sql` and `001_name.down.sql`, or one file with both, as golang-migrate, sqlx, goose, dbmate and diesel have them.
    Sql,
}

impl Tool {
    /// What it is called in a configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Alembic => "alembic",
            Self::Prisma => "prisma",
            Self::Flyway => "flyway",
            Self::Sql => "sql",
        }
    }
}

pub(crate) fn find(tool: Tool, files: &BTreeMap<String, Vec<u8>>) -> Found {
    match tool {
        Tool::Alembic => alembic::find(files),
        Tool::Prisma => prisma::find(files),
        Tool::Flyway => flyway::find(files),
        Tool::Sql => plain::find(files),
    }
}

/// A file as text.
fn text<'f>(file: &str, bytes: &'f [u8]) -> Result<&'f str, Problem> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Problem::error(
            Place::new(file, line),
            "the file is not UTF-8",
            "save it as UTF-8",
        )
    })
}

/// The last part of a path.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// What a file of SQL does; a file that cannot be read does what nobody knows.
fn script(file: &str, bytes: &[u8], within: Within, found: &mut Found) -> (Script, Vec<Comment>) {
    match text(file, bytes) {
        Ok(text) => {
            let read = sql::read(text);
            let comments = read.comments.into_iter();
            let comments = comments.map(|(line, text)| Comment {
                file: file.to_owned(),
                line,
                text,
            });
            let operations = read.operations.into_iter();
            let script = Script {
                file: file.to_owned(),
                line: 1,
                operations: operations.map(|one| one.within(within)).collect(),
            };
            (script, comments.collect())
        }
        Err(problem) => {
            let line = problem.place.line;
            found.problems.push(problem);
            let script = Script {
                file: file.to_owned(),
                line,
                operations: vec![Operation::unknown(line, "the file cannot be read")],
            };
            (script, Vec::new())
        }
    }
}

/// Each follows the one before it.
fn in_a_row(revisions: &mut [Written]) {
    let ids: Vec<String> = revisions.iter().map(|one| one.id.clone()).collect();
    for (revision, id) in revisions.iter_mut().skip(1).zip(ids) {
        let line = revision.line;
        revision.parents = vec![Reference { id, line }];
    }
}

/// `add_users` as a title.
fn title(name: &str) -> String {
    name.replace(['_', '-'], " ").trim().to_owned()
}

/// Numbers with points between them, however many zeros stand before each.
pub(crate) fn version(text: &str) -> Option<Vec<(usize, String)>> {
    let parts = text.split('.').map(|part| {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| number(part))
    });
    parts.collect()
}

/// A migration in code.
fn code(path: &str) -> Script {
    let what = "a migration in code, which is not followed";
    Script {
        file: path.to_owned(),
        line: 1,
        operations: vec![Operation::unknown(1, what)],
    }
}

/// Two files where there is place for one.
fn second(path: &str, first: &str) -> Problem {
    Problem::error(
        Place::new(path, 1),
        format!("it is the same as {first} by its name: which of them is applied nobody knows"),
        "give one of them another number, or remove it",
    )
}

/// Digits as a number that may be long, for comparing.
fn number(digits: &str) -> (usize, String) {
    let bare = digits.trim_start_matches('0');
    (bare.len(), bare.to_owned())
}
