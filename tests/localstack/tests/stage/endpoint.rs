//! One endpoint: which server answers a call, and that a request arrives there as it was sent.

use serde_json::json;

use crate::app::App;
use crate::cloud::{Pair, REGION};
use crate::http::{ask, signed};

#[test]
fn each_service_is_answered_by_who_has_it() {
    let app = App::new(9);
    let Some(pair) = Pair::of("each_service_is_answered_by_who_has_it", &app, "manual") else {
        return;
    };
    let by = |service: &str, target: &str| {
        let answer = pair.call(service, target, &json!({})).is(200);
        answer.header("x-backstay-served-by").unwrap().to_owned()
    };
    assert_eq!(
        by("ecs", "AmazonEC2ContainerServiceV20141113.ListClusters"),
        "backstay"
    );
    assert_eq!(
        by(
            "ecr",
            "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories"
        ),
        "backstay"
    );
    assert_eq!(
        by("secretsmanager", "secretsmanager.ListSecrets"),
        "upstream"
    );
    assert_eq!(by("logs", "Logs_20140328.DescribeLogGroups"), "upstream");
    assert_eq!(by("ssm", "AmazonSSM.DescribeParameters"), "upstream");
    // Both servers mean the same account, whatever the key is called.
    for (key, service, action) in [
        (
            app.account.as_str(),
            "sts",
            "GetCallerIdentity&Version=2011-06-15",
        ),
        (app.account.as_str(), "iam", "ListRoles&Version=2010-05-08"),
        ("test", "sts", "GetCallerIdentity&Version=2011-06-15"),
    ] {
        let headers = [
            signed(key, REGION, service),
            "Content-Type: application/x-www-form-urlencoded".to_owned(),
        ];
        let body = format!("Action={action}");
        let answer = ask(pair.address(), "POST /", &headers, body.as_bytes()).is(200);
        assert_eq!(answer.header("x-backstay-served-by"), Some("upstream"));
        assert!(
            service != "sts" || answer.body.contains(&app.account),
            "{}",
            answer.body
        );
    }
}

#[test]
fn a_request_of_s3_arrives_as_it_was_sent() {
    let app = App::new(10);
    let Some(pair) = Pair::of("a_request_of_s3_arrives_as_it_was_sent", &app, "manual") else {
        return;
    };
    let path = format!("/{}/deep/a%20b%2Bc~d.txt", app.bucket);
    let put = |headers: &[&str], body: &[u8]| pair.s3(&format!("PUT {path}"), headers, body);
    let tag = put(&["If-None-Match: *", "x-amz-meta-release: 2f9c1e7"], b"one").is(200);
    let tag = tag.header("etag").unwrap().to_owned();
    put(&["If-None-Match: *"], b"two").is(412);
    put(&["If-Match: \"0123\""], b"two").is(412);
    put(&[&format!("If-Match: {tag}")], b"two").is(200);
    // A body that is not the one that was promised is refused there. (At a key of its own: LocalStack empties what is there.)
    let spoilt = format!("/{}/spoilt", app.bucket);
    let wrong = ["x-amz-checksum-crc32: AAAAAA=="];
    pair.s3(&format!("PUT {spoilt}"), &wrong, b"three").is(400);
    pair.s3(&format!("GET {spoilt}"), &[], b"").is(404);
    let got = pair.s3(&format!("GET {path}"), &[], b"").is(200);
    assert_eq!(got.body, "two");
    let again = got.header("etag").unwrap().to_owned();
    pair.s3(
        &format!("GET {path}"),
        &[&format!("If-None-Match: {again}")],
        b"",
    )
    .is(304);
    // With the bucket in the host, as clients send it to `localhost`.
    let host = format!("{}.localhost", app.bucket);
    let (_, key) = path.trim_start_matches('/').split_once('/').unwrap();
    let signed = signed(&app.account, REGION, "s3");
    let by_host = crate::http::ask_as(
        pair.address(),
        &host,
        &format!("GET /{key}"),
        &[signed],
        b"",
    );
    assert_eq!(by_host.is(200).body, "two");
    // A large body passes through.
    let large = vec![b'x'; 24 << 20];
    pair.s3(&format!("PUT /{}/large", app.bucket), &[], &large)
        .is(200);
    let head = pair
        .s3_behind(&format!("HEAD /{}/large", app.bucket))
        .is(200);
    assert_eq!(head.header("content-length"), Some("25165824"));
}
