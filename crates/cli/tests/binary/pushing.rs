//! Images that a real Docker engine pushes to the simulated registry are deployed by their digests. Where there is no engine, a counted
//! skip.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::served::Server;

const SERVICES: [&str; 4] = [
    "auth-service",
    "catalog-service",
    "installation-service",
    "proxy-service",
];
/// Where the fixture's migrations arrive.
const HEAD: &str = "LABEL backstay.simulator.schema-head=9c1";

#[test]
fn what_docker_pushes_is_deployed_by_its_digest_and_no_way_back_that_expires_is_taken() {
    let (server, app) = Server::of_staging("240x");
    let Some(docker) = Docker::of(&server) else {
        let skips = Path::new(env!("CARGO_TARGET_TMPDIR")).join("skips");
        fs::create_dir_all(&skips).unwrap();
        let why = "needs a Docker engine that answers `docker version`\n";
        fs::write(skips.join("docker-deploys"), why).unwrap();
        return;
    };
    let first = docker.push_all("3c3c3c3");
    let (live, proven) = ("is live on 3c3c3c3", "proven 6/6");
    let said = app
        .run(["deploy", "staging", "--version", "3c3c3c3"])
        .ends_with(0);
    assert!(
        said.stdout.contains(live) && said.stdout.contains(proven),
        "{}",
        said.stdout
    );
    let picture = server.ask("GET picture", "");
    for service in SERVICES {
        let runs = &picture["services"][format!("cat-house-staging-{service}")]["image_digests"];
        assert_eq!(*runs, json!([first[service]]), "{service}");
    }

    // The policy keeps one image: the next push takes the way back away.
    docker.push_all("4d4d4d4");
    let rule = json!({ "rulePriority": 1, "action": { "type": "expire" }, "selection": {
        "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1,
    } });
    let policy = json!({
        "repositoryName": "cat-house/catalog-service",
        "lifecyclePolicyText": json!({ "rules": [rule] }).to_string(),
    });
    server.ecr("PutLifecyclePolicy", &policy);
    server.ask("POST advance", r#"{"by_ms":86400000}"#);
    let before = server.ask("GET picture", "");
    let said = app
        .run(["deploy", "staging", "--version", "4d4d4d4"])
        .ends_with(3);
    let expired = first["catalog-service"].get(..15).unwrap();
    let refusal = format!(
        "catalog-service: the image it runs now ({expired}) has expired from the registry: there would be no way back"
    );
    assert!(said.stderr.contains(&refusal), "{}", said.stderr);
    let after = server.ask("GET picture", "");
    assert_eq!(after["services"], before["services"], "nothing was changed");
}

/// The engine, logged in to the registry of a server.
struct Docker<'a> {
    server: &'a Server,
    configuration: TempDir,
}

impl<'a> Docker<'a> {
    fn of(server: &'a Server) -> Option<Self> {
        let docker = Self {
            server,
            configuration: tempfile::tempdir().unwrap(),
        };
        let version = docker.command(&["version"]).output();
        if !version.is_ok_and(|answer| answer.status.success()) {
            return None;
        }
        docker.log_in();
        Some(docker)
    }

    fn log_in(&self) {
        let given = self.server.ecr("GetAuthorizationToken", &json!({}));
        let token = given["authorizationData"][0]["authorizationToken"].as_str();
        // Docker keeps it as it is given.
        let auths = json!({ "auths": { self.server.address(): { "auth": token } } });
        let path = self.configuration.path().join("config.json");
        fs::write(path, auths.to_string()).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command
            .arg("--config")
            .arg(self.configuration.path())
            .args(arguments);
        command
    }

    #[track_caller]
    fn well(&self, arguments: &[&str], input: &[u8]) -> String {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let done = child.wait_with_output().unwrap();
        let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
        assert!(done.status.success(), "docker {arguments:?}: {said}");
        said
    }

    /// Makes and pushes an image for every service; their digests.
    fn push_all(&self, version: &str) -> BTreeMap<&'static str, String> {
        // A token is good for twelve hours of the server's time, which runs.
        self.log_in();
        let push = |service: &'static str| {
            let home = tempfile::tempdir().unwrap();
            fs::write(home.path().join("version"), format!("{service} {version}")).unwrap();
            let mut tar = Command::new("tar");
            let tar = tar
                .arg("-C")
                .arg(home.path())
                .args(["-c", "version"])
                .output()
                .unwrap();
            let image = format!("{}/cat-house/{service}:{version}", self.server.address());
            self.well(&["import", "--change", HEAD, "-", &image], &tar.stdout);
            let said = self.well(&["push", &image], b"");
            self.well(&["image", "rm", &image], b"");
            let (_, digest) = said.rsplit_once("digest: ").unwrap();
            (service, digest.split(' ').next().unwrap().to_owned())
        };
        SERVICES.into_iter().map(push).collect()
    }
}

impl Server {
    pub(crate) fn ecr(&self, operation: &str, input: &Value) -> Value {
        let body = input.to_string();
        let credential = "123456789012/20260105/sa-east-1/ecr/aws4_request";
        let answer = self.raw(&format!(
            "POST / HTTP/1.1\r\nHost: ecr\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.1\r\n\
             X-Amz-Target: AmazonEC2ContainerRegistry_V20150921.{operation}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
        serde_json::from_str(body).unwrap()
    }
}
