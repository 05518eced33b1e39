//! What the operations share: how their subjects are found, what documents say, and the errors they have in common.

use serde_json::{Map, Value, json};

use super::CloudFront;
use super::state::Distribution;
use crate::ApiError;
use crate::base::arn::global_arn;
use crate::base::here::Here;
use crate::wire::page;

/// The text of a member; empty where there is none.
pub(super) fn text<'a>(document: &'a Value, name: &str) -> &'a str {
    document
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The number of a member.
pub(super) fn number(document: &Value, name: &str) -> Option<u64> {
    document.get(name)?.as_u64()
}

/// Whether a member is true.
pub(super) fn is_true(document: &Value, name: &str) -> bool {
    document.get(name).and_then(Value::as_bool) == Some(true)
}

/// The entries of CloudFront's list in a member: `{ Quantity, Items }`.
pub(super) fn items<'a>(document: &'a Value, name: &str) -> &'a [Value] {
    document.get(name).map_or(&[], entries)
}

/// The entries of CloudFront's list.
pub(super) fn entries(list: &Value) -> &[Value] {
    let items = list.get("Items").and_then(Value::as_array);
    items.map_or(&[], Vec::as_slice)
}

/// CloudFront's list of these entries; without any it has no `Items`.
pub(super) fn counted(entries: Vec<Value>) -> Value {
    match entries.len() {
        0 => json!({ "Quantity": 0 }),
        count => json!({ "Quantity": count, "Items": entries }),
    }
}

/// Whether a document, or anything in it, has this text in this member.
pub(super) fn names(document: &Value, name: &str, wanted: &str) -> bool {
    match document {
        Value::Object(members) => members.iter().any(|(its, inner)| {
            (its == name && inner.as_str() == Some(wanted)) || names(inner, name, wanted)
        }),
        Value::Array(items) => items.iter().any(|item| names(item, name, wanted)),
        _ => false,
    }
}

pub(super) fn distribution<'a>(
    here: &'a Here<'_, CloudFront>,
    id: &str,
) -> Result<&'a Distribution, ApiError> {
    here.own.distributions.get(id).ok_or_else(no_distribution)
}

pub(super) fn no_distribution() -> ApiError {
    missing(
        "NoSuchDistribution",
        "The specified distribution does not exist.",
    )
}

pub(super) fn distribution_arn(here: &Here<'_, CloudFront>, id: &str) -> String {
    let name = format_args!("distribution/{id}");
    global_arn("cloudfront", here.region, here.account, name)
}

/// Where to look for what was made.
pub(super) fn location(path: &str) -> String {
    format!("https://cloudfront.amazonaws.com/2020-05-31/{path}")
}

pub(super) fn missing(code: &'static str, message: impl Into<String>) -> ApiError {
    refused(code, 404, message)
}

pub(super) fn conflict(code: &'static str, message: impl Into<String>) -> ApiError {
    refused(code, 409, message)
}

pub(super) fn refused(code: &'static str, status: u16, message: impl Into<String>) -> ApiError {
    ApiError {
        status,
        ..ApiError::client(code, message)
    }
}

/// A change needs the version it changes: 400 without one, 412 when it is no longer the last ([MODEL]).
pub(super) fn if_match(input: &Value, current: &str) -> Result<(), ApiError> {
    let given = text(input, "IfMatch").trim_matches('"');
    if given == current {
        return Ok(());
    }
    if given.len() == current.len() && given.starts_with('E') {
        let message = "The request failed because it didn't meet the preconditions in one or more request-header fields.";
        return Err(refused("PreconditionFailed", 412, message));
    }
    let message = "The If-Match version is missing or not valid for the resource.";
    Err(ApiError::client("InvalidIfMatchVersion", message))
}

/// One page of a list, as every list begins.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// What it is told of: `Marker`, `NextMarker`, `MaxItems`, `IsTruncated`, `Quantity`.
    pub(super) head: Map<String, Value>,
}

/// 100 to a page, unless it is said otherwise.
pub(super) fn paged<T: Clone>(input: &Value, all: &[T]) -> Result<Page<T>, ApiError> {
    let size = text(input, "MaxItems").parse().ok();
    let marker = Some(text(input, "Marker")).filter(|marker| !marker.is_empty());
    let (items, next) = page(all, size, marker, 100)?;
    let head = json!({
        "Marker": marker.unwrap_or_default(),
        "MaxItems": size.unwrap_or(100),
        "IsTruncated": next.is_some(),
        "NextMarker": next,
        "Quantity": items.len(),
    });
    let head = head.as_object().cloned().unwrap_or_default();
    Ok(Page { items, head })
}

impl<T> Page<T> {
    /// The list; where it says nothing of where it began, without that.
    pub(super) fn list(mut self, items: Vec<Value>, told: Told) -> Value {
        if told == Told::WithoutMarker {
            self.head.remove("Marker");
            self.head.remove("IsTruncated");
        }
        self.head.insert("Items".to_owned(), items.into());
        Value::Object(self.head)
    }
}

/// What a list says of itself ([MODEL]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    Whole,
    WithoutMarker,
}
