//! Clients that are not ours (`tests/clients`): each script plays against a simulator with `staging` live on it.
//!
//! They need what `./dev --tool clients` installs. Where that is missing, each is a skip that `just test` counts; with
//! `BACKSTAY_CLIENTS=required`, as in CI, it is a failure.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::app::repository;
use crate::served::Server;

#[test]
fn boto3_deploys_and_is_rolled_back() {
    plays("ecs.py", &["--time", "manual"]);
}

#[test]
fn boto3_locks_invalidates_and_finds_images() {
    plays("storage.py", &["--time", "manual"]);
}

#[test]
fn the_aws_cli_is_falsely_green_as_on_aws() {
    plays("aws_cli.py", &["--time", "manual"]);
}

/// Runs a script against a simulator that was started with these arguments, and requires that it ends with 0.
#[track_caller]
fn plays(script: &str, arguments: &[&str]) {
    let Some(python) = python() else {
        return skipped(script);
    };
    let app = repository().join("fixtures/cat-house");
    let environment = ["--app", path(&app), "--environment", "staging"];
    let server = Server::start(&[&environment[..], arguments].concat());
    let clients = repository().join("tests/clients");
    let played = Command::new(&python)
        .arg(clients.join(script))
        .env("BACKSTAY_SIMULATOR", format!("http://{}", server.address()))
        .env("BACKSTAY_VIRTUAL_SLEEP", "1")
        .env("PYTHONPATH", clients.join("virtual"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("AWS_DEFAULT_REGION", "sa-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&played.stdout);
    let complained = String::from_utf8_lossy(&played.stderr);
    assert!(
        played.status.success(),
        "{script} ended with {}\n{said}\n{complained}",
        played.status
    );
    print!("{said}");
}

/// The Python that has the clients.
fn python() -> Option<PathBuf> {
    let chosen = std::env::var_os("BACKSTAY_CLIENTS_PYTHON").map(PathBuf::from);
    let python = chosen.unwrap_or_else(|| repository().join(".tools/clients/bin/python"));
    python.exists().then_some(python)
}

#[track_caller]
fn skipped(script: &str) {
    let required = std::env::var_os("BACKSTAY_CLIENTS").is_some_and(|how| how == "required");
    assert!(
        !required,
        "{script} needs what `./dev --tool clients` installs"
    );
    println!("skipped: {script} (needs `./dev --tool clients`)");
    let skips = Path::new(env!("CARGO_TARGET_TMPDIR")).join("skips");
    fs::create_dir_all(&skips).unwrap();
    fs::write(skips.join(script), "needs ./dev --tool clients\n").unwrap();
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
