//! What a bucket tells queues, topics and the event bus of what happens to its objects (Amazon S3 user guide, event notifications [DOC];
//! the shapes as LocalStack's tests of notifications have recorded them on AWS [OBS]).

mod told;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use s3s::dto::{Delete, Event, NotificationConfiguration, NotificationConfigurationFilter};
use serde_json::{Value, json};

use super::buckets::Versioning;
use super::members::{self, Asked, host_id};
use super::naming;
use super::settings::{Setting, parsed};
use super::state::S3;
use crate::base::here::Here;
use crate::wire::{Element, iso8601};
use told::{arn, detail, record};

/// One of a bucket's notices, and where it goes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Notice {
    /// The queue's ARN and the message.
    Queue(String, String),
    /// The topic's ARN and the message.
    Topic(String, String),
    /// What happened, the bucket's ARN and the detail.
    Bus(&'static str, String, Value),
}

/// Where a configuration sends to, by ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    Queue(String),
    Topic(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Put,
    Copied,
    Completed,
    Deleted,
    Marked,
    Tagged,
    Untagged,
    Acl,
}

impl What {
    /// For queues and topics, for the bus, and why it happened.
    fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Put => ("ObjectCreated:Put", "Object Created", "PutObject"),
            Self::Copied => ("ObjectCreated:Copy", "Object Created", "CopyObject"),
            Self::Completed => (
                "ObjectCreated:CompleteMultipartUpload",
                "Object Created",
                "CompleteMultipartUpload",
            ),
            Self::Deleted => ("ObjectRemoved:Delete", "Object Deleted", "DeleteObject"),
            Self::Marked => (
                "ObjectRemoved:DeleteMarkerCreated",
                "Object Deleted",
                "DeleteObject",
            ),
            Self::Tagged => ("ObjectTagging:Put", "Object Tags Added", ""),
            Self::Untagged => ("ObjectTagging:Delete", "Object Tags Deleted", ""),
            Self::Acl => ("ObjectAcl:Put", "Object ACL Updated", ""),
        }
    }

    fn creates(self) -> bool {
        matches!(self, Self::Put | Self::Copied | Self::Completed)
    }

    fn removes(self) -> bool {
        matches!(self, Self::Deleted | Self::Marked)
    }

    fn is_about_content(self) -> bool {
        self.creates() || self.removes()
    }
}

struct Happened {
    what: What,
    key: String,
    version: Option<String>,
}

/// One destination's part of a configuration.
struct Wish<'a> {
    id: &'a str,
    arn: &'a str,
    events: &'a [Event],
    filter: Option<&'a NotificationConfigurationFilter>,
    notice: fn(String, String) -> Notice,
}

impl Wish<'_> {
    fn wants(&self, name: &str, key: &str) -> bool {
        let is_named = |wanted: &Event| {
            let wanted = wanted.as_ref().trim_start_matches("s3:");
            match wanted.strip_suffix('*') {
                Some(beginning) => name.starts_with(beginning),
                None => wanted == name,
            }
        };
        let rules = self.filter.and_then(|it| it.key.as_ref());
        let mut rules = rules
            .and_then(|it| it.filter_rules.as_ref())
            .into_iter()
            .flatten();
        self.events.iter().any(is_named)
            && rules.all(|rule| {
                let value = rule.value.as_deref().unwrap_or_default();
                let name = rule.name.as_ref().map_or("", |it| it.as_str());
                match name.eq_ignore_ascii_case("suffix") {
                    true => key.ends_with(value),
                    false => key.starts_with(value),
                }
            })
    }
}

/// What is to be told after a request was answered.
pub(crate) fn notices(
    here: &Here<'_, S3>,
    asked: &Asked,
    answered: &Response<Bytes>,
    request_id: &str,
) -> Vec<Notice> {
    if !answered.status().is_success() {
        return Vec::new();
    }
    let (bucket, _) = asked.bucket_and_key();
    let Some(configuration) = configuration(here.own, &bucket) else {
        return Vec::new();
    };
    if naming::operation(asked.request()) == "PutBucketNotificationConfiguration" {
        return match is_skipped(asked) {
            true => Vec::new(),
            false => first(here, &configuration, &bucket, request_id),
        };
    }
    let mut notices = Vec::new();
    for happened in happened(here.own, asked, answered) {
        let (name, kind, _) = happened.what.names();
        for wish in wishes(&configuration) {
            if wish.wants(name, &happened.key) {
                let record = record(here, &bucket, &happened, wish.id, request_id);
                let body = json!({ "Records": [record] }).to_string();
                notices.push((wish.notice)(wish.arn.to_owned(), body));
            }
        }
        if configuration.event_bridge_configuration.is_some() {
            let detail = detail(here, &bucket, &happened, request_id);
            notices.push(Notice::Bus(kind, arn(here, &bucket), detail));
        }
    }
    notices
}

/// Where a configuration that is about to be put would send to, unless nobody shall look.
pub(crate) fn destinations(store: &S3, asked: &Asked) -> Vec<Destination> {
    let request = asked.request();
    let (bucket, _) = asked.bucket_and_key();
    if naming::operation(request) != "PutBucketNotificationConfiguration"
        || is_skipped(asked)
        || !store.has(&bucket)
        || super::settings_checked::notification(request.body()).is_err()
    {
        return Vec::new();
    }
    let configuration = parsed::<NotificationConfiguration>(request.body());
    let configuration = configuration.unwrap_or_default();
    let queues = configuration.queue_configurations.into_iter().flatten();
    let topics = configuration.topic_configurations.into_iter().flatten();
    queues
        .map(|it| Destination::Queue(it.queue_arn))
        .chain(topics.map(|it| Destination::Topic(it.topic_arn)))
        .collect()
}

/// The refusal of a configuration whose destinations are not there (LocalStack's `test_multiple_invalid_sqs_arns`, recorded on AWS
/// [OBS]); the words for topics [INF].
pub(crate) fn no_destinations(missing: &[Destination]) -> Response<Bytes> {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>InvalidArgument</Code><Message>Unable to validate the \
                    following destination configurations</Message>"
        .to_owned();
    for (index, destination) in missing.iter().enumerate() {
        let (arn, what) = match destination {
            Destination::Queue(arn) => (arn, "queue"),
            Destination::Topic(arn) => (arn, "topic"),
        };
        let number = index + 1;
        members::element(&mut text, &format!("ArgumentName{number}"), arn);
        members::element(
            &mut text,
            &format!("ArgumentValue{number}"),
            &format!("The destination {what} does not exist"),
        );
    }
    text.push_str("</Error>");
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let xml = HeaderValue::from_static("application/xml");
    response.headers_mut().insert("content-type", xml);
    response
}

fn is_skipped(asked: &Asked) -> bool {
    // boto3 writes it with a capital letter.
    let header = asked.header("x-amz-skip-destination-validation");
    header.eq_ignore_ascii_case("true")
}

fn configuration(store: &S3, bucket: &str) -> Option<NotificationConfiguration> {
    let text = store
        .made
        .get(bucket)?
        .settings
        .get(&Setting::Notification)?;
    parsed(text.as_bytes()).ok()
}

fn wishes(configuration: &NotificationConfiguration) -> impl Iterator<Item = Wish<'_>> {
    let queues = configuration.queue_configurations.iter().flatten();
    let topics = configuration.topic_configurations.iter().flatten();
    let queues = queues.map(|it| Wish {
        id: it.id.as_deref().unwrap_or_default(),
        arn: &it.queue_arn,
        events: &it.events,
        filter: it.filter.as_ref(),
        notice: Notice::Queue,
    });
    queues.chain(topics.map(|it| Wish {
        id: it.id.as_deref().unwrap_or_default(),
        arn: &it.topic_arn,
        events: &it.events,
        filter: it.filter.as_ref(),
        notice: Notice::Topic,
    }))
}

/// The message that each destination gets when a configuration is put ([DOC] s3:TestEvent).
fn first(
    here: &Here<'_, S3>,
    configuration: &NotificationConfiguration,
    bucket: &str,
    request_id: &str,
) -> Vec<Notice> {
    let body = json!({
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": iso8601(here.now_ms),
        "Bucket": bucket,
        "RequestId": request_id,
        "HostId": host_id(request_id),
    });
    wishes(configuration)
        .map(|wish| (wish.notice)(wish.arn.to_owned(), body.to_string()))
        .collect()
}

fn happened(store: &S3, asked: &Asked, answered: &Response<Bytes>) -> Vec<Happened> {
    let (bucket, key) = asked.bucket_and_key();
    let header = |name: &str| {
        let value = answered.headers().get(name);
        value.and_then(|it| it.to_str().ok()).unwrap_or_default()
    };
    let operation = naming::operation(asked.request());
    let what = match operation.as_str() {
        "PutObject" => What::Put,
        "CopyObject" => What::Copied,
        "CompleteMultipartUpload" => What::Completed,
        "DeleteObject" => {
            let is_marked = header("x-amz-delete-marker") == "true";
            match is_marked && asked.parameter("versionId").is_empty() {
                true => What::Marked,
                false => What::Deleted,
            }
        }
        "PutObjectTagging" => What::Tagged,
        "DeleteObjectTagging" => What::Untagged,
        "PutObjectAcl" => What::Acl,
        "DeleteObjects" => return deleted(store, &bucket, asked, answered),
        _ => return Vec::new(),
    };
    if key.is_empty() {
        return Vec::new();
    }
    let version = Some(header("x-amz-version-id")).filter(|it| !it.is_empty() && *it != "null");
    vec![Happened {
        what,
        key,
        version: version.map(str::to_owned),
    }]
}

/// Those of many that were deleted; what a quiet answer does not tell stands in the request.
fn deleted(store: &S3, bucket: &str, asked: &Asked, answered: &Response<Bytes>) -> Vec<Happened> {
    let Ok(delete) = parsed::<Delete>(asked.request().body()) else {
        return Vec::new();
    };
    let answer = Element::parse(answered.body()).unwrap_or_default();
    let errors = answer.children.iter().filter(|it| it.name == "Error");
    let told = |it: &Element, name: &str| it.child(name).map(|it| it.text.clone());
    let refused: Vec<_> = errors
        .map(|it| (told(it, "Key").unwrap_or_default(), told(it, "VersionId")))
        .collect();
    let is_refused = |key: &str, version: &Option<String>| {
        let mut refused = refused.iter();
        refused.any(|(known, its)| known == key && its == version)
    };
    let made = store.made.get(bucket);
    let is_versioned = made.is_some_and(|made| made.versioning != Versioning::default());
    let objects = delete.objects.into_iter();
    let objects = objects.filter(|it| !is_refused(&it.key, &it.version_id));
    let each = objects.map(|it| Happened {
        what: match is_versioned && it.version_id.is_none() {
            true => What::Marked,
            false => What::Deleted,
        },
        key: it.key,
        version: it.version_id.filter(|it| it != "null"),
    });
    each.collect()
}
