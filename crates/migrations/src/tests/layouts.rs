//! Directories of tools that write SQL.

use super::{files, told};
use crate::{Tool, read};

#[test]
fn prisma() {
    let directory = read(
        Tool::Prisma,
        &files(&[
            ("migration_lock.toml", "provider = \"postgresql\""),
            (
                "20240102000000_second/migration.sql",
                "-- AlterTable\nALTER TABLE \"User\" ADD COLUMN \"age\" INTEGER;\n",
            ),
            (
                "20240101000000_init/migration.sql",
                "-- CreateTable\nCREATE TABLE \"User\" (\n    \"id\" SERIAL NOT NULL,\n    CONSTRAINT \"User_pkey\" PRIMARY KEY (\"id\")\n);\n",
            ),
            ("20240101000000_init/down.sql", "DROP TABLE \"User\";"),
            ("20240103000000_gone/README.md", "x"),
        ]),
    );
    assert_eq!(
        told(&directory),
        [
            "20240101000000_init Compatible Online, down Lossy",
            "20240102000000_second Compatible Online, down Absent",
            "heads: 20240102000000_second",
            "Error 20240103000000_gone/:1: there is no `migration.sql`",
        ]
    );
}

#[test]
fn flyway() {
    let directory = read(
        Tool::Flyway,
        &files(&[
            ("V10__ten.sql", "DROP TABLE a;"),
            ("V2__two.sql", "CREATE INDEX i ON a (id);"),
            ("V1_1__one_one.sql", "CREATE TABLE a (id bigint);"),
            ("U2__two.sql", "DROP INDEX i;"),
            ("U7__seven.sql", "SELECT 1;"),
            (
                "R__views.sql",
                "CREATE OR REPLACE VIEW v AS SELECT 1 AS one;",
            ),
            ("V3_wrong.sql", "SELECT 1;"),
            ("shop/V2.5__code.java", "class X {}"),
            ("V02__again.sql", "SELECT 1;"),
        ]),
    );
    assert_eq!(
        told(&directory),
        [
            "1.1 Compatible Online, down Absent",
            "2 Compatible Online, down Lossless",
            "2.5 Breaking Locks(Unknown), down Absent",
            "10 Breaking Online, down Absent",
            "views Breaking Online, down Absent",
            "heads: views",
            "Warning U7__seven.sql:1: it undoes version 7, which is not there",
            "Error V2__two.sql:1: `2` is also the name of the revision at V02__again.sql:1",
            "Warning V3_wrong.sql:1: Flyway does not see this file: it is not called `V<version>__<name>.sql`",
        ]
    );
}

#[test]
fn plain_sql_in_its_shapes() {
    let directory = read(
        Tool::Sql,
        &files(&[
            ("000001_users.up.sql", "CREATE TABLE users (id bigint);"),
            ("000001_users.down.sql", "DROP TABLE users;"),
            ("9_nine.sql", "SELECT 1;"),
            (
                "10_ten.up.sql",
                "-- no-transaction\nCREATE INDEX CONCURRENTLY i ON users (id);",
            ),
            ("11_lost.down.sql", "SELECT 1;"),
            (
                "00012_goose.sql",
                "-- +goose Up\nCREATE INDEX CONCURRENTLY j ON users (id);\n\n-- +goose Down\nDROP INDEX j;\n",
            ),
            (
                "20240101000000_dbmate.sql",
                "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY k ON users (id);\n-- migrate:down\nDROP INDEX k;\n",
            ),
            (
                "2025-01-01-000000_diesel/up.sql",
                "ALTER TABLE users ADD COLUMN a text;",
            ),
            (
                "2025-01-01-000000_diesel/down.sql",
                "ALTER TABLE users DROP COLUMN a;",
            ),
            ("README.md", "x"),
        ]),
    );
    assert_eq!(
        told(&directory),
        [
            "000001 Compatible Online, down Lossy",
            "9 Compatible Online, down Absent",
            "10 Compatible Online, down Absent",
            "00012 Compatible Online, down Lossless",
            "20240101000000 Compatible Online, down Lossless",
            "20250101000000 Compatible Online, down Lossy",
            "heads: 20250101000000",
            "Warning 00012_goose.sql:2: \"create index j on users concurrently\" cannot run inside a transaction, and this revision is one",
            "Error 11_lost.down.sql:1: it takes back what is not there: its way up is missing",
        ]
    );
}

#[test]
fn no_file_is_passed_over_without_a_word() {
    let sql = read(
        Tool::Sql,
        &files(&[
            ("00001_a.sql", "SELECT 1;"),
            ("00002_in_code.go", "package migrations"),
            ("00002_in_code_test.go", "package migrations"),
            ("embed.go", "package migrations"),
            ("00003_b.up.sql", "SELECT 1;"),
            ("more/00003_b.up.sql", "DROP TABLE a;"),
            ("00004_c.sql", "SELECT 1;"),
            ("00004_c.up.sql", "DROP TABLE a;"),
            ("00005_d.js", "x"),
        ]),
    );
    assert_eq!(
        told(&sql),
        [
            "00001 Compatible Online, down Absent",
            "00002 Breaking Locks(Unknown), down Lossy",
            "00003 Breaking Online, down Absent",
            "00004 Compatible Online, down Absent",
            "heads: 00004",
            "Error 00004_c.up.sql:1: it is the same as 00004_c.sql by its name: which of them is applied nobody knows",
            "Warning 00005_d.js:1: a numbered file that is not SQL is not read: the tool may apply it",
            "Error more/00003_b.up.sql:1: it is the same as 00003_b.up.sql by its name: which of them is applied nobody knows",
        ]
    );
    let flyway = read(
        Tool::Flyway,
        &files(&[
            ("B2__all.sql", "CREATE TABLE a (id bigint); DROP TABLE b;"),
            ("V1__a.sql", "SELECT 1;"),
            ("V2__a.sql", "SELECT 1;"),
            ("V7__x.sh", "psql"),
            ("V8__x.ps1", "psql"),
            ("U2__a.sql", "SELECT 1;"),
            ("U2__b.sql", "SELECT 1;"),
            ("afterMigrate.sql", "DELETE FROM a;"),
            ("beforeEachMigrate__x.sh", "psql"),
        ]),
    );
    assert_eq!(
        told(&flyway),
        [
            "1 Compatible Online, down Absent",
            "2 Compatible Online, down Lossless",
            "7 Breaking Locks(Unknown), down Absent",
            "8 Breaking Locks(Unknown), down Absent",
            "heads: 8",
            "Error U2__b.sql:1: it is the same as U2__a.sql by its name: which of them is applied nobody knows",
            "Warning afterMigrate.sql:1: Flyway runs it at `afterMigrate`, at every migration: what it does is not judged",
            "Warning beforeEachMigrate__x.sh:1: Flyway runs it at `beforeEachMigrate`, at every migration: what it does is not judged",
        ]
    );
    // An older database stands on what the baseline took the place of.
    let baseline = read(
        Tool::Flyway,
        &files(&[
            ("B5__all.sql", "CREATE TABLE a (id bigint);"),
            ("V6__b.sql", "SELECT 1;"),
        ]),
    );
    assert!(baseline.revision("5").is_some());
}

#[test]
fn a_revision_outside_of_versions_is_told_of() {
    let directory = super::alembic(&[
        ("versions/a.py", super::revision("a", "None", "", "")),
        ("old/b.py", super::revision("b", "\"a\"", "", "")),
        ("env.py", "revision_argument = None\n".to_owned()),
    ]);
    assert_eq!(
        super::problems(&directory),
        ["Warning old/b.py:9: `b` lies outside of `versions`, and is not read"]
    );
}

#[test]
fn a_number_is_found_whatever_stands_before_it() {
    let names = |tool: Tool, file: &str, asked: &str| {
        let directory = read(tool, &files(&[(file, "SELECT 1;")]));
        let found = directory.revision(asked).is_some();
        assert_eq!(found, !directory.ancestors(asked).is_empty());
        found
    };
    assert!(names(Tool::Sql, "000001_a.up.sql", "1"));
    assert!(names(Tool::Sql, "00012_a.sql", "12"));
    assert!(names(Tool::Flyway, "V001_02__a.sql", "001.02"));
    assert!(names(
        Tool::Sql,
        "2025-01-31-120000_a/up.sql",
        "20250131120000"
    ));
    assert!(!names(Tool::Sql, "00012_a.sql", "120"));
    assert!(!names(Tool::Prisma, "0012/migration.sql", "12"));
}

#[test]
fn a_way_up_behind_the_way_down_is_the_way_up() {
    let text = "-- +goose Down\nCREATE TABLE a (id bigint);\n-- +goose Up\nDROP TABLE a;\n";
    let directory = read(Tool::Sql, &files(&[("1_a.sql", text)]));
    let one = &directory.revisions[0];
    assert_eq!(one.steps[0].what, "drop table a");
    assert_eq!(one.way_down.value, crate::WayDown::Lossy);
}
