//! Directories as teams have them, and the corpus of what PostgreSQL's documentation says.

mod corpus;
mod declarations;
mod directories;
mod down;
mod expressions;
mod layouts;
mod long;
mod memory;
mod secrets;

use crate::{Directory, Files, Tool};

/// Files by their paths.
fn files(written: &[(&str, &str)]) -> Files {
    let files = written.iter();
    files
        .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
        .collect()
}

/// Everything that is said of a directory, line by line.
fn told(directory: &Directory) -> Vec<String> {
    let mut lines: Vec<String> = directory
        .revisions
        .iter()
        .map(|one| {
            format!(
                "{} {:?} {:?}, down {:?}",
                one.id, one.compatibility.value, one.locking.value, one.way_down.value
            )
        })
        .collect();
    lines.push(format!("heads: {}", directory.heads.join(" ")));
    lines.extend(problems(directory));
    lines
}

fn problems(directory: &Directory) -> Vec<String> {
    let problems = directory.problems.iter();
    problems
        .map(|problem| {
            format!(
                "{:?} {}: {}",
                problem.severity, problem.place, problem.message
            )
        })
        .collect()
}

/// An Alembic revision with these lines in its two functions.
fn revision(id: &str, down_revision: &str, up: &str, down: &str) -> String {
    let body = |lines: &str| {
        let lines: Vec<String> = lines.lines().map(|line| format!("    {line}\n")).collect();
        match lines.is_empty() {
            true => "    pass\n".to_owned(),
            false => lines.concat(),
        }
    };
    format!(
        "\"\"\"about {id}\n\nRevision ID: {id}\n\"\"\"\nfrom alembic import op\nimport sqlalchemy as sa\nfrom sqlalchemy.dialects import postgresql\n\nrevision = \"{id}\"\ndown_revision = {down_revision}\nbranch_labels = None\ndepends_on = None\n\n\ndef upgrade() -> None:\n{}\n\ndef downgrade() -> None:\n{}",
        body(up),
        body(down)
    )
}

fn alembic(written: &[(&str, String)]) -> Directory {
    let written: Vec<(&str, &str)> = written
        .iter()
        .map(|(path, text)| (*path, text.as_str()))
        .collect();
    crate::read(Tool::Alembic, &files(&written))
}
