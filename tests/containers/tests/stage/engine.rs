//! An engine that is not there.

use crate::built::backstay;
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
