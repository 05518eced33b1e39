//! What a notice tells of an object: to a queue or a topic, and to the bus.

use serde_json::{Value, json};

use super::{Happened, What};
use crate::base::arn::global_arn;
use crate::base::here::Here;
use crate::services::s3::members::host_id;
use crate::services::s3::state::S3;
use crate::wire::iso8601;

/// Later ones of a key are greater ([DOC] sequencer).
fn sequencer(here: &Here<'_, S3>, request_id: &str) -> String {
    let number = request_id.rsplit('-').next().unwrap_or_default();
    let short = number.get(number.len().saturating_sub(6)..);
    let short = short.unwrap_or_default().to_uppercase();
    format!("{:012X}{short}", here.now_ms)
}

pub(super) fn arn(here: &Here<'_, S3>, bucket: &str) -> String {
    global_arn("s3", here.region, "", bucket)
}

/// `object` of a record and of a detail, which spell two of its members each in its own way.
fn object(
    here: &Here<'_, S3>,
    bucket: &str,
    happened: &Happened,
    request_id: &str,
    (etag, version_id): (&str, &str),
) -> Value {
    let mut object = json!({ "key": happened.key });
    let found = here.own.object(bucket, &happened.key);
    if let Some(found) = found.filter(|_| !happened.what.removes()) {
        object[etag] = json!(found.etag);
        if happened.what.creates() {
            object["size"] = json!(found.body.len());
        }
    }
    if let Some(version) = &happened.version {
        object[version_id] = json!(version);
    }
    if happened.what.is_about_content() {
        object["sequencer"] = json!(sequencer(here, request_id));
    }
    object
}

/// A record of a message to a queue or a topic.
pub(super) fn record(
    here: &Here<'_, S3>,
    bucket: &str,
    happened: &Happened,
    id: &str,
    request_id: &str,
) -> Value {
    let key: String = url::form_urlencoded::byte_serialize(happened.key.as_bytes()).collect();
    let mut object = object(here, bucket, happened, request_id, ("eTag", "versionId"));
    object["key"] = json!(key.replace("%2F", "/"));
    json!({
        "eventVersion": if happened.what.is_about_content() { "2.1" } else { "2.3" },
        "eventSource": "aws:s3",
        "awsRegion": here.region,
        "eventTime": iso8601(here.now_ms),
        "eventName": happened.what.names().0,
        "userIdentity": { "principalId": format!("AWS:{}", here.account) },
        "requestParameters": { "sourceIPAddress": "127.0.0.1" },
        "responseElements": { "x-amz-request-id": request_id, "x-amz-id-2": host_id(request_id) },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": id,
            "bucket": {
                "name": bucket,
                "ownerIdentity": { "principalId": format!("A{}", here.account) },
                "arn": arn(here, bucket),
            },
            "object": object,
        },
    })
}

/// The detail of an event.
pub(super) fn detail(
    here: &Here<'_, S3>,
    bucket: &str,
    happened: &Happened,
    request_id: &str,
) -> Value {
    let (_, _, reason) = happened.what.names();
    let object = object(here, bucket, happened, request_id, ("etag", "version-id"));
    let mut detail = json!({
        "version": "0",
        "bucket": { "name": bucket },
        "object": object,
        "request-id": request_id,
        "requester": here.account,
        "source-ip-address": "127.0.0.1",
    });
    if !reason.is_empty() {
        detail["reason"] = json!(reason);
    }
    if happened.what.removes() {
        let is_marked = happened.what == What::Marked;
        detail["deletion-type"] = json!(match is_marked {
            true => "Delete Marker Created",
            false => "Permanently Deleted",
        });
    }
    detail
}
