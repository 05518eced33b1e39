//! A real registry: digests, indexes, what is not there, logins of both kinds, and what is said when it is down.

use std::fs;
use std::path::Path;
use std::process::Command;

use backstay_domain::ports::FailureKind;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use wiremock::matchers::{basic_auth, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::Desk;
use super::running::{Running, program};

#[tokio::test]
async fn images_become_digests_and_what_is_not_there_is_said() {
    let Some(program) = program("registry") else {
        return;
    };
    let registry = Running::start(&program, tempfile::tempdir().unwrap(), &Value::Null);
    let host = registry.host.clone();
    let single = registry.push("acme/api", Some("v1"), "arm64", "");
    let [amd, arm] = ["amd64", "arm64"].map(|one| (one, registry.push("acme/web", None, one, "")));
    let index = registry.push_index("acme/web", "v1", &[amd, arm], "");
    let desk = Desk::anonymous();
    let [api, web, none] = ["api", "web", "none"].map(|name| format!("{host}/acme/{name}"));
    let found = desk.resolve(&[&api, &web, &none], "v1").await.unwrap();
    assert_eq!(found.keys().collect::<Vec<_>>(), [&api, &web]);
    assert_eq!(found[&api].reference, format!("{api}@{single}"));
    assert_eq!(found[&api].platforms, ["linux/arm64"]);
    assert_eq!(found[&web].digest.as_str(), index);
    assert_eq!(found[&web].platforms, ["linux/amd64", "linux/arm64"]);
    assert_eq!(desk.resolve(&[&api, &web], "v2").await.unwrap().len(), 0);
    let tag = format!("{web}:v1");
    let pinned = desk.pin(std::slice::from_ref(&tag)).await.unwrap();
    assert_eq!(pinned[&tag], format!("{web}@{index}"));
    let gone = format!("{web}:v1@sha256:{}", "0".repeat(64));
    let asked = [format!("{api}@{single}"), tag, gone.clone()];
    assert_eq!(desk.gone(&asked).await, (vec![gone], vec![]));
    // It goes down: what passes is tried again, and it is said whom nobody reached.
    drop(registry);
    let failure = desk.resolve(&[&api], "v1").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unavailable);
    assert_eq!(failure.operation, format!("registry.GetManifest {host}"));
    let words = format!("{api}:v1: no connection: ");
    assert!(failure.message.starts_with(&words), "{failure}");
    assert_eq!(desk.pauses(), [1, 2]);
    // What stands beside an app's own image may be where only tasks reach it.
    assert_eq!(desk.pin(&[format!("{api}:v1")]).await.unwrap().len(), 0);
    assert_eq!(desk.gone(&asked).await.1.len(), 3);
}

/// `hunter2`, by bcrypt: the registry takes no other kind.
const USERS: &str = "octo:$2b$05$abcdefghijklmnopqrstuuoXuKqgZXLiJqzfmMXDDhSFPIvxV7t8.\n";

#[tokio::test]
async fn a_login_by_password() {
    let Some(program) = program("registry-basic") else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let users = directory.path().join("users");
    fs::write(&users, USERS).unwrap();
    let auth = json!({ "htpasswd": { "realm": "here", "path": users } });
    let registry = Running::start(&program, directory, &auth);
    let shown = format!("Basic {}", BASE64_STANDARD.encode("octo:hunter2"));
    let digest = registry.push("acme/api", Some("v1"), "amd64", &shown);
    let (host, api) = (&registry.host, format!("{}/acme/api", registry.host));
    let found = Desk::octo(host, "hunter2")
        .resolve(&[&api], "v1")
        .await
        .unwrap();
    assert_eq!(found[&api].digest.as_str(), digest);
    let absent = Desk::octo(host, "hunter2").resolve(&[&api], "v2").await;
    assert_eq!(absent.unwrap().len(), 0);
    for (desk, words) in [
        (Desk::octo(host, "other"), "asked as octo".to_owned()),
        (Desk::anonymous(), format!("nobody is logged in to {host}")),
    ] {
        let failure = desk.resolve(&[&api], "v1").await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Denied);
        assert!(failure.message.contains(&words), "{failure}");
        assert!(!failure.message.contains("other"), "{failure}");
    }
}

#[tokio::test]
async fn a_login_by_token() {
    let Some(program) = program("registry-token") else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path().to_owned();
    openssl(
        &at,
        &[
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out",
            "cert.pem", "-days", "2", "-subj", "/CN=test",
        ],
        b"",
    );
    let giver = MockServer::start().await;
    let auth = json!({ "token": {
        "realm": format!("{}/token", giver.uri()),
        "service": "registry.test",
        "issuer": "giver.test",
        "rootcertbundle": at.join("cert.pem"),
    } });
    let registry = Running::start(&program, directory, &auth);
    let push = format!("Bearer {}", token(&at, &["pull", "push"]));
    let digest = registry.push("acme/api", Some("v1"), "amd64", &push);
    let token = json!({ "token": token(&at, &["pull"]) });
    Mock::given(path("/token"))
        .and(basic_auth("octo", "hunter2"))
        .respond_with(ResponseTemplate::new(200).set_body_json(token))
        .mount(&giver)
        .await;
    let denied = Mock::given(path("/token")).respond_with(ResponseTemplate::new(401));
    denied.with_priority(9).mount(&giver).await;
    let (host, api) = (&registry.host, format!("{}/acme/api", registry.host));
    let desk = Desk::octo(host, "hunter2");
    let found = desk.resolve(&[&api], "v1").await.unwrap();
    assert_eq!(found[&api].digest.as_str(), digest);
    assert_eq!(desk.resolve(&[&api], "v2").await.unwrap().len(), 0);
    let failure = Desk::anonymous().resolve(&[&api], "v1").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Denied);
    assert_eq!(failure.operation, format!("registry.GetToken {host}"));
    // A token for something else is shown, and not enough.
    let web = format!("{host}/acme/web");
    let failure = desk.resolve(&[&web], "v1").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Denied);
    assert_eq!(failure.operation, format!("registry.GetManifest {host}"));
    assert!(failure.message.contains("asked as octo"), "{failure}");
}

/// A JSON web token for `acme/api`, signed as the registry was told.
fn token(at: &Path, actions: &[&str]) -> String {
    let certificate = fs::read_to_string(at.join("cert.pem")).unwrap();
    let lines = certificate
        .lines()
        .filter(|line| !line.starts_with("-----"));
    let head = json!({ "typ": "JWT", "alg": "RS256", "x5c": [lines.collect::<String>()] });
    let claims = json!({
        "iss": "giver.test", "aud": "registry.test", "sub": "octo", "jti": "1",
        "nbf": 0, "iat": 0, "exp": 4_102_444_800_u64,
        "access": [{ "type": "repository", "name": "acme/api", "actions": actions }],
    });
    let encoded = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
    let signed = format!("{}.{}", encoded(&head), encoded(&claims));
    let signature = openssl(
        at,
        &["dgst", "-sha256", "-sign", "key.pem"],
        signed.as_bytes(),
    );
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

fn openssl(at: &Path, words: &[&str], input: &[u8]) -> Vec<u8> {
    fs::write(at.join("input"), input).unwrap();
    let mut command = Command::new("openssl");
    command.current_dir(at).args(words);
    if !input.is_empty() {
        command.arg("input");
    }
    let done = command.output().unwrap();
    assert!(done.status.success(), "{done:?}");
    done.stdout
}
