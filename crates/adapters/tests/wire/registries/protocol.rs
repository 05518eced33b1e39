//! A registry that is a script: what it is shown, what becomes of every way to refuse, and that secrets go to nobody else.

use backstay_domain::definition::sha256_hex;
use backstay_domain::ports::FailureKind;
use rstest::rstest;
use serde_json::{Value, json};
use wiremock::matchers::{
    basic_auth, body_string_contains, header, header_exists, method, path, query_param,
};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::Desk;

const MANIFEST: &str = "/v2/acme/api/manifests/2f9c1e7";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn digest(letter: &str) -> String {
    format!("sha256:{}", letter.repeat(64))
}

fn index() -> Value {
    json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [
        { "digest": digest("1"), "platform": { "os": "linux", "architecture": "arm64" } },
        { "digest": digest("2"), "platform": { "os": "linux", "architecture": "amd64" } },
        { "digest": digest("3"), "platform": { "os": "unknown", "architecture": "unknown" } },
    ] })
}

fn given() -> ResponseTemplate {
    ResponseTemplate::new(200)
        .insert_header("docker-content-digest", digest("a").as_str())
        .set_body_json(index())
}

fn error(status: u16, code: &str) -> ResponseTemplate {
    let body = json!({ "errors": [{ "code": code, "message": "in its own words" }] });
    ResponseTemplate::new(status).set_body_json(body)
}

fn challenge(text: &str) -> ResponseTemplate {
    error(401, "UNAUTHORIZED").insert_header("www-authenticate", text)
}

fn host(server: &MockServer) -> String {
    server.address().to_string()
}

/// Repository and pinned reference.
fn api(server: &MockServer) -> String {
    format!("{}/acme/api", host(server))
}

async fn wants_a_token(server: &MockServer) {
    let bearer = format!(
        r#"Bearer realm="{}/token",service="registry.test",scope="repository:acme/api:pull""#,
        server.uri()
    );
    let asked = Mock::given(path(MANIFEST)).respond_with(challenge(&bearer));
    asked.with_priority(9).mount(server).await;
    let shown = Mock::given(path(MANIFEST)).and(header("authorization", "Bearer t0ken"));
    shown.respond_with(given()).mount(server).await;
}

#[tokio::test]
async fn a_token_is_fetched_for_whoever_is_logged_in_and_kept() {
    let server = MockServer::start().await;
    wants_a_token(&server).await;
    Mock::given(method("GET"))
        .and(path("/token"))
        .and(query_param("service", "registry.test"))
        .and(query_param("scope", "repository:acme/api:pull"))
        .and(basic_auth("octo", "hunter2"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "token": "t0ken" })))
        .expect(1)
        .mount(&server)
        .await;
    let desk = Desk::octo(&host(&server), "hunter2");
    let api = api(&server);
    let found = desk.resolve(&[&api], "2f9c1e7").await.unwrap();
    let image = &found[&api];
    assert_eq!(image.digest.as_str(), digest("a"));
    assert_eq!(image.reference, format!("{api}@{}", digest("a")));
    assert_eq!(image.platforms, ["linux/amd64", "linux/arm64"]);
    let tag = format!("{api}:2f9c1e7");
    let pinned = desk.pin(std::slice::from_ref(&tag)).await.unwrap();
    assert_eq!(pinned[&tag], format!("{api}@{}", digest("a")));
}

#[tokio::test]
async fn without_a_login_the_token_is_anybodys() {
    let server = MockServer::start().await;
    wants_a_token(&server).await;
    let shown = Mock::given(path("/token")).and(header_exists("authorization"));
    shown
        .respond_with(error(500, "SHOWN"))
        .expect(0)
        .mount(&server)
        .await;
    let token = json!({ "access_token": "t0ken" });
    let given = ResponseTemplate::new(200).set_body_json(token);
    Mock::given(path("/token"))
        .respond_with(given)
        .expect(1)
        .mount(&server)
        .await;
    let api = api(&server);
    let found = Desk::anonymous().resolve(&[&api], "2f9c1e7").await.unwrap();
    assert_eq!(found[&api].digest.as_str(), digest("a"));
}

#[tokio::test]
async fn an_identity_token_is_exchanged() {
    let server = MockServer::start().await;
    wants_a_token(&server).await;
    Mock::given(method("POST"))
        .and(path("/token"))
        .and(header("content-type", "application/x-www-form-urlencoded"))
        .and(body_string_contains("grant_type=refresh_token"))
        .and(body_string_contains("refresh_token=id%26token"))
        .and(body_string_contains("scope=repository%3Aacme%2Fapi%3Apull"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "access_token": "t0ken" })))
        .expect(1)
        .mount(&server)
        .await;
    let auths = json!({ "auths": { host(&server): { "identitytoken": "id&token" } } });
    let found = Desk::new(&auths).resolve(&[&api(&server)], "2f9c1e7").await;
    assert_eq!(found.unwrap().len(), 1);
}

#[tokio::test]
async fn a_wrong_password_is_denied_by_name_and_shown_nowhere() {
    let server = MockServer::start().await;
    let asked = Mock::given(path(MANIFEST)).respond_with(challenge(r#"Basic realm="r""#));
    asked.with_priority(9).mount(&server).await;
    let right = Mock::given(path(MANIFEST)).and(basic_auth("octo", "right"));
    right.respond_with(given()).mount(&server).await;
    let (host, api) = (host(&server), api(&server));
    let found = Desk::octo(&host, "right").resolve(&[&api], "2f9c1e7").await;
    assert_eq!(found.unwrap().len(), 1);
    for (desk, who) in [
        (Desk::octo(&host, "hunter2"), "asked as octo".to_owned()),
        (Desk::anonymous(), format!("nobody is logged in to {host}")),
    ] {
        let failure = desk.resolve(&[&api], "2f9c1e7").await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Denied);
        assert_eq!(failure.operation, format!("registry.GetManifest {host}"));
        let words = format!("{api}:2f9c1e7: HTTP 401: UNAUTHORIZED: in its own words ({who})");
        assert_eq!(failure.message, words);
        assert_eq!(desk.pauses(), [0_u64; 0]);
        // What nobody may ask for stays a tag, and counts as present.
        let tag = vec![format!("{api}:2f9c1e7")];
        assert_eq!(desk.pin(&tag).await.unwrap().len(), 0);
        assert_eq!(desk.gone(&tag).await, (vec![], tag));
    }
}

#[tokio::test]
async fn a_token_that_is_refused_says_who_refused_it() {
    let server = MockServer::start().await;
    wants_a_token(&server).await;
    let refused = Mock::given(path("/token")).respond_with(error(403, "DENIED"));
    refused.mount(&server).await;
    let desk = Desk::octo(&host(&server), "hunter2");
    let failure = desk.resolve(&[&api(&server)], "2f9c1e7").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Denied);
    assert_eq!(
        failure.operation,
        format!("registry.GetToken {}", host(&server))
    );
    assert!(!failure.to_string().contains("hunter2"), "{failure}");
}

#[tokio::test]
async fn a_login_goes_to_nobody_who_speaks_in_the_open() {
    let server = MockServer::start().await;
    let bearer = r#"Bearer realm="http://tokens.example/token""#;
    Mock::given(path(MANIFEST))
        .respond_with(challenge(bearer))
        .mount(&server)
        .await;
    let desk = Desk::octo(&host(&server), "hunter2");
    let failure = desk.resolve(&[&api(&server)], "2f9c1e7").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Rejected);
    assert!(
        failure.message.contains("http://tokens.example/token"),
        "{failure}"
    );
}

#[rstest]
#[case::long(429, Some("3600"), FailureKind::Throttled, "it may be asked again in 3600 s", 1, &[])]
#[case::short(429, Some("4"), FailureKind::Throttled, "it may be asked again in 4 s", 3, &[4, 4])]
#[case::unsaid(429, None, FailureKind::Throttled, "HTTP 429: TOOMANYREQUESTS", 3, &[1, 2])]
#[case::broken(503, None, FailureKind::Unavailable, "HTTP 503: TOOMANYREQUESTS", 3, &[1, 2])]
#[case::wrong(400, None, FailureKind::Rejected, "HTTP 400: TOOMANYREQUESTS", 1, &[])]
#[tokio::test]
async fn what_passes_is_tried_again_and_named(
    #[case] status: u16,
    #[case] after: Option<&str>,
    #[case] kind: FailureKind,
    #[case] words: &str,
    #[case] tries: u64,
    #[case] pauses: &[u64],
) {
    let server = MockServer::start().await;
    let mut reply = error(status, "TOOMANYREQUESTS");
    if let Some(after) = after {
        reply = reply.insert_header("retry-after", after);
    }
    Mock::given(path(MANIFEST))
        .respond_with(reply)
        .expect(tries..=2 * tries)
        .mount(&server)
        .await;
    let desk = Desk::anonymous();
    let api = api(&server);
    let failure = desk.resolve(&[&api], "2f9c1e7").await.unwrap_err();
    assert_eq!(failure.kind, kind);
    assert!(
        failure.message.starts_with(&format!("{api}:2f9c1e7: ")),
        "{failure}"
    );
    assert!(failure.message.contains(words), "{failure}");
    assert_eq!(desk.pauses(), pauses);
    let pinned = desk.pin(&[format!("{api}:2f9c1e7")]).await;
    match kind {
        // It stays: what is said by a tag stays a tag.
        FailureKind::Rejected => assert_eq!(pinned.unwrap().len(), 0),
        _ => assert_eq!(pinned.unwrap_err().kind, kind),
    }
}

#[tokio::test]
async fn one_that_was_busy_for_a_moment_answers() {
    let server = MockServer::start().await;
    let busy = Mock::given(path(MANIFEST)).respond_with(error(429, "TOOMANYREQUESTS"));
    busy.up_to_n_times(1).with_priority(1).mount(&server).await;
    Mock::given(path(MANIFEST))
        .respond_with(given())
        .mount(&server)
        .await;
    let found = Desk::anonymous().resolve(&[&api(&server)], "2f9c1e7").await;
    assert_eq!(found.unwrap().len(), 1);
}

#[rstest]
#[case::tag("MANIFEST_UNKNOWN")]
#[case::repository("NAME_UNKNOWN")]
#[tokio::test]
async fn what_is_not_there_is_left_out_and_a_hidden_repository_is_nobodys_to_judge(
    #[case] code: &str,
) {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(error(404, code))
        .mount(&server)
        .await;
    Mock::given(method("HEAD"))
        .respond_with(ResponseTemplate::new(404))
        .mount(&server)
        .await;
    let desk = Desk::anonymous();
    let api = api(&server);
    assert_eq!(desk.resolve(&[&api], "2f9c1e7").await.unwrap().len(), 0);
    let references = vec![format!("{api}@{}", digest("b"))];
    let tag = format!("{api}:7");
    let pinned = desk.pin(std::slice::from_ref(&tag)).await;
    if code == "MANIFEST_UNKNOWN" {
        assert_eq!(desk.gone(&references).await, (references.clone(), vec![]));
        let failure = pinned.unwrap_err();
        assert_eq!(failure.kind, FailureKind::NotFound);
        assert_eq!(failure.message, format!("no such image: {tag}"));
    } else {
        assert_eq!(desk.gone(&references).await, (vec![], references.clone()));
        assert_eq!(pinned.unwrap().len(), 0);
    }
}

#[tokio::test]
async fn content_that_lies_elsewhere_is_fetched_without_what_was_shown() {
    let (server, elsewhere) = (MockServer::start().await, MockServer::start().await);
    let configuration = digest("c");
    let manifest = json!({ "schemaVersion": 2, "config": {
        "mediaType": "application/vnd.oci.image.config.v1+json", "digest": configuration } });
    let shown = || header("authorization", "Basic b2N0bzpodW50ZXIy");
    let asked = Mock::given(path(MANIFEST)).respond_with(challenge("Basic"));
    asked.with_priority(9).mount(&server).await;
    let given = ResponseTemplate::new(200).set_body_json(&manifest);
    Mock::given(path(MANIFEST))
        .and(shown())
        .respond_with(given)
        .mount(&server)
        .await;
    let to = format!("{}/blob?signature=x", elsewhere.uri());
    let moved = ResponseTemplate::new(307).insert_header("location", to.as_str());
    Mock::given(path(format!("/v2/acme/api/blobs/{configuration}")))
        .and(shown())
        .respond_with(moved)
        .mount(&server)
        .await;
    let leaked = Mock::given(path("/blob")).and(header_exists("authorization"));
    leaked
        .respond_with(error(400, "SHOWN"))
        .expect(0)
        .mount(&elsewhere)
        .await;
    let configured = json!({ "os": "linux", "architecture": "arm64", "rootfs": {} });
    let blob = ResponseTemplate::new(200).set_body_json(configured);
    Mock::given(path("/blob"))
        .respond_with(blob)
        .expect(1)
        .mount(&elsewhere)
        .await;
    let desk = Desk::octo(&host(&server), "hunter2");
    let api = api(&server);
    let found = desk.resolve(&[&api], "2f9c1e7").await.unwrap();
    assert_eq!(found[&api].platforms, ["linux/arm64"]);
    // It does not say its digest: that is its content's.
    let hashed = format!("sha256:{}", sha256_hex(manifest.to_string().as_bytes()));
    assert_eq!(found[&api].digest.as_str(), hashed);
}

#[tokio::test]
async fn all_that_is_denied_is_named_at_once() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(error(403, "DENIED"))
        .mount(&server)
        .await;
    let host = host(&server);
    let (api, web) = (format!("{host}/acme/api"), format!("{host}/acme/web"));
    let failure = Desk::anonymous()
        .resolve(&[&web, &api], "2f9c1e7")
        .await
        .unwrap_err();
    for name in [&api, &web] {
        assert!(
            failure
                .message
                .contains(&format!("{name}:2f9c1e7: HTTP 403")),
            "{failure}"
        );
    }
}

#[tokio::test]
async fn an_identity_token_goes_nowhere_else() {
    let (server, elsewhere) = (MockServer::start().await, MockServer::start().await);
    wants_a_token(&server).await;
    let to = format!("{}/token", elsewhere.uri());
    let moved = ResponseTemplate::new(307).insert_header("location", to.as_str());
    Mock::given(path("/token"))
        .respond_with(moved)
        .expect(1)
        .mount(&server)
        .await;
    let given = ResponseTemplate::new(200).set_body_json(json!({ "token": "t0ken" }));
    Mock::given(path("/token"))
        .respond_with(given)
        .expect(0)
        .mount(&elsewhere)
        .await;
    let auths = json!({ "auths": { host(&server): { "identitytoken": "id&token" } } });
    let failure = Desk::new(&auths)
        .resolve(&[&api(&server)], "2f9c1e7")
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Rejected);
    assert_eq!(
        failure.operation,
        format!("registry.GetToken {}", host(&server))
    );
}
