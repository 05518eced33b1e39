//! The files of a site: new, changed, many, linked, large, and of kinds that only their name tells.

use std::fs;
use std::path::Path;

use backstay_domain::definition::sha256_hex;

use crate::app::App;
use crate::served::Server;

fn write(app: &App, path: &str, text: &str) {
    let place = app.directory.join("dist").join(path);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    fs::write(place, text).unwrap();
}

fn deploy(app: &App, version: &str) {
    app.run(["deploy", "test", "--version", version, "--speed", "max"])
        .ends_with(0);
}

#[test]
fn new_files_are_published_and_changed_ones_refused_all_by_name() {
    let app = App::shop();
    deploy(&app, "bbb2222");
    write(&app, ".well-known/humans.txt", "us\n");
    let plan = app
        .run(["plan", "test", "--version", "bbb2222"])
        .ends_with(0);
    assert!(
        plan.stdout
            .contains("upload 1 file (3 B) to shop-site: .well-known/humans.txt"),
        "{}",
        plan.stdout
    );
    deploy(&app, "bbb2222");
    let again = app
        .run(["plan", "test", "--version", "bbb2222"])
        .ends_with(0);
    assert!(again.stdout.contains("nothing to do"), "{}", again.stdout);
    write(&app, "sw.js", "self.skipWaiting() // 2\n");
    write(&app, "locales/en/common.json", "{\"nav.home\":\"Top\"}\n");
    let refused = app
        .run(["plan", "test", "--version", "ccc3333"])
        .ends_with(3);
    let said = refused.stdout + &refused.stderr;
    assert!(
        said.contains("2 files changed under a name that visitors keep for ever: locales/en/common.json, sw.js")
            && said.contains("list it in `mutable`"),
        "{said}"
    );
    app.edit(
        "backstay.toml",
        "url = \"https://shop.example\"\n",
        "url = \"https://shop.example\"\nmutable = [\"index.html\", \"sw.js\", \"locales/*/*.json\", \"robots.text\"]\n",
    );
    let plan = app
        .run(["plan", "test", "--version", "ccc3333"])
        .ends_with(0);
    assert!(
        plan.stdout
            .contains("replace locales/en/common.json, sw.js")
            && plan
                .stdout
                .contains("`robots.text` in `mutable` of [frontend] means no file"),
        "{}",
        plan.stdout
    );
    let check = app.run(["check", "test"]).ends_with(0);
    assert!(
        (check.stdout + &check.stderr)
            .contains("`robots.text` in `mutable` of [frontend] means no file")
    );
    deploy(&app, "ccc3333");
    write(&app, "sw.js", "self.skipWaiting() // 3\n");
    deploy(&app, "ddd4444");
    app.run(["rollback", "test", "--reason", "words", "--speed", "max"])
        .ends_with(0);
    app.run(["status", "test"]).ends_with(0);
}

/// What a file was before it became mutable is kept under its hash, and brought back.
#[test]
fn a_release_from_before_a_file_became_mutable_is_a_place_to_return_to() {
    let app = App::shop();
    let server = Server::of(&app, "test", "manual");
    let deploy = |version: &str| {
        app.run(["deploy", "test", "--version", version])
            .ends_with(0);
    };
    let worker = || server.page("https://shop.example/sw.js");
    let first = fs::read_to_string(app.directory.join("dist/sw.js")).unwrap();
    deploy("bbb2222");
    app.edit(
        "backstay.toml",
        "url = \"https://shop.example\"\n",
        "url = \"https://shop.example\"\nmutable = [\"index.html\", \"sw.js\"]\n",
    );
    let second = "self.skipWaiting() // 2\n";
    write(&app, "sw.js", second);
    deploy("ccc3333");
    assert_eq!(worker(), second);
    app.run(["rollback", "test"]).ends_with(0);
    assert_eq!(worker(), first);
    app.run(["status", "test"]).ends_with(0);
    app.run(["rollback", "test", "--to", "ccc3333"])
        .ends_with(0);
    assert_eq!(worker(), second);
    // Where nobody kept it, that is said before anything changes.
    let hash = sha256_hex(first.as_bytes());
    server.delete(&format!("_backstay/pointers/{hash}"));
    let refused = app
        .run(["rollback", "test", "--to", "bbb2222"])
        .ends_with(3);
    assert!(
        refused
            .stderr
            .contains("lacks 1 of its files in the bucket, sw.js"),
        "{refused:?}"
    );
    assert_eq!(worker(), second);
}

/// A site of so many pages, with a page in each folder.
fn pages(app: &App, count: usize) {
    for page in 0..count {
        write(
            app,
            &format!("items/{page:05}/index.html"),
            &format!("<title>item {page}</title>\n"),
        );
    }
    app.edit(
        "backstay.toml",
        "url = \"https://shop.example\"\n",
        "url = \"https://shop.example\"\nmutable = [\"*.html\"]\n",
    );
}

#[test]
fn thousands_of_pages_are_deployed_and_rolled_back() {
    let app = App::shop();
    pages(&app, 1600);
    app.edit(
        "backstay.toml",
        "cluster = \"shop-{{ environment }}\"\n",
        "cluster = \"shop-{{ environment }}\"\n\n[environments.test.policy]\nbake = \"10m\"\n",
    );
    let there = app
        .run(["rehearse", "test", "--version", "bbb2222"])
        .ends_with(0);
    assert!(
        (there.stdout.clone() + &there.stderr)
            .contains("invalidate /items/* and 2 addresses in E2SHOPTEST0001"),
        "{}",
        there.stdout
    );
    let back = app
        .run([
            "rehearse",
            "test",
            "--version",
            "bbb2222",
            "--fault",
            "web=crash@9m",
        ])
        .ends_with(4);
    assert!(
        (back.stdout.clone() + &back.stderr).contains("the CDN forgot the new files"),
        "{}",
        back.stdout
    );
}

#[cfg(unix)]
#[test]
fn linked_folders_are_published_and_links_that_lead_out_are_not() {
    let app = App::shop();
    write(&app, "v2/guide.html", "<title>v2</title>\n");
    let link = |to: &str, at: &str| {
        std::os::unix::fs::symlink(to, app.directory.join("dist").join(at)).unwrap();
    };
    link("v2", "latest");
    app.run(["rehearse", "test", "--version", "bbb2222"])
        .ends_with(0);
    let checked = app.run(["check", "test"]).ends_with(0);
    assert!(checked.stdout.contains("no problem found"));
    link("../backstay.toml", "leak");
    let refused = app.run(["check", "test"]).ends_with(2);
    assert!(
        refused.stderr.contains("leads out of the build, to")
            && refused
                .stderr
                .contains("nothing outside of `directory` is published"),
        "{}",
        refused.stderr
    );
}

#[test]
fn files_without_an_extension_have_a_media_type() {
    let app = App::shop();
    write(&app, "about", "<title>about</title>\n");
    let types = |app: &App| {
        let plan = app
            .run(["plan", "test", "--version", "bbb2222"])
            .ends_with(0);
        plan.stdout
    };
    assert!(
        types(&app).contains("about: its media type is not known"),
        "{}",
        types(&app)
    );
    let text = fs::read_to_string(app.directory.join("backstay.toml")).unwrap();
    let types_of = "\n[frontend.media_types]\n\"about\" = \"text/html; charset=utf-8\"\n";
    fs::write(app.directory.join("backstay.toml"), text + types_of).unwrap();
    assert!(!types(&app).contains("media type"), "{}", types(&app));
    deploy(&app, "bbb2222");
}

#[test]
fn other_kinds_of_files_and_places() {
    let app = App::shop();
    write(&app, "APP.js", "1\n");
    write(&app, "app.js", "2\n");
    write(&app, "empty.css", "");
    write(&app, "docs/index.html", "<title>docs</title>\n");
    app.edit(
        "backstay.toml",
        "url = \"https://shop.example\"\n",
        "url = \"https://shop.example/app\"\nprefix = \"app\"\n",
    );
    deploy(&app, "bbb2222");
    // Renamed and equal; one page is gone from the build, another is new.
    let dist = app.directory.join("dist");
    fs::rename(dist.join("app.js"), dist.join("renamed.js")).unwrap();
    fs::remove_file(Path::new(&dist).join("docs/index.html")).unwrap();
    write(&app, "shop/index.html", "<title>shop</title>\n");
    deploy(&app, "ccc3333");
    app.run(["rollback", "test", "--reason", "back", "--speed", "max"])
        .ends_with(0);
    app.run(["status", "test"]).ends_with(0);
}
