//! Worlds that outlive their server.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use backstay_simulator::server::{Pace, ServerOptions, StateError};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{START_MS, Served, options};

fn served(directory: &Path) -> Result<Served, StateError> {
    Served::with(ServerOptions {
        state: Some(directory.to_owned()),
        ..options(Pace::Manual)
    })
}

fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_restarted_server_goes_on() {
    let home = home();
    let directory = home.path().join("deep/state");
    let first = served(&directory).unwrap();
    first.get(
        "POST",
        "images",
        &json!({ "repository": "new", "tags": ["v1"] }),
    );
    first.get(
        "POST",
        "images?account=111122223333",
        &json!({ "repository": "theirs", "tags": ["v1"] }),
    );
    first.get("POST", "advance", &json!({ "by_ms": 90_000 }));
    let worlds = |served: &Served| {
        ["snapshot", "snapshot?account=111122223333"].map(|path| served.ask("GET", path, "").json())
    };
    let before = worlds(&first);
    first.end().unwrap();

    let second = served(&directory).unwrap();
    assert_eq!(
        second.get("GET", "now", &Value::Null)["now_ms"],
        START_MS + 90_000
    );
    assert_eq!(worlds(&second), before);
    second.get("POST", "reset", &Value::Null);
    second.end().unwrap();
    let mut names: Vec<String> = fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["123456789012.sa-east-1.json", "server.lock"]);
    // It holds the secrets of the simulated account.
    let kept = fs::metadata(directory.join(&names[0])).unwrap();
    assert_eq!(kept.permissions().mode() & 0o777, 0o600);
}

#[test]
fn only_one_server_has_a_state() {
    let home = home();
    let first = served(home.path()).unwrap();
    let second = served(home.path()).err().unwrap();
    assert!(matches!(second, StateError::Held { .. }), "{second:?}");
    first.end().unwrap();
    served(home.path()).unwrap().end().unwrap();
}

#[test]
fn what_a_killed_server_left_half_written_is_not_read() {
    let home = home();
    served(home.path()).unwrap().end().unwrap();
    fs::write(
        home.path().join("123456789012.sa-east-1.json.new"),
        "{\"format\":1,\"wor",
    )
    .unwrap();
    fs::write(home.path().join("notes.json"), "somebody's own").unwrap();
    let again = served(home.path()).unwrap();
    assert_eq!(again.get("GET", "health", &Value::Null)["status"], "ok");
    again.end().unwrap();
    assert!(home.path().join("notes.json").exists());
}

#[test]
fn an_unreadable_world_is_named() {
    let home = home();
    let path = home.path().join("123456789012.sa-east-1.json");
    fs::write(&path, "nonsense").unwrap();
    let error = served(home.path()).err().unwrap();
    assert!(
        error.to_string().contains("123456789012.sa-east-1.json"),
        "{error}"
    );
    let file = home.path().join("a file");
    fs::write(&file, "").unwrap();
    assert!(matches!(
        served(&file).err().unwrap(),
        StateError::File { .. }
    ));
}
