//! `simulator serve`: ready with one line, reached by other clients, ended by a signal, killed without harm.

use serde_json::Value;
use tempfile::TempDir;

use crate::app::{App, backstay, said};
use crate::served::Server;

#[test]
fn it_says_where_it_listens_and_ends_when_asked() {
    for (signal, output) in [("-INT", "text"), ("-TERM", "json")] {
        let server = Server::start(&["--output", output, "--time", "manual"]);
        match output {
            "text" => assert!(server.line.starts_with("listening on http://127.0.0.1:")),
            _ => {
                let line: Value = serde_json::from_str(&server.line).unwrap();
                assert_eq!(
                    (&line["v"], &line["type"]),
                    (&1.into(), &"listening".into())
                );
            }
        }
        assert_eq!(server.ask("GET now", "")["time"], "manual");
        assert_eq!(
            server.ask("GET health", "")["worlds"][0],
            "000000000000/us-east-1"
        );
        assert_eq!(server.signalled(signal).code(), Some(0), "{signal}");
    }
}

#[test]
fn an_environment_is_live_on_it_and_its_state_is_kept() {
    let app = App::new();
    let state = TempDir::new().unwrap();
    let directory = app.directory.to_str().unwrap();
    let kept = state.path().to_str().unwrap();
    let environment = ["--app", directory, "--environment", "staging"];
    let start =
        || Server::start(&[&environment[..], &["--time", "manual", "--state", kept]].concat());

    let first = start();
    let picture = first.ask("GET picture", "");
    let services = picture["services"].as_object().unwrap();
    assert_eq!(services.len(), 4);
    let healthy = |service: &Value| service["healthy"].as_u64() > Some(0);
    assert!(services.values().all(healthy));
    let begun = first.ask("GET now", "")["now_ms"].as_u64().unwrap();
    first.ask("POST advance", r#"{"by_ms":5000}"#);
    assert_eq!(first.signalled("-TERM").code(), Some(0));

    // What is killed loses what was not saved yet, and nothing else.
    let second = start();
    assert_eq!(second.ask("GET now", "")["now_ms"], begun + 5_000);
    assert_eq!(second.ask("GET picture", ""), picture);
    assert_eq!(second.signalled("-KILL").code(), None);
    let third = start();
    assert_eq!(third.ask("GET now", "")["now_ms"], begun + 5_000);
}

#[test]
fn what_keeps_it_from_serving_is_said() {
    let state = TempDir::new().unwrap();
    let kept = state.path().to_str().unwrap();
    let server = Server::start(&["--state", kept]);
    let port = server.line.rsplit(':').next().unwrap().to_owned();
    for (arguments, code, says) in [
        (&["--port", &port][..], 1, "cannot listen on 127.0.0.1"),
        (&["--port", "0", "--state", kept], 6, "another server uses"),
        (&["--time", "300"], 2, "300x"),
        (&["--host", "everywhere"], 2, "--host"),
        (
            &["--environment", "staging", "--app", "/nowhere"],
            2,
            "backstay.toml",
        ),
    ] {
        let said = said(backstay().args(["simulator", "serve"]).args(arguments)).ends_with(code);
        assert!(said.stderr.contains(says), "{says}: {}", said.stderr);
        assert_eq!(said.stdout, "");
    }
}
