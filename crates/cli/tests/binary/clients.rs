//! Clients that are not ours (`tests/clients`): each script plays against a simulator with `staging` live on it.
//!
//! They need what `./dev --tool clients` installs. Where that is missing, each is a skip that `just test` counts; with
//! `BACKSTAY_CLIENTS=required`, as in CI, it is a failure.

#![expect(
    clippy::disallowed_methods,
    reason = "tests that ask where clients are installed"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::app::repository;
use crate::served::Server;

const CLIENTS: &str = "what `./dev --tool clients` installs";

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

#[test]
fn boto3_uses_the_neighbours() {
    plays("neighbours.py", &["--time", "manual"]);
}

#[test]
fn boto3_alarms_snapshots_and_is_told() {
    plays("monitoring.py", &["--time", "manual"]);
}

#[test]
fn boto3_sees_what_happens_by_itself() {
    plays("scheduled.py", &["--time", "manual"]);
}

#[test]
fn boto3_makes_load_balancers() {
    plays("balancers.py", &["--time", "manual"]);
}

#[test]
fn boto3_deploys_a_canary() {
    plays("native.py", &["--time", "manual"]);
}

#[test]
fn boto3_moves_a_service_from_blue_to_green() {
    plays("blue_green.py", &["--time", "manual"]);
}

/// Takes minutes: the provider waits in real time.
#[test]
fn terraform_plans_nothing_after_it_has_applied() {
    terraform_plays("terraform.py");
}

/// Auto Scaling, schedules and queues, of the simulated cloud alone.
#[test]
fn terraform_plans_nothing_of_a_scheduled_stack() {
    terraform_plays("terraform_scheduled.py");
}

/// What Backstay deploys and rolls back, jobs and all, is nothing that Terraform would change.
#[test]
fn terraform_plans_nothing_after_backstay_has_deployed() {
    terraform_plays("terraform_orchard.py");
}

#[track_caller]
fn terraform_plays(script: &str) {
    let Some(python) = python() else {
        return skipped(script, CLIENTS, Missing::Clients);
    };
    let plugins = std::env::var_os("TERRAFORM_PLUGINS").map(PathBuf::from);
    let plugins = plugins.unwrap_or_else(|| PathBuf::from("/opt/tf-plugins"));
    let provider = plugins.join("registry.terraform.io/hashicorp/aws/5.100.0");
    let version = Command::new("terraform").arg("version").output();
    if version.is_err() || !provider.exists() {
        let needs = format!(
            "terraform on PATH, and its AWS provider 5.100.0 below {}",
            plugins.display()
        );
        return skipped(script, &needs, Missing::Terraform);
    }
    let mut command = Command::new(&python);
    command
        .arg(repository().join("tests/clients").join(script))
        .env("BACKSTAY", env!("CARGO_BIN_EXE_backstay"))
        .env("TERRAFORM_PLUGINS", plugins);
    ends_well(script, &mut command);
}

/// Runs a script against a simulator that was started with these arguments, and requires that it ends with 0.
#[track_caller]
fn plays(script: &str, arguments: &[&str]) {
    let Some(python) = python() else {
        return skipped(script, CLIENTS, Missing::Clients);
    };
    let app = repository().join("fixtures/cat-house");
    let environment = ["--app", path(&app), "--environment", "staging"];
    let server = Server::start(&[&environment[..], arguments].concat());
    let clients = repository().join("tests/clients");
    let mut command = Command::new(&python);
    command
        .arg(clients.join(script))
        .env("BACKSTAY_SIMULATOR", format!("http://{}", server.address()))
        .env("BACKSTAY_VIRTUAL_SLEEP", "1")
        .env("PYTHONPATH", clients.join("virtual"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("AWS_DEFAULT_REGION", "sa-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    ends_well(script, &mut command);
}

#[track_caller]
fn ends_well(script: &str, command: &mut Command) {
    let played = command.output().unwrap();
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

/// What a skipped test lacks. The clients can be installed anywhere, so CI requires them.
#[derive(PartialEq)]
enum Missing {
    Clients,
    Terraform,
}

#[track_caller]
fn skipped(script: &str, needs: &str, missing: Missing) {
    let required = std::env::var_os("BACKSTAY_CLIENTS").is_some_and(|how| how == "required");
    assert!(
        missing == Missing::Terraform || !required,
        "{script} needs {needs}"
    );
    let skips = Path::new(env!("CARGO_TARGET_TMPDIR")).join("skips");
    fs::create_dir_all(&skips).unwrap();
    fs::write(skips.join(script), format!("needs {needs}\n")).unwrap();
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
