//! The real Alembic on a real PostgreSQL, and what Backstay reads from what it prints.

#![expect(clippy::unwrap_used, reason = "functions that several tests share")]

use std::fs;
use std::path::Path;

use backstay_database::{Access, Printed, Revisions, Server, or_skip};
use backstay_domain::schema::{Revision, Unclear};

const PASSWORD: &str = "canary-7f3a";

/// What every command says first.
const FIRST_WORDS: [&str; 2] = [
    "INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.",
    "INFO  [alembic.runtime.migration] Will assume transactional DDL.",
];

/// Everything that a test needs, or a counted skip.
fn stage(test: &str) -> Option<(Server, Revisions)> {
    let found = Server::start(Access::Socket, PASSWORD)
        .and_then(|server| Ok((server, Revisions::of_cat_house()?)));
    or_skip(found, test, env!("CARGO_TARGET_TMPDIR"))
}

/// What Backstay reads from what `alembic current` prints, in a word.
fn current(revisions: &Revisions, database: &Server) -> String {
    read(&revisions.run(&["alembic", "current"], database))
}

fn read(printed: &Printed) -> String {
    assert_eq!(printed.code, Some(0), "{printed:#?}");
    match Revision::read(&printed.lines) {
        Ok(revision) => revision.to_string(),
        Err(Unclear::Several(mut all)) => {
            // Alembic lists heads in no order.
            all.sort_unstable();
            format!("several: {}", all.join(" "))
        }
        Err(unclear) => panic!("{unclear}: {printed:#?}"),
    }
}

/// The lines behind the first words.
fn rest(printed: &Printed) -> Vec<&str> {
    let lines: Vec<&str> = printed.lines.iter().map(String::as_str).collect();
    assert_eq!(lines[..2], FIRST_WORDS, "{printed:#?}");
    lines[2..].to_vec()
}

#[test]
fn up_and_down_as_the_fixture_says_it() {
    let Some((database, revisions)) = stage("migrations up and down") else {
        return;
    };
    let [up, now, down] = commands();
    let run = |command: &[String], revision: &str| {
        let words: Vec<String> = command
            .iter()
            .map(|word| word.replace("{{ revision }}", revision))
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        revisions.run(&words, &database)
    };
    assert_eq!(current(&revisions, &database), "empty");
    let printed = run(&up, "");
    assert_eq!(
        (printed.code, rest(&printed)),
        (
            Some(0),
            vec![
                "INFO  [alembic.runtime.migration] Running upgrade  -> 8f2, cats and bookings",
                "INFO  [alembic.runtime.migration] Running upgrade 8f2 -> 9c1, nights of a booking",
            ]
        )
    );
    let printed = run(&now, "");
    assert_eq!(
        (rest(&printed), read(&printed).as_str()),
        (vec!["9c1 (head)"], "9c1")
    );
    let verbose = revisions.run(&["alembic", "current", "--verbose"], &database);
    assert_eq!(read(&verbose), "9c1", "{verbose:#?}");
    let again = run(&up, "");
    assert_eq!(
        (again.code, rest(&again).len()),
        (Some(0), 0),
        "twice is once"
    );
    database.sql(BOOKING).unwrap();
    assert_eq!(database.sql("SELECT nights FROM bookings").unwrap(), "4");
    let printed = run(&down, "8f2");
    assert_eq!(
        rest(&printed),
        ["INFO  [alembic.runtime.migration] Running downgrade 9c1 -> 8f2, nights of a booking"]
    );
    assert_eq!(current(&revisions, &database), "8f2");
    assert_eq!(
        database.sql("SELECT count(*) FROM bookings").unwrap(),
        "1",
        "lossless"
    );
    let printed = revisions.run(&["alembic", "downgrade", "-1"], &database);
    assert_eq!(
        rest(&printed),
        ["INFO  [alembic.runtime.migration] Running downgrade 8f2 -> , cats and bookings"]
    );
    assert_eq!(current(&revisions, &database), "empty");
    let further = revisions.run(&["alembic", "downgrade", "-1"], &database);
    assert_eq!(
        (further.code, rest(&further)),
        (
            Some(255),
            vec![
                "ERROR [alembic.util.messaging] Relative revision -1 didn't produce 1 migrations",
                "FAILED: Relative revision -1 didn't produce 1 migrations",
            ]
        )
    );
}

const BOOKING: &str = "
    INSERT INTO users (email, password_hash) VALUES ('a@b.c', 'x');
    INSERT INTO cats (owner_id, name) SELECT id, 'Mia' FROM users;
    INSERT INTO installations (name, places) VALUES ('the barn', 3);
    INSERT INTO bookings (cat_id, installation_id, starts_on, ends_on)
        SELECT cats.id, installations.id, '2026-07-01', '2026-07-05' FROM cats, installations;";

#[test]
fn the_earlier_image_does_not_know_the_later_revision() {
    let Some((database, later)) = stage("migrations in an earlier image") else {
        return;
    };
    assert_eq!(
        later.run(&["alembic", "upgrade", "head"], &database).code,
        Some(0)
    );
    let earlier = Revisions::of_cat_house().unwrap().without("9c1");
    for command in [
        &["alembic", "current"][..],
        &["alembic", "upgrade", "head"],
        &["alembic", "downgrade", "8f2"],
    ] {
        let printed = earlier.run(command, &database);
        assert_eq!(
            (printed.code, rest(&printed)),
            (
                Some(255),
                vec![
                    "ERROR [alembic.util.messaging] Can't locate revision identified by '9c1'",
                    "FAILED: Can't locate revision identified by '9c1'",
                ]
            ),
            "{command:?}"
        );
    }
}

/// PostgreSQL's DDL is transactional: of a revision whose second statement fails, nothing stands.
#[test]
fn half_way_nothing_stands() {
    let Some((database, revisions)) = stage("migrations half way") else {
        return;
    };
    let revisions = revisions.with(
        "a40_half.py",
        &revision("a40", "9c1", "op.execute('CREATE TABLE half (id int)'); op.execute('CREATE INDEX half_way ON nowhere (id)')"),
    );
    let printed = revisions.run(&["alembic", "upgrade", "head"], &database);
    assert_eq!(printed.code, Some(1), "{printed:#?}");
    let last: Vec<&str> = printed
        .lines
        .iter()
        .rev()
        .take(3)
        .rev()
        .map(String::as_str)
        .collect();
    assert_eq!(
        last[..2],
        [
            "sqlalchemy.exc.ProgrammingError: (psycopg.errors.UndefinedTable) relation \"nowhere\" does not exist",
            "[SQL: CREATE INDEX half_way ON nowhere (id)]",
        ],
        "the last line is a link: {printed:#?}"
    );
    assert_eq!(
        current(&revisions, &database),
        "9c1",
        "what came before it stands, each revision is a transaction"
    );
    assert!(
        database.sql("SELECT * FROM half").is_err(),
        "its first statement does not"
    );
}

/// Outside of a transaction the first statement stands, and the revision does not say so.
#[test]
fn half_way_without_a_transaction_the_revision_does_not_tell() {
    let Some((database, revisions)) = stage("migrations half way without a transaction") else {
        return;
    };
    let body = "with op.get_context().autocommit_block(): op.execute('CREATE INDEX CONCURRENTLY half ON cats (name)'); op.execute('SELECT 1/0')";
    let revisions = revisions.with("a40_half.py", &revision("a40", "9c1", body));
    let printed = revisions.run(&["alembic", "upgrade", "head"], &database);
    assert_eq!(printed.code, Some(1), "{printed:#?}");
    assert_eq!(current(&revisions, &database), "9c1");
    assert_eq!(database.sql("SELECT to_regclass('half')").unwrap(), "half");
    let again = revisions.run(&["alembic", "upgrade", "head"], &database);
    let because = "sqlalchemy.exc.ProgrammingError: (psycopg.errors.DuplicateTable) relation \"half\" already exists";
    assert!(again.lines.iter().any(|line| line == because), "{again:#?}");
}

#[test]
fn two_heads_are_several_revisions() {
    let Some((database, revisions)) = stage("migrations with two heads") else {
        return;
    };
    let revisions = revisions.with("a40_other.py", &revision("a40", "8f2", "pass"));
    let refused = revisions.run(&["alembic", "upgrade", "head"], &database);
    assert_eq!(refused.code, Some(255));
    assert!(
        refused
            .lines
            .last()
            .unwrap()
            .starts_with("FAILED: Multiple head revisions are present for given argument 'head';"),
        "{refused:#?}"
    );
    assert_eq!(
        revisions
            .run(&["alembic", "upgrade", "8f2"], &database)
            .code,
        Some(0)
    );
    let printed = revisions.run(&["alembic", "current"], &database);
    assert_eq!(
        (rest(&printed), read(&printed).as_str()),
        (vec!["8f2 (branchpoint)"], "8f2")
    );
    assert_eq!(
        revisions
            .run(&["alembic", "upgrade", "heads"], &database)
            .code,
        Some(0)
    );
    assert_eq!(current(&revisions, &database), "several: 9c1 a40");
    let verbose = revisions.run(&["alembic", "current", "--verbose"], &database);
    assert_eq!(read(&verbose), "several: 9c1 a40");
}

#[test]
fn the_old_code_cannot_run_on_the_breaking_revision() {
    let Some((database, revisions)) = stage("migrations that break") else {
        return;
    };
    let revisions = revisions.breaking();
    let old_code = "SELECT name FROM cats";
    let run = |command: &[&str]| {
        assert_eq!(
            revisions.run(command, &database).code,
            Some(0),
            "{command:?}"
        )
    };
    run(&["alembic", "upgrade", "8f2"]);
    database.sql(BOOKING).unwrap();
    assert_eq!(database.sql(old_code).unwrap(), "Mia");
    run(&["alembic", "upgrade", "head"]);
    assert_eq!(current(&revisions, &database), "9c1");
    let refused = database.sql(old_code).unwrap_err();
    assert!(
        refused.contains("column \"name\" does not exist"),
        "{refused}"
    );
    run(&["alembic", "downgrade", "8f2"]);
    assert_eq!(database.sql(old_code).unwrap(), "Mia", "lossless");
}

/// The second of two waits for the first, and then has nothing to do.
#[test]
fn two_at_once_are_one() {
    let Some((database, revisions)) = stage("migrations at once") else {
        return;
    };
    let both: Vec<Printed> = std::thread::scope(|scope| {
        let run = || revisions.run(&["alembic", "upgrade", "head"], &database);
        let threads = [scope.spawn(run), scope.spawn(run)];
        threads.map(|thread| thread.join().unwrap()).into()
    });
    let mut lines: Vec<usize> = both.iter().map(|printed| rest(printed).len()).collect();
    lines.sort_unstable();
    assert_eq!(
        (both[0].code, both[1].code, lines),
        (Some(0), Some(0), vec![0, 2]),
        "{both:#?}"
    );
    assert_eq!(current(&revisions, &database), "9c1");
}

#[test]
fn a_database_that_is_away_is_a_failure_without_a_password_in_it() {
    let Some((mut database, revisions)) = stage("migrations without a database") else {
        return;
    };
    let wrong = database.url().replace(PASSWORD, "canary-wrong");
    let refused = revisions.run_at(&["alembic", "current"], &wrong);
    database.stop();
    let away = revisions.run(&["alembic", "current"], &database);
    for printed in [refused, away] {
        assert_eq!(printed.code, Some(1));
        assert!(!printed.lines.concat().contains("canary"), "{printed:#?}");
    }
}

fn revision(name: &str, after: &str, upgrade: &str) -> String {
    format!(
        "\"\"\"{name}\n\n\"\"\"\nfrom alembic import op\nrevision = '{name}'\ndown_revision = '{after}'\ndef upgrade():\n    {upgrade}\ndef downgrade():\n    pass\n"
    )
}

/// What the fixture runs to migrate, to ask and to return; the task definition says the first as well.
fn commands() -> [Vec<String>; 3] {
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cat-house");
    let text = fs::read_to_string(app.join("backstay.toml")).unwrap();
    let command = |key: &str| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(key)?.trim().strip_prefix("= ["));
        let words = line.unwrap().trim_end_matches(']').split(", ");
        words
            .map(|word| word.trim_matches('"').to_owned())
            .collect::<Vec<_>>()
    };
    let up = command("command");
    let definition = fs::read_to_string(app.join("migration/task-definition.json")).unwrap();
    let same = format!(
        "\"command\": [{}]",
        up.iter()
            .map(|word| format!("\"{word}\""))
            .collect::<Vec<_>>()
            .join(", ")
    );
    assert!(
        definition.contains(&same),
        "the task definition runs {up:?} too"
    );
    [up, command("current_command"), command("down_command")]
}
