//! `backstay prune`: shown first, taken away then, and nothing that is kept or live.

use std::fs;

use serde_json::Value;

use crate::app::App;

fn deploy(app: &App, version: &str) {
    app.run(["deploy", "test", "--version", version, "--speed", "max"])
        .ends_with(0);
}

/// The shop, whose script has another name with every release; of one release everything is kept.
fn shop() -> App {
    let app = App::shop();
    app.edit(
        "backstay.toml",
        "cluster = \"shop-{{ environment }}\"\n",
        "cluster = \"shop-{{ environment }}\"\n\n[environments.test.policy]\nkeep_releases = 1\nkeep_days = 0\n",
    );
    app
}

#[expect(clippy::expect_used, reason = "files of a test's own app")]
fn script(app: &App, name: &str, before: Option<&str>) {
    let place = |name: &str| app.directory.join("dist").join(name);
    fs::write(place(name), name).expect("a file of the build");
    if let Some(before) = before {
        fs::remove_file(place(before)).expect("it was there");
    }
}

#[test]
fn what_nobody_may_ask_for_is_shown_and_goes_when_that_is_said() {
    let app = shop();
    script(&app, "chunk-1.js", None);
    deploy(&app, "bbb2222");
    let nothing = app.run(["prune", "test"]).ends_with(0);
    assert!(!nothing.stdout.contains("chunk-1.js"), "{nothing:?}");
    script(&app, "chunk-2.js", Some("chunk-1.js"));
    deploy(&app, "ccc3333");
    for _ in 0..2 {
        let shown = app.run(["prune", "test"]).ends_with(0);
        for words in [
            "Kept: what 1 release and the last 0 days need: ccc3333.",
            "  - chunk-1.js",
            "would go; with `--apply` they do",
        ] {
            assert!(shown.stdout.contains(words), "no `{words}`: {shown:?}");
        }
        assert!(!shown.stdout.contains("chunk-2.js"), "{shown:?}");
    }
    let json = app.run(["prune", "test", "--output", "json"]).ends_with(0);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["files"], serde_json::json!(["chunk-1.js"]));
    assert_eq!(json["gone"], Value::Null);
    let gone = app.run(["prune", "test", "--apply"]).ends_with(0);
    assert!(gone.stdout.contains("are gone."), "{gone:?}");
    assert!(
        gone.stdout.contains("may expire from the registry now"),
        "{gone:?}"
    );
    let again = app.run(["prune", "test", "--apply"]).ends_with(0);
    assert!(
        again.stdout.contains("There is nothing to take away."),
        "{again:?}"
    );
    app.run(["status", "test"]).ends_with(0);
    // What went is no place to return to, and what comes next is whole.
    let refused = app
        .run(["rollback", "test", "--to", "bbb2222"])
        .ends_with(3);
    assert!(refused.stderr.contains("lacks"), "{refused:?}");
    script(&app, "chunk-1.js", Some("chunk-2.js"));
    deploy(&app, "ddd4444");
    app.run(["status", "test"]).ends_with(0);
}

/// Neither files nor record of a place that somebody else has are this app's to change.
#[test]
fn what_another_app_published_is_not_touched() {
    let app = shop();
    deploy(&app, "bbb2222");
    app.edit("backstay.toml", "name = \"shop\"", "name = \"blog\"");
    for apply in [&["prune", "test"][..], &["prune", "test", "--apply"]] {
        let refused = app.run(apply.iter().copied()).ends_with(3);
        let said = refused
            .stderr
            .contains("holds the frontend of shop in test");
        assert!(said, "{refused:?}");
    }
}
