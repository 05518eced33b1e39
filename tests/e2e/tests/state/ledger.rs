//! Ledgers over every store: releases in the order in which they were proven, none of them ever overwritten.

use backstay_adapters::state::ledger::StoreLedger;
use backstay_adapters::state::{Store as _, Swapped};
use backstay_domain::ledger::{Arrival, Entry};
use backstay_domain::ports::{FailureKind, Ledger as _};
use backstay_domain::release::Release;
use backstay_domain::{ReleaseId, Version};

use crate::places::{environment, in_every_place};
use crate::records::id;

fn entry(version: &str, deployment: Option<&str>) -> Entry {
    let (app, environment) = environment();
    let release: Release = serde_json::from_value(serde_json::json!({
        "id": ReleaseId::parse("r-0123456789ab").unwrap(),
        "app": app,
        "environment": environment,
        "version": Version::parse(version).unwrap(),
        "services": {},
        "migration": null,
        "frontend": null,
        "config_fingerprint": "f",
    }))
    .unwrap();
    Entry {
        deployment: deployment.map(id),
        ..Entry::bare(release)
    }
}

#[test]
fn the_last_proven_release_is_remembered_and_every_other() {
    in_every_place(async |place| {
        let (app, environment) = environment();
        let ledger = StoreLedger::new(place.store());
        assert_eq!(ledger.last_proven(&app, &environment).await.unwrap(), None);
        for version in 1..=11 {
            let entry = entry(&format!("v{version}"), Some(&format!("d-{version:04}")));
            ledger.record(&entry).await.unwrap();
        }
        for again in [3, 11] {
            let entry = entry(&format!("v{again}"), Some(&format!("d-{again:04}")));
            StoreLedger::new(place.store())
                .record(&entry)
                .await
                .unwrap();
        }
        let back = Entry {
            arrival: Arrival::RolledBack,
            ..entry("v3", Some("d-back"))
        };
        ledger.record(&back).await.unwrap();
        let last = ledger
            .last_proven(&app, &environment)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(last.version.as_str(), "v3", "{}", place.name);
        let entries = ledger.entries().await.unwrap();
        assert_eq!(
            entries.len(),
            12,
            "{}: a resumed deployment records the same entry",
            place.name
        );
        assert_eq!(entries.last(), Some(&back));
    });
}

#[test]
fn what_earlier_versions_wrote_is_read() {
    in_every_place(async |place| {
        let store = place.store();
        let bare = serde_json::to_vec_pretty(&entry("v1", None).release).unwrap();
        let unversioned = serde_json::to_vec_pretty(&entry("v2", Some("d-1234"))).unwrap();
        for (name, bytes) in [
            ("000001-r-0123456789ab", bare),
            ("000002-r-0123456789ab", unversioned),
        ] {
            let written = store
                .swap(&format!("releases/{name}.json"), None, &bytes)
                .await
                .unwrap();
            assert!(matches!(written, Swapped::Done(_)));
        }
        let ledger = StoreLedger::new(store.clone());
        ledger.record(&entry("v3", None)).await.unwrap();
        ledger.record(&entry("v3", None)).await.unwrap();
        let versions: Vec<String> = ledger
            .entries()
            .await
            .unwrap()
            .iter()
            .map(|e| e.release.version.to_string())
            .collect();
        assert_eq!(versions, ["v1", "v2", "v3"]);
        let (app, environment) = environment();
        for (number, text, says) in [(4, "{", "000004"), (5, r#"{"format":3}"#, "newer")] {
            let written = store
                .swap(&format!("releases/{number:06}.json"), None, text.as_bytes())
                .await;
            assert!(matches!(written.unwrap(), Swapped::Done(_)));
            let failure = ledger.last_proven(&app, &environment).await.unwrap_err();
            assert_eq!(failure.kind, FailureKind::Rejected);
            assert!(failure.message.contains(says), "{failure}");
        }
    });
}
