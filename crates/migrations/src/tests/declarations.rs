//! What people declare beside a revision, and what becomes of it where it cannot be.

use super::{files, problems};
use crate::{By, Compatibility, Locking, Tool, WayDown, read};

const EARLIER: &str = "CREATE TABLE users (id bigint PRIMARY KEY, name text, old text);";

fn told(up: &str, down: Option<&str>) -> (String, Vec<String>) {
    let mut written = vec![("1_users.up.sql", EARLIER), ("2_asked.up.sql", up)];
    written.extend(down.map(|down| ("2_asked.down.sql", down)));
    let directory = read(Tool::Sql, &files(&written));
    let one = directory.revision("2").expect("the revision");
    let by = |by: By| match by {
        By::Linted => "linted",
        By::Declared => "declared",
        By::Nobody => "nobody",
    };
    let text = format!(
        "{} ({}) at {}, down {} ({}) at {}, {} ({})",
        match one.compatibility.value {
            Compatibility::Compatible => "compatible",
            Compatibility::Breaking => "breaking",
        },
        by(one.compatibility.by),
        one.compatibility.place.line,
        match one.way_down.value {
            WayDown::Lossless => "lossless",
            WayDown::Lossy => "lossy",
            WayDown::Absent => "absent",
        },
        by(one.way_down.by),
        one.way_down.place,
        match one.locking.value {
            Locking::Online => "online",
            Locking::Locks(lock) => lock.words(),
        },
        by(one.locking.by),
    );
    (text, problems(&directory))
}

#[test]
fn a_declaration_settles_what_nobody_can_know() {
    let drops = "ALTER TABLE users DROP COLUMN old;\n";
    let (found, wrong) = told(drops, None);
    assert_eq!(
        found,
        "breaking (nobody) at 1, down absent (linted) at 2_asked.up.sql:1, online (linted)"
    );
    assert_eq!(wrong, Vec::<String>::new());
    let said = format!(
        "-- backstay: compatible, because = \"nothing reads it since 1.4, see #12\"\n{drops}"
    );
    let (found, wrong) = told(&said, None);
    assert!(
        found.starts_with("compatible (declared) at 1, down absent (linted)"),
        "{found}"
    );
    assert_eq!(wrong, Vec::<String>::new());
    let said =
        "/* backstay: online, because = \"ten rows\" */\nCREATE INDEX by_name ON users (name);";
    let (found, _) = told(said, Some("DROP INDEX by_name;"));
    assert_eq!(
        found,
        "compatible (linted) at 1, down lossless (linted) at 2_asked.down.sql:1, online (declared)"
    );
    let said = "-- backstay: down = lossless, because = \"nothing writes it yet\"\nALTER TABLE users ADD COLUMN n text;";
    let (found, wrong) = told(said, Some("ALTER TABLE users DROP COLUMN n;"));
    assert_eq!(
        found,
        "compatible (linted) at 2, down lossless (declared) at 2_asked.up.sql:1, online (linted)"
            .replace("at 2,", "at 1,")
    );
    assert_eq!(wrong, Vec::<String>::new());
    // Who is more careful is believed.
    let said = "-- backstay: breaking, down = absent, because = \"the index is asked for by name\"\nCREATE INDEX by_name ON users (name);";
    let (found, wrong) = told(said, Some("DROP INDEX by_name;"));
    assert!(
        found.starts_with("breaking (declared) at 1, down absent (declared)"),
        "{found}"
    );
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_declaration_that_contradicts_its_revision_is_a_problem_at_its_line() {
    let why = "because = \"trust me\"";
    let rows = [
        (
            format!(
                "-- one\n-- backstay: compatible, {why}\nALTER TABLE users RENAME COLUMN name TO called;"
            ),
            "ALTER TABLE users RENAME COLUMN called TO name;",
            "Error 2_asked.up.sql:2: declared compatible, but rename column users.name to called: the code before it knows the old name only (2_asked.up.sql:3)",
        ),
        (
            format!(
                "-- backstay: compatible, {why}\nALTER TABLE users ADD COLUMN n text NOT NULL;"
            ),
            "ALTER TABLE users DROP COLUMN n;",
            "Error 2_asked.up.sql:1: declared compatible, but add column users.n: NOT NULL without a default: the code before it inserts without the column, which is refused; so is the change where there are rows (2_asked.up.sql:2)",
        ),
        (
            format!("-- backstay: down = lossless, {why}\nALTER TABLE users DROP COLUMN old;"),
            "ALTER TABLE users ADD COLUMN old text;",
            "Error 2_asked.up.sql:1: declared to have a lossless way down, but \"drop column users.old\": its values are gone when it is done (2_asked.up.sql:2)",
        ),
        (
            format!("-- backstay: down = lossy, {why}\nALTER TABLE users ADD COLUMN n text;"),
            "-- later",
            "Error 2_asked.up.sql:1: declared to have a lossy way down, but it does nothing, and \"add column users.n\" is not undone (2_asked.down.sql:1)",
        ),
    ];
    for (up, down, expected) in rows {
        let (_, wrong) = told(&up, Some(down));
        assert_eq!(wrong, [expected], "{up}");
    }
    // Nobody waits long for few rows, but a table that is written again may have many.
    let said = format!(
        "-- backstay: online, {why}\nALTER TABLE users ADD COLUMN n bigint DEFAULT random();"
    );
    let (found, wrong) = told(&said, None);
    assert!(found.ends_with("rewrites the table (linted)"), "{found}");
    assert_eq!(
        wrong,
        [
            "Error 2_asked.up.sql:1: declared online, but add column users.n: a volatile default is another one for every row: the table is rewritten (2_asked.up.sql:2)"
        ]
    );
    // What a revision puts in safety first may well be restored.
    let moved = format!(
        "-- backstay: compatible, down = lossless, {why}\nINSERT INTO archive SELECT old FROM users;\nALTER TABLE users DROP COLUMN old;"
    );
    let down =
        "ALTER TABLE users ADD COLUMN old text;\nUPDATE users SET old = archive.old FROM archive;";
    let (found, wrong) = told(&moved, Some(down));
    assert!(found.contains("down lossless (declared)"), "{found}");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_renamed_table_that_leaves_its_name_behind_may_be_compatible() {
    let up = "-- backstay: compatible, because = \"the view has the old name\"\nALTER TABLE users RENAME TO people;\nCREATE VIEW users AS SELECT id, name, old FROM people;";
    let (found, wrong) = told(
        up,
        Some("DROP VIEW users; ALTER TABLE people RENAME TO users;"),
    );
    assert_eq!(
        found,
        "compatible (declared) at 1, down lossless (linted) at 2_asked.down.sql:1, online (linted)"
    );
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_declaration_that_cannot_be_read_says_what_is_wrong() {
    let rows = [
        (
            "compatible",
            "it does not say why: `because = \"…\"` is missing",
        ),
        (
            "compatable, because = \"x\"",
            "`compatable` says nothing: did you mean `compatible`?",
        ),
        (
            "safe, because = \"x\"",
            "`safe` says nothing: compatible, breaking, online, down, because do",
        ),
        (
            "down = maybe, because = \"x\"",
            "`down` is lossless, lossy or absent, not `maybe`",
        ),
        ("down, because = \"x\"", "`down` is written `down = …`"),
        (
            "compatible, breaking, because = \"x\"",
            "it says `compatible` or `breaking` twice",
        ),
        ("online, online, because = \"x\"", "it says `online` twice"),
        (
            "down = lossy, down = lossless, because = \"x\"",
            "it says `down` twice",
        ),
        (
            "online, because = \"x\", because = \"y\"",
            "it says `because` twice",
        ),
        ("because = \"x\"", "it declares nothing"),
        ("compatible, because = \"\"", "`because` says nothing"),
        (
            "compatible, because = \"x",
            "a quotation mark is not closed",
        ),
    ];
    for (said, expected) in rows {
        let up = format!("SELECT 1;\n-- backstay: {said}\n");
        let (_, wrong) = told(&up, None);
        assert_eq!(
            wrong,
            [format!("Error 2_asked.up.sql:2: {expected}")],
            "{said}"
        );
    }
    let twice = "-- backstay: online, because = \"a\"\n-- backstay: online, because = \"b\"\n";
    let (_, wrong) = told(twice, None);
    assert_eq!(
        wrong,
        ["Error 2_asked.up.sql:2: a second declaration: the first one is at 2_asked.up.sql:1"]
    );
    // In a string it is no comment.
    let (_, wrong) = told("COMMENT ON TABLE users IS '-- backstay: nonsense';", None);
    assert_eq!(wrong, Vec::<String>::new());
}
