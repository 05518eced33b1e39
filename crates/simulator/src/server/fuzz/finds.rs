//! What the fuzzer has found, as requests that are answered now.

use bytes::Bytes;
use http::Request;

use super::requests::signed;
use super::{answer, shared};

#[test]
fn what_broke_the_server_once_is_refused() {
    for (scope, uri, body, expected) in [
        (
            "elasticloadbalancing",
            "/",
            "Action=DescribeAccountLimits&Marker=18446744073709551615",
            400,
        ),
        (
            "",
            "/_backstay/restore",
            r#"{"format":1,"world":{"now_ms":18446744073709551615}}"#,
            400,
        ),
    ] {
        let mut request = Request::builder().method("POST").uri(uri);
        for (name, value) in signed(scope, Vec::new()) {
            request = request.header(name, value);
        }
        let request = request.body(Bytes::from_static(body.as_bytes())).unwrap();
        let reply = answer(&shared(), request).unwrap();
        assert_eq!(reply.status().as_u16(), expected, "{uri} {body}");
    }
}
