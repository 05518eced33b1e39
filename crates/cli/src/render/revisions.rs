//! The table of an app's revisions, for people: what each does, whether the code just before goes on, who waits, and what the way
//! back loses; and because of which line.

use backstay_domain::app::App;
use backstay_migrations::{By, Compatibility, Locking, Place, Revision, Severity, WayDown};

use super::clean::clean;
use crate::compose::revisions::{Database, Judged, Origin};

/// The newest revisions, and all of those that are not applied.
#[must_use]
pub fn revisions_text(app: &App, judged: &Judged, limit: usize) -> String {
    let mut lines = vec![
        format!(
            "{} {}: migrations in `{}`, {}",
            app.name,
            app.environment,
            judged.revisions.directory,
            origin(&judged.origin)
        ),
        database(&judged.database),
    ];
    if let Origin::Commit { other, .. } = &judged.origin
        && let Some(first) = other.first()
    {
        let more = match other.len() {
            1 => String::new(),
            several => format!(" and {} more", several - 1),
        };
        lines.push(format!("here, {first}{more} is not as that commit has it"));
    }
    lines.push(String::new());
    let shown = shown(judged, limit);
    let hidden = judged.directory.revisions.len() - shown.len();
    if hidden > 0 {
        lines.push(format!(
            "{hidden} earlier ones are left out: --limit shows more"
        ));
        lines.push(String::new());
    }
    lines.extend(table(&shown, &judged.database));
    for warning in judged.of(Severity::Warning) {
        lines.push(String::new());
        lines.push(format!("{}: {}", warning.place, warning.message));
        lines.push(format!("  {}", warning.help));
    }
    let lines: Vec<String> = lines.iter().map(|line| clean(line)).collect();
    lines.join("\n")
}

fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Commit { sha, .. } => {
            format!("as commit {} has them", sha.get(..7).unwrap_or(sha))
        }
        Origin::WorkingTree { because } => format!("as they lie here ({because})"),
    }
}

fn database(database: &Database) -> String {
    match database {
        Database::Unknown => "the database: nobody has read its revision".to_owned(),
        Database::Empty => "the database: empty, as last read".to_owned(),
        Database::On { revision, .. } => format!("the database: on {revision}, as last read"),
        Database::Elsewhere(revision) => {
            format!("the database: on {revision}, as last read, which these files do not have")
        }
    }
}

/// The newest ones; none that is not applied is left out.
fn shown(judged: &Judged, limit: usize) -> Vec<&Revision> {
    let all = &judged.directory.revisions;
    let first = all.len().saturating_sub(limit);
    let pending = |one: &Revision| judged.database.has(&one.id) == Some(false);
    all.iter()
        .enumerate()
        .filter(|(place, one)| *place >= first || pending(one))
        .map(|(_, one)| one)
        .collect()
}

const HEADS: [&str; 6] = [
    "revision",
    "applied",
    "code just before",
    "others wait",
    "way back",
    "what it is",
];

fn table(revisions: &[&Revision], database: &Database) -> Vec<String> {
    let rows: Vec<[String; 6]> = revisions
        .iter()
        .map(|one| row(one, database.has(&one.id)))
        .collect();
    let widths: Vec<usize> = HEADS
        .iter()
        .enumerate()
        .map(|(column, head)| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.chain([head.len()]).max().unwrap_or_default()
        })
        .collect();
    let line = |cells: Vec<&str>| {
        let padded: Vec<String> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(HEADS.to_vec())];
    for (row, revision) in rows.iter().zip(revisions) {
        lines.push(line(row.iter().map(String::as_str).collect()));
        lines.extend(because(revision));
    }
    lines
}

fn row(revision: &Revision, applied: Option<bool>) -> [String; 6] {
    let code = match (revision.compatibility.value, revision.compatibility.by) {
        (Compatibility::Compatible, By::Declared) => "compatible, declared",
        (Compatibility::Compatible, By::Linted | By::Nobody) => "compatible",
        (Compatibility::Breaking, By::Nobody) => "breaking, undeclared",
        (Compatibility::Breaking, By::Declared) => "breaking, declared",
        (Compatibility::Breaking, By::Linted) => "breaking",
    };
    let waits = match (revision.locking.value, revision.locking.by) {
        (Locking::Online, By::Declared) => "online, declared".to_owned(),
        (Locking::Online, By::Linted | By::Nobody) => "online".to_owned(),
        (Locking::Locks(lock), _) => lock.words().to_owned(),
    };
    let back = way_down(revision.way_down.value);
    let back = match revision.way_down.by {
        By::Declared => format!("{back}, declared"),
        By::Linted | By::Nobody => back.to_owned(),
    };
    let applied = match applied {
        Some(true) => "yes",
        Some(false) => "no",
        None => "?",
    };
    [
        revision.id.clone(),
        applied.to_owned(),
        code.to_owned(),
        waits,
        back,
        revision.title.clone(),
    ]
}

/// In the word of a configuration.
#[must_use]
pub fn way_down(way: WayDown) -> &'static str {
    match way {
        WayDown::Lossless => "lossless",
        WayDown::Lossy => "lossy",
        WayDown::Absent => "absent",
    }
}

/// The lines that make it what it is, where that is not the best.
fn because(revision: &Revision) -> Vec<String> {
    let mut lines = Vec::new();
    let mut add = |place: &Place, why: &str| {
        lines.push(format!("    {place}  {why}"));
    };
    let code = &revision.compatibility;
    if code.value == Compatibility::Breaking || code.by == By::Declared {
        add(&code.place, &code.why);
    }
    let waits = &revision.locking;
    if waits.value != Locking::Online || waits.by == By::Declared {
        add(&waits.place, &waits.why);
    }
    let back = &revision.way_down;
    if back.value != WayDown::Lossless || back.by == By::Declared {
        add(&back.place, &format!("way back: {}", back.why));
    }
    lines.dedup();
    lines
}
