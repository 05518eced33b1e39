//! Requests of every service and protocol, made good and then spoilt a little; the control API; time.

use std::sync::LazyLock;

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::rest::{of_cloudfront, of_s3};
use super::script::Script;
use super::{Pool, WORLD, spoilt};

/// Signing scope, API in `X-Amz-Target`, operation, input: written by `seeds.py`.
type Seed = (String, String, String, Value);

static SEEDS: LazyLock<Vec<Seed>> =
    LazyLock::new(|| serde_json::from_str(include_str!("seeds.json")).unwrap());
static SNAPSHOT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&WORLD.to_json().unwrap()).unwrap());

#[expect(
    clippy::large_enum_variant,
    reason = "one at a time, and nearly always a request"
)]
pub(super) enum Next {
    Request(Request<Bytes>),
    Nothing,
}

/// A request before it is one.
pub(super) struct Draft {
    pub(super) method: String,
    pub(super) uri: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

pub(super) fn next(script: &mut Script<'_>, pool: &Pool) -> Next {
    let mut draft = match script.below(16) {
        0..=8 => of_a_model(script, pool),
        9 | 10 => of_s3(script, pool),
        11 => of_cloudfront(script),
        12 | 13 => later(script),
        14 => control(script, pool),
        _ => restored(script, pool),
    };
    if script.chance(30) {
        draft.uri = spoilt::text(&draft.uri, script, pool);
    }
    if script.chance(20) && !draft.headers.is_empty() {
        let place = script.below(draft.headers.len());
        draft.headers[place].1 = spoilt::text(&draft.headers[place].1, script, pool);
    }
    if script.chance(30) {
        bytes(&mut draft.body, script);
    }
    let mut request = Request::builder()
        .method(draft.method.as_str())
        .uri(draft.uri)
        .header("host", "127.0.0.1:4577");
    for (name, value) in draft.headers {
        request = request.header(name, value.into_bytes());
    }
    match request.body(Bytes::from(draft.body)) {
        Ok(request) => Next::Request(request),
        Err(_) => Next::Nothing,
    }
}

pub(super) fn signed(
    scope: &str,
    mut headers: Vec<(&'static str, String)>,
) -> Vec<(&'static str, String)> {
    let scope = format!("AKID/20260101/sa-east-1/{scope}/aws4_request");
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00");
    headers.insert(0, ("authorization", authorization));
    headers
}

/// JSON, query or CBOR.
fn of_a_model(script: &mut Script<'_>, pool: &Pool) -> Draft {
    let (scope, target, operation, input) = script.one(&SEEDS);
    let mut input = input.clone();
    for _ in 0..script.below(4) {
        spoilt::value(&mut input, script, pool);
    }
    let speaks = match scope.as_str() {
        "monitoring" => script.below(3),
        "codedeploy" => script.below(2),
        "sns" | "rds" | "sts" | "elasticloadbalancing" => 2,
        _ => 0,
    };
    let (uri, headers, body) = match speaks {
        0 => {
            let target = format!("{target}.{operation}");
            let headers = vec![("x-amz-target", target)];
            ("/".to_owned(), headers, input.to_string().into_bytes())
        }
        1 => {
            let headers = vec![("smithy-protocol", "rpc-v2-cbor".to_owned())];
            let api = match target.is_empty() {
                true => "GraniteServiceVersion20100801",
                false => target,
            };
            let uri = format!("/service/{api}/operation/{operation}");
            (uri, headers, crate::wire::cbor_of(&input))
        }
        _ => {
            let mut form = format!("Action={operation}");
            flat(&mut form, "", &input);
            let kind = "application/x-www-form-urlencoded".to_owned();
            (
                "/".to_owned(),
                vec![("content-type", kind)],
                form.into_bytes(),
            )
        }
    };
    Draft {
        method: "POST".to_owned(),
        uri,
        headers: signed(scope, headers),
        body,
    }
}

/// `Names.member.1.Name=value`.
fn flat(form: &mut String, prefix: &str, value: &Value) {
    let under = |name: &str| match prefix {
        "" => name.to_owned(),
        _ => format!("{prefix}.{name}"),
    };
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                flat(form, &under(name), value);
            }
        }
        Value::Array(items) => {
            for (place, value) in items.iter().enumerate() {
                flat(form, &under(&format!("member.{}", place + 1)), value);
            }
        }
        Value::String(text) => {
            let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            form.push_str(&format!("&{prefix}={text}"));
        }
        other => form.push_str(&format!("&{prefix}={other}")),
    }
}

fn asked(method: &str, path: &str, body: &Value) -> Draft {
    Draft {
        method: method.to_owned(),
        uri: format!("/_backstay/{path}"),
        headers: Vec::new(),
        body: body.to_string().into(),
    }
}

fn later(script: &mut Script<'_>) -> Draft {
    const SECOND: u64 = 1_000;
    const HOUR: u64 = 3_600 * SECOND;
    let steps = [
        1,
        SECOND,
        30 * SECOND,
        60 * SECOND,
        600 * SECOND,
        HOUR,
        7 * HOUR,
        24 * HOUR,
        40 * 24 * HOUR,
    ];
    asked("POST", "advance", &json!({ "by_ms": script.one(&steps) }))
}

fn control(script: &mut Script<'_>, pool: &Pool) -> Draft {
    let on_a_call = |fault: Value| json!({ "where": "call", "operation": "*", "containing": null, "skip": 0, "count": 3, "fault": fault });
    let in_world =
        |event: Value| json!({ "where": "world", "when": { "after-ms": 60_000 }, "event": event });
    let all = [
        ("GET", "health", Value::Null),
        ("GET", "now", Value::Null),
        ("POST", "advance", json!({ "to_ms": 1_767_225_700_000_u64 })),
        ("GET", "faults", Value::Null),
        ("POST", "faults", on_a_call(json!("reply-lost"))),
        ("POST", "faults", on_a_call(json!("throttle"))),
        ("POST", "faults", on_a_call(json!({ "latency": 50 }))),
        ("POST", "faults", on_a_call(json!({ "stale-read": 5_000 }))),
        ("POST", "faults", on_a_call(json!({ "late": 5_000 }))),
        (
            "POST",
            "faults",
            json!({ "where": "service", "service": "web", "fault": "crash", "after_ms": 5 }),
        ),
        (
            "POST",
            "faults",
            json!({ "where": "service", "service": "web", "fault": "unhealthy", "after_ms": null }),
        ),
        (
            "POST",
            "faults",
            json!({ "where": "task", "family": "web", "fault": { "exit": 1 } }),
        ),
        (
            "POST",
            "faults",
            in_world(json!({ "roll-back-by-alarm": { "service": "web" } })),
        ),
        (
            "POST",
            "faults",
            in_world(json!({ "set-desired-count": { "service": "web", "count": 3 } })),
        ),
        ("DELETE", "faults", Value::Null),
        (
            "POST",
            "images",
            json!({ "repository": "web", "tags": ["v3"], "platforms": ["linux/amd64"], "schema_head": "a" }),
        ),
        (
            "GET",
            "web?url=http%3A%2F%2Fapi.example.com%2Fhealth",
            Value::Null,
        ),
        ("GET", "web?url=https%3A%2F%2Fexample.com%2F", Value::Null),
        ("GET", "picture", Value::Null),
        ("GET", "calls", Value::Null),
        ("GET", "events", Value::Null),
        ("GET", "violations", Value::Null),
        ("GET", "snapshot", Value::Null),
        ("POST", "reset", Value::Null),
    ];
    let (method, path, body) = script.one(&all);
    let mut body = body.clone();
    for _ in 0..script.below(3) {
        spoilt::value(&mut body, script, pool);
    }
    asked(method, path, &body)
}

/// A world that somebody wrote by hand.
fn restored(script: &mut Script<'_>, pool: &Pool) -> Draft {
    let mut world = SNAPSHOT.clone();
    for _ in 0..script.below(4) {
        spoilt::value(&mut world["world"], script, pool);
    }
    asked("POST", "restore", &world)
}

/// Some bytes lost, doubled or changed.
fn bytes(body: &mut Vec<u8>, script: &mut Script<'_>) {
    for _ in 0..=script.below(4) {
        let place = script.below(body.len() + 1);
        match script.below(4) {
            0 => body.truncate(place),
            1 => body.insert(place, script.byte()),
            2 => {
                let again = body.split_off(place);
                body.extend_from_slice(&again);
                body.extend_from_slice(&again);
            }
            _ => {
                if let Some(byte) = body.get_mut(place) {
                    *byte = script.byte();
                }
            }
        }
    }
}
