//! Fifty processes want to deploy the same environment at once: one does, the others say who it is and exit 6.

use std::process::{Child, Output, Stdio};

use crate::app::{App, backstay};
use crate::served::Server;

const RACERS: usize = 50;

#[test]
fn on_a_local_directory() {
    let (server, app) = Server::of_staging("60x");
    race(&server, &app);
}

#[test]
fn on_a_bucket() {
    let (server, app) = Server::of_staging("60x");
    server.ask("POST reset", "");
    let state = "[environments.staging]\nstate = \"s3://cat-house-state/backstay\"";
    app.edit("backstay.toml", "[environments.staging]", state);
    make_bucket(&server);
    race(&server, &app);
}

fn race(server: &Server, app: &App) {
    let racers: Vec<Child> = (0..RACERS).map(|_| started(app)).collect();
    let ended: Vec<Output> = racers
        .into_iter()
        .map(|racer| racer.wait_with_output().unwrap())
        .collect();
    let (won, lost): (Vec<&Output>, Vec<&Output>) = ended
        .iter()
        .partition(|racer| racer.status.code() == Some(0));
    assert_eq!(won.len(), 1, "{ended:?}");
    for racer in lost {
        let said = String::from_utf8_lossy(&racer.stderr);
        assert_eq!(racer.status.code(), Some(6), "{said}");
        assert!(said.contains("is deploying 2f9c1e7 (d-"), "{said}");
    }
    assert_eq!(
        server.version(&["a1b2c3d", "2f9c1e7"]).as_deref(),
        Ok("2f9c1e7")
    );
    app.run(["audit", "verify", "staging"]).ends_with(0);
    let history = app
        .run(["history", "staging", "--output", "json"])
        .ends_with(0);
    let deployments = history.stdout.matches("\"deployment\":\"d-").count();
    assert_eq!(deployments, 1, "{}", history.stdout);
}

fn started(app: &App) -> Child {
    backstay()
        .arg("--app")
        .arg(&app.directory)
        .args(["deploy", "staging", "--version", "2f9c1e7"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn make_bucket(server: &Server) {
    let made = server.raw("PUT /cat-house-state HTTP/1.1\r\nhost: s3.sa-east-1.amazonaws.com\r\nauthorization: AWS4-HMAC-SHA256 Credential=123456789012/20260105/sa-east-1/s3/aws4_request, SignedHeaders=host, Signature=0\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    assert!(made.starts_with("HTTP/1.1 200"), "{made}");
}
