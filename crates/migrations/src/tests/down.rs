//! What the way down loses.

use super::files;
use crate::{Tool, WayDown, read};

const EARLIER: &str = "CREATE TABLE users (id bigint PRIMARY KEY, name varchar(50), age integer);";

#[test]
fn what_going_down_loses() {
    let rows = [
        (
            "CREATE INDEX a ON users (name)",
            "DROP INDEX a",
            "Lossless everything is undone, and nothing that was written is lost",
        ),
        (
            "ALTER TABLE users RENAME COLUMN name TO called",
            "ALTER TABLE users RENAME COLUMN called TO name",
            "Lossless everything is undone, and nothing that was written is lost",
        ),
        (
            "ALTER TABLE users ADD COLUMN twice integer GENERATED ALWAYS AS (age * 2) STORED",
            "ALTER TABLE users DROP COLUMN twice",
            "Lossless everything is undone, and nothing that was written is lost",
        ),
        (
            "ALTER TABLE users ALTER COLUMN name SET NOT NULL",
            "ALTER TABLE users ALTER COLUMN name DROP NOT NULL",
            "Lossless everything is undone, and nothing that was written is lost",
        ),
        (
            "CREATE VIEW a AS SELECT 1 AS one",
            "DROP VIEW a",
            "Lossless everything is undone, and nothing that was written is lost",
        ),
        (
            "COMMENT ON TABLE users IS 'x'",
            "",
            "Lossless it changes nothing that lasts",
        ),
        (
            "ALTER TABLE users ADD COLUMN n text",
            "ALTER TABLE users DROP COLUMN n",
            "Lossy \"drop column users.n\": what was written to it since is lost",
        ),
        (
            "CREATE TABLE a (id bigint); CREATE INDEX b ON a (id)",
            "DROP TABLE a",
            "Lossy \"drop table a\": what was written to it since is lost",
        ),
        (
            "ALTER TABLE users ALTER COLUMN name DROP NOT NULL",
            "ALTER TABLE users ALTER COLUMN name SET NOT NULL",
            "Lossy \"set users.name not null\": it fails where a NULL was written since",
        ),
        (
            "ALTER TABLE users ALTER COLUMN name TYPE text",
            "ALTER TABLE users ALTER COLUMN name TYPE varchar(50)",
            "Lossy \"change users.name to varchar(50)\": what was written since may not fit any more",
        ),
        (
            "ALTER TABLE users DROP COLUMN age",
            "ALTER TABLE users ADD COLUMN age integer",
            "Lossy \"drop column users.age\": its values are gone when it is done",
        ),
        (
            "DROP TABLE users",
            "CREATE TABLE users (id bigint)",
            "Lossy \"drop table users\": its rows are gone when it is done",
        ),
        (
            "CREATE INDEX a ON users (name); CREATE INDEX b ON users (age)",
            "DROP INDEX a",
            "Lossy \"create index b on users\" is not undone",
        ),
        (
            "DO $$ BEGIN END $$",
            "SELECT f()",
            "Lossy what it does nobody can tell: `DO …`: SQL that the parser does not know",
        ),
        (
            "UPDATE users SET name = 'x'",
            "UPDATE users SET name = 'y'",
            "Lossy \"update users\" is not undone",
        ),
        (
            "CREATE INDEX a ON users (name)",
            "",
            "Absent it does nothing, and \"create index a on users\" is not undone",
        ),
    ];
    for (up, down, expected) in rows {
        let written = [
            ("1_a.up.sql", EARLIER),
            ("2_b.up.sql", up),
            ("2_b.down.sql", down),
        ];
        let directory = read(Tool::Sql, &files(&written));
        let one = &directory.revision("2").expect("the revision").way_down;
        assert_eq!(format!("{:?} {}", one.value, one.why), expected, "{up}");
    }
    let directory = read(Tool::Sql, &files(&[("1_a.up.sql", EARLIER)]));
    let one = &directory.revisions[0].way_down;
    assert_eq!(
        (one.value, one.why.as_str()),
        (WayDown::Absent, "there is no file that takes it back")
    );
}

fn judged(up: &str, down: &str) -> String {
    let earlier = "CREATE TABLE users (id bigint PRIMARY KEY, name varchar(50), age integer, price numeric(8, 2), at timestamptz); CREATE TYPE mood AS ENUM ('a');";
    let written = [
        ("1_a.up.sql", earlier),
        ("2_b.up.sql", up),
        ("2_b.down.sql", down),
    ];
    let directory = read(Tool::Sql, &files(&written));
    let one = &directory.revision("2").expect("the revision").way_down;
    format!("{:?} {}", one.value, one.why)
}

#[test]
fn what_destroys_on_the_way_up_is_not_undone_by_its_name() {
    let cascade = "`CASCADE`: what depends on it goes with it";
    let cut = "values may be cut or rounded when it is done";
    let rows = [
        ("DROP SCHEMA shop CASCADE", "CREATE SCHEMA shop", cascade),
        (
            "DROP TYPE mood CASCADE",
            "CREATE TYPE mood AS ENUM ('a')",
            cascade,
        ),
        ("DROP DOMAIN d CASCADE", "CREATE DOMAIN d AS text", cascade),
        (
            "DROP EXTENSION hstore CASCADE",
            "CREATE EXTENSION hstore",
            cascade,
        ),
        (
            "DROP VIEW v CASCADE",
            "CREATE VIEW v AS SELECT 1 AS one",
            cascade,
        ),
        (
            "DROP EXTENSION hstore",
            "CREATE EXTENSION hstore",
            "what it holds is gone",
        ),
        (
            "DROP SCHEMA shop",
            "CREATE SCHEMA shop",
            "what it holds is gone",
        ),
        (
            "DROP SEQUENCE numbers",
            "CREATE SEQUENCE numbers",
            "where it stood",
        ),
        (
            "ALTER TABLE users ADD COLUMN n integer; ALTER TABLE users DROP COLUMN n CASCADE",
            "ALTER TABLE users ADD COLUMN n integer",
            "its values are gone",
        ),
        (
            "ALTER TABLE users DROP CONSTRAINT users_pkey CASCADE",
            "ALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX users_index",
            cascade,
        ),
        (
            "SELECT 1",
            "DROP TABLE users",
            "what was written to it since is lost",
        ),
        (
            "INSERT INTO users (id) WITH gone AS (DELETE FROM users RETURNING id) SELECT id FROM gone",
            "CREATE INDEX i ON users (name)",
            "nobody can tell",
        ),
        (
            "CREATE TYPE t AS ENUM ('a')",
            "DROP TYPE t CASCADE",
            cascade,
        ),
        (
            "CREATE SCHEMA shop",
            "DROP SCHEMA shop",
            "what was put into it since is lost",
        ),
        (
            "CREATE OR REPLACE VIEW v AS SELECT 1 AS one",
            "DROP VIEW v",
            "is not undone",
        ),
        (
            "CREATE OR REPLACE FUNCTION f() RETURNS integer AS $$ SELECT 1; $$ LANGUAGE sql",
            "DROP FUNCTION f()",
            "is not undone",
        ),
        (
            "ALTER TABLE users ALTER COLUMN name TYPE varchar(20)",
            "ALTER TABLE users ALTER COLUMN name TYPE varchar(50)",
            cut,
        ),
        (
            "ALTER TABLE users ALTER COLUMN price TYPE numeric(8, 0)",
            "ALTER TABLE users ALTER COLUMN price TYPE numeric(8, 2)",
            cut,
        ),
        (
            "ALTER TABLE users ALTER COLUMN price TYPE integer",
            "ALTER TABLE users ALTER COLUMN price TYPE numeric(8, 2)",
            cut,
        ),
        (
            "ALTER TABLE users ALTER COLUMN at TYPE date",
            "ALTER TABLE users ALTER COLUMN at TYPE timestamptz",
            cut,
        ),
        (
            "ALTER TABLE users ALTER COLUMN name TYPE varchar(60) USING left(name, 3)",
            "ALTER TABLE users ALTER COLUMN name TYPE varchar(60)",
            cut,
        ),
        (
            "ALTER TABLE elsewhere ALTER COLUMN x TYPE date",
            "ALTER TABLE elsewhere ALTER COLUMN x TYPE date",
            cut,
        ),
        (
            "ALTER TYPE mood ADD VALUE 'b'; CREATE INDEX i ON users (name)",
            "DROP INDEX i",
            "is not undone",
        ),
        (
            "INSERT INTO users (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = 'x'",
            "SELECT 1",
            "is not undone",
        ),
        (
            "DROP INDEX i",
            "CREATE UNIQUE INDEX i ON users (name)",
            "it fails where rows were written since",
        ),
        (
            "ALTER TABLE users ADD COLUMN t integer GENERATED ALWAYS AS (age) STORED; ALTER TABLE users ALTER COLUMN name SET DEFAULT 'x'",
            "ALTER TABLE users DROP COLUMN t",
            "\"set the default of users.name\" is not undone",
        ),
        (
            "CREATE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION f()",
            "DROP TRIGGER t ON others",
            "is not undone",
        ),
        (
            "CREATE OR REPLACE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION f()",
            "DROP TRIGGER t ON users",
            "is not undone",
        ),
        (
            "DROP TRIGGER t ON users",
            "DROP TRIGGER t ON users",
            "is not undone",
        ),
        (
            "CREATE POLICY p ON users USING (true)",
            "DROP POLICY p ON others",
            "is not undone",
        ),
        (
            "ALTER TABLE users SET UNLOGGED",
            "ALTER TABLE users SET LOGGED",
            "a crash empties",
        ),
        (
            "ALTER TABLE users ADD UNIQUE (name)",
            "ALTER TABLE users DROP CONSTRAINT other",
            "is not undone",
        ),
    ];
    for (up, down, expected) in rows {
        let found = judged(up, down);
        let known = found.starts_with("Lossy") || found.starts_with("Absent");
        assert!(known && found.contains(expected), "{up}: {found}");
    }
    let lossless = [
        (
            "ALTER TABLE users ALTER COLUMN name TYPE varchar(50)",
            "ALTER TABLE users ALTER COLUMN name TYPE varchar(50)",
        ),
        ("DROP TYPE mood", "CREATE TYPE mood AS ENUM ('a')"),
        ("CREATE SEQUENCE numbers", "DROP SEQUENCE numbers"),
        (
            "CREATE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION f()",
            "DROP TRIGGER t ON users",
        ),
        (
            "DROP POLICY p ON users",
            "CREATE POLICY p ON users USING (true)",
        ),
    ];
    for (up, down) in lossless {
        let found = judged(up, down);
        assert!(found.starts_with("Lossless"), "{up}: {found}");
    }
}
