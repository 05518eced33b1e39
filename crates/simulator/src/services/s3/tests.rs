//! Object Lock and uploads by forms, as requests come over the wire.

mod bounds;
mod recorded;
mod verified;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

use crate::front::handle;
use crate::world::ClientsClock;
use crate::{Millis, Weather, World};

/// 2026-01-01T00:00:00Z.
const NEW_YEAR_MS: Millis = 1_767_225_600_000;
const DAY_MS: Millis = 86_400_000;

struct Stage(World);

impl Stage {
    fn new() -> Self {
        Self(World::new(
            "123456789012",
            "us-east-1",
            7,
            Weather::Calm,
            NEW_YEAR_MS,
        ))
    }

    fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response<Bytes> {
        let scope = "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/s3/aws4_request";
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://127.0.0.1:4577{path}"))
            .header("host", "127.0.0.1:4577")
            .header("authorization", scope);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::from(body.to_owned())).unwrap();
        handle(&mut self.0, request).unwrap()
    }

    /// Status, and the code of an error.
    fn told(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
        let reply = self.ask(method, path, headers, body);
        let text = String::from_utf8_lossy(reply.body()).into_owned();
        let code = text
            .split_once("<Code>")
            .and_then(|(_, rest)| rest.split_once("</Code>"));
        let code = code.map_or(String::new(), |(code, _)| format!(" {code}"));
        format!("{}{code}", reply.status().as_u16())
    }

    fn put(&mut self, key: &str, headers: &[(&str, &str)]) -> String {
        let reply = self.ask("PUT", &format!("/vault/{key}"), headers, "x");
        assert_eq!(reply.status(), 200, "{:?}", reply.body());
        header(&reply, "x-amz-version-id")
    }
}

fn header(reply: &Response<Bytes>, name: &str) -> String {
    let value = reply.headers().get(name);
    value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}

const BYPASS: (&str, &str) = ("x-amz-bypass-governance-retention", "true");

fn vault() -> Stage {
    let mut stage = Stage::new();
    let lock = [("x-amz-bucket-object-lock-enabled", "true")];
    assert_eq!(stage.told("PUT", "/vault", &lock, ""), "200");
    stage
}

#[test]
fn a_locked_version_is_not_deleted_before_its_time() {
    let mut stage = vault();
    let until = "2026-01-11T00:00:00Z";
    for (mode, bypassed) in [("GOVERNANCE", "204"), ("COMPLIANCE", "403 AccessDenied")] {
        let headers = [
            ("x-amz-object-lock-mode", mode),
            ("x-amz-object-lock-retain-until-date", until),
        ];
        let version = stage.put(mode, &headers);
        let path = format!("/vault/{mode}?versionId={version}");
        let read = stage.ask("HEAD", &format!("/vault/{mode}"), &[], "");
        assert_eq!(header(&read, "x-amz-object-lock-mode"), mode);
        assert!(
            header(&read, "x-amz-object-lock-retain-until-date").starts_with("2026-01-11T00:00:00")
        );
        // Without a version it is hidden, and stays.
        assert_eq!(
            stage.told("DELETE", &format!("/vault/{mode}"), &[], ""),
            "204"
        );
        assert_eq!(stage.told("DELETE", &path, &[], ""), "403 AccessDenied");
        let several = format!(
            "<Delete><Object><Key>{mode}</Key><VersionId>{version}</VersionId></Object></Delete>"
        );
        let reply = stage.ask("POST", "/vault?delete", &[], &several);
        assert!(String::from_utf8_lossy(reply.body()).contains("<Code>AccessDenied</Code>"));
        assert_eq!(stage.told("DELETE", &path, &[BYPASS], ""), bypassed);
    }
    stage.0.advance(NEW_YEAR_MS + 10 * DAY_MS);
    let listed = stage.ask("GET", "/vault?versions", &[], "");
    let text = String::from_utf8_lossy(listed.body()).into_owned();
    let (_, rest) = text.split_once("<Version>").unwrap();
    let (_, rest) = rest.split_once("<VersionId>").unwrap();
    let version = rest.split_once("</VersionId>").unwrap().0.to_owned();
    assert_eq!(
        stage.told(
            "DELETE",
            &format!("/vault/COMPLIANCE?versionId={version}"),
            &[],
            ""
        ),
        "204"
    );
}

#[test]
fn a_retention_becomes_longer_and_not_shorter() {
    let mut stage = vault();
    let version = stage.put("a", &[]);
    let retention = |mode: &str, day: u32| {
        format!(
            "<Retention><Mode>{mode}</Mode><RetainUntilDate>2026-01-{day:02}T00:00:00Z</RetainUntilDate></Retention>"
        )
    };
    assert_eq!(
        stage.told("GET", "/vault/a?retention", &[], ""),
        "404 NoSuchObjectLockConfiguration"
    );
    for (mode, day, headers, expected) in [
        ("GOVERNANCE", 11, &[][..], "200"),
        ("GOVERNANCE", 12, &[], "200"),
        ("GOVERNANCE", 10, &[], "403 AccessDenied"),
        ("GOVERNANCE", 10, &[BYPASS], "200"),
        ("COMPLIANCE", 10, &[], "200"),
        ("GOVERNANCE", 20, &[BYPASS], "403 AccessDenied"),
        ("COMPLIANCE", 9, &[BYPASS], "403 AccessDenied"),
        ("COMPLIANCE", 20, &[], "200"),
    ] {
        let found = stage.told("PUT", "/vault/a?retention", headers, &retention(mode, day));
        assert_eq!(found, expected, "{mode} {day}");
    }
    let past = "<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2025-01-01T00:00:00Z</RetainUntilDate></Retention>";
    assert_eq!(
        stage.told("PUT", "/vault/a?retention", &[], past),
        "403 AccessDenied"
    );
    let got = stage.ask(
        "GET",
        &format!("/vault/a?retention&versionId={version}"),
        &[],
        "",
    );
    let text = String::from_utf8_lossy(got.body()).into_owned();
    assert!(
        text.contains("<Mode>COMPLIANCE</Mode>") && text.contains("2026-01-20T00:00:00"),
        "{text}"
    );
}

#[test]
fn a_legal_hold_holds_until_it_is_taken_away() {
    let mut stage = vault();
    let version = stage.put("a", &[("x-amz-object-lock-legal-hold", "ON")]);
    let path = format!("/vault/a?versionId={version}");
    assert_eq!(
        stage.told("DELETE", &path, &[BYPASS], ""),
        "403 AccessDenied"
    );
    stage.0.advance(NEW_YEAR_MS + 10_000 * DAY_MS);
    assert_eq!(stage.told("DELETE", &path, &[], ""), "403 AccessDenied");
    let got = stage.ask("GET", "/vault/a?legal-hold", &[], "");
    assert!(String::from_utf8_lossy(got.body()).contains("<Status>ON</Status>"));
    let off = "<LegalHold><Status>OFF</Status></LegalHold>";
    assert_eq!(stage.told("PUT", "/vault/a?legal-hold", &[], off), "200");
    assert_eq!(stage.told("DELETE", &path, &[], ""), "204");
}

#[test]
fn a_bucket_gives_every_version_its_lock() {
    let mut stage = vault();
    let configuration = |rule: &str| {
        format!(
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>{rule}</DefaultRetention></Rule></ObjectLockConfiguration>"
        )
    };
    for (rule, expected) in [
        ("<Mode>COMPLIANCE</Mode>", "400 MalformedXML"),
        (
            "<Mode>COMPLIANCE</Mode><Days>1</Days><Years>1</Years>",
            "400 MalformedXML",
        ),
        (
            "<Mode>COMPLIANCE</Mode><Days>-1</Days>",
            "400 InvalidArgument",
        ),
        ("<Mode>COMPLIANCE</Mode><Days>3</Days>", "200"),
    ] {
        assert_eq!(
            stage.told("PUT", "/vault?object-lock", &[], &configuration(rule)),
            expected,
            "{rule}"
        );
    }
    let version = stage.put("a", &[]);
    let path = format!("/vault/a?versionId={version}");
    assert_eq!(
        stage.told("DELETE", &path, &[BYPASS], ""),
        "403 AccessDenied"
    );
    stage.0.advance(NEW_YEAR_MS + 3 * DAY_MS);
    assert_eq!(stage.told("DELETE", &path, &[], ""), "204");
    let suspended = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
    assert_eq!(
        stage.told("PUT", "/vault?versioning", &[], suspended),
        "409 InvalidBucketState"
    );
    // A bucket without versions has no locks.
    assert_eq!(stage.told("PUT", "/plain", &[], ""), "200");
    let rule = configuration("<Mode>COMPLIANCE</Mode><Days>3</Days>");
    assert_eq!(
        stage.told("PUT", "/plain?object-lock", &[], &rule),
        "409 InvalidBucketState"
    );
    let held = [("x-amz-object-lock-legal-hold", "ON")];
    assert_eq!(
        stage.told("PUT", "/plain/a", &held, "x"),
        "400 InvalidRequest"
    );
}

fn form(fields: &[(&str, &str)]) -> String {
    let mut body = String::new();
    for (name, value) in fields {
        body.push_str(&format!(
            "--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cat.png\"\r\nContent-Type: image/png\r\n\r\nMIAU\r\n--edge--\r\n");
    body
}

/// A browser's upload: nobody signs it but its policy.
fn upload(stage: &mut Stage, fields: &[(&str, &str)]) -> Response<Bytes> {
    let request = Request::builder()
        .method("POST")
        .uri("http://s3.us-east-1.amazonaws.com/cats")
        .header("host", "s3.us-east-1.amazonaws.com")
        .header("content-type", "multipart/form-data; boundary=edge")
        .body(Bytes::from(form(fields)))
        .unwrap();
    handle(&mut stage.0, request).unwrap()
}

fn policy(expiration: &str, conditions: &Value) -> String {
    STANDARD.encode(json!({ "expiration": expiration, "conditions": conditions }).to_string())
}

fn cats() -> Stage {
    let mut stage = Stage::new();
    assert_eq!(stage.told("PUT", "/cats", &[], ""), "200");
    stage
}

#[test]
fn a_form_stores_an_object_as_its_policy_lets_it() {
    let mut stage = cats();
    let conditions = json!([{ "bucket": "cats" }, ["starts-with", "$key", "user/"], ["starts-with", "$Content-Type", "image/"],
        ["content-length-range", 1, 10], { "x-amz-meta-name": "tom" }, ["starts-with", "$success_action_status", ""]]);
    let signed = policy("2026-01-02T00:00:00Z", &conditions);
    let fields = |key, status| {
        [
            ("key", key),
            ("Content-Type", "image/png"),
            ("x-amz-meta-name", "tom"),
            ("success_action_status", status),
            ("policy", &*signed),
            ("x-amz-signature", "ab"),
        ]
    };
    let reply = upload(&mut stage, &fields("user/${filename}", "201"));
    let text = String::from_utf8_lossy(reply.body()).into_owned();
    assert_eq!(reply.status(), 201, "{text}");
    assert!(
        text.contains("<PostResponse>") && text.contains("<Key>user/cat.png</Key>"),
        "{text}"
    );
    let stored = stage.0.object("cats", "user/cat.png").unwrap();
    assert_eq!(stored.body, "MIAU");
    assert_eq!(stored.content_type.as_deref(), Some("image/png"));
    assert_eq!(stored.metadata["name"], "tom");
    assert_eq!(upload(&mut stage, &fields("user/a", "")).status(), 204);
    let refused = upload(&mut stage, &fields("other/a", ""));
    let text = String::from_utf8_lossy(refused.body()).into_owned();
    assert!(
        refused.status() == 403
            && text.contains("Policy Condition failed: [&quot;starts-with&quot;, &quot;$key&quot;"),
        "{text}"
    );
    let mut more = fields("user/a", "").to_vec();
    more.push(("x-amz-meta-other", "x"));
    let refused = upload(&mut stage, &more);
    assert!(
        String::from_utf8_lossy(refused.body()).contains("Extra input fields: x-amz-meta-other")
    );
}

#[test]
fn forms_are_refused_redirected_and_expire() {
    let mut stage = cats();
    let small = policy(
        "2026-01-02T00:00:00Z",
        &json!([{ "key": "a" }, ["content-length-range", 1, 3]]),
    );
    let fields = [("key", "a"), ("policy", &*small), ("x-amz-signature", "ab")];
    let refused = upload(&mut stage, &fields);
    assert!(String::from_utf8_lossy(refused.body()).contains("<Code>EntityTooLarge</Code>"));
    let back = policy(
        "2026-01-02T00:00:00Z",
        &json!([{ "key": "a" }, ["starts-with", "$success_action_redirect", "https://cats"]]),
    );
    let fields = [
        ("key", "a"),
        ("success_action_redirect", "https://cats.example/done?x=1"),
        ("policy", &*back),
        ("x-amz-signature", "ab"),
    ];
    let reply = upload(&mut stage, &fields);
    assert_eq!(reply.status(), 303);
    assert!(
        header(&reply, "location")
            .starts_with("https://cats.example/done?x=1&bucket=cats&key=a&etag=")
    );
    // Only where clients sign by this clock.
    stage.0.advance(NEW_YEAR_MS + 2 * DAY_MS);
    assert_eq!(upload(&mut stage, &fields).status(), 303);
    stage.0.clients_clock = ClientsClock::Ours;
    let expired = upload(&mut stage, &fields);
    assert!(String::from_utf8_lossy(expired.body()).contains("Policy expired"));
    let no_key = upload(&mut stage, &[("policy", &*back), ("x-amz-signature", "ab")]);
    assert_eq!(no_key.status(), 400);
}
