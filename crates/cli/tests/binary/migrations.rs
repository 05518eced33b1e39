//! `migrations`: the revisions of cat-house as they lie here, as a commit has them, and what is wrong with them.

use std::fs;

use serde_json::Value;

use crate::app::{App, at_once};

/// cat-house says where its migrations are.
fn app() -> App {
    let app = App::new();
    app.edit(
        "backstay.toml",
        "way_down = \"lossless\"\n",
        "way_down = \"lossless\"\ntool = \"alembic\"\ndirectory = \"migration\"\n",
    );
    app
}

fn revisions(app: &App, code: i32) -> Value {
    let said = app.run([
        "migrations",
        "staging",
        "--version",
        "2f9c1e7",
        "--output",
        "json",
    ]);
    let said = said.ends_with(code);
    let mut objects = said.objects();
    objects.retain(|object| object["type"] == "migrations");
    objects.remove(0)
}

#[test]
fn the_table_says_what_each_revision_does() {
    let app = app();
    let said = app
        .run(["migrations", "staging", "--version", "2f9c1e7"])
        .ends_with(0);
    let lines: Vec<&str> = said.stdout.lines().collect();
    assert_eq!(
        lines[0],
        "cat-house staging: migrations in `migration`, as they lie here (this is no git checkout)"
    );
    assert_eq!(lines[1], "the database: nobody has read its revision");
    assert!(
        lines.iter().any(|line| line
            .starts_with("9c1       ?        compatible, declared  rewrites the table  lossless")),
        "{}",
        said.stdout
    );
    assert!(
        said.stdout.contains("versions/9c1_nights_of_a_booking.py:20  add column bookings.nights: a stored generated column is computed for every row: the table is rewritten"),
        "{}",
        said.stdout
    );
    assert!(!app.directory.join(".backstay").exists(), "looking wrote");
    let told = revisions(&app, 0);
    assert_eq!(told["heads"], serde_json::json!(["9c1"]));
    assert_eq!(told["database"], Value::Null);
    let last = &told["revisions"][1];
    assert_eq!(last["applied"], Value::Null);
    // Computed of every row, it might fail: its file says that it does not.
    assert_eq!(last["compatibility"]["value"], "compatible");
    assert_eq!(last["way_down"]["value"], "lossless");
    assert_eq!(last["steps"][0]["does"], "add column bookings.nights");
    assert_eq!(last["steps"][0]["at"]["line"], 20);
}

#[test]
fn what_is_applied_is_what_was_read() {
    let app = app();
    app.run(at_once("2f9c1e7")).ends_with(0);
    let told = revisions(&app, 0);
    assert_eq!(told["database"], "9c1");
    assert_eq!(told["revisions"][1]["applied"], true);
    fs::write(
        app.directory.join("migration/versions/aa1_called.py"),
        "\"\"\"cats are called\"\"\"\nfrom alembic import op\n\nrevision = 'aa1'\ndown_revision = '9c1'\n\n\ndef upgrade():\n    op.alter_column('cats', 'name', new_column_name='called')\n\n\ndef downgrade():\n    op.alter_column('cats', 'called', new_column_name='name')\n",
    )
    .unwrap();
    let told = revisions(&app, 0);
    assert_eq!(told["revisions"][2]["applied"], false);
    // The plan lists it, and what one word said of all of them does not hold.
    let plan = app
        .run(["plan", "staging", "--version", "3333333"])
        .ends_with(0);
    assert!(
        plan.stdout.contains("Revisions:\n  aa1  breaking for earlier code, lossless way down: rename column cats.name to called: the code before it knows the old name only (versions/aa1_called.py:9)\n"),
        "{}",
        plan.stdout
    );
    assert!(
        plan.stdout
            .contains("breaking for the old code, lossless way down"),
        "{}",
        plan.stdout
    );
}

#[test]
fn a_version_that_git_knows_is_read_at_its_commit() {
    let app = app();
    app.git(&["init", "--quiet"]);
    app.git(&["add", "."]);
    app.git(&["commit", "--quiet", "-m", "one"]);
    let head = app.git(&["rev-parse", "--short=7", "HEAD"]);
    fs::write(
        app.directory.join("migration/versions/zzz.py"),
        "revision = 'zzz'\ndown_revision = 'nowhere'\n",
    )
    .unwrap();
    let said = app.run(["migrations", "staging"]).ends_with(0);
    let first = said.stdout.lines().next().unwrap();
    assert_eq!(
        first,
        format!(
            "cat-house staging: migrations in `migration`, as commit {} has them",
            head.trim()
        )
    );
    assert!(
        said.stdout
            .contains("here, migration/versions/zzz.py is not as that commit has it"),
        "{}",
        said.stdout
    );
    // What lies here is what `check` looks at.
    let check = app.run(["check", "staging"]).ends_with(2);
    assert!(
        check
            .stderr
            .contains("`zzz` comes after `nowhere`, which no file declares"),
        "{}",
        check.stderr
    );
    assert!(
        check.stderr.contains("migration/versions/zzz.py:2"),
        "{}",
        check.stderr
    );
}

#[test]
fn what_is_wrong_with_them_is_found_before_any_change() {
    let app = app();
    let second = app.directory.join("migration/versions/bbb.py");
    fs::write(
        &second,
        "revision = 'bbb'\ndown_revision = '8f2'\ndef upgrade(): pass\ndef downgrade(): pass\n",
    )
    .unwrap();
    let deploy = app.run(at_once("2f9c1e7")).ends_with(2);
    assert!(
        deploy.stderr.contains("there are 2 heads: `9c1`"),
        "{}",
        deploy.stderr
    );
    assert!(!app.state().join("journal").exists(), "nothing was begun");
    fs::remove_file(&second).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/passwd", &second).unwrap();
    let check = app.run(["check", "staging"]).ends_with(2);
    assert!(
        check.stderr.contains("a symbolic link is not followed"),
        "{}",
        check.stderr
    );
    fs::remove_file(&second).unwrap();
    app.edit(
        "backstay.toml",
        "directory = \"migration\"\n",
        "directory = \"nowhere\"\n",
    );
    let check = app.run(["check", "staging"]).ends_with(2);
    assert!(check.stderr.contains("nowhere"), "{}", check.stderr);
    app.edit("backstay.toml", "directory = \"nowhere\"\n", "");
    let check = app.run(["check", "staging"]).ends_with(2);
    assert!(
        check
            .stderr
            .contains("the migration has a `tool` but no `directory`"),
        "{}",
        check.stderr
    );
    app.edit("backstay.toml", "tool = \"alembic\"\n", "");
    let said = app.run(["migrations", "staging"]).ends_with(2);
    assert!(
        said.stderr
            .contains("does not say where the app's migrations are"),
        "{}",
        said.stderr
    );
}
