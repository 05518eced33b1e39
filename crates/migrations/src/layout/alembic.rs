//! Alembic: `versions/*.py`, or the files of a directory that declare a `revision`.

use std::collections::BTreeMap;

use super::{file_name, text};
use crate::alembic;
use crate::problem::{Place, Problem};
use crate::written::Found;

pub(super) fn find(files: &BTreeMap<String, Vec<u8>>) -> Found {
    let is_python = |path: &str| {
        let name = file_name(path);
        let hidden = path
            .split('/')
            .any(|part| part.starts_with('.') || part == "__pycache__");
        name.strip_suffix(".py")
            .is_some_and(|stem| stem != "__init__")
            && !hidden
    };
    let python: Vec<(&String, &Vec<u8>)> =
        files.iter().filter(|(path, _)| is_python(path)).collect();
    let has_versions = python.iter().any(|(path, _)| path.starts_with("versions/"));
    let mut found = Found::default();
    for (path, bytes) in python {
        let in_versions = path.starts_with("versions/");
        if has_versions && !in_versions {
            found.problems.extend(elsewhere(path, bytes));
            continue;
        }
        match text(path, bytes) {
            Err(problem) => found.problems.push(problem),
            Ok(text) => {
                let read = alembic::read(path, text);
                let declares = read.written.is_some();
                let is_read = read.problems.is_empty();
                let is_revision = declares || has_versions;
                // `env.py` and what else lies beside revisions is none of our business.
                if is_revision {
                    found.problems.extend(read.problems);
                }
                if !declares && has_versions && is_read {
                    found.problems.push(Problem::error(
                        Place::new(path, 1),
                        "no `revision` is declared here",
                        "Alembic reads every Python file of `versions`: declare it, or move the file",
                    ));
                }
                found.revisions.extend(read.written);
            }
        }
    }
    found
}

/// A revision that does not lie where the others do.
fn elsewhere(path: &str, bytes: &[u8]) -> Option<Problem> {
    let text = text(path, bytes).ok()?;
    // Most that lies beside revisions is none, and need not be parsed.
    let may_be = text.lines().any(|line| line.starts_with("revision"));
    let written = may_be
        .then(|| alembic::read(path, text))
        .and_then(|read| read.written)?;
    Some(Problem::warning(
        Place::new(path, written.line),
        format!(
            "`{}` lies outside of `versions`, and is not read",
            written.id
        ),
        "move it to `versions`; where `version_locations` names several directories, give each as its own",
    ))
}
