//! What a viewer gets of an object that an edge has.

use bytes::Bytes;
use rstest::rstest;

use super::{Compression, ViewerReply};
use crate::WebReply;
use crate::base::visit::Visit;
use crate::services::cloudfront::gzip::tests::ungzip;

const LETTERS: &str = "abcdefghij";

fn object(content_type: &str, body: impl Into<Bytes>) -> WebReply {
    let headers = [
        ("content-type", content_type),
        ("etag", "\"e1\""),
        ("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("cache-control", "max-age=60"),
    ];
    WebReply {
        status: 200,
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        body: body.into(),
        after: std::time::Duration::ZERO,
    }
}

fn given(object: WebReply, compression: Compression, headers: &[(&str, &str)]) -> WebReply {
    let mut visit = Visit::get("cat-house.example", "/app.js");
    visit.headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    ViewerReply::of_edge(object, compression).given_to(&visit)
}

fn header<'a>(reply: &'a WebReply, name: &str) -> &'a str {
    super::header(reply, name).unwrap_or("-")
}

#[rstest]
#[case("bytes=0-3", 206, "abcd", "bytes 0-3/10")]
#[case("bytes=8-", 206, "ij", "bytes 8-9/10")]
#[case("bytes=-3", 206, "hij", "bytes 7-9/10")]
#[case("bytes=-30", 206, LETTERS, "bytes 0-9/10")]
#[case("bytes=5-99", 206, "fghij", "bytes 5-9/10")]
#[case("bytes=10-", 416, "", "bytes */10")]
#[case("bytes=-0", 416, "", "bytes */10")]
#[case("bytes=4-2", 200, LETTERS, "-")]
#[case("bytes=0-1,4-5", 200, LETTERS, "-")]
#[case("lines=0-3", 200, LETTERS, "-")]
fn a_part_is_cut_out(
    #[case] range: &str,
    #[case] status: u16,
    #[case] body: &str,
    #[case] told: &str,
) {
    let reply = given(
        object("text/plain", LETTERS),
        Compression::Gzip,
        &[("range", range)],
    );
    let found = (
        reply.status,
        &reply.body[..],
        header(&reply, "content-range"),
    );
    assert_eq!(found, (status, body.as_bytes(), told));
}

#[rstest]
#[case("\"e1\"", 206)]
#[case("Thu, 01 Jan 2026 00:00:00 GMT", 206)]
#[case("\"e2\"", 200)]
#[case("W/\"e1\"", 200)]
fn a_part_is_cut_out_of_what_the_viewer_has_begun(#[case] if_range: &str, #[case] status: u16) {
    let headers = [("range", "bytes=0-3"), ("if-range", if_range)];
    let reply = given(object("text/plain", LETTERS), Compression::Off, &headers);
    assert_eq!(reply.status, status);
}

#[rstest]
#[case("if-none-match", "\"e1\"", 304)]
#[case("if-none-match", "W/\"e1\"", 304)]
#[case("if-none-match", "\"e0\", \"e1\"", 304)]
#[case("if-none-match", "*", 304)]
#[case("if-none-match", "\"e0\"", 200)]
#[case("if-modified-since", "Thu, 01 Jan 2026 00:00:00 GMT", 304)]
#[case("if-modified-since", "Wed, 31 Dec 2025 00:00:00 GMT", 200)]
fn what_the_viewer_has_is_not_sent_again(
    #[case] name: &str,
    #[case] value: &str,
    #[case] status: u16,
) {
    let reply = given(
        object("text/plain", LETTERS),
        Compression::Off,
        &[(name, value)],
    );
    assert_eq!(reply.status, status);
    assert_eq!(reply.body.is_empty(), status == 304);
    assert_eq!(header(&reply, "etag"), "\"e1\"");
    assert_eq!(header(&reply, "content-type") == "-", status == 304);
}

#[rstest]
#[case("text/html; charset=utf-8", 1_000, "gzip", true)]
#[case("application/javascript", 1_000, "br;q=0.5, gzip;q=0.1", true)]
#[case("image/svg+xml", 10_000_000, "*", true)]
#[case("text/html", 999, "gzip", false)]
#[case("text/html", 10_000_001, "gzip", false)]
#[case("image/png", 5_000, "gzip", false)]
#[case("text/html", 5_000, "br", false)]
#[case("text/html", 5_000, "gzip;q=0", false)]
#[case("text/html", 5_000, "", false)]
fn what_can_be_compressed_is(
    #[case] content_type: &str,
    #[case] size: usize,
    #[case] accepts: &str,
    #[case] compressed: bool,
) {
    let body = Bytes::from(LETTERS.repeat(size / 10 + 1)).slice(..size);
    let accepts = [("Accept-Encoding", accepts)];
    let plain = given(
        object(content_type, body.clone()),
        Compression::Off,
        &accepts,
    );
    assert_eq!(
        (&plain.body, header(&plain, "content-encoding")),
        (&body, "-")
    );
    let reply = given(
        object(content_type, body.clone()),
        Compression::Gzip,
        &accepts,
    );
    if !compressed {
        assert_eq!(reply, plain);
        return;
    }
    assert_eq!(header(&reply, "content-encoding"), "gzip");
    assert_eq!(header(&reply, "vary"), "Accept-Encoding");
    assert_eq!(header(&reply, "etag"), "W/\"e1\"");
    assert!(reply.body.len() < size / 2);
    assert_eq!(ungzip(&reply.body), body);
}

#[test]
fn what_its_origin_has_compressed_is_left_alone() {
    let mut object = object("text/html", LETTERS.repeat(500));
    let coding = ("content-encoding".to_owned(), "br".to_owned());
    object.headers.push(coding);
    let reply = given(
        object.clone(),
        Compression::Gzip,
        &[("accept-encoding", "gzip")],
    );
    assert_eq!(reply, object);
}
