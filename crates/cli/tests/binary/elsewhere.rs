//! A registry that Backstay has no credentials for: whoever runs it has logged in. The simulated one stands for ghcr.io, by its whole name.

use std::fs;

use serde_json::json;

use crate::app::{backstay, said};
use crate::building::{Builder, Engine};
use crate::served::Server;

const TASK: &str = r#"{ "family": "f", "containerDefinitions": [{ "name": "c", "image": "{{ image }}", "memory": 64 }] }"#;

fn pushed_by_an_earlier_login(builder: Builder) {
    let Some(engine) = Engine::find(builder) else {
        return;
    };
    let server = Server::start(&[]);
    server.ecr("CreateRepository", &json!({ "repositoryName": "shop/web" }));
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(home.path().join(name), text).unwrap();
    write("task.json", TASK);
    write("Dockerfile", "FROM scratch\nCOPY content /content\n");
    write("content", home.path().to_str().unwrap());
    let toml = format!(
        "app = \"shop\"\n[environments.live]\ncloud = \"aws\"\nregion = \"eu-west-1\"\ncluster = \"c\"\nstate = \"s\"\n\
         [services.web]\ntask_definition = \"task.json\"\nimage = \"{}/shop/web\"\nbuild = {{}}\n",
        server.address()
    );
    write("backstay.toml", &toml);
    let push = |version: &str| {
        let mut command = backstay();
        command.arg("--app").arg(home.path());
        command.args(["images", "push", "live", "--version", version]);
        said(command.env("DOCKER_CONFIG", engine.configuration.path()))
    };

    let refused = push("3c3c3c3").ends_with(3);
    let hint = format!("Hint: `docker login {}`", server.address());
    assert!(refused.stderr.contains(&hint), "{refused:?}");
    let own = engine.logged_in(&server);
    let before = fs::read(&own).unwrap();

    let digest = |tag: &str| {
        let asked = json!({ "repositoryName": "shop/web", "imageIds": [{ "imageTag": tag }] });
        let found = server.ecr("DescribeImages", &asked);
        found["imageDetails"][0]["imageDigest"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let first = push("3c3c3c3").ends_with(0);
    let pushed = digest("3c3c3c3");
    assert!(
        first.stdout.contains(&format!("/shop/web@{pushed} ")),
        "{first:?}"
    );
    let again = push("3c3c3c3").ends_with(0);
    assert!(
        again.stdout.contains(&format!("@{pushed} unchanged (")),
        "{again:?}"
    );
    // The engine may be another one: what it lacks it fetches, and gives it another name.
    engine.forget(server.address());
    let tagged = push("4d4d4d4").ends_with(0);
    assert!(
        tagged
            .stdout
            .contains(&format!("@{pushed} tagged, unchanged (")),
        "{tagged:?}"
    );
    assert_eq!(digest("4d4d4d4"), pushed);
    assert_eq!(fs::read(&own).unwrap(), before);
    engine.forget(server.address());
}

#[test]
fn another_registry_is_pushed_to_by_an_earlier_login() {
    pushed_by_an_earlier_login(Builder::Plain);
}

#[test]
fn another_registry_is_pushed_to_by_an_earlier_login_with_buildkit() {
    pushed_by_an_earlier_login(Builder::Buildx);
}
