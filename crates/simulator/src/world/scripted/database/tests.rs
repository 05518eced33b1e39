//! What migrations do to the database of the simulated cloud.

use super::{Database, Migration, failed};

#[test]
fn commands() {
    for (command, expected) in [
        (vec![], Migration::UpgradeHead),
        (vec!["alembic", "upgrade", "head"], Migration::UpgradeHead),
        (
            vec!["sh", "-c", "alembic upgrade head"],
            Migration::UpgradeHead,
        ),
        (
            vec!["alembic", "upgrade", "9c1"],
            Migration::UpgradeTo("9c1".to_owned()),
        ),
        (vec!["alembic", "current"], Migration::Current),
        (vec!["alembic", "-q", "current"], Migration::Current),
        (
            vec![
                "alembic",
                "-c",
                "db/alembic.ini",
                "-x",
                "tenant=a",
                "current",
                "-v",
            ],
            Migration::CurrentVerbose,
        ),
        (
            vec![
                "python",
                "-m",
                "alembic",
                "--config=a.ini",
                "upgrade",
                "--tag",
                "head",
            ],
            Migration::UpgradeHead,
        ),
        (
            vec!["alembic", "downgrade", "-1"],
            Migration::Downgrade("-1".to_owned()),
        ),
        (vec!["python", "check.py"], Migration::Other),
    ] {
        let command: Vec<String> = command.into_iter().map(str::to_owned).collect();
        assert_eq!(Migration::of(&command), expected, "{command:?}");
    }
}

#[test]
fn up_twice_is_up_once_and_down_leads_back() {
    let mut database = Database::at("8f2");
    let up = Database::upgrade;
    assert_eq!(
        up(&mut database, Some("9c1".to_owned())),
        ["INFO  [alembic.runtime.migration] Running upgrade 8f2 -> 9c1"]
    );
    assert!(up(&mut database, Some("9c1".to_owned())).is_empty());
    assert!(database.downgrade("-1", Some("9c1")).is_ok());
    assert_eq!(database, Database::at("8f2"));
}

fn obeys(database: &mut Database, command: &str, head: &str) -> String {
    let command: Vec<String> = command.split(' ').map(str::to_owned).collect();
    match database.obey(Migration::of(&command), Some(head.to_owned())) {
        Ok(lines) => lines.join("; "),
        Err(why) => format!("255 {}", failed(&why)[1]),
    }
}

#[test]
fn it_says_what_alembic_says() {
    let mut database = Database::at("base");
    let rows = [
        ("alembic current", "8f2", ""),
        (
            "alembic current -v",
            "8f2",
            "Current revision(s) for postgresql://***:***@db/app:",
        ),
        (
            "alembic upgrade head",
            "8f2",
            "INFO  [alembic.runtime.migration] Running upgrade  -> 8f2",
        ),
        ("alembic current", "8f2", "8f2 (head)"),
        ("alembic -q current", "9c1", "8f2"),
        (
            "alembic upgrade head",
            "9c1",
            "INFO  [alembic.runtime.migration] Running upgrade 8f2 -> 9c1",
        ),
        (
            "alembic upgrade head",
            "8f2",
            "255 FAILED: Can't locate revision identified by '9c1'",
        ),
        (
            "alembic current",
            "8f2",
            "255 FAILED: Can't locate revision identified by '9c1'",
        ),
        (
            "alembic downgrade INFO",
            "9c1",
            "255 FAILED: Can't locate revision identified by 'INFO'",
        ),
        (
            "alembic downgrade base",
            "9c1",
            "INFO  [alembic.runtime.migration] Running downgrade 9c1 -> ",
        ),
        ("alembic current", "9c1", ""),
        (
            "alembic downgrade -1",
            "9c1",
            "255 FAILED: Relative revision -1 didn't produce 1 migrations",
        ),
    ];
    for (command, head, expected) in rows {
        assert_eq!(obeys(&mut database, command, head), expected, "{command}");
    }
}

#[test]
fn a_failure_is_told_twice() {
    assert_eq!(
        failed("Can't locate revision identified by '9c1'"),
        [
            "ERROR [alembic.util.messaging] Can't locate revision identified by '9c1'",
            "FAILED: Can't locate revision identified by '9c1'",
        ]
    );
}
