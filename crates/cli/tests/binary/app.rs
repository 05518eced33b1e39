//! A copy of `fixtures/cat-house` for one test, and what `backstay` says when it is run on it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

pub(crate) use crate::said::{Said, said};
use crate::said::{copy, edit, undisturbed};

/// The example app in a directory of its own.
pub(crate) struct App {
    // Removes the directory at the end.
    _home: TempDir,
    pub(crate) directory: PathBuf,
}

impl App {
    pub(crate) fn new() -> Self {
        Self::of("cat-house")
    }

    /// The app with a site whose files are of every kind; its environment is `test`.
    pub(crate) fn shop() -> Self {
        Self::of("shop")
    }

    /// The app with Flyway and a network load balancer; its environment is `test`.
    pub(crate) fn depot() -> Self {
        Self::of("depot")
    }

    /// The app with scheduled jobs; its environments are `development`, `staging` and `production`.
    pub(crate) fn orchard() -> Self {
        Self::of("orchard")
    }

    fn of(fixture: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let fixtures = home.path().join("fixtures");
        let directory = fixtures.join(fixture);
        copy(&repository().join("fixtures").join(fixture), &directory);
        // What its images are built by; the program itself is not needed to look at that.
        let service = fixtures.join("service");
        fs::create_dir_all(&service).unwrap();
        for name in ["Dockerfile", "Dockerfile.dockerignore", "answers.json"] {
            let from = repository().join("fixtures/service").join(name);
            fs::copy(from, service.join(name)).unwrap();
        }
        Self {
            _home: home,
            directory,
        }
    }

    /// An app that runs `version`.
    pub(crate) fn running(version: &str) -> Self {
        let app = Self::new();
        app.run(at_once(version)).ends_with(0);
        app
    }

    /// Runs `backstay --app COPY` with these arguments.
    pub(crate) fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Said {
        self.run_with(arguments, &[])
    }

    pub(crate) fn run_with<'a>(
        &self,
        arguments: impl IntoIterator<Item = &'a str>,
        environment: &[(&str, &str)],
    ) -> Said {
        let mut command = self.command(arguments);
        command.envs(environment.iter().copied());
        said(&mut command)
    }

    /// Begins to run it, and does not wait for its end.
    pub(crate) fn begin<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// `backstay --app COPY` with these arguments.
    pub(crate) fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = backstay();
        command.arg("--app").arg(&self.directory).args(arguments);
        command
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.directory.join(".backstay/staging")
    }

    /// Every file below the app by its path, but for locks: empty files that a command may leave.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        list(&self.directory, &mut found);
        found.retain(|path, _| !path.ends_with("cloud.lock") && !path.ends_with(".lock"));
        found
    }

    /// What git says here; the app becomes a checkout of its own by `init`.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@t"])
            .args(arguments)
            .current_dir(&self.directory)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Replaces text in one of the app's files.
    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        edit(&self.directory.join(file), from, to);
    }
}

/// The binary, as it was built for these tests, in surroundings that say nothing about colours or CI.
pub(crate) fn backstay() -> Command {
    undisturbed(Command::new(env!("CARGO_BIN_EXE_backstay")))
}

/// Deploys a version to staging, as fast as the simulated cloud can.
pub(crate) const fn at_once(version: &str) -> [&str; 6] {
    ["deploy", "staging", "--version", version, "--speed", "max"]
}

/// The workspace's directory.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn scenario(name: &str) -> String {
    let path = repository().join("tests/scenarios").join(name);
    path.to_str().unwrap().to_owned()
}

fn list(directory: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(&path, found);
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
}
