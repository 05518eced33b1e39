//! The schema record for people: what the database is on as it was last read, and every migration that may have run.

use backstay_domain::app::Compatibility;
use backstay_domain::observation::JobState;
use backstay_domain::schema::{SchemaEntry, SchemaRecord, Way};

use super::clean::clean;
use super::time::moment;

/// What the schema is on, and what is not certain about it. Nothing where no migration is known.
#[must_use]
pub fn schema_lines(record: &SchemaRecord) -> Vec<String> {
    let Some(last) = record.entries.last() else {
        return Vec::new();
    };
    let revision = match record.revision() {
        Some(revision) => format!("revision {revision}, as last read"),
        None => "its revision is not known".to_owned(),
    };
    let newest = match record.newest() {
        Some(newest) => format!(
            "the newest migration is that of {} ({})",
            newest.version,
            declared(newest)
        ),
        None => "no migration stands".to_owned(),
    };
    let mut lines = vec![clean(&format!("{revision}; {newest}"))];
    match &last.anchor {
        _ if !is_certain(last) => lines.push(migration_words(last)),
        None => {}
        Some(anchor) => lines.push(clean(&format!(
            "before the last migration: {} {} of {}",
            anchor.what,
            anchor.name,
            moment(anchor.holds)
        ))),
    }
    lines
}

/// One migration that may have run: of which release, where to, how it ended, and what was read.
#[must_use]
pub fn migration_words(entry: &SchemaEntry) -> String {
    let version = &entry.version;
    let what = match &entry.way {
        Way::Up => format!("migration of {version}"),
        Way::Down { to, .. } => format!("migration down to {to} for {version}"),
        Way::Accepted => {
            return format!("somebody said that {version} runs on the schema as it is");
        }
    };
    let end = match &entry.end {
        Some(JobState::Exited(code)) => format!("exit code {code}"),
        Some(JobState::NeverStarted(why)) => format!("it never started: {why}"),
        Some(JobState::Killed(why)) => why.clone(),
        Some(JobState::Running | JobState::Vanished) | None => {
            "its end was not seen, it may have run".to_owned()
        }
    };
    let read = match (&entry.before, &entry.after) {
        (Some(before), Some(after)) => format!(", {before} → {after}"),
        (Some(before), None) => format!(", from {before}; not read since"),
        (None, Some(after)) => format!(", {after} was read after it"),
        (None, None) => String::new(),
    };
    let anchor = entry.anchor.as_ref().map(|anchor| {
        format!(
            "; before it: {} {} of {}",
            anchor.what,
            anchor.name,
            moment(anchor.holds)
        )
    });
    clean(&format!(
        "{what}: {end}{read}{}",
        anchor.unwrap_or_default()
    ))
}

/// Whether everybody knows what it did.
fn is_certain(entry: &SchemaEntry) -> bool {
    match (&entry.way, &entry.end) {
        (Way::Accepted, _) | (_, Some(JobState::Exited(0) | JobState::NeverStarted(_))) => true,
        (
            Way::Up | Way::Down { .. },
            Some(
                JobState::Exited(_) | JobState::Killed(_) | JobState::Running | JobState::Vanished,
            )
            | None,
        ) => false,
    }
}

fn declared(entry: &SchemaEntry) -> &'static str {
    match entry.migration.as_ref().map(|one| one.compatibility) {
        Some(Compatibility::Breaking) => "breaking",
        Some(Compatibility::Compatible) => "compatible",
        None => "nobody declared what runs on it",
    }
}
