//! Flyway: versions, their undoing, and what is applied again whenever it changes.

use std::collections::BTreeMap;

use super::{code, file_name, in_a_row, number, script, second, title};
use crate::problem::{Place, Problem};
use crate::written::{Down, Found, Repeats, Within, Written};

/// What a file's name says.
enum Named<'p> {
    /// `V1_2__name.sql`
    Version(String, &'p str),
    /// `B1__name.sql`: instead of all versions up to it, on an empty database.
    Baseline(String, &'p str),
    /// `U1_2__name.sql`
    Undo(String),
    /// `R__name.sql`
    Repeatable(&'p str),
}

pub(super) fn find(files: &BTreeMap<String, Vec<u8>>) -> Found {
    let mut found = Found::default();
    let mut versions: Vec<(Vec<(usize, String)>, Written)> = Vec::new();
    let mut undoing: BTreeMap<String, (&String, &Vec<u8>)> = BTreeMap::new();
    let mut repeatable: Vec<Written> = Vec::new();
    let mut baselines: Vec<(Vec<(usize, String)>, Written)> = Vec::new();
    for (path, bytes) in files {
        let name = file_name(path);
        let Some((stem, extension)) = name.rsplit_once('.') else {
            continue;
        };
        if extension != "sql" && !CODE.contains(&extension) {
            continue;
        }
        if let Some(event) = callback(stem) {
            found.problems.push(Problem::warning(
                Place::new(path, 1),
                format!(
                    "Flyway runs it at `{event}`, at every migration: what it does is not judged"
                ),
                "put what changes the schema into a version",
            ));
            continue;
        }
        let named = match named(stem) {
            Some(named) => named,
            None => {
                found.problems.extend(overlooked(path, stem, extension));
                continue;
            }
        };
        let (up, comments) = match extension {
            "sql" => script(path, bytes, Within::NotKnown, &mut found),
            _ => (code(path), Vec::new()),
        };
        let written = |id: String, label: &str, repeats: Repeats| Written {
            id,
            line: 1,
            title: title(label),
            parents: Vec::new(),
            needs: Vec::new(),
            labels: Vec::new(),
            up,
            down: Down::Absent {
                file: path.clone(),
                line: 1,
                why: "there is no undo migration for it".to_owned(),
            },
            comments,
            repeats,
        };
        match named {
            Named::Version(version, label) => {
                let order = version.split('.').map(number).collect();
                versions.push((order, written(version, label, Repeats::Once)));
            }
            Named::Baseline(version, label) => {
                let order = version.split('.').map(number).collect();
                baselines.push((order, written(version, label, Repeats::Once)));
            }
            Named::Undo(version) => match undoing.get(&version) {
                Some((first, _)) => found.problems.push(second(path, first)),
                None => drop(undoing.insert(version, (path, bytes))),
            },
            Named::Repeatable(label) => {
                let id = label.replace('_', " ");
                repeatable.push(written(id, label, Repeats::WhenChanged));
            }
        }
    }
    // A database that has the version never sees the baseline of it.
    let all: Vec<String> = versions.iter().map(|(_, one)| one.id.clone()).collect();
    baselines.retain(|(_, one)| !all.contains(&one.id));
    versions.extend(baselines);
    versions.sort_by(|(one, first), (other, second)| {
        one.cmp(other)
            .then_with(|| first.up.file.cmp(&second.up.file))
    });
    let mut revisions: Vec<Written> = versions.into_iter().map(|(_, written)| written).collect();
    for revision in &mut revisions {
        if let Some((path, bytes)) = undoing.remove(&revision.id) {
            let (script, comments) = match path.ends_with(".sql") {
                true => script(path, bytes, Within::NotKnown, &mut found),
                false => (code(path), Vec::new()),
            };
            revision.down = Down::Script(script);
            revision.comments.extend(comments);
        }
    }
    for (version, (path, _)) in undoing {
        found.problems.push(Problem::warning(
            Place::new(path, 1),
            format!("it undoes version {version}, which is not there"),
            "remove it, or restore its version",
        ));
    }
    repeatable.sort_by(|one, other| one.id.cmp(&other.id));
    revisions.extend(repeatable);
    in_a_row(&mut revisions);
    found.revisions = revisions;
    found
}

/// Endings of what is run and not read.
const CODE: [&str; 11] = [
    "java", "kt", "class", "cs", "py", "sh", "bash", "ps1", "bat", "cmd", "exe",
];

/// What Flyway runs on its own account: `afterMigrate.sql`, `beforeEachMigrate__name.sql`.
fn callback(stem: &str) -> Option<&str> {
    let event = stem.split("__").next().unwrap_or(stem);
    let rest = ["before", "after", "create"]
        .iter()
        .find_map(|start| event.strip_prefix(start))?;
    rest.starts_with(|c: char| c.is_ascii_uppercase())
        .then_some(event)
}

fn named(stem: &str) -> Option<Named<'_>> {
    let (prefix, label) = stem.split_once("__")?;
    let version = |digits: &str| {
        let version = digits.replace('_', ".");
        let parts = version.split('.');
        let plain = parts
            .clone()
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        // `V01` and `V1` are the same version.
        let bare = parts.map(|part| match part.trim_start_matches('0') {
            "" => "0",
            bare => bare,
        });
        plain.then(|| bare.collect::<Vec<_>>().join("."))
    };
    match prefix.split_at_checked(1)? {
        ("V", digits) => Some(Named::Version(version(digits)?, label)),
        ("B", digits) => Some(Named::Baseline(version(digits)?, label)),
        ("U", digits) => Some(Named::Undo(version(digits)?)),
        ("R", "") => Some(Named::Repeatable(label)),
        _ => None,
    }
}

/// Files that look like migrations, and that Flyway does not see.
fn overlooked(path: &str, stem: &str, extension: &str) -> Option<Problem> {
    let looks = stem.starts_with(['V', 'U', 'v'])
        && stem.chars().nth(1).is_some_and(|c| c.is_ascii_digit())
        && extension == "sql";
    looks.then(|| {
        Problem::warning(
            Place::new(path, 1),
            "Flyway does not see this file: it is not called `V<version>__<name>.sql`",
            "two underscores stand behind the version",
        )
    })
}
