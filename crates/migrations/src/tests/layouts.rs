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
            "2025 Compatible Online, down Lossy",
            "20240101000000 Compatible Online, down Lossless",
            "heads: 20240101000000",
            "Warning 00012_goose.sql:2: \"create index j on users concurrently\" cannot run inside a transaction, and this revision is one",
            "Error 11_lost.down.sql:1: it takes back what is not there: its way up is missing",
        ]
    );
}
