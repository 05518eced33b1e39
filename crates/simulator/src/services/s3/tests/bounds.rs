//! What goes past a policy, and what is too large: refused.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::json;

use super::{BYPASS, Stage, cats, form, policy, upload, vault};
use crate::World;
use crate::front::handle;
use crate::services::s3::Anonymous;

const FOREVER: &str = "2026-01-02T00:00:00Z";

fn text(reply: &Response<Bytes>) -> String {
    String::from_utf8_lossy(reply.body()).into_owned()
}

/// Whoever asks has not signed it.
fn unsigned(
    stage: &mut Stage,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Response<Bytes> {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("http://s3.us-east-1.amazonaws.com{path}"))
        .header("host", "s3.us-east-1.amazonaws.com")
        .extension(Anonymous);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Bytes::from(body.to_owned())).unwrap();
    handle(&mut stage.0, request).unwrap()
}

/// Lets everybody do some things with what is in a bucket.
fn let_everybody(stage: &mut Stage, bucket: &str, actions: &[&str], keys: &str) {
    let path = format!("/{bucket}?publicAccessBlock");
    assert_eq!(stage.told("DELETE", &path, &[], ""), "204");
    let statement = json!({ "Effect": "Allow", "Principal": "*", "Action": actions, "Resource": format!("arn:aws:s3:::{bucket}/{keys}") });
    let text = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    assert_eq!(
        stage.told("PUT", &format!("/{bucket}?policy"), &[], &text),
        "204"
    );
}

/// The policy would see the first one, and the object would get the last one.
#[test]
fn a_form_has_no_field_twice() {
    let mut stage = cats();
    let signed = policy(
        FOREVER,
        &json!([{ "key": "a" }, { "x-amz-meta-role": "guest" }]),
    );
    let once = [
        ("key", "a"),
        ("x-amz-meta-role", "guest"),
        ("policy", &*signed),
        ("x-amz-signature", "ab"),
    ];
    assert_eq!(upload(&mut stage, &once).status(), 204);
    for again in [
        ("x-amz-meta-role", "admin"),
        ("X-Amz-Meta-Role", "admin"),
        ("key", "b"),
    ] {
        let mut fields = once.to_vec();
        fields.push(again);
        let refused = upload(&mut stage, &fields);
        assert_eq!(refused.status(), 400, "{again:?}");
        assert!(text(&refused).contains("<Code>InvalidArgument</Code>"));
    }
    assert_eq!(
        stage.0.object("cats", "a").unwrap().metadata["role"],
        "guest"
    );
    assert!(stage.0.object("cats", "b").is_none());
}

/// What a form stores is its file.
#[test]
fn a_form_copies_nothing() {
    let mut stage = cats();
    assert_eq!(stage.told("PUT", "/cats/secret", &[], "hidden"), "200");
    let signed = policy(
        FOREVER,
        &json!([{ "key": "a" }, ["starts-with", "$x-amz-copy-source", ""]]),
    );
    let fields = [
        ("key", "a"),
        ("x-amz-copy-source", "/cats/secret"),
        ("policy", &*signed),
        ("x-amz-signature", "ab"),
    ];
    assert_eq!(upload(&mut stage, &fields).status(), 204);
    assert_eq!(stage.0.object("cats", "a").unwrap().body, "MIAU");
}

#[test]
fn a_form_needs_a_key_with_letters() {
    let mut stage = cats();
    let signed = policy(FOREVER, &json!([["starts-with", "$key", ""]]));
    let nameless = form(&[
        ("key", "${filename}"),
        ("policy", &*signed),
        ("x-amz-signature", "ab"),
    ])
    .replace("cat.png", "");
    let kind = [("content-type", "multipart/form-data; boundary=edge")];
    let empty = form(&[("key", ""), ("policy", &*signed), ("x-amz-signature", "ab")]);
    for body in [nameless, empty] {
        let refused = unsigned(&mut stage, "POST", "/cats", &kind, &body);
        assert_eq!(refused.status(), 400, "{}", text(&refused));
        assert!(text(&refused).contains("User key must have a length greater than 0."));
    }
}

/// A file may be called as somebody wants: the key is what comes of it.
#[test]
fn a_form_that_nobody_signed_is_let_in_by_its_whole_key() {
    let mut stage = cats();
    let_everybody(&mut stage, "cats", &["s3:PutObject"], "open/*");
    let kind = [("content-type", "multipart/form-data; boundary=edge")];
    for (key, file, status) in [
        ("${filename}", "open/cat.png", 204),
        ("open/${filename}", "cat.png", 204),
        ("${filename}", "closed/cat.png", 403),
    ] {
        let body = form(&[("key", key)]).replace("cat.png", file);
        let reply = unsigned(&mut stage, "POST", "/cats", &kind, &body);
        assert_eq!(reply.status(), status, "{key} {file}: {}", text(&reply));
    }
}

#[test]
fn who_signs_nothing_deletes_a_version_only_where_that_is_for_everybody() {
    let locked = [
        ("x-amz-object-lock-mode", "GOVERNANCE"),
        (
            "x-amz-object-lock-retain-until-date",
            "2026-01-11T00:00:00Z",
        ),
    ];
    for (actions, plain, bypassed) in [
        (&["s3:DeleteObject"][..], 403, 403),
        (&["s3:DeleteObject", "s3:DeleteObjectVersion"], 204, 403),
        (
            &["s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"],
            204,
            204,
        ),
    ] {
        let mut stage = vault();
        let_everybody(&mut stage, "vault", actions, "*");
        let free = stage.put("free", &[]);
        let kept = stage.put("kept", &locked);
        let free = format!("/vault/free?versionId={free}");
        let kept = format!("/vault/kept?versionId={kept}");
        let reply = unsigned(&mut stage, "DELETE", &kept, &[BYPASS], "");
        assert_eq!(reply.status(), bypassed, "{actions:?}");
        let reply = unsigned(&mut stage, "DELETE", &free, &[], "");
        assert_eq!(reply.status(), plain, "{actions:?}");
    }
}

/// A hundred years: a world with a later time could not be read again.
#[test]
fn a_retention_has_an_end() {
    let mut stage = vault();
    for (unit, number, expected) in [
        ("Days", 36_501, "400 InvalidArgument"),
        ("Years", 101, "400 InvalidArgument"),
        ("Years", 2_000_000_000, "400 InvalidArgument"),
        ("Days", 36_500, "200"),
        ("Years", 100, "200"),
    ] {
        let rule = format!("<Mode>GOVERNANCE</Mode><{unit}>{number}</{unit}>");
        let body = format!(
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>{rule}</DefaultRetention></Rule></ObjectLockConfiguration>"
        );
        let told = stage.told("PUT", "/vault?object-lock", &[], &body);
        assert_eq!(told, expected, "{rule}");
    }
    stage.put("a", &[]);
    assert_eq!(stage.told("GET", "/vault/a", &[], ""), "200");
    let late = [
        ("x-amz-object-lock-mode", "GOVERNANCE"),
        (
            "x-amz-object-lock-retain-until-date",
            "9999-12-31T00:00:00Z",
        ),
    ];
    assert_eq!(
        stage.told("PUT", "/vault/b", &late, "x"),
        "400 InvalidArgument"
    );
    assert!(World::from_json(&stage.0.to_json().unwrap()).is_ok());
}
