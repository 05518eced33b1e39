//! A version per image: by the command line, by a file that CI writes, and what is kept.

use std::fs;

use crate::app::{App, at_once};

fn deploy<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["deploy", "staging", "--speed", "max"], more].concat()
}

/// The app, where what was not built is kept.
fn keeping(version: &str) -> App {
    let app = App::running(version);
    let first = "[images]\n";
    app.edit(
        "backstay.toml",
        first,
        &format!("{first}missing = \"keep\"\n"),
    );
    app
}

#[test]
fn an_image_with_a_version_of_its_own() {
    let app = App::running("2f9c1e7");
    let mixed = ["--version", "3d4e5f6", "--image", "catalog-service=c0ffee1"];
    let plan = app
        .run([&["plan", "staging"], &mixed[..]].concat())
        .ends_with(0);
    let said = "Mixed versions: catalog-service on c0ffee1\n";
    assert!(plan.stdout.contains(said), "{}", plan.stdout);
    let json = [&["plan", "staging", "--output", "json"], &mixed[..]].concat();
    let versions = app.run(json).ends_with(0).last_object()["versions"].clone();
    assert_eq!(versions["catalog-service"], "c0ffee1", "{versions}");
    assert_eq!(versions["auth-service"], "3d4e5f6", "{versions}");
    assert_eq!(versions["migration"], "3d4e5f6", "{versions}");

    app.run(deploy(&mixed)).ends_with(0);
    let status = app.run(["status", "staging"]).ends_with(0);
    assert!(status.stdout.contains(said), "{}", status.stdout);
    let status = app
        .run(["status", "staging", "--output", "json"])
        .ends_with(0);
    let versions = status.last_object()["versions"].clone();
    assert_eq!(versions["catalog-service"], "c0ffee1", "{versions}");
    let history = app.run(["history", "staging"]).ends_with(0);
    let live = "; catalog-service on c0ffee1";
    assert!(history.stdout.contains(live), "{}", history.stdout);
    let diff = app.run(["diff", "2f9c1e7", "3d4e5f6"]).ends_with(0);
    assert!(diff.stdout.contains("c0ffee1"), "{}", diff.stdout);

    app.run(["rollback", "staging", "--speed", "max"])
        .ends_with(0);
    let status = app.run(["status", "staging"]).ends_with(0);
    assert!(
        !status.stdout.contains("Mixed versions"),
        "{}",
        status.stdout
    );
    assert!(status.stdout.contains("2f9c1e7"), "{}", status.stdout);
}

#[test]
fn what_ci_built_and_what_is_kept() {
    let app = keeping("2f9c1e7");
    let write = |name: &str, text: &str| {
        let path = app.directory.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let json = r#"{ "version": "3d4e5f6", "images": { "catalog-service": "3d4e5f6" } }"#;
    let file = write("versions.json", json);
    let plan = app
        .run(["plan", "staging", "--versions", &file])
        .ends_with(0);
    for kept in ["auth-service", "installation-service", "proxy-service"] {
        let said =
            format!("cat-house/{kept}: it has no image of 3d4e5f6; what runs it keeps 2f9c1e7");
        assert!(plan.stdout.contains(&said), "{}", plan.stdout);
    }
    assert!(plan.stdout.contains("→ 3d4e5f6"), "{}", plan.stdout);
    app.run(deploy(&["--versions", &file])).ends_with(0);
    let status = app
        .run(["status", "staging", "--output", "json"])
        .ends_with(0);
    let versions = status.last_object()["versions"].clone();
    assert_eq!(versions["catalog-service"], "3d4e5f6", "{versions}");
    assert_eq!(versions["auth-service"], "2f9c1e7", "{versions}");

    // The next one builds another: what was kept stays where it was, what was built is kept now.
    let toml = "version = \"4e5f6a7\"\n[images]\n\"cat-house/proxy-service\" = \"4e5f6a7\"\n";
    let file = write("versions.toml", toml);
    app.run(deploy(&["--versions", &file])).ends_with(0);
    let status = app
        .run(["status", "staging", "--output", "json"])
        .ends_with(0);
    let versions = status.last_object()["versions"].clone();
    let expected = [
        ("auth-service", "2f9c1e7"),
        ("catalog-service", "3d4e5f6"),
        ("installation-service", "2f9c1e7"),
        ("proxy-service", "4e5f6a7"),
    ];
    for (name, version) in expected {
        assert_eq!(versions[name], version, "{versions}");
    }
}

#[test]
fn wrong_words() {
    let app = App::running("2f9c1e7");
    let write = |name: &str, text: &str| {
        let path = app.directory.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let misspelt = write("a.json", r#"{ "imgaes": {} }"#);
    let broken = write("b.toml", "images = \n");
    let unknown = write("c.json", r#"{ "images": { "catlog-service": "3d4e5f6" } }"#);
    let aliases = write(
        "d.json",
        r#"{ "images": { "catalog-service": "1", "cat-house/catalog-service": "2" } }"#,
    );
    let twice = write(
        "e.json",
        r#"{ "images": { "catalog-service": "1", "catalog-service": "2" } }"#,
    );
    let files = app.files();
    let rows: [(&[&str], &[&str]); 9] = [
        (&["--versions", &aliases], &["is said twice"]),
        (&["--versions", &twice], &["is said twice"]),
        (
            &["--image", "catalog-service"],
            &["names no image and its version", "IMAGE=VERSION"],
        ),
        (
            &["--image", "catlog-service=3d4e5f6"],
            &[
                "no image `catlog-service`",
                "did you mean `catalog-service`?",
            ],
        ),
        (
            &["--image", "catalog-service=a b"],
            &["the version of `catalog-service`"],
        ),
        (
            &[
                "--image",
                "catalog-service=1",
                "--image",
                "cat-house/catalog-service=2",
            ],
            &["is said twice"],
        ),
        (
            &["--versions", &misspelt],
            &["a.json says no versions", "imgaes"],
        ),
        (
            &["--versions", &broken],
            &["b.toml says no versions", "JSON or TOML"],
        ),
        (
            &["--versions", &unknown],
            &["no image `catlog-service`", "did you mean"],
        ),
    ];
    for (more, words) in rows {
        let told = app
            .run(deploy(&[&["--version", "3d4e5f6"], more].concat()))
            .ends_with(2);
        for word in words {
            assert!(told.stderr.contains(word), "no `{word}`: {}", told.stderr);
        }
        assert!(app.files() == files, "{more:?} changed files");
    }
    let missing = write("none.json", "");
    fs::remove_file(&missing).unwrap();
    app.run(deploy(&["--versions", &missing])).ends_with(2);
    app.run(at_once("3d4e5f6")).ends_with(0);
}

#[test]
fn a_name_of_two_images() {
    let app = App::new();
    let proxy = "image = \"cat-house/proxy-service\"";
    app.edit("backstay.toml", proxy, "image = \"other/catalog-service\"");
    let plan = |name: &str| {
        let image = format!("{name}=3d4e5f6");
        let version = ["plan", "staging", "--version", "2f9c1e7", "--image"];
        app.run(version.into_iter().chain([&*image]))
    };
    // The service of one, and the last part of both.
    let told = plan("catalog-service").ends_with(2);
    let both = "`catalog-service` may be cat-house/catalog-service or other/catalog-service";
    assert!(told.stderr.contains(both), "{}", told.stderr);
    plan("other/catalog-service").ends_with(0);
    plan("proxy-service").ends_with(0);
}
