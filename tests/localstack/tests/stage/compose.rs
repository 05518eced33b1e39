//! `fixtures/localstack/compose.yaml`, as the page tells people to use it: both servers, one endpoint.

#![expect(clippy::disallowed_methods, reason = "waits for real servers")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::built::built;
use crate::cloud::{REGION, keep, said_to_be_skipped};
use crate::http::{Answer, ask, signed};

const ACCOUNT: &str = "123456789012";
const PATIENCE: Duration = Duration::from_secs(120);

/// What composes, in the words that start it.
fn composer() -> Option<Vec<&'static str>> {
    [vec!["docker", "compose"], vec!["docker-compose"]]
        .into_iter()
        .find(|words| run(words, &["version"]).is_ok())
}

fn run(words: &[&str], more: &[&str]) -> Result<String, String> {
    let output = Command::new(words[0])
        .args(&words[1..])
        .args(more)
        .env("BACKSTAY_BINARY", built("backstay"))
        .env("BACKSTAY_IMAGE", "backstay-base:trixie")
        .env("BACKSTAY_PORT", "0")
        .output()
        .map_err(|error| error.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(text(&output.stderr)),
    }
}

/// Both servers, until this is dropped.
struct Composed {
    composer: Vec<&'static str>,
    file: PathBuf,
    project: String,
}

impl Composed {
    /// Nothing where something is lacking, which is said.
    fn up() -> Result<Self, String> {
        let composer = composer().ok_or("needs docker compose")?;
        for image in ["localstack/localstack:4.14", "backstay-base:trixie"] {
            run(&["docker"], &["image", "inspect", image])
                .map_err(|_| format!("needs the image {image}"))?;
        }
        let composed = Self {
            composer,
            file: Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../../fixtures/localstack/compose.yaml"),
            project: format!("backstay-compose-{}", std::process::id()),
        };
        composed.compose(&["up", "--detach"]).unwrap();
        Ok(composed)
    }

    fn compose(&self, words: &[&str]) -> Result<String, String> {
        let file = self.file.display().to_string();
        let given = ["--file", &file, "--project-name", &self.project];
        run(&self.composer, &[&given[..], words].concat())
    }

    /// Where the endpoint is published.
    fn address(&self) -> String {
        let began = Instant::now();
        loop {
            let port = self.compose(&["port", "aws", "4577"]);
            let address = port.ok().filter(|it| answers(it).unwrap_or(false));
            if let Some(address) = address {
                return address;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{:?}",
                self.compose(&["logs", "--no-color"])
            );
            // Nothing tells anybody that both listen.
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

/// Docker's own proxy takes connections before anybody listens behind it.
fn answers(address: &str) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"GET /_backstay/calls HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
    let mut said = String::new();
    stream.read_to_string(&mut said)?;
    Ok(said.starts_with("HTTP/1.1 200"))
}

impl Drop for Composed {
    fn drop(&mut self) {
        let down = self.compose(&["down", "--volumes", "--timeout", "5"]);
        if !std::thread::panicking() {
            down.unwrap();
        }
    }
}

#[test]
fn both_servers_are_one_endpoint() {
    let test = "both_servers_are_one_endpoint";
    let composed = match Composed::up() {
        Ok(composed) => composed,
        Err(lacks) => return said_to_be_skipped(test, &lacks),
    };
    let address = composed.address();
    let call = |service: &str, target: &str| -> Answer {
        let headers = [
            signed(ACCOUNT, REGION, service),
            format!("X-Amz-Target: {target}"),
            "Content-Type: application/x-amz-json-1.1".to_owned(),
        ];
        ask(
            &address,
            "POST /",
            &headers,
            json!({}).to_string().as_bytes(),
        )
        .is(200)
    };
    let ecs = call("ecs", "AmazonEC2ContainerServiceV20141113.ListClusters");
    assert_eq!(ecs.header("x-backstay-served-by"), Some("backstay"));
    let secrets = call("secretsmanager", "secretsmanager.ListSecrets");
    assert_eq!(secrets.header("x-backstay-served-by"), Some("upstream"));
    let buckets = ask(&address, "GET /", &[signed(ACCOUNT, REGION, "s3")], b"").is(200);
    assert!(
        buckets.body.contains("ListAllMyBucketsResult"),
        "{}",
        buckets.body
    );
    drop(composed);
    keep("localstack", test, "2 0 0");
}
