//! Calls of the real SDK, one connection kept for many, many connections at once.

use std::thread;

use backstay_simulator::server::{Pace, ServerOptions, Throttling};
use serde_json::Value;

use crate::raw::Line;
use crate::support::{CLUSTER, SERVICE, Served, client, in_its_region, options};

const TARGET: &str = "x-amz-target: AmazonEC2ContainerServiceV20141113.DescribeServices\r\n";

fn describe() -> String {
    serde_json::json!({ "cluster": CLUSTER, "services": [SERVICE] }).to_string()
}

#[tokio::test]
async fn every_protocol_is_spoken() {
    let served = Served::manual();
    let described = client!(aws_sdk_ecs, served)
        .describe_services()
        .cluster(CLUSTER)
        .services(SERVICE)
        .send()
        .await
        .unwrap();
    assert_eq!(described.services()[0].running_count(), 2);
    let identity = client!(aws_sdk_sts, served)
        .get_caller_identity()
        .send()
        .await;
    assert_eq!(identity.unwrap().account(), Some("123456789012"));
    let groups = client!(aws_sdk_elasticloadbalancingv2, served)
        .describe_target_groups()
        .send()
        .await;
    assert_eq!(groups.unwrap().target_groups().len(), 1);
    let object = client!(aws_sdk_s3, served)
        .get_object()
        .bucket("cat-house-web");
    let object = object.key("index.html").send().await.unwrap();
    assert_eq!(
        object.body.collect().await.unwrap().to_vec(),
        b"<html>one</html>"
    );
    let distribution = client!(aws_sdk_cloudfront, served)
        .get_distribution()
        .id("E2ABCDEFGHIJKL");
    distribution.send().await.unwrap();
}

#[tokio::test]
async fn eight_clients_at_once_see_one_world() {
    let served = Served::manual();
    let s3 = client!(aws_sdk_s3, served);
    s3.create_bucket()
        .bucket("state")
        .create_bucket_configuration(in_its_region())
        .send()
        .await
        .unwrap();
    let writers = (0..8).map(|writer| {
        let s3 = client!(aws_sdk_s3, served);
        tokio::spawn(async move {
            for number in 0..10 {
                let put = s3
                    .put_object()
                    .bucket("state")
                    .key(format!("{writer}/{number}"));
                put.body(b"x".to_vec().into()).send().await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let listed = s3.list_objects_v2().bucket("state").send().await.unwrap();
    assert_eq!(listed.key_count(), Some(80));
}

#[test]
fn one_connection_serves_many_calls() {
    let served = Served::manual();
    let mut line = Line::to(served.address);
    for _ in 0..20 {
        let answer = line.ask("POST", "/", TARGET, &describe()).unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-backstay-served-by"), Some("backstay"));
        assert_eq!(answer.header("date"), Some("Thu, 01 Jan 2026 00:00:00 GMT"));
        assert_eq!(answer.json()["services"][0]["runningCount"], 2);
    }
    // Two requests sent before the first answer are answered in order.
    let get = |path: &str| format!("GET /_backstay/{path} HTTP/1.1\r\nhost: a\r\n\r\n");
    line.send(format!("{}{}", get("health"), get("violations")).as_bytes())
        .unwrap();
    assert_eq!(line.answer("GET").unwrap().json()["status"], "ok");
    assert_eq!(
        line.answer("GET").unwrap().json()["violations"],
        serde_json::json!([])
    );
}

/// How many files this process may have open, as Linux says it; elsewhere the least that is usual.
fn open_files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let soft = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))
        .and_then(|line| line.split_whitespace().next());
    match soft {
        Some("unlimited") => usize::MAX,
        soft => soft.and_then(|soft| soft.parse().ok()).unwrap_or(256),
    }
}

/// A thousand, or as many as both ends of each may be open in one process.
#[test]
fn a_thousand_connections_are_served_at_once() {
    let served = Served::manual();
    let connections = 1_000.min((open_files() - 50) / 2);
    println!("{connections} connections");
    let mut lines: Vec<Line> = (0..connections).map(|_| Line::to(served.address)).collect();
    // All of them are open, and all of them get an answer, on four threads.
    thread::scope(|scope| {
        for lines in lines.chunks_mut(connections.div_ceil(4)) {
            scope.spawn(move || {
                for line in lines {
                    let answer = line.ask("GET", "/_backstay/health", "", "").unwrap();
                    assert_eq!(answer.status, 200);
                }
            });
        }
    });
    for line in &mut lines {
        assert_eq!(
            line.ask("GET", "/_backstay/now", "", "").unwrap().status,
            200
        );
    }
}

#[test]
fn a_server_may_be_told_to_turn_nobody_away() {
    for (throttling, expected) in [(Throttling::AsAws, 100), (Throttling::Off, 150)] {
        let served = Served::with(ServerOptions {
            throttling,
            ..options(Pace::Manual)
        });
        let served = served.unwrap();
        let mut line = Line::to(served.address);
        let mut ask = || line.ask("POST", "/", TARGET, &describe()).unwrap().status;
        let answered = (0..150).filter(|_| ask() == 200).count();
        assert_eq!(answered, expected, "{throttling:?}");
        // A fault is an order, not a rate.
        served.get(
            "POST",
            "faults",
            &serde_json::json!({
                "where": "call", "operation": "ecs.*", "containing": null, "skip": 0, "count": 1, "fault": "throttle",
            }),
        );
        assert_eq!(ask(), 400);
    }
}

#[test]
fn what_nobody_serves_is_named_in_the_clients_protocol() {
    let served = Served::manual();
    let signed = |scope: &str| {
        format!(
            "authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/sa-east-1/{scope}/aws4_request, SignedHeaders=host\r\n"
        )
    };
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let mut line = Line::to(served.address);
    for (headers, path, body, expected) in [
        (
            signed("dynamodb") + "x-amz-target: DynamoDB_20120810.ListTables\r\n",
            "/",
            "{}",
            "implement dynamodb.ListTables",
        ),
        (
            signed("iam") + form,
            "/",
            "Action=ListRoles&Version=2010-05-08",
            "<Message>the simulator does not implement iam.ListRoles",
        ),
        (
            signed("ec2") + form,
            "/",
            "Action=DescribeVpcs",
            "<Response xmlns=\"\"><Errors><Error>",
        ),
        (
            signed("route53"),
            "/2013-04-01/hostedzone",
            "",
            "<Message>the simulator does not implement route53 POST /2013-04-01/hostedzone",
        ),
        (
            signed("ecs") + "x-amz-target: AmazonEC2ContainerServiceV20141113.CreateTaskSet\r\n",
            "/",
            "{}",
            "ecs.CreateTaskSet",
        ),
        (
            String::new(),
            "/anything",
            "",
            "host \\\"simulator\\\": POST /anything",
        ),
    ] {
        let answer = line.ask("POST", path, &headers, body).unwrap();
        let text = String::from_utf8(answer.body.clone()).unwrap();
        assert_eq!(answer.status, 501, "{text}");
        assert!(text.contains(expected), "{expected}: {text}");
        assert_eq!(answer.header("x-backstay-served-by"), Some("backstay"));
    }
}

#[test]
fn a_presigned_url_needs_no_header() {
    let served = Served::manual();
    let mut line = Line::to(served.address);
    for query in [
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260101%2Fsa-east-1%2Fs3%2Faws4_request\
         &X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=ab",
        "AWSAccessKeyId=AKID&Signature=ab%3D&Expires=1767225660",
    ] {
        let path = format!("/cat-house-web/index.html?{query}");
        let answer = line.ask("GET", &path, "", "").unwrap();
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (200, &b"<html>one</html>"[..])
        );
    }
}

#[test]
fn calls_are_counted_and_remembered_with_their_time() {
    let served = Served::manual();
    let mut line = Line::to(served.address);
    line.ask("POST", "/", TARGET, &describe()).unwrap();
    let wrong = r#"{"cluster":"nowhere","services":["a"]}"#;
    assert_eq!(line.ask("POST", "/", TARGET, wrong).unwrap().status, 400);
    let calls = served.get("GET", "calls", &Value::Null);
    assert_eq!(calls["calls"]["ecs.DescribeServices"], 2);
    let events = served.get("GET", "events", &Value::Null);
    let events = events["events"].as_array().unwrap();
    let statuses = events.iter().filter(|event| event["kind"] == "call");
    let statuses: Vec<&Value> = statuses.map(|event| &event["status"]).collect();
    assert_eq!(statuses, [200, 400]);
    let steady = |event: &&Value| {
        event["kind"] == "service"
            && event["message"] == format!("(service {SERVICE}) has reached a steady state.")
    };
    assert!(events.iter().any(|event| steady(&event)));
    assert!(events.is_sorted_by_key(|event| event["at_ms"].as_u64()));
}
