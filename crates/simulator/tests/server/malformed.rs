//! Whatever a client sends, at worst its own connection ends.

use std::net::Shutdown;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Value;

use crate::raw::Line;
use crate::support::Served;

/// Sends bytes, says that no more will come, and reads what there is until the end.
fn sent(served: &Served, bytes: &[u8]) -> Vec<u8> {
    let mut line = Line::to(served.address);
    // The server may have answered and closed before all is sent.
    let _ = line.send(bytes);
    let _ = line.close_write();
    line.rest().unwrap_or_default()
}

impl Line {
    fn close_write(&mut self) -> std::io::Result<()> {
        self.stream().shutdown(Shutdown::Write)
    }
}

fn is_alive(served: &Served) -> bool {
    served.get("GET", "health", &Value::Null)["status"] == "ok"
}

#[test]
fn bad_requests_are_400_or_nothing() {
    let served = Served::manual();
    let long = format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "a".repeat(100_000));
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(2_000));
    for (bytes, expected) in [
        ("nonsense\r\n\r\n", Some("HTTP/1.1 400")),
        ("GET\r\n\r\n", Some("HTTP/1.1 400")),
        ("GET / HTTP/9.9\r\n\r\n", Some("HTTP/1.1 400")),
        ("GET / HTTP/1.1\r\nno colon\r\n\r\n", Some("HTTP/1.1 400")),
        (
            "POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n",
            Some("HTTP/1.1 400"),
        ),
        (
            "POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
            Some("HTTP/1.1 400"),
        ),
        (long.as_str(), Some("HTTP/1.1 414")),
        (many.as_str(), Some("HTTP/1.1 431")),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", None),
        (
            "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc",
            None,
        ),
        ("\u{16}\u{3}\u{1}\u{2}", None),
        ("", None),
    ] {
        let answer = sent(&served, bytes.as_bytes());
        let answer = String::from_utf8_lossy(&answer);
        let head: String = bytes.chars().take(40).collect();
        assert!(
            answer.starts_with(expected.unwrap_or_default()),
            "{head:?}: {answer}"
        );
        assert!(is_alive(&served), "{head:?}");
    }
}

#[test]
fn odd_but_whole_requests_are_answered() {
    let served = Served::manual();
    let signed = |service: &str| {
        format!(
            "authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/sa-east-1/{service}/aws4_request, x\r\n"
        )
    };
    let rows: [(&str, &str, String, &str); 13] = [
        ("GET", "*", String::new(), ""),
        ("OPTIONS", "*", signed("s3"), ""),
        ("GET", "http://a.s3.amazonaws.com/%FF%00", signed("s3"), ""),
        ("PUT", "/UPPER/../..", signed("s3"), "x"),
        ("PUT", "/cat-house-web/%E0%A4%A", signed("s3"), "x"),
        (
            "POST",
            "/cat-house-web?delete",
            signed("s3"),
            "<Delete><Object>",
        ),
        (
            "GET",
            "/cat-house-web?list-type=2&max-keys=-5",
            signed("s3"),
            "",
        ),
        (
            "GET",
            "/cat-house-web/index.html",
            signed("s3") + "range: bytes=9-1\r\n",
            "",
        ),
        (
            "PUT",
            "/cat-house-web/a",
            signed("s3") + "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n",
            "ffffffffffffffff\r\nx",
        ),
        (
            "POST",
            "/",
            signed("elasticloadbalancing"),
            "Action=%FF&Names.member.99999999999999999999=x",
        ),
        (
            "POST",
            "/2020-05-31/distribution/E2ABCDEFGHIJKL/invalidation",
            signed("cloudfront"),
            "<Paths>",
        ),
        (
            "POST",
            "/",
            signed("ecs") + "x-amz-target: .\r\n",
            "[[[[[[[[",
        ),
        (
            "POST",
            "/",
            "authorization: Credential=\r\nx-amz-target: \u{ff}\r\n".to_owned(),
            "",
        ),
    ];
    for (method, path, headers, body) in rows {
        let mut line = Line::to(served.address);
        let answer = line.ask(method, path, &headers, body).unwrap();
        assert!((200..600).contains(&answer.status), "{method} {path}");
        assert_ne!(answer.status, 500, "{method} {path}");
        assert!(is_alive(&served), "{method} {path}");
    }
}

static SERVED: LazyLock<Served> = LazyLock::new(Served::manual);

/// More of them when there is time to search: `just fuzz-simulator`.
fn cases() -> u32 {
    #[expect(
        clippy::disallowed_methods,
        reason = "how long to search is said from outside"
    )]
    let seconds = std::env::var("BACKSTAY_FUZZ_SECONDS").ok();
    128 + 50 * seconds.map_or(0, |seconds| seconds.parse::<u32>().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn no_bytes_end_the_server(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        sent(&SERVED, &bytes);
        prop_assert!(is_alive(&SERVED));
    }

    #[test]
    fn no_request_ends_the_server(
        method in "(GET|PUT|POST|DELETE|HEAD|[A-Z]{1,8})",
        path in "/(_backstay/)?[a-z%?&=./0-9]{0,30}",
        service in "(ecs|ecr|logs|s3|sts|elasticloadbalancing|cloudfront|[a-z]{3})",
        operation in "(DescribeServices|UpdateService|CreateService|RunTask|PutImage|GetLogEvents|[A-Za-z.]{0,12})",
        body in "(\\{.{0,60}\\}|Action=[A-Za-z]{0,20}&.{0,40}|<.{0,60}>|.{0,80})",
    ) {
        let authorization = format!("Credential=AKID/20260101/sa-east-1/{service}/aws4_request");
        let headers = format!("authorization: {authorization}\r\nx-amz-target: A.{operation}\r\n");
        let mut line = Line::to(SERVED.address);
        let answer = line.ask(&method, &path, &headers, &body);
        // CONNECT and the like have answers of their own; a panic would be a 500.
        if let Ok(answer) = answer {
            prop_assert_ne!(answer.status, 500, "{}", String::from_utf8_lossy(&answer.body));
        }
        prop_assert!(is_alive(&SERVED));
    }
}
