//! The local ledger: releases in the order in which they were proven.

use std::collections::BTreeMap;
use std::fs;

use backstay_adapters::ledger::LocalLedger;
use backstay_domain::ledger::Entry;
use backstay_domain::ports::{FailureKind, Ledger};
use backstay_domain::release::Release;
use backstay_domain::{AppName, EnvironmentName, ReleaseId, Version};

fn release(environment: &str, version: &str) -> Release {
    Release {
        id: ReleaseId::parse("r-0123456789ab").unwrap(),
        app: AppName::parse("shop").unwrap(),
        environment: EnvironmentName::parse(environment).unwrap(),
        version: Version::parse(version).unwrap(),
        services: BTreeMap::new(),
        migration: None,
        frontend: None,
        checks: vec![],
        commit: None,
        config_fingerprint: "f".to_owned(),
    }
}

async fn last(ledger: &LocalLedger, environment: &str) -> Option<String> {
    let (app, environment) = (
        AppName::parse("shop").unwrap(),
        EnvironmentName::parse(environment).unwrap(),
    );
    ledger
        .last_proven(&app, &environment)
        .await
        .unwrap()
        .map(|release| release.version.to_string())
}

#[tokio::test]
async fn the_last_release_of_each_environment_is_remembered() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = LocalLedger::new(directory.path().join("ledger"));
    assert_eq!(last(&ledger, "staging").await, None);
    for version in (1..=11).map(|n| format!("v{n}")) {
        ledger
            .record(&Entry::bare(release("staging", &version)))
            .await
            .unwrap();
    }
    ledger
        .record(&Entry::bare(release("production", "v3")))
        .await
        .unwrap();
    ledger
        .record(&Entry::bare(release("staging", "v11")))
        .await
        .unwrap();
    assert_eq!(last(&ledger, "staging").await.as_deref(), Some("v11"));
    assert_eq!(last(&ledger, "production").await.as_deref(), Some("v3"));
    let app = AppName::parse("shop").unwrap();
    let staging = ledger
        .releases(&app, &EnvironmentName::parse("staging").unwrap())
        .unwrap();
    assert_eq!(
        staging.len(),
        11,
        "recording the newest again changes nothing"
    );
    assert_eq!(staging[1].release.version.as_str(), "v2");
}

#[tokio::test]
async fn an_unfinished_file_does_not_count_and_a_damaged_one_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = LocalLedger::new(directory.path().to_owned());
    ledger
        .record(&Entry::bare(release("staging", "v1")))
        .await
        .unwrap();
    let place = directory.path().join("shop/staging");
    fs::write(place.join(".000002-r-0123456789ab.json.unfinished"), "{").unwrap();
    assert_eq!(last(&ledger, "staging").await.as_deref(), Some("v1"));
    fs::write(place.join("000002-r-0123456789ab.json"), "{").unwrap();
    let app = AppName::parse("shop").unwrap();
    let failure = ledger
        .last_proven(&app, &EnvironmentName::parse("staging").unwrap())
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Rejected);
    assert!(
        failure.message.contains("000002-r-0123456789ab.json"),
        "{failure}"
    );
}
