//! Images that are not built or not pushed: what people are told, what is never shown, and that nothing goes on behind their backs.

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

use crate::app::{App, said, scenario};
use crate::docker::{SECRET, Shop, WELL};

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
    let scenario = scenario("image-not-pushed.md");
    let said = app.run(["rehearse", "--scenario", &scenario]).ends_with(3);
    let hint = "`backstay images push staging --version ";
    assert!(said.stderr.contains(hint), "{}", said.stderr);
}
