//! A schema's revision, and how it is read strictly from what a tool prints: what nobody can tell is not guessed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a database's schema is on, as its tool calls it. The empty database is one of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(String);

/// Why what a tool printed names no revision.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    /// See the message.
    #[error("several revisions were printed ({}): the schema has more than one head", .0.join(", "))]
    Several(Vec<String>),
    /// See the message.
    #[error("`{0}` is half applied (dirty)")]
    Dirty(String),
    /// See the message.
    #[error("`{0}` is not a revision: print it alone, as the first word of the last line")]
    NotARevision(String),
}

impl Revision {
    /// The revision that a tool calls so; without a name it is the empty database.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The database on which nothing was migrated yet.
    #[must_use]
    pub fn empty() -> Self {
        Self(String::new())
    }

    /// What its tool calls it; nothing for the empty database.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(self.0.as_str())
    }

    /// Reads what a tool printed when it was asked for the present revision and ended with 0.
    ///
    /// A revision is a line of its own that begins with it (`9c1`, `9c1 (head)`, `42`, `20260105_add_users`), or stands where
    /// Alembic (verbose), Flyway, Rails, Knex and goose write it. Lines of a log are none. The empty database is what says so:
    /// no line at all, nothing but a log that names no version, or the tool's own word for it.
    ///
    /// # Errors
    /// When there are several, or one that is half applied, or something that may or may not be one.
    pub fn read(lines: &[String]) -> Result<Self, Unclear> {
        let lines: Vec<&str> = lines
            .iter()
            .flat_map(|line| line.lines())
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        let said: Vec<&str> = lines.iter().filter_map(|line| labelled(line)).collect();
        let verbose = lines
            .iter()
            .any(|line| line.starts_with("Current revision(s) for"));
        if verbose || !said.is_empty() {
            return one(said);
        }
        let mut found = Vec::new();
        let mut unclear = None;
        for line in &lines {
            match Line::of(line) {
                Line::Revision(name) => found.push(name),
                Line::Dirty(name) => return Err(Unclear::Dirty(name.to_owned())),
                Line::Log => {}
                Line::Unclear => unclear = Some(*line),
            }
        }
        let plain = |line: &&&str| line.contains(|c: char| c.is_ascii_digit() || c == '(');
        let ends_with_it = lines
            .last()
            .filter(plain)
            .is_some_and(|last| matches!(Line::of(last), Line::Revision(_)));
        match unclear {
            // What stands above it (`Loading .env …`) is not asked: the last line is the answer.
            Some(line) if !ends_with_it => Err(Unclear::NotARevision(shortened(line))),
            Some(_) | None => one(found),
        }
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name().unwrap_or("empty"))
    }
}

fn one(mut found: Vec<&str>) -> Result<Revision, Unclear> {
    found.dedup();
    match found.as_slice() {
        [] => Ok(Revision::empty()),
        [one] if means_empty(one) => Ok(Revision::empty()),
        [one] => Ok(Revision::new(*one)),
        several => Err(Unclear::Several(
            several.iter().map(|one| (*one).to_owned()).collect(),
        )),
    }
}

/// What tools call the database on which nothing was migrated.
fn means_empty(name: &str) -> bool {
    matches!(
        name.to_ascii_lowercase().as_str(),
        "none" | "base" | "0" | "<< empty schema >>" | "null"
    )
}

/// Revisions that stand behind a tool's own words.
fn labelled(line: &str) -> Option<&str> {
    let lower = line.to_ascii_lowercase();
    let labels = [
        "rev: ",                      // Alembic, verbose
        "schema version: ",           // Flyway
        "current version: ",          // Rails, Knex
        "current version of schema ", // Flyway, when it migrates
    ];
    let goose = lower
        .find("goose: version ")
        .map(|at| at + "goose: version ".len());
    let at = labels
        .iter()
        .find(|label| lower.starts_with(**label))
        .map(|label| label.len());
    let rest = line.get(at.or(goose)?..)?.trim();
    let rest = match rest.split_once(": ") {
        Some((_, version)) if lower.starts_with("current version of schema ") => version.trim(),
        Some(_) | None => rest,
    };
    let named = if rest.starts_with("<<") {
        rest
    } else {
        rest.split_whitespace().next()?
    };
    Some(named)
}

enum Line<'l> {
    Revision(&'l str),
    Dirty(&'l str),
    Log,
    Unclear,
}

impl<'l> Line<'l> {
    fn of(line: &'l str) -> Self {
        let mut words = line.split_whitespace();
        let Some(first) = words.next() else {
            return Self::Log;
        };
        let marks: Vec<&str> = words.collect();
        let marks = marks.join(" ");
        if is_name(first) && is_marked(&marks) && !is_level(first) {
            return match marks.to_ascii_lowercase().contains("(dirty)") {
                true => Self::Dirty(first),
                false => Self::Revision(first),
            };
        }
        // A log that names a version may be how a tool answers: that is not nothing.
        match is_log(line) && !names_a_version(line) {
            true => Self::Log,
            false => Self::Unclear,
        }
    }
}

fn is_name(word: &str) -> bool {
    word.len() <= 200
        && word.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '+' | '@' | '/'))
        && word.chars().any(|c| c.is_ascii_alphanumeric())
        && !is_date(word)
        && !ANSWERS.contains(
            &word
                .trim_end_matches(['.', '!'])
                .to_ascii_lowercase()
                .as_str(),
        )
}

/// What programs say when they are done.
const ANSWERS: [&str; 8] = [
    "ok", "done", "success", "true", "false", "yes", "no", "finished",
];

/// Nothing, or marks in brackets: `(head)`, `(head) (mergepoint)`, `(dirty)`.
fn is_marked(rest: &str) -> bool {
    rest.split_inclusive(')').all(|mark| {
        let mark = mark.trim();
        mark.is_empty() || (mark.starts_with('(') && mark.ends_with(')'))
    })
}

const LEVELS: [&str; 14] = [
    "trace", "debug", "info", "notice", "warn", "warning", "error", "err", "critical", "fatal",
    "panic", "severe", "verbose", "log",
];

/// A level as loggers write it: `INFO`, `INFO:`, `[info]`, `level=info`.
fn is_level(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '=');
    let bare = bare
        .strip_prefix("level=")
        .unwrap_or(bare)
        .trim_matches('"')
        .to_ascii_lowercase();
    let bare = bare.split([':', '[']).next().unwrap_or_default().to_owned();
    LEVELS.contains(&bare.as_str())
}

fn is_log(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    if is_level(first) {
        return true;
    }
    let stamp = first.trim_matches(|c: char| matches!(c, '[' | ']' | '(' | ')' | '"'));
    if is_date(stamp) || is_time(stamp) {
        return true;
    }
    let structured = line.starts_with('{') && line.ends_with('}');
    let has = |key: &str| line.contains(&format!("\"{key}\"")) || line.contains(&format!("{key}="));
    (structured || line.contains('='))
        && ["level", "severity", "levelname", "lvl"]
            .iter()
            .any(|key| has(key))
}

/// `2026-01-05`, `2026/01/05`, `2026-01-05T09:00:00Z`.
fn is_date(word: &str) -> bool {
    let bytes = word.as_bytes();
    let digits = |range: std::ops::Range<usize>| {
        bytes
            .get(range)
            .is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    let separated = |at: usize| bytes.get(at).is_some_and(|b| matches!(b, b'-' | b'/'));
    digits(0..4)
        && separated(4)
        && digits(5..7)
        && separated(7)
        && digits(8..10)
        && bytes.get(10).is_none_or(|b| matches!(b, b'T' | b' '))
}

/// `09:00:00`, also with a fraction.
fn is_time(word: &str) -> bool {
    let parts: Vec<&str> = word.split(':').collect();
    parts.len() >= 2
        && parts
            .iter()
            .all(|part| part.starts_with(|c: char| c.is_ascii_digit()))
}

fn names_a_version(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    // Alembic's own two lines of every run name none.
    [
        "version ",
        "version:",
        "version=",
        "\"version\"",
        "revision ",
    ]
    .iter()
    .any(|word| lower.contains(word))
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Revision, Unclear};

    fn read(text: &str) -> String {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        match Revision::read(&lines) {
            Ok(revision) => revision.to_string(),
            Err(Unclear::Several(all)) => format!("several: {}", all.join(" ")),
            Err(Unclear::Dirty(name)) => format!("dirty: {name}"),
            Err(Unclear::NotARevision(line)) => format!("unclear: {line}"),
        }
    }

    const ALEMBIC: &str = "INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.\nINFO  [alembic.runtime.migration] Will assume transactional DDL.";

    #[test]
    fn what_tools_print() {
        let rows = [
            // Alembic
            ("9c1 (head)", "9c1"),
            ("9c1", "9c1"),
            ("add_users", "add_users"),
            ("ae1027a6acf (effective head)", "ae1027a6acf"),
            ("9c1 (head) (mergepoint)", "9c1"),
            ("", "empty"),
            ("\n\n", "empty"),
            (ALEMBIC, "empty"),
            ("9c1 (head)\n8f2 (head)", "several: 9c1 8f2"),
            ("9c1\n9c1", "9c1"),
            (
                "Current revision(s) for postgresql://h/db:\nRev: 9c1 (head)\nParent: 8f2\nPath: /app/9c1_x.py\n\n    add users\n\n    Revision ID: 9c1\n    Revises: 8f2\n    Create Date: 2026-01-05 09:00:00.000000",
                "9c1",
            ),
            (
                "Current revision(s) for postgresql://h/db:\nRev: 9c1 (head)\nParent: 8f2\nRev: 7aa (head)\nParent: 8f2",
                "several: 9c1 7aa",
            ),
            ("Current revision(s) for postgresql://h/db:", "empty"),
            // Flyway
            (
                "Flyway Community Edition 9.1\nSchema version: 1.2\n\n+-----+\n| 1 |\n+-----+",
                "1.2",
            ),
            ("Schema version: << Empty Schema >>", "empty"),
            ("Current version of schema \"public\": 3", "3"),
            // Rails, Knex, goose, golang-migrate, Prisma's table
            (
                "database: shop\nCurrent version: 20260105120000",
                "20260105120000",
            ),
            ("Current version: 0", "empty"),
            (
                "Using environment: production\nCurrent Version: none",
                "empty",
            ),
            ("2026/01/05 09:00:00 goose: version 20260105", "20260105"),
            ("42", "42"),
            ("42 (dirty)", "dirty: 42"),
            ("20260105120000_add_users", "20260105120000_add_users"),
            ("1.4.2", "1.4.2"),
            (
                "d41d8cd98f00b204e9800998ecf8427e",
                "d41d8cd98f00b204e9800998ecf8427e",
            ),
            ("_add_users", "_add_users"),
            ("Rev: 9c1 (head): shop", "9c1"),
            // Nothing that only begins or ends like one
            ("+9c1", "unclear: +9c1"),
            ("9c1:x", "unclear: 9c1:x"),
            ("9c1 (head", "unclear: 9c1 (head"),
            ("9c1 head)", "unclear: 9c1 head)"),
            ("a=b", "unclear: a=b"),
            ("{\"level\": 1", "unclear: {\"level\": 1"),
            // Not every number with dashes is a day
            ("2026_01-05", "2026_01-05"),
            ("2026-xx-05", "2026-xx-05"),
            ("2026-01_05", "2026-01_05"),
            ("2026-01-xx", "2026-01-xx"),
            ("2026-01-05_x", "2026-01-05_x"),
            // What stands around it
            ("Loading .env environment variables...\n9c1 (head)", "9c1"),
            ("2026-01-05 09:00:00,123 INFO starting\n9c1", "9c1"),
            ("9c1\nINFO done", "9c1"),
            // No line of a log is a revision
            ("INFO", "empty"),
            ("INFO:     ready", "empty"),
            ("[warn] slow", "empty"),
            ("level=info msg=\"ready\"", "empty"),
            (
                "time=\"2026-01-05T09:00:00Z\" level=warning msg=hm",
                "empty",
            ),
            (
                "{\"level\":\"INFO\",\"message\":\"Context impl PostgresqlImpl.\"}",
                "empty",
            ),
            ("2026-01-05T09:00:00Z connected", "empty"),
            ("[2026-01-05 09:00:00] connected", "empty"),
            ("09:00:00.123 connected", "empty"),
            ("2026-01-05", "empty"),
            // What may be an answer is not nothing
            (
                "2026-01-05 09:00:00 INFO schema version 12",
                "unclear: 2026-01-05 09:00:00 INFO schema version 12",
            ),
            (
                "INFO the current revision is 9c1",
                "unclear: INFO the current revision is 9c1",
            ),
            (
                "the schema is up to date",
                "unclear: the schema is up to date",
            ),
            (
                "Database schema is up to date!",
                "unclear: Database schema is up to date!",
            ),
            ("{\"version\": 12}", "unclear: {\"version\": 12}"),
            ("[X] 0001_initial\n[ ] 0002_auto", "unclear: [ ] 0002_auto"),
            ("Done.", "unclear: Done."),
            ("loading it\nready", "unclear: loading it"),
            (
                "9c1 (head)\nUserWarning: old driver",
                "unclear: UserWarning: old driver",
            ),
        ];
        for (printed, expected) in rows {
            assert_eq!(read(printed), expected, "{printed:?}");
        }
    }
}
