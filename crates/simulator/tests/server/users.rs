//! Users' requests over real HTTP, to targets that are programs of this machine: what they are told, what comes back, and what the
//! load balancer says when nothing does.

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use crate::balanced::{Balanced, until};
use crate::raw::Line;
use crate::support::HOST;
use crate::target::{Does, Target};

const OK: &[u8] = b"HTTP/1.1 201 Made\r\nServer: own\r\nX-Odd: 1\r\nX-Odd: 2\r\nSet-Cookie: a=b\r\nKeep-Alive: timeout=5\r\n\
                    Connection: keep-alive, x-hop\r\nX-Hop: 1\r\nContent-Length: 4\r\n\r\n\x00\xffab";
const LARGE: usize = 5_000_000;

#[test]
fn a_request_reaches_its_target_and_the_answer_comes_back_as_it_is() {
    let target = Target::start(Does::Answers(OK));
    let balanced = Balanced::in_front_of(&target);
    let mut line = Line::to(balanced.door);
    let headers =
        "X-Own: kept\r\nConnection: x-private\r\nX-Private: 1\r\nX-Forwarded-For: 198.51.100.1\r\n";
    let answer = line.ask("PUT", "/a%20b?x=%2F&y", headers, "hello").unwrap();
    let asked = target.asked();
    assert!(
        asked.starts_with("PUT /a%20b?x=%2F&y HTTP/1.1\r\n"),
        "{asked}"
    );
    assert!(asked.ends_with("\r\n\r\nhello"), "{asked}");
    for told in [
        "host: simulator",
        "x-own: kept",
        "x-forwarded-for: 198.51.100.1, 127.0.0.1",
        "x-forwarded-proto: https",
        "x-forwarded-port: 443",
        "x-amzn-trace-id: Root=1-6955b9",
    ] {
        assert!(asked.contains(&format!("\r\n{told}")), "{told}: {asked}");
    }
    assert!(!asked.contains("x-private"), "{asked}");
    assert_eq!(answer.status, 201);
    assert_eq!(answer.body, b"\x00\xffab");
    let odd = answer.headers.iter().filter(|(name, _)| name == "x-odd");
    assert_eq!(odd.count(), 2);
    assert_eq!(answer.header("server"), Some("own"));
    assert_eq!(answer.header("set-cookie"), Some("a=b"));
    for hop in ["keep-alive", "x-hop"] {
        assert_eq!(answer.header(hop), None, "{hop}");
    }
    assert_eq!(balanced.counted("HTTPCode_Target_2XX_Count"), 1.0);
    assert_eq!(balanced.counted("RequestCount"), 1.0);
}

#[test]
fn bodies_stream_both_ways() {
    let first = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n";
    let target = Target::start(Does::Begins(first, b"4\r\nrest\r\n0\r\n\r\n"));
    let balanced = Balanced::in_front_of(&target);
    let line = Line::to(balanced.door);
    let mut line = line;
    line.send(b"GET /stream HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut begun = vec![0; 2_000];
    let mut got = Vec::new();
    while !got.ends_with(b"first\r\n") {
        let length = line.stream().read(&mut begun).unwrap();
        assert!(length > 0, "{}", String::from_utf8_lossy(&got));
        got.extend(&begun[..length]);
    }
    target.go();
    let rest = String::from_utf8(line.rest().unwrap()).unwrap();
    assert_eq!(rest, "4\r\nrest\r\n0\r\n\r\n");
    target.asked();

    // A large upload is on its way long before its end.
    target.does(Does::Answers(OK));
    let mut line = Line::to(balanced.door);
    let answer = line.ask("POST", "/upload", "", &"x".repeat(LARGE)).unwrap();
    assert_eq!(answer.status, 201);
    let asked = target.asked();
    let (_, body) = asked.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.len(), LARGE);
}

#[test]
fn many_requests_share_a_connection_and_heads_have_no_body() {
    let target = Target::start(Does::Answers(OK));
    let balanced = Balanced::in_front_of(&target);
    let mut line = Line::to(balanced.door);
    for _ in 0..5 {
        assert_eq!(line.ask("GET", "/x", "", "").unwrap().body.len(), 4);
        target.asked();
    }
    let head = line.ask("HEAD", "/teapot", "", "").unwrap();
    assert_eq!(head.status, 418);
    assert_ne!(head.header("content-length"), Some("0"));
    assert_eq!(line.ask("GET", "/x", "", "").unwrap().status, 201);
}

/// [DOC] Troubleshoot your Application Load Balancers.
#[test]
fn without_an_answer_the_load_balancer_says_502_or_503() {
    let target = Target::start(Does::Breaks);
    let balanced = Balanced::in_front_of(&target);
    let bad = |what: &str| {
        let answer = balanced.get("/x");
        assert_eq!(
            (answer.status, answer.header("server")),
            (502, Some("awselb/2.0")),
            "{what}"
        );
    };
    bad("closed without an answer");
    for answer in [
        &b"nonsense\r\n\r\n"[..],
        b"HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n",
        b"HTTP/1.1 200",
    ] {
        target.does(Does::Answers(answer));
        bad(&String::from_utf8_lossy(answer));
    }
    let large = format!(
        "HTTP/1.1 200 OK\r\nX-A: {}\r\nContent-Length: 0\r\n\r\n",
        "a".repeat(33_000)
    );
    target.does(Does::Answers(large.leak().as_bytes()));
    bad("32 K of headers");
    assert_eq!(balanced.counted("HTTPCode_ELB_5XX_Count"), 5.0);

    // Nobody listens at a target's port.
    let gone = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap();
    let balanced = Balanced::new();
    assert_eq!(balanced.get("/x").status, 503, "no target");
    balanced.register(gone);
    assert_eq!(
        balanced.get("/x").status,
        502,
        "no healthy target: all of them get requests"
    );
    assert_eq!(balanced.get("/teapot").status, 418);
}

#[test]
fn what_a_load_balancer_never_takes_is_refused() {
    let target = Target::start(Does::Answers(OK));
    let balanced = Balanced::in_front_of(&target);
    let many = format!("X-Forwarded-For: {}\r\n", ["10.0.0.1"; 31].join(", "));
    let few = format!("X-Forwarded-For: {}\r\n", ["10.0.0.1"; 30].join(", "));
    let wide = format!("X-Wide: {}\r\n", "a".repeat(16_400));
    let long = format!("/{}", "a".repeat(16_400));
    for (method, path, headers, status) in [
        ("TRACE", "/x", "", 405),
        ("GET", "/x", many.as_str(), 463),
        ("GET", "/x", few.as_str(), 201),
        ("GET", "/x", wide.as_str(), 413),
        ("GET", long.as_str(), "", 414),
    ] {
        let mut line = Line::to(balanced.door);
        let answer = line.ask(method, path, headers, "").unwrap();
        assert_eq!(answer.status, status, "{method} {headers:.20}");
    }
    let mut line = Line::to(balanced.door);
    line.send(b"GET /x HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(line.answer("GET").unwrap().status, 400, "no Host");
    assert_eq!(balanced.counted("HTTPCode_ELB_4XX_Count"), 5.0);
}

/// The idle timeout is at least a second; here it is one.
#[test]
fn a_target_that_says_nothing_is_given_up() {
    let target = Target::start(Does::Waits(OK));
    let balanced = Balanced::in_front_of(&target);
    let balancer = balanced.call("DescribeLoadBalancers", "");
    let arn = balancer.split("<LoadBalancerArn>").nth(1).unwrap();
    let arn = arn.split('<').next().unwrap();
    balanced.call(
        "ModifyLoadBalancerAttributes",
        &format!("LoadBalancerArn={arn}&Attributes.member.1.Key=idle_timeout.timeout_seconds&Attributes.member.1.Value=1"),
    );
    assert_eq!(balanced.get("/x").status, 504);
    assert_eq!(balanced.counted("HTTPCode_ELB_5XX_Count"), 1.0);
    target.go();
}

#[test]
fn a_client_that_goes_before_its_answer_is_counted_as_460() {
    let target = Target::start(Does::Waits(OK));
    let balanced = Balanced::in_front_of(&target);
    let mut line = Line::to(balanced.door);
    line.send(b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    target.asked();
    assert_eq!(balanced.counted("RequestCount"), 0.0);
    drop(line);
    until(|| match balanced.counted("HTTPCode_ELB_4XX_Count") {
        1.0 => Ok(()),
        found => Err(found.to_string()),
    });
    assert_eq!(balanced.counted("RequestCount"), 1.0);
    target.go();
}

#[test]
fn targets_are_checked_for_real() {
    let target = Target::start(Does::Answers(OK));
    let balanced = Balanced::new();
    balanced.register(target.address);
    let initial = "initial Elb.InitialHealthChecking Initial health checks in progress";
    assert_eq!(balanced.health(target.address), initial);
    balanced.until(target.address, "healthy");
    target.health(Some(503));
    let code = "unhealthy Target.ResponseCodeMismatch Health checks failed with these codes: [503]";
    balanced.until(target.address, code);
    target.health(None);
    balanced.until(target.address, "unhealthy Target.Timeout Request timed out");
    target.health(Some(200));
    balanced.until(target.address, "healthy");
    assert!(target.checks() >= 6);
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    balanced.register(nobody);
    let failed = "unhealthy Target.FailedHealthChecks Health checks failed";
    balanced.until(nobody, failed);
    for _ in 0..4 {
        assert_eq!(
            balanced.get("/x").status,
            201,
            "only the healthy one is asked"
        );
    }
}

#[test]
fn a_host_is_answered_at_any_port_and_at_the_clients_door() {
    let target = Target::start(Does::Answers(OK));
    let balanced = Balanced::in_front_of(&target);
    let url = format!("web?url=https%3A%2F%2F{HOST}%2Fx");
    let answer = balanced.served.ask("GET", &url, "");
    assert_eq!((answer.status, answer.body.len()), (201, 4));
    let asked = target.asked();
    assert!(asked.starts_with("GET /x HTTP/1.1\r\n"), "{asked}");
    let mut line = Line::to(balanced.door);
    let request = format!("GET /y HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
    line.send(request.as_bytes()).unwrap();
    assert_eq!(line.answer("GET").unwrap().status, 201);
    assert!(target.asked().contains(&format!("host: {HOST}\r\n")));
}
