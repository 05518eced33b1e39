//! EventBridge Scheduler, which speaks JSON in paths, and SQS, which once spoke queries, as requests come over the wire.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

use super::{NoReply, handle, reply_to};
use crate::{Weather, World};

/// 2026-01-01T00:00:00Z.
const NEW_YEAR_MS: u64 = 1_767_225_600_000;

fn world() -> World {
    World::new("123456789012", "eu-west-1", 7, Weather::Calm, NEW_YEAR_MS)
}

fn request(method: &str, path: &str, scope: &str) -> http::request::Builder {
    let scope = format!("AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/{scope}/aws4_request");
    Request::builder()
        .method(method)
        .uri(format!("http://127.0.0.1:4577{path}"))
        .header("host", "127.0.0.1:4577")
        .header("authorization", scope)
}

fn scheduler(world: &mut World, method: &str, path: &str, body: &Value) -> (u16, Value, String) {
    let text = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let request = request(method, path, "scheduler").body(Bytes::from(text));
    told(&handle(world, request.unwrap()).unwrap())
}

fn sqs(world: &mut World, operation: &str, body: &Value) -> Result<Response<Bytes>, NoReply> {
    let request = request("POST", "/", "sqs")
        .header("x-amz-target", format!("AmazonSQS.{operation}"))
        .header("content-type", "application/x-amz-json-1.0");
    handle(world, request.body(Bytes::from(body.to_string())).unwrap())
}

/// Status, body, and what the headers say of an error.
fn told(reply: &Response<Bytes>) -> (u16, Value, String) {
    let header = |name: &str| {
        let value = reply.headers().get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let error = header("x-amzn-errortype") + &header("x-amzn-query-error");
    let body = serde_json::from_slice(reply.body()).unwrap_or_default();
    (reply.status().as_u16(), body, error)
}

#[test]
fn scheduler_speaks_json_in_paths() {
    let mut world = world();
    let schedule = json!({
        "ScheduleExpression": "rate(5 minutes)", "FlexibleTimeWindow": { "Mode": "OFF" },
        "Target": { "Arn": "arn:aws:sqs:eu-west-1:123456789012:q", "RoleArn": "arn:aws:iam::123456789012:role/r", "Colour": "red" },
    });
    let (status, body, _) = scheduler(&mut world, "POST", "/schedules/often", &schedule);
    assert_eq!(
        (status, &body["ScheduleArn"]),
        (
            200,
            &json!("arn:aws:scheduler:eu-west-1:123456789012:schedule/default/often")
        )
    );
    let (_, got, _) = scheduler(
        &mut world,
        "GET",
        "/schedules/often?groupName=default",
        &Value::Null,
    );
    assert_eq!(got["Name"], "often");
    // What AWS does not know is not kept.
    assert_eq!(got["Target"].get("Colour"), None);
    let (status, body, error) = scheduler(&mut world, "GET", "/schedules/none", &Value::Null);
    assert_eq!((status, error.as_str()), (404, "ResourceNotFoundException"));
    assert_eq!(body, json!({ "Message": "Schedule none does not exist." }));
    let (_, listed, _) = scheduler(
        &mut world,
        "GET",
        "/schedules?ScheduleGroup=default&MaxResults=10",
        &Value::Null,
    );
    assert_eq!(listed["Schedules"].as_array().unwrap().len(), 1);
    let (status, body, _) = scheduler(&mut world, "GET", "/schedules?MaxResults=101", &Value::Null);
    assert!(
        status == 400
            && body["Message"]
                .as_str()
                .unwrap()
                .contains("less than or equal to 100"),
        "{body}"
    );
    let tags = json!({ "Tags": [{ "Key": "a", "Value": "1" }, { "Key": "b", "Value": "2" }, { "Key": "c", "Value": "3" }] });
    scheduler(&mut world, "POST", "/schedule-groups/cats", &tags);
    let arn = "arn%3Aaws%3Ascheduler%3Aeu-west-1%3A123456789012%3Aschedule-group%2Fcats";
    let (status, ..) = scheduler(
        &mut world,
        "DELETE",
        &format!("/tags/{arn}?TagKeys=a&TagKeys=b"),
        &Value::Null,
    );
    assert_eq!(status, 200);
    let (_, left, _) = scheduler(&mut world, "GET", &format!("/tags/{arn}"), &Value::Null);
    assert_eq!(left["Tags"], json!([{ "Key": "c", "Value": "3" }]));
    let (status, ..) = scheduler(&mut world, "GET", "/colours", &Value::Null);
    assert_eq!(status, 400);
}

#[test]
fn queues_lead_back_to_where_they_were_asked_for_and_errors_have_two_names() {
    let mut world = world();
    let made = told(&sqs(&mut world, "CreateQueue", &json!({ "QueueName": "jobs" })).unwrap());
    assert_eq!(
        made.1["QueueUrl"],
        "http://127.0.0.1:4577/123456789012/jobs"
    );
    let (status, body, error) =
        told(&sqs(&mut world, "GetQueueUrl", &json!({ "QueueName": "none" })).unwrap());
    assert_eq!(
        (status, &body["__type"]),
        (400, &json!("QueueDoesNotExist"))
    );
    assert_eq!(error, "AWS.SimpleQueueService.NonExistentQueue;Sender");
}

#[test]
fn a_long_poll_is_answered_when_its_time_is_over() {
    let mut world = world();
    sqs(&mut world, "CreateQueue", &json!({ "QueueName": "jobs" })).unwrap();
    let url = "http://127.0.0.1:4577/123456789012/jobs";
    let held = sqs(
        &mut world,
        "ReceiveMessage",
        &json!({ "QueueUrl": url, "WaitTimeSeconds": 20 }),
    );
    let Err(NoReply::Held { number, after_ms }) = held else {
        panic!("{held:?}");
    };
    assert_eq!(after_ms, 20_000);
    sqs(
        &mut world,
        "SendMessage",
        &json!({ "QueueUrl": url, "MessageBody": "x" }),
    )
    .unwrap();
    world.advance(NEW_YEAR_MS + after_ms);
    let (_, body, _) = told(&reply_to(&mut world, number).unwrap());
    assert_eq!(body["Messages"][0]["Body"], "x");
}

#[test]
fn sqs_speaks_queries_as_well() {
    let mut world = world();
    let mut ask = |method: &str, path: &str, body: &str| {
        let request = request(method, path, "sqs");
        let reply = handle(
            &mut world,
            request.body(Bytes::from(body.to_owned())).unwrap(),
        );
        let reply = reply.unwrap();
        let text = String::from_utf8_lossy(reply.body()).into_owned();
        (reply.status().as_u16(), text)
    };
    let made = ask(
        "POST",
        "/",
        "Action=CreateQueue&QueueName=jobs&Attribute.1.Name=DelaySeconds&Attribute.1.Value=0",
    );
    assert!(
        made.1
            .contains("<QueueUrl>http://127.0.0.1:4577/123456789012/jobs</QueueUrl>"),
        "{made:?}"
    );
    let path = "/123456789012/jobs";
    let entry = "SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=hello\
         &SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=n&SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType=String\
         &SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue=v";
    let sent = ask("POST", path, &format!("Action=SendMessageBatch&{entry}"));
    assert!(sent.1.contains("<SendMessageBatchResultEntry>"), "{sent:?}");
    let got = ask(
        "GET",
        &format!("{path}?Action=ReceiveMessage&MessageAttributeName.1=All"),
        "",
    );
    let attribute = "<MessageAttribute><Name>n</Name><Value>";
    assert!(
        got.1.contains("<Body>hello</Body>") && got.1.contains(attribute),
        "{got:?}"
    );
    let told = ask("GET", &format!("{path}?Action=Colour"), "");
    assert_eq!(told.0, 400);
    assert!(told.1.contains("<Code>InvalidAction</Code>"), "{told:?}");
}
