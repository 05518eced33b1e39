//! A copy of `fixtures/cat-house` for one test, with an account and buckets of its own: buckets are everybody's at LocalStack.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::built::backstay;
use crate::said::{Said, copy, edit, said};

/// The example app in a directory of its own.
pub(crate) struct App {
    // Removes the directory at the end.
    _home: TempDir,
    pub(crate) directory: PathBuf,
    pub(crate) account: String,
    /// Of the frontend.
    pub(crate) bucket: String,
    /// Of the shared state.
    pub(crate) state: String,
}

impl App {
    /// `number` tells it from the others of this run; the process, from those of other runs.
    pub(crate) fn new(number: u32) -> Self {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("cat-house");
        copy(&repository().join("fixtures/cat-house"), &directory);
        let own = format!("{:06}{number:02}", std::process::id() % 1_000_000);
        let app = Self {
            _home: home,
            directory,
            account: format!("7777{own}"),
            bucket: format!("cats-{own}"),
            state: format!("state-{own}"),
        };
        app.edit(
            "backstay.toml",
            "account = \"123456789012\"",
            &format!("account = \"{}\"", app.account),
        );
        app.edit(
            "backstay.toml",
            "bucket = \"cat-house-frontend-{{ environment }}\"",
            &format!("bucket = \"{}\"", app.bucket),
        );
        app
    }

    /// The environment is on this simulator from now on.
    pub(crate) fn uses(&self, address: &str) {
        let section = "[environments.staging]";
        self.edit(
            "backstay.toml",
            section,
            &format!("{section}\nsimulator = \"http://{address}\""),
        );
    }

    /// Its state is in its bucket from now on, not in a directory.
    pub(crate) fn shares_its_state(&self) {
        let section = "[environments.staging]";
        let state = format!("{section}\nstate = \"s3://{}/backstay\"", self.state);
        self.edit("backstay.toml", section, &state);
    }

    /// Runs `backstay --app COPY` with these arguments.
    pub(crate) fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Said {
        said(&mut self.command(arguments))
    }

    /// Begins to run it, and does not wait for its end.
    pub(crate) fn begin<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = backstay();
        command.arg("--app").arg(&self.directory).args(arguments);
        command
    }

    /// Replaces text in one of the app's files.
    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        edit(&self.directory.join(file), from, to);
    }

    /// The deployments that its state knows, oldest first: how each ended.
    pub(crate) fn outcomes(&self) -> Vec<String> {
        let said = self
            .run(["history", "staging", "--output", "json"])
            .ends_with(0);
        let history = said.last_object();
        let deployments = history["deployments"].as_array().unwrap();
        let outcome = |it: &Value| it["outcome"].as_str().unwrap_or_default().to_owned();
        deployments.iter().map(outcome).collect()
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
