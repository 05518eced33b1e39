//! What a target is told of the client, and what it is not.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use rstest::rstest;

use super::super::Users;
use super::super::body::empty;
use super::{Client, outgoing};
use crate::base::visit::Visit;
use crate::services::elb::{Backend, BalancerKind, ClientPort, Manner};
use crate::world::data_plane::Passage;

const TRACE: &str = "1-5759e988-bd862e3fe1be46a994272793";

fn sent(visit: Visit, manner: Manner, headers: &[(&'static str, &str)]) -> http::Request<()> {
    let mut all = HeaderMap::new();
    for (name, value) in headers {
        all.append(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    let passage = Passage {
        address: ([127, 0, 0, 1], 1).into(),
        backend: Backend {
            group: Arc::from("blue"),
            target: 1,
            ip: "127.0.0.1".to_owned(),
            port: 1,
            cookies: Vec::new(),
        },
        visit,
        manner,
        added: Vec::new(),
    };
    let client = Client {
        ip: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)),
        port: Some(40_000),
    };
    let request = outgoing(&passage, all, client, TRACE.to_owned(), empty());
    request.expect("a request").map(|_| ())
}

fn manner(mode: &str) -> Manner {
    Manner {
        kind: BalancerKind::Application,
        idle_ms: 60_000,
        forwarded_for: mode.to_owned(),
        client_port: ClientPort::Untold,
        scheme: "https".to_owned(),
        port: 443,
    }
}

fn header<'a>(request: &'a http::Request<()>, name: &str) -> &'a str {
    let value = request.headers().get(name);
    value.map_or("-", |value| value.to_str().unwrap())
}

#[test]
fn what_is_between_neighbours_stays_there() {
    let request = sent(
        Visit {
            method: "POST".to_owned(),
            query: "a=1&b=%2F".to_owned(),
            ..Visit::get("api.example.com", "/a%20b")
        },
        manner("append"),
        &[
            ("connection", "close, x-secret"),
            ("x-secret", "1"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("x-own", "kept"),
            ("x-own", "kept, too"),
        ],
    );
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "/a%20b?a=1&b=%2F");
    let mut names: Vec<&str> = request.headers().keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    let told = [
        "host",
        "x-amzn-trace-id",
        "x-forwarded-for",
        "x-forwarded-port",
        "x-forwarded-proto",
        "x-own",
    ];
    assert_eq!(names, told);
    assert_eq!(request.headers().get_all("x-own").iter().count(), 2);
    assert_eq!(header(&request, "host"), "api.example.com");
}

#[rstest]
#[case("append", ClientPort::Untold, &[], "203.0.113.7")]
#[case("append", ClientPort::Untold, &["10.0.0.1", "10.0.0.2"], "10.0.0.1, 10.0.0.2, 203.0.113.7")]
#[case("append", ClientPort::Told, &["10.0.0.1"], "10.0.0.1, 203.0.113.7:40000")]
#[case("preserve", ClientPort::Told, &["10.0.0.1"], "10.0.0.1")]
#[case("preserve", ClientPort::Told, &[], "-")]
#[case("remove", ClientPort::Told, &["10.0.0.1"], "-")]
fn the_client_is_told_as_the_attributes_say(
    #[case] mode: &str,
    #[case] client_port: ClientPort,
    #[case] there: &[&str],
    #[case] expected: &str,
) {
    let there: Vec<_> = there.iter().map(|it| ("x-forwarded-for", *it)).collect();
    let lies = [("x-forwarded-proto", "gopher"), ("x-forwarded-port", "70")];
    let manner = Manner {
        client_port,
        ..manner(mode)
    };
    let request = sent(Visit::get("a", "/"), manner, &[&there[..], &lies].concat());
    assert_eq!(header(&request, "x-forwarded-for"), expected);
    assert_eq!(header(&request, "x-forwarded-proto"), "https");
    assert_eq!(header(&request, "x-forwarded-port"), "443");
}

#[rstest]
#[case(None, format!("Root={TRACE}"))]
#[case(Some("Root=1-67891233-abcdef012345678912345678"), format!("Self={TRACE};Root=1-67891233-abcdef012345678912345678"))]
#[case(Some("Self=1-1-1;Root=1-2-2;CalledFrom=app"), format!("Self={TRACE};Root=1-2-2;CalledFrom=app"))]
#[case(Some("CalledFrom=app"), format!("Root={TRACE};CalledFrom=app"))]
fn a_request_can_be_traced(#[case] there: Option<&str>, #[case] expected: String) {
    let there: Vec<_> = there.iter().map(|it| ("x-amzn-trace-id", *it)).collect();
    let request = sent(Visit::get("a", "/"), manner("append"), &there);
    assert_eq!(header(&request, "x-amzn-trace-id"), expected);
}

#[test]
fn no_two_requests_have_one_trace_id() {
    let users = Users::default();
    let ids: Vec<String> = (0..3).map(|_| users.trace_id(1_465_510_280_000)).collect();
    assert!(
        ids.iter()
            .all(|id| id.starts_with("1-5759e988-") && id.len() == 35),
        "{ids:?}"
    );
    assert!(ids[0] != ids[1] && ids[1] != ids[2]);
}
