//! Images of other registries: an app of them on simulated clouds, where nobody outside is asked, and what is said of a real registry that
//! refuses, before anything is changed.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::thread;

use backstay_simulator::image_digest;

use crate::app::{App, Said, at_once};
use crate::served::Server;

/// Each service's image is somewhere else.
const IMAGES: [(&str, &str); 4] = [
    ("auth-service", "ghcr.io/acme/auth"),
    ("catalog-service", "docker.io/acme/catalog"),
    (
        "installation-service",
        "999999999999.dkr.ecr.eu-west-1.amazonaws.com/shared/installation",
    ),
    ("proxy-service", "registry.acme.example:5000/proxy"),
];

fn scattered() -> App {
    let app = App::new();
    for (service, image) in IMAGES {
        lies_in(&app, service, image);
    }
    app
}

fn lies_in(app: &App, service: &str, image: &str) {
    let own = format!("image = \"cat-house/{service}\"\n");
    app.edit("backstay.toml", &own, &format!("image = \"{image}\"\n"));
}

#[track_caller]
fn has(said: &Said, words: &str) {
    let all = format!("{}{}", said.stdout, said.stderr);
    assert!(all.contains(words), "no `{words}`:\n{all}");
}

#[test]
fn they_are_deployed_and_rolled_back_offline() {
    let app = scattered();
    let planned = app.run([
        "plan",
        "staging",
        "--version",
        "2f9c1e7",
        "--output",
        "json",
    ]);
    let planned = planned.ends_with(0);
    for (_, image) in IMAGES {
        // In ECR an image is known by what comes after the host.
        let ecr = image.split_once(".amazonaws.com/");
        let name = ecr.map_or(image, |(_, name)| name);
        has(&planned, &image_digest(name, &["2f9c1e7".to_owned()]));
    }
    app.run(at_once("2f9c1e7")).ends_with(0);
    app.run(["rollback", "staging", "--speed", "max"])
        .ends_with(0);
    let status = app.run(["status", "staging"]).ends_with(0);
    has(&status, "a1b2c3d");
}

/// It is one container of two, by a tag.
fn beside(app: &App, image: &str) {
    let agent = format!("{{ \"name\": \"agent\", \"essential\": false, \"image\": \"{image}\" }},");
    app.edit(
        "services/catalog-service/task-definition.json",
        "\"containerDefinitions\": [",
        &format!("\"containerDefinitions\": [{agent}"),
    );
}

#[test]
fn what_stands_beside_is_pinned_where_its_registry_tells() {
    let plan = [
        "plan",
        "staging",
        "--version",
        "2f9c1e7",
        "--output",
        "json",
    ];
    for (image, words) in [
        (
            "public.ecr.aws/datadog/agent:7",
            "\"from\":\"agent:7\",\"to\":\"sha256:",
        ),
        ("nginx:1.27", "\"from\":\"nginx:1.27\",\"to\":\"sha256:"),
    ] {
        let app = App::new();
        beside(&app, image);
        has(&app.run(plan).ends_with(0), words);
    }
    // The cloud is there first: no task of it could have started with this one.
    let app = App::new();
    app.run(plan).ends_with(0);
    let hidden = "registry.nobody.example/agent:7";
    beside(&app, hidden);
    let words = format!("{hidden}: nobody could tell the digest");
    has(&app.run(plan).ends_with(0), &words);
}

#[test]
fn one_that_was_never_pushed_is_refused_before_any_change() {
    let app = scattered();
    for (service, image) in IMAGES {
        let fault = format!("{service}=not-pushed");
        let said = app.run([
            "rehearse",
            "staging",
            "--version",
            "2f9c1e7",
            "--fault",
            &fault,
        ]);
        has(
            &said.ends_with(3),
            &format!("{image}: no image is tagged `2f9c1e7`"),
        );
    }
    app.run(["rehearse", "staging", "--version", "2f9c1e7"])
        .ends_with(0);
}

#[test]
fn a_served_cloud_has_such_registries_too() {
    let app = scattered();
    let server = Server::of(&app, "staging", "300x");
    app.run(["deploy", "staging", "--version", "2f9c1e7"])
        .ends_with(0);
    let picture = server.ask("GET picture", "");
    let asked = |head: &str, path: &str| {
        let said = server.raw(&format!(
            "GET {path} HTTP/1.1\r\nhost: {head}\r\nconnection: close\r\n\r\n"
        ));
        let digest = said
            .lines()
            .find_map(|line| line.strip_prefix("docker-content-digest: "));
        digest.map(str::to_owned).ok_or(said)
    };
    let runs = &picture["services"]["cat-house-staging-auth-service"]["image_digests"];
    let by_host = asked("ghcr.io", "/v2/acme/auth/manifests/2f9c1e7").unwrap();
    assert_eq!(runs, &serde_json::json!([by_host]));
    let by_path = asked(server.address(), "/v2/ghcr.io/acme/auth/manifests/2f9c1e7");
    assert_eq!(by_path, Ok(by_host));
    let none = asked("ghcr.io", "/v2/acme/auth/manifests/none").unwrap_err();
    assert!(
        none.starts_with("HTTP/1.1 404") && none.contains("MANIFEST_UNKNOWN"),
        "{none}"
    );
}

/// A registry on this machine that says the same to everybody; those who show `octo:hunter2` it tells that there is no such tag.
fn registry(status: &'static str, headers: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = Vec::new();
            let mut part = [0; 1024];
            while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read(&mut part) {
                    Ok(0) | Err(_) => break,
                    Ok(read) => asked.extend_from_slice(&part[..read]),
                }
            }
            let asked = String::from_utf8_lossy(&asked).to_lowercase();
            let (status, headers, body) = match asked.contains("basic b2n0bzpodw50zxiy") {
                true => (
                    "404 Not Found",
                    "",
                    r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#,
                ),
                false => (status, headers, body),
            };
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
            );
        }
    });
    address
}

/// An environment that Backstay takes for a real account, one of whose images is at this registry.
struct Real {
    server: Server,
    app: App,
    host: String,
}

impl Real {
    fn new(host: &str) -> Self {
        let app = App::new();
        let directory = app.directory.to_str().unwrap().to_owned();
        let server = Server::start(&["--app", &directory, "--environment", "staging"]);
        app.edit(
            "backstay.toml",
            "cloud = \"simulated\"\nregion = \"sa-east-1\"\naccount = \"123456789012\"",
            "cloud = \"aws\"\nregion = \"sa-east-1\"\naccount = \"123456789012\"",
        );
        let section = "[environments.staging]";
        app.edit(
            "backstay.toml",
            section,
            &format!("{section}\nstate = \".backstay\""),
        );
        lies_in(&app, "catalog-service", &format!("{host}/acme/catalog"));
        fs::create_dir(app.directory.join("docker")).unwrap();
        let host = host.to_owned();
        Self { server, app, host }
    }

    fn plan(&self, path: Option<&Path>) -> Said {
        let mut command = self
            .app
            .command(["plan", "staging", "--version", "2f9c1e7"]);
        command
            .env(
                "AWS_ENDPOINT_URL",
                format!("http://{}", self.server.address()),
            )
            .env("AWS_ACCESS_KEY_ID", "123456789012")
            .env("AWS_SECRET_ACCESS_KEY", "any")
            .env("DOCKER_CONFIG", self.app.directory.join("docker"));
        if let Some(path) = path {
            command.env("PATH", path);
        }
        crate::app::said(&mut command)
    }

    /// That it is refused in these words, and that nothing was changed.
    #[track_caller]
    fn refused(&self, words: &[&str]) {
        let said = self.plan(None).ends_with(3);
        for words in words {
            has(&said, words);
        }
        let calls = self.server.ask("GET calls", "")["calls"].to_string();
        for change in ["UpdateService", "RegisterTaskDefinition", "PutImage"] {
            assert!(!calls.contains(change), "{calls}");
        }
    }
}

#[test]
fn a_registry_that_limits_is_named_with_when_it_may_be_asked_again() {
    let said = r#"{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}"#;
    let host = registry("429 Too Many Requests", "retry-after: 3600\r\n", said);
    let real = Real::new(&host);
    let about = format!(
        "{host}/acme/catalog:2f9c1e7: HTTP 429: TOOMANYREQUESTS: You have reached your pull rate limit."
    );
    let about = format!("{about}; ");
    real.refused(&[
        "the images could not be looked up",
        &about,
        "it may be asked again in 3600 s",
        &format!(
            "Hint: nothing was changed; wait a little, or as long as the message says; `docker login {host}`"
        ),
    ]);
}

#[test]
fn a_registry_that_is_down_is_named() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = closed.local_addr().unwrap().to_string();
    drop(closed);
    Real::new(&host).refused(&[
        &format!("registry.GetManifest {host}: {host}/acme/catalog:2f9c1e7: no connection: "),
        &format!("look whether {host} can be reached from here"),
    ]);
}

#[test]
fn a_login_of_dockers_helper_opens_it() {
    let challenge = "www-authenticate: Basic realm=\"here\"\r\n";
    let host = registry(
        "401 Unauthorized",
        challenge,
        r#"{"errors":[{"code":"UNAUTHORIZED"}]}"#,
    );
    let real = Real::new(&host);
    real.refused(&[
        &format!("HTTP 401: UNAUTHORIZED (nobody is logged in to {host})"),
        &format!("`docker login {host}` as somebody who may read it"),
    ]);
    let docker = real.app.directory.join("docker");
    let settings = serde_json::json!({ "credHelpers": { &real.host: "keys" } });
    fs::write(docker.join("config.json"), settings.to_string()).unwrap();
    real.refused(&["asked without a login: docker-credential-keys is not on PATH"]);
    let helper = docker.join("docker-credential-keys");
    let script = "#!/bin/sh\nread name\necho '{\"Username\":\"octo\",\"Secret\":\"hunter2\"}'\n";
    fs::write(&helper, script).unwrap();
    fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).unwrap();
    // Whoever is logged in hears that there is no such tag; ECR's images of this version are missing as well.
    let said = real.plan(Some(&docker)).ends_with(3);
    has(
        &said,
        &format!("{host}/acme/catalog: no image is tagged `2f9c1e7`"),
    );
    assert!(!format!("{}{}", said.stdout, said.stderr).contains("hunter2"));
}
