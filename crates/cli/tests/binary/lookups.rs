//! Values that the configuration looks up: shown with their source, refused when they are missing or secret, before anything else.

use std::fs;

use serde_json::{Value, json};

use crate::app::App;
use crate::served::Server;

const PLAN: [&str; 4] = ["plan", "staging", "--version", "2f9c1e7"];

/// The example app with these variables of every environment, one of which its page of checks has in its address.
fn app(variables: &str) -> App {
    let app = App::new();
    let first = "[environments.staging]";
    app.edit(
        "backstay.toml",
        first,
        &format!("[variables]\n{variables}\n\n{first}"),
    );
    app
}

/// What a request to a service of the account is answered.
fn asked(server: &Server, service: &str, target: &str, body: &Value) {
    let body = body.to_string();
    let length = body.len();
    let credential = format!("123456789012/20260105/sa-east-1/{service}/aws4_request");
    let answer = server.raw(&format!(
        "POST / HTTP/1.1\r\nHost: {service}\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.1\r\n\
         X-Amz-Target: {target}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    ));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// Puts something into a bucket of the account.
fn put(server: &Server, path: &str, body: &str) {
    let length = body.len();
    let credential = "123456789012/20260105/sa-east-1/s3/aws4_request";
    let answer = server.raw(&format!(
        "PUT {path} HTTP/1.1\r\nHost: s3.sa-east-1.amazonaws.com\r\nConnection: close\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0\r\n\
         x-amz-content-sha256: UNSIGNED-PAYLOAD\r\nContent-Length: {length}\r\n\r\n{body}"
    ));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn of_this_machine() {
    let app = app(
        "who = { env = \"SHOP_TEAM\" }\nwhere = { command = [\"./where\", \"{{ who }}\"] }\nzone = { terraform = \"zone\", state = \"terraform.tfstate\" }",
    );
    fs::write(
        app.directory.join("where"),
        "#!/bin/sh\necho \"$1-street\"\n",
    )
    .unwrap();
    fs::set_permissions(
        app.directory.join("where"),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    let state = json!({ "version": 4, "outputs": { "zone": { "value": "z1", "type": "string" } } });
    fs::write(app.directory.join("terraform.tfstate"), state.to_string()).unwrap();
    let surroundings = [("SHOP_TEAM", "cats")];
    let plan = app.run_with(PLAN, &surroundings).ends_with(0);
    let said = "Looked up:
  where  cats-street  (command ./where …)
  who    cats         (environment variable SHOP_TEAM)
  zone   z1           (output zone of terraform.tfstate)
";
    assert!(plan.stdout.contains(said), "{}", plan.stdout);
    let json = app.run_with([&PLAN[..], &["--output", "json"]].concat(), &surroundings);
    let found = json.ends_with(0).last_object()["looked_up"].clone();
    assert_eq!(found[0]["value"], "cats-street", "{found}");
    assert_eq!(
        found[1]["source"], "environment variable SHOP_TEAM",
        "{found}"
    );

    // It is recorded with the release.
    let deploy = [
        "deploy",
        "staging",
        "--version",
        "2f9c1e7",
        "--speed",
        "max",
    ];
    app.run_with(deploy, &surroundings).ends_with(0);
    let history = app
        .run_with(["history", "staging"], &surroundings)
        .ends_with(0);
    let deployment = history
        .stdout
        .split_whitespace()
        .find(|word| word.starts_with("d-"));
    let show = ["show", deployment.unwrap(), "--environment", "staging"];
    let show = app.run_with(show, &surroundings).ends_with(0);
    assert!(show.stdout.contains("cats-street"), "{}", show.stdout);
}

#[test]
fn what_is_not_found_is_said_where_it_is_asked_for() {
    let rows = [
        (
            "who = { env = \"NOBODY_SET_THIS\" }",
            "there is no variable `NOBODY_SET_THIS`",
        ),
        ("who = { env = \"HOME\", json = \"/a\" }", "it is no JSON"),
        (
            "who = { terraform = \"a\", state = \"none.tfstate\" }",
            "there is no file `none.tfstate`",
        ),
        (
            "who = { command = [\"sleep\", \"60\"], timeout = \"200ms\" }",
            "it took longer than 0.2 s",
        ),
        (
            "who = { command = [\"sh\", \"-c\", \"echo hunter2; exit 3\"] }",
            "it ended with exit code 3",
        ),
        (
            "who = { command = [\"echo\", \"ghp_0123456789\"] }",
            "it is a token",
        ),
        ("who = { env = \"A_TOKEN\" }", "it is called like a secret"),
        (
            "dbPassword = { command = [\"sh\", \"-c\", \"echo hunter2\"] }",
            "`dbPassword` is looked up, and called like a secret",
        ),
        (
            "who = \"{{ what }}\"\nwhat = \"{{ who }}\"",
            "variables use each other in a circle",
        ),
    ];
    for (variables, expected) in rows {
        let app = app(variables);
        let files = app.files();
        for command in [&PLAN[..], &["check", "staging"]] {
            let told = app.run_with(command.iter().copied(), &[("A_TOKEN", "hunter2")]);
            let told = told.ends_with(2);
            let place = told.stderr.contains("backstay.toml:");
            assert!(place && told.stderr.contains(expected), "{}", told.stderr);
            let whole = format!("{}{}", told.stdout, told.stderr);
            // The text of the configuration is pointed at.
            let shown = whole.replace("echo hunter2", "");
            assert!(!shown.contains("hunter2"), "{whole}");
        }
        let json = app.run_with(
            [&PLAN[..], &["--output", "json"]].concat(),
            &[("A_TOKEN", "hunter2")],
        );
        let problem = json.ends_with(2).last_object()["problems"][0].clone();
        assert!(problem["line"].is_u64(), "{problem}");
        assert!(app.files() == files, "{variables} changed files");
    }
}

#[test]
fn of_the_account() {
    let variables = "host = { ssm = \"/shop/{{ environment }}/host\" }\nvpc = { terraform = \"vpc\", json = \"/id\", state = \"s3://shop-terraform/network.tfstate\" }";
    let app = app(variables);
    // A cloud in this process has nobody to ask.
    let told = app.run(PLAN).ends_with(2);
    assert!(
        told.stderr.contains("a rehearsal asks no cloud"),
        "{}",
        told.stderr
    );

    let standing = app.directory.join("backstay.toml");
    let looked_up = fs::read_to_string(&standing).unwrap();
    let stands_in = |text: &str| {
        let text = text.replace("/host\" }", "/host\", rehearsal = \"here.test\" }");
        text.replace("tfstate\" }", "tfstate\", rehearsal = \"vpc-0\" }")
    };
    fs::write(&standing, stands_in(&looked_up)).unwrap();
    let plan = app.run(PLAN).ends_with(0);
    let said =
        "vpc   vpc-0      (output vpc of s3://shop-terraform/network.tfstate, in a rehearsal)";
    assert!(plan.stdout.contains(said), "{}", plan.stdout);

    // One that somebody serves is asked.
    let server = Server::of(&app, "staging", "manual");
    let told = app.run(PLAN).ends_with(2);
    assert!(
        told.stderr
            .contains("there is no parameter `/shop/staging/host`")
            && told.stderr.contains("there is no object s3://"),
        "{}",
        told.stderr
    );
    let parameter = |kind: &str, value: &str| json!({ "Name": "/shop/staging/host", "Type": kind, "Value": value, "Overwrite": true });
    asked(
        &server,
        "ssm",
        "AmazonSSM.PutParameter",
        &parameter("SecureString", "hunter2"),
    );
    let location = "<CreateBucketConfiguration><LocationConstraint>sa-east-1</LocationConstraint></CreateBucketConfiguration>";
    put(&server, "/shop-terraform", location);
    let state = json!({ "version": 4, "outputs": { "vpc": { "value": { "id": "vpc-7" } } } });
    put(
        &server,
        "/shop-terraform/network.tfstate",
        &state.to_string(),
    );
    let told = app.run(PLAN).ends_with(2);
    assert!(
        told.stderr.contains("it is a SecureString"),
        "{}",
        told.stderr
    );
    assert!(!told.stderr.contains("hunter2"), "{}", told.stderr);
    // A parameter keeps its type.
    let gone = json!({ "Name": "/shop/staging/host" });
    asked(&server, "ssm", "AmazonSSM.DeleteParameter", &gone);
    asked(
        &server,
        "ssm",
        "AmazonSSM.PutParameter",
        &parameter("String", "real.test"),
    );
    let plan = app.run(PLAN).ends_with(0);
    let said = "Looked up:
  host  real.test  (parameter /shop/staging/host)
  vpc   vpc-7      (output vpc of s3://shop-terraform/network.tfstate)
";
    assert!(plan.stdout.contains(said), "{}", plan.stdout);
}

/// A simulator whose address is looked up itself: its cloud is asked after that, and AWS never.
#[test]
fn a_simulator_that_is_looked_up() {
    let app = app(
        "where = { env = \"SIMULATOR\" }\nhost = { ssm = \"/shop/{{ environment }}/host\" }\nfar = { ssm = \"/far\", rehearsal = \"\" }",
    );
    let server = Server::start(&["--time", "manual"]);
    let first = "[environments.staging]";
    let simulator = |name: &str| format!("{first}\nsimulator = \"{{{{ {name} }}}}\"");
    app.edit("backstay.toml", first, &simulator("where"));
    let address = format!("http://{}", server.address());
    let told = app.run_with(PLAN, &[("SIMULATOR", &address)]).ends_with(2);
    let missing = "there is no parameter `/shop/staging/host`";
    assert!(told.stderr.contains(missing), "{}", told.stderr);

    app.edit("backstay.toml", &simulator("where"), &simulator("far"));
    let told = app.run(PLAN).ends_with(2);
    let unset = "there is no variable `SIMULATOR`";
    assert!(told.stderr.contains(unset), "{}", told.stderr);
    let told = app.run_with(PLAN, &[("SIMULATOR", &address)]).ends_with(2);
    let nobody = "no simulator is known";
    assert!(told.stderr.contains(nobody), "{}", told.stderr);
}
