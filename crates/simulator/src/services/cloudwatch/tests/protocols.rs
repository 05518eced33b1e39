//! One implementation, three protocols: the same alarm is put and described in each of them.

use bytes::Bytes;
use http::{Request, Response};

use super::world;
use crate::World;
use crate::front::handle;

const SCOPE: &str = "AWS4-HMAC-SHA256 Credential=AKID/20260101/sa-east-1/monitoring/aws4_request, SignedHeaders=host";

fn ask(world: &mut World, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Response<Bytes> {
    let mut request = Request::builder()
        .method("POST")
        .uri(format!("http://127.0.0.1{path}"))
        .header("authorization", SCOPE);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Bytes::copy_from_slice(body)).unwrap();
    handle(world, request).unwrap()
}

fn text(reply: &Response<Bytes>) -> String {
    String::from_utf8_lossy(reply.body()).into_owned()
}

#[test]
fn query() {
    let mut world = world();
    let put = b"Action=PutMetricAlarm&Version=2010-08-01&AlarmName=a&Namespace=App&MetricName=m&Statistic=Sum&Period=60\
        &EvaluationPeriods=1&Threshold=5&ComparisonOperator=GreaterThanThreshold&AlarmActions=\
        &Dimensions.member.1.Name=n&Dimensions.member.1.Value=v&ActionsEnabled=false";
    let reply = ask(&mut world, "/", &[], put);
    assert_eq!(reply.status(), 200, "{}", text(&reply));
    let reply = ask(
        &mut world,
        "/",
        &[],
        b"Action=DescribeAlarms&AlarmNames.member.1=a",
    );
    for part in [
        "<DescribeAlarmsResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\"><DescribeAlarmsResult>",
        "<ActionsEnabled>false</ActionsEnabled>",
        "<Dimensions><member><Name>n</Name><Value>v</Value></member></Dimensions>",
        "<StateUpdatedTimestamp>2026-01-01T00:00:00Z</StateUpdatedTimestamp>",
        "<Threshold>5.0</Threshold>",
        "<CompositeAlarms></CompositeAlarms>",
    ] {
        assert!(text(&reply).contains(part), "{part} in {}", text(&reply));
    }
    let reply = ask(
        &mut world,
        "/",
        &[],
        b"Action=GetDashboard&DashboardName=none",
    );
    assert_eq!(reply.status(), 404);
    assert!(text(&reply).contains("<Code>ResourceNotFound</Code>"));
}

#[test]
fn json() {
    let mut world = world();
    let target = |operation: &str| format!("GraniteServiceVersion20100801.{operation}");
    let put = br#"{"AlarmName": "a", "Namespace": "App", "MetricName": "m", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold"}"#;
    let reply = ask(
        &mut world,
        "/",
        &[("x-amz-target", &target("PutMetricAlarm"))],
        put,
    );
    assert_eq!(reply.status(), 200, "{}", text(&reply));
    let reply = ask(
        &mut world,
        "/",
        &[("x-amz-target", &target("DescribeAlarms"))],
        b"",
    );
    assert_eq!(
        reply.headers()["content-type"],
        "application/x-amz-json-1.0"
    );
    let answer: serde_json::Value = serde_json::from_slice(reply.body()).unwrap();
    let alarm = &answer["MetricAlarms"][0];
    assert_eq!(alarm["StateUpdatedTimestamp"], 1_767_225_600.0);
    assert_eq!(alarm.get("AlarmDescription"), None);
    let reply = ask(
        &mut world,
        "/",
        &[("x-amz-target", &target("DescribeAlarms"))],
        br#"{"Colour": 1, "MaxRecords": 0}"#,
    );
    assert_eq!(reply.status(), 400);
    assert_eq!(
        reply.headers()["x-amzn-query-error"],
        "ValidationError;Sender"
    );
    assert!(text(&reply).contains("ValidationException"));
}

#[test]
fn cbor() {
    let mut world = world();
    let headers = [
        ("smithy-protocol", "rpc-v2-cbor"),
        ("content-type", "application/cbor"),
    ];
    let path =
        |operation: &str| format!("/service/GraniteServiceVersion20100801/operation/{operation}");
    // {"AlarmName": "a", "StateValue": "OK", "StateReason": ""}
    let set = b"\xbf\x69AlarmName\x61a\x6aStateValue\x62OK\x6bStateReason\x60\xff";
    let reply = ask(&mut world, &path("SetAlarmState"), &headers, set);
    assert_eq!(reply.status(), 404);
    assert_eq!(reply.headers()["smithy-protocol"], "rpc-v2-cbor");
    assert_eq!(reply.headers()["content-type"], "application/cbor");
    assert_eq!(
        reply.headers()["x-amzn-query-error"],
        "ResourceNotFound;Sender"
    );
    assert!(text(&reply).contains("__typepResourceNotFound"));
    super::put_alarm(&mut world, "a", serde_json::json!({}));
    let reply = ask(&mut world, &path("SetAlarmState"), &headers, set);
    assert_eq!(reply.status(), 200, "{}", text(&reply));
    assert_eq!(reply.body().as_ref(), b"\xa0");
    let reply = ask(&mut world, &path("DescribeAlarms"), &headers, b"\xa0");
    // The threshold 5.0 is a double, the period an integer, the time a tag around a double.
    let body = reply.body();
    let holds = |part: &[u8]| body.windows(part.len()).any(|window| window == part);
    assert!(holds(b"\x69Threshold\xfb\x40\x14\0\0\0\0\0\0"));
    assert!(holds(b"\x66Period\x18\x3c"));
    assert!(holds(b"StateUpdatedTimestamp\xc1\xfb"));
    for broken in [&b"\xff"[..], b"\xa1\x01", b"\x9f", b"\xbf\x69Alarm"] {
        let reply = ask(&mut world, &path("DescribeAlarms"), &headers, broken);
        assert_eq!(reply.status(), 400, "{broken:?}");
    }
}
