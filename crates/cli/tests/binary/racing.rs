//! Fifty processes want to deploy the same environment at once: one does, the others say who it is and exit 6.

use std::process::{Child, Stdio};

use crate::app::App;
use crate::served::Server;

const RACERS: usize = 50;

#[test]
fn on_a_local_directory() {
    let (server, app) = Server::of_staging("60x");
    let mut winner = race(&app);
    assert_eq!(winner.wait().unwrap().code(), Some(0));
    assert_eq!(
        server.version(&["a1b2c3d", "2f9c1e7"]).as_deref(),
        Ok("2f9c1e7")
    );
    only_one_deployed(&app, "live");
}

/// In real time: how old a lease in a bucket is says the simulated S3, by its own clock. The winner is stopped half way.
#[test]
fn on_a_bucket() {
    let (server, app) = Server::of_staging("real");
    let state = "[environments.staging]\nstate = \"s3://cat-house-state/backstay\"";
    app.edit("backstay.toml", "[environments.staging]", state);
    make_bucket(&server);
    let mut winner = race(&app);
    // Whoever has the environment looks at it before there is a deployment.
    while history(&app)["deployments"] == serde_json::json!([]) {
        std::thread::yield_now();
    }
    // What it did not give back is still its own.
    winner.kill().unwrap();
    winner.wait().unwrap();
    let kept_away = app
        .run(["deploy", "staging", "--version", "2f9c1e7"])
        .ends_with(6);
    assert!(
        kept_away.stderr.contains("is deploying 2f9c1e7 (d-"),
        "{kept_away:?}"
    );
    only_one_deployed(&app, "running-now");
}

/// All start at once; all but one end with 6, and say who has the environment. That one is returned, still running or not.
fn race(app: &App) -> Child {
    let mut racers: Vec<Child> = (0..RACERS).map(|_| started(app)).collect();
    let mut winners = Vec::new();
    while let Some(mut racer) = racers.pop() {
        match racer.try_wait().unwrap() {
            // The last one that runs has won; one that ended with 0 has won already.
            None if racers.is_empty() => winners.push(racer),
            None => racers.insert(0, racer),
            Some(status) if status.code() == Some(0) => winners.push(racer),
            Some(status) => {
                let said = racer.wait_with_output().unwrap().stderr;
                let said = String::from_utf8_lossy(&said);
                assert_eq!(status.code(), Some(6), "{said}");
                assert!(said.contains("is deploying 2f9c1e7 (d-"), "{said}");
            }
        }
        std::thread::yield_now();
    }
    assert_eq!(winners.len(), 1);
    winners.remove(0)
}

fn only_one_deployed(app: &App, outcome: &str) {
    app.run(["audit", "verify", "staging"]).ends_with(0);
    let history = history(app);
    let deployments = history["deployments"].as_array().unwrap();
    let outcomes: Vec<&serde_json::Value> = deployments.iter().map(|one| &one["outcome"]).collect();
    assert_eq!(outcomes, [outcome], "{history}");
}

fn history(app: &App) -> serde_json::Value {
    app.run(["history", "staging", "--output", "json"])
        .ends_with(0)
        .last_object()
}

fn started(app: &App) -> Child {
    app.command(["deploy", "staging", "--version", "2f9c1e7"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn make_bucket(server: &Server) {
    let body = "<CreateBucketConfiguration><LocationConstraint>sa-east-1</LocationConstraint></CreateBucketConfiguration>";
    let made = server.raw(&format!(
        "PUT /cat-house-state HTTP/1.1\r\nhost: s3.sa-east-1.amazonaws.com\r\nauthorization: AWS4-HMAC-SHA256 Credential=123456789012/20260105/sa-east-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ));
    assert!(made.starts_with("HTTP/1.1 200"), "{made}");
}
