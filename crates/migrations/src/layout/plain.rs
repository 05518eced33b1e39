//! Files of SQL with numbers: `001_name.up.sql` beside `001_name.down.sql` (golang-migrate, sqlx), a folder with `up.sql` and
//! `down.sql` (diesel), or one file with both, apart by comments (goose, dbmate).

use std::collections::BTreeMap;

use super::{code, file_name, folder, in_a_row, number, script, second, title};
use crate::problem::{Place, Problem};
use crate::written::{Comment, Down, Found, Operation, Repeats, Script, Within, Written};

/// Where a script belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Up,
    Down,
    Both,
}

/// The files of one number and name.
#[derive(Default)]
struct Pair<'f> {
    up: Option<(&'f str, &'f [u8])>,
    down: Option<(&'f str, &'f [u8])>,
    both: Option<(&'f str, &'f [u8])>,
}

pub(super) fn find(files: &BTreeMap<String, Vec<u8>>) -> Found {
    let mut found = Found::default();
    let mut pairs: BTreeMap<((usize, String), String), Pair<'_>> = BTreeMap::new();
    for (path, bytes) in files {
        let Some((digits, name, part)) = named(path) else {
            found.problems.extend(overlooked(path));
            continue;
        };
        let key = (number(&digits), format!("{digits}{name}"));
        let pair = pairs.entry(key).or_default();
        let taken = match part {
            Part::Up => pair.up.or(pair.both),
            Part::Down => pair.down.or(pair.both),
            Part::Both => pair.both.or(pair.up).or(pair.down),
        };
        if let Some((first, _)) = taken {
            found.problems.push(second(path, first));
        }
        let of = match part {
            Part::Up => &mut pair.up,
            Part::Down => &mut pair.down,
            Part::Both => &mut pair.both,
        };
        *of = Some((path.as_str(), bytes.as_slice()));
    }
    let mut revisions = Vec::new();
    for ((_, name), pair) in pairs {
        revisions.extend(revision(&name, &pair, &mut found));
    }
    in_a_row(&mut revisions);
    found.revisions = revisions;
    found
}

/// The digits of a file's number, the rest of its name, and which part it is.
fn named(path: &str) -> Option<(String, String, Part)> {
    let file = file_name(path);
    // goose has migrations in Go beside those in SQL.
    let stem = file.strip_suffix(".sql").or_else(|| {
        let stem = file.strip_suffix(".go")?;
        let numbered = stem
            .split_once('_')
            .is_some_and(|(number, _)| is_number(number));
        (numbered && !stem.ends_with("_test")).then_some(stem)
    })?;
    let (name, part) = match stem {
        "up" | "down" => {
            let name = file_name(folder(path));
            let part = match stem {
                "up" => Part::Up,
                _ => Part::Down,
            };
            // diesel's version is what stands before the underscore, without its hyphens: `2025-01-31-120000_name`.
            let (date, rest) = name.split_at(name.find('_').unwrap_or(name.len()));
            let digits = date.replace('-', "");
            let dated = date.starts_with(|c: char| c.is_ascii_digit()) && is_number(&digits);
            return dated.then(|| (digits, rest.to_owned(), part));
        }
        _ => match (stem.strip_suffix(".up"), stem.strip_suffix(".down")) {
            (Some(name), _) => (name, Part::Up),
            (_, Some(name)) => (name, Part::Down),
            (None, None) => (stem, Part::Both),
        },
    };
    let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
    let rest = name.get(digits.len()..)?.to_owned();
    (!digits.is_empty()).then_some((digits, rest, part))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Numbered files that a tool may apply, and that are not read.
fn overlooked(path: &str) -> Option<Problem> {
    const CODE: [&str; 12] = [
        "js", "ts", "mjs", "cjs", "rb", "py", "php", "sh", "cs", "java", "exs", "SQL",
    ];
    let (stem, extension) = file_name(path).rsplit_once('.')?;
    let numbered = stem.starts_with(|c: char| c.is_ascii_digit());
    (numbered && CODE.contains(&extension)).then(|| {
        Problem::warning(
            Place::new(path, 1),
            "a numbered file that is not SQL is not read: the tool may apply it",
            "move it out of the directory, where it is no migration",
        )
    })
}

fn revision(name: &str, pair: &Pair<'_>, found: &mut Found) -> Option<Written> {
    let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
    let label = title(name.get(digits.len()..).unwrap_or_default());
    let built = |up: Script, down: Down, comments: Vec<Comment>| Written {
        id: digits.clone(),
        line: 1,
        title: label.clone(),
        parents: Vec::new(),
        needs: Vec::new(),
        labels: Vec::new(),
        up,
        down,
        comments,
        repeats: Repeats::Once,
    };
    if let Some((path, _)) = pair.both.filter(|(path, _)| path.ends_with(".go")) {
        return Some(built(code(path), Down::Script(code(path)), Vec::new()));
    }
    if let Some((path, bytes)) = pair.both {
        let (whole, comments) = script(path, bytes, Within::NotKnown, found);
        let (up, down) = apart(whole, &comments);
        return Some(built(up, down, comments));
    }
    let Some((path, bytes)) = pair.up else {
        let (path, _) = pair.down?;
        found.problems.push(Problem::error(
            Place::new(path, 1),
            "it takes back what is not there: its way up is missing",
            "restore the way up, or remove this file",
        ));
        return None;
    };
    let (up, comments) = script(path, bytes, within(bytes), found);
    let (down, of_down) = match pair.down {
        Some((path, bytes)) => {
            let (script, comments) = script(path, bytes, Within::NotKnown, found);
            (Down::Script(script), comments)
        }
        None => {
            let why = "there is no file that takes it back".to_owned();
            let file = path.to_owned();
            (Down::Absent { file, line: 1, why }, Vec::new())
        }
    };
    Some(built(up, down, [comments, of_down].concat()))
}

/// sqlx says in a first line that a file runs without a transaction.
fn within(bytes: &[u8]) -> Within {
    match bytes.starts_with(b"-- no-transaction") {
        true => Within::Nothing,
        false => Within::NotKnown,
    }
}

/// One file with both ways: `-- +goose Up`, `-- migrate:down`.
fn apart(whole: Script, comments: &[Comment]) -> (Script, Down) {
    let mark = |way: &str| {
        comments.iter().find_map(|comment| {
            let text = comment.text.to_lowercase();
            let goose = format!("+goose {way}");
            let dbmate = format!("migrate:{way}");
            let tool = text.starts_with(&goose) || text.starts_with(&dbmate);
            tool.then_some((comment.line, text))
        })
    };
    let file = whole.file.clone();
    let none = |line: usize| Down::Absent {
        file: file.clone(),
        line,
        why: "there is nothing that takes it back".to_owned(),
    };
    let free = comments.iter().any(|comment| {
        let text = comment.text.to_lowercase();
        text.starts_with("+goose no transaction") || text.contains("transaction:false")
    });
    let marked = mark("up").is_some();
    let within = match (marked, free) {
        // Both put a file's way into a transaction, unless it says otherwise.
        (true, false) => Within::Transaction,
        (true, true) => Within::Nothing,
        (false, _) => Within::NotKnown,
    };
    let operations = whole.operations.into_iter().map(|one| one.within(within));
    match mark("down") {
        None => {
            let operations = operations.collect();
            let script = Script {
                operations,
                file: file.clone(),
                line: 1,
            };
            (script, none(1))
        }
        Some((line, _)) => {
            let (up, down): (Vec<Operation>, Vec<Operation>) =
                operations.partition(|one| match mark("up") {
                    // The other way round, as nobody writes it.
                    Some((up, _)) if up > line => one.line >= up,
                    Some(_) | None => one.line < line,
                });
            let script = |operations: Vec<Operation>, line: usize| Script {
                file: file.clone(),
                line,
                operations,
            };
            let back = match down.is_empty() {
                true => none(line),
                false => Down::Script(script(down, line)),
            };
            (script(up, 1), back)
        }
    }
}
