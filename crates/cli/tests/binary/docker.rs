//! An app whose images are built by a `docker` that writes down what it is told and answers as a test says.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::app::{Said, backstay, said};

pub(crate) const SECRET: &str = "hunter2-8c1f0d";
pub(crate) const DIGEST: &str =
    "sha256:1111111111111111111111111111111111111111111111111111111111111111";

const TOML: &str = r#"
app = "shop"

[environments.live]
cloud = "aws"
region = "eu-west-1"
cluster = "shop"
state = ".backstay"

[images]
tags = ["{{ version }}", "latest"]

[services.web]
task_definition = "task.json"
image = "registry.test/shop/web"

[services.web.build]
target = "runtime"
args = { RELEASE = "{{ version }}", NPM_TOKEN = "hunter2-8c1f0d" }

[services.worker]
task_definition = "task.json"
image = "registry.test/shop/web"
service = "worker"

[services.other]
task_definition = "task.json"
image = "registry.test/shop/other"
"#;

const TASK: &str = r#"{ "family": "f", "containerDefinitions": [{ "name": "c", "image": "{{ image }}", "memory": 64 }] }"#;

/// The beginning of every `docker`: what it is told, one command to a line, goes to a file.
const WRITES_DOWN: &str = r#"#!/bin/sh
printf '%s\n' "$*" >>"$HERE/told"
[ -z "${NPM_TOKEN:-}" ] || printf '  NPM_TOKEN=%s\n' "$NPM_TOKEN" >>"$HERE/told"
"#;

/// An engine with buildx, to whose registry nothing was ever pushed.
pub(crate) const WELL: &str = r#"
case "$1 $2" in
"version "*) echo 20.10 ;;
"buildx version") echo 0.13 ;;
"buildx imagetools") echo "ERROR: not found" >&2; exit 1 ;;
"image push") echo "latest: digest: DIGEST size: 523" ;;
esac
"#;

/// An app, and the `docker` that its images are built with.
pub(crate) struct Shop {
    home: TempDir,
}

impl Shop {
    pub(crate) fn with(docker: &str) -> Self {
        let shop = Self {
            home: tempfile::tempdir().unwrap(),
        };
        shop.write("app/backstay.toml", TOML);
        shop.write("app/task.json", TASK);
        shop.write("app/Dockerfile", "FROM scratch AS runtime\nCOPY . .\n");
        shop.write(
            "bin/docker",
            &format!("{WRITES_DOWN}{}", docker.replace("DIGEST", DIGEST)),
        );
        let program = shop.path("bin/docker");
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
        shop
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn edit(&self, from: &str, to: &str) {
        let toml = fs::read_to_string(self.path("app/backstay.toml")).unwrap();
        assert!(toml.contains(from), "{from}");
        self.write("app/backstay.toml", &toml.replace(from, to));
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = backstay();
        command
            .arg("--app")
            .arg(self.path("app"))
            .args(["images"])
            .args(arguments)
            .env("HERE", self.home.path())
            .env("HOME", self.home.path())
            .env(
                "PATH",
                format!("{}:/usr/bin:/bin", self.path("bin").display()),
            )
            .env_remove("DOCKER_CONFIG");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        said(&mut self.command(arguments))
    }

    pub(crate) fn push(&self, more: &[&str]) -> Said {
        self.run(&[&["push", "live", "--version", "a1b2c3d"], more].concat())
    }

    /// What docker was told, with the paths and hashes of this run taken out.
    pub(crate) fn told(&self) -> String {
        let told = fs::read_to_string(self.path("told")).unwrap_or_default();
        let told = told.replace(self.home.path().to_str().unwrap(), "~");
        let label = "backstay.inputs=";
        let Some((_, rest)) = told.split_once(label) else {
            return told;
        };
        let hash = rest.get(..64).unwrap();
        told.replace(hash, "HASH").replace(&hash[..32], "HASH32")
    }
}
