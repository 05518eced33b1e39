//! A real engine builds an app's images and pushes them to the simulated registry, which the app is then deployed from. Where there is
//! no engine, counted skips; without buildx (`./dev --tool buildx`), its half is one.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::app::{App, Said, repository, said};
use crate::served::Server;

const SERVICES: [&str; 2] = ["auth-service", "catalog-service"];

/// Who builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Builder {
    Plain,
    Buildx,
}

/// An engine that answers, and the user's own configuration of docker.
pub(crate) struct Engine {
    pub(crate) configuration: TempDir,
}

impl Engine {
    /// None where it is not there, which is noted.
    pub(crate) fn find(builder: Builder) -> Option<Self> {
        let engine = Self {
            configuration: tempfile::tempdir().unwrap(),
        };
        let plugins = engine.configuration.path().join("cli-plugins");
        fs::create_dir(&plugins).unwrap();
        let buildx = repository().join(".tools/buildx/cli-plugins/docker-buildx");
        if builder == Builder::Buildx && buildx.exists() {
            let buildx = buildx.canonicalize().unwrap();
            symlink(buildx, plugins.join("docker-buildx")).unwrap();
        }
        let answers = |arguments: &[&str]| {
            let done = engine.docker(arguments).output();
            done.is_ok_and(|done| done.status.success())
        };
        if !answers(&["version"]) {
            skipped(
                "images",
                "needs a Docker engine that answers `docker version`",
            );
            return None;
        }
        match (builder, answers(&["buildx", "version"])) {
            (Builder::Plain, false) | (Builder::Buildx, true) => Some(engine),
            (Builder::Buildx, false) => {
                skipped("images-buildx", "needs docker buildx: ./dev --tool buildx");
                None
            }
            (Builder::Plain, true) => {
                skipped("images-plain", "docker has buildx here wherever it looks");
                None
            }
        }
    }

    fn docker(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command
            .env("DOCKER_CONFIG", self.configuration.path())
            .args(arguments);
        command
    }

    #[track_caller]
    fn well(&self, arguments: &[&str]) -> String {
        said(&mut self.docker(arguments)).ends_with(0).stdout
    }

    fn backstay(&self, app: &App, arguments: &[&str]) -> Said {
        let mut command = app.command(arguments.iter().copied());
        said(command.env("DOCKER_CONFIG", self.configuration.path()))
    }

    /// The user's own login at a server's registry, as `docker login` leaves it in this file.
    pub(crate) fn logged_in(&self, server: &Server) -> PathBuf {
        let given = server.ecr("GetAuthorizationToken", &json!({}));
        let token = &given["authorizationData"][0]["authorizationToken"];
        let auths = json!({ "auths": { server.address(): { "auth": token } } });
        let file = self.configuration.path().join("config.json");
        fs::write(&file, auths.to_string()).unwrap();
        file
    }

    /// Every image whose name has this in it goes.
    pub(crate) fn forget(&self, part: &str) {
        let all = self.well(&["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]);
        let ours: Vec<&str> = all.lines().filter(|name| name.contains(part)).collect();
        if !ours.is_empty() {
            self.well(&[&["image", "rm", "--force"][..], &ours].concat());
        }
    }
}

fn skipped(name: &str, why: &str) {
    let skips = Path::new(env!("CARGO_TARGET_TMPDIR")).join("skips");
    fs::create_dir_all(&skips).unwrap();
    fs::write(skips.join(name), format!("{why}\n")).unwrap();
}

/// cat-house as its own team would keep it, but for the Dockerfile: one of nothing and a file. The content is this run's alone, so that
/// no engine has it from an earlier one.
fn cat_house() -> (App, PathBuf) {
    let app = App::new();
    let service = app.directory.join("../service").canonicalize().unwrap();
    fs::write(
        service.join("Dockerfile"),
        "FROM scratch AS base\nARG ANSWERS\nCOPY ${ANSWERS} /answers.json\nCOPY fixtures/run /run\n\
         LABEL backstay.simulator.schema-head=9c1\nFROM base\nUSER 10001\n",
    )
    .unwrap();
    fs::remove_file(service.join("Dockerfile.dockerignore")).unwrap();
    let root = service.join("../..").canonicalize().unwrap();
    fs::write(root.join(".dockerignore"), "**/.backstay\n").unwrap();
    fs::write(root.join("fixtures/run"), root.to_str().unwrap()).unwrap();
    (app, root)
}

fn digest_of(server: &Server, repository: &str, tag: &str) -> Value {
    let asked = json!({ "repositoryName": repository, "imageIds": [{ "imageTag": tag }] });
    server.ecr("DescribeImages", &asked)["imageDetails"][0]["imageDigest"].clone()
}

fn built_pushed_and_deployed(builder: Builder) {
    let Some(engine) = Engine::find(builder) else {
        return;
    };
    let (app, root) = cat_house();
    let server = Server::of(&app, "staging", "240x");
    let push = |version: &str, more: &[&str]| {
        let words = [
            "images",
            "push",
            "staging",
            "--version",
            version,
            "--output",
            "json",
        ];
        engine.backstay(&app, &[&words[..], more].concat())
    };
    let did = |said: &Said| -> Vec<String> {
        let all = said.objects();
        let did = |image: &Value| image["did"].as_str().unwrap().to_owned();
        all.iter().map(did).collect()
    };

    let both = SERVICES.map(|service| ["--service", service]).concat();

    // Two images of one context, by their digests and under every tag.
    let first = push("3c3c3c3", &both).ends_with(0);
    assert_eq!(did(&first), ["built"; 2]);
    let mut digests = BTreeSet::new();
    for (image, service) in first.objects().iter().zip(SERVICES) {
        let name = format!("cat-house/{service}");
        assert_eq!(image["repository"], name);
        assert_eq!(image["tags"], json!(["3c3c3c3", "latest"]));
        for tag in ["3c3c3c3", "latest"] {
            assert_eq!(
                digest_of(&server, &name, tag),
                image["digest"],
                "{name}:{tag}"
            );
        }
        digests.insert(image["digest"].to_string());
    }
    assert_eq!(digests.len(), 2, "each has answers of its own");
    assert_eq!(
        first.objects()[0]["users"],
        json!(["auth-service", "migration"])
    );

    // What was pushed is what is pulled.
    let catalog = first.objects()[1].clone();
    let (address, digest) = (
        catalog["address"].as_str().unwrap(),
        catalog["digest"].as_str().unwrap(),
    );
    engine.forget(server.address());
    let own = engine.logged_in(&server);
    let pulled = engine.well(&["pull", &format!("{address}:3c3c3c3")]);
    assert!(pulled.contains(&format!("Digest: {digest}")), "{pulled}");
    engine.forget(server.address());
    fs::remove_file(&own).unwrap();

    // Nothing is built twice: not the same version, not another one of the same files.
    assert_eq!(did(&push("3c3c3c3", &both).ends_with(0)), ["nothing"; 2]);
    let again = push("4d4d4d4", &both).ends_with(0);
    assert_eq!(did(&again), ["tagged"; 2]);
    assert_eq!(again.objects()[1]["digest"], digest);
    assert_eq!(
        digest_of(&server, "cat-house/catalog-service", "4d4d4d4"),
        digest
    );

    // One file of one service makes one image.
    let answers = root.join("fixtures/cat-house/services/catalog-service/answers.json");
    let changed = fs::read_to_string(&answers).unwrap() + "\n";
    fs::write(&answers, changed).unwrap();
    let only = ["--service", "catalog-service"];
    let one = push("5e5e5e5", &only).ends_with(0);
    assert_eq!(did(&one), ["built"]);
    assert_ne!(one.objects()[0]["digest"], digest);

    // A release is made of those digests.
    let said = app
        .run(["deploy", "staging", "--version", "3c3c3c3"])
        .ends_with(0);
    assert!(said.stdout.contains("is live on 3c3c3c3"), "{said:?}");
    let picture = server.ask("GET picture", "");
    let runs = &picture["services"]["cat-house-staging-catalog-service"]["image_digests"];
    assert_eq!(*runs, json!([digest]));

    assert!(!own.exists(), "the user's own configuration is as it was");
    engine.forget(server.address());
}

#[test]
fn images_are_built_by_the_engine_pushed_and_deployed() {
    built_pushed_and_deployed(Builder::Plain);
}

#[test]
fn images_are_built_by_buildkit_pushed_and_deployed() {
    built_pushed_and_deployed(Builder::Buildx);
}

#[test]
fn what_the_registry_does_not_take_is_said_before_anything_is_built() {
    let Some(engine) = Engine::find(Builder::Plain).or_else(|| Engine::find(Builder::Buildx))
    else {
        return;
    };
    let (app, _) = cat_house();
    let server = Server::of(&app, "staging", "real");
    let push = |more: &[&str]| {
        let words = ["images", "push", "staging", "--version", "3c3c3c3"];
        engine.backstay(&app, &[&words[..], more].concat())
    };
    let catalog = ["--service", "catalog-service"];
    let name = "cat-house/catalog-service";
    let stays = json!({ "repositoryName": name, "imageTagMutability": "IMMUTABLE" });
    server.ecr("PutImageTagMutability", &stays);
    let said = push(&catalog).ends_with(3);
    let message = "cat-house/catalog-service is immutable: `{{ branch }}` of `[images] tags`";
    assert!(said.stderr.contains(message), "{said:?}");

    // With the version alone it is pushed once, and the same again is nothing; something else is refused.
    app.edit("backstay.toml", ", \"{{ branch }}\", \"latest\"]", "]");
    push(&catalog).ends_with(0);
    let said = push(&catalog).ends_with(0);
    assert!(said.stdout.contains(" unchanged ("), "{said:?}");
    let answers = "services/catalog-service/answers.json";
    let changed = fs::read_to_string(app.directory.join(answers)).unwrap() + "\n";
    fs::write(app.directory.join(answers), changed).unwrap();
    let said = push(&catalog).ends_with(3);
    let message =
        "cat-house/catalog-service is immutable, and `3c3c3c3` is an image of other inputs there";
    assert!(said.stderr.contains(message), "{said:?}");
    assert!(!said.stderr.contains("building"), "{said:?}");
    // Who wants it built all the same hears it from the registry.
    let said = push(&[&catalog[..], &["--rebuild"]].concat()).ends_with(3);
    let hint = "Hint: the repository keeps its tags for ever";
    assert!(said.stderr.contains(hint), "{said:?}");

    let gone = json!({ "repositoryName": "cat-house/proxy-service", "force": true });
    server.ecr("DeleteRepository", &gone);
    let said = push(&["--service", "proxy-service"]).ends_with(3);
    for words in [
        "there is no repository cat-house/proxy-service, and a push creates none",
        "`aws ecr create-repository --repository-name cat-house/proxy-service`",
    ] {
        assert!(said.stderr.contains(words), "{said:?}");
    }
    engine.forget(server.address());
}

/// The Dockerfile of the fixtures itself, on a base that is made of this machine's own programs.
#[test]
fn the_fixtures_image_is_of_two_stages_and_nobody_is_root_in_it() {
    let Some(engine) = Engine::find(Builder::Buildx) else {
        return;
    };
    let app = App::new();
    let root = app.directory.join("../..").canonicalize().unwrap();
    fs::create_dir(root.join("prebuilt")).unwrap();
    fs::write(root.join("prebuilt/service"), root.to_str().unwrap()).unwrap();
    let base = format!("backstay-test-base:{}", std::process::id());
    base_image(&engine, &base);
    app.edit(
        "backstay.toml",
        "args = { ANSWERS",
        &format!("args = {{ BASE = \"{base}\", BUILDER = \"{base}\", ANSWERS"),
    );
    // The names are this engine's own: somebody else's `latest` stays what it is.
    app.edit("backstay.toml", ", \"{{ branch }}\", \"latest\"]", "]");
    let version = format!("test-{}", std::process::id());
    let build = ["images", "build", "staging", "--version", &version];
    let said = engine.backstay(
        &app,
        &[&build[..], &["--service", "catalog-service"]].concat(),
    );
    let said = said.ends_with(0);
    let built = format!("cat-house/catalog-service built ({version}; ");
    assert!(said.stdout.starts_with(&built), "{said:?}");
    assert!(
        said.stderr.contains("RUN if [ -f prebuilt/service ]"),
        "{said:?}"
    );
    let image = &format!("cat-house/catalog-service:{version}");
    let inspected = engine.well(&["image", "inspect", image]);
    let inspected: Value = serde_json::from_str(&inspected).unwrap();
    let config = &inspected[0]["Config"];
    assert_eq!(config["User"], "10001:10001");
    assert_eq!(config["Entrypoint"], json!(["/usr/local/bin/service"]));
    assert!(
        config["Healthcheck"]["Test"][1]
            .as_str()
            .unwrap()
            .contains("/health")
    );
    let run = ["run", "--rm", "--entrypoint", "/bin/cat", image];
    let answers = engine.well(&[&run[..], &["/app/answers.json"]].concat());
    let own = app.directory.join("services/catalog-service/answers.json");
    assert_eq!(answers, fs::read_to_string(own).unwrap());
    engine.well(&["image", "rm", "--force", image, &base]);
}

/// sh, cp, chmod and cat, with the libraries that they are linked to.
fn base_image(engine: &Engine, name: &str) {
    let home = tempfile::tempdir().unwrap();
    let mut files: BTreeSet<String> = BTreeSet::new();
    for program in ["sh", "cp", "chmod", "cat"] {
        let program = format!("/bin/{program}");
        let linked = said(Command::new("ldd").arg(&program)).ends_with(0).stdout;
        let libraries = linked
            .split_whitespace()
            .filter(|word| word.starts_with('/'));
        files.extend(libraries.map(str::to_owned));
        files.insert(program);
    }
    for file in files {
        let to = home.path().join(file.trim_start_matches('/'));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(file, to).unwrap();
    }
    let packed = tempfile::tempdir().unwrap();
    let tar = packed.path().join("base.tar");
    let mut pack = Command::new("tar");
    let pack = pack.arg("-C").arg(home.path());
    said(pack.arg("-cf").arg(&tar).arg(".")).ends_with(0);
    let path = "ENV PATH=/bin";
    engine.well(&["import", "--change", path, tar.to_str().unwrap(), name]);
}
