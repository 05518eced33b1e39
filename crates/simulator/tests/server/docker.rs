//! A real Docker engine pushes to the registry and pulls from it. Where there is none, a counted skip.

use std::io::Write;
use std::process::{Command, Stdio};

use backstay_simulator::server::{Pace, ServerOptions};
use serde_json::json;
use tempfile::TempDir;

use crate::registry_client::{Client, INDEX, MANIFEST, digest_of};
use crate::skips::skipped;
use crate::support::{Served, options};

const NAME: &str = "cat-house/auth";

/// The engine, with a login of its own.
struct Docker {
    registry: String,
    configuration: TempDir,
}

impl Docker {
    /// None where no engine answers.
    fn of(served: &Served) -> Option<Self> {
        let docker = Self {
            registry: served.address.to_string(),
            configuration: tempfile::tempdir().unwrap(),
        };
        let version = docker.command(&["version"]).output();
        version
            .is_ok_and(|answer| answer.status.success())
            .then_some(docker)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command
            .arg("--config")
            .arg(self.configuration.path())
            .args(arguments);
        command
    }

    /// What it prints, and whether it went well.
    fn run(&self, arguments: &[&str], input: &[u8]) -> (bool, String) {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let done = child.wait_with_output().unwrap();
        let said = [done.stdout, done.stderr].concat();
        (
            done.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    }

    #[track_caller]
    fn well(&self, arguments: &[&str], input: &[u8]) -> String {
        let (well, said) = self.run(arguments, input);
        assert!(well, "docker {arguments:?}: {said}");
        said
    }

    fn reference(&self, rest: &str) -> String {
        format!("{}/{NAME}{rest}", self.registry)
    }

    /// An image of one file, known under a tag.
    fn import(&self, tag: &str, content: &str) {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("file"), content).unwrap();
        let mut tar = Command::new("tar");
        let tar = tar
            .args(["-C"])
            .arg(home.path())
            .args(["-c", "file"])
            .output()
            .unwrap();
        let reference = self.reference(&format!(":{tag}"));
        self.well(&["import", "-", &reference], &tar.stdout);
    }

    /// The digest that a push or a pull tells.
    #[track_caller]
    fn digest(said: &str) -> String {
        let start = said.find("sha256:").unwrap_or_else(|| panic!("{said}"));
        said[start..start + 71].to_owned()
    }
}

#[test]
fn docker_pushes_and_pulls_the_same_digest() {
    let home = tempfile::tempdir().unwrap();
    let served = Served::with(ServerOptions {
        state: Some(home.path().to_owned()),
        ..options(Pace::Running(1.0))
    })
    .unwrap();
    let Some(docker) = Docker::of(&served) else {
        return skipped(
            "docker",
            "needs a Docker engine that answers `docker version`",
        );
    };
    let client = Client::of(&served);
    docker.import("v1", &format!("{}", served.address));
    let tagged = docker.reference(":v1");

    let (well, said) = docker.run(&["push", &tagged], b"");
    assert!(
        !well && said.contains("no basic auth credentials"),
        "{said}"
    );
    let login = [
        "login",
        "--username",
        "AWS",
        "--password-stdin",
        &docker.registry,
    ];
    let (well, said) = docker.run(&login, b"wrong");
    assert!(!well && said.contains("400 Bad Request"), "{said}");
    let said = docker.well(&login, client.password().as_bytes());
    assert!(said.contains("Login Succeeded"), "{said}");

    let pushed = Docker::digest(&docker.well(&["push", &tagged], b""));
    let described = client.api(
        "DescribeImages",
        &json!({ "repositoryName": NAME, "imageIds": [{ "imageTag": "v1" }] }),
    );
    let detail = &described["imageDetails"][0];
    assert_eq!(detail["imageDigest"], json!(pushed));
    assert_eq!(detail["imageManifestMediaType"], MANIFEST);
    assert!(detail["imageSizeInBytes"].as_u64().unwrap() > 100);

    let by_digest = docker.reference(&format!("@{pushed}"));
    docker.well(&["image", "rm", &tagged], b"");
    let said = docker.well(&["pull", &by_digest], b"");
    assert!(said.contains(&format!("Digest: {pushed}")), "{said}");
    let format = [
        "image",
        "inspect",
        "--format",
        "{{json .RepoDigests}}",
        &by_digest,
    ];
    let known = docker.well(&format, b"");
    assert_eq!(known.trim(), json!([by_digest]).to_string());

    // The same image for one platform, another one for the other: what is pulled is the index.
    let manifest = client
        .ask("GET", &format!("/v2/{NAME}/manifests/{pushed}"), "", b"")
        .body;
    let other = client.push_untagged(NAME, "linux/s390x", b"nobody pulls it");
    let entry = |digest: &str, size: usize, architecture: &str| {
        json!({
            "mediaType": MANIFEST, "digest": digest, "size": size,
            "platform": { "os": "linux", "architecture": architecture },
        })
    };
    let own = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        _ => "amd64",
    };
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [
        entry(&other.digest, other.manifest.len(), "s390x"), entry(&pushed, manifest.len(), own),
    ] })
    .to_string();
    let typed = format!("content-type: {INDEX}\r\n");
    let path = format!("/v2/{NAME}/manifests/both");
    assert_eq!(
        client.ask("PUT", &path, &typed, index.as_bytes()).status,
        201
    );
    let both = docker.reference(":both");
    let said = docker.well(&["pull", &both], b"");
    let digest = digest_of(index.as_bytes());
    assert!(said.contains(&format!("Digest: {digest}")), "{said}");
    docker.well(&["image", "rm", &by_digest, &both], b"");

    // What nobody can pull, and why.
    let (well, said) = docker.run(&["pull", &docker.reference(":a1b2c3d")], b"");
    assert!(
        !well && said.contains("it has a digest and no content"),
        "{said}"
    );
    let (well, said) = docker.run(&["pull", &docker.reference(":gone")], b"");
    assert!(
        !well && said.contains("Requested image not found"),
        "{said}"
    );
    let immutable = json!({ "repositoryName": NAME, "imageTagMutability": "IMMUTABLE" });
    client.api("PutImageTagMutability", &immutable);
    docker.import("v1", "something else");
    let (well, said) = docker.run(&["push", &tagged], b"");
    assert!(
        !well && said.contains("tag invalid: The image tag 'v1' already exists"),
        "{said}"
    );
    docker.well(&["image", "rm", &tagged], b"");
}
