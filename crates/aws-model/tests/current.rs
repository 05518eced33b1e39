//! That the tables are what `cut.py` makes of botocore, where it is installed at the version that the clients are tested with.

#![expect(clippy::expect_used, reason = "a test that asks a Python")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `cut.py` says of another version, or of none.
const NOT_HERE: [&str; 2] = ["is not installed here", "requirements.txt names"];

#[test]
fn the_tables_are_current() {
    let room = Path::new(env!("CARGO_MANIFEST_DIR"));
    let said = Command::new(python(room))
        .arg(room.join("cut.py"))
        .arg("--check")
        .output();
    let lacks = match said {
        Ok(said) if said.status.success() => return,
        Ok(said) => {
            let said = String::from_utf8_lossy(&said.stderr).into_owned();
            assert!(NOT_HERE.iter().any(|lacks| said.contains(lacks)), "{said}");
            said
        }
        Err(error) => format!("no Python: {error}"),
    };
    assert!(
        named("BACKSTAY_CLIENTS").is_none_or(|how| how != "required"),
        "{lacks}"
    );
    skipped("the_tables_are_current", lacks.trim());
}

/// The one that has the clients.
fn python(room: &Path) -> PathBuf {
    if let Some(named) = named("BACKSTAY_CLIENTS_PYTHON") {
        return PathBuf::from(named);
    }
    let of_tools = room.join("../../.tools/clients/bin/python");
    if of_tools.exists() {
        return of_tools;
    }
    PathBuf::from("python3")
}

#[expect(
    clippy::disallowed_methods,
    reason = "where the clients are is the machine's to say"
)]
fn named(variable: &str) -> Option<OsString> {
    std::env::var_os(variable)
}

/// `just test` counts and prints it.
fn skipped(test: &str, lacks: &str) {
    let skips = Path::new(env!("CARGO_TARGET_TMPDIR")).join("skips");
    std::fs::create_dir_all(&skips).expect("a directory for skips");
    std::fs::write(
        skips.join(format!("aws-model: {test}")),
        format!("{lacks}\n"),
    )
    .expect("a skip is noted");
}
