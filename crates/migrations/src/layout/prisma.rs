//! Prisma Migrate: a folder for each migration, in the order of their names.

use std::collections::{BTreeMap, BTreeSet};

use super::{file_name, folder, in_a_row, script, title};
use crate::problem::{Place, Problem};
use crate::written::{Down, Found, Repeats, Within, Written};

pub(super) fn find(files: &BTreeMap<String, Vec<u8>>) -> Found {
    let mut found = Found::default();
    let folders: BTreeSet<&str> = files
        .keys()
        .map(|path| folder(path))
        .filter(|one| !one.is_empty())
        .collect();
    let mut revisions = Vec::new();
    for folder in folders {
        let name = file_name(folder);
        let file = format!("{folder}/migration.sql");
        let Some(bytes) = files.get(&file) else {
            // Only what is called like a migration has to be one.
            if name.starts_with(|c: char| c.is_ascii_digit()) {
                found.problems.push(Problem::error(
                    Place::new(format!("{folder}/"), 1),
                    "there is no `migration.sql`",
                    "Prisma refuses a folder without one (P3015): remove the folder, or restore the file",
                ));
            }
            continue;
        };
        let (up, comments) = script(&file, bytes, Within::NotKnown, &mut found);
        let down_file = format!("{folder}/down.sql");
        let (down, of_down) = match files.get(&down_file) {
            Some(bytes) => {
                let (script, comments) = script(&down_file, bytes, Within::NotKnown, &mut found);
                (Down::Script(script), comments)
            }
            None => (
                Down::Absent {
                    file: file.clone(),
                    line: 1,
                    why: "there is no `down.sql`".to_owned(),
                },
                Vec::new(),
            ),
        };
        let label = name.trim_start_matches(|c: char| c.is_ascii_digit());
        revisions.push(Written {
            id: name.to_owned(),
            line: 1,
            title: title(label),
            parents: Vec::new(),
            needs: Vec::new(),
            labels: Vec::new(),
            up,
            down,
            comments: [comments, of_down].concat(),
            repeats: Repeats::Once,
        });
    }
    revisions.sort_by(|one, other| one.id.cmp(&other.id));
    in_a_row(&mut revisions);
    found.revisions = revisions;
    found
}
