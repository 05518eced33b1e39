//! The README shows real output: each block below `<!-- output:NAME -->` is what the command prints today.
//! `BACKSTAY_BLESS=1` rewrites the blocks.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of a test stop at the first surprise"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Block, arguments after `backstay`, and the exit code. Played in order on one copy of the example.
const COMMANDS: [(&str, &[&str], i32); 6] = [
    (
        "deploy",
        &[
            "deploy",
            "staging",
            "--version",
            "2f9c1e7",
            "--speed",
            "max",
        ],
        0,
    ),
    ("plan", &["plan", "staging", "--version", "7d0b3a9"], 0),
    ("status", &["status", "staging"], 0),
    (
        "rehearse",
        &[
            "rehearse",
            "staging",
            "--version",
            "7d0b3a9",
            "--fault",
            "catalog-service=unhealthy",
        ],
        4,
    ),
    (
        "rehearse-migration",
        &[
            "rehearse",
            "staging",
            "--version",
            "7d0b3a9",
            "--fault",
            "migration=exit:1",
        ],
        4,
    ),
    (
        "rollback",
        &[
            "rollback",
            "staging",
            "--reason",
            "carts are empty",
            "--speed",
            "max",
        ],
        0,
    ),
];

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "`just bless` asks the tests through the environment"
)]
fn the_readme_shows_real_output() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = root.join("README.md");
    let written = fs::read_to_string(&readme).unwrap();
    let copy = tempfile::tempdir().unwrap();
    let app = copy.path().join("cat-house");
    copy_directory(&root.join("fixtures/cat-house"), &app);
    let mut text = written.clone();
    for (name, arguments, code) in COMMANDS {
        let out = Command::new(env!("CARGO_BIN_EXE_backstay"))
            .args(arguments)
            .arg("--app")
            .arg(&app)
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        assert_eq!(
            out.status.code(),
            Some(code),
            "{name}: {}",
            String::from_utf8_lossy(&out.stderr)
        );
        let shown = stable(&String::from_utf8(out.stdout).unwrap());
        text = with_block(&text, name, &format!("```text\n{}\n```", shown.trim_end()));
    }
    if std::env::var_os("BACKSTAY_BLESS").is_some() {
        fs::write(&readme, &text).unwrap();
    } else {
        assert!(
            text == written,
            "the README shows old output; run `just bless`. It should read:\n{text}"
        );
    }
}

/// Deployment ids are random.
fn stable(text: &str) -> String {
    let id = text
        .split_whitespace()
        .find_map(|word| word.strip_prefix("d-"));
    match id.map(|id| id.trim_end_matches(|c: char| !c.is_ascii_alphanumeric())) {
        Some(id) => text.replace(id, "7f3a9k2m"),
        None => text.to_owned(),
    }
}

/// Replaces the fenced block below a marker, or adds it.
fn with_block(text: &str, name: &str, block: &str) -> String {
    let marker = format!("<!-- output:{name} -->\n");
    let start = text
        .find(&marker)
        .unwrap_or_else(|| panic!("the README has no {marker}"))
        + marker.len();
    let rest = &text[start..];
    let end = match rest.trim_start().strip_prefix("```text\n") {
        Some(_) => {
            let open = rest.find("```text\n").unwrap() + "```text\n".len();
            open + rest[open..].find("\n```").unwrap() + "\n```".len()
        }
        None => 0,
    };
    let gap = if end == 0 { "\n" } else { "" };
    format!("{}{block}{gap}{}", &text[..start], &rest[end..])
}

fn copy_directory(from: &Path, to: &PathBuf) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        // What an earlier command left is not part of the example.
        if name == ".backstay" {
            continue;
        }
        let target = to.join(&name);
        if entry.file_type().unwrap().is_dir() {
            copy_directory(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
