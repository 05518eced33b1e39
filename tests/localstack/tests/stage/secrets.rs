//! Tasks have the secrets and parameters that LocalStack has, and no others.

use serde_json::json;

use crate::app::App;
use crate::cloud::{Pair, REGION};

#[test]
fn a_secret_that_is_gone_stops_the_release() {
    let app = App::new(4);
    let Some(pair) = Pair::of("a_secret_that_is_gone_stops_the_release", &app, "manual") else {
        return;
    };
    let name = "cat-house/staging/jwt-secret";
    let gone = json!({ "SecretId": name, "ForceDeleteWithoutRecovery": true });
    pair.behind("secretsmanager", "secretsmanager.DeleteSecret", &gone)
        .is(200);
    let failed = app.run(["deploy", "staging", "--version", "2f9c1e7"]);
    let said = format!("{}{}", failed.stdout, failed.stderr);
    assert_ne!(failed.code, 0, "{said}");
    assert!(said.contains("secret"), "{said}");
    // It is made again, through our endpoint: LocalStack's own sees it.
    let token = "11111111-2222-4333-8444-555555555555";
    let again = json!({ "Name": name, "SecretString": "s", "ClientRequestToken": token });
    pair.call("secretsmanager", "secretsmanager.CreateSecret", &again)
        .is(200);
    let get = json!({ "SecretId": name });
    let got = pair
        .behind("secretsmanager", "secretsmanager.GetSecretValue", &get)
        .is(200);
    assert_eq!(got.json()["SecretString"], "s");
    app.run(["deploy", "staging", "--version", "3c0ffee"])
        .ends_with(0);
    assert_eq!(pair.version(), "3c0ffee");
}

#[test]
fn a_parameter_is_needed_too() {
    let app = App::new(5);
    let Some(pair) = Pair::of("a_parameter_is_needed_too", &app, "manual") else {
        return;
    };
    let arn = format!(
        "arn:aws:ssm:{REGION}:{}:parameter/cat-house/feature",
        app.account
    );
    app.edit(
        "services/catalog-service/task-definition.json",
        "\"secrets\": [",
        &format!("\"secrets\": [{{ \"name\": \"FEATURE\", \"valueFrom\": \"{arn}\" }},"),
    );
    let failed = app.run(["deploy", "staging", "--version", "2f9c1e7"]);
    let said = format!("{}{}", failed.stdout, failed.stderr);
    assert_ne!(failed.code, 0, "{said}");
    assert!(said.contains("/cat-house/feature"), "{said}");
    let put = json!({ "Name": "/cat-house/feature", "Value": "on", "Type": "String" });
    pair.call("ssm", "AmazonSSM.PutParameter", &put).is(200);
    app.run(["deploy", "staging", "--version", "3c0ffee"])
        .ends_with(0);
    assert_eq!(pair.version(), "3c0ffee");
}
