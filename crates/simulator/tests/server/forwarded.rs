//! Services that the upstream gets although they are simulated here: what arrives there, and what this cloud reads there.

use std::io::Write;
use std::sync::mpsc::{Receiver, channel};

use backstay_simulator::server::{Pace, ServerOptions};
use serde_json::json;

use crate::raw::{Answer, Line};
use crate::support::{ACCOUNT, CLUSTER, SERVICE, Served, options};
use crate::upstream::{listening, request};

/// What the upstream says to a request: a status and a body, by what the request contains; else 404.
type Script = &'static [(&'static str, u16, &'static str)];

/// A server with these services at an upstream, whose requests are given to the receiver.
fn served(services: &[&str], script: Script) -> (Served, Receiver<String>) {
    let (got, gotten) = channel();
    let address = listening(move |stream| {
        let request = request(&stream);
        let request = String::from_utf8_lossy(&request).into_owned();
        let mut lines = script.iter();
        let line = lines.find(|(part, _, _)| request.contains(part));
        let (_, status, body) = line.copied().unwrap_or(("", 404, "{}"));
        let length = body.len();
        let reply = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: text/x-theirs\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        let _ = got.send(request);
        let _ = (&stream).write_all(reply.as_bytes());
    });
    let served = Served::with(ServerOptions {
        upstream: Some(format!("http://{address}").parse().unwrap()),
        forward: services.iter().map(|name| name.parse().unwrap()).collect(),
        ..options(Pace::Manual)
    });
    (served.unwrap(), gotten)
}

fn asked(served: &Served, service: &str, line: (&str, &str), headers: &str, body: &str) -> Answer {
    let (method, path) = line;
    let signed = format!(
        "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/sa-east-1/{service}/aws4_request, SignedHeaders=host, \
         Signature=0\r\n{headers}"
    );
    Line::to(served.address)
        .ask(method, path, &signed, body)
        .unwrap()
}

fn ecs(served: &Served, operation: &str, input: &serde_json::Value) -> Answer {
    let target = format!("x-amz-target: AmazonEC2ContainerServiceV20141113.{operation}\r\n");
    asked(served, "ecs", ("POST", "/"), &target, &input.to_string())
}

#[test]
fn its_calls_go_there_for_the_account_and_are_struck_here() {
    let (served, gotten) = served(&["s3"], &[("PUT /b/k%20k ", 200, "theirs")]);
    let put = || {
        asked(
            &served,
            "s3",
            ("PUT", "/b/k%20k"),
            "If-None-Match: *\r\n",
            "body",
        )
    };
    let answer = put();
    assert_eq!(
        (answer.status, answer.body.as_slice()),
        (200, &b"theirs"[..])
    );
    assert_eq!(answer.header("x-backstay-served-by"), Some("upstream"));
    let request = gotten.recv().unwrap();
    assert!(
        request.contains(&format!("Credential={ACCOUNT}/20260101/")),
        "{request}"
    );
    assert!(request.contains("If-None-Match: *"), "{request}");
    assert!(request.ends_with("\r\n\r\nbody"), "{request}");
    // A service that was not given away is still ours.
    assert_eq!(
        ecs(&served, "ListClusters", &json!({})).header("x-backstay-served-by"),
        Some("backstay")
    );
    let deny =
        json!([{ "where": "call", "operation": "s3.PutObject", "count": 1, "fault": "deny" }]);
    served.get("POST", "faults", &deny);
    let denied = put();
    assert_eq!(denied.status, 403);
    assert_eq!(denied.header("x-backstay-served-by"), Some("backstay"));
    assert!(gotten.try_recv().is_err(), "it was denied here");
    assert_eq!(put().status, 200);
    let counted = served.get("GET", "calls", &serde_json::Value::Null);
    assert_eq!(counted["calls"]["s3.PutObject"], 3);
    assert_eq!(
        counted["upstream"],
        json!({ "sent": 2, "refused": 0, "failed": 0 })
    );
}

#[test]
fn a_lost_reply_has_had_its_effect_there() {
    let (served, gotten) = served(&["secretsmanager"], &[("CreateSecret", 200, "{}")]);
    let lost = json!([{ "where": "call", "operation": "secretsmanager.CreateSecret", "count": 1, "fault": "reply-lost" }]);
    served.get("POST", "faults", &lost);
    let signed = "Authorization: AWS4-HMAC-SHA256 Credential=A/20260101/sa-east-1/secretsmanager/aws4_request, SignedHeaders=host, \
                  Signature=0\r\nx-amz-target: secretsmanager.CreateSecret\r\n";
    let answer = Line::to(served.address).ask("POST", "/", signed, "{}");
    assert!(answer.is_err(), "the connection broke");
    assert!(gotten.recv().unwrap().contains("CreateSecret"));
}

#[test]
fn the_edge_reads_the_buckets_there_and_keeps_what_it_got() {
    let (served, gotten) = served(
        &["s3"],
        &[("GET /cat-house-web/index.html ", 200, "<html>theirs</html>")],
    );
    let get = |path: &str| {
        let url = format!("web?url=https%3A%2F%2Fcat-house.example{path}");
        served.ask("GET", &url, "")
    };
    let page = get("/");
    assert_eq!(
        (page.status, page.body.as_slice()),
        (200, &b"<html>theirs</html>"[..])
    );
    assert_eq!(page.header("content-type"), Some("text/x-theirs"));
    assert_eq!(page.header("x-cache"), Some("Miss from cloudfront"));
    assert_eq!(get("/").header("x-cache"), Some("Hit from cloudfront"));
    // Without the right to list, what is missing is forbidden.
    assert_eq!(get("/nothing").status, 403);
    let requests: Vec<String> = gotten.try_iter().collect();
    let of = |line: &str| requests.iter().filter(|it| it.starts_with(line)).count();
    assert_eq!(of("GET /cat-house-web/index.html "), 1);
    assert_eq!(of("GET /cat-house-web/nothing "), 1);
}

/// Why tasks of the service do not start after it was updated to a definition with one secret; nothing when they do.
fn reasons(served: &Served, value_from: &str) -> String {
    let definition = json!({
        "family": SERVICE, "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
        "executionRoleArn": format!("arn:aws:iam::{ACCOUNT}:role/execution"),
        "containerDefinitions": [{
            "name": "auth", "image": "123456789012.dkr.ecr.sa-east-1.amazonaws.com/cat-house/auth:a1b2c3d", "essential": true,
            "portMappings": [{ "containerPort": 8000 }],
            "secrets": [{ "name": "SECRET", "valueFrom": value_from }],
        }],
    });
    let registered = ecs(served, "RegisterTaskDefinition", &definition);
    assert_eq!(
        registered.status,
        200,
        "{:?}",
        String::from_utf8_lossy(&registered.body)
    );
    let update = json!({ "cluster": CLUSTER, "service": SERVICE, "taskDefinition": SERVICE });
    assert_eq!(ecs(served, "UpdateService", &update).status, 200);
    served.get("POST", "advance", &json!({ "by_ms": 60_000 }));
    let list = json!({ "cluster": CLUSTER, "serviceName": SERVICE, "desiredStatus": "STOPPED" });
    let listed = ecs(served, "ListTasks", &list).json();
    if listed["taskArns"] == json!([]) {
        return String::new();
    }
    let describe = json!({ "cluster": CLUSTER, "tasks": listed["taskArns"] });
    let described = ecs(served, "DescribeTasks", &describe).json();
    let tasks = described["tasks"].as_array().unwrap().iter();
    let mut reasons = tasks.filter_map(|task| task["stoppedReason"].as_str());
    // The old tasks are stopped when the new ones run.
    let failed = reasons.find(|reason| reason.starts_with("ResourceInitializationError"));
    failed.unwrap_or_default().to_owned()
}

#[test]
fn tasks_have_the_secrets_that_are_there_and_no_others() {
    let there: Script = &[
        (
            "secret:known",
            200,
            "{\"SecretString\": \"{\\\"key\\\": 1}\"}",
        ),
        (
            "secretsmanager.",
            400,
            "{\"__type\": \"ResourceNotFoundException\", \"message\": \"can't find it.\"}",
        ),
        ("[\"known\"]", 200, "{\"Parameters\": [{}]}"),
        (
            "AmazonSSM.",
            200,
            "{\"Parameters\": [], \"InvalidParameters\": [\"x\"]}",
        ),
    ];
    let secret = |rest: &str| format!("arn:aws:secretsmanager:sa-east-1:{ACCOUNT}:secret:{rest}");
    let parameter = |rest: &str| format!("arn:aws:ssm:sa-east-1:{ACCOUNT}:parameter/{rest}");
    for (value_from, expected) in [
        (secret("known"), ""),
        (secret("known:key::"), ""),
        (secret("known:other::"), "did not contain json key other"),
        (
            secret("gone"),
            "from secrets manager: ResourceNotFoundException: can't find it.",
        ),
        (parameter("known"), ""),
        (parameter("gone"), "invalid parameters: gone"),
        ("plain".to_owned(), "invalid parameters: plain"),
    ] {
        let (served, _gotten) = served(&["secretsmanager", "ssm"], there);
        let reason = reasons(&served, &value_from);
        match expected {
            "" => assert_eq!(reason, "", "{value_from}"),
            part => assert!(reason.contains(part), "{value_from}: {reason}"),
        }
    }
}

#[test]
fn what_the_upstream_cannot_say_is_no_secret() {
    let (served, _gotten) = served(&["secretsmanager"], &[("secretsmanager.", 503, "busy")]);
    let arn = format!("arn:aws:secretsmanager:sa-east-1:{ACCOUNT}:secret:known");
    let reason = reasons(&served, &arn);
    assert!(
        reason.contains("RequestError: send request failed"),
        "{reason}"
    );
}
