//! When AWS does not answer: every command comes to its end within half a minute, says whom it asks meanwhile, and names the
//! host, the Region and where credentials were looked for. What its hint says works.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::app::{App, Said, backstay, said};
use crate::hints::hinted;
use crate::served::Server;

/// Every command ends within this of having nobody to talk to.
const WITHIN: Duration = Duration::from_secs(30);

const KEY: &str = "AKIACANARY0000000000";
const SECRET: &str = "canary-secret-2b7d51";

const COMMANDS: [&[&str]; 9] = [
    &["plan", "staging", "--version", "2f9c1e7"],
    &["status", "staging"],
    &["deploy", "staging", "--version", "2f9c1e7"],
    &["rollback", "staging"],
    &["history", "staging"],
    &["show", "d-1", "--environment", "staging"],
    &["resume", "--environment", "staging"],
    &["unlock", "staging", "d-1"],
    &["audit", "verify", "staging"],
];

/// `staging` on a real account, and where its state is.
fn on_aws(state: &str) -> App {
    let app = App::new();
    let there = format!(
        "[environments.staging]\ncloud = \"aws\"{}",
        match state {
            "" => String::new(),
            state => format!("\nstate = \"{state}\""),
        }
    );
    app.edit(
        "backstay.toml",
        "[environments.staging]\ncloud = \"simulated\"",
        &there,
    );
    app
}

/// A command in surroundings in which nobody has credentials.
fn bare(app: &App, arguments: &[&str]) -> Command {
    let mut command = backstay();
    for name in [
        "AWS_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ] {
        command.env_remove(name);
    }
    command
        .arg("--app")
        .arg(&app.directory)
        .args(arguments)
        .env("AWS_CONFIG_FILE", app.directory.join("aws-config"))
        .env(
            "AWS_SHARED_CREDENTIALS_FILE",
            app.directory.join("aws-credentials"),
        )
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

/// With an access key, and everything at one address.
fn asking(app: &App, arguments: &[&str], address: &str) -> Command {
    let mut command = bare(app, arguments);
    command
        .env("AWS_ENDPOINT_URL", format!("http://{address}"))
        .env("AWS_ACCESS_KEY_ID", KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET);
    command
}

/// What a command said, and how long it took.
struct Ended {
    said: Said,
    took: Duration,
}

impl Ended {
    #[track_caller]
    fn in_time(self, what: &str) -> Said {
        println!("{:>6.1} s  {what}", self.took.as_secs_f64());
        assert!(self.took < WITHIN, "{what} took {:?}", self.took);
        {
            let secret = SECRET;
            assert!(!self.said.stderr.contains(secret), "{}", self.said.stderr);
            assert!(!self.said.stdout.contains(secret), "{}", self.said.stdout);
        }
        self.said
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a real process takes")]
fn timed(mut command: Command) -> Ended {
    let began = SystemTime::now();
    let said = said(command.stdin(Stdio::null()));
    let took = began.elapsed().unwrap();
    Ended { said, took }
}

/// All at once: each of them does nothing but wait.
fn all_timed(commands: Vec<(String, Command)>) -> Vec<(String, Ended)> {
    let running = commands
        .into_iter()
        .map(|(what, command)| (what, std::thread::spawn(move || timed(command))));
    let running: Vec<_> = running.collect();
    running
        .into_iter()
        .map(|(what, thread)| (what, thread.join().unwrap()))
        .collect()
}

/// Every command against an address at which nobody answers, with its state there too, and with its state here.
fn nobody_answers(place: &str, address: &str, why: &str) {
    let mut commands = Vec::new();
    let (there, here) = (
        on_aws("s3://cat-house-state/deployments"),
        on_aws(".backstay"),
    );
    for arguments in COMMANDS {
        let what = format!("{place}, state there: {}", arguments[0]);
        commands.push((what, asking(&there, arguments, address)));
    }
    for arguments in &COMMANDS[..3] {
        let what = format!("{place}, state here: {}", arguments[0]);
        commands.push((what, asking(&here, arguments, address)));
    }
    for (what, ended) in all_timed(commands) {
        let said = ended.in_time(&what);
        if what.ends_with("state here: status") {
            assert_eq!(said.code, 8, "{what}: {said:?}");
            continue;
        }
        assert_eq!(said.code, 3, "{what}: {said:?}");
        let host = address.split(':').next().unwrap();
        for word in [host, "(Region sa-east-1)", why, "Hint:"] {
            assert!(said.stderr.contains(word), "{what}: no `{word}`: {said:?}");
        }
    }
}

#[test]
fn a_closed_port() {
    // Nobody listens any more at its end.
    let listener = TcpListener::bind("127.0.0.1:0");
    let address = listener.unwrap().local_addr().unwrap().to_string();
    nobody_answers("closed port", &address, "refused");
}

#[test]
fn a_host_that_accepts_and_never_answers() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    nobody_answers("silent host", &address, "nothing in");
}

#[test]
fn a_host_that_nobody_knows() {
    // Too long a label for any name: no name server is asked.
    let host = format!("{}.invalid", "x".repeat(64));
    nobody_answers("unknown host", &host, "no answer from");
}

#[test]
fn after_two_seconds_of_silence_it_says_whom_it_asks() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let app = on_aws("s3://cat-house-state/deployments");
    let note = format!("asking {address} …; no answer yet");
    let history = ["history", "staging", "--output", "json"];
    let said = timed(asking(&app, &history, &address))
        .in_time("history as JSON")
        .ends_with(3);
    assert_eq!(said.stderr.trim_end(), note, "once, and on stderr only");
    assert_eq!(said.objects().len(), 1);

    // A simulator in another process is asked in the same way.
    let simulated = App::new();
    simulated.edit(
        "backstay.toml",
        "[environments.staging]",
        &format!("[environments.staging]\nsimulator = \"http://{address}\""),
    );
    let mut status = backstay();
    status
        .arg("--app")
        .arg(&simulated.directory)
        .args(["status", "staging"]);
    let said = timed(status).in_time("a silent simulator").ends_with(3);
    assert!(said.stderr.contains("no answer yet"), "{said:?}");
}

/// A simulated AWS with an account, and an app on it as if on a real one, its state in a bucket there.
fn served() -> (Server, App) {
    let app = App::new();
    let state = "state = \"s3://cat-house-state/deployments\"";
    app.edit(
        "backstay.toml",
        "[environments.staging]",
        &format!("[environments.staging]\n{state}"),
    );
    let directory = app.directory.to_str().unwrap().to_owned();
    let environment = ["--app", &directory, "--environment", "staging"];
    let server = Server::start(&environment);
    app.edit(
        "backstay.toml",
        "cloud = \"simulated\"\nregion = \"sa-east-1\"\naccount = \"123456789012\"",
        "cloud = \"aws\"\nregion = \"sa-east-1\"\naccount = \"123456789012\"",
    );
    (server, app)
}

const HISTORY: [&str; 2] = ["history", "staging"];

#[track_caller]
fn says(said: &Said, words: &[&str]) {
    for word in words {
        assert!(said.stderr.contains(word), "no `{word}`:\n{}", said.stderr);
    }
}

#[test]
fn no_credentials_at_all_and_then_some() {
    let (server, app) = served();
    let endpoint = format!("http://{}", server.address());
    let run = |edit: &dyn Fn(&mut Command)| {
        let mut command = bare(&app, &HISTORY);
        command.env("AWS_ENDPOINT_URL", &endpoint);
        edit(&mut command);
        timed(command).in_time("credentials")
    };
    let said = run(&|_| {}).ends_with(3);
    says(
        &said,
        &[
            "no credentials: no profile (AWS_PROFILE is not set)",
            "AWS_ACCESS_KEY_ID, profile `default` in",
            "aws-config and",
            "aws-credentials",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "the instance's metadata",
            "Hint: ",
            "`aws sts get-caller-identity`",
        ],
    );
    let said = run(&|command| {
        command.env("AWS_PROFILE", "cat-house-deployer");
    })
    .ends_with(3);
    says(
        &said,
        &[
            "no credentials: profile `cat-house-deployer` gives none",
            "aws-credentials",
            "`aws sts get-caller-identity --profile cat-house-deployer`",
        ],
    );
    // Where there are profiles, but not this one.
    fs::write(app.directory.join("aws-config"), "[profile other]\n").unwrap();
    let said = run(&|command| {
        command.env("AWS_PROFILE", "cat-house-deployer");
    })
    .ends_with(3);
    says(&said, &["profile `cat-house-deployer` was not defined"]);
    // What the hint says: a profile that has credentials.
    fs::write(
        app.directory.join("aws-credentials"),
        format!("[cat-house-deployer]\naws_access_key_id = 123456789012\naws_secret_access_key = {SECRET}\n"),
    )
    .unwrap();
    run(&|command| {
        command.env("AWS_PROFILE", "cat-house-deployer");
    })
    .ends_with(0);
    // Or keys in the environment.
    run(&|command| {
        command
            .env("AWS_ACCESS_KEY_ID", "123456789012")
            .env("AWS_SECRET_ACCESS_KEY", SECRET);
    })
    .ends_with(0);
}

#[test]
fn whoever_gives_credentials_and_does_not() {
    let app = on_aws("s3://cat-house-state/deployments");
    let config = |text: &str| fs::write(app.directory.join("aws-config"), text).unwrap();
    let run = || {
        let mut command = bare(&app, &HISTORY);
        command.env("AWS_PROFILE", "slow");
        timed(command)
            .in_time("a process for credentials")
            .ends_with(3)
    };
    config(&format!(
        "[profile slow]\ncredential_process = /bin/echo {SECRET}\n"
    ));
    says(&run(), &["no credentials from profile `slow`"]);
    config("[profile slow]\ncredential_process = /bin/sleep 60\n");
    says(
        &run(),
        &[
            "waiting for credentials from profile `slow` …; none yet",
            "no credentials from profile `slow`: nothing in 10 s",
        ],
    );
}

#[test]
fn credentials_that_are_nobodys_or_may_not() {
    let (server, app) = served();
    let address = server.address().to_owned();
    let run = || {
        let mut command = asking(&app, &HISTORY, &address);
        command.env("AWS_ACCESS_KEY_ID", "123456789012");
        timed(command).in_time("refused")
    };
    server.ask(
        "POST faults",
        &json!({"where": "caller", "fault": "expired"}).to_string(),
    );
    let said = run().ends_with(3);
    says(
        &said,
        &[
            "s3.",
            "ExpiredToken",
            "AWS_ACCESS_KEY_ID of the environment",
            "`aws sts get-caller-identity` succeeds",
        ],
    );
    server.ask("DELETE faults", "");
    let denied = json!({"where": "call", "operation": "s3.*", "count": 1000, "fault": "deny"});
    server.ask("POST faults", &denied.to_string());
    let said = run().ends_with(3);
    says(
        &said,
        &[
            "AccessDenied",
            "s3://cat-house-state/deployments",
            "state needs s3:GetObject, s3:PutObject and s3:ListBucket there",
            "Hint: nothing was changed; allow what the message names",
        ],
    );
    server.ask("DELETE faults", "");
    run().ends_with(0);
}

#[test]
fn a_bucket_that_is_not_there() {
    let (server, app) = served();
    app.edit("backstay.toml", "s3://cat-house-state/", "s3://not-there/");
    let address = server.address().to_owned();
    let run = || {
        let mut command = asking(&app, &HISTORY, &address);
        command.env("AWS_ACCESS_KEY_ID", "123456789012");
        timed(command).in_time("a missing bucket")
    };
    let said = run().ends_with(3);
    says(
        &said,
        &[
            "NoSuchBucket",
            "s3://not-there/deployments",
            "the bucket must be there",
            "Hint: nothing was changed; correct what the message names",
        ],
    );
    app.edit("backstay.toml", "s3://not-there/", "s3://cat-house-state/");
    run().ends_with(0);
}

#[test]
fn credentials_that_expire_midway_and_what_the_hint_says() {
    let (server, app) = Server::of_staging("240x");
    let expired = json!({"where": "caller", "fault": "expired", "from": "ecs.UpdateService"});
    server.ask("POST faults", &expired.to_string());
    let said = app
        .run(["deploy", "staging", "--version", "2f9c1e7"])
        .ends_with(7);
    says(
        &said,
        &[
            "the cloud does not know these credentials",
            "ExpiredTokenException",
            "nothing is said of the release",
        ],
    );
    assert!(!said.stderr.contains("back    "), "{said:?}");
    // Whoever has no credentials learns it before the deployment is taken up.
    let again = app.run(["resume", "--environment", "staging"]).ends_with(7);
    says(&again, &["ExpiredToken"]);
    server.ask("DELETE faults", "");
    let command = hinted(&said, "resume");
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    app.run(command).ends_with(0);
    assert_eq!(
        server.version(&["a1b2c3d", "2f9c1e7"]).as_deref(),
        Ok("2f9c1e7")
    );
}
