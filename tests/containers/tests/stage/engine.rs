//! An engine that is not there, and one that goes away while a release is on its way.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::cloud::{Cloud, Stage, backstay};
use crate::house::{House, NEW};
use crate::said::said;

#[test]
fn without_an_engine_it_says_so() {
    let mut serve = backstay();
    serve.args(["simulator", "serve", "--port", "0", "--tasks", "docker"]);
    serve.env("DOCKER_HOST", "unix:///nowhere/docker.sock");
    let said = said(&mut serve).ends_with(1);
    assert!(
        said.stderr.contains("no Docker engine can be used"),
        "{}",
        said.stderr
    );
    assert!(said.stderr.contains("--tasks process"), "{}", said.stderr);
}

/// A `docker` in front of the real one, which loses it when a file is there.
struct Fickle {
    directory: TempDir,
}

impl Fickle {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let gone = directory.path().join("gone").display().to_string();
        let script = format!(
            "#!/bin/sh\nif [ -e {gone} ]; then echo 'Cannot connect to the Docker daemon' >&2; exit 1; fi\n\
             PATH=${{PATH#*:}} exec docker \"$@\"\n"
        );
        let file = directory.path().join("docker");
        fs::write(&file, script).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        Self { directory }
    }

    fn flag(&self) -> PathBuf {
        self.directory.path().join("gone")
    }
}

#[test]
fn an_engine_that_goes_away_fails_the_release_and_leaves_nothing() {
    let fickle = Fickle::new();
    let test = "Docker an_engine_that_goes_away_fails_the_release_and_leaves_nothing";
    let first = Some(fickle.directory.path());
    let Some(cloud) = Cloud::with(Stage::Docker, test, House::new(), first) else {
        return;
    };
    fs::write(fickle.flag(), "").unwrap();
    let said = cloud.run(["deploy", "staging", "--version", NEW]);
    let text = format!("{}{}", said.stdout, said.stderr);
    assert_ne!(said.code, 0, "{text}");
    assert!(
        text.contains("Cannot connect to the Docker daemon"),
        "{text}"
    );
    // It comes back, so that the server can remove what it has made.
    fs::remove_file(fickle.flag()).unwrap();
}
