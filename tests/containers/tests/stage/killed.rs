//! A deployer that is killed, and one that CI cancels, while real tasks run.

use std::process::{Command, Stdio};

use rstest::rstest;

use crate::cloud::{Cloud, Stage};
use crate::house::{House, LIVE, NEW};

/// Begins to deploy, and sends a signal as soon as a new service is on its way.
fn interrupted(cloud: &Cloud, signal: &str) {
    let mut deploy = cloud.command(["deploy", "staging", "--version", NEW]);
    let mut deploy = deploy
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    cloud.until("a service is rolled out", |picture| {
        let mut services = picture["services"].as_object().unwrap().values();
        services.any(|service| service["deploying"] == true)
    });
    let process = deploy.id().to_string();
    Command::new("kill")
        .args([signal, &process])
        .status()
        .unwrap();
    deploy.wait().unwrap();
}

/// All services answer users as this version.
pub(crate) fn runs(cloud: &Cloud, version: &str) -> bool {
    let url = "https://api-staging.gamificator.click/api/v1";
    ["auth", "catalog", "installation", "proxy"]
        .into_iter()
        .all(|service| {
            let answer = cloud.page(&format!("{url}/{service}/health"));
            answer.status == 200 && answer.json()["version"] == *version
        })
}

#[rstest]
fn killed_and_resumed(#[values(Stage::Process, Stage::Docker)] stage: Stage) {
    let Some(cloud) = Cloud::of(
        stage,
        &format!("{stage:?} killed_and_resumed"),
        House::new(),
    ) else {
        return;
    };
    interrupted(&cloud, "-KILL");
    cloud
        .run(["resume", "--environment", "staging"])
        .ends_with(0);
    assert!(runs(&cloud, NEW));
    assert_eq!(cloud.revision(), "9c1");
}

/// CI's cancel: the deployment takes itself back before it ends.
#[rstest]
fn cancelled(#[values(Stage::Process, Stage::Docker)] stage: Stage) {
    let Some(cloud) = Cloud::of(stage, &format!("{stage:?} cancelled"), House::new()) else {
        return;
    };
    interrupted(&cloud, "-INT");
    assert!(runs(&cloud, LIVE));
    let said = cloud
        .run(["history", "staging", "--output", "json"])
        .ends_with(0);
    let history = said.last_object();
    let last = history["deployments"].as_array().unwrap().last().unwrap();
    assert_eq!(last["outcome"], "rolled-back", "{last}");
}
