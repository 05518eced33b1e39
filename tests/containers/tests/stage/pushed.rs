//! Images that docker has pushed to the simulated registry: deployed by their digests, and run as what was pushed.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cloud::{Cloud, Stage};
use crate::house::{House, NEW};
use crate::images::{REPOSITORIES, docker};

#[test]
fn what_was_pushed_is_what_runs() {
    let test = "Docker what_was_pushed_is_what_runs";
    let Some(cloud) = Cloud::of(Stage::Docker, test, House::new()) else {
        return;
    };
    let target = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken";
    let login = cloud.call("ecr", target, &json!({}));
    let login = &login["authorizationData"][0]["authorizationToken"];
    let auth = json!({ "auths": { cloud.address.as_str(): { "auth": login } } });
    let configuration = TempDir::new().unwrap();
    fs::write(configuration.path().join("config.json"), auth.to_string()).unwrap();
    let own = configuration.path().display().to_string();
    let mut digests = Vec::new();
    for repository in REPOSITORIES {
        let local = format!("cat-house/{repository}:{NEW}");
        let pushed = format!("{}/{local}", cloud.address);
        docker(&["tag", &local, &pushed]).unwrap();
        let said = docker(&["--config", &own, "push", &pushed]).unwrap();
        let digest = said
            .split_whitespace()
            .find(|word| word.starts_with("sha256:"));
        digests.push(digest.unwrap().to_owned());
        docker(&["rmi", &pushed]).unwrap();
    }
    cloud
        .run(["deploy", "staging", "--version", NEW])
        .ends_with(0);
    let filter = format!("label=backstay.simulator={}", cloud.server());
    let running = docker(&[
        "ps",
        "--no-trunc",
        "--filter",
        &filter,
        "--format",
        "{{.Image}}",
    ])
    .unwrap();
    let picture = cloud.control("GET", "picture", "").json();
    for (repository, digest) in REPOSITORIES.iter().zip(&digests) {
        let image = format!("{}/cat-house/{repository}@{digest}", cloud.address);
        let containers = running.lines().filter(|line| **line == image).count();
        let service = &picture["services"][format!("cat-house-staging-{repository}")];
        assert_eq!(
            service["desired"],
            Value::from(containers),
            "{image}: {running}"
        );
        // Whoever pulls the tag gets the same.
        let tag = format!("{}/cat-house/{repository}:{NEW}", cloud.address);
        let pulled = docker(&["--config", &own, "pull", &tag]).unwrap();
        assert!(pulled.contains(digest.as_str()), "{pulled}");
        docker(&["rmi", &tag]).unwrap();
    }
}
