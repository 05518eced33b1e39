//! `backstay images` with a `docker` that writes down what it is told and answers as a test says: command lines, failures, and what is
//! never shown. `building` plays it with a real engine.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::app::{App, Said, backstay, said};

const SECRET: &str = "hunter2-8c1f0d";
const DIGEST: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";

const TOML: &str = r#"
app = "shop"

[environments.live]
cloud = "aws"
region = "eu-west-1"
cluster = "shop"
state = ".backstay"

[images]
tags = ["{{ version }}", "latest"]

[services.web]
task_definition = "task.json"
image = "registry.test/shop/web"

[services.web.build]
target = "runtime"
args = { RELEASE = "{{ version }}", NPM_TOKEN = "hunter2-8c1f0d" }

[services.worker]
task_definition = "task.json"
image = "registry.test/shop/web"
service = "worker"

[services.other]
task_definition = "task.json"
image = "registry.test/shop/other"
"#;

const TASK: &str =
    r#"{ "family": "f", "containerDefinitions": [{ "name": "c", "image": "{{ image }}" }] }"#;

/// The beginning of every `docker`: what it is told, one command to a line, goes to a file.
const WRITES_DOWN: &str = r#"#!/bin/sh
printf '%s\n' "$*" >>"$HERE/told"
[ -z "${NPM_TOKEN:-}" ] || printf '  NPM_TOKEN=%s\n' "$NPM_TOKEN" >>"$HERE/told"
"#;

/// An engine with buildx, to whose registry nothing was ever pushed.
const WELL: &str = r#"
case "$1 $2" in
"version "*) echo 20.10 ;;
"buildx version") echo 0.13 ;;
"buildx imagetools") echo "ERROR: not found" >&2; exit 1 ;;
"image push") echo "latest: digest: DIGEST size: 523" ;;
esac
"#;

/// An app, and the `docker` that its images are built with.
struct Shop {
    home: TempDir,
}

impl Shop {
    fn with(docker: &str) -> Self {
        let shop = Self {
            home: tempfile::tempdir().unwrap(),
        };
        shop.write("app/backstay.toml", TOML);
        shop.write("app/task.json", TASK);
        shop.write("app/Dockerfile", "FROM scratch AS runtime\nCOPY . .\n");
        shop.write(
            "bin/docker",
            &format!("{WRITES_DOWN}{}", docker.replace("DIGEST", DIGEST)),
        );
        let program = shop.path("bin/docker");
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
        shop
    }

    fn path(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn edit(&self, from: &str, to: &str) {
        let toml = fs::read_to_string(self.path("app/backstay.toml")).unwrap();
        assert!(toml.contains(from), "{from}");
        self.write("app/backstay.toml", &toml.replace(from, to));
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = backstay();
        command
            .arg("--app")
            .arg(self.path("app"))
            .args(["images"])
            .args(arguments)
            .env("HERE", self.home.path())
            .env("HOME", self.home.path())
            .env(
                "PATH",
                format!("{}:/usr/bin:/bin", self.path("bin").display()),
            )
            .env_remove("DOCKER_CONFIG");
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        said(&mut self.command(arguments))
    }

    fn push(&self, more: &[&str]) -> Said {
        self.run(&[&["push", "live", "--version", "a1b2c3d"], more].concat())
    }

    /// What docker was told, with the paths and hashes of this run taken out.
    fn told(&self) -> String {
        let told = fs::read_to_string(self.path("told")).unwrap_or_default();
        let told = told.replace(self.home.path().to_str().unwrap(), "~");
        let label = "backstay.inputs=";
        let Some((_, rest)) = told.split_once(label) else {
            return told;
        };
        let hash = rest.get(..64).unwrap();
        told.replace(hash, "HASH").replace(&hash[..32], "HASH32")
    }
}

#[test]
fn docker_is_told_what_the_configuration_says() {
    let shop = Shop::with(WELL);
    let said = shop.push(&[]).ends_with(0);
    assert_eq!(
        shop.told(),
        "version --format {{.Server.Version}}
buildx version
image ls --no-trunc --quiet --filter label=backstay.inputs=HASH
buildx imagetools inspect --format {{json .Manifest}} registry.test/shop/web:inputs-HASH32
buildx build --progress plain --file ~/app/Dockerfile --platform linux/amd64 --label backstay.inputs=HASH \
         --target runtime --build-arg NPM_TOKEN --build-arg RELEASE=a1b2c3d \
         --tag registry.test/shop/web:a1b2c3d --tag registry.test/shop/web:latest \
         --tag registry.test/shop/web:inputs-HASH32 --load ~/app/.
  NPM_TOKEN=hunter2-8c1f0d
image push registry.test/shop/web:a1b2c3d
image push registry.test/shop/web:latest
image push registry.test/shop/web:inputs-HASH32
"
    );
    assert_eq!(
        said.stdout,
        format!(
            "registry.test/shop/web@{DIGEST} built and pushed (a1b2c3d, latest; web, worker)\n"
        )
    );
    assert!(!said.stderr.contains(SECRET), "{}", said.stderr);
}

#[test]
fn what_the_registry_has_is_not_built() {
    let there = WELL.replace(
        r#"echo "ERROR: not found" >&2; exit 1"#,
        r#"case "$*" in *:latest) digest=sha256:2222222222222222222222222222222222222222222222222222222222222222 ;; *) digest=DIGEST ;; esac; echo "{\"digest\":\"$digest\"}""#,
    );
    let shop = Shop::with(&there);
    let said = shop.push(&["--output", "json"]).ends_with(0);
    let image = said.last_object();
    assert_eq!(image["did"], "tagged");
    assert_eq!(image["digest"], DIGEST);
    assert_eq!(said.stderr, "");
    let told = shop.told();
    assert!(!told.contains("buildx build"), "{told}");
    assert!(
        told.ends_with(&format!(
            "image pull --quiet registry.test/shop/web@{DIGEST}
image tag registry.test/shop/web@{DIGEST} registry.test/shop/web:latest
image push registry.test/shop/web:latest
"
        )),
        "{told}"
    );
    // Where every tag means it, nothing at all is done.
    let all = there.replace("*:latest)", "*:nothing)");
    let said = Shop::with(&all).push(&[]).ends_with(0);
    assert!(said.stdout.contains(" unchanged ("), "{said:?}");
    // It is built all the same when that is asked for.
    let shop = Shop::with(&all);
    let said = shop.push(&["--rebuild"]).ends_with(0);
    assert!(said.stdout.contains("built and pushed"), "{said:?}");
    assert!(!shop.told().contains("imagetools"), "{}", shop.told());
}

#[test]
fn several_platforms_are_built_into_the_registry() {
    let docker = format!(
        "{WELL}
case \"$*\" in *--metadata-file*)
    file=$(printf '%s' \"$*\" | sed 's/.*--metadata-file //; s/ .*//')
    echo '{{\"containerimage.digest\":\"DIGEST\"}}' >\"$file\" ;;
esac"
    );
    let shop = Shop::with(&docker);
    shop.edit(
        "target = \"runtime\"",
        "platforms = [\"linux/amd64\", \"linux/arm64\"]",
    );
    let said = shop.push(&[]).ends_with(0);
    assert!(said.stdout.contains(DIGEST), "{said:?}");
    let told = shop.told();
    let builds: Vec<&str> = told
        .lines()
        .filter(|line| line.starts_with("buildx build"))
        .collect();
    assert_eq!(builds.len(), 2, "{told}");
    assert!(
        builds[0].contains("--platform linux/amd64,linux/arm64 "),
        "{told}"
    );
    assert!(builds[0].contains("--output type=cacheonly"), "{told}");
    assert!(builds[1].contains("--push --metadata-file"), "{told}");
    assert!(!told.contains("image push"), "{told}");
}

#[test]
fn without_buildx_one_platform_is_built_and_no_more() {
    let plain = WELL.replace("\"buildx version\") echo 0.13 ;;", "buildx*) exit 1 ;;");
    let shop = Shop::with(&plain);
    let said = shop.push(&[]).ends_with(0);
    assert!(said.stdout.contains("built and pushed"), "{said:?}");
    let told = shop.told();
    assert!(
        told.contains("\nbuild --file ~/app/Dockerfile --platform linux/amd64 "),
        "{told}"
    );
    assert!(
        told.contains("manifest inspect --verbose registry.test/shop/web:inputs-"),
        "{told}"
    );

    let shop = Shop::with(&plain);
    shop.edit(
        "target = \"runtime\"",
        "platforms = [\"linux/amd64\", \"linux/arm64\"]",
    );
    let said = shop.push(&[]).ends_with(3);
    assert!(
        said.stderr.contains("registry.test/shop/web is built for linux/amd64 and linux/arm64, and that takes docker buildx"),
        "{said:?}"
    );
    assert!(!shop.told().contains("build --"), "{}", shop.told());

    let shop = Shop::with(&plain);
    shop.write("app/Dockerfile.dockerignore", "x");
    let said = shop.push(&[]).ends_with(3);
    assert!(
        said.stderr
            .contains("Dockerfile.dockerignore is read by BuildKit only"),
        "{said:?}"
    );
}

/// What docker says when something is asked of it, and what people are told.
#[test]
fn every_failure_says_what_to_do() {
    let fails = |when: &str, says: &str| {
        format!("case \"$*\" in {when}) echo '{says}' >&2; exit 1 ;; esac\n{WELL}")
    };
    let rows: [(String, i32, &[&str]); 11] = [
        (
            fails(
                "version*",
                "Cannot connect to the Docker daemon at unix:///x.sock. Is the docker daemon running?",
            ),
            3,
            &[
                "no engine answers `docker`",
                "1: Cannot connect",
                "Hint: start it (`systemctl start docker`",
            ],
        ),
        (
            fails(
                "version*",
                "permission denied while trying to connect to the Docker daemon socket",
            ),
            3,
            &["Hint: add this user to the group `docker`"],
        ),
        (
            fails(
                "*build?--*",
                "#9 ERROR: process \"/bin/sh -c npm ci --token hunter2-8c1f0d\" did not complete: exit code: 1",
            ),
            2,
            &[
                "registry.test/shop/web: it could not be built",
                "npm ci --token ***",
                "Hint: correct what the last lines say",
            ],
        ),
        (
            fails(
                "*build?--*",
                "ERROR: nope: failed to resolve source metadata for docker.io/library/nope:latest",
            ),
            2,
            &["Hint: the Dockerfile begins with an image that is neither here nor in its registry"],
        ),
        (
            fails("*build?--*", "write /x: no space left on device"),
            3,
            &["Hint: `docker system df` says"],
        ),
        (
            fails("*build?--*", "exec /bin/sh: exec format error"),
            3,
            &[
                "Hint: this machine cannot run the programs of that platform",
                "docker/setup-qemu-action",
            ],
        ),
        (
            fails("image?push*", "no basic auth credentials"),
            3,
            &[
                "registry.test/shop/web:a1b2c3d could not be pushed",
                "Hint: `docker login registry.test`",
            ],
        ),
        (
            fails("image?push*", "denied: permission_denied: write_package"),
            3,
            &["whoever is logged in at registry.test may not do this"],
        ),
        (
            fails(
                "image?push*latest",
                "tag invalid: The image tag cannot be overwritten because the repository is immutable",
            ),
            3,
            &[
                "registry.test/shop/web:latest could not be pushed",
                "Hint: the repository keeps its tags for ever",
            ],
        ),
        (
            fails("image?push*", "name unknown: The repository does not exist"),
            3,
            &["Hint: create the repository first, or correct `image`"],
        ),
        (
            fails(
                "image?push*",
                "dial tcp: lookup registry.test: no such host",
            ),
            3,
            &["Hint: look whether the message`s host can be reached from here"],
        ),
    ];
    for (docker, code, words) in rows {
        let said = Shop::with(&docker).push(&[]).ends_with(code);
        for word in words {
            let word = word.replace("message`s", "message's");
            assert!(said.stderr.contains(&word), "no `{word}`: {}", said.stderr);
        }
        assert_eq!(said.stdout, "");
        assert!(!said.stderr.contains(SECRET), "{}", said.stderr);
    }
}

#[test]
fn there_may_be_no_docker_at_all() {
    let shop = Shop::with(WELL);
    let nowhere = |command: &mut Command| said(command.env("PATH", shop.path("app")));
    for form in ["text", "json"] {
        let arguments = ["push", "live", "--version", "a1b2c3d", "--output", form];
        let said = nowhere(&mut shop.command(&arguments)).ends_with(3);
        let words = said.stdout + &said.stderr;
        for word in [
            "there is no `docker` on PATH",
            "install Docker's command line",
        ] {
            assert!(words.contains(word), "{words}");
        }
    }
}

#[test]
fn what_is_asked_for_has_to_be_there() {
    let shop = Shop::with(WELL);
    let says = |arguments: &[&str], message: &str, hint: &str| {
        let said = shop.push(arguments).ends_with(2);
        assert!(said.stderr.contains(message), "{}", said.stderr);
        assert!(said.stderr.contains(hint), "{}", said.stderr);
    };
    says(
        &["--service", "wbe"],
        "there is no service `wbe` in live",
        "Hint: did you mean `web`?",
    );
    says(
        &["--service", "other"],
        "`other` has no `build`: its image is made elsewhere",
        "Hint: images are built for web, worker",
    );
    let chosen = shop.push(&["--service", "worker"]).ends_with(0);
    assert!(chosen.stdout.contains("shop/web@"), "{chosen:?}");
    shop.edit(
        "[services.web.build]\ntarget = \"runtime\"\nargs",
        "[environments.live.variables]\nx = \"y\"\n# args",
    );
    says(
        &[],
        "no image of shop is built here",
        "[services.NAME.build]",
    );
    let shop = Shop::with(WELL);
    fs::remove_file(shop.path("app/Dockerfile")).unwrap();
    let said = shop
        .run(&["build", "live", "--version", "a1b2c3d"])
        .ends_with(2);
    assert!(said.stderr.contains("there is no Dockerfile"), "{said:?}");
    assert_eq!(shop.told(), "");
}

#[test]
fn a_simulated_environment_pushes_to_nobody_elses_registry() {
    let shop = Shop::with(WELL);
    shop.edit(
        "cloud = \"aws\"",
        "cloud = \"simulated\"\nsimulator = \"http://127.0.0.1:1\"",
    );
    let said = shop.push(&[]).ends_with(3);
    let message =
        "live is simulated, and registry.test/shop/web is not: it would be pushed to registry.test";
    assert!(said.stderr.contains(message), "{said:?}");
    shop.edit("simulator = \"http://127.0.0.1:1\"", "");
    let said = shop.push(&[]).ends_with(2);
    let hint = "start one with `backstay simulator serve --environment live`";
    assert!(said.stderr.contains(hint), "{said:?}");
    // Building is nobody else's business.
    shop.run(&["build", "live", "--version", "a1b2c3d"])
        .ends_with(0);
    assert!(!shop.told().contains("push"), "{}", shop.told());
}

/// The version's commit is what is built; the embedded cloud of other tests makes images up.
#[test]
fn what_is_not_the_versions_commit_is_not_pushed() {
    let shop = Shop::with(WELL);
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@t"];
        let done = Command::new("git")
            .args(identity)
            .args(arguments)
            .current_dir(shop.path("app"))
            .output();
        assert!(done.unwrap().status.success(), "{arguments:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "one"]);
    let said = shop.run(&["push", "live"]).ends_with(0);
    assert!(
        said.stderr.contains(".git is sent to the engine"),
        "{said:?}"
    );
    shop.write("app/Dockerfile", "FROM scratch AS runtime\nUSER 1\n");
    let said = shop.run(&["push", "live"]).ends_with(3);
    assert!(said.stderr.contains("Dockerfile"), "{said:?}");
    shop.run(&["push", "live", "--allow-dirty"]).ends_with(0);
    shop.run(&["build", "live"]).ends_with(0);
}

/// Docker holds a pipe for as long as it runs: it ends when docker has.
#[test]
fn a_signal_ends_what_docker_does() {
    let docker = format!(
        "case \"$*\" in *build?--*) exec 3>\"$HERE/alive\"; echo begun >&3; while :; do :; done ;; esac\n{WELL}"
    );
    for signal in ["-INT", "-TERM"] {
        let shop = Shop::with(&docker);
        let pipe = shop.path("alive");
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let child = shop
            .command(&["push", "live", "--version", "a1b2c3d"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut alive = fs::File::open(&pipe).unwrap();
        alive.read_exact(&mut [0; 6]).unwrap();
        let kill = Command::new("kill")
            .args([signal, &child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        let done = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(7), "{stderr}");
        assert!(
            stderr.contains("ended before everything was done"),
            "{stderr}"
        );
        assert!(stderr.contains("Hint: live is as it was"), "{stderr}");
        let mut rest = String::new();
        alive.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
    }
}

/// The hint of a deployment whose images are missing names the command that helps.
#[test]
fn a_deployment_without_its_images_says_how_they_come() {
    let app = App::new();
    let scenario = crate::app::scenario("image-not-pushed.md");
    let said = app.run(["rehearse", "--scenario", &scenario]).ends_with(3);
    let hint = "`backstay images push staging --version ";
    assert!(said.stderr.contains(hint), "{}", said.stderr);
    assert!(Path::new(&scenario).exists());
}
