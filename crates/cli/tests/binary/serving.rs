//! `simulator serve`: ready with one line, reached by other clients, ended by a signal, killed without harm.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

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
fn users_have_ports_of_their_own() {
    let app = App::new();
    let directory = app.directory.to_str().unwrap();
    let environment = ["--app", directory, "--environment", "staging"];
    let start = |more: &[&str]| Server::start(&[&environment[..], more].concat());
    let server = start(&["--output", "json", "--time", "manual"]);
    let line: Value = serde_json::from_str(&server.line).unwrap();
    let web = line["web"].as_array().unwrap();
    let told: Vec<_> = web
        .iter()
        .map(|door| (&door["kind"], &door["name"]))
        .collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(server.ask("GET ports", "")["ports"], line["web"]);
    let api = "api-staging.gamificator.click";
    let door = web.iter().find(|door| door["hosts"][0] == api).unwrap();
    let address = door["url"].as_str().unwrap().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let request =
        "GET /api/v1/auth/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("\"version\":\"a1b2c3d\""), "{answer}");

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let mut refused = backstay();
    refused.args(["simulator", "serve", "--port", "0", "--web-ports", &port]);
    let refused = said(refused.args(environment)).ends_with(1);
    let why = format!("cannot listen on 127.0.0.1:{port} for ");
    assert!(refused.stderr.contains(&why), "{}", refused.stderr);
    assert!(refused.stderr.contains("--web-ports"), "{}", refused.stderr);
    let none = start(&["--web-ports", "off", "--time", "manual"]);
    assert_eq!(none.ask("GET ports", "")["ports"], serde_json::json!([]));
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
        (&["--web-ports", "0"], 2, "a port from 1 to 65535"),
        (&["--host", "everywhere"], 2, "--host"),
        (&["--forward", "s3"], 2, "--upstream"),
        (
            &[
                "--upstream",
                "http://127.0.0.1:9",
                "--forward",
                "s3,secretmanager",
            ],
            2,
            "did you mean `secretsmanager`?",
        ),
        (
            &["--upstream", "http://127.0.0.1:9", "--forward", "qqq"],
            2,
            "there are ecs, ecr, logs, secretsmanager",
        ),
        // Nobody is there: it says so before it says that it listens.
        (
            &[
                "--port",
                "0",
                "--upstream",
                "http://127.0.0.1:9",
                "--forward",
                "s3",
            ],
            1,
            "the upstream http://127.0.0.1:9 gives no reply",
        ),
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

/// Clients stamp logs, metrics and signatures with their own clocks: real time is theirs.
#[test]
fn real_time_begins_now_and_stories_when_they_like() {
    #[expect(clippy::disallowed_methods, reason = "what everybody's clock says")]
    let real = jiff::Timestamp::now().as_millisecond();
    let now = |time: &[&str]| {
        let server = Server::start(time);
        server.ask("GET now", "")["now_ms"].as_i64().unwrap()
    };
    let begun = now(&["--time", "real"]);
    assert!((real..real + 60_000).contains(&begun), "{begun} {real}");
    let monday = 1_767_603_600_000;
    assert_eq!(now(&["--time", "manual"]), monday);
    let start = ["--start", "2026-03-29T00:59:00Z"];
    let summer = now(&[&start[..], &["--time", "manual"]].concat());
    assert_eq!(summer, 1_774_745_940_000);
    let wrong = said(backstay().args(["simulator", "serve", "--start", "tomorrow"])).ends_with(2);
    assert!(wrong.stderr.contains("--start"), "{}", wrong.stderr);
}
