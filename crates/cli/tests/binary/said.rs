//! What a command says when it is run on a copy of an app. The tests of this package use it, and those of `tests/localstack`.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    /// Fails unless it ended with this exit code.
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "\nstdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }

    /// Every line of stdout as an object; fails when one is anything else.
    #[track_caller]
    pub(crate) fn objects(&self) -> Vec<Value> {
        let object = |line: &str| {
            let object: Value = serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{error} on stdout: {line}"));
            assert_eq!(object["v"], 1, "{line}");
            assert!(object["type"].is_string(), "{line}");
            object
        };
        self.stdout.lines().map(object).collect()
    }

    /// The last object on stdout.
    #[track_caller]
    pub(crate) fn last_object(&self) -> Value {
        self.objects().pop().expect("something is on stdout")
    }
}

/// Runs it to its end.
pub(crate) fn said(command: &mut Command) -> Said {
    let output = command.output().unwrap();
    Said {
        code: output.status.code().expect("it ended by itself"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A command in surroundings that say nothing about colours or CI.
pub(crate) fn undisturbed(mut command: Command) -> Command {
    for name in [
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "CI",
        "GITHUB_ACTIONS",
        "TERM",
    ] {
        command.env_remove(name);
    }
    command
}

/// Replaces text in a file.
pub(crate) fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{} has no `{from}`", path.display());
    fs::write(path, text.replace(from, to)).unwrap();
}

/// Copies a directory, but for what somebody's own runs have left in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, copied) = (entry.path(), to.join(entry.file_name()));
        // What somebody's own runs have left is no part of the example.
        if entry.file_name() == ".backstay" {
            continue;
        }
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            fs::copy(&path, &copied).unwrap();
        }
    }
}
