//! What a world has said to services at the upstream, carried there: lines of containers, messages for topics.
//!
//! Lines carry the upstream's time, which is now: its CloudWatch Logs refuses what is older than two weeks.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::StatusCode;
use serde_json::{Value, json};

use super::asked::{Place, Question, ask};
use crate::front::Service;
use crate::server::registry::Slot;
use crate::server::request::Shared;
use crate::server::upstream::Upstream;
use crate::world::elsewhere::Told;

/// Lines of one stream.
struct Batch {
    group: String,
    stream: String,
    messages: Vec<String>,
}

/// Carries what is due; what the upstream does not take is lost, and counted as failed.
pub(in crate::server) async fn carry(shared: &Shared, slot: &Slot) {
    let Some(upstream) = &shared.upstream else {
        return;
    };
    let (told, place) = slot.at(shared.clock.now_ms(), |inhabited| {
        let world = &mut inhabited.world;
        let place = Place {
            account: world.account.clone(),
            region: world.region.clone(),
        };
        (world.take_told(), place)
    });
    let mut batches: Vec<Batch> = Vec::new();
    for told in told {
        match told {
            Told::Line {
                group,
                stream,
                message,
                ..
            } => match batches
                .iter_mut()
                .find(|batch| batch.group == group && batch.stream == stream)
            {
                Some(batch) => batch.messages.push(message),
                None => batches.push(Batch {
                    group,
                    stream,
                    messages: vec![message],
                }),
            },
            Told::Published {
                topic,
                subject,
                message,
            } => publish(shared, upstream, &place, &topic, &subject, &message).await,
        }
    }
    for batch in &batches {
        write(shared, upstream, &place, batch).await;
    }
}

/// The group and the stream are made where they are missing.
async fn write(shared: &Shared, upstream: &Upstream, place: &Place, batch: &Batch) {
    let call = |operation: &str, input: &Value| {
        let target = format!("Logs_20140328.{operation}");
        let question = Question::json(Service::Logs, &target, input);
        ask(shared, upstream, place, question)
    };
    let (group, stream) = (&batch.group, &batch.stream);
    let now_ms = now_ms();
    let events: Vec<Value> = batch
        .messages
        .iter()
        .map(|message| json!({ "timestamp": now_ms, "message": message }))
        .collect();
    let put = json!({ "logGroupName": group, "logStreamName": stream, "logEvents": events });
    let is_missing = |answer: Result<super::asked::Answer, String>| {
        answer.is_ok_and(|answer| answer.status == StatusCode::BAD_REQUEST)
    };
    if is_missing(call("PutLogEvents", &put).await) {
        let made = json!({ "logGroupName": group, "logStreamName": stream });
        if is_missing(call("CreateLogStream", &made).await) {
            let _ = call("CreateLogGroup", &json!({ "logGroupName": group })).await;
            let _ = call("CreateLogStream", &made).await;
        }
        let _ = call("PutLogEvents", &put).await;
    }
}

async fn publish(
    shared: &Shared,
    upstream: &Upstream,
    place: &Place,
    topic: &str,
    subject: &str,
    message: &str,
) {
    let mut members = vec![
        ("Action", "Publish"),
        ("Version", "2010-03-31"),
        ("TopicArn", topic),
        ("Message", message),
    ];
    if !subject.is_empty() {
        members.push(("Subject", subject));
    }
    let question = Question::query(Service::Sns, &members);
    let _ = ask(shared, upstream, place, question).await;
}

#[expect(
    clippy::disallowed_methods,
    reason = "another server's time, which is no simulated one"
)]
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let ms = since.as_ref().map_or(0, Duration::as_millis);
    u64::try_from(ms).unwrap_or(u64::MAX)
}
