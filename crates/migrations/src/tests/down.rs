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
            "Lossy what it does nobody can tell: `DO $$ BEGIN END $$`: SQL that the parser does not know",
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
