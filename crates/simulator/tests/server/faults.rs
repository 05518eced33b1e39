//! Faults from outside: the connection really breaks, with the effect or without.

use std::io::ErrorKind;

use serde_json::{Value, json};

use crate::raw::Line;
use crate::support::{SERVICE, Served, client};

const SIGNED: &str = "authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/sa-east-1/s3/aws4_request, SignedHeaders=host\r\n";

fn call(operation: &str, count: u32, fault: &str) -> Value {
    json!({ "where": "call", "operation": operation, "containing": null, "skip": 0, "count": count, "fault": fault })
}

#[test]
fn the_reply_is_lost_after_the_effect_and_the_reset_comes_before_it() {
    let served = Served::manual();
    for (fault, effect) in [("reply-lost", 200), ("connection-reset", 404)] {
        served.get("POST", "faults", &call("s3.PutObject", 1, fault));
        let mut line = Line::to(served.address);
        let path = format!("/cat-house-web/{fault}");
        let lost = line.ask("PUT", &path, SIGNED, "x").unwrap_err();
        assert_eq!(lost.kind(), ErrorKind::ConnectionReset, "{lost}");
        let mut line = Line::to(served.address);
        assert_eq!(line.ask("GET", &path, SIGNED, "").unwrap().status, effect);
    }
    let events = served.get("GET", "events", &Value::Null);
    let put = |event: &&Value| event["operation"] == "s3.PutObject";
    let puts: Vec<&Value> = events["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter(put)
        .collect();
    assert_eq!(puts.len(), 2);
    assert!(puts.iter().all(|put| put["status"].is_null()));
}

#[test]
fn what_is_late_takes_effect_when_its_sender_is_gone() {
    let served = Served::manual();
    served.get("POST", "faults", &json!([
        { "where": "call", "operation": "s3.PutObject", "containing": "late", "count": 1, "fault": { "late": 50_000 } },
        { "where": "call", "operation": "s3.PutObject", "containing": "held", "count": 1, "fault": { "held": 50_000 } },
    ]));
    let read = |path: &str| {
        let mut line = Line::to(served.address);
        line.ask("GET", path, SIGNED, "").unwrap().status
    };
    let mut line = Line::to(served.address);
    let lost = line.ask("PUT", "/cat-house-web/late", SIGNED, "x");
    assert_eq!(lost.unwrap_err().kind(), ErrorKind::ConnectionReset);
    let address = served.address;
    let held = std::thread::spawn(move || {
        let mut line = Line::to(address);
        line.ask("PUT", "/cat-house-web/held", SIGNED, "x")
            .unwrap()
            .status
    });
    let both = |calls: &Value| calls["calls"]["s3.PutObject"] == 2;
    while !both(&served.get("GET", "calls", &Value::Null)) {
        std::thread::yield_now();
    }
    served.get("POST", "advance", &json!({ "by_ms": 49_000 }));
    assert_eq!(read("/cat-house-web/late"), 404);
    assert_eq!(read("/cat-house-web/held"), 404);
    served.get("POST", "advance", &json!({ "by_ms": 2_000 }));
    assert_eq!(read("/cat-house-web/late"), 200);
    assert_eq!(read("/cat-house-web/held"), 200);
    assert_eq!(held.join().unwrap(), 200);
}

#[tokio::test]
async fn the_sdk_repeats_what_was_broken() {
    let served = Served::manual();
    served.get(
        "POST",
        "faults",
        &json!([
            call("sts.*", 1, "connection-reset"),
            call("sts.*", 1, "server-error")
        ]),
    );
    let sts = client!(aws_sdk_sts, served);
    sts.get_caller_identity().send().await.unwrap();
    let calls = served.get("GET", "calls", &Value::Null);
    assert_eq!(calls["calls"]["sts.GetCallerIdentity"], 3);
}

#[test]
fn faults_are_listed_with_what_is_left_and_cleared() {
    let served = Served::manual();
    let all = json!([
        call("ecs.*", 3, "throttle"),
        { "where": "service", "service": SERVICE, "fault": "crash", "after_ms": null },
        { "where": "task", "family": "migrate", "fault": { "exit": 1 } },
        { "where": "world", "when": { "after-ms": 60_000 }, "event": { "roll-back-by-alarm": { "service": SERVICE } } },
        { "where": "world", "when": { "after-deployment-of": { "service": SERVICE, "ms": 5 } },
          "event": { "set-desired-count": { "service": SERVICE, "count": 3 } } },
    ]);
    let in_force = served.get("POST", "faults", &all);
    assert_eq!(in_force["faults"], all);
    let mut line = Line::to(served.address);
    let target = "x-amz-target: AmazonEC2ContainerServiceV20141113.DescribeServices\r\n";
    assert_eq!(line.ask("POST", "/", target, "{}").unwrap().status, 400);
    served.get("POST", "advance", &json!({ "by_ms": 20_000 }));
    let left = served.get("GET", "faults", &Value::Null);
    assert_eq!(left["faults"][0]["count"], 2);
    assert_eq!(left["faults"][3]["when"]["after-ms"], 40_000);
    let none = served.get("DELETE", "faults", &Value::Null);
    assert_eq!(none["faults"], json!([]));
}

#[test]
fn impossible_faults_are_refused_and_none_of_their_list_is_added() {
    let served = Served::manual();
    for wrong in [
        json!({ "where": "nowhere" }),
        json!([call("*", 1, "throttle"), call("*", 1, "nonsense")]),
        json!({ "where": "call", "operation": "*", "count": 1, "fault": { "latency": u64::MAX } }),
        json!({ "where": "world", "when": { "after-ms": u64::MAX }, "event": { "foreign-deployment": { "service": "a" } } }),
        json!({ "where": "world", "when": { "after-ms": 1 }, "event": { "set-desired-count": { "service": "a", "count": u32::MAX } } }),
        json!("throttle"),
    ] {
        assert_eq!(
            served.ask("POST", "faults", &wrong.to_string()).status,
            400,
            "{wrong}"
        );
    }
    assert_eq!(
        served.get("GET", "faults", &Value::Null)["faults"],
        json!([])
    );
}
