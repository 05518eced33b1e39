//! What S3's answers say word by word, to a client that is no SDK. Each case was recorded on AWS by LocalStack's or moto's suites.

use std::collections::BTreeMap;

use backstay_simulator::server::Pace;
use rstest::rstest;

use crate::raw::{Answer, Line};
use crate::support::{Served, options, world};

const BUCKET: &str = "/cat-house-web";

/// One request of S3, signed for a Region as far as anybody looks.
#[track_caller]
fn ask_in(served: &Served, region: &str, line: &str, headers: &str, body: &str) -> Answer {
    let (method, path) = line.split_once(' ').unwrap();
    let signed = format!(
        "authorization: AWS4-HMAC-SHA256 Credential=123456789012/20260101/{region}/s3/aws4_request, SignedHeaders=host, Signature=0\r\n\
         x-amz-content-sha256: UNSIGNED-PAYLOAD\r\n{headers}"
    );
    let mut connection = Line::to(served.address);
    connection.ask(method, path, &signed, body).unwrap()
}

#[track_caller]
fn ask(served: &Served, line: &str, headers: &str, body: &str) -> Answer {
    ask_in(served, "sa-east-1", line, headers, body)
}

fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

/// The members of an `<Error>`; none where it is no error.
fn members(answer: &Answer) -> BTreeMap<String, String> {
    let text = text(answer);
    let inside = text.split_once("<Error>").map(|(_, inside)| inside);
    let inside = inside.and_then(|inside| inside.split_once("</Error>"));
    let mut rest = inside.map_or("", |(inside, _)| inside);
    let mut found = BTreeMap::new();
    while let Some((name, after)) = rest.strip_prefix('<').and_then(|it| it.split_once('>')) {
        let end = format!("</{name}>");
        let Some((value, after)) = after.split_once(&end) else {
            break;
        };
        found.insert(name.to_owned(), value.to_owned());
        rest = after;
    }
    found
}

#[rstest]
#[case::bucket("GET /nobody?list-type=2", "", 404, "NoSuchBucket", &[("BucketName", "nobody")])]
#[case::key("GET /cat-house-web/no%20page.html", "", 404, "NoSuchKey", &[("Key", "no page.html")])]
#[case::condition(
    "GET /cat-house-web/index.html",
    "if-match: \"0\"\r\n",
    412,
    "PreconditionFailed",
    &[("Condition", "If-Match")]
)]
#[case::write_once(
    "PUT /cat-house-web/index.html",
    "if-none-match: *\r\n",
    412,
    "PreconditionFailed",
    &[("Condition", "If-None-Match")]
)]
#[case::upload(
    "PUT /cat-house-web/film?partNumber=1&uploadId=none",
    "",
    404,
    "NoSuchUpload",
    &[("UploadId", "none")]
)]
#[case::settings("GET /cat-house-web?cors", "", 404, "NoSuchCORSConfiguration", &[("BucketName", "cat-house-web")])]
#[case::settings_of_nobody("GET /nobody?policy", "", 404, "NoSuchBucket", &[("BucketName", "nobody")])]
#[case::twice("PUT /cat-house-web", "", 409, "BucketAlreadyOwnedByYou", &[("BucketName", "cat-house-web")])]
fn an_error_says_what_it_is_about(
    #[case] line: &str,
    #[case] headers: &str,
    #[case] status: u16,
    #[case] code: &str,
    #[case] told: &[(&str, &str)],
) {
    let served = Served::manual();
    ask(&served, "PUT /cat-house-web/index.html", "", "here");
    let answer = ask(&served, line, headers, "");
    assert_eq!(answer.status, status, "{}", text(&answer));
    let members = members(&answer);
    assert_eq!(members["Code"], code);
    for (name, value) in told {
        assert_eq!(
            members.get(*name).map(String::as_str),
            Some(*value),
            "{members:?}"
        );
    }
    let request_id = answer.header("x-amz-request-id");
    assert_eq!(members.get("RequestId").map(String::as_str), request_id);
}

#[test]
fn an_unsatisfiable_range_says_how_long_the_object_is() {
    let served = Served::manual();
    ask(&served, "PUT /cat-house-web/four", "", "four");
    let answer = ask(
        &served,
        "GET /cat-house-web/four",
        "range: bytes=10-20\r\n",
        "",
    );
    assert_eq!(answer.status, 416);
    let members = members(&answer);
    assert_eq!(members["ActualObjectSize"], "4");
    assert_eq!(members["RangeRequested"], "bytes=10-20");
}

#[test]
fn a_range_that_says_nothing_is_ignored() {
    let served = Served::manual();
    ask(&served, "PUT /cat-house-web/four", "", "four");
    for range in ["bytes=1-0", "bytes=a-b", "lines=0-1"] {
        let answer = ask(
            &served,
            "GET /cat-house-web/four",
            &format!("range: {range}\r\n"),
            "",
        );
        assert_eq!(
            (answer.status, text(&answer)),
            (200, "four".to_owned()),
            "{range}"
        );
    }
    let answer = ask(
        &served,
        "GET /cat-house-web/four",
        "range: bytes=1-2\r\n",
        "",
    );
    assert_eq!((answer.status, text(&answer)), (206, "ou".to_owned()));
}

#[test]
fn a_list_says_its_prefix_even_if_it_has_none() {
    let served = Served::manual();
    for line in [
        "GET /cat-house-web?list-type=2",
        "GET /cat-house-web",
        "GET /cat-house-web?versions",
    ] {
        let text = text(&ask(&served, line, "", ""));
        assert!(
            text.contains("<Prefix></Prefix>") || text.contains("<Prefix/>"),
            "{line}: {text}"
        );
    }
}

fn constraint(region: &str) -> String {
    format!(
        "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
    )
}

#[rstest]
#[case::its_own("us-east-1", Some("us-east-1"), Some("InvalidLocationConstraint"))]
#[case::another("us-east-1", Some("eu-central-1"), None)]
#[case::none("us-east-1", None, None)]
#[case::unknown("us-east-1", Some("somewhere-1"), Some("InvalidLocationConstraint"))]
#[case::unknown_elsewhere("sa-east-1", Some("somewhere-1"), Some("InvalidLocationConstraint"))]
#[case::of_another_endpoint(
    "sa-east-1",
    Some("eu-central-1"),
    Some("IllegalLocationConstraintException")
)]
#[case::unspecified("sa-east-1", None, Some("IllegalLocationConstraintException"))]
#[case::right("sa-east-1", Some("sa-east-1"), None)]
#[case::old_name("eu-west-1", Some("EU"), None)]
fn a_bucket_lies_where_its_endpoint_may_make_it(
    #[case] region: &str,
    #[case] asked: Option<&str>,
    #[case] refused: Option<&str>,
) {
    let served = Served::manual();
    let body = asked.map(constraint).unwrap_or_default();
    let answer = ask_in(&served, region, "PUT /anew", "", &body);
    match refused {
        None => assert_eq!(answer.status, 200, "{}", text(&answer)),
        Some(code) => {
            assert_eq!(answer.status, 400, "{}", text(&answer));
            assert_eq!(members(&answer)["Code"], code);
        }
    }
}

#[test]
fn a_copy_has_conditions_on_what_is_there() {
    let served = Served::manual();
    ask(&served, "PUT /cat-house-web/from", "", "from");
    ask(&served, "PUT /cat-house-web/to", "", "to");
    let copy = |to: &str, condition: &str| {
        let headers = format!("x-amz-copy-source: cat-house-web/from\r\n{condition}");
        ask(&served, &format!("PUT {BUCKET}/{to}"), &headers, "")
    };
    let there = copy("to", "if-none-match: *\r\n");
    assert_eq!(there.status, 412);
    assert_eq!(members(&there)["Condition"], "If-None-Match");
    assert_eq!(copy("to", "if-match: \"0\"\r\n").status, 412);
    assert_eq!(copy("anew", "if-match: \"0\"\r\n").status, 404);
    assert_eq!(text(&ask(&served, "GET /cat-house-web/to", "", "")), "to");
    let etag = ask(&served, "HEAD /cat-house-web/to", "", "");
    let etag = etag.header("etag").unwrap().to_owned();
    assert_eq!(copy("to", &format!("if-match: {etag}\r\n")).status, 200);
    assert_eq!(copy("anew", "if-none-match: *\r\n").status, 200);
    assert_eq!(text(&ask(&served, "GET /cat-house-web/to", "", "")), "from");
}

#[test]
fn the_head_of_a_part_is_a_part() {
    let served = Served::manual();
    ask(&served, "PUT /cat-house-web/four", "", "four");
    assert_eq!(
        ask(&served, "HEAD /cat-house-web/four?partNumber=1", "", "").status,
        206
    );
    assert_eq!(ask(&served, "HEAD /cat-house-web/four", "", "").status, 200);
}

/// In real time the client's clock is the world's, and a URL that was signed in advance has its end; elsewhere it says nothing.
#[expect(
    clippy::disallowed_methods,
    reason = "the server's world begins now, as `--time real` does"
)]
#[test]
fn a_url_that_was_signed_in_advance_has_its_end_in_real_time() {
    const LONG_AGO: &str = "/cat-house-web/index.html?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260101%2Fsa-east-1\
        %2Fs3%2Faws4_request&X-Amz-Signature=0&X-Amz-Date=20260101T000000Z&X-Amz-SignedHeaders=host&X-Amz-Expires=60";
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now_ms = u64::try_from(since.unwrap().as_millis()).unwrap();
    let mut world = world();
    world.advance(now_ms);
    let served = Served::of(world, options(Pace::Running(1.0))).unwrap();
    let mut connection = Line::to(served.address);
    let answer = connection.ask("GET", LONG_AGO, "", "").unwrap();
    assert_eq!(answer.status, 403);
    let members = members(&answer);
    assert_eq!(members["Code"], "AccessDenied");
    assert_eq!(members["Message"], "Request has expired");
    assert_eq!(members["X-Amz-Expires"], "60");
    assert_eq!(members["Expires"], "2026-01-01T00:01:00Z");
    let elsewhere = Served::manual();
    let mut connection = Line::to(elsewhere.address);
    let answer = connection.ask("GET", LONG_AGO, "", "").unwrap();
    assert_eq!(answer.status, 200);
}

const CORS: &str = "<CORSConfiguration><CORSRule><AllowedOrigin>https://*.shop.example</AllowedOrigin><AllowedMethod>GET</AllowedMethod>\
    <AllowedMethod>PUT</AllowedMethod><AllowedHeader>x-amz-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>600</MaxAgeSeconds>\
    </CORSRule></CORSConfiguration>";

/// What a browser sends, signed by nobody.
#[track_caller]
fn unsigned(served: &Served, line: &str, headers: &str) -> Answer {
    let (method, path) = line.split_once(' ').unwrap();
    Line::to(served.address)
        .ask(method, path, headers, "")
        .unwrap()
}

#[test]
fn a_browser_asks_before_a_request_from_another_origin() {
    let served = Served::manual();
    let preflight = |origin: &str, method: &str, more: &str| {
        let headers =
            format!("origin: {origin}\r\naccess-control-request-method: {method}\r\n{more}");
        unsigned(&served, "OPTIONS /cat-house-web/index.html", &headers)
    };
    let refused = preflight("https://www.shop.example", "GET", "");
    let told = members(&refused);
    assert_eq!((refused.status, &*told["Code"]), (403, "AccessForbidden"));
    assert_eq!(
        told["Message"],
        "CORSResponse: CORS is not enabled for this bucket."
    );
    assert_eq!(
        (&*told["Method"], &*told["ResourceType"]),
        ("GET", "OBJECT")
    );
    let put = ask(&served, &format!("PUT {BUCKET}?cors"), "", CORS);
    assert_eq!(put.status, 200, "{}", text(&put));
    let names = "access-control-request-headers: x-amz-date, X-Amz-Acl\r\n";
    let allowed = preflight("https://www.shop.example", "PUT", names);
    assert_eq!(allowed.status, 200, "{}", text(&allowed));
    for (name, expected) in [
        ("access-control-allow-origin", "https://www.shop.example"),
        ("access-control-allow-methods", "GET, PUT"),
        ("access-control-allow-headers", "x-amz-date, x-amz-acl"),
        ("access-control-expose-headers", "ETag"),
        ("access-control-max-age", "600"),
        ("access-control-allow-credentials", "true"),
        (
            "vary",
            "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
        ),
    ] {
        assert_eq!(allowed.header(name), Some(expected), "{name}");
    }
    for (origin, method, more) in [
        ("https://www.shop.example", "DELETE", ""),
        ("https://shop.example.org", "GET", ""),
        (
            "https://www.shop.example",
            "GET",
            "access-control-request-headers: authorization\r\n",
        ),
    ] {
        assert_eq!(
            preflight(origin, method, more).status,
            403,
            "{origin} {method} {more}"
        );
    }
    assert_eq!(
        unsigned(&served, "OPTIONS /cat-house-web/index.html", "").status,
        400
    );
    // And the answer itself is for the page to read.
    let line = "GET /cat-house-web/index.html";
    let answer = ask(&served, line, "origin: https://www.shop.example\r\n", "");
    let origin = answer.header("access-control-allow-origin");
    assert_eq!(
        (answer.status, origin),
        (200, Some("https://www.shop.example"))
    );
    let answer = ask(&served, line, "origin: https://elsewhere.example\r\n", "");
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[test]
fn who_signs_nothing_gets_what_is_for_everybody() {
    let served = Served::manual();
    let line = "GET /cat-house-web/index.html";
    let refused = unsigned(&served, line, "");
    assert_eq!(
        (refused.status, &*members(&refused)["Code"]),
        (403, "AccessDenied")
    );
    let policy = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::cat-house-web/*"}]}"#;
    let block = ask(
        &served,
        &format!("DELETE {BUCKET}?publicAccessBlock"),
        "",
        "",
    );
    assert_eq!(block.status, 204);
    let put = ask(&served, &format!("PUT {BUCKET}?policy"), "", policy);
    assert_eq!(put.status, 204, "{}", text(&put));
    assert_eq!(unsigned(&served, line, "").status, 200);
    assert_eq!(
        unsigned(&served, "GET /cat-house-web?list-type=2", "").status,
        403
    );
    assert_eq!(
        unsigned(&served, "PUT /cat-house-web/index.html", "").status,
        403
    );
    assert_eq!(unsigned(&served, "GET /nobodys-bucket/x", "").status, 501);
}

/// botocore takes the next `100 Continue` on that connection for a part of its reply, and hangs.
#[test]
fn who_waits_for_nothing_comes_back_on_another_connection() {
    let served = Served::manual();
    let expecting = "expect: 100-continue\r\n";
    let empty = ask(&served, "PUT /cat-house-web/empty", expecting, "");
    assert_eq!(
        (empty.status, empty.header("connection")),
        (200, Some("close"))
    );
    let plain = ask(&served, "PUT /cat-house-web/empty", "", "");
    assert_eq!((plain.status, plain.header("connection")), (200, None));
}

#[rstest]
#[case::of_another_partition("us-gov-east-2", "IllegalLocationConstraintException")]
#[case::of_none("nowhere", "InvalidLocationConstraint")]
fn a_bucket_lies_where_its_endpoint_is(#[case] region: &str, #[case] code: &str) {
    let served = Served::manual();
    let body = format!(
        "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
    );
    let answer = ask(&served, "PUT /dogs-of-nowhere", "", &body);
    assert_eq!(members(&answer)["Code"], code, "{}", text(&answer));
}
