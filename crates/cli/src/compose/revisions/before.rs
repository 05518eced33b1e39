//! What is applied already, where a tool's history is a row of files: a file may have come between those that were there. Only the
//! files of the version whose migration ran last tell.

use std::collections::BTreeSet;

use backstay_domain::observation::JobState;
use backstay_domain::schema::{Repeats, Revision, SchemaEntry, SchemaRecord, Way};
use backstay_migrations::{Directory, Files};

/// The files of the version whose migration ended last and well.
#[derive(Clone, Debug)]
pub struct Before {
    pub(super) files: Files,
    pub(super) directory: Directory,
}

/// A revision that is to be applied, and whether the database is on it then.
pub(super) type Left<'d> = (&'d backstay_migrations::Revision, Repeats);

/// The last migration that ran, where it went up, ended well, and led to this revision.
pub(super) fn last<'r>(record: &'r SchemaRecord, on: &Revision) -> Option<&'r SchemaEntry> {
    let ran = |entry: &&SchemaEntry| {
        !matches!(entry.end, Some(JobState::NeverStarted(_))) && entry.way != Way::Accepted
    };
    let last = record.entries.iter().rev().find(ran)?;
    let up = last.way == Way::Up && last.end == Some(JobState::Exited(0));
    let there = last.after.as_ref().is_none_or(|after| after.is_same(on));
    (up && there).then_some(last)
}

/// What is applied of a history without a graph: what comes before the revision that the database is on, and was there when a
/// migration last ended well. Nothing where nobody can tell.
pub(super) fn applied<'d>(
    directory: &'d Directory,
    on: &str,
    before: Option<&Before>,
) -> Option<BTreeSet<&'d str>> {
    let known = &before?.directory;
    known.revision(on)?;
    directory.revision(on)?;
    let mut applied = directory.ancestors(on);
    applied.retain(|id| known.revisions.iter().any(|one| one.id == *id));
    Some(applied)
}

/// What is left to apply. What repeats is left out where its file is as it was.
pub(super) fn left<'d>(
    (files, directory): (&Files, &'d Directory),
    on: &str,
    before: Option<&Before>,
) -> Option<Vec<Left<'d>>> {
    let applied = applied(directory, on, before)?;
    let behind = directory.ancestors(on);
    let is_as_it_was = |file: &String| {
        let (now, then) = (files.get(file), before.and_then(|one| one.files.get(file)));
        // Flyway's way to have it applied every time.
        let always = now.is_some_and(|now| contains(now, b"${flyway:timestamp}"));
        now.is_some() && now == then && !always
    };
    let left = directory.revisions.iter().filter_map(|one| {
        let id = one.id.as_str();
        match one.repeats {
            true if is_as_it_was(&one.place.file) => None,
            true => Some((one, Repeats::WhenChanged)),
            false if applied.contains(id) => None,
            false if behind.contains(id) => Some((one, Repeats::Behind)),
            false => Some((one, Repeats::Once)),
        }
    });
    Some(left.collect())
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use backstay_config::{MigrationTool, Revisions};
    use backstay_migrations::{Tool, read};

    use super::super::{Database, Judged, NO_COMMIT, Origin};
    use super::*;

    fn files(of: &[(&str, &str)]) -> Files {
        let files = of.iter();
        files
            .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
            .collect()
    }

    #[test]
    fn what_lies_here_is_not_taken_for_another_version() {
        let files = files(&[("V1__a.sql", "SELECT 1;")]);
        let judged = |because: &'static str| Judged {
            revisions: Revisions {
                tool: MigrationTool::Flyway,
                directory: "db".to_owned(),
            },
            origin: Origin::WorkingTree { because },
            directory: read(Tool::Flyway, &files),
            files: files.clone(),
            database: Database::Unknown,
        };
        let applied = |because| judged(because).applied_on(&Revision::empty(), None);
        assert_eq!(
            applied("this is no git checkout").map(|all| all.len()),
            Some(1)
        );
        assert_eq!(applied(NO_COMMIT), None);
    }

    #[test]
    fn of_what_comes_before_only_its_own_is_known_to_be_applied() {
        let written = [("V1__a.sql", "x"), ("V2__b.sql", "x"), ("V3__c.sql", "x")];
        let of = |written: &[(&str, &str)]| {
            let files = files(written);
            let directory = read(Tool::Flyway, &files);
            Before { files, directory }
        };
        let now = of(&written);
        let record = SchemaRecord {
            entries: vec![entry("2")],
        };
        let told = |known: Option<&Before>| {
            let database = Database::of(&record, MigrationTool::Flyway, &now.directory, known);
            ["1", "2", "3"].map(|id| database.has(id))
        };
        assert_eq!(told(None), [None, Some(true), Some(false)]);
        let came_between = of(&written[1..2]);
        let all = [Some(false), Some(true), Some(false)];
        assert_eq!(told(Some(&came_between)), all);
    }

    fn entry(after: &str) -> SchemaEntry {
        SchemaEntry {
            deployment: None,
            release: "r-0123456789ab".parse().unwrap(),
            version: "1".parse().unwrap(),
            way: Way::Up,
            migration: None,
            intended: None,
            end: Some(JobState::Exited(0)),
            before: None,
            after: Some(Revision::new(after)),
            revisions: None,
            anchor: None,
        }
    }

    #[test]
    fn only_a_migration_that_ended_well_and_led_there_tells() {
        let on = Revision::new("2");
        let with = |change: fn(&mut SchemaEntry)| {
            let mut changed = entry("2");
            change(&mut changed);
            let record = SchemaRecord {
                entries: vec![entry("02"), changed],
            };
            last(&record, &on).map(|found| found.after.clone().unwrap().to_string())
        };
        assert_eq!(with(|_| {}).as_deref(), Some("2"));
        assert_eq!(with(|one| one.way = Way::Accepted).as_deref(), Some("02"));
        let never = |one: &mut SchemaEntry| {
            one.end = Some(JobState::NeverStarted("no image".to_owned()));
        };
        assert_eq!(with(never).as_deref(), Some("02"));
        assert_eq!(with(|one| one.end = Some(JobState::Exited(1))), None);
        assert_eq!(with(|one| one.end = None), None);
        assert_eq!(with(|one| one.after = Some(Revision::new("3"))), None);
    }

    fn told(now: &[(&str, &str)], on: &str, before: Option<&[(&str, &str)]>) -> Option<String> {
        let of = |written: &[(&str, &str)]| {
            let files = files(written);
            let directory = read(Tool::Flyway, &files);
            Before { files, directory }
        };
        let (now, before) = (of(now), before.map(of));
        let left = left((&now.files, &now.directory), on, before.as_ref())?;
        let words = left
            .iter()
            .map(|(one, repeats)| format!("{} {repeats:?}", one.id));
        Some(words.collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn a_file_that_came_between_is_not_applied() {
        let before = [("V1__a.sql", "x"), ("V3__c.sql", "x"), ("R__v.sql", "x")];
        let mut now = before.to_vec();
        assert_eq!(told(&now, "3", Some(&before)).as_deref(), Some(""));
        now.extend([("V2__b.sql", "x"), ("V4__d.sql", "x")]);
        assert_eq!(
            told(&now, "3", Some(&before)).as_deref(),
            Some("2 Behind, 4 Once")
        );
        now[2].1 = "y";
        assert_eq!(
            told(&now, "003", Some(&before)).as_deref(),
            Some("2 Behind, 4 Once, v WhenChanged")
        );
        let always = [("V1__a.sql", "x"), ("R__v.sql", "-- ${flyway:timestamp}")];
        assert_eq!(
            told(&always, "1", Some(&always)).as_deref(),
            Some("v WhenChanged")
        );
        // Nobody knows what was there, or how the database came to where it is.
        assert_eq!(told(&now, "3", None), None);
        assert_eq!(told(&now, "4", Some(&before)), None);
        assert_eq!(told(&now, "9", Some(&before)), None);
    }
}
