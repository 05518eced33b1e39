//! The corpus: what PostgreSQL's documentation says of single statements, asked of SQL and of Alembic's spelling of it.

use std::path::Path;

use serde_json::Value;

use super::{alembic, files, revision};
use crate::{Directory, Lock, Runs, Tool, read};

fn runs(runs: Runs) -> &'static str {
    match runs {
        Runs::Expands => "expands",
        Runs::Unknown => "unknown",
        Runs::Contracts => "contracts",
        Runs::Breaks => "breaks",
    }
}

fn lock(lock: Lock) -> &'static str {
    match lock {
        Lock::Brief => "brief",
        Lock::Online => "online",
        Lock::Rows => "rows",
        Lock::Unknown => "unknown",
        Lock::Writes => "writes",
        Lock::All => "all",
        Lock::Rewrite => "rewrite",
    }
}

/// The worst of the last revision's steps.
fn verdict(directory: &Directory) -> (String, String) {
    let last = directory.revisions.last().expect("a revision");
    let steps = || last.steps.iter().map(|step| &step.finding);
    let worst = steps().map(|finding| finding.runs).max().expect("a step");
    let held = steps().map(|finding| finding.lock).max().expect("a step");
    (runs(worst).to_owned(), lock(held).to_owned())
}

#[test]
fn what_the_documentation_says_of_every_operation() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/migrations/corpus.json");
    let text = std::fs::read_to_string(path).expect("the corpus");
    let rows: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    let mut wrong = Vec::new();
    let mut asked = 0;
    for row in &rows {
        let member = |name: &str| row[name].as_str();
        let given = member("given").unwrap_or("SELECT 1");
        let sql = member("sql").expect("sql");
        let says = member("says").expect("a quotation");
        assert!(says.len() > 10, "{sql}: no quotation");
        assert!(
            member("tag").is_some_and(|tag| tag.starts_with('[')),
            "{sql}: no tag"
        );
        let expected = (
            member("runs").expect("runs").to_owned(),
            member("lock").expect("lock").to_owned(),
        );
        let of_sql = files(&[("V1__given.sql", given), ("V2__asked.sql", sql)]);
        let mut found = vec![("SQL", read(Tool::Flyway, &of_sql))];
        if let Some(spelled) = member("alembic") {
            let given = format!("op.execute(\"\"\"{given}\"\"\")");
            found.push((
                "Alembic",
                alembic(&[
                    ("a.py", revision("a", "None", &given, "")),
                    ("b.py", revision("b", "\"a\"", spelled, "")),
                ]),
            ));
        }
        for (spelling, directory) in found {
            asked += 1;
            let got = verdict(&directory);
            if got != expected {
                wrong.push(format!(
                    "{spelling}: {sql}: expected {expected:?}, found {got:?}"
                ));
            }
        }
    }
    println!("corpus: {} operations, asked {asked} times", rows.len());
    assert!(rows.len() >= 80, "{} operations", rows.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
