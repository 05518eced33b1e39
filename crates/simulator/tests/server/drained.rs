//! A target that leaves: no new requests, those under way go on until the deregistration delay has elapsed, and not longer.

use std::io::Read;

use serde_json::json;

use crate::balanced::{Balanced, until};
use crate::raw::Line;
use crate::target::{Does, Target};
use backstay_simulator::server::Pace;

const OLD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold";
const NEW: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnew";

/// A request to `old` is under way, `old` drains, and `new` is there.
fn draining(old: &Target, new: &Target) -> (Balanced, Line) {
    let balanced = Balanced::in_front_of(old);
    let mut line = Line::to(balanced.door);
    line.send(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    old.asked();
    balanced.register(new.address);
    balanced.until(new.address, "healthy");
    balanced.deregister(old.address);
    let draining = "draining Target.DeregistrationInProgress Target deregistration is in progress";
    assert_eq!(balanced.health(old.address), draining);
    for _ in 0..4 {
        assert_eq!(balanced.get("/x").body, b"new", "it gets nothing new");
        new.asked();
    }
    (balanced, line)
}

#[test]
fn what_is_under_way_ends_while_its_target_drains() {
    let (old, new) = (
        Target::start(Does::Waits(OLD)),
        Target::start(Does::Answers(NEW)),
    );
    let (balanced, mut line) = draining(&old, &new);
    balanced.advance_s(29);
    old.go();
    let answer = line.answer("GET").unwrap();
    assert_eq!((answer.status, &answer.body[..]), (200, &b"old"[..]));
    // The connection is still good: the load balancer's, not the target's.
    assert_eq!(line.ask("GET", "/x", "", "").unwrap().body, b"new");
    balanced.advance_s(2);
    let gone = "unused Target.NotRegistered Target is not registered to the target group";
    assert_eq!(balanced.health(old.address), gone);
    assert_eq!(balanced.counted("HTTPCode_ELB_5XX_Count"), 0.0);
}

#[test]
fn what_is_under_way_is_cut_when_the_delay_has_elapsed() {
    let (old, new) = (
        Target::start(Does::Waits(OLD)),
        Target::start(Does::Answers(NEW)),
    );
    let (balanced, mut line) = draining(&old, &new);
    balanced.advance_s(31);
    let answer = line.answer("GET").unwrap();
    assert_eq!(
        (answer.status, answer.header("server")),
        (502, Some("awselb/2.0"))
    );
    assert_eq!(balanced.counted("HTTPCode_ELB_5XX_Count"), 1.0);
    old.go();
}

#[test]
fn an_answer_that_has_begun_is_cut_in_its_middle() {
    let begun = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfirst";
    let old = Target::start(Does::Begins(begun, b"rest"));
    let new = Target::start(Does::Answers(NEW));
    let (balanced, line) = draining(&old, &new);
    let mut got = Vec::new();
    let mut part = [0; 1_000];
    while !got.ends_with(b"first") {
        let length = line.stream().read(&mut part).unwrap();
        got.extend(&part[..length]);
    }
    balanced.advance_s(31);
    let length = line.stream().read(&mut part).unwrap_or(0);
    assert_eq!(length, 0, "the rest never comes");
    old.go();
}

/// In real time: an interval of a second, a delay of a second.
#[test]
fn real_time_passes_by_itself() {
    let old = Target::start(Does::Waits(OLD));
    let group = json!({
        "health_check_interval_seconds": 1, "health_check_timeout_seconds": 1, "deregistration_delay_seconds": 1,
    });
    let balanced = Balanced::with(Pace::Running(1.0), group);
    balanced.register(old.address);
    until(|| match balanced.health(old.address).as_str() {
        "healthy" => Ok(()),
        other => Err(other.to_owned()),
    });
    let mut line = Line::to(balanced.door);
    line.send(b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").unwrap();
    old.asked();
    balanced.deregister(old.address);
    assert_eq!(line.answer("GET").unwrap().status, 502);
    old.go();
}
