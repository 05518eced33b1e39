//! What is written out in a migration may be a secret: only words are told.

use super::{alembic, files, revision};
use crate::{Tool, read};

const CANARY: &str = "canary7f3a";

#[test]
fn values_are_not_told() {
    let rows = [
        "SET app.password = 'canary7f3a'",
        "SET app.password TO canary7f3a",
        "SET LOCAL app.password = canary7f3a",
        "SET SESSION AUTHORIZATION canary7f3a",
        "RESET canary7f3a",
        "ALTER ROLE shop PASSWORD 'canary7f3a'",
        "ALTER USER shop WITH ENCRYPTED PASSWORD canary7f3a",
        "CREATE SUBSCRIPTION s CONNECTION 'host=h password=canary7f3a' PUBLICATION p",
        "CREATE SUBSCRIPTION s CONNECTION canary7f3a PUBLICATION p",
        "CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'x', password 'canary7f3a')",
        "SELECT login('canary7f3a')",
        "SELECT $$canary7f3a$$ FROM f()",
        "SELECT $canary7f3a$ x $canary7f3a$ FROM f()",
        "CALL login('canary7f3a')",
        "FROB 'canary7f3a'",
        "FROB E'canary7f3a' N'canary7f3a' U&'canary7f3a' X'canary7f3a' 12canary7f3a",
        "DO $$ BEGIN PERFORM login('canary7f3a'); END $$",
        "COMMENT ON TABLE users IS 'canary7f3a'",
        "INSERT INTO users (name) VALUES ('canary7f3a')",
        "UPDATE users SET name = 'canary7f3a'",
        "ALTER TABLE users ADD COLUMN x text DEFAULT login('canary7f3a')",
        "ALTER TABLE users ALTER COLUMN x TYPE text USING login('canary7f3a')",
        "REINDEX 'canary7f3a'",
        "VACUUM FULL 'canary7f3a'",
        "REFRESH MATERIALIZED VIEW 'canary7f3a'",
        "CREATE FUNCTION f() RETURNS text AS 'canary7f3a' LANGUAGE sql",
        "SELECT 'canary7f3a",
    ];
    for sql in rows {
        let directory = read(Tool::Flyway, &files(&[("V1__a.sql", sql)]));
        let told = format!("{directory:?}");
        assert!(!told.contains(CANARY), "{sql}: {told}");
        let up = format!("op.execute(\"\"\"{sql} \"\"\")");
        let directory = alembic(&[("a.py", revision("a", "None", &up, ""))]);
        let told = format!("{directory:?}");
        assert!(!told.contains(CANARY), "{sql}: {told}");
    }
}
