//! What is known of a database from earlier revisions, and what is not known any more.

use super::files;
use crate::{Runs, Tool, WayDown, read};

const USERS: &str = "CREATE TABLE users (id bigint PRIMARY KEY, name varchar(50), age integer, twice integer GENERATED ALWAYS AS (age * 2) STORED); CREATE INDEX by_name ON users (name); ALTER TABLE users ADD CONSTRAINT has_name CHECK (name IS NOT NULL);";
const WIDER: &str = "ALTER TABLE users ALTER COLUMN name TYPE varchar(90)";

/// The last step of these revisions, and the way down of the last one.
fn last(earlier: &[&str], asked: &str, down: &str) -> (Runs, String, WayDown) {
    let mut written = vec![("0_users.up.sql".to_owned(), USERS)];
    for (place, text) in earlier.iter().chain([&asked]).enumerate() {
        written.push((format!("{}_x.up.sql", place + 1), *text));
    }
    written.push((format!("{}_x.down.sql", earlier.len() + 1), down));
    let borrowed: Vec<(&str, &str)> = written
        .iter()
        .map(|(path, text)| (path.as_str(), *text))
        .collect();
    let directory = read(Tool::Sql, &files(&borrowed));
    let one = directory.revisions.last().expect("a revision");
    let step = one.steps.last().expect("a step");
    (
        step.finding.runs,
        step.finding.lock.words().to_owned(),
        one.way_down.value,
    )
}

#[test]
fn what_is_gone_is_not_known_any_more() {
    let runs = |earlier: &[&str], asked: &str| last(earlier, asked, "").0;
    assert_eq!(runs(&[], WIDER), Runs::Expands);
    let rows = [
        "ALTER TABLE users DROP COLUMN name",
        "DROP TABLE users",
        "DO $$ BEGIN PERFORM 1; END $$",
        "SELECT anything()",
        "ALTER TABLE users FROBNICATE name",
        "ALTER TABLE users DROP COLUMN name; ALTER TABLE users ADD COLUMN name our_own",
    ];
    let elsewhere = "SET search_path TO shop; CREATE TABLE users (name varchar(50))";
    assert_ne!(runs(&[elsewhere], WIDER), Runs::Expands);
    let there = format!("SET LOCAL search_path = shop; {WIDER}");
    assert_ne!(runs(&[], &there), Runs::Expands);
    for earlier in rows {
        assert_ne!(runs(&[earlier], WIDER), Runs::Expands, "{earlier}");
    }
    assert_eq!(
        runs(&["ALTER TABLE others FROBNICATE name"], WIDER),
        Runs::Expands,
        "that was another table"
    );
    assert_eq!(
        runs(
            &["ALTER TABLE users RENAME TO people"],
            &WIDER.replace("users", "people")
        ),
        Runs::Expands
    );
    assert_eq!(
        runs(
            &["ALTER TABLE users RENAME COLUMN name TO called"],
            &WIDER.replace("name", "called")
        ),
        Runs::Expands
    );
}

#[test]
fn a_check_of_before_does_not_hold_for_ever() {
    let asked = "ALTER TABLE users ALTER COLUMN name SET NOT NULL";
    let waits = |earlier: &[&str]| last(earlier, asked, "").1;
    assert_eq!(waits(&[]), "for a moment");
    let rows = [
        "ALTER TABLE users DROP CONSTRAINT has_name",
        "ALTER TABLE users ALTER COLUMN name DROP NOT NULL",
        "ALTER TABLE users DROP COLUMN name; ALTER TABLE users ADD COLUMN name text",
        "DROP TABLE users; CREATE TABLE users (name text)",
    ];
    for earlier in rows {
        assert_eq!(waits(&[earlier]), "blocks reads and writes", "{earlier}");
    }
}

#[test]
fn an_index_is_known_by_its_present_name() {
    let runs = |earlier: &[&str], asked: &str| last(earlier, asked, "").0;
    assert_eq!(runs(&[], "DROP INDEX by_name"), Runs::Expands);
    let renamed = "ALTER INDEX by_name RENAME TO by_called";
    assert_eq!(runs(&[renamed], "DROP INDEX by_name"), Runs::Unknown);
    assert_eq!(runs(&[renamed], "DROP INDEX by_called"), Runs::Expands);
    assert_eq!(
        runs(&["DROP INDEX by_name"], "DROP INDEX by_name"),
        Runs::Unknown
    );
}

#[test]
fn a_column_that_is_computed_no_more_loses_its_values() {
    let add = "ALTER TABLE users ADD COLUMN twice integer";
    let drops = "ALTER TABLE users DROP COLUMN twice";
    assert_eq!(last(&[], drops, add).2, WayDown::Lossless);
    assert_eq!(
        last(&[&format!("{drops}; {add}")], drops, add).2,
        WayDown::Lossy
    );
}

#[test]
fn only_a_trigger_of_the_same_table_may_fill_a_column() {
    let add = "ALTER TABLE users ADD COLUMN plan text NOT NULL";
    let make = |table: &str| {
        format!(
            "CREATE TRIGGER t BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION f(); {add}"
        )
    };
    let runs = |asked: &str| last(&[], asked, "").0;
    assert_eq!(runs(add), Runs::Breaks);
    assert_eq!(runs(&make("users")), Runs::Unknown);
    assert_eq!(runs(&make("others")), Runs::Breaks);
    assert_eq!(
        runs(&format!("DROP TRIGGER t ON users; {add}")),
        Runs::Breaks
    );
}
