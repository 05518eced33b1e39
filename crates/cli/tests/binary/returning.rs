//! `rollback`, `resume` and `unlock` on a simulated cloud in another process: what they change, what they refuse, what they say.

use crate::app::App;
use crate::served::Server;

const KNOWN: [&str; 3] = ["a1b2c3d", "2f9c1e7", "3c0ffee"];

fn deployed(versions: &[&str]) -> (Server, App) {
    let (server, app) = Server::of_staging("manual");
    for version in versions {
        app.run(["deploy", "staging", "--version", version])
            .ends_with(0);
    }
    (server, app)
}

#[test]
fn a_rollback_goes_to_the_last_proven_release_and_then_further_back() {
    let (server, app) = deployed(&["2f9c1e7", "3c0ffee", "4d1ead5"]);
    let shown = app.run(["rollback", "staging", "--dry-run"]).ends_with(0);
    assert!(shown.stdout.contains("3c0ffee"), "{shown:?}");
    app.run(["rollback", "staging", "--reason", "it is slow"])
        .ends_with(0);
    assert_eq!(server.version(&KNOWN).as_deref(), Ok("3c0ffee"));
    app.run(["rollback", "staging"]).ends_with(0);
    assert_eq!(server.version(&KNOWN).as_deref(), Ok("2f9c1e7"));
    // What ran before Backstay's first deployment is the last one to return to.
    app.run(["rollback", "staging"]).ends_with(0);
    assert_eq!(server.version(&KNOWN).as_deref(), Ok("a1b2c3d"));
    let none = app.run(["rollback", "staging"]).ends_with(2);
    assert!(
        none.stderr.contains("no earlier release was proven here"),
        "{none:?}"
    );
    // Any retained release can be named; one that is live has nothing to do.
    app.run(["rollback", "staging", "--to", "3c0ffee"])
        .ends_with(0);
    assert_eq!(server.version(&KNOWN).as_deref(), Ok("3c0ffee"));
    let live = app
        .run(["rollback", "staging", "--to", "3c0ffee"])
        .ends_with(0);
    assert!(live.stderr.contains("nothing to do"), "{live:?}");
}

/// `family:revision` of a service.
fn revision(server: &Server, service: &str) -> String {
    let picture = server.ask("GET picture", "");
    let name = format!("cat-house-staging-{service}");
    let family = picture["services"][&name]["task_definition"].as_str();
    family.unwrap().to_owned()
}

#[test]
fn a_rollback_starts_recorded_revisions_again_and_registers_what_was_deregistered() {
    let (server, app) = deployed(&["2f9c1e7", "3c0ffee"]);
    // Somebody tidied up: this revision starts no task any more.
    let gone = r#"{"taskDefinition": "cat-house-staging-proxy-service:2"}"#;
    let answer = server.ecs("DeregisterTaskDefinition", gone);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let shown = app.run(["rollback", "staging", "--dry-run"]).ends_with(0);
    for words in [
        "the task definitions of proxy-service; use again: cat-house-staging-auth-service:2, ",
        "cat-house-staging-auth-service:3 → cat-house-staging-auth-service:2",
        "cat-house-staging-proxy-service:3 → its next revision",
    ] {
        assert!(shown.stdout.contains(words), "{words}: {shown:?}");
    }
    app.run(["rollback", "staging"]).ends_with(0);
    assert_eq!(server.version(&KNOWN).as_deref(), Ok("2f9c1e7"));
    for (service, expected) in [
        ("auth-service", 2),
        ("catalog-service", 2),
        ("proxy-service", 4),
    ] {
        let expected = format!("cat-house-staging-{service}:{expected}");
        assert_eq!(revision(&server, service), expected);
    }
    // What ran before Backstay came is known by its revision, too.
    app.run(["rollback", "staging"]).ends_with(0);
    assert_eq!(server.version(&KNOWN).as_deref(), Ok("a1b2c3d"));
    let first = "cat-house-staging-proxy-service:1";
    assert_eq!(revision(&server, "proxy-service"), first);
}

#[test]
fn a_rollback_stops_a_deployment_that_is_running() {
    let (server, app) = Server::of_staging("60x");
    app.run(["deploy", "staging", "--version", "2f9c1e7"])
        .ends_with(0);
    let running = app.begin(["deploy", "staging", "--version", "3c0ffee"]);
    while !journal_says(&app, "roll-out") {
        std::thread::yield_now();
    }
    let returned = app
        .run(["rollback", "staging", "--reason", "wrong branch"])
        .ends_with(0);
    assert!(
        returned.stderr.contains("is stopped and taken back"),
        "{returned:?}"
    );
    assert!(
        returned.stdout.contains("asked for it: wrong branch"),
        "{returned:?}"
    );
    let stopped = running.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&stopped.stderr);
    assert_eq!(stopped.status.code(), Some(6), "{said}");
    assert_eq!(server.version(&KNOWN).as_deref(), Ok("2f9c1e7"));
    app.run(["audit", "verify", "staging"]).ends_with(0);
}

#[test]
fn what_cannot_be_is_refused_with_a_hint_and_changes_nothing() {
    let (_server, app) = deployed(&["2f9c1e7"]);
    let files = app.files();
    for (arguments, code, says) in [
        (
            &["rollback", "staging", "--to", "0000000"][..],
            2,
            "no release `0000000` was ever proven here",
        ),
        (&["rollback", "nowhere"], 2, "nowhere"),
        (
            &["resume", "d-zzzz", "--environment", "staging"],
            2,
            "no deployment of staging begins with `d-zzzz`",
        ),
        (&["resume", "--forward", "--back"], 2, "cannot be used with"),
    ] {
        let said = app.run(arguments.iter().copied()).ends_with(code);
        assert!(said.stderr.contains(says), "{says}: {said:?}");
        assert!(
            said.stderr.to_lowercase().contains("hint") || said.stderr.contains("help"),
            "{said:?}"
        );
    }
    let nobody = app.run(["unlock", "staging", "d-0000"]).ends_with(0);
    assert!(nobody.stdout.contains("Nobody has the lease"), "{nobody:?}");
    let after = app.files();
    let journals = |files: &std::collections::BTreeMap<std::path::PathBuf, Vec<u8>>| {
        files
            .iter()
            .filter(|(path, _)| path.to_string_lossy().contains("journal/"))
            .count()
    };
    assert_eq!(journals(&files), journals(&after));
}

/// Whether the newest journal has begun something of this kind.
fn journal_says(app: &App, act: &str) -> bool {
    let Ok(journals) = std::fs::read_dir(app.state().join("journal")) else {
        return false;
    };
    let unfinished = journals
        .filter_map(Result::ok)
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .filter(|text| !text.contains("\"event\":\"finished\""));
    let sign = format!("\"act\":\"{act}\"");
    unfinished.into_iter().any(|text| text.contains(&sign))
}
