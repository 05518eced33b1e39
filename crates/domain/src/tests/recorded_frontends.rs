//! What was written of an app's one frontend before there could be several is read, and written so again; its address stays.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::frontends::{named, two};
use super::world::{app, frontend, manifest, plan_of, release, version};
use crate::FrontendName;
use crate::app::App;
use crate::definition::{ordered_text, sha256_hex};
use crate::frontends::alone;
use crate::journal::Record;
use crate::plan::Plan;
use crate::release::Release;
use crate::verdict::Component;

/// Journals of before: every record is read, and what it says of frontends is written as it was.
#[test]
fn what_was_written_of_the_one_frontend_is_read_and_written_so_again() {
    let journal = include_str!("../../../../fixtures/journals/format-2/d-live.jsonl");
    let mut seen = 0;
    for line in journal.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let before = &line["record"];
        let record: Record = serde_json::from_value(before.clone()).unwrap();
        let after = serde_json::to_value(&record).unwrap();
        let text = before.to_string();
        if before["sequence"] == 0 {
            let plan = |of: &Value| of["event"]["plan"].clone();
            is_kept(&plan(before)["frontend"], &plan(&after)["frontend"]);
            let release = |of: &Value| plan(of)["release"]["frontend"].clone();
            assert!(release(before).is_object());
            assert_eq!(release(before), release(&after));
            assert_eq!(after.pointer("/event/plan/frontends"), None);
        } else if ["publish-assets", "point", "invalidat", "frontend"]
            .iter()
            .any(|word| text.contains(word))
        {
            seen += 1;
            is_kept(before, &after);
        }
    }
    assert!(seen > 8, "{seen}");
}

/// A version since then has more members; those that were there are the same.
fn is_kept(before: &Value, after: &Value) {
    match before {
        Value::Object(members) => members
            .iter()
            .for_each(|(key, member)| is_kept(member, &after[key])),
        Value::Array(items) => {
            assert_eq!(Some(items.len()), after.as_array().map(Vec::len));
            let both = items.iter().zip(after.as_array().unwrap());
            both.for_each(|(item, other)| is_kept(item, other));
        }
        _ => assert_eq!(before, after),
    }
}

#[test]
fn one_frontend_is_written_as_before_and_several_by_name() {
    let one = serde_json::to_value(alone_app()).unwrap();
    assert_eq!(one["frontend"]["bucket"], "site");
    assert_eq!(one.get("frontends"), None);
    let none = serde_json::to_value(app()).unwrap();
    assert_eq!(none["frontend"], Value::Null);
    let several = serde_json::to_value(two(app())).unwrap();
    assert_eq!(several.get("frontend"), None);
    assert_eq!(several["frontends"]["admin"]["bucket"], "admin");
    for written in [alone_app(), app(), two(app())] {
        let text = serde_json::to_string(&written).unwrap();
        assert_eq!(serde_json::from_str::<App>(&text).unwrap(), written);
        let plan = plan_of(&written);
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
        let text = serde_json::to_string(&plan.release).unwrap();
        assert_eq!(
            serde_json::from_str::<Release>(&text).unwrap(),
            plan.release
        );
    }
    let rows = [
        (
            Component::Frontend(FrontendName::default()),
            json!("frontend"),
        ),
        (
            Component::Frontend(named("site")),
            json!({ "frontend": "site" }),
        ),
        (Component::Migration, json!("migration")),
        (
            Component::Service(super::world::name("auth")),
            json!({ "service": "auth" }),
        ),
    ];
    for (component, expected) in rows {
        let written = serde_json::to_value(&component).unwrap();
        assert_eq!(written, expected);
        let read: Component = serde_json::from_value(written).unwrap();
        assert_eq!(read, component);
    }
    for bad in [json!("frontends"), json!({ "frontend": "Not A Name" })] {
        serde_json::from_value::<Component>(bad).unwrap_err();
    }
}

fn alone_app() -> App {
    App {
        frontends: alone(frontend()),
        ..app()
    }
}

/// The address is that of before there could be several: a hash of this very text.
#[test]
fn the_address_of_a_release_with_one_frontend_stays() {
    let new = release(&alone_app(), "new");
    let services = new.services.iter();
    let services: BTreeMap<String, Value> = services
        .map(|(name, one)| {
            let both = json!([one.image.digest, one.definition.hash]);
            (name.to_string(), both)
        })
        .collect();
    let content = json!({
        "app": "shop", "environment": "staging", "version": "new", "config": "c0",
        "services": services,
        "migration": null,
        "frontend": manifest(&version("new")).id,
    });
    let hash = sha256_hex(ordered_text(&content).as_bytes());
    assert_eq!(new.id.as_str(), format!("r-{}", &hash[..12]));
    // Another frontend, and which of them has which files, are part of it.
    let several = release(&two(app()), "new");
    let mut renamed = two(app());
    let site = renamed.frontends.remove(&named("site")).unwrap();
    renamed.frontends.insert(named("shop"), site);
    let ids = [
        new.id,
        several.id,
        release(&renamed, "new").id,
        release(&app(), "new").id,
    ];
    let all: BTreeSet<_> = ids.iter().collect();
    assert_eq!(all.len(), ids.len(), "{ids:?}");
}
